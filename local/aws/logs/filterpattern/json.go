package filterpattern

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// JSON is a pattern in braces. It selects events that are JSON objects or arrays.
type JSON struct{ condition condition }

// Match implements Pattern.
func (p JSON) Match(message string) bool {
	// Most events do not match: those that cannot are not decoded.
	if !strings.Contains(message, `\`) && !p.condition.possible(message) {
		return false
	}
	event, ok := decode(message)
	return ok && p.condition.holds(event)
}

// Values are the values that an event has at the pattern's selectors, by selector.
func (p JSON) Values(message string) map[string]string {
	values := map[string]string{}
	event, ok := decode(message)
	if !ok {
		return values
	}
	for _, selector := range p.condition.selectors() {
		if text, found := literal(selector.find(event)); found {
			values[selector.String()] = text
		}
	}
	return values
}

// decode decodes an event that is an object or an array. Numbers stay as they are written.
func decode(message string) (event any, ok bool) {
	decoder := json.NewDecoder(strings.NewReader(message))
	decoder.UseNumber()
	if decoder.Decode(&event) != nil {
		return nil, false
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, false // something is after it
	}
	switch event.(type) {
	case map[string]any, []any:
		return event, true
	}
	return nil, false
}

// condition is a part of a JSON pattern.
type condition interface {
	holds(event any) bool
	// possible is false if the condition cannot hold for an event with this text, in which nothing is escaped.
	possible(message string) bool
	selectors() []Selector
}

type allOf []condition

func (all allOf) holds(event any) bool {
	for _, c := range all {
		if !c.holds(event) {
			return false
		}
	}
	return true
}

func (all allOf) possible(message string) bool {
	for _, c := range all {
		if !c.possible(message) {
			return false
		}
	}
	return true
}

func (all allOf) selectors() (found []Selector) {
	for _, c := range all {
		found = append(found, c.selectors()...)
	}
	return found
}

type anyOf []condition

func (some anyOf) holds(event any) bool {
	for _, c := range some {
		if c.holds(event) {
			return true
		}
	}
	return false
}

func (some anyOf) possible(message string) bool {
	for _, c := range some {
		if c.possible(message) {
			return true
		}
	}
	return false
}

func (some anyOf) selectors() []Selector { return allOf(some).selectors() }

// is is IS NULL, IS TRUE, IS FALSE and NOT EXISTS.
type is struct {
	selector Selector
	value    any // nil, true, false or missing{}
}

func (c is) holds(event any) bool { return c.selector.find(event) == c.value }

func (c is) possible(string) bool { return true }

func (c is) selectors() []Selector { return []Selector{c.selector} }

// comparison compares the value at a selector. Objects, arrays, null, and what is not there never hold, whatever the
// operator (documented: FilterAndPatternSyntax.html, JSON special considerations; users have seen the
// same with TestMetricFilter).
type comparison struct {
	selector Selector
	operator string
	// text is what is compared with; a * at its beginning or end stands for any text.
	text          string
	before, after bool
	// number is the text as a number, if isNumber: then numbers are compared as numbers.
	number   float64
	isNumber bool
}

func (c comparison) selectors() []Selector { return []Selector{c.selector} }

func (c comparison) possible(message string) bool {
	return c.operator != "=" || c.isNumber || strings.Contains(message, c.text)
}

func (c comparison) holds(event any) bool {
	value := c.selector.find(event)
	if number, isNumber := value.(json.Number); isNumber && c.isNumber {
		f, err := number.Float64()
		return err == nil && c.compare(f)
	}
	text, ok := literal(value)
	switch c.operator {
	case "=":
		return ok && c.like(text)
	case "!=":
		return ok && !c.like(text)
	}
	return false // texts have no order
}

func (c comparison) compare(value float64) bool {
	switch c.operator {
	case "=":
		return value == c.number
	case "!=":
		return value != c.number
	case "<":
		return value < c.number
	case "<=":
		return value <= c.number
	case ">":
		return value > c.number
	default:
		return value >= c.number
	}
}

func (c comparison) like(text string) bool {
	switch {
	case c.before && c.after:
		return strings.Contains(text, c.text)
	case c.before:
		return strings.HasSuffix(text, c.text)
	case c.after:
		return strings.HasPrefix(text, c.text)
	}
	return text == c.text
}
