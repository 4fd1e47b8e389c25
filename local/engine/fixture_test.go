package engine

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	"ingest-pipeline/local/engine/build"
)

// testPulumi is the CLI that the whole project uses; it is built if it has to be.
func testPulumi(t testing.TB) build.Pulumi {
	t.Helper()
	project := ""
	if os.Getenv(build.PulumiEnv) == "" {
		var err error
		project, err = build.FindProject(".")
		require.NoError(t, err)
	}
	builder := build.New(os.Stderr)
	pulumi, err := builder.Pulumi(context.Background(), project)
	require.NoError(t, err)
	return pulumi
}

const testProject = `name: test-project
runtime: go
config:
  count:
    type: integer
    description: how many things
    default: 2
  kind:
    type: string
    default: plain
  note:
    type: string
    default: ""
`

// writeProject makes a project folder whose stack dev has these settings, as lines of YAML.
func writeProject(t testing.TB, settings ...string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.yaml"), []byte(testProject), 0o644))
	changeSettings(t, dir, settings...)
	return dir
}

func changeSettings(t testing.TB, project string, settings ...string) {
	t.Helper()
	content := "config:\n"
	for _, line := range settings {
		content += "  test-project:" + line + "\n"
	}
	if len(settings) == 0 {
		content = "config: {}\n"
	}
	require.NoError(t, os.WriteFile(filepath.Join(project, "Pulumi.dev.yaml"), []byte(content), 0o644))
}

type thing struct{ pulumi.CustomResourceState }

// declare declares one thing.
func declare(ctx *pulumi.Context, name string, options ...pulumi.ResourceOption) (*thing, error) {
	settings := config.New(ctx, "")
	declared := &thing{}
	err := ctx.RegisterResource("test:index:Thing", name, pulumi.Map{
		"name": pulumi.String(name), "kind": pulumi.String(settings.Require("kind")), "note": pulumi.String(settings.Get("note")),
	}, declared, options...)
	return declared, err
}

// chain declares as many things as the setting count says, one after the other, and exports their ids.
func chain(ctx *pulumi.Context) error {
	var options []pulumi.ResourceOption
	for i := range config.New(ctx, "").RequireInt("count") {
		name := string(rune('a' + i))
		declared, err := declare(ctx, name, options...)
		if err != nil {
			return err
		}
		options = []pulumi.ResourceOption{pulumi.DependsOn([]pulumi.Resource{declared})}
		ctx.Export(name, declared.ID())
	}
	return nil
}

// open opens the stack dev. Dir and Providers are the test's own unless they are given.
func open(t testing.TB, o Options) *Stack {
	t.Helper()
	s, err := tryOpen(t, o)
	require.NoError(t, err)
	return s
}

func tryOpen(t testing.TB, o Options) (*Stack, error) {
	t.Helper()
	o.Name = "dev"
	o.Pulumi = testPulumi(t)
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	if o.Program == nil {
		o.Program = chain
	}
	if o.Providers == nil {
		o.Providers = provide(t, newThings())
	}
	return Open(context.Background(), o)
}

// provide serves the things until the test ends.
func provide(t testing.TB, things *things) map[string]int {
	t.Helper()
	cancel := make(chan bool)
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: cancel,
		Init: func(s *grpc.Server) error {
			pulumirpc.RegisterResourceProviderServer(s, things)
			return nil
		},
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		close(cancel)
		assert.NoError(t, <-handle.Done)
	})
	return map[string]int{"test": handle.Port}
}

// names are the resources of the steps with this op, in their order.
func names(r Result, op string) []string {
	var found []string
	for _, step := range r.Steps {
		if step.Op == op && step.Type == "test:index:Thing" {
			found = append(found, step.Name())
		}
	}
	return found
}
