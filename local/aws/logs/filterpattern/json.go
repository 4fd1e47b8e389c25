package filterpattern

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
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

var (
	selectorToken = regexp.MustCompile(`^\$(?:\.[\w-]+|\[\d+\])*`)
	selectorStep  = regexp.MustCompile(`\.([\w-]+)|\[(\d+)\]`)
	isToken       = regexp.MustCompile(`^\s*(?:(IS)\s+(NULL|TRUE|FALSE)|(NOT)\s+(EXISTS))\b`)
	operatorToken = regexp.MustCompile(`^\s*(!=|>=|<=|=|>|<)\s*`)
	numberToken   = regexp.MustCompile(`^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$`)
	// Which characters may stand without quotes is documented for letters and digits, and seen for . and *; assumed: the
	// others here.
	valueToken = regexp.MustCompile(`^(?:"((?:[^"\\]|\\.)*)"|%|[\w.*:/+-]+)`)
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

// maxDepth bounds how deep a pattern is nested.
const maxDepth = 50

// jsonPatternParser parses a JSON pattern: comparisons with && and || between them, && first, and brackets.
type jsonPatternParser struct {
	rest  string
	depth int
}

func parseJSONPattern(text string) (Pattern, error) {
	if !strings.HasSuffix(text, "}") {
		return nil, fmt.Errorf("%q does not end with }", text)
	}
	p := &jsonPatternParser{rest: text[1 : len(text)-1]}
	parsed, err := p.parseOr()
	if err != nil {
		return nil, err
	}
	if p.skip(); p.rest != "" {
		return nil, fmt.Errorf("at %q", p.rest)
	}
	return JSON{parsed}, nil
}

func (p *jsonPatternParser) skip() { p.rest = strings.TrimLeft(p.rest, " \t\r\n") }

func (p *jsonPatternParser) accept(token string) bool {
	p.skip()
	rest, found := strings.CutPrefix(p.rest, token)
	p.rest = rest
	return found
}

func (p *jsonPatternParser) parseOr() (condition, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, fmt.Errorf("it is nested deeper than %d", maxDepth)
	}
	defer func() { p.depth-- }()
	var some anyOf
	for {
		c, err := p.parseAnd()
		if err != nil {
			return nil, err
		}
		if some = append(some, c); !p.accept("||") {
			return some, nil
		}
	}
}

func (p *jsonPatternParser) parseAnd() (condition, error) {
	var all allOf
	for {
		c, err := p.parseCondition()
		if err != nil {
			return nil, err
		}
		if all = append(all, c); !p.accept("&&") {
			return all, nil
		}
	}
}

func (p *jsonPatternParser) parseCondition() (condition, error) {
	if p.accept("(") {
		c, err := p.parseOr()
		if err == nil && !p.accept(")") {
			return nil, fmt.Errorf("at %q: ) is missing", p.rest)
		}
		return c, err
	}
	text := selectorToken.FindString(p.rest)
	selector, err := ParseSelector(text)
	if err != nil {
		return nil, fmt.Errorf("at %q: a selector such as $.status is missing", p.rest)
	}
	p.rest = p.rest[len(text):]
	if found := isToken.FindStringSubmatch(p.rest); found != nil {
		p.rest = p.rest[len(found[0]):]
		values := map[string]any{"NULL": nil, "TRUE": true, "FALSE": false, "EXISTS": missing{}}
		return is{selector, values[found[2]+found[4]]}, nil
	}
	operator := operatorToken.FindStringSubmatch(p.rest)
	if operator == nil {
		return nil, fmt.Errorf("at %q: an operator is missing", p.rest)
	}
	p.rest = p.rest[len(operator[0]):]
	return p.parseComparison(selector, operator[1])
}

// parseComparison parses what a selector is compared with.
func (p *jsonPatternParser) parseComparison(selector Selector, operator string) (condition, error) {
	found := valueToken.FindStringSubmatch(p.rest)
	if found == nil {
		return nil, fmt.Errorf("at %q: a value is missing", p.rest)
	}
	token := found[0]
	p.rest = p.rest[len(token):]
	c := comparison{selector: selector, operator: operator, text: token}
	quoted := token[0] == '"'
	switch {
	case quoted:
		c.text = termText.Replace(found[1])
	case strings.HasPrefix(token, "%"):
		return nil, errRegularExpression
	case numberToken.MatchString(token):
		c.isNumber = true
		var err error
		if c.number, err = strconv.ParseFloat(token, 64); err != nil {
			return nil, err
		}
	}
	if operator != "=" && operator != "!=" && !c.isNumber {
		return nil, fmt.Errorf("Invalid character(s) in term '%s'", token) //nolint:staticcheck // ST1005: AWS's own sentence
	}
	// Only at the beginning and at the end is a * anything but itself (documented: Ev*ent).
	if rest, wild := strings.CutPrefix(c.text, "*"); wild {
		c.text, c.before = rest, true
	}
	if rest, wild := strings.CutSuffix(c.text, "*"); wild {
		c.text, c.after = rest, true
	}
	return c, nil
}
