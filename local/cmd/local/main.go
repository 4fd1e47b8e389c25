// Command local is the local target itself. The launcher in the module's folder builds it, shows the progress of the
// build, and replaces itself with it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/cmd/local/commandline"
	"ingest-pipeline/local/engine"
	"ingest-pipeline/local/engine/build"
)

func main() {
	aws.RaiseProcessors()
	os.Exit(run(os.Args[1:]))
}

// run runs a command line and returns the exit code.
func run(args []string) int {
	line, project, err := commandline.Read(args, os.Stdout)
	if errors.Is(err, commandline.ErrHelp) {
		return 0
	}
	if err != nil {
		return commandline.Report(os.Stderr, err)
	}
	messages := os.Stdout
	if line.Command == "tail" {
		messages = os.Stderr // the output is the events
	}
	a := &app{
		project:  project,
		terminal: newTerminal(messages, startTime()),
		builder:  build.New(os.Stderr),
	}
	ctx, stop := a.interrupts.watch(a.terminal, parentProcess())
	defer stop()
	if err := a.runCommand(ctx, line); err != nil {
		return a.report(err)
	}
	return 0
}

// app is what the commands share.
type app struct {
	// project is the folder of Pulumi.yaml.
	project    string
	terminal   *terminal
	builder    *build.Builder
	interrupts interrupts
	verbose    bool
	schemas    schemaFiles
}

func (a *app) runCommand(ctx context.Context, line *commandline.Line) error {
	stateDir := line.StateDir(a.project)
	switch line.Command {
	case "demo":
		return a.demo(ctx, line.Demo)
	case "up":
		return a.up(ctx, line.Up, stateDir)
	case "serve":
		return a.serve(ctx, line.Serve, stateDir)
	case "destroy":
		return a.destroy(ctx, line.Destroy, stateDir)
	case "send":
		return a.send(ctx, line.Send, stateDir)
	case "replay":
		return a.replay(ctx, line.Replay, stateDir)
	case "tail":
		return a.tail(ctx, line.Tail, stateDir)
	case "env":
		return a.env(line.Env, stateDir, os.Stdout)
	case "cost":
		return a.cost(ctx, line.Cost)
	}
	return fmt.Errorf("%s needs a checkout of the project: go run -C local . %s", line.Command, line.Command)
}

// report writes an error to stderr and returns the exit code.
func (a *app) report(err error) int {
	if trace := engine.Trace(err); trace != "" && a.verbose {
		fmt.Fprintln(os.Stderr, trace)
	}
	return commandline.Report(os.Stderr, err)
}

// startTime is when the launcher started.
func startTime() time.Time {
	nanoseconds, err := strconv.ParseInt(os.Getenv(commandline.StartedEnv), 10, 64)
	if err != nil {
		return time.Now()
	}
	return time.Unix(0, nanoseconds)
}

// parentProcess is the process id of the `go run` that started this process; 0 if there is none.
func parentProcess() int {
	pid, err := strconv.Atoi(os.Getenv(commandline.ParentEnv))
	if err != nil {
		return 0
	}
	return pid
}
