// Command local runs the local target: go run -C local . demo
//
// It is a launcher: it builds cmd/local and the process becomes that. go run itself would be silent for minutes while
// it compiles the hundreds of packages of the local target; the launcher imports little, compiles in seconds, and shows
// the progress of the build.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"ingest-pipeline/local/cmd/local/commandline"
	"ingest-pipeline/local/engine/build"
)

func main() { os.Exit(launch(os.Args[1:], time.Now())) }

// launch returns the exit code, unless the local target replaces this process.
func launch(args []string, started time.Time) int {
	line, project, err := commandline.Read(args, os.Stdout)
	if errors.Is(err, commandline.ErrHelp) {
		return 0
	}
	if err != nil {
		return commandline.Report(os.Stderr, err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	builder := build.New(os.Stderr)
	if line.Command == "test" {
		code, err := builder.Test(ctx, project, line.Test.Args)
		if err != nil {
			return commandline.Report(os.Stderr, err)
		}
		return code
	}
	target := build.TargetProgram(project)
	stopDownload := func() {}
	if usesPulumi(line.Command) {
		stopDownload = builder.DownloadPulumi(ctx, project)
	}
	err = builder.Build(ctx, target)
	stopDownload()
	if err != nil {
		return commandline.Report(os.Stderr, err)
	}
	environ := append(os.Environ(), commandline.StartedEnv+"="+strconv.FormatInt(started.UnixNano(), 10))
	if self, err := os.Executable(); err == nil && strings.Contains(self, "go-build") {
		environ = append(environ, commandline.ParentEnv+"="+strconv.Itoa(os.Getppid()))
	}
	stop() // the local target decides what an interrupt means
	code, err := build.Exec(target.Output, append([]string{target.Output}, args...), environ)
	if err != nil {
		return commandline.Report(os.Stderr, fmt.Errorf("starting the local target: %w", err))
	}
	return code
}

// usesPulumi says whether a command runs the Pulumi CLI.
func usesPulumi(command string) bool {
	return command == "demo" || command == "up" || command == "destroy"
}
