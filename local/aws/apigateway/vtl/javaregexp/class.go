package javaregexp

import "strings"

// class parses what follows [ up to its ]. ^ negates all of it, intersections included.
func (p *parser) class() set {
	if p.depth++; p.depth > maxDepth {
		p.fail("Nested more than %d deep", maxDepth)
	}
	negated := p.accept('^')
	s := p.classItems()
	if !p.accept(']') {
		p.fail("Unclosed character class")
	}
	p.depth--
	if negated {
		return s.negate()
	}
	return s
}

// classItems parses members and intersections up to a ].
func (p *parser) classItems() set {
	var s set
	for first := true; ; first = false {
		c := p.peek()
		switch {
		case !p.more():
			p.fail("Unclosed character class")
		case c == ']' && !first:
			return s
		case c == '[':
			p.take()
			s = union(s, p.class())
		case c == '&' && strings.HasPrefix(p.src[p.i:], "&&"):
			for strings.HasPrefix(p.src[p.i:], "&&") {
				p.i += 2
			}
			right, some := p.intersected()
			switch {
			case some && first:
				s = right
			case some:
				s = s.and(right)
			case first:
				p.fail("Bad class syntax")
			}
		default:
			s = union(s, p.classRange())
		}
	}
}

// intersected parses the right side of &&; false if there is none.
func (p *parser) intersected() (s set, some bool) {
	for {
		c := p.peek()
		switch {
		case !p.more():
			p.fail("Unclosed character class")
		case c == ']' || c == '&' && strings.HasPrefix(p.src[p.i:], "&&"):
			return s, some
		case c == '[':
			p.take()
			s, some = union(s, p.class()), true
		default:
			s, some = union(s, p.classRange()), true
		}
	}
}

// classRange parses one character, escape or range of a class.
func (p *parser) classRange() set {
	s, class := p.classChar()
	if class {
		return s
	}
	rest := p.src[p.i:]
	if !strings.HasPrefix(rest, "-") || len(rest) < 2 || rest[1] == ']' || rest[1] == '[' {
		return p.cased(s)
	}
	p.take()
	to, class := p.classChar()
	if class {
		p.fail("Illegal character range")
	}
	if len(s) == 0 || len(to) == 0 {
		return nil
	}
	if to[0].lo < s[0].lo {
		p.fail("Illegal character range")
	}
	return p.cased(chars(s[0].lo, to[0].lo))
}

func (p *parser) classChar() (s set, class bool) {
	c := p.peek()
	if c != '\\' {
		p.take()
		return chars(c, c), false
	}
	if strings.HasPrefix(p.src[p.i:], `\Q`) {
		p.i += 2
		text, _, found := strings.Cut(p.src[p.i:], `\E`)
		p.i += len(text)
		if found {
			p.i += 2
		}
		return p.cased(of(text)), true
	}
	return p.escapedSet()
}
