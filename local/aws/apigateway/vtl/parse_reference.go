package vtl

import (
	"regexp"
	"strings"
)

// reference parses $foo, $!foo, ${foo}, with properties, methods and indexes. The backslashes in front of it begin at start.
func (p *parser) reference(start int) *reference {
	p.enter()
	defer p.leave()
	slashes := p.pos - start
	begin := p.pos
	r := &reference{at: p.place(start), escaped: slashes%2 == 1, escPrefix: strings.Repeat(`\`, slashes/2)}
	p.expect("$")
	r.quiet = p.accept("!")
	braces := p.accept("{")
	r.slot = p.names.reader(p.name(r))
	if p.steps(r); braces {
		p.expect("}")
	} else if glued.MatchString(p.rest()) {
		p.unexpected()
	}
	r.assignable = !r.quiet && !braces // Velocity sets a variable of another name then
	r.literal = p.src[begin:p.pos]
	if r.undefined = r.literal; r.quiet && !r.escaped {
		r.undefined = ""
	}
	return r
}

func (p *parser) name(r *reference) string {
	r.name = p.identifier()
	return r.name
}

// identifier parses a name; true and false are none.
func (p *parser) identifier() string {
	n := nameLength(p.rest())
	if name := p.rest()[:n]; n == 0 || name == "true" || name == "false" {
		p.unexpected()
	}
	return p.take(n)
}

// steps parses what follows the name.
func (p *parser) steps(r *reference) {
	for {
		rest := p.rest()
		switch {
		case strings.HasPrefix(rest, "["):
			r.steps = append(r.steps, p.index())
		case len(rest) > 1 && rest[0] == '.' && isLetter(rest[1]):
			p.pos++
			at := p.place(p.pos)
			name := p.identifier()
			if p.next() == '(' {
				r.steps = append(r.steps, &methodStep{at: at, name: name, args: p.parameters('(', ')')})
			} else {
				r.steps = append(r.steps, &propertyStep{name: name})
				p.property = p.pos
			}
		default:
			return
		}
	}
}

// glued matches what Velocity takes for the rest of a reference without braces, and then refuses or loses.
var glued = regexp.MustCompile(`^(\{\$?!?\{?[A-Za-z_]|(true|false)([^\w-]|$)|[A-Za-z_][\w-]*(\.[A-Za-z]|\[))`)

func (p *parser) index() *indexStep {
	p.expect("[")
	p.space()
	if c := p.next(); c == '[' || c == '{' {
		p.unexpected()
	}
	s := &indexStep{index: p.parameter()}
	p.expect("]")
	return s
}

// parameters parses (a, b) or [a, b].
func (p *parser) parameters(opening, closing byte) []expr {
	p.expect(string(opening))
	var all []expr
	if p.next() != closing {
		all = append(all, p.parameter())
		for p.accept(",") {
			all = append(all, p.parameter())
		}
	}
	p.expect(string(closing))
	return all
}

// parameter parses a parameter of a method, an item of a list, or a key or value of a map.
func (p *parser) parameter() expr {
	p.enter()
	defer p.leave()
	p.space()
	e := p.primary()
	p.space()
	return e
}
