package vtl

import (
	"errors"
	"fmt"
)

// foreach is #foreach( $item in $list ).
type foreach struct {
	at   place
	list expr
	body block
	// the slots of the loop's variables
	item, scope, count, hasNext int
}

// errChanged is what Java's iterators throw when what they go through was changed.
var errChanged = errors.New("going through a list or map: java.util.ConcurrentModificationException: it was changed meanwhile")

func (f *foreach) render(x *exec) error {
	if err := x.spend(1, f.at); err != nil {
		return err
	}
	v, err := f.list.value(x)
	if err != nil {
		return x.fail(f.at, err)
	}
	it, ok := iterate(v)
	if !ok {
		return nil
	}
	item, count, hasNext := x.get(f.item), x.get(f.count), x.get(f.hasNext)
	scope := newForeachScope(x.get(f.scope))
	x.vars[f.scope] = scope
	err = f.loop(x, it, scope)
	if err != nil && !isControl(err) {
		return x.fail(f.at, err)
	}
	f.restore(x, item, count, hasNext)
	var out *breakOut
	if errors.Is(err, errBreak) || errors.As(err, &out) && out.scope == scope {
		return nil
	}
	return err
}

func (f *foreach) loop(x *exec, it iterator, scope *foreachScope) error {
	for n := int64(1); it.hasNext(); n++ {
		if n > int64(x.limits.Iterations) {
			if x.limits.OnIterations != nil {
				x.limits.OnIterations(at(x.t.name, x.t.source, f.at,
					fmt.Errorf("running #foreach: stopped after %d iterations: %w", x.limits.Iterations, ErrLimit)))
			}
			return nil
		}
		if err := x.spend(1, f.at); err != nil {
			return err
		}
		v, err := it.next()
		if err != nil {
			return err
		}
		more := it.hasNext()
		if x.t.reads(f.count) {
			x.vars[f.count] = n
		}
		if x.t.reads(f.hasNext) {
			x.vars[f.hasNext] = more
		}
		x.vars[f.item] = v
		scope.index++
		scope.more = more
		if err := f.round(x, v); err != nil {
			return err
		}
	}
	return nil
}

// round renders the body once. While the item is null it stays null, whatever the body sets it to.
func (f *foreach) round(x *exec, v Value) error {
	if v != nil {
		return f.body.render(x)
	}
	if x.masked == nil {
		x.masked = make([]uint8, len(x.vars))
	}
	if x.masked[f.item] == 255 {
		return x.fail(f.at, errTooLong)
	}
	x.masked[f.item]++
	err := f.body.render(x)
	if x.masked[f.item] > 0 {
		x.masked[f.item]--
	}
	return err
}

// restore gives the loop's variables the values they had before it.
func (f *foreach) restore(x *exec, item, count, hasNext Value) {
	x.put(f.item, item)
	x.put(f.count, count)
	x.put(f.hasNext, hasNext)
	if s, ok := x.get(f.scope).(*foreachScope); ok {
		if s.parent != nil {
			x.put(f.scope, s.parent)
		} else {
			x.put(f.scope, s.replaced)
		}
	}
}

// foreachScope is $foreach. What is set on it is kept for the loop, and seen by loops inside.
type foreachScope struct {
	index    int64
	more     bool
	parent   *foreachScope
	replaced Value // what $foreach was before, if it was no loop
	values   *Map
}

func newForeachScope(before Value) *foreachScope {
	s := &foreachScope{index: -1}
	if p, ok := before.(*foreachScope); ok {
		s.parent = p
	} else {
		s.replaced = before
	}
	return s
}

func (s *foreachScope) storage() *Map {
	if s.values == nil {
		s.values = NewMap()
	}
	return s.values
}

// get reads what was set on this loop or one around it.
func (s *foreachScope) get(key Value) Value {
	for ; s != nil; s = s.parent {
		if v, ok := s.storage().Get(key); ok {
			return v
		}
	}
	return nil
}

// Property is $foreach.index and its like.
func (s *foreachScope) Property(name string) (Value, bool) {
	v, err := s.Call("get"+upperFirst(name), nil)
	if err == nil {
		return v, true
	}
	return s.get(name), true
}

// Call is $foreach.hasNext() and its like, and the methods of a map.
func (s *foreachScope) Call(method string, args []Value) (Value, error) {
	if len(args) > 0 {
		if method == "get" && len(args) == 1 {
			return s.get(args[0]), nil
		}
		return nil, ErrNoMethod
	}
	switch method {
	case "getIndex":
		return s.index, nil
	case "getCount":
		return s.index + 1, nil
	case "getHasNext", "hasNext":
		return s.more, nil
	case "getFirst", "isFirst":
		return s.index < 1, nil
	case "getLast", "isLast":
		return !s.more, nil
	case "getParent":
		if s.parent == nil {
			return nil, nil
		}
		return s.parent, nil
	case "getTopmost":
		for s.parent != nil {
			s = s.parent
		}
		return s, nil
	case "getReplaced":
		for s.replaced == nil && s.parent != nil {
			s = s.parent
		}
		return s.replaced, nil
	}
	return nil, ErrNoMethod
}
