package vtl

import (
	"strings"
	"unicode/utf8"
)

// matcher keeps the longest of the tokens offered to it, the first listed of equally long ones.
type matcher struct {
	kind kind
	len  int
}

func (m *matcher) offer(k kind, n int) {
	if n > m.len || n == m.len && n > 0 && k < m.kind {
		m.kind, m.len = k, n
	}
}

// match is the token that fits best at the current place.
func (l *lexer) match() (kind, int) {
	m := matcher{kind: kNone}
	s := l.src[l.pos:]
	c := s[0]
	switch l.state {
	case sDefault:
		l.matchDefault(&m, s)
	case sReference, sRefModifier:
		l.matchReference(&m, s)
	case sRefMethod:
		l.matchMethod(&m, s)
	case sRefIndex:
		matchValue(&m, s)
		if c == ']' {
			m.offer(kIndexRBracket, 1)
		}
	case sDirective:
		matchDirective(&m, s)
	case sPreDirective:
		matchPreDirective(&m, s)
	case sTextblock:
		m.offer(kMoreText, charLen(s))
		m.offerPrefix(kTextblock, s, "]]#")
	case sMultiLine:
		m.offer(kSkip, charLen(s))
		m.offerPrefix(kMultiLine, s, "*#")
	case sFormal:
		m.offer(kSkip, charLen(s))
		m.offerPrefix(kFormalComment, s, "*#")
	case sLineComment:
		m.offer(kSkip, charLen(s))
		m.offer(kLineComment, newline(s))
	}
	switch c {
	case '$', '\\':
		l.matchDollar(&m, s)
	case '#':
		matchHash(&m, s)
	}
	return m.kind, m.len
}

func (m *matcher) offerPrefix(k kind, s, prefix string) {
	if strings.HasPrefix(s, prefix) {
		m.offer(k, len(prefix))
	}
}

// matchDollar offers $ and $!, with the backslashes in front and between.
func (l *lexer) matchDollar(m *matcher, s string) {
	i := l.slashRun(l.pos)
	if i >= len(s) || s[i] != '$' {
		return
	}
	i++
	m.offer(kDollar, i)
	i += l.slashRun(l.pos + i)
	if i < len(s) && s[i] == '!' {
		m.offer(kDollarBang, i+1)
	}
}

// slashRun is how many backslashes stand at an offset of the template.
func (l *lexer) slashRun(pos int) int {
	if pos >= l.slashes[0] && pos < l.slashes[1] {
		return l.slashes[1] - pos
	}
	end := pos
	for end < len(l.src) && l.src[end] == '\\' {
		end++
	}
	l.slashes = [2]int{pos, end}
	return end - pos
}

func matchHash(m *matcher, s string) {
	m.offer(kHash, 1)
	m.offerPrefix(kTextblockStart, s, "#[[")
	m.offerPrefix(kMultiLineStart, s, "#*")
	if strings.HasPrefix(s, "#**") && len(s) > 3 && s[3] != '#' {
		m.offer(kFormalStart, 3+charLen(s[3:]))
	}
}

func (l *lexer) matchDefault(m *matcher, s string) {
	switch s[0] {
	case '\\':
		n := l.slashRun(l.pos)
		m.offer(kEscape, 1)
		if n >= 2 {
			m.offer(kDoubleEscape, 2)
		}
		if n%2 == 1 && n < len(s) && s[n] == '#' {
			if w := word(s[n+1:]); w > 0 {
				m.offer(kEscapeDirective, n+1+w)
			}
		}
	case '$':
		matchEmptyIndex(m, s)
	case '#':
		m.offerPrefix(kLineCommentStart, s, "##")
		m.offer(kSet, setStart(s))
	default:
		n := strings.IndexAny(s, "$#\\")
		if n < 0 {
			n = len(s)
		}
		m.offer(kText, n)
		m.offer(kSet, setStart(s))
	}
}

func matchEmptyIndex(m *matcher, s string) {
	for _, p := range [...]string{"$[", "$![", `$\![`, "$."} {
		m.offerPrefix(kEmptyIndex, s, p)
	}
}

// matchReference offers what can follow $ and $foo.
func (l *lexer) matchReference(m *matcher, s string) {
	switch c := s[0]; {
	case c == '[':
		m.offer(kIndexLBracket, 1)
	case c == '(' && l.state == sRefModifier:
		m.offer(kLParen, 1)
	case c == '{':
		m.offer(kLCurly, 1)
	case c == '}':
		m.offer(kRCurly, 1)
	case c == '$' && l.state == sReference:
		matchEmptyIndex(m, s)
	case c == '#' && l.state == sReference:
		m.offerPrefix(kLineCommentStart, s, "##")
	default:
		matchName(m, s)
	}
	m.offer(kSet, setStart(s))
	// ahead of the list only in length: a $ or # that begins something is no end
	if m.len == 0 && s[0] != '$' && s[0] != '#' {
		m.offer(kReferenceEnd, charLen(s))
	}
}

// matchName offers a name, .name, true and false.
func matchName(m *matcher, s string) {
	if n := identifier(s); n > 0 {
		m.offer(nameKind(s[:n], kIdentifier), n)
	}
	if len(s) > 1 && s[0] == '.' && isLetter(s[1]) {
		m.offer(kDot, 2)
	}
}

// nameKind is k, or what the name is reserved for.
func nameKind(s string, k kind) kind {
	switch s {
	case "true":
		return kTrue
	case "false":
		return kFalse
	}
	return k
}

// matchMethod offers what can stand between the parentheses of a method call.
func (l *lexer) matchMethod(m *matcher, s string) {
	matchValue(m, s)
	matchBrackets(m, s)
	matchName(m, s)
	if s[0] == ')' {
		m.offer(kMethodRParen, 1)
	}
	m.offer(kSet, setStart(s))
}

func matchBrackets(m *matcher, s string) {
	switch s[0] {
	case '[':
		m.offer(kLBracket, 1)
	case ']':
		m.offer(kRBracket, 1)
	case ',':
		m.offer(kComma, 1)
	case ':':
		m.offer(kColon, 1)
	case '{':
		m.offer(kLeftCurly, 1)
	case '}':
		m.offer(kRightCurly, 1)
	case '.':
		m.offerPrefix(kDoubleDot, s, "..")
	}
}

// matchValue offers white space, strings, numbers, true and false.
func matchValue(m *matcher, s string) {
	switch c := s[0]; c {
	case ' ', '\t', '\n', '\r':
		n := 1
		for n < len(s) && strings.IndexByte(" \t\n\r", s[n]) >= 0 {
			n++
		}
		m.offer(kWhitespace, n)
	case '"', '\'':
		m.offer(kString, stringLiteral(s))
	case 't':
		m.offerPrefix(kTrue, s, "true")
	case 'f':
		m.offerPrefix(kFalse, s, "false")
	default:
		matchNumber(m, s)
	}
}

func matchNumber(m *matcher, s string) {
	i := 0
	if s[0] == '-' {
		i = 1
	}
	d := digits(s[i:])
	end := i + d
	if d > 0 {
		m.offer(kInteger, end)
		if strings.HasPrefix(s[end:], "..") {
			m.offer(kInteger, end+2)
		}
		if e := exponent(s[end:]); e > 0 {
			m.offer(kFloat, end+e)
		}
	}
	if end < len(s) && s[end] == '.' {
		f := digits(s[end+1:])
		if d > 0 || f > 0 {
			end += 1 + f
			m.offer(kFloat, end+exponent(s[end:]))
		}
	}
}

func charLen(s string) int {
	_, n := utf8.DecodeRuneInString(s)
	return n
}
