package vtl

import "strings"

// The functions of this file measure what a source begins with; 0: it does not.

// lineEndLength is of the white space up to and with a newline.
func lineEndLength(s string) int {
	i := len(s) - len(strings.TrimLeft(s, " \t"))
	if n := newlineLength(s[i:]); n > 0 {
		return i + n
	}
	return 0
}

func newlineLength(s string) int {
	switch {
	case strings.HasPrefix(s, "\r\n"):
		return 2
	case s != "" && (s[0] == '\n' || s[0] == '\r'):
		return 1
	}
	return 0
}

// setLength is of #set(, with the blanks in front, which #set eats.
func setLength(s string) int {
	rest := strings.TrimLeft(s, " \t")
	if !strings.HasPrefix(rest, "#") {
		return 0
	}
	after, ok := strings.CutPrefix(rest, "#set")
	if !ok {
		after, ok = strings.CutPrefix(rest, "#{set}")
	}
	after = strings.TrimLeft(after, " ")
	if !ok || !strings.HasPrefix(after, "(") {
		return 0
	}
	return len(s) - len(after) + 1
}

// stringLength is of a string with its quotes; a doubled quote is part of it.
func stringLength(s string) int {
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

// wordLength is of a directive's name, or of one in braces.
func wordLength(s string) int {
	if strings.HasPrefix(s, "{") {
		if n := plainWordLength(s[1:]); n > 0 && s[1] != '@' && strings.HasPrefix(s[n+1:], "}") {
			return n + 2
		}
		return 0
	}
	return plainWordLength(s)
}

func plainWordLength(s string) int {
	if s == "" || isDigit(s[0]) {
		return 0
	}
	n := 0
	for n < len(s) && (isLetter(s[n]) || isDigit(s[n]) || s[n] == '_' || s[n] == '@') {
		n++
	}
	return n
}

func startsName(s string) bool { return s != "" && (isLetter(s[0]) || s[0] == '_') }

// nameLength is of the name of a variable, property or method.
func nameLength(s string) int {
	if !startsName(s) {
		return 0
	}
	n := 1
	for n < len(s) && (isLetter(s[n]) || isDigit(s[n]) || s[n] == '_' || s[n] == '-') {
		n++
	}
	return n
}

// numberLength is of an integer or, if float is true, of a decimal number. The minus in front belongs to it.
func numberLength(s string) (n int, float bool) {
	i := 0
	if strings.HasPrefix(s, "-") {
		i = 1
	}
	whole := digitsLength(s[i:])
	end := i + whole
	if strings.HasPrefix(s[end:], ".") && (whole == 0 || !strings.HasPrefix(s[end:], "..")) {
		if fraction := digitsLength(s[end+1:]); whole > 0 || fraction > 0 {
			end += 1 + fraction
			return end + exponentLength(s[end:]), true
		}
	}
	if whole == 0 {
		return 0, false
	}
	if e := exponentLength(s[end:]); e > 0 {
		return end + e, true
	}
	return end, false
}

func digitsLength(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

func exponentLength(s string) int {
	if s == "" || s[0] != 'e' && s[0] != 'E' {
		return 0
	}
	i := 1
	if i < len(s) && (s[i] == '+' || s[i] == '-') {
		i++
	}
	if d := digitsLength(s[i:]); d > 0 {
		return i + d
	}
	return 0
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
