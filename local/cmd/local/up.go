package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/jonboulle/clockwork"

	"ingest-pipeline/local/cmd/local/commandline"
	"ingest-pipeline/local/console"
	"ingest-pipeline/local/engine"
	"ingest-pipeline/local/internal/settings"
)

// up deploys the program to a state folder and serves until Ctrl-C.
func (a *app) up(ctx context.Context, flags commandline.Up, dir string) (err error) {
	a.verbose = flags.Verbose
	files := a.watchedFiles(flags.Stack) // before they are read: what is saved from now on is a change
	stack, _, err := settings.Load(ctx, a.project, flags.Stack)
	if err != nil {
		return err
	}
	clock := clockwork.NewRealClock()
	activity := &activity{terminal: a.terminal, clock: clock}
	t, err := a.open(ctx, targetOptions{
		dir: dir, stack: flags.Stack, region: stack.Region, ports: newPorts(flags.Listen),
		maxBufferInterval: flags.BufferInterval, hooks: activity.hooks(), monitor: console.NewMonitor(clock), onStep: a.terminal.step,
	})
	if err != nil {
		return addHint(err)
	}
	defer func() { err = errors.Join(err, t.close(ctx)) }()
	a.terminal.printf("deploying the stack %s to %s", flags.Stack, a.relative(dir))
	result, err := t.deploy(ctx)
	if err != nil {
		return addHint(err)
	}
	a.printOutputs(t, result)
	if flags.Watch {
		defer t.startWatch(ctx, files)()
	}
	return t.serve(ctx, activity)
}

// serve shows the activity until ctx ends, and then delivers what Firehose buffers.
func (t *localTarget) serve(ctx context.Context, activity *activity) error {
	activity.show(ctx)
	t.app.terminal.printf("delivering what Firehose has buffered")
	ctx, cancel := cleanupContext(ctx, closeTimeout)
	defer cancel()
	if err := t.cloud.Firehose.Flush(ctx); err != nil {
		return &hintError{fmt.Errorf("delivering what Firehose has buffered: %w", err), "no event is lost: the next start delivers it"}
	}
	return nil
}

// printOutputs prints the program's outputs and how to use them.
func (a *app) printOutputs(t *localTarget, result engine.Result) {
	c, dir := a.terminal, t.options.dir
	c.printf("")
	c.printf("outputs")
	for _, name := range slices.Sorted(maps.Keys(result.Outputs)) {
		if name != "curl" { // printed below, to be copied
			c.printf("  %-20s %s", name, t.shownOutput(result, name))
		}
	}
	c.printf("")
	c.printf("send an event")
	c.printf("  %s", outputText(result, "curl"))
	a.printClients(t, a.evaluateLine(t.options.stack, dir, filepath.Join(a.project, ".local", t.options.stack)))
	c.printf("  aws s3 ls --recursive %s", outputText(result, "bucketFolder"))
	c.printf("files")
	c.printf("  %-20s the objects of S3", a.relative(filepath.Join(dir, "s3")))
	c.printf("  %-20s the logs, a folder for each log group and a file for each log stream", a.relative(filepath.Join(dir, "logs")))
	c.printf("")
	c.printf("see all of it at %s", t.console.URL())
	c.printf("serving until Ctrl-C")
}

// printClients prints how AWS's clients reach the services.
func (a *app) printClients(t *localTarget, evaluate string) {
	a.terminal.printf("AWS's clients reach all services at %s; in another terminal, in the project's folder", t.cloud.URL())
	a.terminal.printf("  %s", evaluate)
}

// relative is a path relative to the project's folder, if it is below it.
func (a *app) relative(path string) string {
	relative, err := filepath.Rel(a.project, path)
	if err != nil || !filepath.IsLocal(relative) {
		return path
	}
	return relative
}
