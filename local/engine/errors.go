package engine

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// ProgramError is what the program itself returned: settings that are not valid, for example. It reads as the program
// wrote it.
type ProgramError struct{ Err error }

func (e *ProgramError) Error() string { return e.Err.Error() }

func (e *ProgramError) Unwrap() error { return e.Err }

// EngineError is an operation that the engine could not finish.
type EngineError struct {
	// Doing is such as "deploying the stack dev".
	Doing string
	// Messages are what went wrong, each about a resource or about none.
	Messages []Message
	// Canceled says that it was interrupted.
	Canceled bool
	cause    error
}

func (e *EngineError) Error() string {
	var b strings.Builder
	b.WriteString(e.Doing + ": ")
	if e.Canceled {
		b.WriteString("canceled")
	}
	for i, message := range e.Messages {
		if e.Canceled || i > 0 || len(e.Messages) > 1 {
			b.WriteString("\n  ")
		}
		if message.URN != "" {
			step := Step{URN: message.URN, Type: typeOf(message.URN)}
			b.WriteString(step.ShortType() + " " + step.Name() + ": ")
		}
		b.WriteString(strings.ReplaceAll(message.Text, "\n", "\n    "))
	}
	return b.String()
}

// Unwrap gives context.Canceled or what the Automation API returned.
func (e *EngineError) Unwrap() error { return e.cause }

// typeOf is the resource type in a URN: urn:pulumi:<stack>::<project>::<parent type$…$type>::<name>.
func typeOf(urn string) string {
	parts := strings.Split(urn, "::")
	if len(parts) < 3 {
		return urn
	}
	return parts[2][strings.LastIndex(parts[2], "$")+1:]
}

// run is the program as the engine calls it. Its error is kept, because the engine reports it wrapped.
func (s *Stack) run(ctx *pulumi.Context) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &panicError{value: r, stack: string(debug.Stack())}
		}
		s.setProgramError(err)
	}()
	return s.options.Program(ctx)
}

func (s *Stack) setProgramError(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.programErr = err
}

func (s *Stack) programError() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.programErr
}

// explain makes an error that a person can read of what the Automation API returned, which holds the CLI's whole
// output.
func (s *Stack) explain(ctx context.Context, doing string, err error, failures []Message) error {
	doing += " the stack " + s.options.Name
	if ctx.Err() != nil {
		return &EngineError{Doing: doing, Canceled: true, Messages: failuresOfResources(failures), cause: ctx.Err()}
	}
	if programErr := s.programError(); programErr != nil && len(failuresOfResources(failures)) == 0 {
		return &ProgramError{Err: programErr}
	}
	messages := relevant(failures)
	if len(messages) == 0 {
		messages = []Message{{Severity: Failure, Text: complaint(err)}}
	}
	return &EngineError{Doing: doing, Messages: messages, cause: err}
}

// relevant leaves out what the engine says only because something else failed.
func relevant(failures []Message) []Message {
	if resources := failuresOfResources(failures); len(resources) > 0 {
		return resources
	}
	return failures
}

// failuresOfResources are the failures of custom resources, whose messages come from providers.
func failuresOfResources(failures []Message) []Message {
	var found []Message
	for _, message := range failures {
		if message.URN != "" && typeOf(message.URN) != stackType {
			found = append(found, message)
		}
	}
	return found
}

// complaint finds in the error of the Automation API, which holds the CLI's whole output, what the CLI complains about.
func complaint(err error) string {
	text := err.Error()
	if _, stderr, found := strings.Cut(text, "stderr: "); found {
		if _, said, found := strings.Cut(stderr, "error: "); found {
			text = said
		}
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// panicError is a program that panicked.
type panicError struct {
	value any
	stack string
}

func (e *panicError) Error() string { return fmt.Sprintf("the program panicked: %v", e.value) }

func (e *panicError) Unwrap() error {
	err, _ := e.value.(error)
	return err
}

// Trace is the stack trace of a program that panicked; empty for any other error.
func Trace(err error) string {
	var panicked *panicError
	if errors.As(err, &panicked) {
		return panicked.stack
	}
	return ""
}
