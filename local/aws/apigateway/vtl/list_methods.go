package vtl

import (
	"errors"
	"fmt"
	"slices"
)

// callList is the methods of java.util.ArrayList, and of arrays as far as Velocity gives them those of a list.
func callList(x *exec, l *List, name string, args []Value) (Value, error) {
	if l.kind == javaArray {
		switch name {
		case "add", "addAll", "remove", "removeAll", "retainAll", "clear", "insert":
			return nil, fmt.Errorf("java.lang.UnsupportedOperationException: an array keeps its length")
		}
	}
	switch len(args) {
	case 0:
		return list0(x, l, name)
	case 1:
		if n, ok := asInt32(args[0]); ok {
			if v, err := listAt(l, name, n); !errors.Is(err, ErrNoMethod) {
				return v, err
			}
		}
		return list1(x, l, name, args[0])
	case 2:
		if n, ok := asInt32(args[0]); ok {
			return listAt2(x, l, name, n, args[1])
		}
	}
	return nil, ErrNoMethod
}

func list0(x *exec, l *List, name string) (Value, error) {
	switch name {
	case "size":
		return int64(l.Len()), nil
	case "isEmpty":
		return l.Len() == 0, nil
	case "clear":
		l.items = nil
		l.changes++
		return "", nil
	case "iterator", "listIterator":
		return &javaIterator{&listIterator{list: l, changes: l.changes}}, nil
	case "toArray":
		return newArray(slices.Clone(l.items)), x.charge(16 * l.Len())
	case "toJSONString":
		if l.kind == jsonArray {
			return result(x.str(l))
		}
	}
	return nil, ErrNoMethod
}

// listAt is the methods that take an index.
func listAt(l *List, name string, n int32) (Value, error) {
	switch name {
	case "get", "remove":
		if n < 0 || int(n) >= l.Len() {
			return nil, indexOutOfBounds(n, l.Len())
		}
		if name == "get" {
			return l.items[n], nil
		}
		return l.removeAt(int(n)), nil
	}
	return nil, ErrNoMethod
}

// list1 is the methods that take an item or another collection.
func list1(x *exec, l *List, name string, arg Value) (Value, error) {
	switch name {
	case "add":
		l.Append(arg)
		return true, x.charge(16)
	case "contains", "indexOf":
		i, err := x.indexIn(l.items, arg)
		if name == "contains" {
			return i >= 0, err
		}
		return int64(i), err
	case "lastIndexOf":
		return lastIndexIn(x, l.items, arg)
	case "remove":
		i, err := x.indexIn(l.items, arg)
		if err != nil || i < 0 {
			return false, err
		}
		l.removeAt(i)
		return true, x.charge(16 * l.Len())
	}
	return collectionWith(x, l, name, arg)
}

// indexIn is where an item is; -1 if it is not there.
func (x *exec) indexIn(items []Value, v Value) (int, error) {
	for i, item := range items {
		if ok, err := x.equal(v, item); ok || err != nil {
			return i, err
		}
	}
	return -1, nil
}

func lastIndexIn(x *exec, items []Value, v Value) (Value, error) {
	for i := len(items) - 1; i >= 0; i-- {
		if ok, err := x.equal(v, items[i]); ok || err != nil {
			return int64(i), err
		}
	}
	return int64(-1), nil
}

// collectionWith is the methods of a list that take another collection.
func collectionWith(x *exec, l *List, name string, arg Value) (Value, error) {
	other, ok := items(arg)
	if !ok {
		if arg == nil && (name == "addAll" || name == "containsAll" || name == "removeAll" || name == "retainAll") {
			return nil, errNull
		}
		return nil, ErrNoMethod
	}
	switch name {
	case "addAll":
		l.Append(slices.Clone(other)...)
		return len(other) > 0, x.charge(16 * len(other))
	case "containsAll":
		return result(x.containsAll(l.items, other))
	case "removeAll", "retainAll":
		kept := make([]Value, 0, l.Len())
		for _, v := range l.items {
			i, err := x.indexIn(other, v)
			if err != nil {
				return nil, err
			}
			if (i >= 0) == (name == "retainAll") {
				kept = append(kept, v)
			}
		}
		if len(kept) == l.Len() {
			return false, nil
		}
		l.items = kept
		l.changes++
		return true, nil
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

// listAt2 is the methods that take an index and something else.
func listAt2(x *exec, l *List, name string, n int32, arg Value) (Value, error) {
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
			return nil, badPosition(n, l)
		}
		l.insert(int(n), arg)
		return "", x.charge(16 * l.Len())
	case "addAll":
		other, ok := items(arg)
		if !ok {
			return nil, ErrNoMethod
		}
		if n < 0 || int(n) > l.Len() {
			return nil, badPosition(n, l)
		}
		l.insert(int(n), slices.Clone(other)...)
		return len(other) > 0, x.charge(16 * l.Len())
	case "subList":
		to, ok := asInt32(arg)
		if !ok {
			return nil, ErrNoMethod
		}
		if n < 0 || int(to) > l.Len() {
			return nil, fmt.Errorf("java.lang.IndexOutOfBoundsException: fromIndex: %d, toIndex: %d, size: %d", n, to, l.Len())
		}
		if to < n {
			return nil, fmt.Errorf("java.lang.IllegalArgumentException: fromIndex(%d) > toIndex(%d)", n, to)
		}
		return NewList(slices.Clone(l.items[n:to])...), x.charge(16 * int(to-n))
	}
	return nil, ErrNoMethod
}

func badPosition(n int32, l *List) error {
	return fmt.Errorf("java.lang.IndexOutOfBoundsException: Index: %d, Size: %d", n, l.Len())
}
