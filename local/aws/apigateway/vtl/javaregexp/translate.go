package javaregexp

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	lineEnds = `\n\r` + "\u0085\u2028\u2029"
	last     = "\U0010FFFF"
	// Java's $ and \Z are the end, or in front of the line terminator at the end, but not within \r\n.
	end = `(?:(?!(?<=\r)\n)(?=(?:\r\n|[` + lineEnds + `])?\z))`
)

// classes are the contents of a class for the backslash letters and POSIX classes, which know ASCII only in Java.
var classes = map[string]string{
	"d": "0-9", "w": "0-9A-Z_a-z", "s": `\t-\r `,
	"D": `\x00-/:-` + last, "W": `\x00-/:-@\[-\^` + "`{-" + last, "S": `\x00-\x08\x0E-\x1F!-` + last,
	"p{Lower}": "a-z", "p{Upper}": "A-Z", "p{Alpha}": "A-Za-z", "p{Digit}": "0-9", "p{Alnum}": "0-9A-Za-z",
	"p{Punct}": "!-/:-@\\[-`{-~", "p{Space}": `\t-\r `, "p{XDigit}": "0-9A-Fa-f",
	"p{L}": `\p{L}`, "p{Lu}": `\p{Lu}`, "p{Ll}": `\p{Ll}`, "p{N}": `\p{N}`, "p{Nd}": `\p{Nd}`, "p{P}": `\p{P}`, "p{S}": `\p{S}`, "p{Z}": `\p{Z}`,
}

// Parts of a pattern that a quantifier can follow, or that can stand in a class.
var (
	inlineFlags = regexp.MustCompile(`^\(\?[a-zA-Z-]+\)`)
	groupStart  = regexp.MustCompile(`^\((\?(:|=|!|>|<=|<!))?`)
	quantifier  = regexp.MustCompile(`^([*+?]|\{[0-9]{1,5}(,([0-9]{1,5})?)?\})`)
	classEscape = regexp.MustCompile(`^\\([dDwWsS]|[pP]\{\w*\})`)
	charEscape  = regexp.MustCompile(`^\\([tnrfae]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[^a-zA-Z0-9])`)
	otherEscape = regexp.MustCompile(`^\\([bBAz]|[1-9])`)
)

const maxDepth = 100 // of groups

// translator writes a pattern of java.util.regex in the syntax of regexp2.
type translator struct {
	src    string
	i      int
	out    strings.Builder
	dot    string // what . is
	groups int
	depth  int
	behind int // the depth of the look-behind around; 0 without one
	err    error
}

// syntaxError is the error of a pattern that Java refuses, or that uses what this package does not support.
func syntaxError(problem string, index int, pattern string) error {
	return fmt.Errorf("java.util.regex.PatternSyntaxException: %s near index %d of %.80q", problem, index, pattern)
}

// fail keeps the error and goes to the end of the pattern.
func (t *translator) fail(format string, args ...any) {
	if t.err == nil {
		t.err = syntaxError(fmt.Sprintf(format, args...), t.i, t.src)
	}
	t.i = len(t.src)
}

// take reads what an expression finds at the current place.
func (t *translator) take(what *regexp.Regexp) (string, bool) {
	s := what.FindString(t.src[t.i:])
	t.i += len(s)
	return s, s != ""
}

func (t *translator) accept(prefix string) bool {
	if !strings.HasPrefix(t.src[t.i:], prefix) {
		return false
	}
	t.i += len(prefix)
	return true
}

func (t *translator) pattern() {
	t.flags()
	for t.i < len(t.src) {
		if t.accept("|") {
			t.out.WriteByte('|')
		} else if t.accept(")") {
			t.closeGroup()
		} else if !t.opensGroup() && t.atom() {
			t.quantifier()
		}
	}
	if t.depth > 0 {
		t.fail("Unclosed group")
	}
}

// flags translates those at the start of the pattern: i and s.
func (t *translator) flags() {
	t.dot = "[^" + lineEnds + "]"
	s, _ := t.take(inlineFlags)
	for _, flag := range strings.Trim(s, "(?)") {
		switch flag {
		case 'i':
			if strings.ContainsFunc(t.src, func(r rune) bool { return r > unicode.MaxASCII }) {
				t.fail("the flag i with a character beyond ASCII is not supported")
			}
			t.out.WriteString("(?i)")
		case 's':
			t.dot = `[\x00-` + last + "]"
		default:
			t.fail("the flag %c is not supported", flag)
		}
	}
}

