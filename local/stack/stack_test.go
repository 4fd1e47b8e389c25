package stack

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/build"
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
	builder := &build.Builder{Progress: build.NewProgress(os.Stderr)}
	pulumi, err := builder.Pulumi(context.Background(), project)
	require.NoError(t, err)
	return pulumi
}

const testProject = `name: test-project
runtime: go
config:
  count:
    type: integer
    default: 2
  kind:
    type: string
    default: plain
`

// writeProject makes a project folder whose stack dev has these settings.
func writeProject(t testing.TB, dir, settings string) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(dir, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.yaml"), []byte(testProject), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.dev.yaml"), []byte(settings), 0o644))
	return dir
}

type thing struct{ pulumi.CustomResourceState }

// threeThings declares as many things as the setting count says.
func threeThings(ctx *pulumi.Context) error {
	settings := config.New(ctx, "")
	var last pulumi.Resource
	for i := range settings.RequireInt("count") {
		name := string(rune('a' + i))
		options := []pulumi.ResourceOption{}
		if last != nil {
			options = append(options, pulumi.DependsOn([]pulumi.Resource{last}))
		}
		var declared thing
		err := ctx.RegisterResource("test:index:Thing", name, pulumi.Map{
			"name": pulumi.String(name), "kind": pulumi.String(settings.Require("kind")), "note": pulumi.String(settings.Get("note")),
		}, &declared, options...)
		if err != nil {
			return err
		}
		last = &declared
		ctx.Export(name, declared.ID())
	}
	return nil
}

func open(t testing.TB, o Options) *Stack {
	t.Helper()
	if o.Name == "" {
		o.Name = "dev"
	}
	o.Pulumi = testPulumi(t)
	s, err := Open(context.Background(), o)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

func provide(t *things) map[string]pulumirpc.ResourceProviderServer {
	return map[string]pulumirpc.ResourceProviderServer{"test": t}
}

type logWriter struct{ t testing.TB }

func (w logWriter) Write(b []byte) (int, error) { w.t.Logf("%s", b); return len(b), nil }

func TestSmoke(t *testing.T) {
	dir := t.TempDir()
	provider := newThings()
	s := open(t, Options{Project: writeProject(t, filepath.Join(dir, "project"), "config:\n  test-project:count: 3\n"), Dir: filepath.Join(dir, "state"),
		Program: threeThings, Providers: provide(provider), Log: logWriter{t}, OnStep: func(s Step) { t.Logf("%+v", s) }, OnMessage: func(m Message) { t.Logf("MSG %+v", m) }})
	r, err := s.Preview(context.Background())
	require.NoError(t, err)
	t.Log(r.Changes, r.Took)
	r, err = s.Up(context.Background())
	require.NoError(t, err)
	t.Log(r.Changes, r.Took, r.Outputs)
	r, err = s.Preview(context.Background())
	require.NoError(t, err)
	t.Log(r.Changes, r.Took)
	r, err = s.Destroy(context.Background())
	require.NoError(t, err)
	t.Log(r.Changes, r.Took)
	assert.Zero(t, provider.count())
}
