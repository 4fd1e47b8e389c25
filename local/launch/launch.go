// Package launch builds the local target, showing how far it is, and hands over to it.
//
// It imports as little as it can: until it is compiled, go run is silent.
package launch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"ingest-pipeline/local/cmd/local/command"
	"ingest-pipeline/local/engine/build"
)

// Exit codes. The shell sees another one through go run, which always exits with 1 and writes the real one.
const (
	// Failed is a command that could not do its work.
	Failed = 1
	// Misused is a command line that cannot be obeyed.
	Misused = 2
	// Interrupted is a command that was stopped before it was done.
	Interrupted = 130
)

const (
	// StartedEnv tells the local target when the launcher started, in nanoseconds since 1970.
	StartedEnv = "INGEST_PIPELINE_STARTED"
	// ParentEnv tells the local target the process id of the go run that it belongs to. If that one is killed, which
	// reaches nobody else, the local target must not stay behind.
	ParentEnv = "INGEST_PIPELINE_PARENT"
)

// Main is the launcher: it returns its exit code unless the local target takes its place.
func Main(args []string) int {
	started := time.Now()
	line, project, err := Read(args, os.Stdout)
	if errors.Is(err, command.ErrHelp) {
		return 0
	}
	if err != nil {
		return Report(os.Stderr, err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	builder := &build.Builder{Progress: build.NewProgress(os.Stderr)}
	if line.Command == "test" {
		return test(ctx, builder, project, line.Test.Args)
	}
	program := build.TargetProgram(project)
	if err := builder.Build(ctx, program); err != nil {
		return Report(os.Stderr, err)
	}
	environ := append(os.Environ(), StartedEnv+"="+strconv.FormatInt(started.UnixNano(), 10))
	if self, err := os.Executable(); err == nil && strings.Contains(self, "go-build") {
		environ = append(environ, ParentEnv+"="+strconv.Itoa(os.Getppid()))
	}
	stop() // the local target decides what an interrupt means
	code, err := handOver(program.Output, append([]string{program.Output}, args...), environ)
	if err != nil {
		return Report(os.Stderr, fmt.Errorf("starting the local target: %w", err))
	}
	return code
}

// Read reads a command line and finds the project that it is about. Help goes to out.
func Read(args []string, out io.Writer) (line *command.Line, project string, err error) {
	if line, err = command.Parse(args, out); err != nil {
		return nil, "", err
	}
	if project, err = build.FindProject("."); err != nil {
		return nil, "", err
	}
	return line, project, line.CheckStack(project)
}

// Report tells an error, what the program behind it had to say, and what to do about it. It returns the exit code.
func Report(out io.Writer, err error) int {
	var details interface{ Details() string }
	if errors.As(err, &details) && details.Details() != "" {
		fmt.Fprintln(out, strings.TrimRight(details.Details(), "\n"))
	}
	fmt.Fprintf(out, "error: %v\n", err)
	var hint interface{ Hint() string }
	if errors.As(err, &hint) && hint.Hint() != "" {
		fmt.Fprintf(out, "hint: %s\n", hint.Hint())
	}
	var usage *command.UsageError
	switch {
	case errors.As(err, &usage):
		return Misused
	case errors.Is(err, context.Canceled):
		return Interrupted
	}
	return Failed
}
