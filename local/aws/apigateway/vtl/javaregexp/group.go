package javaregexp

import "strings"

// group parses what follows an opening parenthesis. Flags such as (?i) are no node, and cannot be repeated.
func (p *parser) group() (n node, quantifiable bool) {
	if !p.accept('?') {
		p.groups++
		return p.capture(), true
	}
	rest := p.src[p.i:]
	for _, g := range []struct {
		start string
		node  func(node) node
	}{
		{":", func(b node) node { return b }},
		{"=", func(b node) node { return look{body: b} }},
		{"!", func(b node) node { return look{body: b, negated: true} }},
		{">", func(b node) node { return atomic{b} }},
		{"<=", func(b node) node { return look{body: p.bounded(b), behind: true} }},
		{"<!", func(b node) node { return look{body: p.bounded(b), behind: true, negated: true} }},
	} {
		if strings.HasPrefix(rest, g.start) {
			p.i += len(g.start)
			b := p.choice()
			p.close()
			return g.node(b), true
		}
	}
	if p.accept('<') {
		p.groups++
		name := p.groupName()
		if _, twice := p.names[name]; twice {
			p.fail("Named capturing group <%s> is already defined", name)
		}
		if p.names == nil {
			p.names = map[string]int{}
		}
		p.names[name] = p.groups
		return p.capture(), true
	}
	return p.flagGroup()
}

func (p *parser) capture() node {
	b := p.choice()
	p.close()
	return group{b}
}

func (p *parser) close() {
	if p.peek(); !p.accept(')') {
		p.fail("Unclosed group")
	}
}

func (p *parser) groupName() string {
	start := p.i
	for p.more() && isNameChar(p.src[p.i], p.i > start) {
		p.i++
	}
	name := p.src[start:p.i]
	if name == "" {
		p.fail("capturing group name does not start with a Latin letter")
	}
	if !p.accept('>') {
		p.fail("named capturing group is missing trailing '>'")
	}
	return name
}

func isNameChar(c byte, inside bool) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || inside && c >= '0' && c <= '9'
}

// flagGroup parses (?i), for what follows up to the end of the group around, and (?i:…).
func (p *parser) flagGroup() (node, bool) {
	before := p.flags
	on := true
	for {
		c := p.at()
		switch c {
		case 'i':
			p.flags.insensitive = on
		case 'd':
			p.flags.unix = on
		case 'm':
			p.flags.multiline = on
		case 's':
			p.flags.dotall = on
		case 'u':
			p.flags.unicodeCase = on
		case 'x':
			p.flags.comments = on
		case 'U':
			p.flags.unicodeClass = on
			p.flags.unicodeCase = p.flags.unicodeCase || on
		case '-':
			if !on {
				p.fail("Unknown inline modifier")
			}
			on = false
		case ')':
			p.take()
			return nil, false
		case ':':
			p.take()
			b := p.choice()
			p.close()
			p.flags = before
			return b, true
		default:
			p.fail("Unknown inline modifier")
		}
		p.take()
	}
}

// bounded refuses a look-behind that could be of any length, as Java does.
func (p *parser) bounded(n node) node {
	if longest(n) < 0 {
		p.fail("Look-behind group does not have an obvious maximum length")
	}
	return n
}

// longest is how many characters a node can match at most, but not of one that is repeated; -1: any number.
func longest(n node) int {
	switch n := n.(type) {
	case one:
		return 1
	case group:
		return longest(n.body)
	case atomic:
		return longest(n.body)
	case backref:
		return -1
	case sequence:
		sum := 0
		for _, c := range n {
			l := longest(c)
			if l < 0 {
				return -1
			}
			sum += l
		}
		return sum
	case choice:
		most := 0
		for _, c := range n {
			l := longest(c)
			if l < 0 {
				return -1
			}
			most = max(most, l)
		}
		return most
	case repeat:
		l := longest(n.body)
		switch {
		case l == 0 || oneCharacter(n.body):
			return 0 // Java lets a* pass, and (a)*, but not (ab)*
		case n.max < 0 || l < 0:
			return -1
		}
		return l * n.max
	}
	return 0
}

// oneCharacter says whether a node is a single character or class, in parentheses or not.
func oneCharacter(n node) bool {
	switch n := n.(type) {
	case one:
		return true
	case group:
		return oneCharacter(n.body)
	case sequence:
		return len(n) == 1 && oneCharacter(n[0])
	}
	return false
}

// nullable says whether a node can match nothing.
func nullable(n node) bool {
	switch n := n.(type) {
	case one, never:
		return false
	case group:
		return nullable(n.body)
	case atomic:
		return nullable(n.body)
	case sequence:
		for _, c := range n {
			if !nullable(c) {
				return false
			}
		}
		return true
	case choice:
		for _, c := range n {
			if nullable(c) {
				return true
			}
		}
		return false
	case repeat:
		return n.min == 0 || nullable(n.body)
	}
	return true // anchors, look-arounds, back references
}
