package vtl

import (
	"slices"
	"strconv"
	"strings"
)

// expression parses what stands in #if() and to the right of = in #set().
func (p *parser) expression() expr { return p.or() }

func (p *parser) or() expr {
	left := p.and()
	for p.skip(kOr) {
		left = joinLogic(left, p.and(), false)
	}
	return left
}

func (p *parser) and() expr {
	left := p.equality()
	for p.skip(kAnd) {
		left = joinLogic(left, p.equality(), true)
	}
	return left
}

func (p *parser) equality() expr {
	return p.chain(p.relation, kEQ, kNE)
}

func (p *parser) relation() expr {
	return p.chain(p.sum, kLT, kGT, kLE, kGE)
}

func (p *parser) sum() expr {
	return p.chain(p.product, kPlus, kMinus)
}

func (p *parser) product() expr {
	return p.chain(p.unary, kMultiply, kDivide, kModulus)
}

// chain parses operands joined by operators of one rank, which are worked out from left to right.
// The literals are what + joins to a string when the other side has no value.
func (p *parser) chain(operand func() expr, operators ...kind) expr {
	e := operand()
	if !slices.Contains(operators, p.peek()) {
		return e
	}
	c := &chain{first: e}
	for slices.Contains(operators, p.peek()) {
		left := p.spanLiteral()
		i := p.next()
		start := p.last + 1
		op := operation{op: p.toks[i].kind, at: p.place(p.toks[i].pos), right: operand()}
		if op.op == kPlus {
			op.leftLiteral, op.rightLiteral = left, p.spanLiteral()
		}
		p.span = [2]int{start, p.last}
		c.rest = append(c.rest, op)
	}
	return c
}

// spanLiteral is the source of the operand parsed last.
func (p *parser) spanLiteral() string {
	var b strings.Builder
	for i := p.span[0]; i <= p.span[1]; i++ {
		b.WriteString(p.toks[i].literal())
	}
	return b.String()
}

func (p *parser) unary() expr {
	p.enter()
	defer p.leave()
	if p.scan(2, scanNot) {
		p.skip(kWhitespace)
		p.expect(kNot)
		start := p.last + 1
		e := &not{p.unary()}
		p.span = [2]int{start, p.last}
		return e
	}
	p.skip(kWhitespace)
	start := p.last + 1
	var e expr
	switch k := p.peek(); k {
	case kString, kInteger, kTrue, kFalse, kIdentifier, kLCurly, kFloat, kLBracket, kLeftCurly:
		e = p.primary(k)
		p.span = [2]int{start, p.last}
	case kLParen:
		p.next()
		e = p.expression()
		p.span = [2]int{start + 1, p.last}
		p.expect(kRParen)
	default:
		p.unexpected()
	}
	p.skip(kWhitespace)
	return e
}

// primary parses a literal or a reference; k is the token that is next.
func (p *parser) primary(k kind) expr {
	switch k {
	case kIdentifier, kLCurly:
		return p.reference()
	case kString:
		return p.stringLiteral()
	case kTrue, kFalse:
		p.next()
		return literal{k == kTrue}
	case kInteger:
		t := p.toks[p.next()]
		return literal{parseInteger(t.image)}
	case kFloat:
		t := p.toks[p.next()]
		// Java's Double takes any such literal, infinite ones included
		f, _ := strconv.ParseFloat(t.image, 64)
		return literal{f}
	case kLBracket:
		if p.scan(unlimited, scanRangeStart) {
			return p.rangeLiteral()
		}
		return p.listLiteral()
	}
	return p.mapLiteral()
}

func (p *parser) rangeLiteral() expr {
	r := &rangeLiteral{at: p.place(p.toks[p.expect(kLBracket)].pos)}
	r.from = p.endpoint()
	p.expect(kDoubleDot)
	r.to = p.endpoint()
	p.expect(kRBracket)
	return r
}

func (p *parser) endpoint() expr {
	p.skip(kWhitespace)
	var e expr
	switch k := p.peek(); k {
	case kIdentifier, kLCurly, kInteger:
		e = p.primary(k)
	default:
		p.unexpected()
	}
	p.skip(kWhitespace)
	return e
}

func (p *parser) listLiteral() expr {
	l := &listLiteral{at: p.place(p.toks[p.expect(kLBracket)].pos)}
	if p.startsParameter() {
		l.items = append(l.items, p.parameter())
		for p.skip(kComma) {
			l.items = append(l.items, p.parameter())
		}
	}
	p.expect(kRBracket)
	return l
}

func (p *parser) mapLiteral() expr {
	m := &mapLiteral{at: p.place(p.toks[p.expect(kLeftCurly)].pos)}
	if p.scan(2, scanPair) {
		p.pair(m)
		for p.skip(kComma) {
			p.pair(m)
		}
	} else {
		p.skip(kWhitespace)
	}
	if !p.skip(kRightCurly) {
		p.expect(kRCurly)
	}
	return m
}

func (p *parser) pair(m *mapLiteral) {
	m.keys = append(m.keys, p.parameter())
	p.expect(kColon)
	m.values = append(m.values, p.parameter())
}
