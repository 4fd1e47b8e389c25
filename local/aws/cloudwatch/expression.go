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

// wrongExpression says what is wrong with an expression, in a sentence of CloudWatch's where one is known.
type wrongExpression string

func (w wrongExpression) Error() string { return string(w) }

func wrongf(format string, args ...any) error { return wrongExpression(fmt.Sprintf(format, args...)) }

// expressionParser reads metric math (documented: using-metric-math.html, Metric math syntax and functions).
type expressionParser struct {
	tokens []string
	depth  int
}

// mostDepth bounds how deep expressions are nested.
const mostDepth = 50

// parseExpression reads an expression.
func parseExpression(text string) (*node, error) {
	tokens, err := expressionTokens(text)
	if err != nil {
		return nil, err
	}
	p := &expressionParser{tokens: tokens}
	parsed, err := p.either()
	if err != nil {
		return nil, err
	}
	if len(p.tokens) > 0 {
		return nil, wrongf("Unexpected '%s'", p.tokens[0])
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
				return nil, wrongf("Unterminated string")
			}
			i++
		case i+1 < len(runes) && slices.Contains([]string{"==", "!=", "<=", ">=", "&&", "||"}, string(runes[i:i+2])):
			i += 2
		case strings.ContainsRune("+-*/^()[],<>", r):
			i++
		default:
			return nil, wrongf("Unexpected character '%c'", r)
		}
		tokens = append(tokens, string(runes[start:i]))
	}
	return tokens, nil
}

func isWord(r rune) bool {
	return r == '_' || (r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)))
}

// take takes the next token if it is one of these.
func (p *expressionParser) take(tokens ...string) (string, bool) {
	if len(p.tokens) == 0 || !slices.Contains(tokens, p.tokens[0]) {
		return "", false
	}
	taken := p.tokens[0]
	p.tokens = p.tokens[1:]
	return taken, true
}

func (p *expressionParser) expect(token string) error {
	if _, ok := p.take(token); ok {
		return nil
	}
	if len(p.tokens) == 0 {
		return wrongf("Unexpected end, '%s' is missing", token)
	}
	return wrongf("Unexpected '%s', '%s' is missing", p.tokens[0], token)
}

// binary reads operands with operators between them, from left to right.
func (p *expressionParser) binary(operand func() (*node, error), operators ...string) (*node, error) {
	left, err := operand()
	for err == nil {
		operator, ok := p.take(operators...)
		if !ok {
			return left, nil
		}
		var right *node
		if right, err = operand(); err == nil {
			left = &node{kind: operatorNode, text: canonical(operator), parts: []*node{left, right}}
		}
	}
	return nil, err
}

// canonical is the one spelling of an operator.
func canonical(operator string) string {
	switch operator {
	case "AND":
		return "&&"
	case "OR":
		return "||"
	}
	return operator
}

func (p *expressionParser) either() (*node, error) {
	if p.depth++; p.depth > mostDepth {
		return nil, wrongf("it is nested deeper than %d", mostDepth)
	}
	defer func() { p.depth-- }()
	return p.binary(p.both, "||", "OR")
}

func (p *expressionParser) both() (*node, error) { return p.binary(p.comparison, "&&", "AND") }

func (p *expressionParser) comparison() (*node, error) {
	return p.binary(p.sum, "==", "!=", "<=", ">=", "<", ">")
}

func (p *expressionParser) sum() (*node, error)     { return p.binary(p.product, "+", "-") }
func (p *expressionParser) product() (*node, error) { return p.binary(p.signed, "*", "/") }

func (p *expressionParser) signed() (*node, error) {
	minus := false
	for {
		if _, ok := p.take("-"); !ok {
			break
		}
		minus = !minus
	}
	operand, err := p.power()
	if err != nil || !minus {
		return operand, err
	}
	return &node{kind: operatorNode, text: "-", parts: []*node{operand}}, nil
}

func (p *expressionParser) power() (*node, error) {
	base, err := p.operand()
	if err != nil {
		return nil, err
	}
	if _, ok := p.take("^"); !ok {
		return base, nil
	}
	exponent, err := p.signed()
	if err != nil {
		return nil, err
	}
	return &node{kind: operatorNode, text: "^", parts: []*node{base, exponent}}, nil
}

func (p *expressionParser) operand() (*node, error) {
	if len(p.tokens) == 0 {
		return nil, wrongf("Unexpected end")
	}
	token := p.tokens[0]
	p.tokens = p.tokens[1:]
	switch first := token[0]; {
	case token == "(":
		inner, err := p.either()
		if err != nil {
			return nil, err
		}
		return inner, p.expect(")")
	case token == "[":
		parts, err := p.list("]")
		return &node{kind: listNode, parts: parts}, err
	case first == '"' || first == '\'':
		return &node{kind: textNode, text: token[1 : len(token)-1]}, nil
	case first == '.' || unicode.IsDigit(rune(first)):
		value, err := strconv.ParseFloat(token, 64)
		if err != nil {
			return nil, wrongf("Unexpected '%s'", token)
		}
		return &node{kind: numberNode, value: value}, nil
	case queryID.MatchString(token):
		return &node{kind: nameNode, text: token}, nil
	case unicode.IsUpper(rune(first)):
		return p.function(token)
	}
	return nil, wrongf("Unexpected '%s'", token)
}

// function reads the arguments of a function.
func (p *expressionParser) function(name string) (*node, error) {
	if name == "REPEAT" || name == "LINEAR" {
		return &node{kind: textNode, text: name}, nil // the ways of FILL
	}
	arguments, known := functions[name]
	if !known && slices.Contains(otherFunctions, name) {
		return nil, wrongf("the function %s is not emulated by the local target", name)
	}
	if !known {
		return nil, wrongf("Function '%s' not found", name)
	}
	if err := p.expect("("); err != nil {
		return nil, err
	}
	parts, err := p.list(")")
	if err != nil {
		return nil, err
	}
	if len(parts) < arguments.least || len(parts) > arguments.most {
		return nil, wrongf("The function %s does not take %s", name, plural(len(parts), "argument"))
	}
	return &node{kind: functionNode, text: name, parts: parts}, nil
}

// list reads parts with commas between them, and the end.
func (p *expressionParser) list(end string) ([]*node, error) {
	var parts []*node
	if _, ok := p.take(end); ok {
		return parts, nil
	}
	for {
		part, err := p.either()
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
		if _, more := p.take(","); !more {
			return parts, p.expect(end)
		}
	}
}
