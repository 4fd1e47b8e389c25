package clients

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/test/pipelinetest"
)

func TestTheCommandsOfTheRunbookSetTheLoggingRole(t *testing.T) {
	cli := tool(t, "aws")
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "runbook.md"))
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?ms)^<!-- run by "+t.Name()+" -->\n```sh\n(.*?)^```").FindAllStringSubmatch(string(page), -1)
	require.Len(t, blocks, 2, "one looks for the role, and one sets it")

	cloud, err := aws.Open(aws.Options{Dir: t.TempDir(), Account: iam.Account{Region: "ap-northeast-2"}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, cloud.Close(context.Background())) })
	shell := openTerminal(t, environment(&pipelinetest.Pipeline{Cloud: cloud}, cli))
	assert.Equal(t, "null\n", shell.run(t, blocks[0][1]))
	output := shell.run(t, blocks[1][1])
	assert.Equal(t, "\"arn:aws:iam::000000000000:role/apigateway-logging\"\n", shell.run(t, blocks[0][1]), output)
}
