package build

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/internal/progress"
)

// output is what a Progress writes, from any goroutine.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// fake is a Builder whose go command does what the scenario says, and a program for it.
type fake struct {
	*Builder
	program Program
	out     *output
	log     string
}

func newFake(t *testing.T, scenario string) *fake {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	dir := t.TempDir()
	f := &fake{out: &output{}, log: filepath.Join(dir, "log")}
	f.Builder = &Builder{Go: self, Progress: &progress.Display{Out: f.out}}
	f.program = Program{Title: "the thing", Module: dir, Package: "./cmd", Output: filepath.Join(dir, "bin", "thing"), Tags: "some", LDFlags: "-X main.v=1"}
	t.Setenv(fakeGo, scenario)
	t.Setenv(fakeGoLog, f.log)
	t.Setenv("GORACE", "atexit_sleep_ms=0") // each call of the go command would take a second longer
	return f
}

// calls are the go commands that were run.
func (f *fake) calls(t *testing.T) []string {
	t.Helper()
	content, err := os.ReadFile(f.log)
	if os.IsNotExist(err) {
		return nil
	}
	require.NoError(t, err)
	return strings.Split(strings.TrimSpace(string(content)), "\n")
}

// left are the files in the program's folder, besides the lock.
func (f *fake) left(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(f.program.Output))
	require.NoError(t, err)
	names := []string{}
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), ".lock") {
			names = append(names, entry.Name())
		}
	}
	return names
}

func TestAProgramIsBuiltWithSettingsThatDoNotDependOnTheUsers(t *testing.T) {
	f := newFake(t, "works")
	t.Setenv("GOFLAGS", "-mod=vendor -tags=theirs")
	t.Setenv("GOWORK", "/their/go.work")
	require.NoError(t, f.Build(context.Background(), f.program))
	assert.Equal(t, []string{
		"build -v -trimpath -buildvcs=false -tags some -ldflags -s -w -X main.v=1 -o " + f.program.Output + " ./cmd GOFLAGS=-mod=readonly GOWORK=off binary=absent",
	}, f.calls(t))
	content, err := os.ReadFile(f.program.Output)
	require.NoError(t, err)
	assert.Equal(t, "whole", string(content))
	assert.Equal(t, []string{"thing"}, f.left(t))
}

func TestAProgramThatIsThereIsOnlyLookedAt(t *testing.T) {
	f := newFake(t, "works")
	require.NoError(t, f.Build(context.Background(), f.program))
	require.NoError(t, f.Build(context.Background(), f.program))
	calls := f.calls(t)
	require.Len(t, calls, 2)
	assert.Contains(t, calls[1], "binary=present", "the go command decides whether anything has to be done")
}

func TestAFixedProgramIsBuiltOnce(t *testing.T) {
	f := newFake(t, "works")
	f.program.Fixed = true
	for range 2 {
		require.NoError(t, f.Build(context.Background(), f.program))
	}
	require.Len(t, f.calls(t), 1)
	assert.Contains(t, f.calls(t)[0], "-o "+f.program.Output+".part ", "it gets its name when it is whole")
	assert.Equal(t, []string{"thing"}, f.left(t))
}

func TestABuildThatFailsSaysWhyAndLeavesNothing(t *testing.T) {
	for _, test := range []struct {
		name, scenario string
		fixed          bool
		message        string
		details        string
		hint           string
	}{
		{"the sources do not compile", "broken", false,
			"building the thing: go build: exit status 1",
			"# example.com/m/cmd\ncmd/main.go:3:1: syntax error: unexpected }",
			"fix what the go command reports above, then run the same command again"},
		{"a fixed program does not compile", "broken", true,
			"building the thing: go build: exit status 1",
			"# example.com/m/cmd\ncmd/main.go:3:1: syntax error: unexpected }",
			"fix what the go command reports above, then run the same command again"},
		{"no network", "offline", true,
			"building the thing: go build: exit status 1",
			"go: example.com/m@v1.0.0: Get \"https://proxy.example.com/…\": dial tcp: lookup proxy.example.com: no such host",
			"the first build downloads Go modules: check the network and `go env GOPROXY`, then run the same command again"},
		{"no space", "full", true,
			"building the thing: go build: exit status 1",
			"write $WORK/b001/x: no space left on device",
			"make room for about 5 GB in the folders of `go env GOCACHE GOMODCACHE`, then run the same command again"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := newFake(t, test.scenario)
			f.program.Fixed = test.fixed
			err := f.Build(context.Background(), f.program)
			var failure *Error
			require.ErrorAs(t, err, &failure)
			assert.Equal(t, test.message, err.Error())
			assert.Equal(t, test.details, failure.Details())
			assert.Equal(t, test.hint, failure.Hint())
			assert.Empty(t, f.left(t))
		})
	}
}

