package vtl

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// ErrLimit is wrapped by the error of a template that reached one of its Limits.
var ErrLimit = errors.New("limit reached")

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

// at is an error with the line and column of a place in a template.
func at(name, source string, p place, err error) *Error {
	before := source[:min(int(p), len(source))]
	start := strings.LastIndexByte(before, '\n') + 1
	return &Error{
		Template: name,
		Line:     strings.Count(before, "\n") + 1,
		Column:   utf8.RuneCountInString(before[start:]) + 1,
		Err:      err,
	}
}
