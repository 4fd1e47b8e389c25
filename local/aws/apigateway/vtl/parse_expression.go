package vtl

import (
	"math/big"
	"strconv"
	"strings"
	"unicode/utf16"
)

// operator joins two operands.
type operator uint8

const (
	opNone operator = iota
	opOr
	opAnd
	opEqual
	opNotEqual
	opLess
	opGreater
	opLessEqual
	opGreaterEqual
	opPlus
	opMinus
	opMultiply
	opDivide
	opModulo
)

// symbols are how operators are written, longest first where one begins another.
var symbols = []struct {
	text string
	op   operator
}{
	{"&&", opAnd}, {"||", opOr}, {"<=", opLessEqual}, {"<", opLess}, {">=", opGreaterEqual}, {">", opGreater}, {"==", opEqual},
	{"!=", opNotEqual}, {"-", opMinus}, {"+", opPlus}, {"*", opMultiply}, {"/", opDivide}, {"%", opModulo},
}

var words = map[string]operator{
	"and": opAnd, "or": opOr, "lt": opLess, "le": opLessEqual, "gt": opGreater, "ge": opGreaterEqual, "eq": opEqual, "ne": opNotEqual,
}

// ranks are the operators that bind alike, loosest first.
var ranks = [...][2]operator{{opOr, opOr}, {opAnd, opAnd}, {opEqual, opNotEqual}, {opLess, opGreaterEqual}, {opPlus, opMinus}, {opMultiply, opModulo}}

// operator is the operator that is next, and its length.
func (p *parser) operator() (operator, int) {
	rest := p.rest()
	if n, _ := numberLength(rest); n > 0 { // 5-3 is two numbers in Velocity
		return opNone, 0
	}
	if n := plainWordLength(rest); n > 0 {
		return words[rest[:n]], n
	}
	for _, s := range symbols {
		if strings.HasPrefix(rest, s.text) {
			return s.op, len(s.text)
		}
	}
	return opNone, 0
}

// expression parses what stands in #if() and to the right of = in #set().
func (p *parser) expression() expr { return p.binary(0) }

// binary parses operands joined by operators of a rank, which are worked out from left to right.
func (p *parser) binary(rank int) expr {
	if rank == len(ranks) {
		return p.unary()
	}
	e := p.binary(rank + 1)
	var c *binary
	for {
		op, n := p.operator()
		if op < ranks[rank][0] || op > ranks[rank][1] {
			return e
		}
		o := operation{op: op, at: p.place(p.pos), leftLiteral: p.operand}
		p.pos += n
		start := p.pos
		o.right = p.binary(rank + 1)
		o.rightLiteral = p.operand
		p.operand = p.src[start:p.pos]
		switch {
		case op == opOr || op == opAnd:
			e = joinLogic(e, o.right, op == opAnd)
		case c == nil:
			c = &binary{first: e, rest: []operation{o}}
			e = c
		default:
			c.rest = append(c.rest, o)
		}
	}
}

func (p *parser) unary() expr {
	p.enter()
	defer p.leave()
	p.space()
	start := p.pos
	var e expr
	switch word := p.rest()[:plainWordLength(p.rest())]; {
	case word == "not", p.next() == '!' && !strings.HasPrefix(p.rest(), "!="):
		p.pos += max(len(word), 1)
		start = p.pos
		e = &not{p.unary()}
		p.operand = p.src[start:p.pos]
		return e
	case p.accept("("):
		start = p.pos
		e = p.expression()
		p.operand = p.src[start:p.pos]
		p.expect(")")
		p.lineEnd()
	default:
		e = p.primary()
		p.operand = p.src[start:p.pos]
	}
	p.space()
	return e
}

// primary parses a literal or a reference.
func (p *parser) primary() expr {
	rest := p.rest()
	if n, float := numberLength(rest); n > 0 {
		return numberLiteral(p.take(n), float)
	}
	switch p.next() {
	case '$':
		return p.reference(p.pos)
	case '"', '\'':
		return p.stringLiteral()
	case '[':
		return p.listOrRange()
	case '{':
		return p.mapLiteral()
	}
	if word := rest[:plainWordLength(rest)]; word == "true" || word == "false" {
		p.pos += len(word)
		return literal{word == "true"}
	}
	p.unexpected()
	return nil
}

func numberLiteral(s string, float bool) expr {
	if float {
		f, _ := strconv.ParseFloat(s, 64) // Java's Double takes any such literal, infinite ones included
		return literal{f}
	}
	n, _ := new(big.Int).SetString(s, 10)
	return literal{integerOf(n)}
}

// listOrRange parses [a, b] or [a..b].
func (p *parser) listOrRange() expr {
	at := p.place(p.pos)
	p.expect("[")
	l := &listLiteral{at: at}
	for p.next() != ']' {
		l.items = append(l.items, p.parameter())
		if len(l.items) == 1 && isEndpoint(l.items[0]) && p.accept("..") {
			r := &rangeLiteral{at: at, from: l.items[0], to: p.parameter()}
			if !isEndpoint(r.to) {
				p.fail(p.pos, "parsing template: a range ends with an integer or a reference")
			}
			p.expect("]")
			return r
		}
		if !p.accept(",") {
			break
		} else if p.next() == ']' {
			p.unexpected()
		}
	}
	p.expect("]")
	return l
}

func isEndpoint(e expr) bool {
	switch e := e.(type) {
	case *reference:
		return true
	case literal:
		return isInteger(e.v)
	}
	return false
}

func (p *parser) mapLiteral() expr {
	m := &mapLiteral{at: p.place(p.pos)}
	p.expect("{")
	p.space()
	for first := true; first && p.next() != '}' || !first && p.accept(","); first = false {
		m.keys = append(m.keys, p.parameter())
		p.expect(":")
		m.values = append(m.values, p.parameter())
	}
	p.expect("}")
	return m
}

// stringLiteral parses a string; what a double-quoted one contains is a template itself.
func (p *parser) stringLiteral() expr {
	p.enter()
	defer p.leave()
	start := p.pos
	n := stringLength(p.rest())
	if n == 0 {
		p.unexpected()
	}
	image := p.take(n)
	quote, s := image[:1], image[1:n-1]
	interpolate := quote == `"` && strings.ContainsAny(s, "$#")
	if quote == `"` {
		s = p.unescapeUnicode(s, start)
	}
	s = strings.ReplaceAll(s, quote+quote, quote)
	if !interpolate {
		return literal{s}
	}
	comment := strings.Contains(s, "##")
	if !comment {
		s += " " // so that it never ends within a reference; taken off what is rendered
	}
	sub := &parser{src: s, names: p.names, base: p.base + start + 1, depth: p.depth}
	return newInterpolation(sub.parse(), !comment, p.place(start))
}

// unescapeUnicode replaces \uXXXX, the only escape that strings have.
func (p *parser) unescapeUnicode(s string, pos int) string {
	if !strings.Contains(s, `\u`) {
		return s
	}
	var units []uint16
	for {
		before, after, found := strings.Cut(s, `\u`)
		units = append(units, utf16.Encode([]rune(before))...)
		if !found {
			return string(utf16.Decode(units))
		}
		r, ok := hexRune(after)
		if !ok {
			p.fail(pos, `parsing template: \u needs four hexadecimal digits`)
		}
		units = append(units, uint16(r))
		s = after[4:]
	}
}
