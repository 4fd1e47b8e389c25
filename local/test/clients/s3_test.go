package clients

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/test/pipelinetest"
)

// The commands that people have for S3, each of which ends the script if it fails.
const s3Commands = `
set -euo pipefail
aws s3 mb s3://practice
aws s3 cp --no-progress --quiet big s3://practice/big
aws s3 cp --quiet s3://practice/big s3://practice/copies/big
aws s3 mv --quiet s3://practice/copies/big s3://practice/moved
aws s3 cp --quiet s3://practice/moved big-again
cmp big big-again
aws s3 sync --quiet folder s3://practice/folder
aws s3 sync folder s3://practice/folder
aws s3 sync --quiet s3://practice/folder folder-again
diff -r folder folder-again
for algorithm in CRC32 SHA1 SHA256; do
  aws s3 cp --quiet folder/a s3://practice/sums/$algorithm --checksum-algorithm $algorithm
  aws s3 cp --quiet s3://practice/sums/$algorithm - --checksum-mode ENABLED
done
curl -sf "$(aws s3 presign 's3://practice/folder/below/b ü+')"
aws s3 ls s3://practice | awk '{ print $NF }'
! aws s3 rb s3://practice 2>&1
aws s3 rb --force s3://practice >/dev/null
! aws s3 ls s3://practice 2>&1
`

func TestTheS3CommandsOfTheCLIWork(t *testing.T) {
	cli := tool(t, "aws")
	p := pipelinetest.Start(t, pipelinetest.Options{})
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "folder", "below"), 0o700))
	for name, content := range map[string][]byte{
		"folder/a": []byte("one\n"), "folder/below/b ü+": []byte("two\n"),
		"big": bytes.Repeat([]byte("0123456789abcdef"), 9<<20/16), // more than one part has
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o600))
	}
	shell := exec.CommandContext(t.Context(), "bash", "-c", s3Commands)
	shell.Env, shell.Dir = environment(p, cli), dir
	output, err := shell.CombinedOutput()
	require.NoError(t, err, "%s", output)
	assert.Equal(t, `make_bucket: practice
one
one
one
two
folder/
sums/
big
moved
remove_bucket failed: s3://practice An error occurred (BucketNotEmpty) when calling the DeleteBucket operation: The bucket you tried to delete is not empty

An error occurred (NoSuchBucket) when calling the ListObjectsV2 operation: The specified bucket does not exist: practice
`, string(output))
}
