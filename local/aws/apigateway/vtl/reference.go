package vtl

import (
	"errors"
	"fmt"
)

// reference is $foo.bar(1)[2].
type reference struct {
	at         place
	name       string
	slot       int
	steps      []step
	quiet      bool
	escaped    bool
	assignable bool
	escPrefix  string // what an even number of backslashes leaves
	literal    string
	undefined  string // what stock Velocity renders when there is no value
}

// step is a property, method or index.
type step interface {
	apply(x *exec, v Value) (Value, error)
}

type propertyStep struct{ name string }

type methodStep struct {
	at   place
	name string
	args []expr
}

type indexStep struct{ index expr }

// value is nil when the reference is undefined.
func (r *reference) value(x *exec) (Value, error) {
	if err := x.spend(1+len(r.steps), r.at); err != nil {
		return nil, err
	}
	return r.walk(x, len(r.steps))
}

// walk follows the first n steps.
func (r *reference) walk(x *exec, n int) (Value, error) {
	v := x.get(r.slot)
	for _, s := range r.steps[:n] {
		if v == nil {
			return nil, nil
		}
		next, err := s.apply(x, v)
		if err != nil {
			return nil, x.fail(r.at, err)
		}
		v = next
	}
	return v, nil
}

// truth is whether there is a value other than false: an empty string is true.
func (r *reference) truth(x *exec) (bool, error) {
	v, err := r.value(x)
	if err != nil || v == nil {
		return false, err
	}
	if b, ok := v.(bool); ok {
		return b, nil
	}
	return true, nil
}

func (r *reference) render(x *exec) error {
	v, err := r.value(x)
	if err != nil {
		return err
	}
	return x.fail(r.at, r.write(x, v))
}

func (r *reference) write(x *exec, v Value) error {
	if d, ok := v.(*definedBlock); ok && d.depth == maxDefineDepth {
		v = nil
	}
	if r.escPrefix == "" && !r.escaped && v != nil {
		return x.writeValue(v)
	}
	if err := x.writeString(r.escPrefix); err != nil {
		return err
	}
	if r.escaped {
		if v == nil {
			return x.writeString(`\` + r.undefined)
		}
		return x.writeString(r.undefined)
	}
	if v == nil && x.limits.stock {
		// the backslashes come twice, as in Velocity
		if err := x.writeString(r.escPrefix); err != nil {
			return err
		}
	}
	switch {
	case v != nil:
		return x.writeValue(v)
	case x.limits.stock:
		return x.writeString(r.undefined)
	}
	return nil
}

// assign is #set. What cannot be set is left alone without an error, as in Velocity.
func (r *reference) assign(x *exec, v Value) error {
	if len(r.steps) == 0 {
		if r.assignable {
			x.vars[r.slot] = v
		}
		return nil
	}
	last := len(r.steps) - 1
	target, err := r.walk(x, last)
	if err != nil || target == nil {
		return err
	}
	switch s := r.steps[last].(type) {
	case *propertyStep:
		err = setProperty(target, s.name, v)
	case *indexStep:
		err = s.set(x, target, v)
	case *methodStep:
		// Velocity sets the property that the method is named like
		err = setProperty(target, s.name, v)
	}
	return x.fail(r.at, err)
}

func setProperty(target Value, name string, v Value) error {
	switch t := target.(type) {
	case *Map:
		t.Put(name, v)
	case *foreachScope:
		return errors.New("setting a property of $foreach is not emulated")
	case Settable:
		return t.Set(name, v)
	}
	return nil
}

func (s *indexStep) set(x *exec, target Value, v Value) error {
	i, err := s.position(x, target)
	if err != nil {
		return err
	}
	switch t := target.(type) {
	case *List:
		n, ok := asInt32(i)
		if !ok {
			return nil
		}
		if n < 0 || int(n) >= t.Len() {
			return indexOutOfBounds(n, t.Len())
		}
		t.items[n] = v
	case *Map:
		if err := x.checkKey(i); err != nil {
			return err
		}
		t.Put(i, v)
	case Settable:
		if name, ok := i.(string); ok {
			return t.Set(name, v)
		}
	}
	return nil
}

// position is the index, counted from the end if it is negative.
func (s *indexStep) position(x *exec, target Value) (Value, error) {
	i, err := s.index.value(x)
	if err != nil {
		return nil, err
	}
	n, ok := asInt32(i)
	if !ok || n >= 0 {
		return i, nil
	}
	size, err := x.call(target, "size", nil)
	if errors.Is(err, ErrNoMethod) {
		return nil, fmt.Errorf("reading index %d: %s has no size", n, className(target))
	}
	if err != nil {
		return nil, err
	}
	length, _ := size.(int64)
	return length + int64(n), nil
}

func (s *indexStep) apply(x *exec, v Value) (Value, error) {
	i, err := s.position(x, v)
	if err != nil {
		return nil, err
	}
	if o, ok := v.(Object); ok {
		if name, ok := i.(string); ok {
			if p, found := o.Property(name); found {
				return p, nil
			}
		}
	}
	args := [1]Value{i}
	result, err := x.call(v, "get", args[:])
	if errors.Is(err, ErrNoMethod) {
		return nil, nil
	}
	return result, err
}

func (s *propertyStep) apply(x *exec, v Value) (Value, error) {
	return property(v, s.name)
}

func (s *methodStep) apply(x *exec, v Value) (Value, error) {
	mark := len(x.args)
	for _, a := range s.args {
		arg, err := a.value(x)
		if d, ok := arg.(*definedBlock); ok && err == nil {
			arg, err = x.str(d)
		}
		if err != nil {
			x.args = x.args[:mark]
			return nil, err
		}
		x.args = append(x.args, arg)
	}
	args := x.args[mark:len(x.args):len(x.args)]
	result, err := x.call(v, s.name, args)
	if errors.Is(err, ErrNoMethod) {
		if err = nil; isBuiltin(v) {
			err = unsupported(v, s.name, args)
		}
	}
	clear(args)
	x.args = x.args[:mark]
	if err != nil {
		return nil, x.fail(s.at, fmt.Errorf("calling %s: %w", s.name, err))
	}
	return result, nil
}
