package vtl

import (
	"fmt"
	"strings"
	"unicode/utf16"
)

// ifStatement parses #if … #elseif … #else … #end.
func (p *parser) ifStatement() node {
	s := &ifStatement{at: p.place(p.fetch(p.last + 1).pos)}
	for opening := kIf; ; opening = kElseIf {
		p.expect(opening)
		p.skip(kWhitespace)
		p.expect(kLParen)
		c := p.expression()
		p.expect(kRParen)
		s.branches = append(s.branches, branch{c, p.block()})
		if p.peek() != kElseIf {
			break
		}
	}
	if p.skip(kElse) {
		s.otherwise = p.block()
	}
	p.end(s.at, "#if")
	return s
}

// end takes the #end of a block; if it is missing the error names what is open, and where.
func (p *parser) end(open place, what string) {
	if p.peek() == kEOF {
		panic(syntaxError{open, fmt.Errorf("parsing template: %s has no #end", what)})
	}
	p.expect(kEnd)
}

// setDirective parses #set( $a = expression ).
func (p *parser) setDirective() node {
	t := p.toks[p.expect(kSet)]
	s := &setDirective{at: p.place(t.pos + strings.IndexByte(t.image, '#'))}
	p.skip(kWhitespace)
	switch p.peek() {
	case kIdentifier, kLCurly:
		s.left = p.reference()
	default:
		p.unexpected()
	}
	p.skip(kWhitespace)
	p.expect(kAssign)
	s.right = p.expression()
	p.expect(kRParen)
	p.lex.inSet = false
	return s
}

// argument is one argument of a directive: an expression, or a word such as the in of #foreach.
type argument struct {
	value expr
	word  bool
	name  string // of a plain variable
}

// directive parses #foreach, #break, #stop and #literal; a name that is none of Velocity's is text.
func (p *parser) directive() node {
	p.enter()
	defer p.leave()
	first := p.next()
	t := p.toks[first]
	name := t.image[1:]
	if t.kind == kBracketedWord {
		name = t.image[2 : len(t.image)-1]
	}
	at := p.place(t.pos)
	p.supported(name, at)
	p.lex.state = sDirective
	if !p.lex.leftParenNext() {
		p.lex.pop()
		return p.bareDirective(name, t, at)
	}
	if strings.HasPrefix(name, "@") {
		panic(syntaxError{at, fmt.Errorf("parsing template: #%s is not supported: there are no macros", name)})
	}
	args := p.directiveArgs(name)
	p.expect(kRParen)
	switch name {
	case "foreach":
		return p.foreach(args, at)
	case "literal":
		return p.literalDirective(at)
	case "define":
		return p.define(args, at)
	case "break", "stop":
		if len(args) > 1 {
			panic(syntaxError{at, fmt.Errorf("parsing template: #%s takes one argument at most", name)})
		}
		return newStop(name, args, at)
	}
	return text(p.images(first))
}

// supported refuses the directives that this engine leaves out.
func (p *parser) supported(name string, at place) {
	switch name {
	case "macro", "parse", "include", "evaluate":
		panic(syntaxError{at, fmt.Errorf("parsing template: #%s is not supported", name)})
	}
}

// bareDirective is a directive without parentheses: #break and #stop work, others are text.
func (p *parser) bareDirective(name string, t token, at place) node {
	switch name {
	case "break", "stop":
		return newStop(name, nil, at)
	case "foreach", "literal", "define":
		panic(syntaxError{at, fmt.Errorf("parsing template: #%s needs parentheses", name)})
	}
	if strings.HasPrefix(name, "@") {
		return text("#" + name)
	}
	return text(t.image)
}

// images is the text of the tokens from first to the last consumed, without what lies between tokens.
func (p *parser) images(first int) string {
	var b strings.Builder
	for _, t := range p.toks[first : p.last+1] {
		b.WriteString(t.image)
	}
	return b.String()
}

// plain says whether an argument is written $name.
func (a argument) plain() bool {
	r, ok := a.value.(*reference)
	return ok && r.assignable && len(r.steps) == 0
}

func (p *parser) directiveArgs(name string) []argument {
	p.skip(kWhitespace)
	p.expect(kLParen)
	var args []argument
	for p.scan(2, scanDirectiveArg) {
		p.skip(kWhitespace)
		if p.skip(kComma) {
			p.skip(kWhitespace)
		}
		t := p.fetch(p.last + 1)
		switch t.kind {
		case kWord:
			if isDirective(name) && (name != "foreach" || len(args) != 1) {
				p.fail(t.pos, "parsing template: #%s cannot take the word %q here", name, t.image)
			}
			p.next()
			args = append(args, argument{word: true})
		case kIdentifier, kLCurly, kString, kInteger, kFloat, kLBracket, kLeftCurly, kTrue, kFalse:
			a := argument{value: p.primary(t.kind)}
			if r, ok := a.value.(*reference); ok {
				a.name = r.name
			}
			args = append(args, a)
		default:
			p.unexpected()
		}
	}
	p.skip(kWhitespace)
	return args
}

// foreach parses the block of #foreach( $item in $list ). As in Velocity, without a third argument it goes through nothing, and
// a fourth is rendered instead of the block.
func (p *parser) foreach(args []argument, at place) node {
	if len(args) < 2 {
		panic(syntaxError{at, fmt.Errorf("parsing template: #foreach is written #foreach( $item in $list )")})
	}
	item := args[0].name
	if item == "" {
		item = " " // no reference reads that
	}
	f := &foreach{
		at: at, list: literal{}, item: p.names.slot(item), scope: p.names.slot("foreach"),
		count: p.names.slot("velocityCount"), hasNext: p.names.slot("velocityHasNext"),
	}
	if len(args) > 2 && !args[2].word {
		f.list = args[2].value
	}
	f.body = p.block()
	p.end(at, "#foreach")
	if len(args) > 3 {
		f.body = nil
		if r, ok := args[3].value.(*reference); ok {
			f.body = block{r}
		}
	}
	return f
}

// define parses the block of #define( $name ).
func (p *parser) define(args []argument, at place) node {
	if len(args) != 1 || !args[0].plain() {
		panic(syntaxError{at, fmt.Errorf("parsing template: #define is written #define( $name )")})
	}
	d := &define{at: at, slot: p.names.slot(args[0].name), body: p.block()}
	p.end(at, "#define")
	return d
}

// literalDirective is #literal() … #end, whose content is text.
func (p *parser) literalDirective(at place) node {
	first := p.last + 1
	p.block()
	s := ""
	if p.last >= first {
		s = p.literal(first)
	}
	p.end(at, "#literal")
	return text(s)
}

// stringLiteral parses a string; what a double-quoted one contains is a template itself.
func (p *parser) stringLiteral() expr {
	p.enter()
	defer p.leave()
	t := p.toks[p.expect(kString)]
	quote := t.image[:1]
	s := t.image[1 : len(t.image)-1]
	interpolate := quote == `"` && strings.ContainsAny(s, "$#")
	if quote == `"` {
		s = p.unescapeUnicode(s, t.pos)
	}
	s = strings.ReplaceAll(s, quote+quote, quote)
	if !interpolate {
		return literal{s}
	}
	comment := strings.Contains(s, "##")
	if !comment {
		s += " " // so that it never ends within a reference; taken off what is rendered
	}
	sub := &parser{lex: lexer{src: s}, names: p.names, base: p.base + t.pos + 1, depth: p.depth, scans: p.scans}
	return &interpolation{body: sub.parse(), padded: !comment, at: p.place(t.pos)}
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
