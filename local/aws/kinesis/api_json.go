package kinesis

import (
	"unicode/utf16"
	"unicode/utf8"
)

// scanner reads JSON in place: a request is a few short strings, of which most need not be copied.
type scanner struct {
	b []byte
	i int
}

// maxDepth is how deep a value may be nested that is skipped.
const maxDepth = 512

// peek returns the next byte that is not white space, or 0 at the end.
func (s *scanner) peek() byte {
	for s.i < len(s.b) {
		switch c := s.b[s.i]; c {
		case ' ', '\t', '\n', '\r':
			s.i++
		default:
			return c
		}
	}
	return 0
}

// accept consumes c if it is next.
func (s *scanner) accept(c byte) bool {
	if s.peek() != c || s.i >= len(s.b) {
		return false
	}
	s.i++
	return true
}

// literal consumes a word such as null if it is next.
func (s *scanner) literal(word string) bool {
	s.peek()
	if len(s.b)-s.i < len(word) || string(s.b[s.i:s.i+len(word)]) != word {
		return false
	}
	s.i += len(word)
	return true
}

// object calls member for each member of an object, with the scanner before its value; it has to consume the value.
func (s *scanner) object(member func(name []byte) error) error {
	if !s.accept('{') {
		return errMalformed
	}
	if s.accept('}') {
		return nil
	}
	for {
		name, err := s.text()
		if err != nil {
			return err
		}
		if !s.accept(':') {
			return errMalformed
		}
		if err := member(name); err != nil {
			return err
		}
		if s.accept(',') {
			continue
		}
		if s.accept('}') {
			return nil
		}
		return errMalformed
	}
}

// array calls element for each element of an array, with the scanner before it.
func (s *scanner) array(element func() error) error {
	if !s.accept('[') {
		return errMalformed
	}
	if s.accept(']') {
		return nil
	}
	for {
		if err := element(); err != nil {
			return err
		}
		if s.accept(',') {
			continue
		}
		if s.accept(']') {
			return nil
		}
		return errMalformed
	}
}

// text reads a string. Without escapes the result lies in the request.
func (s *scanner) text() ([]byte, error) {
	if !s.accept('"') {
		return nil, errMalformed
	}
	start := s.i
	for ; s.i < len(s.b); s.i++ {
		switch c := s.b[s.i]; {
		case c == '"':
			s.i++
			return s.b[start : s.i-1], nil
		case c == '\\':
			return s.unescape(start)
		case c < ' ':
			return nil, errMalformed
		}
	}
	return nil, errMalformed
}

// unescape reads the rest of a string that has an escape.
func (s *scanner) unescape(start int) ([]byte, error) {
	out := append(make([]byte, 0, 2*(s.i-start)+16), s.b[start:s.i]...)
	for s.i < len(s.b) {
		c := s.b[s.i]
		s.i++
		switch {
		case c == '"':
			return out, nil
		case c < ' ':
			return nil, errMalformed
		case c != '\\':
			out = append(out, c)
		default:
			r, ok := s.escape()
			if !ok {
				return nil, errMalformed
			}
			out = utf8.AppendRune(out, r)
		}
	}
	return nil, errMalformed
}

// escape reads what follows a backslash. Half a surrogate pair becomes U+FFFD.
func (s *scanner) escape() (rune, bool) {
	if s.i >= len(s.b) {
		return 0, false
	}
	c := s.b[s.i]
	s.i++
	switch c {
	case '"', '\\', '/':
		return rune(c), true
	case 'b':
		return '\b', true
	case 'f':
		return '\f', true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	case 'u':
	default:
		return 0, false
	}
	r, ok := s.hex4()
	if !ok || !utf16.IsSurrogate(r) {
		return r, ok
	}
	if len(s.b)-s.i >= 6 && s.b[s.i] == '\\' && s.b[s.i+1] == 'u' {
		back := s.i
		s.i += 2
		second, ok := s.hex4()
		if !ok {
			return 0, false
		}
		if pair := utf16.DecodeRune(r, second); pair != utf8.RuneError {
			return pair, true
		}
		s.i = back
	}
	return utf8.RuneError, true
}

func (s *scanner) hex4() (rune, bool) {
	if len(s.b)-s.i < 4 {
		return 0, false
	}
	var r rune
	for range 4 {
		c := s.b[s.i]
		s.i++
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// skip consumes a value that is not used.
func (s *scanner) skip(depth int) error {
	if depth > maxDepth {
		return errMalformed
	}
	switch c := s.peek(); {
	case c == '{':
		return s.object(func([]byte) error { return s.skip(depth + 1) })
	case c == '[':
		return s.array(func() error { return s.skip(depth + 1) })
	case c == '"':
		_, err := s.text()
		return err
	case s.literal("null"), s.literal("true"), s.literal("false"), s.number():
		return nil
	}
	return errMalformed
}

// number consumes a number if one is next.
func (s *scanner) number() bool {
	i := s.i
	digits := func() bool {
		start := i
		for i < len(s.b) && s.b[i] >= '0' && s.b[i] <= '9' {
			i++
		}
		return i > start
	}
	if i < len(s.b) && s.b[i] == '-' {
		i++
	}
	first := i
	if !digits() || s.b[first] == '0' && i > first+1 {
		return false
	}
	if i < len(s.b) && s.b[i] == '.' {
		if i++; !digits() {
			return false
		}
	}
	if i < len(s.b) && s.b[i]|0x20 == 'e' {
		i++
		if i < len(s.b) && (s.b[i] == '+' || s.b[i] == '-') {
			i++
		}
		if !digits() {
			return false
		}
	}
	s.i = i
	return true
}

// end reports whether nothing but white space is left.
func (s *scanner) end() bool {
	s.peek()
	return s.i >= len(s.b)
}
