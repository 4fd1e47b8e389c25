package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optdestroy"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/engine"
	"ingest-pipeline/local/engine/build"
)

func outputsOf(up map[string]any) outputs {
	text := func(name string) string {
		value, _ := up[name].(string)
		return value
	}
	return outputs{url: text("url"), apiKey: text("apiKey"), bucketFolder: text("bucketFolder")}
}

func TestTheExampleInGoStoresAnEvent(t *testing.T) {
	t.Parallel()
	ctx, s, dir := context.Background(), startTarget(t), copyExample(t, "go")
	program := filepath.Join(t.TempDir(), executable("program"))
	output, err := exec.Command("go", "build", "-C", repository(t), "-o", program, "./examples/go").CombinedOutput()
	require.NoError(t, err, string(output))
	settings := "config:\n  aws:region: " + region + "\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.dev.yaml"), []byte(settings), 0o600))
	stack, err := engine.Open(ctx, engine.Options{
		Project: dir, Name: "dev", Dir: t.TempDir(), Pulumi: s.pulumi, Temporary: true,
		Providers: map[string]int{"aws": s.server.Port()},
		Program:   func(*pulumi.Context) error { return nil },
	})
	require.NoError(t, err)
	stack.RunExecutable(program)

	up, err := stack.Up(ctx)
	require.NoError(t, err)
	s.acceptsAnEvent(t, outputsOf(up.Outputs))
	_, err = stack.Destroy(ctx)
	require.NoError(t, err)
	s.isEmpty(t)
}

func TestTheExampleInYAMLStoresAnEvent(t *testing.T) {
	t.Parallel()
	ctx, s := context.Background(), startTarget(t)
	stack := yamlStack(t, s, copyExample(t, "yaml"))

	up, err := stack.Up(ctx)
	require.NoError(t, err)
	values := map[string]any{}
	for name, output := range up.Outputs {
		values[name] = output.Value
	}
	s.acceptsAnEvent(t, outputsOf(values))
	assert.True(t, up.Outputs["apiKey"].Secret)
	_, err = stack.Destroy(ctx, optdestroy.SuppressProgress())
	require.NoError(t, err)
	s.isEmpty(t)
}

func TestAllThatIsWrongIsReportedBeforeAnythingIsCreated(t *testing.T) {
	t.Parallel()
	ctx, s, dir := context.Background(), startTarget(t), copyExample(t, "yaml")
	file := filepath.Join(dir, "Pulumi.yaml")
	program, err := os.ReadFile(file)
	require.NoError(t, err)
	wrong := strings.NewReplacer("access: API_KEY", "access: KEY", "burst: 100", "burst: 0").Replace(string(program))
	require.NoError(t, os.WriteFile(file, []byte(wrong), 0o600))
	stack := yamlStack(t, s, dir)
	_, err = stack.Up(ctx, optup.SuppressProgress())
	require.ErrorContains(t, err, "access = KEY: must be ")
	require.ErrorContains(t, err, "throttle.burst = 0: must be ")
	s.isEmpty(t)

	misspelt := strings.Replace(string(program), "protectData", "protectDate", 1)
	require.NoError(t, os.WriteFile(file, []byte(misspelt), 0o600))
	_, err = stack.Up(ctx, optup.SuppressProgress())
	require.ErrorContains(t, err, "protectDate")
	s.isEmpty(t)
}

// yamlStack is a stack of the program in a folder.
func yamlStack(t *testing.T, s *target, dir string) auto.Stack {
	t.Helper()
	ctx := context.Background()
	s.install(t, yamlHost(t), "pulumi-language-yaml")
	cli, err := auto.NewPulumiCommand(&auto.PulumiCommandOptions{Root: filepath.Dir(s.bin)})
	require.NoError(t, err)
	stack, err := auto.NewStackLocalSource(ctx, "dev", dir, auto.EnvVars(s.environment), auto.Pulumi(cli))
	require.NoError(t, err)
	require.NoError(t, stack.SetConfig(ctx, "aws:region", auto.ConfigValue{Value: region}))
	return stack
}

// yamlHost is Pulumi's language host for YAML, built if there is none.
func yamlHost(t *testing.T) string {
	t.Helper()
	const version = "v1.25.0"
	module := filepath.Join("test", "language-yaml")
	content, err := os.ReadFile(filepath.Join(module, "go.mod"))
	require.NoError(t, err)
	require.Contains(t, string(content), "github.com/pulumi/pulumi-yaml "+version, "the name of the file has the version")
	host := build.Program{
		Title:   "the Pulumi language host for YAML",
		Module:  module,
		Package: "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml",
		Output:  filepath.Join(build.BinDir(repository(t)), executable("pulumi-language-yaml-"+version)),
		Fixed:   true,
	}
	require.NoError(t, build.New(os.Stderr).Build(context.Background(), host))
	return host.Output
}
