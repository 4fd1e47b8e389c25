package vtl

import (
	"errors"
	"fmt"
)

// exec is one execution of a template. It is used by one goroutine, and again by later executions.
type exec struct {
	t       *Template
	limits  Limits
	vars    []Value // by slot; nil is undefined
	masked  []uint8 // by slot: how many #foreach around have null for an item; nil if none ever had
	out     []byte
	nesting int // how many strings around are being interpolated into out
	work    int // what is left
	args    []Value
	err     *Error // the error that ended the execution, once it has a place
}

// errStop ends the template, errBreak the innermost #foreach; a *breakOut ends a particular #foreach.
var (
	errStop  = errors.New("#stop")
	errBreak = errors.New("#break")
)

type breakOut struct{ scope *foreachScope }

func (*breakOut) Error() string { return "#break" }

func isControl(err error) bool {
	var out *breakOut
	return errors.Is(err, errStop) || errors.Is(err, errBreak) || errors.As(err, &out)
}

// fail gives an error the place it happened at, unless it has one or is #stop or #break.
func (x *exec) fail(p place, err error) error {
	if err == nil || isControl(err) {
		return err
	}
	if x.err != nil {
		return x.err
	}
	x.err = at(x.t.name, x.t.source, p, err)
	return x.err
}

func (x *exec) spend(n int, p place) error {
	if x.work -= n; x.work < 0 || n < 0 {
		return x.fail(p, fmt.Errorf("running template: more than %d units of work: %w", x.limits.Work, ErrLimit))
	}
	return nil
}

// charge is spend for methods, which do not know their place.
func (x *exec) charge(bytes int) error {
	if x.work -= bytes/16 + 1; x.work < 0 || bytes < 0 {
		return fmt.Errorf("running template: more than %d units of work: %w", x.limits.Work, ErrLimit)
	}
	return nil
}

var errTooLong = fmt.Errorf("output or string too long: %w", ErrLimit)

func (x *exec) writeString(s string) error {
	if len(x.out)+len(s) > x.limits.OutputBytes {
		return x.tooLong()
	}
	x.out = append(x.out, s...)
	if x.nesting > 0 || len(s) > 256 {
		return x.charge(len(s))
	}
	return nil
}

// writeValue appends what Java's toString makes of v.
func (x *exec) writeValue(v Value) error {
	switch v := v.(type) {
	case string:
		return x.writeString(v)
	case *definedBlock:
		return x.writeDefined(v)
	}
	room := x.limits.OutputBytes - len(x.out)
	before := len(x.out)
	out, err := appendText(x.out, v, len(x.out)+max(room, 0))
	x.out = out
	if err != nil {
		return err
	}
	return x.charge(len(out) - before)
}

func (x *exec) tooLong() error {
	return fmt.Errorf("running template: more than %d bytes of output: %w", x.limits.OutputBytes, ErrLimit)
}

// str is what Java's toString makes of v, as a string of this execution: bounded, and charged.
func (x *exec) str(v Value) (string, error) {
	if s, ok := v.(string); ok {
		return s, nil
	}
	return x.capture(func() error { return x.writeValue(v) })
}

// capture is what render writes.
func (x *exec) capture(render func() error) (string, error) {
	start := len(x.out)
	x.nesting++
	err := render()
	x.nesting--
	s := ""
	if err == nil {
		s = string(x.out[start:])
	}
	x.out = x.out[:start]
	return s, err
}

// get reads a variable.
func (x *exec) get(slot int) Value {
	if x.masked != nil && x.masked[slot] > 0 {
		return nil
	}
	return x.vars[slot]
}

// put sets a variable; nil undefines it.
func (x *exec) put(slot int, v Value) {
	x.vars[slot] = v
	if v == nil && x.masked != nil {
		x.masked[slot] = 0
	}
}

// maxReusedOutput is the largest output buffer, in bytes, that later executions reuse.
const maxReusedOutput = 64 << 10

// release returns x to the pool, without values of this execution.
func (x *exec) release() {
	clear(x.vars)
	clear(x.args[:cap(x.args)])
	x.args = x.args[:0]
	x.masked, x.nesting, x.err = nil, 0, nil
	x.limits = Limits{}
	if cap(x.out) > maxReusedOutput {
		x.out = nil
	}
	x.out = x.out[:0]
	x.t.pool.Put(x)
}
