package javaregexp

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// escape parses \ and what follows, outside of a class.
func (p *parser) escape() (n node, quantifiable bool) {
	start := p.i
	p.take()
	if !p.more() {
		p.fail("Unexpected internal error: the pattern ends with a backslash")
	}
	switch c := p.at(); c {
	case 'A':
		p.take()
		return anchor{kind: atStart}, true
	case 'z':
		p.take()
		return anchor{kind: atEnd}, true
	case 'Z':
		p.take()
		return anchor{atLastLine, p.flags.unix}, true
	case 'G':
		p.take()
		return anchor{kind: lastMatch}, true
	case 'b', 'B':
		p.take()
		if p.at() == '{' {
			p.fail("\\%c{…} is not supported", c)
		}
		return anchor{kind: map[rune]anchorKind{'b': wordBoundary, 'B': noBoundary}[c]}, true
	case 'R':
		p.take()
		return choice{sequence{one{of("\r")}, one{of("\n")}}, one{vertical}}, true
	case 'X', 'N':
		p.fail("\\%c is not supported", c)
	case 'Q':
		p.take()
		return p.quoted(), false
	case 'k':
		p.take()
		return p.namedBackref(), true
	case '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return p.backref(), true
	}
	p.i = start
	s, class := p.escapedSet()
	if !class {
		s = p.cased(s)
	}
	return one{s}, true
}

// quoted parses \Q up to \E; a quantifier after it repeats the last character.
func (p *parser) quoted() node {
	text, _, found := strings.Cut(p.src[p.i:], `\E`)
	p.i += len(text)
	if found {
		p.i += len(`\E`)
	}
	var s sequence
	for _, r := range text {
		s = append(s, one{p.cased(chars(r, r))})
	}
	if n := len(s) - 1; n >= 0 {
		s[n] = p.quantifier(s[n])
	}
	return s
}

func (p *parser) namedBackref() node {
	if !p.accept('<') {
		p.fail("\\k is not followed by '<' for named capturing group")
	}
	name := p.groupName()
	g, ok := p.names[name]
	if !ok {
		p.fail("named capturing group <%s> does not exist", name)
	}
	return backref{g, p.flags.insensitive}
}

// backref parses \1; more digits belong to it as long as there are so many groups.
func (p *parser) backref() node {
	n := int(p.take() - '0')
	for p.at() >= '0' && p.at() <= '9' {
		next := n*10 + int(p.at()-'0')
		if next > p.groups {
			break
		}
		n = next
		p.take()
	}
	if n > p.groups {
		return never{}
	}
	return backref{n, p.flags.insensitive}
}

// escapedSet parses an escape that stands for one character or a class, from its backslash on.
func (p *parser) escapedSet() (s set, class bool) {
	p.take()
	if !p.more() {
		p.fail("Unexpected internal error: the pattern ends with a backslash")
	}
	c := p.take()
	switch c {
	case 'd', 'D', 's', 'S', 'w', 'W', 'h', 'H', 'v', 'V':
		s := p.predefined(unicode.ToLower(c))
		if unicode.IsUpper(c) {
			s = s.negate()
		}
		return s, true
	case 'p', 'P':
		return p.property(c == 'P'), true
	}
	r, ok := p.escapedChar(c)
	if !ok {
		p.fail("Illegal/unsupported escape sequence")
	}
	return chars(r, r), false
}

func (p *parser) predefined(c rune) set {
	if p.flags.unicodeClass {
		switch c {
		case 'd':
			return table(unicode.Nd)
		case 's':
			return table(unicode.White_Space)
		case 'w':
			return union(table(unicode.L), table(unicode.Nl), table(unicode.Other_Alphabetic), table(unicode.M), table(unicode.Nd),
				table(unicode.Pc), table(unicode.Join_Control))
		}
	}
	return map[rune]set{'d': digit, 's': space, 'w': wordChar, 'h': horizontal, 'v': vertical}[c]
}

func (p *parser) property(negated bool) set {
	var name string
	if p.accept('{') {
		end := strings.IndexByte(p.src[p.i:], '}')
		if end < 0 {
			p.fail("Unclosed character family")
		}
		name = p.src[p.i : p.i+end]
		p.i += end + 1
	} else if p.more() {
		name = string(p.take())
	}
	s, ok := property(name, p.flags)
	if !ok {
		p.fail("Unknown character property name {%s}", name)
	}
	if negated {
		return s.negate()
	}
	return s
}

func (p *parser) escapedChar(c rune) (rune, bool) {
	switch c {
	case 't':
		return '\t', true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 'f':
		return '\f', true
	case 'a':
		return '\a', true
	case 'e':
		return 0x1B, true
	case 'c':
		if !p.more() {
			p.fail("Illegal control escape sequence")
		}
		return p.take() ^ 64, true
	case '0':
		return p.octal(), true
	case 'x':
		if p.accept('{') {
			end := strings.IndexByte(p.src[p.i:], '}')
			if end < 0 {
				p.fail("Unclosed hexadecimal escape sequence")
			}
			r := p.hex(end)
			p.take()
			return r, true
		}
		return p.hex(2), true
	case 'u':
		return p.utf16(), true
	}
	if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
		return 0, false
	}
	return c, true
}

func (p *parser) hex(n int) rune {
	if n < 1 || len(p.src)-p.i < n {
		p.fail("Illegal hexadecimal escape sequence")
	}
	v, err := strconv.ParseUint(p.src[p.i:p.i+n], 16, 32)
	if err != nil || v > utf8.MaxRune {
		p.fail("Illegal hexadecimal escape sequence")
	}
	p.i += n
	return rune(v)
}

// utf16 parses the digits of \uXXXX; two that are a surrogate pair are one character.
func (p *parser) utf16() rune {
	r := p.hex(4)
	if r >= 0xD800 && r < 0xDC00 && strings.HasPrefix(p.src[p.i:], `\u`) {
		at := p.i
		p.i += 2
		if low := p.hex(4); low >= 0xDC00 && low < 0xE000 {
			return 0x10000 + (r-0xD800)<<10 + (low - 0xDC00)
		}
		p.i = at
	}
	return r
}

func (p *parser) octal() rune {
	n, digits := rune(0), 0
	for digits < 3 && p.at() >= '0' && p.at() <= '7' && n*8+p.at()-'0' <= 0377 {
		n = n*8 + p.take() - '0'
		digits++
	}
	if digits == 0 {
		p.fail("Illegal octal escape sequence")
	}
	return n
}
