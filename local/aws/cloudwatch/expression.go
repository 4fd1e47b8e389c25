package cloudwatch

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// node is a part of a metric math expression.
type node struct {
	// kind is what it is: a number, a text, a name (of a metric or expression), an operator, a function or a list.
	kind  nodeKind
	text  string // the name, operator or function
	value float64
	parts []*node
}

type nodeKind int

const (
	numberNode nodeKind = iota
	textNode
	nameNode
	operatorNode
	functionNode
	listNode
)

// functions are those of metric math that the local target has, with their numbers of arguments.
var functions = map[string]struct{ least, most int }{
	"ABS": {1, 1}, "AVG": {1, 1}, "CEIL": {1, 1}, "FILL": {2, 2}, "FLOOR": {1, 1}, "IF": {2, 3}, "MAX": {1, 1},
	"METRICS": {0, 1}, "MIN": {1, 1}, "PERIOD": {1, 1}, "SUM": {1, 1},
}

// otherFunctions are those of CloudWatch that it has not (documented: using-metric-math.html).
var otherFunctions = strings.Fields("ANOMALY_DETECTION_BAND DATAPOINT_COUNT DATE DAY DB_PERF_INSIGHTS DIFF DIFF_TIME " +
	"EPOCH FIRST HOUR INSIGHT_RULE_METRIC LAMBDA LAST LOG LOG10 METRIC_COUNT MINUTE MONTH RATE REMOVE_EMPTY " +
	"RUNNING_SUM SEARCH SERVICE_QUOTA SLICE SORT STDDEV TIME_SERIES YEAR")

// expressionError says what is wrong with an expression, in a sentence of CloudWatch's where one is known.
type expressionError string

func (w expressionError) Error() string { return string(w) }

func expressionErrorf(format string, args ...any) error {
	return expressionError(fmt.Sprintf(format, args...))
}

// expressionParser parses metric math (documented: using-metric-math.html, Metric math syntax and functions).
type expressionParser struct {
	tokens []string
	depth  int
}

// maxDepth bounds how deep expressions are nested.
const maxDepth = 50

// parseExpression parses an expression.
func parseExpression(text string) (*node, error) {
	tokens, err := expressionTokens(text)
	if err != nil {
		return nil, err
	}
	p := &expressionParser{tokens: tokens}
	parsed, err := p.parseOr()
	if err != nil {
		return nil, err
	}
	if len(p.tokens) > 0 {
		return nil, expressionErrorf("Unexpected '%s'", p.tokens[0])
	}
	return parsed, nil
}

// expressionTokens splits an expression.
func expressionTokens(text string) ([]string, error) {
	var tokens []string
	runes := []rune(text)
	for i := 0; i < len(runes); {
		start := i
		switch r := runes[i]; {
		case unicode.IsSpace(r):
			i++
			continue
		case isWord(r) || r == '.':
			for i < len(runes) && (isWord(runes[i]) || runes[i] == '.') {
				i++
			}
		case r == '"' || r == '\'':
			for i++; i < len(runes) && runes[i] != r; i++ {
			}
			if i == len(runes) {
				return nil, expressionErrorf("Unterminated string")
			}
			i++
		case i+1 < len(runes) && slices.Contains([]string{"==", "!=", "<=", ">=", "&&", "||"}, string(runes[i:i+2])):
			i += 2
		case strings.ContainsRune("+-*/^()[],<>", r):
			i++
		default:
			return nil, expressionErrorf("Unexpected character '%c'", r)
		}
		tokens = append(tokens, string(runes[start:i]))
	}
	return tokens, nil
}

func isWord(r rune) bool {
	return r == '_' || (r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)))
}

// accept consumes the next token if it is one of these.
func (p *expressionParser) accept(tokens ...string) (string, bool) {
	if len(p.tokens) == 0 || !slices.Contains(tokens, p.tokens[0]) {
		return "", false
	}
	taken := p.tokens[0]
	p.tokens = p.tokens[1:]
	return taken, true
}

func (p *expressionParser) expect(token string) error {
	if _, ok := p.accept(token); ok {
		return nil
	}
	if len(p.tokens) == 0 {
		return expressionErrorf("Unexpected end, '%s' is missing", token)
	}
	return expressionErrorf("Unexpected '%s', '%s' is missing", p.tokens[0], token)
}