func TestWithoutAGoCommandItSaysWhereToGetIt(t *testing.T) {
	f := newFake(t, "works")
	f.Go = "no-such-go"
	err := f.Build(context.Background(), f.program)
	var failure *Error
	require.ErrorAs(t, err, &failure)
	assert.ErrorIs(t, err, exec.ErrNotFound)
	assert.Equal(t, "install Go from https://go.dev/dl and put its bin folder on PATH", failure.Hint())
}

func TestAnInterruptedBuildLeavesNothingHalfMade(t *testing.T) {
	for _, fixed := range []bool{false, true} {
		f := newFake(t, "interrupted")
		f.program.Fixed = fixed
		ctx, cancel := context.WithCancel(context.Background())
		failed := make(chan error, 1)
		go func() { failed <- f.Build(ctx, f.program) }()
		require.Eventually(t, func() bool {
			calls := f.calls(t)
			return len(calls) > 0 && calls[len(calls)-1] == "waiting"
		}, 20*time.Second, 10*time.Millisecond)
		cancel()
		err := <-failed
		var failure *Error
		require.ErrorAs(t, err, &failure)
		assert.Contains(t, err.Error(), "building the thing: interrupted after ")
		assert.Equal(t, "run the same command again: it continues with what is already compiled", failure.Hint())
		if fixed {
			assert.Empty(t, f.left(t))
		} else {
			assert.Contains(t, f.left(t), "thing.unfinished", "nobody takes it for whole")
		}

		t.Setenv(fakeGo, "works")
		require.NoError(t, f.Build(context.Background(), f.program))
		content, err := os.ReadFile(f.program.Output)
		require.NoError(t, err)
		assert.Equal(t, "whole", string(content))
		assert.Equal(t, []string{"thing"}, f.left(t))
	}
}

func TestAnIncompleteFileIsNotUsedAsAProgram(t *testing.T) {
	f := newFake(t, "works")
	require.NoError(t, f.Build(context.Background(), f.program))
	// As if the machine had lost power while the go command copied the binary.
	require.NoError(t, os.WriteFile(f.program.Output, []byte("half"), 0o755))
	require.NoError(t, os.WriteFile(f.program.Output+".unfinished", nil, 0o644))
	require.NoError(t, f.Build(context.Background(), f.program))
	content, err := os.ReadFile(f.program.Output)
	require.NoError(t, err)
	assert.Equal(t, "whole", string(content))
	assert.Contains(t, f.calls(t)[1], "binary=absent", "the go command does not take the half for up to date")
}

func TestASecondProcessWaitsAndSaysSo(t *testing.T) {
	f := newFake(t, "works")
	f.program.Fixed = true
	require.NoError(t, os.MkdirAll(filepath.Dir(f.program.Output), 0o755))
	first := flock.New(f.program.Output + ".lock")
	locked, err := first.TryLock()
	require.NoError(t, err)
	require.True(t, locked)
	built := make(chan error, 1)
	go func() { built <- f.Build(context.Background(), f.program) }()
	require.Eventually(t, func() bool {
		return strings.Contains(f.out.String(), "another process is building the thing; waiting for it\n")
	}, 20*time.Second, 5*time.Millisecond)
	require.NoError(t, os.WriteFile(f.program.Output, []byte("theirs"), 0o755))
	require.NoError(t, first.Unlock())
	require.NoError(t, <-built)
	assert.Empty(t, f.calls(t), "what the first has built is taken as it is")
}

func TestManyBuildersBuildOnce(t *testing.T) {
	f := newFake(t, "works")
	f.program.Fixed = true
	var all sync.WaitGroup
	for range 5 {
		all.Add(1)
		go func() {
			defer all.Done()
			assert.NoError(t, f.Build(context.Background(), f.program))
		}()
	}
	all.Wait()
	assert.Len(t, f.calls(t), 1)
}

func TestTheProjectIsFoundFromAnywhereBelowIt(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	below := filepath.Join(root, "local", "stack")
	require.NoError(t, os.MkdirAll(below, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(root, "Pulumi.yaml"), []byte("name: clicks\nruntime: go\nconfig:\n  protectData:\n    type: boolean\n"), 0o600))
	// Another project on the way up is not this one.
	require.NoError(t, os.WriteFile(filepath.Join(root, "local", "Pulumi.yaml"), []byte("name: another\n"), 0o600))
	for _, from := range []string{root, filepath.Join(root, "local"), below} {
		found, err := FindProject(from)
		require.NoError(t, err)
		assert.Equal(t, root, found)
	}
	elsewhere := t.TempDir()
	_, err = FindProject(elsewhere)
	require.Error(t, err)
	assert.Equal(t, "finding the project: neither "+elsewhere+" nor a folder above it has a Pulumi.yaml with the settings of the pipeline", err.Error())
}
