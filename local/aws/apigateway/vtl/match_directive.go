package vtl

import "strings"

// operators of directives, longest first where one begins another.
var operators = []struct {
	text string
	kind kind
}{
	{"&&", kAnd}, {"||", kOr}, {"<=", kLE}, {"<", kLT}, {">=", kGE}, {">", kGT}, {"==", kEQ}, {"!=", kNE}, {"!", kNot}, {"=", kAssign},
	{"-", kMinus}, {"+", kPlus}, {"*", kMultiply}, {"/", kDivide}, {"%", kModulus},
}

var wordOperators = map[string]kind{
	"and": kAnd, "or": kOr, "lt": kLT, "le": kLE, "gt": kGT, "ge": kGE, "eq": kEQ, "ne": kNE, "not": kNot, "true": kTrue, "false": kFalse,
}

// matchDirective offers what can stand between the parentheses of a directive.
func matchDirective(m *matcher, s string) {
	matchValue(m, s)
	matchBrackets(m, s)
	switch s[0] {
	case '(':
		m.offer(kLParen, 1)
	case ')':
		m.offer(kRParen, 1+lineEnd(s[1:]))
	case '#':
		m.offerPrefix(kLineCommentStart, s, "##")
	}
	for _, o := range operators {
		if strings.HasPrefix(s, o.text) {
			m.offer(o.kind, len(o.text))
			break
		}
	}
	matchWord(m, s)
}

// matchWord offers a word, which may be an operator, and {word}.
func matchWord(m *matcher, s string) {
	n := word(s)
	if n == 0 {
		return
	}
	if s[0] == '{' {
		m.offer(kBracketedWord, n)
	} else if k, ok := wordOperators[s[:n]]; ok {
		m.offer(k, n)
	} else {
		m.offer(kWord, n)
	}
}

// matchPreDirective offers what can follow #.
func matchPreDirective(m *matcher, s string) {
	if n := word(s); n > 0 {
		switch name := strings.Trim(s[:n], "{}"); name {
		case "if":
			m.offer(kIf, n)
		case "elseif":
			m.offer(kElseIf, n)
		case "else":
			m.offer(kElse, n+lineEnd(s[n:]))
		case "end":
			m.offer(kEnd, n+lineEnd(s[n:]))
		default:
			if s[0] == '{' {
				m.offer(kBracketedWord, n)
			} else {
				m.offer(kWord, n)
			}
		}
	}
	matchNumber(m, s)
	m.offerPrefix(kLineCommentStart, s, "##")
	if m.len == 0 && s[0] != '$' && s[0] != '#' {
		m.offer(kDirectiveEnd, charLen(s))
	}
}

// lineEnd is the length of the white space up to and with a newline, 0 when something else comes first.
func lineEnd(s string) int {
	i := 0
	for i < len(s) && (s[i] == ' ' || s[i] == '\t') {
		i++
	}
	if n := newline(s[i:]); n > 0 {
		return i + n
	}
	return 0
}

func newline(s string) int {
	switch {
	case strings.HasPrefix(s, "\r\n"):
		return 2
	case s != "" && (s[0] == '\n' || s[0] == '\r'):
		return 1
	}
	return 0
}

// setStart is the length of "  #set (" with the white space in front, which #set eats.
func setStart(s string) int {
	i := 0
	for i < len(s) && (s[i] == ' ' || s[i] == '\t') {
		i++
	}
	switch {
	case strings.HasPrefix(s[i:], "#set"):
		i += len("#set")
	case strings.HasPrefix(s[i:], "#{set}"):
		i += len("#{set}")
	default:
		return 0
	}
	for i < len(s) && s[i] == ' ' {
		i++
	}
	if i < len(s) && s[i] == '(' {
		return i + 1
	}
	return 0
}

// stringLiteral is the length of a string with its quotes; a doubled quote is part of it. 0: it does not end.
func stringLiteral(s string) int {
	end := 0
	for i := 1; i < len(s); i++ {
		n := strings.IndexByte(s[i:], s[0])
		if n < 0 {
			break
		}
		i += n
		end = i + 1
		if end >= len(s) || s[end] != s[0] {
			break
		}
		i++
	}
	return end
}

// word is the length of a directive's name, or of one in braces.
func word(s string) int {
	if s == "" {
		return 0
	}
	if s[0] == '{' {
		if n := plainWord(s[1:]); n > 0 && s[1] != '@' && n+1 < len(s) && s[n+1] == '}' {
			return n + 2
		}
		return 0
	}
	return plainWord(s)
}

func plainWord(s string) int {
	if s == "" || s[0] >= '0' && s[0] <= '9' {
		return 0
	}
	n := 0
	for n < len(s) && (isLetter(s[n]) || isDigit(s[n]) || s[n] == '_' || s[n] == '@') {
		n++
	}
	return n
}

func identifier(s string) int {
	if s == "" || !isLetter(s[0]) && s[0] != '_' {
		return 0
	}
	n := 1
	for n < len(s) && (isLetter(s[n]) || isDigit(s[n]) || s[n] == '_' || s[n] == '-') {
		n++
	}
	return n
}

func digits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

func exponent(s string) int {
	if s == "" || s[0] != 'e' && s[0] != 'E' {
		return 0
	}
	i := 1
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		i++
	}
	if d := digits(s[i:]); d > 0 {
		return i + d
	}
	return 0
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
