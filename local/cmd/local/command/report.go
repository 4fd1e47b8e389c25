package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
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

// Report writes an error, what the program behind it had to say, and what to do about it. It returns the exit code.
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
	var usage *UsageError
	switch {
	case errors.As(err, &usage):
		return Misused
	case errors.Is(err, context.Canceled):
		return Interrupted
	}
	return Failed
}
