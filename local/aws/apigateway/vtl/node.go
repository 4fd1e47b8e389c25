package vtl

import "strings"

// node is a part of a template that renders.
type node interface {
	render(x *exec) error
}

// expr is a part of a template that has a value.
type expr interface {
	value(x *exec) (Value, error)
	// truth is what #if makes of it. It is not always the truth of the value: a string or number literal is false.
	truth(x *exec) (bool, error)
}

// text renders itself.
type text string

func (t text) render(x *exec) error {
	return x.writeString(string(t))
}

// block is statements one after another.
type block []node

// add appends a statement; text that follows text is joined to it.
func (b block) add(n node) block {
	t, ok := n.(text)
	if !ok {
		return append(b, n)
	}
	if t == "" {
		return b
	}
	if i := len(b) - 1; i >= 0 {
		if before, ok := b[i].(*textRun); ok {
			before.parts = append(before.parts, string(t))
			return b
		}
	}
	return append(b, &textRun{parts: []string{string(t)}})
}

// textRun is text that is still being joined.
type textRun struct {
	parts []string
}

func (t *textRun) render(*exec) error { panic("text was not joined") }

// seal joins text.
func (b block) seal() block {
	for i, n := range b {
		if t, ok := n.(*textRun); ok {
			b[i] = text(strings.Join(t.parts, ""))
		}
	}
	return b
}

func (b block) render(x *exec) error {
	for _, n := range b {
		if err := n.render(x); err != nil {
			return err
		}
	}
	return nil
}

// literal is a value that stands in the template.
type literal struct{ v Value }

func (l literal) value(*exec) (Value, error) { return l.v, nil }

func (l literal) truth(*exec) (bool, error) {
	b, ok := l.v.(bool)
	return b && ok, nil
}

// interpolation is a double-quoted string with references or directives in it.
type interpolation struct {
	body   block
	padded bool // the source ends with a space that is not part of the string
	at     place
}

func (s *interpolation) value(x *exec) (Value, error) {
	if err := x.spend(1, s.at); err != nil {
		return nil, err
	}
	v, err := x.capture(func() error { return s.body.render(x) })
	if s.padded && v != "" {
		v = v[:len(v)-1]
	}
	return result(v, err)
}

func (s *interpolation) truth(*exec) (bool, error) { return false, nil }

// referenceString is a double-quoted string that is a single reference: if that has a string for a value, it is not copied.
type referenceString struct{ *reference }

func (s referenceString) value(x *exec) (Value, error) {
	v, err := s.reference.value(x)
	if _, ok := v.(string); ok || err != nil {
		return v, err
	}
	return result(x.capture(func() error { return x.fail(s.at, s.write(x, v)) }))
}

func (s referenceString) truth(*exec) (bool, error) { return false, nil }

// newInterpolation is the string with a body, whose source ends with a space that is not part of it if it is padded.
func newInterpolation(body block, padded bool, at place) expr {
	if len(body) == 2 && body[1] == node(text(" ")) && padded {
		if r, ok := body[0].(*reference); ok && !r.escaped && r.escPrefix == "" {
			return referenceString{r}
		}
	}
	return &interpolation{body, padded, at}
}

// listLiteral is [a, b].
type listLiteral struct {
	items []expr
	at    place
}

func (l *listLiteral) value(x *exec) (Value, error) {
	if err := x.spend(len(l.items)+1, l.at); err != nil {
		return nil, err
	}
	items := make([]Value, len(l.items))
	for i, e := range l.items {
		v, err := e.value(x)
		if err != nil {
			return nil, err
		}
		items[i] = v
	}
	return NewList(items...), nil
}

func (l *listLiteral) truth(*exec) (bool, error) { return false, nil }

// mapLiteral is {a: b}.
type mapLiteral struct {
	keys, values []expr
	at           place
}

func (m *mapLiteral) value(x *exec) (Value, error) {
	if err := x.spend(len(m.keys)+1, m.at); err != nil {
		return nil, err
	}
	result := NewMap()
	for i, e := range m.keys {
		k, err := e.value(x)
		if err != nil {
			return nil, err
		}
		v, err := m.values[i].value(x)
		if err == nil {
			err = x.checkKey(k)
		}
		if err != nil {
			return nil, x.fail(m.at, err)
		}
		result.Put(k, v)
	}
	return result, nil
}

func (m *mapLiteral) truth(*exec) (bool, error) { return false, nil }

// rangeLiteral is [from..to], up or down.
type rangeLiteral struct {
	from, to expr
	at       place
}

func (r *rangeLiteral) value(x *exec) (Value, error) {
	from, err := r.from.value(x)
	if err != nil {
		return nil, err
	}
	to, err := r.to.value(x)
	if err != nil {
		return nil, err
	}
	if !isNumber(from) || !isNumber(to) {
		return nil, nil
	}
	a, b := int64(toInt32(from)), int64(toInt32(to))
	n, step := b-a, int64(1)
	if a >= b {
		n, step = a-b, -1
	}
	if err := x.spend(int(n)+1, r.at); err != nil {
		return nil, err
	}
	items := make([]Value, n+1)
	for i := range items {
		items[i] = a + int64(i)*step
	}
	return NewList(items...), nil
}

func (r *rangeLiteral) truth(*exec) (bool, error) { return false, nil }
