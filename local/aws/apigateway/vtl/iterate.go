package vtl

// iterator is what #foreach goes through, and what iterator() returns.
type iterator interface {
	hasNext() bool
	next() (Value, error)
}

// Iterable is an Object that #foreach can go through. Without it an Object is skipped.
type Iterable interface {
	Items() []Value
}

// iterate is how Java's collections, maps (their values), arrays and iterators are gone through. Other values are not: false.
func iterate(v Value) (iterator, bool) {
	switch v := v.(type) {
	case *List:
		return &listIterator{list: v, changes: v.changes}, true
	case *Map:
		return v.view(valuesView).iterator(), true
	case *mapView:
		return v.iterator(), true
	case *foreachScope:
		return v.storage().view(valuesView).iterator(), true
	case *javaIterator:
		return v.iterator, true
	case Iterable:
		l := NewList(v.Items()...)
		return &listIterator{list: l, changes: l.changes}, true
	}
	return nil, false
}

type listIterator struct {
	list    *List
	i       int
	changes int
	// removable: next was called, and its item not removed since
	removable bool
}

func (it *listIterator) hasNext() bool { return it.i != it.list.Len() }

func (it *listIterator) next() (Value, error) {
	if it.changes != it.list.changes || it.i >= it.list.Len() {
		return nil, errChanged
	}
	it.i++
	it.removable = true
	return it.list.items[it.i-1], nil
}

type mapIterator struct {
	view    *mapView
	i       int
	changes int
	end     bool // the last entry was reached: what is put after that is not gone through
	// removable: as in listIterator
	removable bool
}

func (it *mapIterator) hasNext() bool { return !it.end }

func (it *mapIterator) next() (Value, error) {
	m := it.view.m
	if it.changes != m.changes || it.i >= m.Len() {
		return nil, errChanged
	}
	it.i++
	it.removable = true
	it.end = it.i >= m.Len()
	return it.view.at(it.i - 1), nil
}

// viewKind is which side of a map a view shows.
type viewKind uint8

const (
	keysView viewKind = iota
	valuesView
	entriesView
)

// mapView is what keySet, values and entrySet return: it shows the map as it is now, and removing from it removes from the map.
type mapView struct {
	m    *Map
	kind viewKind
}

func (m *Map) view(k viewKind) *mapView { return &mapView{m, k} }

func (v *mapView) iterator() iterator {
	return &mapIterator{view: v, changes: v.m.changes, end: v.m.Len() == 0}
}

func (v *mapView) at(i int) Value {
	e := v.m.entries[i]
	switch v.kind {
	case keysView:
		return e.key
	case valuesView:
		return e.value
	}
	return &mapEntry{v.m, e.key, e.value}
}

func (v *mapView) items() []Value {
	items := make([]Value, v.m.Len())
	for i := range items {
		items[i] = v.at(i)
	}
	return items
}

// mapEntry is one entry of entrySet.
type mapEntry struct {
	m          *Map
	key, value Value
}

// current is the value, which may have been put since.
func (e *mapEntry) current() Value {
	if v, ok := e.m.Get(e.key); ok {
		return v
	}
	return e.value
}

// javaIterator is what iterator() returns.
type javaIterator struct{ iterator }
