package cloudwatch

import "math"

// each applies f to each number. What is missing stays missing.
func each(o operand, f func(float64) float64) (operand, error) {
	switch o.kind {
	case word:
		return operand{}, expressionErrorf("Unexpected string '%s'", o.text)
	case scalar:
		return operand{kind: scalar, number: f(o.number)}, nil
	}
	result := operand{kind: o.kind}
	for _, series := range o.series {
		changed := make([]sample, len(series))
		for i, s := range series {
			changed[i] = finite(sample{start: s.start, present: s.present, value: f(s.value)})
		}
		result.series = append(result.series, changed)
	}
	return result, nil
}

// finite drops a datapoint that is no number (documented: a division by zero drops the data point).
func finite(s sample) sample {
	if math.IsNaN(s.value) || math.IsInf(s.value, 0) {
		return sample{start: s.start}
	}
	if !s.present {
		s.value = 0
	}
	return s
}

// combine applies an operator. Of two time series of which only one has a value at a time, the other counts as 0; where
// neither has one there is none (documented: using-metric-math.html, Basic arithmetic functions, Comparison and logical
// operators).
func combine(operator string, a, b operand) (operand, error) {
	switch {
	case a.kind == word || b.kind == word:
		return operand{}, expressionErrorf("Unexpected string '%s'", a.text+b.text)
	case a.kind == scalar && b.kind == scalar:
		return operand{kind: scalar, number: operate(operator, a.number, b.number)}, nil
	case a.kind == scalar:
		return each(b, func(x float64) float64 { return operate(operator, a.number, x) })
	case b.kind == scalar:
		return each(a, func(x float64) float64 { return operate(operator, x, b.number) })
	case a.kind == seriesArray && b.kind == seriesArray:
		return operand{}, expressionErrorf("The operator %s does not take two arrays of time series", operator)
	}
	result := operand{kind: max(a.kind, b.kind)}
	for i := range max(len(a.series), len(b.series)) {
		left, right := a.series[min(i, len(a.series)-1)], b.series[min(i, len(b.series)-1)]
		joined := make([]sample, len(left))
		for j := range left {
			joined[j] = finite(sample{
				start: left[j].start, present: left[j].present || right[j].present,
				value: operate(operator, left[j].value, right[j].value),
			})
		}
		result.series = append(result.series, joined)
	}
	return result, nil
}

func operate(operator string, a, b float64) float64 {
	switch operator {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "/":
		return a / b // by zero: not finite
	case "^":
		return math.Pow(a, b)
	case "==":
		return truth(a == b)
	case "!=":
		return truth(a != b)
	case "<":
		return truth(a < b)
	case "<=":
		return truth(a <= b)
	case ">":
		return truth(a > b)
	case ">=":
		return truth(a >= b)
	case "&&":
		return truth(a != 0 && b != 0)
	default: // ||
		return truth(a != 0 || b != 0)
	}
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

// fill is FILL: a value, or another time series, or REPEAT, in place of what is missing.
func fill(o, with operand) (operand, error) {
	switch {
	case o.kind != timeSeries && o.kind != seriesArray:
		return operand{}, expressionErrorf("FILL takes a time series")
	case with.kind == word && with.text != "REPEAT":
		return operand{}, expressionErrorf("FILL with %s is not emulated by the local target", with.text)
	case with.kind == seriesArray:
		return operand{}, expressionErrorf("FILL takes one time series to fill with")
	}
	result := operand{kind: o.kind}
	for _, series := range o.series {
		filled := make([]sample, len(series))
		last := sample{}
		for i := len(series) - 1; i >= 0; i-- { // from the oldest on
			filled[i] = series[i]
			switch {
			case series[i].present:
				last = series[i]
			case with.kind == scalar:
				filled[i] = sample{start: series[i].start, present: true, value: with.number}
			case with.kind == timeSeries:
				filled[i] = with.series[0][i]
			default:
				filled[i] = sample{start: series[i].start, present: last.present, value: last.value}
			}
		}
		result.series = append(result.series, filled)
	}
	return result, nil
}

// choose is IF, time by time (documented: using-metric-math.html, Using IF expressions).
func choose(args []operand) (operand, error) {
	shape := -1
	for i, arg := range args {
		switch arg.kind {
		case seriesArray, word:
			return operand{}, expressionErrorf("IF takes time series and scalar numbers")
		case timeSeries:
			shape = i
		}
	}
	if shape < 0 {
		return operand{}, expressionErrorf("IF takes at least one time series")
	}
	result := make([]sample, len(args[shape].series[0]))
	for i := range result {
		result[i].start = args[shape].series[0][i].start
		condition := args[0].at(i)
		if !condition.present {
			continue
		}
		switch {
		case condition.value != 0:
			// "has the value of 0, if the corresponding data point of metric1 is TRUE and the corresponding data point does
			// not exist in metric2"
			result[i].present, result[i].value = true, args[1].at(i).value
		case len(args) == 3:
			other := args[2].at(i)
			result[i].present, result[i].value = other.present, other.value
		}
	}
	return operand{kind: timeSeries, series: [][]sample{result}}, nil
}

// at is the value of a scalar or time series at a time.
func (o operand) at(i int) sample {
	if o.kind == scalar {
		return sample{present: true, value: o.number}
	}
	return o.series[0][i]
}

// aggregate is SUM, AVG, MIN or MAX: of one time series a number, of several one time series (documented:
// using-metric-math.html; that missing values are 0 is said of AVG, and assumed to mean where another series has one).
func aggregate(name string, o operand) (operand, error) {
	switch o.kind {
	case timeSeries:
		var values []float64
		for _, s := range o.series[0] {
			if s.present {
				values = append(values, s.value)
			}
		}
		return operand{kind: scalar, number: summary(name, values)}, nil
	case seriesArray:
		if len(o.series) == 0 {
			return operand{}, expressionErrorf("%s has no time series", name)
		}
		result := make([]sample, len(o.series[0]))
		for i := range result {
			result[i].start = o.series[0][i].start
			values := make([]float64, len(o.series))
			for j, series := range o.series {
				values[j] = series[i].value
				result[i].present = result[i].present || series[i].present
			}
			result[i].value = summary(name, values)
		}
		return operand{kind: timeSeries, series: [][]sample{result}}, nil
	}
	return operand{}, expressionErrorf("%s takes time series", name)
}

func summary(name string, values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	total, least, most := 0.0, values[0], values[0]
	for _, v := range values {
		total += v
		least, most = min(least, v), max(most, v)
	}
	switch name {
	case "SUM":
		return total
	case "AVG":
		return total / float64(len(values))
	case "MIN":
		return least
	default:
		return most
	}
}
