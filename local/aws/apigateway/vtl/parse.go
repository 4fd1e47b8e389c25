package vtl

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxParseDepth is how deep blocks, parentheses, references and strings may nest.
const maxParseDepth = 250

// parser builds the tree of one template, or of one string in it.
type parser struct {
	src     string
	pos     int
	base    int // the offset of src in the template
	names   *names
	depth   int
	operand string // the source of the operand parsed last

	property int // where a property ended last: ## is no comment there
}

// names numbers the variables of a template.
type names struct {
	slots map[string]int
	list  []variable
}

type variable struct {
	name string
	read bool // false: only a #foreach or #define would set it
}

func (n *names) slot(name string) int {
	if i, ok := n.slots[name]; ok {
		return i
	}
	i := len(n.list)
	n.slots[name] = i
	n.list = append(n.list, variable{name: name})
	return i
}

// reader is the slot of a variable that a reference reads.
func (n *names) reader(name string) int {
	i := n.slot(name)
	n.list[i].read = true
	return i
}

// syntaxError is how the parser leaves its recursion; Parse turns it into an *Error.
type syntaxError struct {
	at  place
	err error
}

// place is where a node stands in the template: an offset.
type place int32

func (p *parser) place(pos int) place { return place(p.base + pos) }

func (p *parser) fail(pos int, format string, args ...any) {
	panic(syntaxError{p.place(pos), fmt.Errorf(format, args...)})
}

// unexpected fails at the current place.
func (p *parser) unexpected() {
	rest := p.rest()
	switch {
	case rest == "":
		p.fail(p.pos, "parsing template: unexpected end of the template")
	case rest[0] == '"' || rest[0] == '\'':
		if stringLength(rest) == 0 {
			p.fail(p.pos, "parsing template: a string is not closed")
		}
	}
	n := max(wordLength(strings.TrimPrefix(rest, "#")), 0)
	if rest[0] == '#' {
		n++
	}
	if n == 0 {
		_, n = utf8.DecodeRuneInString(rest)
	}
	p.fail(p.pos, "parsing template: unexpected %q", cut(rest[:n], 40))
}

func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// enter counts nesting; the caller calls leave.
func (p *parser) enter() {
	if p.depth++; p.depth > maxParseDepth {
		p.fail(p.pos, "parsing template: nested more than %d deep: %w", maxParseDepth, ErrLimit)
	}
}

func (p *parser) leave() { p.depth-- }

func (p *parser) rest() string { return p.src[p.pos:] }

// next is the next byte; 0 at the end.
func (p *parser) next() byte {
	if p.pos == len(p.src) {
		return 0
	}
	return p.src[p.pos]
}

func (p *parser) accept(prefix string) bool {
	if !strings.HasPrefix(p.rest(), prefix) {
		return false
	}
	p.pos += len(prefix)
	return true
}

func (p *parser) expect(token string) {
	if !p.accept(token) {
		p.unexpected()
	}
}

// take is the next n bytes.
func (p *parser) take(n int) string {
	s := p.src[p.pos : p.pos+n]
	p.pos += n
	return s
}

// space skips white space.
func (p *parser) space() {
	p.pos += len(p.rest()) - len(strings.TrimLeft(p.rest(), " \t\r\n"))
}

func (p *parser) lineComment() {
	i := strings.IndexAny(p.rest(), "\r\n")
	if i < 0 {
		if strings.HasSuffix(p.src, "$") { // Velocity looks for a reference there
			p.fail(len(p.src)-1, "parsing template: it ends with a lone $")
		}
		i = len(p.rest())
	}
	p.pos += i
	p.pos += newlineLength(p.rest())
}

// parse parses a whole source. It panics with a syntaxError.
func (p *parser) parse() block {
	b := p.block()
	if p.pos < len(p.src) {
		p.unexpected()
	}
	return b
}

// block parses up to the end of the source, or to a #end, #else or #elseif.
func (p *parser) block() block {
	p.enter()
	defer p.leave()
	var b block
	for p.pos < len(p.src) && !slices.Contains(blockEnds, p.directiveName()) {
		b = b.add(p.statement())
	}
	return b.seal()
}

var blockEnds = []string{"end", "else", "elseif"}

// directiveName is the name of the directive that is next; "" if none is.
func (p *parser) directiveName() string {
	rest := p.rest()
	if rest == "" || rest[0] != '#' {
		return ""
	}
	return strings.Trim(rest[1:1+wordLength(rest[1:])], "{}")
}

