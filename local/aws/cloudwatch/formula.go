package cloudwatch

import (
	"math"
	"slices"
	"strings"
	"time"
)

// formula is the metrics and expressions of an alarm.
type formula struct {
	queries map[string]*query
	order   []string
	metrics int
	period  time.Duration
	wanted  []time.Duration // the periods that expressions ask for
}

// query is a metric or an expression.
type query struct {
	id         string
	leaf       *leaf
	statistic  string
	expression *node
}

// operand is a value of metric math: a number, a time series, or an array of time series (documented:
// using-metric-math.html, Data type abbreviations).
type operand struct {
	kind   operandKind
	number float64
	text   string
	series [][]sample // one for a time series
	period float64    // of a metric, in seconds; 0 for what is computed
}

type operandKind int

const (
	scalar operandKind = iota
	timeSeries
	seriesArray
	word
)

// calculation is one evaluation of a formula.
type calculation struct {
	service *Service
	formula *formula
	end     time.Time
	n       int
	known   map[string]operand
	pending []string // the expressions that are being computed, to find those that go in circles
}

// read computes the datapoints of a query, newest first.
func (m *formula) read(s *Service, id string, end time.Time, n int) []sample {
	c := &calculation{service: s, formula: m, end: end, n: n, known: map[string]operand{}}
	value, err := c.query(id)
	if err != nil || value.kind != timeSeries {
		return make([]sample, n) // check has found nothing wrong, so that this does not happen
	}
	return value.series[0]
}

// check finds what is wrong with a formula by computing it without data.
func (m *formula) check(returning string) error {
	for _, period := range m.wanted {
		if period != m.period {
			return invalid("an expression with another period than its metrics is not emulated by the local target")
		}
	}
	for _, id := range m.order {
		c := &calculation{formula: m, n: 1, known: map[string]operand{}, end: time.Unix(0, 0)}
		value, err := c.query(id)
		if err != nil {
			return err
		}
		switch {
		case value.kind == scalar:
			return invalid("Error in expression '%s': a scalar number is not a valid result", id)
		case value.kind == seriesArray && id == returning:
			// Assumed: quoted in error messages that users have published; only Metrics Insights expressions may.
			return invalid("Metrics expression that return multi time series are only allowed for MetricsInsights " +
				"expression with an ORDER BY clause")
		}
	}
	return nil
}

// statisticOf names what an alarm's reason says it compares: nothing for an expression.
func (m *formula) statisticOf(id string) string { return m.queries[id].statistic }

func (c *calculation) query(id string) (operand, error) {
	if value, known := c.known[id]; known {
		return value, nil
	}
	q, exists := c.formula.queries[id]
	switch {
	case !exists:
		return operand{}, expressionErrorf("The id '%s' does not exist", id)
	case slices.Contains(c.pending, id):
		return operand{}, expressionErrorf("'%s' depends on itself", id)
	}
	if q.leaf != nil {
		samples := make([]sample, c.n)
		if c.service != nil {
			samples = q.leaf.read(c.service, c.end, c.n)
		}
		value := operand{kind: timeSeries, series: [][]sample{samples}, period: q.leaf.period.Seconds()}
		c.known[id] = value
		return value, nil
	}
	c.pending = append(c.pending, id)
	value, err := c.compute(q.expression)
	c.pending = c.pending[:len(c.pending)-1]
	if err != nil {
		var wrong expressionError
		if asExpressionError(err, &wrong) {
			err = invalid("Error in expression '%s': %s", id, wrong)
		}
		return operand{}, err
	}
	value.period = 0
	c.known[id] = value
	return value, nil
}

func asExpressionError(err error, target *expressionError) bool {
	wrong, ok := err.(expressionError) //nolint:errorlint // it is never wrapped
	if ok {
		*target = wrong
	}
	return ok
}

func (c *calculation) compute(n *node) (operand, error) {
	switch n.kind {
	case numberNode:
		return operand{kind: scalar, number: n.value}, nil
	case textNode:
		return operand{kind: word, text: n.text}, nil
	case nameNode:
		return c.query(n.text)
	}
	parts := make([]operand, len(n.parts))
	for i, part := range n.parts {
		var err error
		if parts[i], err = c.compute(part); err != nil {
			return operand{}, err
		}
	}
	switch n.kind {
	case listNode:
		return array(parts)
	case operatorNode:
		if len(parts) == 1 {
			return each(parts[0], func(x float64) float64 { return -x })
		}
		return combine(n.text, parts[0], parts[1])
	default:
		return c.call(n.text, parts)
	}
}

// array joins time series.
func array(parts []operand) (operand, error) {
	joined := operand{kind: seriesArray}
	for _, part := range parts {
		if part.kind != timeSeries && part.kind != seriesArray {
			return operand{}, expressionErrorf("an array holds time series")
		}
		joined.series = append(joined.series, part.series...)
	}
	return joined, nil
}

// call calls a function.
func (c *calculation) call(name string, args []operand) (operand, error) {
	switch name {
	case "ABS":
		return each(args[0], math.Abs)
	case "CEIL":
		return each(args[0], math.Ceil)
	case "FLOOR":
		return each(args[0], math.Floor)
	case "METRICS":
		return c.all(args)
	case "PERIOD":
		if args[0].period == 0 {
			return operand{}, expressionErrorf("PERIOD takes a metric")
		}
		return operand{kind: scalar, number: args[0].period}, nil
	case "FILL":
		return fill(args[0], args[1])
	case "IF":
		return choose(args)
	}
	return aggregate(name, args[0])
}

// all is METRICS: the metrics whose ids hold the text, expressions left out.
func (c *calculation) all(args []operand) (operand, error) {
	with := ""
	if len(args) == 1 {
		if args[0].kind != word {
			return operand{}, expressionErrorf("METRICS takes a string")
		}
		with = args[0].text
	}
	found := operand{kind: seriesArray}
	for _, id := range c.formula.order {
		if c.formula.queries[id].leaf == nil || !strings.Contains(id, with) {
			continue
		}
		value, err := c.query(id)
		if err != nil {
			return operand{}, err
		}
		found.series = append(found.series, value.series...)
	}
	return found, nil
}
