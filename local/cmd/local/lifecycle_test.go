package main

import (
	"net/http"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/cmd/local/cli"
)

func TestAnEndpointThatAllowsEveryNetworkAgainIsOpenAfterTheUp(t *testing.T) {
	t.Parallel()
	project, dir := copyProject(t), filepath.Join(t.TempDir(), "state")
	const access = "ingest-pipeline:access: NONE"
	edit(t, project, access, access+"\n  ingest-pipeline:allowedSourceCidrs: [\"203.0.113.0/24\"]\n  #")
	up := startUp(t, project, dir, cli.Up{})
	status, answer := post(t, up.url, `{"n":1}`)
	assert.Equal(t, http.StatusForbidden, status, answer)
	require.NoError(t, up.stop())

	edit(t, project, `["203.0.113.0/24"]`, "[]")
	up = startUp(t, project, dir, cli.Up{})
	status, answer = post(t, up.url, `{"n":1}`)
	assert.Equal(t, http.StatusOK, status, answer)
}
