package vtl

import "fmt"

// callMap is the methods of java.util.LinkedHashMap.
func callMap(x *exec, m *Map, name string, args []Value) (Value, error) {
	if len(args) > 0 {
		if err := x.chargeKey(args[0]); err != nil {
			return nil, err
		}
	}
	switch len(args) {
	case 0:
		return map0(m, name)
	case 1:
		return map1(x, m, name, args[0])
	case 2:
		return map2(x, m, name, args[0], args[1])
	case 3:
		if name == "replace" {
			if v, ok := m.Get(args[0]); ok {
				if same, err := x.equal(args[1], v); !same {
					return false, err
				}
				m.Put(args[0], args[2])
				return true, nil
			}
			return false, nil
		}
	}
	return nil, ErrNoMethod
}

func map0(m *Map, name string) (Value, error) {
	switch name {
	case "size":
		return int64(m.Len()), nil
	case "isEmpty":
		return m.Len() == 0, nil
	case "clear":
		m.clear()
		return "", nil
	case "keySet":
		return m.view(keysView), nil
	case "values":
		return m.view(valuesView), nil
	case "entrySet":
		return m.view(entriesView), nil
	}
	return nil, ErrNoMethod
}

func map1(x *exec, m *Map, name string, arg Value) (Value, error) {
	switch name {
	case "get":
		v, _ := m.Get(arg)
		return v, nil
	case "containsKey":
		_, ok := m.Get(arg)
		return ok, nil
	case "containsValue":
		i, err := x.indexIn(m.view(valuesView).items(), arg)
		return i >= 0, err
	case "remove":
		v, _ := m.Get(arg)
		m.Delete(arg)
		return v, x.charge(16 * m.Len())
	case "putAll":
		other, ok := arg.(*Map)
		switch {
		case arg == nil:
			return nil, errNull
		case !ok:
			return nil, ErrNoMethod
		}
		for k, v := range other.All() {
			m.Put(k, v)
		}
		return "", x.charge(32 * other.Len())
	}
	return nil, ErrNoMethod
}

func map2(x *exec, m *Map, name string, key, value Value) (Value, error) {
	before, found := m.Get(key)
	switch name {
	case "put":
		m.Put(key, value)
		return before, x.charge(32)
	case "getOrDefault":
		if found {
			return before, nil
		}
		return value, nil
	case "putIfAbsent":
		if before == nil {
			m.Put(key, value)
		}
		return before, x.charge(32)
	case "replace":
		if found {
			m.Put(key, value)
		}
		return before, nil
	case "remove":
		if !found {
			return false, nil
		}
		if same, err := x.equal(value, before); !same {
			return false, err
		}
		m.Delete(key)
		return true, x.charge(16 * m.Len())
	}
	return nil, ErrNoMethod
}

// callView is the methods of what keySet, values and entrySet return.
func callView(x *exec, v *mapView, name string, args []Value) (Value, error) {
	if err := x.charge(16 * v.m.Len()); err != nil {
		return nil, err
	}
	switch {
	case len(args) == 0:
		switch name {
		case "size", "isEmpty", "clear":
			return map0(v.m, name)
		case "iterator":
			return &javaIterator{v.iterator()}, nil
		case "toArray":
			return newArray(v.items()), nil
		}
	case len(args) == 1:
		switch name {
		case "contains":
			i, err := x.indexIn(v.items(), args[0])
			return i >= 0, err
		case "remove":
			return viewRemove(x, v, args[0])
		case "add":
			return nil, fmt.Errorf("java.lang.UnsupportedOperationException")
		case "addAll", "containsAll", "removeAll", "retainAll":
			return viewWith(x, v, name, args[0])
		}
	}
	return nil, ErrNoMethod
}

func viewRemove(x *exec, v *mapView, item Value) (Value, error) {
	i, err := x.indexIn(v.items(), item)
	if err != nil || i < 0 {
		return false, err
	}
	v.m.Delete(v.m.entries[i].key)
	return true, nil
}

func viewWith(x *exec, v *mapView, name string, arg Value) (Value, error) {
	other, ok := items(arg)
	if !ok {
		return nil, ErrNoMethod
	}
	mine := v.items()
	if name == "addAll" && len(other) > 0 {
		return nil, fmt.Errorf("java.lang.UnsupportedOperationException")
	}
	if name == "containsAll" {
		return result(x.containsAll(mine, other))
	}
	changed := false
	if name == "addAll" {
		return changed, nil
	}
	for j := len(mine) - 1; j >= 0; j-- {
		i, err := x.indexIn(other, mine[j])
		if err != nil {
			return nil, err
		}
		if (i >= 0) == (name == "removeAll") {
			v.m.Delete(v.m.entries[j].key)
			changed = true
			if err := x.charge(16 * v.m.Len()); err != nil {
				return nil, err
			}
		}
	}
	return changed, nil
}

// callEntry is the methods of an entry of entrySet.
func callEntry(e *mapEntry, name string, args []Value) (Value, error) {
	switch {
	case name == "getKey" && len(args) == 0:
		return e.key, nil
	case name == "getValue" && len(args) == 0:
		return e.current(), nil
	case name == "setValue" && len(args) == 1:
		before := e.current()
		e.value = args[0]
		if _, ok := e.m.Get(e.key); ok {
			e.m.Put(e.key, args[0])
		}
		return before, nil
	}
	return nil, ErrNoMethod
}

// callIterator is the methods of what iterator() returns.
func callIterator(it *javaIterator, name string, args []Value) (Value, error) {
	if len(args) > 0 {
		return nil, ErrNoMethod
	}
	switch name {
	case "hasNext":
		return it.hasNext(), nil
	case "next":
		if !it.hasNext() {
			return nil, fmt.Errorf("java.util.NoSuchElementException")
		}
		return it.next()
	case "remove":
		return it.removeLast()
	}
	return nil, ErrNoMethod
}

// removeLast removes what next returned last.
func (it *javaIterator) removeLast() (Value, error) {
	switch it := it.iterator.(type) {
	case *listIterator:
		if it.removable && it.changes == it.list.changes {
			it.i--
			it.list.removeAt(it.i)
			it.changes, it.removable = it.list.changes, false
			return "", nil
		}
	case *mapIterator:
		if m := it.view.m; it.removable && it.changes == m.changes {
			it.i--
			m.Delete(m.entries[it.i].key)
			it.changes, it.removable = m.changes, false
			return "", nil
		}
	}
	return nil, fmt.Errorf("java.lang.IllegalStateException")
}
