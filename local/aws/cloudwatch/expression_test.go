package cloudwatch

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// minutes puts the values of a metric, oldest first, "-" for none, into the minutes before noon's.
func (f *fixture) minutes(name, values string) {
	f.t.Helper()
	fields := strings.Fields(values)
	for i, field := range fields {
		if field == "-" {
			continue
		}
		v, err := strconv.ParseFloat(field, 64)
		require.NoError(f.t, err)
		f.Metric("Test", name, nil).AddAt(noon.Add(time.Duration(i-len(fields))*time.Minute), v)
	}
}

func metricQuery(id string) MetricQuery {
	return MetricQuery{ID: id, Stat: &MetricStat{Namespace: "Test", Name: id, PeriodSeconds: 60, Statistic: "Sum"}}
}

func expressionAlarm(expression string, ids ...string) Alarm {
	a := Alarm{
		Name: "rate", EvaluationPeriods: 1, ComparisonOperator: "GreaterThanThreshold", Threshold: 1,
		Metrics: []MetricQuery{{ID: "e1", Expression: expression, ReturnData: true}},
	}
	for _, id := range ids {
		a.Metrics = append(a.Metrics, metricQuery(id))
	}
	return a
}

// Rows whose metrics have names like metric1 are examples of using-metric-math.html.
func TestExpressionsAreComputedAsTheUserGuideSays(t *testing.T) {
	for _, row := range []struct{ expression, metric1, metric2, metric3, want string }{
		{"metric1 < metric2", "30 20 0 0", "20 - 20 -", "", "0 0 1 0"},
		{"metric1 >= 30", "30 20 0 0", "", "", "1 0 0 0"},
		{"metric1 > 15 AND metric2 > 15", "30 20 0 0", "20 - 20 -", "", "1 0 0 0"},
		{"IF(metric1, metric2, metric3)", "1 1 0 0 -", "30 - 0 0 30", "0 0 20 - 20", "30 0 20 - -"},
		{"IF(metric1, 5, metric3)", "1 1 0 0 -", "", "0 0 20 - 20", "5 5 20 - -"},
		{"IF(metric1, metric2, 5)", "1 1 0 0 -", "30 - 0 0 30", "", "30 0 5 5 -"},
		{"IF(metric1 < 400, metric1)", "100 500 -", "", "", "100 - -"},
		{"IF(metric1<400, 10, 2)", "100 500 -", "", "", "10 2 -"},
		// "Missing values in a time series are treated as 0. If the value of a data point causes a function to attempt to
		// divide by zero, the data point is dropped."
		{"metric1 + metric2", "1 - 3 -", "10 20 - -", "", "11 20 3 -"},
		{"metric1 / metric2 * 100", "1 1 - 4", "2 0 5 -", "", "50 - 0 -"},
		{"100 * metric1 / (metric1 + metric2)", "1 0 3", "3 0 1", "", "25 - 75"},
		{"-metric1 + 2 * 3 ^ 2", "1 -", "", "", "17 -"},
		{"metric1 - metric2 - 1", "5", "1", "", "3"},
		{"2 ^ 3 ^ 2 + metric1", "0", "", "", "512"},
		{"FILL(metric1, 0)", "1 - 3 -", "", "", "1 0 3 0"},
		{"FILL(metric1, REPEAT)", "- 1 - 3 -", "", "", "- 1 1 3 3"},
		{"FILL(metric1, metric2)", "1 - -", "7 8 -", "", "1 8 -"},
		{"SUM([metric1, metric2])", "1 - 3", "10 - -", "", "11 - 3"},
		{"MAX([metric1, metric2])", "1 - 3", "10 - -", "", "10 - 3"},
		{"MIN([FILL(metric1, 9), metric2])", "1 - 3", "10 2 5", "", "1 2 3"},
		{"AVG(METRICS())", "1 2", "3 6", "", "2 4"},
		{"SUM(METRICS(\"1\"))", "1 2", "3 6", "", "1 2"},
		{"metric1 - MIN(metric1)", "5 7 6", "", "", "0 2 1"},
		{"metric1 / PERIOD(metric1)", "120", "", "", "2"},
		{"ABS(metric1 - metric2)", "1", "4", "", "3"},
		{"CEIL(metric1) + FLOOR(metric2)", "1.2", "2.8", "", "4"},
		{"metric1 == 1 || metric2 != 0", "1 2 3", "0 0 1", "", "1 0 1"},
		{"IF(FILL(metric1, 0) > 0, metric2 / metric1, 0)", "0 4 -", "5 8 -", "", "0 2 0"},
	} {
		t.Run(row.expression, func(t *testing.T) {
			f := open(t)
			ids := []string{"metric1"}
			f.minutes("metric1", row.metric1)
			if row.metric2 != "" {
				f.minutes("metric2", row.metric2)
				ids = append(ids, "metric2")
			}
			if row.metric3 != "" {
				f.minutes("metric3", row.metric3)
				ids = append(ids, "metric3")
			}
			a := expressionAlarm(row.expression, ids...)
			w, err := compileAlarm(&a)
			require.NoError(t, err)
			samples := w.read(f.Service, noon.Truncate(time.Minute), len(strings.Fields(row.metric1)))
			var got []string
			for _, s := range samples {
				text := "-"
				if s.present {
					text = strconv.FormatFloat(s.value, 'f', -1, 64)
				}
				got = append([]string{text}, got...)
			}
			assert.Equal(t, row.want, strings.Join(got, " "))
		})
	}
}