func (t *translator) opensGroup() bool {
	s, ok := t.take(groupStart)
	if !ok {
		return false
	}
	t.depth++
	switch {
	case s == "(" && t.accept("?"):
		t.fail("flags that are not at the start, named groups and unknown groups are not supported")
	case s == "(":
		t.groups++
	case strings.HasPrefix(s, "(?<") && t.behind == 0:
		t.behind = t.depth
	}
	if t.depth > maxDepth {
		t.fail("groups nested more than %d deep are not supported", maxDepth)
	}
	t.out.WriteString(s)
	return true
}

func (t *translator) closeGroup() {
	if t.depth == 0 {
		t.fail("Unmatched closing ')'")
		return
	}
	if t.depth == t.behind {
		t.behind = 0
	}
	t.depth--
	t.out.WriteByte(')')
	t.quantifier()
}

// atom translates what is no group; false for a quotation of nothing.
func (t *translator) atom() bool {
	if s, ok := t.escapedClass(); ok {
		t.out.WriteString("[" + s + "]")
		return true
	}
	if s, ok := t.take(charEscape); ok {
		t.out.WriteString(s)
		return true
	}
	if s, ok := t.take(otherEscape); ok {
		t.out.WriteString("(?:" + s + ")")
		return true
	}
	switch {
	case t.accept("."):
		t.out.WriteString(t.dot)
	case t.accept("^"):
		t.out.WriteString(`\A`)
	case t.accept("$"), t.accept(`\Z`):
		t.out.WriteString(end)
	case t.accept(`\R`):
		t.out.WriteString(`(?:\r\n|[` + lineEnds + `])`)
	case t.accept("["):
		t.class()
	case t.accept(`\Q`):
		quoted, rest, _ := strings.Cut(t.src[t.i:], `\E`)
		t.i = len(t.src) - len(rest)
		t.out.WriteString(regexp.QuoteMeta(quoted))
		return quoted != ""
	case strings.Contains("*+?{", t.src[t.i:t.i+1]):
		t.fail("Dangling meta character '%c', or one that is not supported here", t.src[t.i])
	case t.src[t.i] == '\\':
		t.fail("the escape %.3q is illegal or not supported", t.src[t.i:])
	default:
		t.literal()
	}
	return true
}

func (t *translator) literal() {
	_, n := utf8.DecodeRuneInString(t.src[t.i:])
	t.out.WriteString(regexp.QuoteMeta(t.src[t.i : t.i+n]))
	t.i += n
}

func (t *translator) quantifier() {
	s, ok := t.take(quantifier)
	switch {
	case !ok:
		return
	case t.behind > 0 && strings.Contains("*+", s[:1]):
		t.fail("Look-behind group does not have an obvious maximum length, which is not supported")
	case t.accept("+"):
		t.fail("possessive quantifiers are not supported")
	case t.accept("?"):
		s += "?"
	}
	t.out.WriteString(s)
}

// escapedClass is the contents of a class for \d, \p{L} and so on.
func (t *translator) escapedClass() (string, bool) {
	s, ok := t.take(classEscape)
	if !ok {
		return "", false
	}
	class, ok := classes[s[1:]]
	if !ok {
		t.fail("%s is not supported", s)
	}
	return class, true
}

// class translates […], from behind the bracket.
func (t *translator) class() {
	t.out.WriteByte('[')
	if t.accept("^") {
		t.out.WriteByte('^')
	}
	for first := true; first || !t.accept("]"); first = false {
		if t.i == len(t.src) {
			t.fail("Unclosed character class")
			return
		}
		t.classItem(first)
	}
	t.out.WriteByte(']')
}

func (t *translator) classItem(first bool) {
	if s, ok := t.escapedClass(); ok {
		t.out.WriteString(s)
		if rest := t.src[t.i:]; strings.HasPrefix(rest, "-") && !strings.HasPrefix(rest, "-]") {
			t.fail("a range of classes is not supported")
		}
		return
	}
	s, ok := t.take(charEscape)
	switch {
	case ok:
		t.out.WriteString(s)
	case t.accept("["), t.accept("&&"):
		t.fail("a class within a class or an intersection of classes is not supported")
	case t.accept(`\`):
		t.fail("the escape %.2q is illegal or not supported in a class", t.src[t.i-1:])
	case !t.accept("-"):
		t.literal()
	case first || strings.HasPrefix(t.src[t.i:], "]"):
		t.out.WriteString(`\x2D`) // \- does not end a range for regexp2
	case classEscape.MatchString(t.src[t.i:]):
		t.fail("a range of classes is not supported")
	default:
		t.out.WriteByte('-')
	}
}
