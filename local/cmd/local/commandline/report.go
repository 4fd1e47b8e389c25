package commandline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"syscall"
)

// Exit codes. `go run` exits with 1 whatever the code, and prints it.
const (
	// Failed is a command that failed.
	Failed = 1
	// Misused is a command line that is invalid.
	Misused = 2
	// Interrupted is a command that was interrupted.
	Interrupted = 130
)

// Report writes an error, the output of the program that caused it, and a hint. It returns the exit code.
func Report(out io.Writer, err error) int {
	var details interface{ Details() string }
	if errors.As(err, &details) && details.Details() != "" {
		fmt.Fprintln(out, strings.TrimRight(details.Details(), "\n"))
	}
	fmt.Fprintf(out, "error: %v\n", err)
	if hint := Hint(err); hint != "" {
		fmt.Fprintf(out, "hint: %s\n", hint)
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

// Hint says what to do about an error; empty if that is not known.
func Hint(err error) string {
	var hint interface{ Hint() string }
	if errors.As(err, &hint) && hint.Hint() != "" {
		return hint.Hint()
	}
	switch {
	case errors.Is(err, fs.ErrPermission):
		return "run it as the user who owns the file, or choose another folder with --state"
	case errors.Is(err, syscall.ENOSPC):
		return "free space on the disk; what was stored is kept"
	}
	return ""
}
