package cloudwatch

import (
	"encoding/json"
	"strings"
)

// step is one step of a selector: a member by its name, or an element by its index.
type step struct {
	name  string
	index int
}

// jsonKind is what is found at a selector.
type jsonKind int

const (
	jsonMissing jsonKind = iota
	jsonNull
	jsonTrue
	jsonFalse
	jsonNumber
	jsonString
	jsonContainer // an object or an array
)

// jsonValue is a value in a JSON text.
type jsonValue struct {
	kind jsonKind
	raw  string
}

// text is the value as a text: a string without its quotes, others as they are written.
func (v jsonValue) text() string {
	if v.kind != jsonString {
		return v.raw
	}
	if !strings.Contains(v.raw, `\`) {
		return v.raw[1 : len(v.raw)-1]
	}
	var text string
	if json.Unmarshal([]byte(v.raw), &text) != nil {
		return v.raw // it is not JSON then, which jsonPattern finds out
	}
	return text
}

// find finds the value at a selector without reading more of the text than it must, and without memory of its own: it
// runs for each line of an access log. What is not JSON it may take for a value.
func find(message string, selector []step) jsonValue {
	s := scanner{text: message}
	for _, step := range selector {
		s.space()
		if !s.enter(step) {
			return jsonValue{}
		}
	}
	s.space()
	start := s.at
	kind := s.value(0)
	if kind == jsonMissing {
		return jsonValue{}
	}
	return jsonValue{kind: kind, raw: message[start:s.at]}
}

// scanner is a place in a JSON text.
type scanner struct {
	text string
	at   int
}

func (s *scanner) space() {
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return
		}
	}
}

func (s *scanner) next() byte {
	if s.at < len(s.text) {
		return s.text[s.at]
	}
	return 0
}

// enter goes to a member of the object, or an element of the array, that begins here. Of members with the same name the
// first is taken.
func (s *scanner) enter(to step) bool {
	open, closing := byte('['), byte(']')
	if to.name != "" {
		open, closing = '{', '}'
	}
	if s.next() != open {
		return false
	}
	s.at++
	for i := 0; ; i++ {
		s.space()
		if c := s.next(); c == closing || c == 0 {
			return false
		}
		here := to.name == "" && i == to.index
		if to.name != "" {
			start := s.at
			if s.value(0) != jsonString {
				return false
			}
			here = jsonValue{kind: jsonString, raw: s.text[start:s.at]}.text() == to.name
			s.space()
			if s.next() != ':' {
				return false
			}
			s.at++
		}
		s.space()
		if here {
			return true
		}
		if s.value(0) == jsonMissing {
			return false
		}
		s.space()
		if s.next() != ',' {
			return false
		}
		s.at++
	}
}

// mostNested bounds how deep a value is read.
const mostNested = 200

// value reads the value that begins here; jsonMissing: there is none.
func (s *scanner) value(depth int) jsonKind {
	switch c := s.next(); {
	case c == '"':
		return s.string()
	case c == '{' || c == '[':
		return s.container(depth)
	case c == '-' || (c >= '0' && c <= '9'):
		for s.at++; strings.IndexByte("0123456789+-.eE", s.next()) >= 0 && s.next() != 0; s.at++ {
		}
		return jsonNumber
	}
	for _, word := range []struct {
		text string
		kind jsonKind
	}{{"true", jsonTrue}, {"false", jsonFalse}, {"null", jsonNull}} {
		if strings.HasPrefix(s.text[s.at:], word.text) {
			s.at += len(word.text)
			return word.kind
		}
	}
	return jsonMissing
}

func (s *scanner) string() jsonKind {
	for s.at++; s.at < len(s.text); s.at++ {
		switch s.text[s.at] {
		case '\\':
			s.at++
		case '"':
			s.at++
			return jsonString
		}
	}
	return jsonMissing
}

// container skips an object or array.
func (s *scanner) container(depth int) jsonKind {
	if depth > mostNested {
		return jsonMissing
	}
	for s.at++; s.at < len(s.text); {
		switch s.text[s.at] {
		case '}', ']':
			s.at++
			return jsonContainer
		case ',', ':', ' ', '\t', '\n', '\r':
			s.at++
		default:
			if s.value(depth+1) == jsonMissing {
				return jsonMissing
			}
		}
	}
	return jsonMissing
}
