package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/cmd/local/commandline"
	"ingest-pipeline/local/engine/build"
	"ingest-pipeline/local/internal/progress"
)

func TestMain(m *testing.M) {
	if os.Getenv(runAsCommand) != "" {
		os.Exit(run(os.Args[1:]))
	}
	// The project of a test is a copy whose settings can be edited. The engine is the one that the real project has.
	project, err := build.FindProject(".")
	if err == nil {
		var pulumi build.Pulumi
		pulumi, err = build.New(os.Stderr).Pulumi(context.Background(), project)
		os.Setenv(build.PulumiEnv, pulumi.Path)
	}
	if err != nil {
		os.Exit(commandline.Report(os.Stderr, err))
	}
	os.Exit(m.Run())
}

// runAsCommand makes the test binary the command itself.
const runAsCommand = "LOCAL_TEST_RUN_AS_COMMAND"

// screen is what an app writes.
type screen struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(b)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// patience is far more than anything takes, also on a machine that is busy with other tests.
const patience = 2 * time.Minute

// shows waits until something was written, and returns the first group of the pattern.
func (s *screen) shows(t testing.TB, pattern string) string {
	t.Helper()
	expression := regexp.MustCompile(pattern)
	var found []string
	require.Eventually(t, func() bool {
		found = expression.FindStringSubmatch(s.String())
		return found != nil
	}, patience, 50*time.Millisecond, "waiting for %q in\n%s", pattern, s)
	return found[len(found)-1]
}

// newApp is a session on a project, and what it writes.
func newApp(project string) (*app, *screen) {
	out := &screen{}
	return &app{
		project:  project,
		terminal: &terminal{started: time.Now(), out: out, diffed: map[string]bool{}},
		builder:  &build.Builder{Progress: &progress.Display{Out: out}},
	}, out
}

// copyProject copies the settings of the real project to a folder where they can be edited, and whose name is as awkward
// as folders of people are.
func copyProject(t testing.TB) string {
	t.Helper()
	real, err := build.FindProject(".")
	require.NoError(t, err)
	project := filepath.Join(t.TempDir(), "50% of #1 & co")
	require.NoError(t, os.Mkdir(project, 0o700))
	for _, name := range []string{"Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml"} {
		content, err := os.ReadFile(filepath.Join(real, name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(project, name), content, 0o600))
	}
	return project
}

// edit changes a line of the dev stack's settings.
func edit(t testing.TB, project, old, new string) {
	t.Helper()
	name := filepath.Join(project, "Pulumi.dev.yaml")
	content, err := os.ReadFile(name)
	require.NoError(t, err)
	require.Contains(t, string(content), old)
	require.NoError(t, os.WriteFile(name, []byte(strings.Replace(string(content), old, new, 1)), 0o600))
}

// serving is an up that runs.
type serving struct {
	*screen
	url, awsURL string
	stop        func() error
}

// startUp runs up until it serves.
func startUp(t testing.TB, project, dir string, flags commandline.Up) *serving {
	t.Helper()
	up := beginUp(t, project, dir, flags)
	up.serves(t)
	return up
}

// beginUp runs up.
func beginUp(t testing.TB, project, dir string, flags commandline.Up) *serving {
	t.Helper()
	flags.Stack = "dev"
	s, out := newApp(project)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- s.up(ctx, flags, dir)
		_, _ = out.Write([]byte("\nended\n"))
	}()
	var once sync.Once
	var result error
	up := &serving{screen: out, stop: func() error {
		once.Do(func() {
			cancel()
			result = <-ended
		})
		return result
	}}
	t.Cleanup(func() { _ = up.stop() })
	return up
}

// serves waits until an up serves.
func (up *serving) serves(t testing.TB) {
	t.Helper()
	if up.shows(t, "(serving until Ctrl-C|\nended)") != "serving until Ctrl-C" {
		require.FailNow(t, "up failed", "%v\n%s", up.stop(), up)
	}
	up.url = up.shows(t, `  url +(http://\S+)`)
	up.awsURL = up.shows(t, `all services at (http://\S+);`)
}