// statement parses text, a reference, a directive or a comment.
func (p *parser) statement() node {
	if n := setLength(p.rest()); n > 0 {
		return p.setDirective(n)
	}
	switch p.next() {
	case '$':
		return p.dollar(p.pos)
	case '#':
		return p.hash()
	case '\\':
		return p.backslashes()
	}
	n := strings.IndexAny(p.rest(), `$#\`)
	if n < 0 {
		n = len(p.rest())
	}
	return text(p.take(n))
}

// backslashes escape references and directives. In front of a directive two make one.
func (p *parser) backslashes() node {
	start := p.pos
	n := len(p.rest()) - len(strings.TrimLeft(p.rest(), `\`))
	p.pos += n
	switch p.next() {
	case '$':
		return p.dollar(start)
	case '#':
		name := p.directiveName()
		isDirective := slices.Contains(directives, name)
		switch {
		case n%2 == 0 && (isDirective && name != "set"):
			return text(strings.Repeat(`\`, n/2))
		case n%2 == 1 && isDirective:
			return text(strings.Repeat(`\`, n/2) + p.take(1+wordLength(p.rest()[1:])))
		case n%2 == 1 && name != "":
			p.take(1 + wordLength(p.rest()[1:]))
		}
	}
	return text(p.src[start:p.pos])
}

// directives are all of Velocity's, those that are left out included.
var directives = []string{
	"if", "elseif", "else", "end", "set", "foreach", "include", "parse", "macro", "literal", "evaluate", "break", "define", "stop",
}

// hash parses a directive or comment, or the # as text.
func (p *parser) hash() node {
	start := p.pos
	switch {
	case (p.pos == 0 || p.pos != p.property) && p.accept("##"):
		p.lineComment()
		return text("")
	case p.accept("#*"):
		if p.pos == len(p.src) {
			p.unexpected()
		}
		_, after, _ := strings.Cut(p.rest(), "*#")
		p.pos = len(p.src) - len(after)
		return text("")
	case p.accept("#[["):
		content, after, closed := strings.Cut(p.rest(), "]]#")
		if !closed {
			p.fail(start, "parsing template: #[[ is not closed by ]]#")
		}
		p.pos = len(p.src) - len(after)
		return text(content)
	}
	name := p.directiveName()
	switch p.expect("#"); {
	case p.pos == len(p.src):
		p.fail(start, "parsing template: it ends with a lone #")
	case name == "":
		return text("#")
	}
	p.pos += wordLength(p.rest())
	return p.directive(name, start)
}

// dollar parses a reference whose backslashes begin at start, or the $ as text.
func (p *parser) dollar(start int) node {
	dollar := p.pos
	p.expect("$")
	slashes := len(p.rest()) - len(strings.TrimLeft(p.rest(), `\`))
	switch after := p.rest()[slashes:]; {
	case p.pos == len(p.src):
		p.fail(start, "parsing template: it ends with a lone $")
	case slashes > 0 && strings.HasPrefix(after, "!") && !strings.HasPrefix(after, "!["):
		p.pos += slashes
		return p.slashBang(start)
	case slashes > 0:
	case startsName(strings.TrimPrefix(strings.TrimPrefix(after, "!"), "{")):
		p.pos = dollar
		return p.reference(start)
	case strings.HasPrefix(after, "!{"), strings.HasPrefix(after, "!["), strings.HasPrefix(after, "!$"):
		p.expect("!")
	case p.accept("!"): // which Velocity loses
		if p.pos == len(p.src) {
			p.fail(start, "parsing template: it ends with a lone $")
		}
		return text(p.src[start : p.pos-1])
	}
	return text(p.src[start:p.pos])
}

// slashBang is $\!foo, which renders with one backslash less and is never looked up.
func (p *parser) slashBang(start int) node {
	before := p.src[start : p.pos-1]
	begin := p.pos
	p.expect("!")
	p.accept("{")
	if !startsName(p.rest()) {
		return text(p.src[start:p.pos])
	}
	p.pos = begin
	for _, c := range p.rest() {
		if c != '!' && c != '{' {
			break
		}
		p.pos++
	}
	r := &reference{}
	p.name(r)
	p.steps(r)
	if strings.HasPrefix(p.src[begin:], "!{") {
		p.expect("}")
	}
	return text(before + p.src[begin:p.pos])
}
