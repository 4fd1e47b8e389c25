package main

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optdestroy"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/cmd/local/commandline"
	"ingest-pipeline/local/engine/build"
	"ingest-pipeline/pipeline"
)

// printedEnvironment has a shell set the variables that serve prints.
func printedEnvironment(t *testing.T, printed string) map[string]string {
	t.Helper()
	exports := strings.Join(regexp.MustCompile(`(?m)^  export .*$`).FindAllString(printed, -1), "\n")
	names := regexp.MustCompile(`export (\w+)=`).FindAllStringSubmatch(exports, -1)
	environment := map[string]string{}
	for _, name := range names {
		value, err := exec.Command("sh", "-c", exports+"\nprintf %s \"$"+name[1]+"\"").Output()
		require.NoError(t, err)
		environment[name[1]] = string(value)
	}
	assert.Len(t, environment, 4)
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
	project, dir := copyProject(t), filepath.Join(t.TempDir(), "a user's state")
	served := startProcess(t, project, "serve", "--state", dir, "--buffer-interval", "1s")
	served.shows(t, "(serving until Ctrl-C)")
	ctx, stack := context.Background(), ownEngine(t, project, printedEnvironment(t, served.String()))

	require.NoError(t, stack.SetConfigWithOptions(ctx, "aws:allowedAccountIds[0]", auto.ConfigValue{Value: "000000000000"}, &auto.ConfigOptions{Path: true}))
	settings, err := os.ReadFile(filepath.Join(project, "Pulumi.serve.yaml"))
	require.NoError(t, err)
	assert.Regexp(t, `aws:allowedAccountIds:\s+- "?000000000000"?\n`, string(settings))

	preview, err := stack.Preview(ctx)
	require.NoError(t, err)
	assert.Greater(t, preview.ChangeSummary[apitype.OpCreate], 50)
	up, err := stack.Up(ctx)
	require.NoError(t, err)
	assert.Equal(t, preview.ChangeSummary[apitype.OpCreate], (*up.Summary.ResourceChanges)["create"], "the preview told what up does")
	status, answer := post(t, up.Outputs["url"].Value.(string), `{"n":1}`)
	assert.Equal(t, http.StatusOK, status, answer)
	served.shows(t, `1 event in s3://\S+/raw/\S+`)

	// The first refresh sees the logging role that the program read as missing, and then set.
	_, err = stack.Refresh(ctx, optrefresh.SuppressProgress())
	require.NoError(t, err)
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
	s, _ := newApp(project)
	err := s.serve(context.Background(), commandline.Serve{Stack: "dev"}, dir)
	require.ErrorContains(t, err, "it contains resources that `up` has deployed")
	var hint interface{ Hint() string }
	require.ErrorAs(t, err, &hint)
	assert.Equal(t, "choose another folder with --state", hint.Hint())
}

func TestTheProviderHasTheSamePortAtEachStart(t *testing.T) {
	t.Parallel()
	project, dir := copyProject(t), filepath.Join(t.TempDir(), "state")
	var ports []string
	for range 2 {
		a, out := newApp(project)
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- a.serve(ctx, commandline.Serve{Stack: "dev"}, dir) }()
		ports = append(ports, out.shows(t, `PULUMI_DEBUG_PROVIDERS=(aws:\d+)`))
		cancel()
		require.NoError(t, <-ended)
	}
	assert.Equal(t, ports[0], ports[1])
}
