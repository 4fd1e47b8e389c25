package cloudwatch

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// jsonPattern is a pattern in braces. It matches events that are JSON objects or arrays.
type jsonPattern struct{ condition condition }

func (p jsonPattern) matches(message string) bool {
	// Most events do not match, so that the whole of an event is only read to see whether it is JSON when its parts do.
	return p.condition.holds(message) && json.Valid([]byte(message))
}

// condition is a part of a JSON pattern.
type condition interface {
	holds(message string) bool
}

type allOf []condition

func (all allOf) holds(message string) bool {
	for _, c := range all {
		if !c.holds(message) {
			return false
		}
	}
	return true
}

type anyOf []condition

func (some anyOf) holds(message string) bool {
	for _, c := range some {
		if c.holds(message) {
			return true
		}
	}
	return false
}

// exists is NOT EXISTS, IS NULL, IS TRUE and IS FALSE.
type exists struct {
	selector []step
	kind     jsonKind
}

func (e exists) holds(message string) bool { return find(message, e.selector).kind == e.kind }

// comparison compares the value at a selector. Objects, arrays, null, and what is not there never hold, whatever the
// operator (documented: FilterAndPatternSyntax.html, JSON special considerations; seen in tests that people have run
// against TestMetricFilter).
type comparison struct {
	selector []step
	operator string
	// text is what is compared with; a * at its beginning or end stands for any text.
	text          string
	before, after bool
	// number is the text as a number, if isNumber: then numbers are compared as numbers.
	number   float64
	isNumber bool
}

func (c comparison) holds(message string) bool {
	found := find(message, c.selector)
	if found.kind == jsonNumber && c.isNumber {
		value, err := strconv.ParseFloat(found.raw, 64)
		if err != nil {
			return false
		}
		operator := c.operator
		if operator == "=" {
			operator = "=="
		}
		return operate(operator, value, c.number) == 1
	}
	switch found.kind {
	case jsonNumber, jsonString, jsonTrue, jsonFalse:
	default:
		return false
	}
	switch c.operator {
	case "=":
		return c.like(found.text())
	case "!=":
		return !c.like(found.text())
	}
	return false // an order of texts there is none
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

// parseSelector reads a selector such as $.users[0].id.
func parseSelector(text string) ([]step, error) {
	if selectorToken.FindString(text) != text || text == "$" || text == "" {
		return nil, wrongPattern("%q is no selector that the local target knows: $, names and [numbers]", text)
	}
	steps := []step{}
	for _, found := range selectorStep.FindAllStringSubmatch(text, -1) {
		if found[1] != "" {
			steps = append(steps, step{name: found[1]})
			continue
		}
		index, err := strconv.Atoi(found[2])
		if err != nil {
			return nil, wrongPattern("%q: %s", text, err)
		}
		steps = append(steps, step{index: index})
	}
	return steps, nil
}

// jsonPatternParser reads a JSON pattern: comparisons with && and || between them, && first, and brackets.
type jsonPatternParser struct {
	rest  string
	depth int
}

func parseJSONPattern(text string) (pattern, error) {
	if !strings.HasSuffix(text, "}") {
		return nil, wrongPattern("%q does not end with }", text)
	}
	p := &jsonPatternParser{rest: text[1 : len(text)-1]}
	parsed, err := p.any()
	if err != nil {
		return nil, err
	}
	if p.skip(); p.rest != "" {
		return nil, wrongPattern("at %q", p.rest)
	}
	return jsonPattern{parsed}, nil
}

func (p *jsonPatternParser) skip() { p.rest = strings.TrimLeft(p.rest, " \t\r\n") }

func (p *jsonPatternParser) take(token string) bool {
	p.skip()
	rest, found := strings.CutPrefix(p.rest, token)
	p.rest = rest
	return found
}

func (p *jsonPatternParser) any() (condition, error) {
	if p.depth++; p.depth > mostDepth {
		return nil, wrongPattern("it is nested deeper than %d", mostDepth)
	}
	defer func() { p.depth-- }()
	var some anyOf
	for {
		c, err := p.all()
		if err != nil {
			return nil, err
		}
		if some = append(some, c); !p.take("||") {
			return some, nil
		}
	}
}

func (p *jsonPatternParser) all() (condition, error) {
	var all allOf
	for {
		c, err := p.one()
		if err != nil {
			return nil, err
		}
		if all = append(all, c); !p.take("&&") {
			return all, nil
		}
	}
}

func (p *jsonPatternParser) one() (condition, error) {
	if p.take("(") {
		c, err := p.any()
		if err == nil && !p.take(")") {
			return nil, wrongPattern("at %q: ) is missing", p.rest)
		}
		return c, err
	}
	text := selectorToken.FindString(p.rest)
	selector, err := parseSelector(text)
	if err != nil {
		return nil, wrongPattern("at %q: a selector such as $.status is missing", p.rest)
	}
	p.rest = p.rest[len(text):]
	if found := isToken.FindStringSubmatch(p.rest); found != nil {
		p.rest = p.rest[len(found[0]):]
		kinds := map[string]jsonKind{"NULL": jsonNull, "TRUE": jsonTrue, "FALSE": jsonFalse, "EXISTS": jsonMissing}
		return exists{selector, kinds[found[2]+found[4]]}, nil
	}
	operator := operatorToken.FindStringSubmatch(p.rest)
	if operator == nil {
		return nil, wrongPattern("at %q: an operator is missing", p.rest)
	}
	p.rest = p.rest[len(operator[0]):]
	return p.compare(selector, operator[1])
}

// compare reads what a comparison compares with.
func (p *jsonPatternParser) compare(selector []step, operator string) (condition, error) {
	found := valueToken.FindStringSubmatch(p.rest)
	if found == nil {
		return nil, wrongPattern("at %q: a value is missing", p.rest)
	}
	token := found[0]
	p.rest = p.rest[len(token):]
	c := comparison{selector: selector, operator: operator, text: token}
	quoted := token[0] == '"'
	switch {
	case quoted:
		c.text = termText.Replace(found[1])
	case strings.HasPrefix(token, "%"):
		return nil, wrongPattern("regular expressions (%%…%%) are not emulated by the local target")
	case numberToken.MatchString(token):
		c.isNumber = true
		var err error
		if c.number, err = strconv.ParseFloat(token, 64); err != nil {
			return nil, wrongPattern("%s", err)
		}
	}
	if operator != "=" && operator != "!=" && !c.isNumber {
		return nil, wrongPattern("Invalid character(s) in term '%s'", token)
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
