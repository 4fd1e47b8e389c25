package vtl

import (
	"iter"
	"math"
	"math/big"
	"reflect"
	"slices"
)

// Map is a java.util.LinkedHashMap: it keeps the order in which keys were put. Keys are values of any kind; those of JSON are strings.
// It is not safe for concurrent use.
type Map struct {
	entries []entry
	index   map[any]int // from mapKey to the place in entries; nil while there are few
	changes int
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
		m.index[mapKey(key)] = len(m.entries) - 1
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
	m.entries = append(m.entries[:i:i], m.entries[i+1:]...)
	m.changes++
	m.index = nil
	if len(m.entries) > fewEntries {
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

func (m *Map) clear() {
	m.entries, m.index = nil, nil
	m.changes++
}

func (m *Map) reindex() {
	m.index = make(map[any]int, 2*len(m.entries))
	for i, e := range m.entries {
		m.index[mapKey(e.key)] = i
	}
}

func (m *Map) find(key Value) int {
	if s, ok := key.(string); ok && m.index == nil {
		for i := range m.entries {
			if k, ok := m.entries[i].key.(string); ok && k == s {
				return i
			}
		}
		return -1
	}
	k := mapKey(key)
	if m.index != nil {
		if i, ok := m.index[k]; ok {
			return i
		}
		return -1
	}
	for i := range m.entries {
		if mapKey(m.entries[i].key) == k {
			return i
		}
	}
	return -1
}

type (
	floatKey  uint64
	bigKey    string
	structKey struct{ kind, text string }
)

// mapKey is something comparable that is the same for keys that are equal in Java.
func mapKey(v Value) any {
	switch v := v.(type) {
	case nil, bool, int64, string, char:
		return v
	case float64:
		if v != v {
			return floatKey(math.Float64bits(math.NaN()))
		}
		return floatKey(math.Float64bits(v))
	case *big.Int:
		return bigKey(v.String())
	case *Decimal:
		return structKey{"decimal", v.String()}
	case *List, *Map:
		if text, err := appendText(nil, v, maxKeyText); err == nil {
			return structKey{className(v), string(text)}
		}
		return v // too long to be looked at each time: only equal to itself
	}
	if t := reflect.TypeOf(v); t.Kind() == reflect.Pointer {
		return v
	}
	return structKey{className(v), String(v)}
}

// maxKeyText is up to which length the text of a list or map tells it as a key.
const maxKeyText = 1 << 12

// chargeKey charges for looking up a key.
func (x *exec) chargeKey(key Value) error {
	switch key := key.(type) {
	case *List, *Map, *big.Int, *Decimal:
		return x.charge(8 * maxKeyText)
	case string:
		return x.charge(len(key))
	}
	return nil
}
