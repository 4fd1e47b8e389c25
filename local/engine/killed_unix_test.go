//go:build unix

package engine

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Environment variables that make the test binary a process that deploys, to be killed.
const (
	deployProject = "STACK_TEST_PROJECT"
	deployDir     = "STACK_TEST_DIR"
	deployPort    = "STACK_TEST_PORT"
)

func TestMain(m *testing.M) {
	if os.Getenv(deployProject) != "" {
		deploy()
		return
	}
	os.Exit(m.Run())
}

// deploy deploys with the providers of the test.
func deploy() {
	port, err := strconv.Atoi(os.Getenv(deployPort))
	if err == nil {
		var t deployer
		_, err = open(&t, deployOptions(os.Getenv(deployProject), os.Getenv(deployDir), port)).Up(context.Background())
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// deployer has the methods of testing.TB that open needs.
type deployer struct{ testing.TB }

func (*deployer) Helper()                           {}
func (*deployer) Errorf(format string, args ...any) { fmt.Fprintf(os.Stderr, format, args...) }
func (*deployer) FailNow()                          { os.Exit(1) }

func deployOptions(project, dir string, port int) Options {
	return Options{Project: project, Dir: dir, Providers: map[string]int{"test": port}}
}

func TestADeploymentThatWasKilledIsRepaired(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		// alsoEngine kills the engine as well as the process that drives it.
		alsoEngine bool
	}{
		{"the process alone: its engine ends by itself", false},
		{"the process and its engine", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			things := newThings()
			reached, killed := make(chan struct{}), make(chan struct{})
			things.onCreate = func(_ context.Context, name string) error {
				if name == "b" {
					close(reached)
					<-killed
				}
				return nil
			}
			project, dir, ports := writeProject(t, "count: 3"), t.TempDir(), provide(t, things)
			process := startDeploying(t, project, dir, ports["test"])
			waitFor(t, reached)
			if test.alsoEngine {
				require.NoError(t, syscall.Kill(enginePID(t, dir), syscall.SIGKILL))
			}
			require.NoError(t, process.Process.Kill())
			_ = process.Wait() // it was killed
			close(killed)      // the provider creates b, and nobody writes it down
			require.Eventually(t, func() bool { return things.count() == 2 }, 10*time.Second, 10*time.Millisecond)
			things.onCreate = nil

			o := deployOptions(project, dir, ports["test"])
			o.Created = things.list
			s := open(t, o)
			recovered := s.Recovered()
			t.Logf("%+v", recovered)
			assert.True(t, recovered.Needed())
			if test.alsoEngine {
				assert.True(t, recovered.Lock)
				require.Len(t, recovered.Pending, 1)
				assert.Equal(t, "creating b", recovered.Pending[0].Op+" "+recovered.Pending[0].Name())
			}
			state, err := s.deployment()
			require.NoError(t, err)
			assert.Empty(t, state.PendingOperations)
			result, err := s.Up(context.Background())
			require.NoError(t, err)
			assert.Equal(t, []string{"a"}, names(result, "same"))
			assert.Equal(t, []string{"b", "c"}, names(result, "create"))
			assert.Equal(t, 3, things.count(), "b was not created twice")
			result, err = s.Preview(context.Background())
			require.NoError(t, err)
			assert.True(t, result.Unchanged(), "%v", result.Changes)
			assert.False(t, open(t, o).Recovered().Needed(), "it is repaired once")
		})
	}
}

func TestDataOfOthersSurvivesTheRecovery(t *testing.T) {
	t.Parallel()
	things := newThings()
	o := Options{Project: writeProject(t), Dir: t.TempDir(), Providers: provide(t, things), Created: things.list}
	s := open(t, o)
	_, err := s.Up(context.Background())
	require.NoError(t, err)
	things.make("retained", true) // the provider has it from an earlier stack, and no engine knows of it
	require.NoError(t, s.beginOperation())
	things.make("unwritten", true)
	things.make("of a client", false)
	require.Equal(t, 5, things.count())

	recovered := open(t, o).Recovered()
	require.Len(t, recovered.Unknown, 1)
	assert.Equal(t, "unwritten", recovered.Unknown[0].Name)
	assert.Equal(t, 4, things.count())
	assert.NoFileExists(t, s.operationFile(), "what was repaired is not looked at again")
}

func startDeploying(t *testing.T, project, dir string, port int) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(self, "-test.run=^$")
	cmd.Env = append(os.Environ(), deployProject+"="+project, deployDir+"="+dir, deployPort+"="+strconv.Itoa(port))
	cmd.Stderr = os.Stderr
	require.NoError(t, cmd.Start())
	return cmd
}

func waitFor(t *testing.T, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(2 * time.Minute):
		require.FailNow(t, "the deployment did not come that far")
	}
}

// enginePID is the process that holds the lock of the engine's folder.
func enginePID(t *testing.T, dir string) int {
	t.Helper()
	f, err := makeFolders(dir)
	require.NoError(t, err)
	lock := flock.New(f.lockFile())
	locked, err := lock.TryLock()
	require.NoError(t, err)
	require.False(t, locked, "an engine runs")
	pid, err := strconv.Atoi(strings.TrimPrefix(holder(f.lockFile()), "process "))
	require.NoError(t, err)
	return pid
}

func TestALockOnTheStateThatWasLeftBehindIsRemoved(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	o := Options{Project: writeProject(t), Dir: dir, Providers: provide(t, newThings())}
	_, err := open(t, o).Up(context.Background())
	require.NoError(t, err)
	lock := filepath.Join(dir, "backend", ".pulumi", "locks", "organization", "test-project", "dev", "left.json")
	require.NoError(t, os.MkdirAll(filepath.Dir(lock), 0o700))
	// The process id is that of an innocent process: this one.
	require.NoError(t, os.WriteFile(lock, fmt.Appendf(nil, `{"pid":%d}`, os.Getpid()), 0o600))

	s := open(t, o)
	assert.Equal(t, Recovery{Lock: true}, s.Recovered())
	_, err = s.Up(context.Background())
	assert.NoError(t, err)
	assert.NoFileExists(t, lock)
}

func TestAnEngineThatStillRunsIsWaitedFor(t *testing.T) {
	t.Parallel()
	f, err := makeFolders(t.TempDir())
	require.NoError(t, err)
	running := exec.Command("sleep", "600")
	release, err := hold(running, f)
	require.NoError(t, err)
	require.NoError(t, running.Start())
	require.NoError(t, release())
	t.Cleanup(func() { _ = running.Process.Kill() })
	assert.Equal(t, fmt.Sprintf("process %d", running.Process.Pid), holder(f.lockFile()))

	waiting := make(chan struct{})
	ended := make(chan error, 1)
	go func() { ended <- waitForEngines(context.Background(), f, func() { close(waiting) }) }()
	waitFor(t, waiting)
	select {
	case err := <-ended:
		require.FailNow(t, "it did not wait", "%v", err)
	default:
	}
	require.NoError(t, running.Process.Kill())
	_ = running.Wait() // it was killed
	require.NoError(t, <-ended)

	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	assert.NoError(t, waitForEngines(canceled, f, func() { t.Error("there is nothing to wait for") }))
}

func TestAWaitForAnEngineCanBeCanceled(t *testing.T) {
	t.Parallel()
	f, err := makeFolders(t.TempDir())
	require.NoError(t, err)
	held := flock.New(f.lockFile())
	require.NoError(t, held.Lock())
	defer held.Close()
	ctx, cancel := context.WithCancel(context.Background())
	assert.ErrorIs(t, waitForEngines(ctx, f, cancel), context.Canceled)
}
