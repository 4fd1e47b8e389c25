package build

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"ingest-pipeline/local/internal/progress"
)

// Packages compiles all packages of a module into the build cache, with more flags for go build if given, so that go
// test need not do it in silence. title is such as "the tests of the program".
func (b *Builder) Packages(ctx context.Context, title, module string, flags []string) error {
	task := b.Progress.Start("building " + title)
	compiled, err := b.compilePackages(ctx, module, flags, task)
	if err != nil {
		task.Abandon()
		return b.explain(ctx, title, task.Elapsed(), err)
	}
	finish(task, title, compiled)
	return nil
}

func (b *Builder) compilePackages(ctx context.Context, module string, flags []string, task *progress.Task) (compiled int, err error) {
	var listed bytes.Buffer
	// Commands need not be linked, and go build refuses packages of tests only: of both, and of tests, what they import is compiled.
	const names = `{{if and .GoFiles (ne .Name "main")}}{{.ImportPath}}{{end}} ` +
		`{{join .Imports " "}} {{join .TestImports " "}} {{join .XTestImports " "}}`
	list := slices.Concat([]string{"list"}, flags, []string{"-f", names, "./..."})
	if _, err := b.run(ctx, module, &listed, task, list...); err != nil {
		return 0, err
	}
	packages := strings.Fields(listed.String())
	slices.Sort(packages)
	packages = slices.Compact(packages)
	if len(packages) == 0 {
		return 0, nil
	}
	return b.run(ctx, module, io.Discard, task, slices.Concat([]string{"build", "-v"}, flags, packages)...)
}

// finish ends the task of a build that succeeded.
func finish(task *progress.Task, title string, compiled int) {
	if compiled == 0 {
		task.Abandon() // everything was up to date
		return
	}
	task.Done(fmt.Sprintf("built %s, %d packages,", title, compiled))
}

// RaceDetector says why programs cannot be built with the race detector here: it needs a C compiler that works, and a
// platform that has it.
func (b *Builder) RaceDetector(ctx context.Context, module string) error {
	task := b.Progress.Start("trying the race detector")
	defer task.Abandon()
	// These two are what the race detector consists of; runtime/cgo is compiled by the C compiler.
	_, err := b.run(ctx, module, io.Discard, task, "build", "-race", "runtime/race", "runtime/cgo")
	if failed, ok := err.(*goError); ok && failed.output != "" { //nolint:errorlint // run returns it unwrapped
		return fmt.Errorf("%s", strings.ReplaceAll(failed.output, "\n", "; "))
	}
	return err
}
