package vtl

import (
	"fmt"
	"slices"
	"strings"
)

// lineEnd skips the blanks and the newline after a parenthesis of a directive.
func (p *parser) lineEnd() { p.pos += lineEndLength(p.rest()) }

// openParen skips white space and a parenthesis, if one follows.
func (p *parser) openParen() bool {
	rest := strings.TrimLeft(p.rest(), " \t\r\n")
	if !strings.HasPrefix(rest, "(") {
		return false
	}
	p.pos = len(p.src) - len(rest) + 1
	return true
}

func (p *parser) closeParen() {
	p.expect(")")
	p.lineEnd()
}

// directive parses what follows the name of a directive; a name that is none of Velocity's is text.
func (p *parser) directive(name string, start int) node {
	at := p.place(start)
	switch name {
	case "if":
		return p.ifStatement(at)
	case "macro", "parse", "include", "evaluate":
		p.fail(start, "parsing template: #%s is not supported", name)
	}
	afterName := p.pos
	if !p.openParen() {
		switch name {
		case "break", "stop":
			return newStop(name, nil, at)
		case "foreach", "literal", "define":
			p.fail(start, "parsing template: #%s needs parentheses", name)
		}
		return text(p.src[start:afterName])
	}
	if strings.HasPrefix(name, "@") {
		p.fail(start, "parsing template: #%s is not supported: there are no macros", name)
	}
	switch name {
	case "foreach":
		return p.foreach(at)
	case "define":
		return p.define(at)
	case "literal":
		p.arguments()
		return p.literal(at)
	case "break", "stop":
		args := p.arguments()
		if len(args) > 1 {
			p.fail(start, "parsing template: #%s takes one argument at most", name)
		}
		return newStop(name, args, at)
	}
	p.arguments()
	return text(p.src[start:p.pos])
}

// arguments parses the arguments of a directive, with or without commas, and the parenthesis behind them. Words are left out.
func (p *parser) arguments() []expr {
	var args []expr
	for p.space(); p.next() != ')'; p.space() {
		if p.accept(",") {
			p.space()
		}
		word := p.rest()[:plainWordLength(p.rest())]
		if word != "" && word != "true" && word != "false" && words[word] == opNone && word != "not" {
			p.pos += len(word)
			continue
		}
		args = append(args, p.primary())
	}
	p.closeParen()
	return args
}

// ifStatement parses #if … #elseif … #else … #end, from behind #if.
func (p *parser) ifStatement(at place) node {
	s := &ifStatement{at: at}
	for {
		if !p.openParen() {
			p.unexpected()
		}
		c := p.expression()
		p.closeParen()
		s.branches = append(s.branches, branch{c, p.block()})
		if p.directiveName() != "elseif" {
			break
		}
		p.skipName()
	}
	if p.directiveName() == "else" {
		p.skipName()
		p.lineEnd()
		s.otherwise = p.block()
	}
	p.end(at, "#if")
	return s
}

func (p *parser) skipName() { p.pos += 1 + wordLength(p.rest()[1:]) }

// end takes the #end of a block; if it is missing the error names what is open, and where.
func (p *parser) end(open place, what string) {
	if p.pos == len(p.src) {
		panic(syntaxError{open, fmt.Errorf("parsing template: %s has no #end", what)})
	}
	if p.directiveName() != "end" {
		p.unexpected()
	}
	p.skipName()
	p.lineEnd()
}

// setDirective parses #set( $a = expression ), whose first n bytes are up to the parenthesis.
func (p *parser) setDirective(n int) node {
	s := &setDirective{at: p.place(p.pos + strings.IndexByte(p.rest(), '#'))}
	p.pos += n
	if p.space(); p.next() != '$' {
		p.unexpected()
	}
	s.left = p.reference(p.pos)
	p.space()
	p.expect("=")
	s.right = p.expression()
	p.closeParen()
	return s
}

// foreach parses #foreach( $item in $list ) … #end, from behind the parenthesis.
func (p *parser) foreach(at place) node {
	f := &foreach{
		at: at, item: p.variable("#foreach( $item in $list )").slot, scope: p.names.slot("foreach"),
		count: p.names.slot("velocityCount"), hasNext: p.names.slot("velocityHasNext"),
	}
	p.space()
	word := plainWordLength(p.rest())
	if word == 0 {
		p.unexpected()
	}
	p.pos += word // in, or any other
	f.list = p.parameter()
	p.closeParen()
	f.body = p.block()
	p.end(at, "#foreach")
	return f
}

// variable parses the variable that #foreach or #define sets.
func (p *parser) variable(form string) *reference {
	p.space()
	start := p.pos
	if p.next() != '$' {
		p.unexpected()
	}
	r := p.reference(start)
	if len(r.steps) > 0 {
		p.fail(start, "parsing template: a variable is expected, as in %s", form)
	}
	return r
}

// define parses #define( $name ) … #end, from behind the parenthesis.
func (p *parser) define(at place) node {
	const form = "#define( $name )"
	name := p.variable(form)
	if !name.assignable {
		panic(syntaxError{name.at, fmt.Errorf("parsing template: a variable without braces is expected, as in %s", form)})
	}
	d := &define{at: at, slot: name.slot}
	p.space()
	p.closeParen()
	d.body = p.block()
	p.end(at, "#define")
	return d
}

// literal parses the text of #literal() … #end.
func (p *parser) literal(at place) node {
	var b strings.Builder
	start := p.pos
	for depth := 0; p.pos < len(p.src); {
		before := p.pos
		if n := len(p.rest()) - len(strings.TrimLeft(p.rest(), `\`)); n > 0 {
			p.pos += n
			if n%2 == 1 && slices.Contains(directives, p.directiveName()) {
				b.WriteString(p.src[start:before] + strings.Repeat(`\`, n/2))
				start = p.pos
				p.skipName()
			}
			continue
		}
		name := p.directiveName()
		switch {
		case name == "end" && depth == 0:
			b.WriteString(p.src[start:before])
			p.end(at, "#literal")
			return text(b.String())
		case name == "end":
			depth--
		case name == "if" || name == "foreach" || name == "literal" || name == "define":
			depth++
		}
		if p.pos++; name != "" {
			p.pos = before + 1 + wordLength(p.src[before+1:])
		}
	}
	p.end(at, "#literal")
	return nil
}
