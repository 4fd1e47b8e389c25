//go:build unix

package engine

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

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

// deploy does what the process is there for: it deploys with the providers of the test.
func deploy() {
	port, err := strconv.Atoi(os.Getenv(deployPort))
	if err == nil {
		var t deployer
		_, err = open(&t, deployOptions(os.Getenv(deployProject), os.Getenv(deployDir), port)).Up(context.Background())
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// deployer is the little of a test that open needs.
type deployer struct{ testing.TB }

func (*deployer) Helper()                           {}
func (*deployer) Errorf(format string, args ...any) { fmt.Fprintf(os.Stderr, format, args...) }
func (*deployer) FailNow()                          { os.Exit(1) }

func deployOptions(project, dir string, port int) Options {
	return Options{Project: project, Dir: dir, Providers: map[string]int{"test": port}}
}

func TestADeploymentThatWasKilledIsPutRight(t *testing.T) {
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
			close(killed)      // the provider makes b, and nobody writes it down
			require.Eventually(t, func() bool { return things.count() == 2 }, 10*time.Second, 10*time.Millisecond)
			things.onCreate = nil

			o := deployOptions(project, dir, ports["test"])
			o.Made = things.made
			s := open(t, o)
			recovered := s.Recovered()
			t.Logf("%+v", recovered)
			assert.True(t, recovered.Needed())
			if test.alsoEngine {
				assert.NotZero(t, recovered.LockOf)
				require.Len(t, recovered.Pending, 1)
				assert.Equal(t, "creating b", recovered.Pending[0].Op+" "+recovered.Pending[0].Name())
			}
			state, err := s.export(context.Background())
			require.NoError(t, err)
			assert.Empty(t, state.PendingOperations)
			result, err := s.Up(context.Background())
			require.NoError(t, err)
			assert.Equal(t, []string{"a"}, names(result, "same"))
			assert.Equal(t, []string{"b", "c"}, names(result, "create"))
			assert.Equal(t, 3, things.count(), "b was not made twice")
			result, err = s.Preview(context.Background())
			require.NoError(t, err)
			assert.True(t, result.Unchanged(), "%v", result.Changes)
			assert.False(t, open(t, o).Recovered().Needed(), "it is put right once")
		})
	}
}

func TestDataFromBeforeSurvivesTheRecovery(t *testing.T) {
	t.Parallel()
	things := newThings()
	o := Options{Project: writeProject(t), Dir: t.TempDir(), Providers: provide(t, things), Made: things.made}
	s := open(t, o)
	_, err := s.Up(context.Background())
	require.NoError(t, err)
	things.make("retained") // the provider has it from an earlier stack, and no engine knows of it
	require.NoError(t, s.mark())
	things.make("unwritten")
	require.Equal(t, 4, things.count())

	recovered := open(t, o).Recovered()
	require.Len(t, recovered.Unknown, 1)
	assert.Equal(t, "unwritten", recovered.Unknown[0].Name)
	assert.Equal(t, 3, things.count())
	_, marked := s.marked()
	assert.False(t, marked, "what was put right is not looked at again")
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

// enginePID is the process id in the engine's lock on the state.
func enginePID(t *testing.T, dir string) int {
	t.Helper()
	locks, err := findLocks(filepath.Join(dir, "backend", ".pulumi", "locks"))
	require.NoError(t, err)
	require.Len(t, locks, 1)
	for _, pid := range locks {
		return pid
	}
	return 0
}

func TestALockOfAProcessThatIsGoneDoesNotHoldUp(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	o := Options{Project: writeProject(t), Dir: dir, Providers: provide(t, newThings())}
	_, err := open(t, o).Up(context.Background())
	require.NoError(t, err)
	gone := exec.Command("sleep", "0")
	require.NoError(t, gone.Run())
	lock := filepath.Join(dir, "backend", ".pulumi", "locks", "organization", "test-project", "dev", "left.json")
	require.NoError(t, os.MkdirAll(filepath.Dir(lock), 0o700))
	require.NoError(t, os.WriteFile(lock, fmt.Appendf(nil, `{"pid":%d}`, gone.Process.Pid), 0o600))

	s := open(t, o)
	assert.Equal(t, Recovery{LockOf: gone.Process.Pid}, s.Recovered())
	_, err = s.Up(context.Background())
	assert.NoError(t, err)
	_, err = os.Stat(lock)
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func TestALivingEngineIsWaitedForAndAnotherProgramOfItsNumberIsNot(t *testing.T) {
	t.Parallel()
	sleep, err := exec.LookPath("sleep")
	require.NoError(t, err)
	content, err := os.ReadFile(sleep)
	require.NoError(t, err)
	for _, test := range []struct {
		name  string
		waits bool
	}{{"pulumi", true}, {"editor", false}} {
		dir := t.TempDir()
		program := filepath.Join(dir, test.name)
		require.NoError(t, os.WriteFile(program, content, 0o755))
		running := exec.Command(program, "600")
		require.NoError(t, running.Start())
		t.Cleanup(func() { _ = running.Process.Kill(); _ = running.Wait() })
		locks := filepath.Join(dir, ".pulumi", "locks", "organization", "p", "dev")
		require.NoError(t, os.MkdirAll(locks, 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(locks, "x.json"), fmt.Appendf(nil, `{"pid":%d}`, running.Process.Pid), 0o600))

		ended, cancel := context.WithCancel(context.Background())
		cancel()
		pid, err := waitForOrphans(ended, dir)
		if _, noProc := os.Stat("/proc/self/exe"); noProc != nil && !test.waits {
			continue // the system does not tell what program it is
		}
		if test.waits {
			assert.ErrorIs(t, err, context.Canceled)
			require.NoError(t, running.Process.Kill())
			_ = running.Wait() // it was killed
			pid, err = waitForOrphans(context.Background(), dir)
		}
		assert.NoError(t, err)
		assert.Equal(t, running.Process.Pid, pid)
	}
}
