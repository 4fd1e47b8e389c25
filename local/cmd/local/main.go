// Command local is the local target itself. The launcher in the module's folder builds it, shows how far that is, and
// hands over to it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/cmd/local/command"
	"ingest-pipeline/local/engine"
	"ingest-pipeline/local/engine/build"
	"ingest-pipeline/local/internal/progress"
)

func main() {
	aws.RaiseProcessors()
	os.Exit(run(os.Args[1:]))
}

func run(args []string) int {
	line, project, err := command.Read(args, os.Stdout)
	if errors.Is(err, command.ErrHelp) {
		return 0
	}
	if err != nil {
		return command.Report(os.Stderr, err)
	}
	s := &session{
		project:  project,
		console:  newConsole(os.Stdout, started()),
		builder:  &build.Builder{Progress: progress.New(os.Stderr)},
		interval: 0,
	}
	ctx, stop := s.interrupts.watch(s.console, parent())
	defer stop()
	switch line.Command {
	case "demo":
		err = s.demo(ctx, line.Demo)
	case "up":
		err = s.up(ctx, line.Up, line.StateDir(project))
	case "serve":
		err = s.serve(ctx, line.Serve, line.StateDir(project))
	case "destroy":
		err = s.destroy(ctx, line.Destroy, line.StateDir(project))
	case "send":
		err = s.sendEvents(ctx, line.Send, line.StateDir(project))
	case "cost":
		err = s.price(ctx, line.Cost)
	default:
		err = fmt.Errorf("%s is done by the launcher: %s %s", line.Command, command.Name, line.Command)
	}
	if err != nil {
		return s.report(err)
	}
	return 0
}

// session is what the commands have in common.
type session struct {
	project    string
	console    *console
	builder    *build.Builder
	interrupts interrupts
	verbose    bool
	interval   time.Duration
}

// report tells an error and returns the exit code.
func (s *session) report(err error) int {
	if trace := engine.Trace(err); trace != "" && s.verbose {
		fmt.Fprintln(os.Stderr, trace)
	}
	return command.Report(os.Stderr, err)
}

// started is when the launcher was started.
func started() time.Time {
	nanoseconds, err := strconv.ParseInt(os.Getenv(command.StartedEnv), 10, 64)
	if err != nil {
		return time.Now()
	}
	return time.Unix(0, nanoseconds)
}

// parent is the process that this one must not outlive; 0 if there is none.
func parent() int {
	pid, err := strconv.Atoi(os.Getenv(command.ParentEnv))
	if err != nil {
		return 0
	}
	return pid
}

// hinted is an error with advice.
type hinted struct {
	error
	hint string
}

func (e *hinted) Hint() string { return e.hint }

func (e *hinted) Unwrap() error { return e.error }

// stopped is a command that was interrupted.
type stopped struct{ what string }

func (e stopped) Error() string { return e.what + " was stopped before it was done" }

func (e stopped) Unwrap() error { return context.Canceled }

// within is a context for cleaning up after ctx has ended: it has the given time.
func within(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), d)
}