// parseBinary parses operands with operators between them, from left to right.
func (p *expressionParser) parseBinary(operand func() (*node, error), operators ...string) (*node, error) {
	left, err := operand()
	for err == nil {
		operator, ok := p.accept(operators...)
		if !ok {
			return left, nil
		}
		var right *node
		if right, err = operand(); err == nil {
			left = &node{kind: operatorNode, text: spell(operator), parts: []*node{left, right}}
		}
	}
	return nil, err
}

// spell returns the one spelling of an operator.
func spell(operator string) string {
	switch operator {
	case "AND":
		return "&&"
	case "OR":
		return "||"
	}
	return operator
}

func (p *expressionParser) parseOr() (*node, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, expressionErrorf("it is nested deeper than %d", maxDepth)
	}
	defer func() { p.depth-- }()
	return p.parseBinary(p.parseAnd, "||", "OR")
}

func (p *expressionParser) parseAnd() (*node, error) {
	return p.parseBinary(p.parseComparison, "&&", "AND")
}

func (p *expressionParser) parseComparison() (*node, error) {
	return p.parseBinary(p.parseSum, "==", "!=", "<=", ">=", "<", ">")
}

func (p *expressionParser) parseSum() (*node, error) { return p.parseBinary(p.parseProduct, "+", "-") }
func (p *expressionParser) parseProduct() (*node, error) {
	return p.parseBinary(p.parseSigned, "*", "/")
}

func (p *expressionParser) parseSigned() (*node, error) {
	minus := false
	for {
		if _, ok := p.accept("-"); !ok {
			break
		}
		minus = !minus
	}
	operand, err := p.parsePower()
	if err != nil || !minus {
		return operand, err
	}
	return &node{kind: operatorNode, text: "-", parts: []*node{operand}}, nil
}

func (p *expressionParser) parsePower() (*node, error) {
	base, err := p.parseOperand()
	if err != nil {
		return nil, err
	}
	if _, ok := p.accept("^"); !ok {
		return base, nil
	}
	exponent, err := p.parseSigned()
	if err != nil {
		return nil, err
	}
	return &node{kind: operatorNode, text: "^", parts: []*node{base, exponent}}, nil
}

func (p *expressionParser) parseOperand() (*node, error) {
	if len(p.tokens) == 0 {
		return nil, expressionErrorf("Unexpected end")
	}
	token := p.tokens[0]
	p.tokens = p.tokens[1:]
	switch first := token[0]; {
	case token == "(":
		inner, err := p.parseOr()
		if err != nil {
			return nil, err
		}
		return inner, p.expect(")")
	case token == "[":
		parts, err := p.parseList("]")
		return &node{kind: listNode, parts: parts}, err
	case first == '"' || first == '\'':
		return &node{kind: textNode, text: token[1 : len(token)-1]}, nil
	case first == '.' || unicode.IsDigit(rune(first)):
		value, err := strconv.ParseFloat(token, 64)
		if err != nil {
			return nil, expressionErrorf("Unexpected '%s'", token)
		}
		return &node{kind: numberNode, value: value}, nil
	case queryID.MatchString(token):
		return &node{kind: nameNode, text: token}, nil
	case unicode.IsUpper(rune(first)):
		return p.parseFunction(token)
	}
	return nil, expressionErrorf("Unexpected '%s'", token)
}

// parseFunction parses the arguments of a function.
func (p *expressionParser) parseFunction(name string) (*node, error) {
	if name == "REPEAT" || name == "LINEAR" {
		return &node{kind: textNode, text: name}, nil // the ways of FILL
	}
	arguments, known := functions[name]
	if !known && slices.Contains(otherFunctions, name) {
		return nil, expressionErrorf("the function %s is not emulated by the local target", name)
	}
	if !known {
		return nil, expressionErrorf("Function '%s' not found", name)
	}
	if err := p.expect("("); err != nil {
		return nil, err
	}
	parts, err := p.parseList(")")
	if err != nil {
		return nil, err
	}
	if len(parts) < arguments.least || len(parts) > arguments.most {
		return nil, expressionErrorf("The function %s does not take %s", name, plural(len(parts), "argument"))
	}
	return &node{kind: functionNode, text: name, parts: parts}, nil
}

// parseList parses parts with commas between them, and the end.
func (p *expressionParser) parseList(end string) ([]*node, error) {
	var parts []*node
	if _, ok := p.accept(end); ok {
		return parts, nil
	}
	for {
		part, err := p.parseOr()
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
		if _, more := p.accept(","); !more {
			return parts, p.expect(end)
		}
	}
}
