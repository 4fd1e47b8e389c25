package build

import "fmt"

// Error is a failure with advice.
type Error struct {
	// Doing is what failed, as "building the local target".
	Doing string
	Cause error
	// Output is what the program that failed had to say; it may have many lines.
	Output string
	// Advice is what to do, in one line.
	Advice string
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %v", e.Doing, e.Cause) }

func (e *Error) Unwrap() error { return e.Cause }

// Hint says what to do about it, in one line; empty if nothing is known to help.
func (e *Error) Hint() string { return e.Advice }

// Details is what the program that failed had to say; it may have many lines or none.
func (e *Error) Details() string { return e.Output }
