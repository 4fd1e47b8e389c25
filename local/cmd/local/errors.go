package main

import (
	"context"
	"errors"
	"time"

	"ingest-pipeline/local/engine"
)

// hintError is an error with a hint for the user (commandline.Report).
type hintError struct {
	error
	hint string
}

func (e *hintError) Hint() string { return e.hint }

func (e *hintError) Unwrap() error { return e.error }

// interruptedError is a command that was interrupted.
type interruptedError struct{ command string }

func (e interruptedError) Error() string { return e.command + " was interrupted" }

func (e interruptedError) Unwrap() error { return context.Canceled }

// addHint adds to an error of the program or the engine what to do about a stack whose resources are kept.
func addHint(err error) error {
	var program *engine.ProgramError
	var failed *engine.EngineError
	switch {
	case errors.As(err, &program) && engine.Trace(err) != "":
		return &hintError{err, "run it again with -v to see the stack trace"}
	case errors.As(err, &failed) && failed.Canceled:
		return &hintError{err, "the resources that were created are kept; `up` continues from there, `destroy` deletes them"}
	case errors.As(err, &failed):
		return &hintError{err, "the resources that were created are kept; correct the program or its settings and run `up` again, or `destroy`"}
	}
	return err
}

// cleanupContext is a context for what has to be done after ctx has ended.
func cleanupContext(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), timeout)
}
