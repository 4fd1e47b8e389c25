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

// reading is one evaluation of a formula.
type reading struct {
	service *Service
	formula *formula
	end     time.Time
	n       int
	known   map[string]operand
	pending []string // the expressions that are being computed, to find those that go in circles
}

// read computes the datapoints of a query, newest first.
func (m *formula) read(s *Service, id string, end time.Time, n int) []sample {
	r := &reading{service: s, formula: m, end: end, n: n, known: map[string]operand{}}
	value, err := r.query(id)
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
		r := &reading{formula: m, n: 1, known: map[string]operand{}, end: time.Unix(0, 0)}
		value, err := r.query(id)
		if err != nil {
			return err
		}
		switch {
		case value.kind == scalar:
			return invalid("Error in expression '%s': a scalar number is not a valid result", id)
		case value.kind == seriesArray && id == returning:
			// As people have met it; only Metrics Insights expressions may.
			return invalid("Metrics expression that return multi time series are only allowed for MetricsInsights " +
				"expression with an ORDER BY clause")
		}
	}
	return nil
}

// statisticOf names what an alarm's reason says it compares: nothing for an expression.
func (m *formula) statisticOf(id string) string { return m.queries[id].statistic }

func (r *reading) query(id string) (operand, error) {
	if value, known := r.known[id]; known {
		return value, nil
	}
	q, exists := r.formula.queries[id]
	switch {
	case !exists:
		return operand{}, wrongf("The id '%s' does not exist", id)
	case slices.Contains(r.pending, id):
		return operand{}, wrongf("'%s' depends on itself", id)
	}
	if q.leaf != nil {
		samples := make([]sample, r.n)
		if r.service != nil {
			samples = q.leaf.read(r.service, r.end, r.n)
		}
		value := operand{kind: timeSeries, series: [][]sample{samples}, period: q.leaf.period.Seconds()}
		r.known[id] = value
		return value, nil
	}
	r.pending = append(r.pending, id)
	value, err := r.compute(q.expression)
	r.pending = r.pending[:len(r.pending)-1]
	if err != nil {
		var wrong wrongExpression
		if asWrong(err, &wrong) {
			err = invalid("Error in expression '%s': %s", id, wrong)
		}
		return operand{}, err
	}
	value.period = 0
	r.known[id] = value
	return value, nil
}

func asWrong(err error, target *wrongExpression) bool {
	wrong, ok := err.(wrongExpression) //nolint:errorlint // it is never wrapped
	if ok {
		*target = wrong
	}
	return ok
}

func (r *reading) compute(n *node) (operand, error) {
	switch n.kind {
	case numberNode:
		return operand{kind: scalar, number: n.value}, nil
	case textNode:
		return operand{kind: word, text: n.text}, nil
	case nameNode:
		return r.query(n.text)
	}
	parts := make([]operand, len(n.parts))
	for i, part := range n.parts {
		var err error
		if parts[i], err = r.compute(part); err != nil {
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
		return r.call(n.text, parts)
	}
}

// array joins time series.
func array(parts []operand) (operand, error) {
	joined := operand{kind: seriesArray}
	for _, part := range parts {
		if part.kind != timeSeries && part.kind != seriesArray {
			return operand{}, wrongf("an array holds time series")
		}
		joined.series = append(joined.series, part.series...)
	}
	return joined, nil
}

// call calls a function.
func (r *reading) call(name string, args []operand) (operand, error) {
	switch name {
	case "ABS":
		return each(args[0], math.Abs)
	case "CEIL":
		return each(args[0], math.Ceil)
	case "FLOOR":
		return each(args[0], math.Floor)
	case "METRICS":
		return r.all(args)
	case "PERIOD":
		if args[0].period == 0 {
			return operand{}, wrongf("PERIOD takes a metric")
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
func (r *reading) all(args []operand) (operand, error) {
	with := ""
	if len(args) == 1 {
		if args[0].kind != word {
			return operand{}, wrongf("METRICS takes a string")
		}
		with = args[0].text
	}
	found := operand{kind: seriesArray}
	for _, id := range r.formula.order {
		if r.formula.queries[id].leaf == nil || !strings.Contains(id, with) {
			continue
		}
		value, err := r.query(id)
		if err != nil {
			return operand{}, err
		}
		found.series = append(found.series, value.series...)
	}
	return found, nil
}
