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

func (f *foreach) render(x *exec) error {
	if err := x.spend(1, f.at); err != nil {
		return err
	}
	v, err := f.list.value(x)
	if err != nil {
		return x.fail(f.at, err)
	}
	items := collectionOf(v)
	if items == nil {
		return nil
	}
	item, count, hasNext := x.get(f.item), x.get(f.count), x.get(f.hasNext)
	scope := newForeachScope(x.get(f.scope))
	x.vars[f.scope] = scope
	err = f.loop(x, items, scope)
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

func (f *foreach) loop(x *exec, items collection, scope *foreachScope) error {
	version := items.version()
	_, isList := items.(*List)
	scope.more = items.Len() > 0
	for scope.more {
		if scope.index++; scope.index == int64(x.limits.Iterations) {
			if x.limits.OnIterations != nil {
				x.limits.OnIterations(at(x.t.name, x.t.source, f.at,
					fmt.Errorf("running #foreach: stopped after %d iterations: %w", x.limits.Iterations, ErrLimit)))
			}
			return nil
		}
		if err := x.spend(1, f.at); err != nil {
			return err
		}
		if items.version() != version {
			return errChanged
		}
		next := int(scope.index) + 1
		v := items.At(next - 1)
		scope.more = next < items.Len()
		if x.t.reads(f.count) {
			x.vars[f.count] = int64(next)
		}
		if x.t.reads(f.hasNext) {
			x.vars[f.hasNext] = scope.more
		}
		x.vars[f.item] = v
		if err := f.round(x, v); err != nil {
			return err
		}
		if isList { // Java's iterator of a map knows beforehand whether there is more
			scope.more = next != items.Len()
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

// foreachScope is $foreach.
type foreachScope struct {
	index    int64 // from 0
	more     bool
	parent   *foreachScope
	replaced Value // what $foreach was before, if it was no loop
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

func (s *foreachScope) property(name string) Value {
	switch name {
	case "index":
		return s.index
	case "count":
		return s.index + 1
	case "hasNext":
		return s.more
	case "first":
		return s.index < 1
	case "last":
		return !s.more
	case "parent":
		if s.parent != nil {
			return s.parent
		}
	case "topmost":
		for s.parent != nil {
			s = s.parent
		}
		return s
	}
	return nil
}