func TestAnExpressionOfExpressionsIsEvaluated(t *testing.T) {
	f := open(t)
	a := expressionAlarm("rate * 100", "errors", "all")
	a.Metrics = append(a.Metrics, MetricQuery{ID: "rate", Expression: "errors / all"})
	a.Threshold, a.TreatMissingData = 5, "notBreaching"
	_, err := f.PutMetricAlarm(a)
	require.NoError(t, err)
	f.minutes("all", "100")
	f.minutes("errors", "6")
	f.evaluateAlarms(noon)
	change := f.change()
	assert.Equal(t, "Threshold Crossed: 1 datapoint [6.0 (22/11/26 11:59:00)] was greater than the threshold (5.0).",
		change.Alarm.Reason)
	message, err := f.message(change)
	require.NoError(t, err)
	golden(t, "expression.json", indent(t, message))
}

func TestAnExpressionThatCannotBeEvaluatedIsRefused(t *testing.T) {
	for expression, want := range map[string]string{
		"m1 +":                       "Error in expression 'e1': Unexpected end",
		"m1 m2":                      "Error in expression 'e1': Unexpected 'm2'",
		"(m1":                        "Error in expression 'e1': Unexpected end, ')' is missing",
		"m1 $ 2":                     "Error in expression 'e1': Unexpected character '$'",
		"m9":                         "Error in expression 'e1': The id 'm9' does not exist",
		"e1 + 1":                     "Error in expression 'e1': 'e1' depends on itself",
		"ANOMALY_DETECTOR(m1)":       "Error in expression 'e1': Function 'ANOMALY_DETECTOR' not found",
		"ANOMALY_DETECTION_BAND(m1)": "Error in expression 'e1': the function ANOMALY_DETECTION_BAND is not emulated by the local target",
		"RATE(m1)":                   "Error in expression 'e1': the function RATE is not emulated by the local target",
		"FILL(m1, LINEAR)":           "Error in expression 'e1': FILL with LINEAR is not emulated by the local target",
		"SUM(m1)":                    "Error in expression 'e1': a scalar number is not a valid result",
		"5":                          "Error in expression 'e1': a scalar number is not a valid result",
		"[m1, m2]":                   "Metrics expression that return multi time series are only allowed",
		"IF(m1)":                     "Error in expression 'e1': The function IF does not take 1 argument",
		"IF(1, 2, 3)":                "Error in expression 'e1': IF takes at least one time series",
		"[m1,m2] / [m1,m2]":          "does not take two arrays",
		"PERIOD(m1 + m2) + m1":       "Error in expression 'e1': PERIOD takes a metric",
		"SUM([m1, 5])":               "Error in expression 'e1': an array holds time series",
		`m1 + "x"`:                   "Error in expression 'e1': Unexpected string 'x'",
		`METRICS("m`:                 "Error in expression 'e1': Unterminated string",
		"1.2.3 + m1":                 "Error in expression 'e1': Unexpected '1.2.3'",
		"M1 + m2":                    "Error in expression 'e1': Function 'M1' not found",
		strings.Repeat("(", 60):      "Error in expression 'e1': it is nested deeper than 50",
	} {
		t.Run(expression, func(t *testing.T) {
			a := expressionAlarm(expression, "m1", "m2")
			_, err := compileAlarm(&a)
			require.ErrorContains(t, err, "ValidationError: ")
			require.ErrorContains(t, err, want)
		})
	}
}

