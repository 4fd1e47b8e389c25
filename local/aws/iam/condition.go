package iam

import (
	"fmt"
	"strings"
)

// condition is one key of one operator in a Condition element.
type condition struct {
	key      string // in lower case: IAM ignores case
	negated  bool
	set      setOperator
	ifExists bool
	// null is for the operator Null only: "true" wants the key absent, "false" present.
	null   bool
	values []matcher
	// variables are the condition keys of the policy variables in the values.
	variables []string
	info      ConditionInfo
}

type setOperator int

const (
	single setOperator = iota
	forAllValues
	forAnyValue
)

// matcher compares the request's value with one value of the policy. resolvable is false when the policy's value has a
// variable without a value in the request.
type matcher func(q *query, value string) (matched, resolvable bool)

// holds evaluates the condition for a request. Documented: IAM user guide,
// reference_policies_elements_condition_operators.html and reference_policies_multi-value-conditions.html.
func (c condition) holds(q *query) bool {
	value, present := q.value(c.key)
	if c.null {
		for _, wanted := range c.values {
			if matched, _ := wanted(q, fmt.Sprint(!present)); matched {
				return true
			}
		}
		return false
	}
	switch {
	// Requests of the local target have one value for each key; a set of none is a key that is absent or empty.
	case c.set != single && value == "":
		return c.set == forAllValues || c.ifExists && !present
	case !present:
		return c.ifExists || c.negated
	}
	for _, wanted := range c.values {
		matched, resolvable := wanted(q, value)
		if !resolvable {
			return false
		}
		if matched {
			return !c.negated
		}
	}
	return c.negated
}

// readConditions reads a Condition element into conditions that all have to hold.
func readConditions(block *element, place string, variables bool) ([]condition, error) {
	if block == nil {
		return nil, nil
	}
	if block.kind != '{' {
		return nil, malformed(syntaxError, place, "not an object")
	}
	var conditions []condition
	for _, operator := range block.members {
		at := place + "." + operator.name
		if operator.value.kind != '{' {
			return nil, malformed(syntaxError, at, "not an object")
		}
		for _, key := range operator.value.members {
			c, err := readCondition(operator.name, key, at+"."+key.name, variables)
			if err != nil {
				return nil, err
			}
			conditions = append(conditions, c)
		}
	}
	return conditions, nil
}

func readCondition(name string, key member, place string, variables bool) (condition, error) {
	c := condition{key: strings.ToLower(key.name)}
	if err := checkConditionKey(key.name); err != nil {
		return c, malformed(err.Error(), place, "")
	}
	base := name
	if rest, ok := strings.CutPrefix(base, "ForAllValues:"); ok {
		base, c.set = rest, forAllValues
	} else if rest, ok := strings.CutPrefix(base, "ForAnyValue:"); ok {
		base, c.set = rest, forAnyValue
	}
	base, c.ifExists = strings.CutSuffix(base, "IfExists")
	op, known := operators[base]
	switch {
	case !known && base == "BinaryEquals":
		return c, malformed("the condition operator BinaryEquals is not supported by the local target", place, "")
	case !known || base == "Null" && (c.ifExists || c.set != single):
		return c, malformed(syntaxError, place, fmt.Sprintf("no condition operator is called %q", name))
	}
	c.negated, c.null = op.negated, base == "Null"
	texts, err := conditionValues(key.value, place)
	if err != nil {
		return c, err
	}
	c.info = ConditionInfo{Operator: name, Key: c.key, Values: texts}
	for _, text := range texts {
		matcher, err := op.parse(text, variables)
		if err != nil {
			sentence := syntaxError
			if strings.HasPrefix(base, "Date") {
				sentence = legacyError
			}
			return c, malformed(sentence, place, err.Error())
		}
		c.values = append(c.values, matcher)
		if p, err := parsePattern(text, false, variables); err == nil {
			c.variables = append(c.variables, p.variables()...)
		}
	}
	return c, nil
}

// conditionValues reads a value, or a list of values: strings, numbers or booleans.
func conditionValues(value *element, place string) ([]string, error) {
	items := []*element{value}
	if value.kind == '[' {
		items = value.items
	}
	texts := make([]string, 0, len(items))
	for _, item := range items {
		if item.kind != '"' && item.kind != '0' && item.kind != 't' {
			return nil, malformed(syntaxError, place, "a value is neither a string, a number nor a boolean")
		}
		texts = append(texts, item.text)
	}
	return texts, nil
}
