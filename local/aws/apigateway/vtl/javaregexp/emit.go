package javaregexp

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// needs is what a pattern asks of an engine, or of an input.
type needs struct {
	backtracking  bool // has what Go's regexp has not
	asciiInput    bool // has \b, which Go's regexp knows for ASCII only
	noFinalNewine bool // has $, which may match in front of a final newline
}

// inspect finds out what a pattern needs.
func inspect(n node, out *needs) {
	switch n := n.(type) {
	case group:
		inspect(n.body, out)
	case sequence:
		for _, c := range n {
			inspect(c, out)
		}
	case choice:
		for _, c := range n {
			inspect(c, out)
		}
	case repeat:
		if n.possessive || n.min > 1000 || n.max > 1000 || n.max != 1 && nullable(n.body) {
			out.backtracking = true
		}
		inspect(n.body, out)
	case atomic, look, backref, never:
		out.backtracking = true
	case anchor:
		switch n.kind {
		case lineStart, lineEnd, lastMatch:
			out.backtracking = true
		case wordBoundary, noBoundary:
			out.asciiInput = true
		case atLastLine:
			out.noFinalNewine = true
		}
	}
}

// emitter writes a pattern for one engine.
type emitter struct {
	strings.Builder
	dotNet bool // for regexp2, else for Go's regexp
}

func emit(n node, dotNet bool) string {
	e := emitter{dotNet: dotNet}
	e.node(n)
	return e.String()
}

func (e *emitter) node(n node) {
	switch n := n.(type) {
	case one:
		e.set(n.set)
	case sequence:
		for _, c := range n {
			e.node(c)
		}
	case choice:
		e.WriteString("(?:")
		for i, c := range n {
			if i > 0 {
				e.WriteByte('|')
			}
			e.node(c)
		}
		e.WriteByte(')')
	case group:
		e.around("(", n.body)
	case atomic:
		e.around("(?>", n.body)
	case look:
		e.look(n)
	case repeat:
		e.repeat(n)
	case backref:
		if n.insensitive {
			fmt.Fprintf(e, `(?i:\%d)`, n.group)
		} else {
			fmt.Fprintf(e, `(?:\%d)`, n.group)
		}
	case never:
		e.WriteString("(?!)")
	case anchor:
		e.anchor(n)
	}
}

func (e *emitter) around(open string, body node) {
	e.WriteString(open)
	e.node(body)
	e.WriteByte(')')
}

func (e *emitter) look(l look) {
	open := "(?"
	if l.behind {
		open += "<"
	}
	if l.negated {
		open += "!"
	} else {
		open += "="
	}
	e.around(open, l.body)
}

func (e *emitter) repeat(r repeat) {
	if r.possessive {
		e.WriteString("(?>")
	}
	e.around("(?:", r.body)
	switch {
	case r.min == 0 && r.max == 1:
		e.WriteByte('?')
	case r.min == 0 && r.max < 0:
		e.WriteByte('*')
	case r.min == 1 && r.max < 0:
		e.WriteByte('+')
	case r.max < 0:
		fmt.Fprintf(e, "{%d,}", r.min)
	default:
		fmt.Fprintf(e, "{%d,%d}", r.min, r.max)
	}
	if r.lazy {
		e.WriteByte('?')
	}
	if r.possessive {
		e.WriteByte(')')
	}
}

// The anchors of Java in terms of look-around. Between \r and \n there is neither start nor end of a line.
const (
	lineStartPattern = `(?:\A|(?<=\n|\r(?!\n)|[\u0085\u2028\u2029])(?!\z))`
	lineEndPattern   = `(?:\z|(?=[\r\u0085\u2028\u2029])|(?<!\r)(?=\n))`
	lastLinePattern  = `(?:\z|(?=(?:\r\n|[\r\u0085\u2028\u2029])\z)|(?<!\r)(?=\n\z))`
)

func (e *emitter) anchor(a anchor) {
	switch a.kind {
	case atStart:
		e.WriteString(`\A`)
	case atEnd:
		e.WriteString(`\z`)
	case lastMatch:
		e.WriteString(`\G`)
	case atLastLine:
		switch {
		case !e.dotNet:
			e.WriteString(`\z`)
		case a.unix:
			e.WriteString(`(?=\n?\z)`)
		default:
			e.WriteString(lastLinePattern)
		}
	case lineStart:
		if a.unix {
			e.WriteString(`(?:\A|(?<=\n)(?!\z))`)
		} else {
			e.WriteString(lineStartPattern)
		}
	case lineEnd:
		if a.unix {
			e.WriteString(`(?:\z|(?=\n))`)
		} else {
			e.WriteString(lineEndPattern)
		}
	default:
		e.boundary(a.kind == noBoundary)
	}
}

func (e *emitter) boundary(negated bool) {
	switch {
	case !e.dotNet && negated:
		e.WriteString(`\B`)
	case !e.dotNet:
		e.WriteString(`\b`)
	default:
		w := emitSet(boundaryChar(), true)
		inside := fmt.Sprintf(`(?<=%s)(?=%s)|(?<!%s)(?!%s)`, w, w, w, w)
		if negated {
			e.WriteString("(?:" + inside + ")")
		} else {
			e.WriteString("(?!" + inside + ")")
		}
	}
}

func (e *emitter) set(s set) { e.WriteString(emitSet(s, e.dotNet)) }

func emitSet(s set, dotNet bool) string {
	if r, ok := s.single(); ok {
		return emitChar(r, dotNet)
	}
	if len(s) == 0 {
		if dotNet {
			return "(?!)"
		}
		return `[^\x00-\x{10FFFF}]`
	}
	var b strings.Builder
	b.WriteByte('[')
	for _, x := range s {
		b.WriteString(emitChar(x.lo, dotNet))
		if x.hi > x.lo {
			b.WriteByte('-')
			b.WriteString(emitChar(x.hi, dotNet))
		}
	}
	b.WriteByte(']')
	return b.String()
}

// emitChar writes a character so that it means itself in and outside of a class.
func emitChar(r rune, dotNet bool) string {
	switch {
	case r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z':
		return string(r)
	case !dotNet:
		return fmt.Sprintf(`\x{%X}`, r)
	case r <= 0xFFFF:
		return fmt.Sprintf(`\u%04X`, r)
	case r <= utf8.MaxRune:
		return string(r)
	}
	return ""
}
