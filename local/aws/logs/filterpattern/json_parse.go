package filterpattern

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var (
	isToken       = regexp.MustCompile(`^\s*(?:(IS)\s+(NULL|TRUE|FALSE)|(NOT)\s+(EXISTS))\b`)
	operatorToken = regexp.MustCompile(`^\s*(!=|>=|<=|=|>|<)\s*`)
	numberToken   = regexp.MustCompile(`^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$`)
	// Which characters may stand without quotes is documented for letters and digits, and seen for . and *; assumed: the
	// others here.
	valueToken = regexp.MustCompile(`^(?:"((?:[^"\\]|\\.)*)"|%|[\w.*:/+-]+)`)
)

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
