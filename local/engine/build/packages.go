package build

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Packages compiles all packages of a module into the build cache, with more flags for go build if given, so that go
// test need not do it in silence. title is such as "the tests of the program".
func (b *Builder) Packages(ctx context.Context, title, module string, flags []string) error {
	p := Program{Title: title, Module: module}
	task := b.Progress.Start("building " + p.Title)
	compiled, err := b.compilePackages(ctx, module, flags, task)
	if err != nil {
		task.Abandon()
		return b.explain(ctx, p, task.Elapsed(), err)
	}
	if compiled == 0 {
		task.Abandon() // there was nothing to do
		return nil
	}
	task.Finish(fmt.Sprintf("built %s, %d packages,", p.Title, compiled))
	return nil
}

func (b *Builder) compilePackages(ctx context.Context, module string, flags []string, task *Task) (compiled int, err error) {
	task.Activity("counting packages")
	// Commands are left out: to link them would be in vain.
	found, err := b.list(ctx, module, task, slices.Concat(flags, []string{"-f", `{{if ne .Name "main"}}{{.ImportPath}}{{end}}`, "./..."}))
	if err != nil {
		return 0, err
	}
	packages := strings.Fields(found)
	if len(packages) == 0 {
		return 0, nil
	}
	stale, err := b.list(ctx, module, task, slices.Concat(flags, []string{"-deps", "-f", "{{if .Stale}}stale{{end}}"}, packages))
	if err != nil {
		return 0, err
	}
	total := strings.Count(stale, "stale\n")
	messages := &messages{task: task, total: total, library: true}
	task.Activity("")
	task.Count(0, total)
	if err := b.run(ctx, module, io.Discard, messages, slices.Concat([]string{"build", "-v"}, flags, packages)...); err != nil {
		return 0, &goError{command: "go build", cause: err, output: messages.text()}
	}
	return messages.packages, nil
}

// list runs go list and shows what it downloads.
func (b *Builder) list(ctx context.Context, module string, task *Task, args []string) (string, error) {
	var out bytes.Buffer
	messages := &messages{task: task, idle: "counting packages"}
	if err := b.run(ctx, module, &out, messages, append([]string{"list"}, args...)...); err != nil {
		return "", &goError{command: "go list", cause: err, output: messages.text()}
	}
	return out.String(), nil
}

// RaceDetector says why programs cannot be built with the race detector here: it needs a C compiler that works, and a
// platform that has it.
func (b *Builder) RaceDetector(ctx context.Context, module string) error {
	task := b.Progress.Start("trying the race detector")
	defer task.Abandon()
	messages := &messages{task: task}
	// These two are what the race detector consists of; runtime/cgo is compiled by the C compiler.
	err := b.run(ctx, module, io.Discard, messages, "build", "-race", "runtime/race", "runtime/cgo")
	if err == nil {
		return nil
	}
	if said := messages.text(); said != "" {
		return fmt.Errorf("%s", strings.ReplaceAll(said, "\n", "; "))
	}
	return err
}
