package iam

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// element is a JSON value of a policy document, with the order of its members kept and nothing folded: encoding/json
// into structs would accept "effect" for "Effect" and the last of two equal members, and IAM accepts neither.
type element struct {
	kind    byte // '{', '[', '"', '0' (a number), 't' (a boolean) or 'n' (null)
	text    string
	members []member
	items   []*element
	// begin and end are the offsets behind the brackets of an object or an array.
	begin, end int
}

type member struct {
	name  string
	value *element
}

// member returns the value of a member, or nil.
func (e *element) member(name string) *element {
	for _, m := range e.members {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// readJSON parses a whole document. The error says what is wrong but not in IAM's words.
func readJSON(document string) (*element, error) {
	decoder := json.NewDecoder(bytes.NewReader([]byte(document)))
	decoder.UseNumber()
	root, err := readValue(decoder, 0)
	if err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, fmt.Errorf("text after the end of the document at offset %d", decoder.InputOffset())
	}
	return root, nil
}

// maxDepth bounds the nesting of a policy document; the grammar needs six levels.
const maxDepth = 32

func readValue(decoder *json.Decoder, depth int) (*element, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("more than %d levels of nesting", maxDepth)
	}
	token, err := decoder.Token()
	if err != nil {
		return nil, fmt.Errorf("reading JSON at offset %d: %w", decoder.InputOffset(), err)
	}
	switch value := token.(type) {
	case json.Delim:
		if value == '{' {
			return readObject(decoder, depth)
		}
		return readArray(decoder, depth)
	case string:
		return &element{kind: '"', text: value}, nil
	case json.Number:
		return &element{kind: '0', text: value.String()}, nil
	case bool:
		return &element{kind: 't', text: fmt.Sprint(value)}, nil
	default:
		return &element{kind: 'n'}, nil
	}
}

func readObject(decoder *json.Decoder, depth int) (*element, error) {
	object := &element{kind: '{', begin: int(decoder.InputOffset())}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, fmt.Errorf("reading JSON at offset %d: %w", decoder.InputOffset(), err)
		}
		name := token.(string)
		if object.member(name) != nil {
			return nil, fmt.Errorf("%q twice in one object", name)
		}
		value, err := readValue(decoder, depth+1)
		if err != nil {
			return nil, err
		}
		object.members = append(object.members, member{name, value})
	}
	return object, object.readEnd(decoder)
}

func readArray(decoder *json.Decoder, depth int) (*element, error) {
	array := &element{kind: '[', begin: int(decoder.InputOffset())}
	for decoder.More() {
		value, err := readValue(decoder, depth+1)
		if err != nil {
			return nil, err
		}
		array.items = append(array.items, value)
	}
	return array, array.readEnd(decoder)
}

// readEnd consumes the closing bracket.
func (e *element) readEnd(decoder *json.Decoder) error {
	if _, err := decoder.Token(); err != nil {
		return fmt.Errorf("reading JSON at offset %d: %w", decoder.InputOffset(), err)
	}
	e.end = int(decoder.InputOffset())
	return nil
}
