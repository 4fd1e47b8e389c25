package vtl

import (
	"errors"
	"fmt"
	"slices"
)

// List is a java.util.ArrayList. It is not safe for concurrent use.
type List struct {
	items   []Value
	changes int // of its length: what ends a #foreach over the list with an error
	kind    listKind
}

// listKind is what a list is in Java, which shows when it is rendered.
type listKind uint8

const (
	arrayList listKind = iota // [a, b]
	jsonArray                 // ["a","b"], what ParseJSON makes
	javaArray                 // what split returns: its length does not change
)

// NewList makes a list of the values, which it keeps (no copy). It renders as Java's lists do: [a, b].
func NewList(items ...Value) *List { return &List{items: items} }

// NewJSONList makes a list like those in what ParseJSON returns: it renders as JSON.
func NewJSONList(items ...Value) *List { return &List{items: items, kind: jsonArray} }

// Len is the number of items.
func (l *List) Len() int { return len(l.items) }

// At is the item at index i, from 0; it panics outside of 0..Len()-1.
func (l *List) At(i int) Value { return l.items[i] }

// Append adds items at the end.
func (l *List) Append(items ...Value) { l.insert(len(l.items), items...) }

// Items are the items, shared with the list.
func (l *List) Items() []Value { return l.items }

func (l *List) version() int { return l.changes }

func (l *List) insert(i int, items ...Value) {
	l.items = slices.Insert(l.items, i, items...)
	l.changes++
}

func (l *List) removeAt(i int) Value {
	v := l.items[i]
	l.items = slices.Delete(l.items, i, i+1)
	l.changes++
	return v
}

// callList is the methods of java.util.ArrayList, which Velocity gives arrays, too.
func (x *exec) callList(l *List, name string, args []Value) (Value, error) {
	switch name {
	case "add", "addAll", "remove", "clear":
		if l.kind == javaArray {
			return nil, fmt.Errorf("java.lang.UnsupportedOperationException: an array keeps its length")
		}
	}
	switch len(args) {
	case 0:
		return callList0(l, name)
	case 1:
		if n, ok := asInt32(args[0]); ok && (name == "get" || name == "remove") {
			switch {
			case n < 0 || int(n) >= l.Len():
				return nil, indexOutOfBounds(n, l.Len())
			case name == "get":
				return l.items[n], nil
			}
			return l.removeAt(int(n)), x.charge(16 * l.Len())
		}
		return x.callList1(l, name, args[0])
	case 2:
		if n, ok := asInt32(args[0]); ok {
			return x.callListAt(l, name, n, args[1])
		}
	}
	return nil, ErrNoMethod
}

func callList0(l *List, name string) (Value, error) {
	switch name {
	case "size":
		return int64(l.Len()), nil
	case "isEmpty":
		return l.Len() == 0, nil
	case "clear":
		l.items = nil
		l.changes++
		return "", nil
	}
	return nil, ErrNoMethod
}

// callList1 is the methods that take an item or another collection.
func (x *exec) callList1(l *List, name string, arg Value) (Value, error) {
	switch name {
	case "add":
		l.Append(arg)
		return true, x.charge(16)
	case "contains":
		i, err := x.indexIn(l.items, arg)
		return i >= 0, err
	case "indexOf":
		i, err := x.indexIn(l.items, arg)
		return int64(i), err
	case "remove":
		i, err := x.indexIn(l.items, arg)
		if err != nil || i < 0 {
			return false, err
		}
		l.removeAt(i)
		return true, x.charge(16 * l.Len())
	case "addAll", "containsAll":
		var other []Value
		switch arg := arg.(type) {
		case nil:
			return nil, errNull
		case *List:
			other = slices.Clone(arg.items)
		case *mapView:
			other = arg.items()
		default:
			return nil, ErrNoMethod
		}
		if name == "containsAll" {
			return result(x.containsAll(l.items, other))
		}
		l.Append(other...)
		return len(other) > 0, x.charge(16 * len(other))
	}
	return nil, ErrNoMethod
}

func (x *exec) containsAll(all, wanted []Value) (bool, error) {
	for _, v := range wanted {
		if i, err := x.indexIn(all, v); i < 0 || err != nil {
			return false, err
		}
	}
	return true, nil
}

// callListAt is the methods that take an index and an item.
func (x *exec) callListAt(l *List, name string, n int32, arg Value) (Value, error) {
	switch name {
	case "set":
		if n < 0 || int(n) >= l.Len() {
			return nil, indexOutOfBounds(n, l.Len())
		}
		before := l.items[n]
		l.items[n] = arg
		return before, nil
	case "add":
		if n < 0 || int(n) > l.Len() {
			return nil, fmt.Errorf("java.lang.IndexOutOfBoundsException: Index: %d, Size: %d", n, l.Len())
		}
		l.insert(int(n), arg)
		return "", x.charge(16 * l.Len())
	}
	return nil, ErrNoMethod
}

// collection is a list, or the keys, values or entries of a map.
type collection interface {
	Len() int
	At(i int) Value
	version() int
}

// collectionOf is what a #foreach over v iterates over: of a map the values. nil: it has no iterations.
func collectionOf(v Value) collection {
	switch v := v.(type) {
	case *List:
		return v
	case *mapView:
		return v
	case *Map:
		return &mapView{v, valuesView}
	}
	return nil
}

// errChanged is the exception of Java's iterators.
var errChanged = errors.New("java.util.ConcurrentModificationException: the list or map was changed within the loop")
