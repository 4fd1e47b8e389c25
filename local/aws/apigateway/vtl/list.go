package vtl

// List is a java.util.ArrayList. It is not safe for concurrent use.
type List struct {
	items   []Value
	changes int      // structural ones: what ends a #foreach over the list with an error
	kind    listKind // how it renders
}

type listKind uint8

const (
	arrayList listKind = iota // [a, b]
	jsonArray                 // ["a","b"], what ParseJSON makes
	javaArray                 // an array, such as split returns: no method changes its length
)

// NewList makes a list of the values, which it keeps (no copy). It renders as Java's lists do: [a, b].
func NewList(items ...Value) *List { return &List{items: items} }

// NewJSONList makes a list like those in what ParseJSON returns: it renders as JSON.
func NewJSONList(items ...Value) *List { return &List{items: items, kind: jsonArray} }

func newArray(items []Value) *List { return &List{items: items, kind: javaArray} }

// Len is the number of items.
func (l *List) Len() int { return len(l.items) }

// At is the item at index i, from 0; it panics outside of 0..Len()-1.
func (l *List) At(i int) Value { return l.items[i] }

// Append adds items at the end.
func (l *List) Append(items ...Value) {
	l.items = append(l.items, items...)
	l.changes++
}

// Items are the items, shared with the list.
func (l *List) Items() []Value { return l.items }

func (l *List) insert(i int, items ...Value) {
	grown := make([]Value, 0, len(l.items)+len(items))
	grown = append(append(append(grown, l.items[:i]...), items...), l.items[i:]...)
	l.items = grown
	l.changes++
}

func (l *List) removeAt(i int) Value {
	v := l.items[i]
	l.items = append(l.items[:i], l.items[i+1:]...)
	l.changes++
	return v
}
