package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestADeployedProgramStaysAsItIsUntilItIsDestroyed(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	things := newThings()
	o := Options{Project: writeProject(t, "count: 3"), Dir: t.TempDir(), Providers: provide(t, things)}
	s := open(t, o)

	planned, err := s.Preview(ctx)
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b", "c"}, names(planned, "create"))
	assert.Zero(t, things.count(), "a preview makes nothing")

	deployed, err := s.Up(ctx)
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b", "c"}, names(deployed, "create"))
	assert.Equal(t, map[string]any{"a": "thing-1", "b": "thing-2", "c": "thing-3"}, deployed.Outputs)
	assert.False(t, deployed.Unchanged())
	assert.Equal(t, 3, things.count())

	s = open(t, o)
	assert.False(t, s.Recovered().Needed())
	again, err := s.Up(ctx)
	require.NoError(t, err)
	assert.True(t, again.Unchanged(), "%v", again.Changes)
	assert.Equal(t, deployed.Outputs, again.Outputs)
	planned, err = s.Preview(ctx)
	require.NoError(t, err)
	assert.True(t, planned.Unchanged(), "%v", planned.Changes)
	refreshed, err := s.Refresh(ctx)
	require.NoError(t, err)
	assert.True(t, refreshed.Unchanged(), "%v", refreshed.Changes)

	destroyed, err := s.Destroy(ctx)
	require.NoError(t, err)
	assert.Equal(t, []string{"c", "b", "a"}, names(destroyed, "delete"))
	assert.Zero(t, things.count())
	left, err := s.Left()
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestSettingsReachTheProgramAsWithTheCLI(t *testing.T) {
	t.Parallel()
	var seen map[string]string
	program := func(ctx *pulumi.Context) error {
		settings := config.New(ctx, "")
		seen = map[string]string{"count": settings.Get("count"), "kind": settings.Get("kind"), "other": config.New(ctx, "other").Get("key")}
		return nil
	}
	project := writeProject(t, "kind: fancy")
	file, err := os.OpenFile(filepath.Join(project, "Pulumi.dev.yaml"), os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = file.WriteString("  other:key: value\n")
	require.NoError(t, err)
	require.NoError(t, file.Close())

	_, err = open(t, Options{Project: project, Program: program}).Preview(context.Background())
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"count": "2", "kind": "fancy", "other": "value"}, seen,
		"the default of Pulumi.yaml, the stack's own, and another package's")
}

func TestSecretsAmongTheOutputsAreMarked(t *testing.T) {
	t.Parallel()
	s := open(t, Options{Project: writeProject(t), Program: func(ctx *pulumi.Context) error {
		ctx.Export("plain", pulumi.String("to be seen"))
		ctx.Export("key", pulumi.ToSecret(pulumi.String("not to be seen")))
		return nil
	}})
	result, err := s.Up(context.Background())
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"plain": "to be seen", "key": "not to be seen"}, result.Outputs)
	assert.Equal(t, map[string]bool{"key": true}, result.Secret)
}

func TestASettingOfTheWrongTypeIsReportedBeforeTheProgramRuns(t *testing.T) {
	t.Parallel()
	ran := false
	s := open(t, Options{Project: writeProject(t, "count: many"), Program: func(*pulumi.Context) error { ran = true; return nil }})
	_, err := s.Up(context.Background())
	require.Error(t, err)
	assert.Equal(t, "deploying the stack dev: validating stack config: Stack 'dev' with configuration key 'count' must be of type 'integer'", err.Error())
	assert.False(t, ran)
}

func TestAnEditedSettingIsShownAsWhatItDoes(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	things := newThings()
	var told []Step
	o := Options{Project: writeProject(t), Dir: t.TempDir(), Providers: provide(t, things), OnStep: func(s Step) { told = append(told, s) }}
	_, err := open(t, o).Up(ctx)
	require.NoError(t, err)

	changeSettings(t, o.Project, "note: hello")
	result, err := open(t, o).Up(ctx)
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b"}, names(result, "update"))
	assert.Equal(t, []Diff{{Path: "note", Kind: "update", Old: "", New: "hello"}}, result.Steps[len(result.Steps)-1].Diffs)

	changeSettings(t, o.Project, "note: hello", "kind: fancy", "count: 1")
	told = nil
	result, err = open(t, o).Up(ctx)
	require.NoError(t, err)
	assert.Equal(t, []string{"a"}, names(result, "replace"))
	assert.Equal(t, []string{"b"}, names(result, "delete"))
	assert.Equal(t, 1, things.count())
	var shown []string
	for _, step := range told {
		if step.State == Done && step.Name() == "a" {
			for _, d := range step.Diffs {
				shown = append(shown, step.Op+" "+d.String())
			}
		}
	}
	assert.Contains(t, shown, `replace kind: "plain" => "fancy" (replaces)`)
}

