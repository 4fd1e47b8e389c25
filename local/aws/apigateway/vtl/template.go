package vtl

import (
	"fmt"
	"sync"
)

// Template is a parsed template. It is safe for concurrent use.
type Template struct {
	name, source string
	body         block
	vars         []variable
	pool         sync.Pool // of *exec
}

// MaxTemplateBytes is how long a template may be: documented for API Gateway (apigw/limits.md).
const MaxTemplateBytes = 300 * 1024

// Parse parses a template of at most MaxTemplateBytes. Errors are *Error: they name the template, the line and the column.
func Parse(name, source string) (t *Template, err error) {
	if len(source) > MaxTemplateBytes {
		return nil, at(name, source, 0, fmt.Errorf("parsing template: %d bytes, more than %d: %w", len(source), MaxTemplateBytes, ErrLimit))
	}
	p := &parser{src: source, names: &names{slots: map[string]int{}}}
	defer func() {
		if r := recover(); r != nil {
			s, ok := r.(syntaxError)
			if !ok {
				panic(r)
			}
			t, err = nil, at(name, source, s.at, s.err)
		}
	}()
	body := p.parse()
	return &Template{name: name, source: source, body: body, vars: p.names.list}, nil
}

// reads says whether a reference reads the variable.
func (t *Template) reads(slot int) bool { return t.vars[slot].read }

// Execute renders the template. globals are the references that exist at the start ("input" for $input); the map is not changed,
// but lists and maps in it may be, by methods such as put. Errors are *Error; errors.As finds what an Object returned.
func (t *Template) Execute(globals map[string]Value, limits Limits) ([]byte, error) {
	return t.AppendExecute(nil, globals, limits)
}

// AppendExecute appends what Execute renders to dst. After an error dst is returned as it was.
func (t *Template) AppendExecute(dst []byte, globals map[string]Value, limits Limits) ([]byte, error) {
	limits = limits.withDefaults()
	x, ok := t.pool.Get().(*exec)
	if !ok {
		x = &exec{t: t, vars: make([]Value, len(t.vars))}
	}
	x.limits, x.work = limits, limits.Work
	for i := range t.vars {
		if t.vars[i].read {
			x.vars[i] = globals[t.vars[i].name]
		}
	}
	err := t.body.render(x)
	if err != nil && !isControl(err) {
		err = x.fail(0, err)
	} else {
		dst, err = append(dst, x.out...), nil
	}
	x.release()
	return dst, err
}
