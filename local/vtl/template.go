package vtl

import "errors"

// ErrLimit is wrapped by the error of a template that reached one of its Limits.
var ErrLimit = errors.New("limit reached")

// Template is a parsed template. It is safe for concurrent use.
type Template struct {
	name, source string
}

// Parse parses a template of at most 300 KB. Errors are *Error: they name the template, the line and the column.
func Parse(name, source string) (*Template, error) {
	return ParseWithin(name, source, Limits{})
}

// ParseWithin parses a template of at most limits.TemplateBytes.
func ParseWithin(name, source string, limits Limits) (*Template, error) {
	return &Template{name: name, source: source}, nil
}

// Execute renders the template. globals are the references that exist at the start ("input" for $input); the map is not changed.
// Errors are *Error, or wrap what an Object returned.
func (t *Template) Execute(globals map[string]Value, limits Limits) ([]byte, error) {
	return t.AppendExecute(nil, globals, limits)
}

// AppendExecute appends what Execute renders to dst.
func (t *Template) AppendExecute(dst []byte, globals map[string]Value, limits Limits) ([]byte, error) {
	return append(dst, t.source...), nil
}