func TestTheMetricsOfAnExpressionAreChecked(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Alarm)
		want   string
	}{
		"nothing returned":   {func(a *Alarm) { a.Metrics[0].ReturnData = false }, "Exactly one element of the metrics list should return data."},
		"two returned":       {func(a *Alarm) { a.Metrics[1].ReturnData = true }, "Exactly one element of the metrics list should return data."},
		"a metric as well":   {func(a *Alarm) { a.MetricName = "x" }, "Scalar metric parameters must not be set if list of Metrics is set."},
		"an id twice":        {func(a *Alarm) { a.Metrics[2].ID = "m1" }, "not unique"},
		"an id with a big M": {func(a *Alarm) { a.Metrics[2].ID = "M1" }, "Value 'M1' at 'metrics'"},
		"neither":            {func(a *Alarm) { a.Metrics[1].Stat = nil }, "exactly one of MetricStat and Expression"},
		"both":               {func(a *Alarm) { a.Metrics[1].Expression = "1" }, "exactly one of MetricStat and Expression"},
		"two periods":        {func(a *Alarm) { a.Metrics[1].Stat.PeriodSeconds = 120 }, "Period must be the same for all metrics."},
		"another period":     {func(a *Alarm) { a.Metrics[0].PeriodSeconds = 300 }, "another period than its metrics is not emulated"},
		"a bad statistic":    {func(a *Alarm) { a.Metrics[1].Stat.Statistic = "Mean" }, "The value Mean for parameter Stat is not supported."},
		"no metric":          {func(a *Alarm) { a.Metrics = a.Metrics[:1]; a.Metrics[0].Expression = "1" }, "at least one metric"},
		"few samples":        {func(a *Alarm) { a.EvaluateLowSampleCountPercentile = "ignore" }, "not emulated"},
		"eleven metrics": {func(a *Alarm) {
			for i := range 9 {
				a.Metrics = append(a.Metrics, metricQuery("x"+strconv.Itoa(i)))
			}
		}, "at most 10 metrics"},
	} {
		t.Run(name, func(t *testing.T) {
			a := expressionAlarm("m1 + m2", "m1", "m2")
			c.change(&a)
			_, err := compileAlarm(&a)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func FuzzExpressionsNeverPanic(f *testing.F) {
	f.Add("IF(m1 > 5 AND m2 < 3, m1 / m2, FILL(m2, 0)) * 100")
	f.Add("SUM([m1, METRICS(\"m\")]) ^ -2")
	f.Fuzz(func(t *testing.T, expression string) {
		a := expressionAlarm(expression, "m1", "m2")
		w, err := compileAlarm(&a)
		if err != nil {
			return
		}
		s := &Service{options: Options{Clock: open(t).clock}}
		s.Metric("Test", "m1", nil).AddAt(noon, 3)
		for _, p := range w.read(s, noon.Add(time.Minute), 3) {
			require.False(t, math.IsNaN(p.value) || math.IsInf(p.value, 0), "%q", expression)
		}
	})
}
