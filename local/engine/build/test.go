package build

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// Test runs the tests of all modules, with the race detector where there is a C compiler for it. What takes long
// before go test says anything is done first, with progress: the Pulumi CLI and the packages. code is what go test
// exited with, the largest one of the modules.
func (b *Builder) Test(ctx context.Context, project string, args []string) (code int, err error) {
	pulumi, err := b.Pulumi(ctx, project)
	if err != nil {
		return 0, err
	}
	fmt.Fprintf(os.Stderr, "engine: Pulumi %s\n", pulumi)
	modules := []struct{ title, dir string }{
		{"the packages of the program", project},
		{"the packages of the local target", filepath.Join(project, "local")},
		{"the packages of the component", filepath.Join(project, "component")},
	}
	flags := []string{"-race"}
	if err := b.RaceDetector(ctx, project); err != nil {
		fmt.Fprintf(os.Stderr, "without the race detector: %v\n", err)
		flags = nil
	}
	for _, module := range modules {
		if err := b.Packages(ctx, module.title, module.dir, flags); err != nil {
			return 0, err
		}
	}
	for _, module := range modules {
		failed, err := b.goTest(ctx, module.dir, pulumi, slices.Concat(flags, []string{"./..."}, args))
		if err != nil {
			return 0, fmt.Errorf("testing the module in %s: %w", module.dir, err)
		}
		code = max(code, failed)
	}
	return code, nil
}

// testTimeout is for the tests of a package on a machine that is busy otherwise: go test's own ten minutes are too short.
const testTimeout = "-timeout=30m"

// testGrace is how long go test may take to end its tests after an interrupt.
const testGrace = 10 * time.Second

// testEnv are defaults for the environment of tests.
var testEnv = []string{
	// Processes with the race detector wait a second before they end, for reports of other threads.
	"GORACE=atexit_sleep_ms=100",
	// Heaps are small, and to collect their garbage takes a sixth of the tests' processor time.
	"GOGC=400",
}

// goTest returns the exit code of go test, which has reported what failed.
func (b *Builder) goTest(ctx context.Context, module string, pulumi Pulumi, args []string) (code int, err error) {
	// Tests wait for engines, buffers and disks: on two processors, four of them run at once.
	atOnce := strconv.Itoa(max(4, runtime.GOMAXPROCS(0)))
	cmd := exec.CommandContext(ctx, b.GoCommand(), append([]string{"test", testTimeout, "-p", atOnce, "-parallel", atOnce}, args...)...)
	cmd.Dir = module
	cmd.Env = slices.Concat(testEnv, os.Environ(), []string{"GOWORK=off", PulumiEnv + "=" + pulumi.Path})
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = testGrace
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return 0, ctx.Err()
	case errors.As(err, &exit) && exit.ExitCode() > 0:
		return exit.ExitCode(), nil
	}
	return 0, err
}
