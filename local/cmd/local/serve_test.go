package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optdestroy"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/cmd/local/command"
	"ingest-pipeline/local/engine/build"
	"ingest-pipeline/pipeline"
)

// printedEnvironment are the variables that serve tells people to export.
func printedEnvironment(printed string) map[string]string {
	environment := map[string]string{}
	for _, match := range regexp.MustCompile(`(?m)^  export (\w+)=(\S+)$`).FindAllStringSubmatch(printed, -1) {
		environment[match[1]] = match[2]
	}
	return environment
}

// ownEngine is a stack of an engine that knows of the local target only what serve has printed.
func ownEngine(t *testing.T, project string, environment map[string]string) auto.Stack {
	t.Helper()
	root := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(root, "bin"), 0o700))
	require.NoError(t, os.Symlink(os.Getenv(build.PulumiEnv), filepath.Join(root, "bin", "pulumi")))
	cli, err := auto.NewPulumiCommand(&auto.PulumiCommandOptions{Root: root})
	require.NoError(t, err)
	// A test must not read or write the home of whoever runs it.
	environment["PULUMI_HOME"] = filepath.Join(root, "home")
	environment["PULUMI_SKIP_UPDATE_CHECK"] = "true"
	content, err := os.ReadFile(filepath.Join(project, "Pulumi.dev.yaml"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(project, "Pulumi.serve.yaml"), content, 0o600))
	stack, err := auto.UpsertStackInlineSource(context.Background(), "serve", "ingest-pipeline", pipeline.Program,
		auto.WorkDir(project), auto.EnvVars(environment), auto.Pulumi(cli))
	require.NoError(t, err)
	return stack
}

func TestAnEngineInAnotherProcessHasTheLocalTargetAsItsAWSProvider(t *testing.T) {
	t.Parallel()
	project, dir := copyProject(t), filepath.Join(t.TempDir(), "state")
	served := startProcess(t, project, "serve", "--state", dir, "--buffer-interval", "1s")
	served.shows(t, "(serving until Ctrl-C)")
	ctx, stack := context.Background(), ownEngine(t, project, printedEnvironment(served.String()))

	preview, err := stack.Preview(ctx)
	require.NoError(t, err)
	assert.Greater(t, preview.ChangeSummary[apitype.OpCreate], 50)
	up, err := stack.Up(ctx)
	require.NoError(t, err)
	assert.Equal(t, preview.ChangeSummary[apitype.OpCreate], (*up.Summary.ResourceChanges)["create"], "the preview told what up does")
	status, answer := post(t, up.Outputs["url"].Value.(string), `{"n":1}`)
	assert.Equal(t, http.StatusOK, status, answer)
	served.shows(t, `1 event in s3://\S+/raw/\S+`)

	refresh, err := stack.Refresh(ctx, optrefresh.SuppressProgress())
	require.NoError(t, err)
	assert.Len(t, *refresh.Summary.ResourceChanges, 1, "nothing but the same: %v", *refresh.Summary.ResourceChanges)
	again, err := stack.Preview(ctx)
	require.NoError(t, err)
	assert.Len(t, again.ChangeSummary, 1, "nothing but the same: %v", again.ChangeSummary)

	_, err = stack.Destroy(ctx, optdestroy.SuppressProgress())
	require.NoError(t, err)
	left, err := filepath.Glob(filepath.Join(dir, "s3", "[^.]*"))
	require.NoError(t, err)
	assert.Empty(t, left, "the bucket has gone, and the event with it")
}

func TestServeLeavesAloneWhatUpHasDeployed(t *testing.T) {
	t.Parallel()
	project, dir := copyProject(t), filepath.Join(t.TempDir(), "state")
	require.NoError(t, os.MkdirAll(filepath.Join(dir, engineFolder), 0o700))
	s, _ := newSession(project)
	err := s.serve(context.Background(), command.Serve{Stack: "dev"}, dir)
	require.ErrorContains(t, err, "it holds what `up` has deployed, which another engine knows nothing of")
	var hint interface{ Hint() string }
	require.ErrorAs(t, err, &hint)
	assert.Equal(t, "choose another folder with --state", hint.Hint())
}
