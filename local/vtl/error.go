package vtl

import "fmt"

// Error is an error in a template, at parse time or while it runs.
type Error struct {
	Template     string // the name given to Parse
	Line, Column int    // from 1; Column counts characters
	Err          error  // the cause; errors.Is(err, ErrLimit) for a limit that was reached
}

// Error is "name:line:column: cause".
func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %v", e.Template, e.Line, e.Column, e.Err)
}

// Unwrap is the cause, for example what an Object's Call returned.
func (e *Error) Unwrap() error { return e.Err }
