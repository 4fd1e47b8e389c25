package javaregexp

import (
	"fmt"
	"unicode/utf8"
)

// node is a part of a parsed pattern.
type node interface{}

type (
	one      struct{ set set } // one character of a set
	sequence []node
	choice   []node
	group    struct{ body node } // capturing; numbered in the order of opening
	atomic   struct{ body node }
	look     struct {
		body            node
		behind, negated bool
	}
	repeat struct {
		body       node
		min, max   int // max -1: no end
		lazy       bool
		possessive bool
	}
	backref struct {
		group       int
		insensitive bool
	}
	never  struct{} // what never matches
	anchor struct {
		kind anchorKind
		unix bool // only \n ends a line
	}
)

type anchorKind uint8

const (
	atStart      anchorKind = iota // \A
	atEnd                          // \z
	atLastLine                     // $ and \Z: the end, or before the line terminator that ends the input
	lineStart                      // ^ with MULTILINE
	lineEnd                        // $ with MULTILINE
	wordBoundary                   // \b
	noBoundary                     // \B
	lastMatch                      // \G
)

const (
	maxPattern = 32 << 10 // bytes
	maxDepth   = 100
	maxRepeat  = 100_000
)

// flags are those of (?idmsuxU).
type flags struct {
	insensitive, unix, multiline, dotall, unicodeCase, comments, unicodeClass bool
}

type parser struct {
	src    string
	i      int
	flags  flags
	groups int
	names  map[string]int
	depth  int
}

// SyntaxError is a pattern that Java would refuse, or that this package does not know.
type SyntaxError struct {
	Problem string
	Index   int // in bytes, from 0
	Pattern string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("java.util.regex.PatternSyntaxException: %s near index %d of %q", e.Problem, e.Index, shorten(e.Pattern))
}

func shorten(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	n := most
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// fail leaves the parser; parse turns the panic into an error.
func (p *parser) fail(format string, args ...any) {
	panic(&SyntaxError{fmt.Sprintf(format, args...), p.i, p.src})
}

func (p *parser) parse() (n node, err error) {
	defer func() {
		if r := recover(); r != nil {
			s, ok := r.(*SyntaxError)
			if !ok {
				panic(r)
			}
			err = s
		}
	}()
	if len(p.src) > maxPattern {
		p.fail("Pattern of more than %d bytes", maxPattern)
	}
	n = p.choice()
	if p.i < len(p.src) {
		p.fail("Unmatched closing ')'")
	}
	return n, nil
}

func (p *parser) more() bool { return p.i < len(p.src) }

// peek is the next character, after white space and comments if they are to be skipped; 0 at the end.
func (p *parser) peek() rune {
	for p.flags.comments && p.more() {
		switch c := p.src[p.i]; {
		case c == ' ' || c >= '\t' && c <= '\r':
			p.i++
		case c == '#':
			for p.more() && p.src[p.i] != '\n' && p.src[p.i] != '\r' {
				p.i++
			}
		default:
			return p.at()
		}
	}
	return p.at()
}

// at is the next character as it is.
func (p *parser) at() rune {
	if !p.more() {
		return 0
	}
	r, _ := utf8.DecodeRuneInString(p.src[p.i:])
	return r
}

func (p *parser) take() rune {
	r, n := utf8.DecodeRuneInString(p.src[p.i:])
	p.i += n
	return r
}

func (p *parser) accept(r rune) bool {
	if p.more() && p.at() == r {
		p.take()
		return true
	}
	return false
}

func (p *parser) choice() node {
	if p.depth++; p.depth > maxDepth {
		p.fail("Nested more than %d deep", maxDepth)
	}
	before := p.flags
	alternatives := choice{p.sequence()}
	for p.accept('|') {
		alternatives = append(alternatives, p.sequence())
	}
	p.flags = before
	p.depth--
	if len(alternatives) == 1 {
		return alternatives[0]
	}
	return alternatives
}

func (p *parser) sequence() node {
	var s sequence
	for {
		c := p.peek()
		if !p.more() || c == '|' || c == ')' {
			return s
		}
		if c == '*' || c == '+' || c == '?' {
			p.fail("Dangling meta character '%c'", c)
		}
		n, quantifiable := p.atom(c)
		if quantifiable {
			n = p.quantifier(n)
		}
		if n != nil {
			s = append(s, n)
		}
	}
}

// atom parses one thing that can be repeated. A { without anything in front repeats nothing, in Java.
func (p *parser) atom(c rune) (n node, quantifiable bool) {
	switch c {
	case '(':
		p.take()
		return p.group()
	case '[':
		p.take()
		return one{p.class()}, true
	case '\\':
		return p.escape()
	case '^':
		p.take()
		if p.flags.multiline {
			return anchor{lineStart, p.flags.unix}, true
		}
		return anchor{kind: atStart}, true
	case '$':
		p.take()
		if p.flags.multiline {
			return anchor{lineEnd, p.flags.unix}, true
		}
		return anchor{atLastLine, p.flags.unix}, true
	case '.':
		p.take()
		return one{p.dot()}, true
	case '{':
		return sequence{}, true
	}
	return one{p.cased(chars(p.take(), c))}, true
}

func (p *parser) dot() set {
	switch {
	case p.flags.dotall:
		return chars(0, utf8.MaxRune)
	case p.flags.unix:
		return of("\n").negate()
	}
	return terminator.negate()
}

// cased widens a set if case does not matter.
func (p *parser) cased(s set) set {
	if p.flags.insensitive {
		return s.anyCase(p.flags.unicodeCase || p.flags.unicodeClass)
	}
	return s
}

func (p *parser) quantifier(n node) node {
	r := repeat{body: n}
	switch p.peek() {
	case '?':
		r.min, r.max = 0, 1
	case '*':
		r.min, r.max = 0, -1
	case '+':
		r.min, r.max = 1, -1
	case '{':
		p.take()
		p.bounds(&r)
	default:
		return n
	}
	p.take()
	switch p.peek() {
	case '?':
		p.take()
		r.lazy = true
	case '+':
		p.take()
		r.possessive = true
	}
	return r
}

// bounds parses {n}, {n,} and {n,m} up to the closing brace.
func (p *parser) bounds(r *repeat) {
	r.min = p.count()
	r.max = r.min
	if p.accept(',') {
		r.max = -1
		if p.at() != '}' {
			r.max = p.count()
		}
	}
	if p.at() != '}' {
		p.fail("Unclosed counted closure")
	}
	if r.max >= 0 && r.max < r.min {
		p.fail("Illegal repetition range")
	}
}

func (p *parser) count() int {
	if c := p.at(); c < '0' || c > '9' {
		p.fail("Illegal repetition")
	}
	n := 0
	for p.at() >= '0' && p.at() <= '9' {
		if n = n*10 + int(p.take()-'0'); n > maxRepeat {
			p.fail("Illegal repetition range")
		}
	}
	return n
}
