package vtl

import "strings"

// reference parses $foo, $!foo, ${foo}, with properties, methods and indexes.
func (p *parser) reference() *reference {
	p.enter()
	defer p.leave()
	first := p.last + 1
	r := &reference{at: p.place(p.fetch(first).pos)}
	if p.skip(kLCurly) {
		p.expect(kIdentifier)
		p.steps(r)
		p.expect(kRCurly)
	} else {
		p.expect(kIdentifier)
		p.steps(r)
	}
	p.finishReference(r, first)
	return r
}

// steps parses what follows the name.
func (p *parser) steps(r *reference) {
	p.indexes(r)
	for p.scan(2, func(s *scanner) bool {
		return s.is(kDot) && s.any(scanMethod, func(s *scanner) bool { return s.is(kIdentifier) })
	}) {
		p.expect(kDot)
		if p.scan(3, scanMethod) {
			p.method(r)
		} else {
			i := p.expect(kIdentifier)
			r.steps = append(r.steps, &propertyStep{name: p.toks[i].image})
		}
		p.indexes(r)
	}
}

func (p *parser) indexes(r *reference) {
	for p.peek() == kIndexLBracket {
		p.next()
		p.skip(kWhitespace)
		s := &indexStep{}
		switch k := p.peek(); k {
		case kString, kInteger, kTrue, kFalse, kIdentifier, kLCurly:
			s.index = p.primary(k)
		default:
			p.unexpected()
		}
		p.skip(kWhitespace)
		p.expect(kIndexRBracket)
		r.steps = append(r.steps, s)
	}
}

func (p *parser) method(r *reference) {
	i := p.expect(kIdentifier)
	m := &methodStep{at: p.place(p.toks[i].pos), name: p.toks[i].image}
	p.expect(kLParen)
	if p.startsParameter() {
		m.args = append(m.args, p.parameter())
		for p.skip(kComma) {
			m.args = append(m.args, p.parameter())
		}
	}
	p.expect(kMethodRParen)
	r.steps = append(r.steps, m)
}

// startsParameter says whether a parameter of a method or an item of a list begins here.
func (p *parser) startsParameter() bool {
	switch p.peek() {
	case kLBracket, kLeftCurly, kWhitespace, kString, kTrue, kFalse, kInteger, kFloat, kIdentifier, kLCurly:
		return true
	}
	return false
}

// parameter parses a parameter of a method, an item of a list, or a key or value of a map.
func (p *parser) parameter() expr {
	p.enter()
	defer p.leave()
	p.skip(kWhitespace)
	var e expr
	switch k := p.peek(); k {
	case kString, kInteger, kTrue, kFalse, kIdentifier, kLCurly, kFloat, kLBracket, kLeftCurly:
		e = p.primary(k)
	default:
		p.unexpected()
	}
	p.skip(kWhitespace)
	return e
}

// finishReference works out from the first token's image what the reference is called, and what to render in front of it or instead of it.
// It takes escapes out of the token, so that literals of surrounding nodes lack them too, as in Velocity.
func (p *parser) finishReference(r *reference, first int) {
	t := &p.toks[first]
	if i := strings.Index(t.image, `\!`); i >= 0 {
		p.finishSlashBang(r, t.image)
		return
	}
	slashes := len(t.image) - len(strings.TrimLeft(t.image, `\`))
	r.escaped = slashes%2 == 1
	r.escPrefix = t.image[:slashes/2]
	t.image = t.image[slashes:]
	if i := strings.LastIndexByte(t.image, '$'); i > 0 {
		r.morePrefix = t.image[:i]
		t.image = t.image[i:]
	}
	r.literal = p.literal(first)
	r.undefined = r.literal
	next := p.toks[min(first+1, len(p.toks)-1)].image
	var root string
	switch {
	case strings.HasPrefix(t.image, "$!"):
		r.quiet = true
		if !r.escaped {
			r.undefined = ""
		}
		root = t.image[2:]
		if strings.HasPrefix(t.image, "$!{") {
			root = next
		}
	case t.image == "${":
		root = next
	case strings.HasPrefix(t.image, "$"):
		root = t.image[1:]
	default:
		r.runt = t.image
		return
	}
	r.name = root
	r.slot = p.names.reader(root)
	// What #set assigns to is not taken from the name but from what follows the first character:
	// #set(${foo} = 1) and #set($!foo = 1) set nothing that a reference could read.
	r.assignable = t.image[1:] == root
}

// finishSlashBang is $\!foo, which renders with one backslash less and is never looked up.
func (p *parser) finishSlashBang(r *reference, image string) {
	r.slot = -1
	i := strings.IndexByte(image, '$')
	if i < 0 {
		r.undefined = image
		return
	}
	for i < len(image) && image[i] != '\\' {
		i++
	}
	end := i
	for end < len(image) && image[end] == '\\' {
		end++
	}
	r.undefined = image[:end-1] + image[end:]
}
