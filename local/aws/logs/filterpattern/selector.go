package filterpattern

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
)

// Selector is the place of a value in a JSON event, such as $.users[0].id.
type Selector []any // of the names of members, string, and the indexes of elements, int

// Number is the number, or the text that is a number, that a JSON event has at the place.
func (s Selector) Number(message string) (float64, bool) {
	event, _ := decode(message)
	text, _ := literal(s.find(event))
	number, err := strconv.ParseFloat(text, 64)
	return number, err == nil
}

// String is the selector as it is written in a pattern.
func (s Selector) String() string {
	text := "$"
	for _, step := range s {
		if index, isIndex := step.(int); isIndex {
			text += fmt.Sprintf("[%d]", index)
			continue
		}
		text += fmt.Sprintf(".%v", step)
	}
	return text
}

var (
	selectorToken = regexp.MustCompile(`^\$(?:\.[\w-]+|\[\d+\])*`)
	selectorStep  = regexp.MustCompile(`\.([\w-]+)|\[(\d+)\]`)
)

// ParseSelector parses a selector such as $.users[0].id.
func ParseSelector(text string) (Selector, error) {
	if selectorToken.FindString(text) != text || text == "$" || text == "" {
		return nil, fmt.Errorf("%q is no selector that the local target knows: $, names and [numbers]", text)
	}
	steps := Selector{}
	for _, found := range selectorStep.FindAllStringSubmatch(text, -1) {
		if found[1] != "" {
			steps = append(steps, found[1])
			continue
		}
		index, err := strconv.Atoi(found[2])
		if err != nil {
			return nil, fmt.Errorf("%q: %w", text, err)
		}
		steps = append(steps, index)
	}
	return steps, nil
}

// missing is what a selector finds where nothing is.
type missing struct{}

func (s Selector) find(value any) any {
	for _, step := range s {
		found := false
		switch container := value.(type) {
		case map[string]any:
			if name, isName := step.(string); isName {
				value, found = container[name]
			}
		case []any:
			if index, isIndex := step.(int); isIndex && index < len(container) {
				value, found = container[index], true
			}
		}
		if !found {
			return missing{}
		}
	}
	return value
}

// literal is a string, number or boolean as a text; other values have none.
func literal(value any) (text string, ok bool) {
	switch value := value.(type) {
	case string:
		return value, true
	case json.Number:
		return value.String(), true
	case bool:
		return strconv.FormatBool(value), true
	}
	return "", false
}
