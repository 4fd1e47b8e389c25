package launch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"ingest-pipeline/local/engine/build"
)

// test runs the tests of both modules, with the race detector where there is a C compiler for it. What takes long
// before go test says anything is done first, with progress: the Pulumi CLI and the packages.
func test(ctx context.Context, builder *build.Builder, project string, args []string) int {
	pulumi, err := builder.Pulumi(ctx, project)
	if err != nil {
		return Report(os.Stderr, err)
	}
	fmt.Fprintf(os.Stderr, "engine: Pulumi %s\n", pulumi)
	modules := []struct{ title, dir string }{
		{"the packages of the program", project},
		{"the packages of the local target", filepath.Join(project, "local")},
	}
	flags := []string{"-race"}
	if err := builder.RaceDetector(ctx, project); err != nil {
		fmt.Fprintf(os.Stderr, "without the race detector: %v\n", err)
		flags = nil
	}
	for _, module := range modules {
		if err := builder.Packages(ctx, module.title, module.dir, flags); err != nil {
			return Report(os.Stderr, err)
		}
	}
	code := 0
	for _, module := range modules {
		if err := goTest(ctx, builder, module.dir, pulumi, slices.Concat(flags, []string{"./..."}, args)); err != nil {
			code = max(code, testFailure(ctx, module.dir, err))
		}
		if ctx.Err() != nil {
			break
		}
	}
	return code
}

// testGrace is how long go test may take to end its tests after an interrupt.
const testGrace = 10 * time.Second

func goTest(ctx context.Context, builder *build.Builder, module string, pulumi build.Pulumi, args []string) error {
	cmd := exec.CommandContext(ctx, builder.GoCommand(), append([]string{"test"}, args...)...)
	cmd.Dir = module
	cmd.Env = append(os.Environ(), "GOWORK=off", build.PulumiEnv+"="+pulumi.Path)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = testGrace
	return cmd.Run()
}

func testFailure(ctx context.Context, module string, err error) int {
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return Report(os.Stderr, fmt.Errorf("testing the module in %s: %w", module, ctx.Err()))
	case errors.As(err, &exit) && exit.ExitCode() > 0:
		return exit.ExitCode() // go test has said everything
	}
	return Report(os.Stderr, fmt.Errorf("testing the module in %s: %w", module, err))
}