func TestTrackedFilesAreNeverWritten(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	project := writeProject(t)
	// What pulumi stack init writes for the stack of that name on AWS.
	settings := "secretsprovider: passphrase\nencryptionsalt: v1:AAAA:v1:BBBB:CCCC\nconfig: {}\n"
	require.NoError(t, os.WriteFile(filepath.Join(project, "Pulumi.dev.yaml"), []byte(settings), 0o644))
	s := open(t, Options{Project: project})
	_, err := s.Up(ctx)
	require.NoError(t, err)
	_, err = s.Destroy(ctx)
	require.NoError(t, err)

	entries, err := os.ReadDir(project)
	require.NoError(t, err)
	assert.Len(t, entries, 2)
	for name, want := range map[string]string{"Pulumi.yaml": testProject, "Pulumi.dev.yaml": settings} {
		content, err := os.ReadFile(filepath.Join(project, name))
		require.NoError(t, err)
		assert.Equal(t, want, string(content))
	}
}

func TestAProgramsErrorReadsAsTheProgramWroteIt(t *testing.T) {
	t.Parallel()
	refusal := errors.New("retentionHours = 12: must be 24-8760\nshardCount = 0: must be at least 1")
	s := open(t, Options{Project: writeProject(t), Program: func(*pulumi.Context) error { return refusal }})
	_, err := s.Up(context.Background())
	var program *ProgramError
	require.ErrorAs(t, err, &program)
	assert.Equal(t, refusal.Error(), err.Error())
	assert.ErrorIs(t, err, refusal)
	assert.Empty(t, Trace(err))
}

func TestAProgramThatPanicsIsAnErrorWithItsTrace(t *testing.T) {
	t.Parallel()
	s := open(t, Options{Project: writeProject(t), Program: func(*pulumi.Context) error { panic("no such key") }})
	_, err := s.Preview(context.Background())
	require.Error(t, err)
	assert.Equal(t, "the program panicked: no such key", err.Error())
	assert.Contains(t, Trace(err), "TestAProgramThatPanicsIsAnErrorWithItsTrace")
}

func TestARefusedResourceIsNamedAndTheOthersAreKept(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	things := newThings()
	things.onCreate = func(_ context.Context, name string) error {
		if name == "b" {
			return errors.New("LimitExceededException: no more things")
		}
		return nil
	}
	o := Options{Project: writeProject(t), Dir: t.TempDir(), Providers: provide(t, things)}
	_, err := open(t, o).Up(ctx)
	require.Error(t, err)
	assert.Equal(t, "deploying the stack dev: test:index:Thing b: LimitExceededException: no more things", err.Error())

	things.onCreate = nil
	result, err := open(t, o).Up(ctx)
	require.NoError(t, err)
	assert.Equal(t, []string{"b"}, names(result, "create"), "a was made before and is kept")
}

func TestAResourceOfAnotherPackageIsRefusedWithoutANetwork(t *testing.T) {
	t.Parallel()
	s := open(t, Options{Project: writeProject(t), Program: func(ctx *pulumi.Context) error {
		return ctx.RegisterResource("random:index/randomPet:RandomPet", "pet", pulumi.Map{}, &thing{})
	}})
	_, err := s.Up(context.Background())
	require.Error(t, err)
	assert.Contains(t, err.Error(), "random")
	assert.Contains(t, err.Error(), "plugin")
}

func TestACanceledUpKeepsWhatItHasMadeAndTheNextGoesOn(t *testing.T) {
	t.Parallel()
	for _, temporary := range []bool{false, true} {
		t.Run(fmt.Sprintf("temporary %t", temporary), func(t *testing.T) {
			t.Parallel()
			cancelAndGoOn(t, Options{Temporary: temporary})
		})
	}
}

