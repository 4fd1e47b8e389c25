package main

import (
	"context"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestARouteThatIsRemovedIsServedUntilItsDeploymentIsReplaced holds what docs/quirks.md says, and the way out of it.
func TestARouteThatIsRemovedIsServedUntilItsDeploymentIsReplaced(t *testing.T) {
	t.Parallel()
	project := copyProject(t)
	served := startProcess(t, project, "serve", "--state", filepath.Join(t.TempDir(), "state"))
	served.shows(t, "(serving until Ctrl-C)")
	ctx, stack := context.Background(), ownEngine(t, project, printedEnvironment(t, served.String()))
	preflight := func(options ...optup.Option) (status int, origin string) {
		up, err := stack.Up(ctx, append(options, optup.SuppressProgress())...)
		require.NoError(t, err)
		request, err := http.NewRequestWithContext(ctx, http.MethodOptions, up.Outputs["url"].Value.(string), nil)
		require.NoError(t, err)
		request.Header.Set("Origin", "https://www.example.com")
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		return response.StatusCode, response.Header.Get("Access-Control-Allow-Origin")
	}
	require.NoError(t, stack.SetConfigWithOptions(ctx, "ingest-pipeline:corsAllowedOrigins[0]",
		auto.ConfigValue{Value: "https://www.example.com"}, &auto.ConfigOptions{Path: true}))
	status, origin := preflight()
	assert.Equal(t, http.StatusNoContent, status)
	assert.Equal(t, "https://www.example.com", origin)

	require.NoError(t, stack.RemoveConfig(ctx, "ingest-pipeline:corsAllowedOrigins"))
	status, origin = preflight()
	assert.NotEqual(t, http.StatusForbidden, status, "the method is still served")
	assert.Empty(t, origin, "but allows no page")

	status, _ = preflight(optup.Replace([]string{"**:Deployment::ingest"}))
	assert.Equal(t, http.StatusForbidden, status)
}
