package vtl

// List is a java.util.ArrayList. It is not safe for concurrent use.
type List struct {
	items []Value
}

// NewList makes a list of the values, which it keeps (no copy).
func NewList(items ...Value) *List { return &List{items: items} }

// Len is the number of items.
func (l *List) Len() int { return len(l.items) }

// At is the item at index i, from 0; it panics outside of 0..Len()-1.
func (l *List) At(i int) Value { return l.items[i] }

// Append adds an item at the end.
func (l *List) Append(v Value) { l.items = append(l.items, v) }

// Items are the items, shared with the list.
func (l *List) Items() []Value { return l.items }