func cancelAndGoOn(t *testing.T, o Options) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	things := newThings()
	canceling := make(chan struct{})
	things.onCancel = sync.OnceFunc(func() { close(canceling) })
	things.onCreate = func(_ context.Context, name string) error {
		if name == "b" {
			cancel() // the engine finishes what it has begun
			<-canceling
		}
		return nil
	}
	o.Project, o.Dir, o.Providers = writeProject(t, "count: 4"), t.TempDir(), provide(t, things)
	_, err := open(t, o).Up(ctx)
	require.Error(t, err)
	assert.ErrorIs(t, err, context.Canceled)
	var engine *EngineError
	require.ErrorAs(t, err, &engine)
	assert.True(t, engine.Canceled)
	made := things.count()
	assert.Less(t, made, 4)

	s := open(t, o)
	assert.False(t, s.Recovered().Needed(), "a canceled engine leaves nothing to repair: %+v", s.Recovered())
	result, err := s.Up(context.Background())
	require.NoError(t, err)
	assert.Len(t, names(result, "create"), 4-made)
	assert.Equal(t, 4, things.count())
}

func TestTwoStacksAreDeployedAtOnce(t *testing.T) {
	t.Parallel()
	var both sync.WaitGroup
	for range 2 {
		both.Add(1)
		go func() {
			defer both.Done()
			things := newThings()
			s, err := tryOpen(t, Options{Project: writeProject(t, "count: 3"), Providers: provide(t, things)})
			if !assert.NoError(t, err) {
				return
			}
			_, err = s.Up(context.Background())
			assert.NoError(t, err)
			assert.Equal(t, 3, things.count())
			_, err = s.Destroy(context.Background())
			assert.NoError(t, err)
			assert.Zero(t, things.count())
		}()
	}
	both.Wait()
}

func TestDestroyKeepsAndListsProtectedAndRetainedResources(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	things := newThings()
	s := open(t, Options{Project: writeProject(t), Providers: provide(t, things), Program: func(ctx *pulumi.Context) error {
		base, err := declare(ctx, "base")
		if err != nil {
			return err
		}
		if _, err := declare(ctx, "precious", pulumi.Protect(true), pulumi.DependsOn([]pulumi.Resource{base})); err != nil {
			return err
		}
		if _, err := declare(ctx, "kept", pulumi.RetainOnDelete(true)); err != nil {
			return err
		}
		_, err = declare(ctx, "gone")
		return err
	}})
	_, err := s.Up(ctx)
	require.NoError(t, err)
	result, err := s.Destroy(ctx)
	require.NoError(t, err)
	assert.ElementsMatch(t, []string{"gone", "kept"}, names(result, "delete"))
	for _, step := range result.Steps {
		assert.Equal(t, step.Name() == "kept", step.Retained, step.Name())
	}
	assert.Equal(t, 3, things.count(), "the protected one, what it depends on, and the retained one")
	left, err := s.Left()
	require.NoError(t, err)
	var found []string
	for _, step := range left {
		found = append(found, fmt.Sprintf("%s %t", step.Name(), step.Protected))
	}
	assert.ElementsMatch(t, []string{"base false", "precious true"}, found)
}

func TestTheEnvironmentOfAnotherBackendDoesNotReachTheEngine(t *testing.T) {
	t.Setenv("PULUMI_BACKEND_URL", "https://api.example.com")
	t.Setenv("PULUMI_CONFIG_PASSPHRASE_FILE", "/no/such/file")
	t.Setenv("PULUMI_STACK", "prod")
	t.Setenv("PULUMI_HOME", "/no/such/folder")
	t.Setenv("PULUMI_DIY_BACKEND_GZIP", "true") // the state would be in another file
	o := Options{Project: writeProject(t), Dir: t.TempDir(), Providers: provide(t, newThings())}
	_, err := open(t, o).Up(context.Background())
	assert.NoError(t, err)
	again, err := open(t, o).Up(context.Background())
	assert.NoError(t, err)
	assert.True(t, again.Unchanged())
}
