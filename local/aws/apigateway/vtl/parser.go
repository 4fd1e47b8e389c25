package vtl

import (
	"fmt"
	"strings"
)

const (
	maxParseDepth = 250 // how deep blocks, parentheses, references and strings may nest
	maxScanFactor = 60  // how many tokens may be looked ahead, as a multiple of the template's length
)

// parser builds the tree of one template, or of one string in it. It reads tokens when Velocity's parser does, neither earlier nor later,
// since reading a token may switch the lexer's state.
type parser struct {
	lex   lexer
	toks  []token
	last  int // the token consumed last; -1 at the start
	names *names
	base  int // the offset in the template at which the source begins
	depth int
	span  [2]int // the first and last token of the operand parsed last
	scans *int   // how many more tokens may be looked ahead
}

// names numbers the variables of a template.
type names struct {
	slots map[string]int
	list  []variable
}

type variable struct {
	name string
	read bool // false: only a #foreach would set it
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

// syntaxError is how the parser leaves its recursion; ParseWithin turns it into an *Error.
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

// parse parses a whole source. It panics with a syntaxError.
func (p *parser) parse() block {
	p.last = -1
	b := p.block()
	if k := p.peek(); k != kEOF {
		p.unexpected()
	}
	p.next()
	return b
}

// fetch makes sure that the token at index i has been cut.
func (p *parser) fetch(i int) *token {
	for i >= len(p.toks) {
		if n := len(p.toks); n > 0 && p.toks[n-1].kind == kEOF {
			return &p.toks[n-1]
		}
		t, err := p.lex.next()
		if err != nil {
			p.fail(err.pos, "reading template: %s", p.lexProblem(err.pos))
		}
		p.toks = append(p.toks, t)
	}
	return &p.toks[i]
}

func (p *parser) lexProblem(pos int) string {
	if pos >= len(p.lex.src) {
		return "it ends within a reference, directive or comment"
	}
	switch c := p.lex.src[pos]; {
	case c == '"' || c == '\'':
		return "a string is not closed"
	case strings.HasPrefix(p.lex.src[pos:], "#[["):
		return "#[[ is not closed by ]]#"
	case c == '$' || c == '#':
		return fmt.Sprintf("it ends with a lone %c", c)
	}
	return fmt.Sprintf("%q is not part of any expression", []rune(p.lex.src[pos:min(pos+4, len(p.lex.src))])[0])
}

// peek is the kind of the next token.
func (p *parser) peek() kind { return p.fetch(p.last + 1).kind }

// next consumes a token and returns its index.
func (p *parser) next() int {
	p.fetch(p.last + 1)
	p.last++
	return p.last
}

// expect consumes a token of one kind.
func (p *parser) expect(k kind) int {
	if p.peek() != k {
		p.unexpected()
	}
	return p.next()
}

func (p *parser) skip(k kind) bool {
	if p.peek() == k {
		p.next()
		return true
	}
	return false
}

// unexpected fails at the next token.
func (p *parser) unexpected() {
	t := p.fetch(p.last + 1)
	name, ok := tokenNames[t.kind]
	if !ok || t.kind == kIdentifier {
		name = fmt.Sprintf("%q", cut(t.image, 40))
	}
	p.fail(t.pos, "parsing template: unexpected %s", name)
}

func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n] + "…"
}

// enter counts nesting; the caller calls leave.
func (p *parser) enter() {
	if p.depth++; p.depth > maxParseDepth {
		p.fail(p.fetch(p.last+1).pos, "parsing template: nested more than %d deep: %w", maxParseDepth, ErrLimit)
	}
}

func (p *parser) leave() { p.depth-- }

// literal is the source of the tokens from first to the one consumed last, as Velocity remembers it.
func (p *parser) literal(first int) string {
	if first == p.last {
		return p.toks[first].literal()
	}
	var b strings.Builder
	for i := first; i <= p.last; i++ {
		b.WriteString(p.toks[i].literal())
	}
	return b.String()
}

// isStatement says whether a token can begin a statement. A reference begins with kIdentifier or kLCurly.
func isStatement(k kind) bool {
	switch k {
	case kLParen, kRParen, kEscapeDirective, kSet, kLineCommentStart, kDoubleEscape, kEscape, kText, kFormalComment, kMultiLine, kTextblock,
		kString, kIf, kInteger, kFloat, kWord, kBracketedWord, kIdentifier, kDot, kLCurly, kRCurly, kEmptyIndex:
		return true
	}
	return false
}

// block parses statements up to something that is none.
func (p *parser) block() block {
	p.enter()
	defer p.leave()
	var b block
	for isStatement(p.peek()) {
		b = b.add(p.statement())
	}
	return b.seal()
}

// statement parses one statement.
func (p *parser) statement() node {
	k := p.peek()
	switch {
	case k == kIf:
		return p.ifStatement()
	case p.scan(2, scanReference):
		return p.reference()
	}
	switch k {
	case kLineCommentStart, kFormalComment, kMultiLine:
		return p.comment()
	case kTextblock:
		t := &p.toks[p.next()]
		return text(t.image[len("#[[") : len(t.image)-len("]]#")])
	case kSet:
		return p.setDirective()
	case kEscapeDirective:
		return p.escapedDirective()
	case kDoubleEscape:
		return p.escape()
	case kWord, kBracketedWord:
		return p.directive()
	}
	return text(p.toks[p.next()].literal())
}

// comment renders what stood in front of the comment in the same token.
func (p *parser) comment() node {
	t := p.toks[p.next()]
	if t.kind == kLineCommentStart {
		p.skip(kLineComment)
	}
	i := strings.Index(t.image, "##")
	if i < 0 {
		i = strings.Index(t.image, "#*")
	}
	return text(t.image[:max(i, 0)])
}

// isDirective says whether a name is one of Velocity's pluggable directives.
func isDirective(name string) bool {
	switch name {
	case "foreach", "include", "parse", "macro", "literal", "evaluate", "break", "define", "stop":
		return true
	}
	return false
}

// escapedDirective is \#if and the like: the backslash goes if what follows is a directive.
func (p *parser) escapedDirective() node {
	t := &p.toks[p.next()]
	image := t.image
	last := strings.LastIndexByte(image, '\\')
	directive := image[last+1:]
	name := directive[1:]
	if name[0] == '{' {
		name = name[1 : len(name)-1]
	}
	switch name {
	case "if", "end", "set", "else", "elseif":
	default:
		if !isDirective(name) {
			return text(image)
		}
	}
	t.image = image[:last/2] + directive // for #literal, too
	return text(t.image)
}

// escape is pairs of backslashes, which become single ones in front of a directive.
func (p *parser) escape() node {
	n := 0
	for {
		p.expect(kDoubleEscape)
		n++
		if !p.scan(2, func(s *scanner) bool { return s.is(kDoubleEscape) }) {
			break
		}
	}
	t := p.fetch(p.last + 1)
	switch t.kind {
	case kEnd, kIf, kElseIf, kElse:
		return text(strings.Repeat(`\`, n))
	}
	if t.image != "" && isDirective(t.image[1:]) {
		return text(strings.Repeat(`\`, n))
	}
	return text(strings.Repeat(`\\`, n))
}
