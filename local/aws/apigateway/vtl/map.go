package vtl

import (
	"fmt"
	"iter"
	"slices"
)

// Map is a java.util.LinkedHashMap: it keeps the order in which keys were put. A key is null, a boolean, an integer, a string or a character;
// those of JSON are strings. It is not safe for concurrent use.
type Map struct {
	entries []entry
	index   map[Value]int // from the key to the place in entries; nil while there are few
	changes int           // of its keys: what ends a #foreach over the map with an error
}

type entry struct {
	key, value Value
}

// fewEntries is up to where looking at one key after another is quicker than an index.
const fewEntries = 16

// NewMap makes an empty map.
func NewMap() *Map { return &Map{} }

// Grow makes room for n more keys.
func (m *Map) Grow(n int) { m.entries = slices.Grow(m.entries, n) }

// Clone is a map with the same keys and values.
func (m *Map) Clone() *Map {
	c := &Map{entries: slices.Clone(m.entries)}
	if m.index != nil {
		c.reindex()
	}
	return c
}

// Len is the number of keys.
func (m *Map) Len() int { return len(m.entries) }

// Get is the value of a key, and whether there is one.
func (m *Map) Get(key Value) (Value, bool) {
	if i := m.find(key); i >= 0 {
		return m.entries[i].value, true
	}
	return nil, false
}

// Put sets the value of a key; a key that was there keeps its place.
func (m *Map) Put(key, value Value) {
	if i := m.find(key); i >= 0 {
		m.entries[i].value = value
		return
	}
	m.entries = append(m.entries, entry{key, value})
	m.changes++
	if m.index != nil {
		m.index[key] = len(m.entries) - 1
	} else if len(m.entries) > fewEntries {
		m.reindex()
	}
}

// Delete removes a key, and says whether it was there.
func (m *Map) Delete(key Value) bool {
	i := m.find(key)
	if i < 0 {
		return false
	}
	m.entries = slices.Delete(m.entries, i, i+1)
	m.changes++
	if m.index != nil {
		m.reindex()
	}
	return true
}

// All are the keys and values in order.
func (m *Map) All() iter.Seq2[Value, Value] {
	return func(yield func(Value, Value) bool) {
		for _, e := range m.entries {
			if !yield(e.key, e.value) {
				return
			}
		}
	}
}

func (m *Map) reindex() {
	m.index = make(map[Value]int, 2*len(m.entries))
	for i, e := range m.entries {
		m.index[e.key] = i
	}
}

func (m *Map) find(key Value) int {
	if m.index != nil {
		if i, ok := m.index[key]; ok {
			return i
		}
		return -1
	}
	if s, ok := key.(string); ok { // quicker than comparing interfaces
		for i := range m.entries {
			if k, ok := m.entries[i].key.(string); ok && k == s {
				return i
			}
		}
		return -1
	}
	for i := range m.entries {
		if m.entries[i].key == key {
			return i
		}
	}
	return -1
}

// checkKey charges for looking up a key, and refuses what is none here.
func (x *exec) checkKey(key Value) error {
	switch key := key.(type) {
	case string:
		return x.charge(len(key))
	case nil, bool, int64, char:
		return nil
	}
	return fmt.Errorf("%s as the key of a map is not emulated", className(key))
}

// callMap is the methods of java.util.LinkedHashMap.
func (x *exec) callMap(m *Map, name string, args []Value) (Value, error) {
	if len(args) == 0 {
		return callMap0(m, name)
	}
	switch {
	case name == "putAll" && len(args) == 1:
		return x.putAll(m, args[0])
	case name == "containsValue" && len(args) == 1:
		i, err := x.indexIn((&mapView{m, valuesView}).items(), args[0])
		return i >= 0, err
	}
	if err := x.checkKey(args[0]); err != nil {
		return nil, err
	}
	v, found := m.Get(args[0])
	switch {
	case name == "get" && len(args) == 1:
		return v, nil
	case name == "containsKey" && len(args) == 1:
		return found, nil
	case name == "remove" && len(args) == 1:
		m.Delete(args[0])
		return v, x.charge(16 * m.Len())
	case name == "put" && len(args) == 2:
		m.Put(args[0], args[1])
		return v, x.charge(32)
	case name == "getOrDefault" && len(args) == 2:
		if found {
			return v, nil
		}
		return args[1], nil
	}
	return nil, ErrNoMethod
}

func callMap0(m *Map, name string) (Value, error) {
	switch name {
	case "size":
		return int64(m.Len()), nil
	case "isEmpty":
		return m.Len() == 0, nil
	case "clear":
		m.entries, m.index = nil, nil
		m.changes++
		return "", nil
	case "keySet":
		return &mapView{m, keysView}, nil
	case "values":
		return &mapView{m, valuesView}, nil
	case "entrySet":
		return &mapView{m, entriesView}, nil
	}
	return nil, ErrNoMethod
}

func (x *exec) putAll(m *Map, arg Value) (Value, error) {
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

// viewKind is which side of a map a view shows.
type viewKind uint8

const (
	keysView viewKind = iota
	valuesView
	entriesView
)

// mapView is what keySet, values and entrySet return: it shows the map as it is now.
type mapView struct {
	m    *Map
	kind viewKind
}

func (v *mapView) Len() int { return v.m.Len() }

func (v *mapView) version() int { return v.m.changes }

func (v *mapView) At(i int) Value {
	e := v.m.entries[i]
	switch v.kind {
	case keysView:
		return e.key
	case valuesView:
		return e.value
	}
	return &mapEntry{v.m, e.key}
}

func (v *mapView) items() []Value {
	items := make([]Value, v.Len())
	for i := range items {
		items[i] = v.At(i)
	}
	return items
}

func (x *exec) callView(v *mapView, name string, args []Value) (Value, error) {
	if err := x.charge(16 * v.Len()); err != nil {
		return nil, err
	}
	switch {
	case len(args) == 0 && (name == "size" || name == "isEmpty"):
		return callMap0(v.m, name)
	case len(args) == 1 && name == "contains":
		i, err := x.indexIn(v.items(), args[0])
		return i >= 0, err
	}
	return nil, ErrNoMethod
}

// mapEntry is one of those that entrySet shows.
type mapEntry struct {
	m   *Map
	key Value
}

func (e *mapEntry) value() Value {
	v, _ := e.m.Get(e.key)
	return v
}

func callEntry(e *mapEntry, name string, args []Value) (Value, error) {
	switch {
	case name == "getKey" && len(args) == 0:
		return e.key, nil
	case name == "getValue" && len(args) == 0:
		return e.value(), nil
	}
	return nil, ErrNoMethod
}
