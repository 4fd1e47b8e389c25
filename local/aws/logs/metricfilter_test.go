package logs_test

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/internal/metric"
	"ingest-pipeline/local/aws/logs"
)

// recorded is a metric of a metric filter.
type recorded struct{ values, defaults []string }

func (r *recorded) AddAt(at time.Time, value float64) { r.values = append(r.values, point(at, value)) }

func (r *recorded) SetDefaultAt(at time.Time, value float64) {
	r.defaults = append(r.defaults, point(at, value))
}

func point(at time.Time, value float64) string {
	return at.Format("15:04:05 ") + strconv.FormatFloat(value, 'g', -1, 64)
}

// withFilters is a world whose metric filters record into the metrics that it returns.
func withFilters(t *testing.T) (*fixture, map[string]*recorded) {
	t.Helper()
	w := newFixture(t, logs.Faults{})
	require.NoError(t, w.CreateLogGroup(logs.Group{Name: "other"}))
	require.NoError(t, w.CreateLogStream("other", stream))
	return w, reopenWithFilters(t, w)
}

func reopenWithFilters(t *testing.T, w *fixture) map[string]*recorded {
	t.Helper()
	require.NoError(t, w.Close())
	metrics := map[string]*recorded{}
	service, err := logs.Open(logs.Options{
		Dir: w.dir, Account: account, Clock: w.clock,
		FilterMetrics: func(namespace, name, unit string) metric.FilterRecorder {
			key := namespace + " " + name + " " + unit
			if metrics[key] == nil {
				metrics[key] = &recorded{}
			}
			return metrics[key]
		},
	})
	require.NoError(t, err)
	t.Cleanup(func() { _ = service.Close() })
	w.Service = service
	return metrics
}

func (w *fixture) putEvents(t *testing.T, group string, messages ...string) {
	t.Helper()
	for _, message := range messages {
		require.NoError(t, w.PutLogEvents(w.caller, group, stream, event(0, message)))
	}
}

func throttleFilter(change func(*logs.MetricFilter)) logs.MetricFilter {
	filter := logs.MetricFilter{
		Name: "throttled", LogGroupName: group, Pattern: `{ $.status = "429" }`, Namespace: "events", MetricName: "Throttled",
		Value: "1",
	}
	if change != nil {
		change(&filter)
	}
	return filter
}

func TestAMetricFilterCountsTheEventsOfItsLogGroup(t *testing.T) {
	w, metrics := withFilters(t)
	require.NoError(t, w.PutMetricFilter(throttleFilter(nil)))
	w.putEvents(t, group, `{"status":"429"}`, `{"status":"200"}`, `{"status":"429"}`)
	w.putEvents(t, "other", `{"status":"429"}`)
	m := metrics["events Throttled "]
	assert.Equal(t, []string{"12:00:00 1", "12:00:00 1"}, m.values)
	assert.Empty(t, m.defaults)

	require.NoError(t, w.PutMetricFilter(throttleFilter(func(m *logs.MetricFilter) { m.Pattern = "nothing" })))
	assert.Len(t, w.DescribeMetricFilters(group), 1, "a filter of the same name is overwritten")
	w.putEvents(t, group, `{"status":"429"}`)
	assert.Len(t, m.values, 2)
	require.NoError(t, w.DeleteMetricFilter(group, "throttled"))
	require.ErrorContains(t, w.DeleteMetricFilter(group, "throttled"), "ResourceNotFoundException")
	w.putEvents(t, group, "nothing")
	assert.Len(t, m.values, 2)
}

func TestAMetricFilterTakesNumbersFromEvents(t *testing.T) {
	w, metrics := withFilters(t)
	zero := 0.0
	require.NoError(t, w.PutMetricFilter(throttleFilter(func(m *logs.MetricFilter) {
		m.Pattern, m.Value, m.Unit, m.DefaultValue = `{ $.latency = * }`, "$.latency", "Milliseconds", &zero
	})))
	w.putEvents(t, group, `{"latency":12.5}`, `{"latency":"7.5"}`, `{"latency":"-"}`, `{"latency":true}`, `{}`)
	assert.Equal(t, &recorded{
		values: []string{"12:00:00 12.5", "12:00:00 7.5"}, defaults: []string{"12:00:00 0"},
	}, metrics["events Throttled Milliseconds"])
}

func TestMetricFiltersAreThereAfterARestartAndGoWithTheirLogGroup(t *testing.T) {
	w, _ := withFilters(t)
	zero := 0.0
	filter := throttleFilter(func(m *logs.MetricFilter) { m.DefaultValue, m.Unit = &zero, "Count" })
	require.NoError(t, w.PutMetricFilter(filter))
	metrics := reopenWithFilters(t, w)
	assert.Equal(t, []logs.MetricFilterDescription{{MetricFilter: filter, Created: start}}, w.DescribeMetricFilters(""))
	w.putEvents(t, group, `{"status":"429"}`)
	assert.Equal(t, []string{"12:00:00 1"}, metrics["events Throttled Count"].values)
	require.NoError(t, w.DeleteLogGroup(group))
	assert.Empty(t, w.DescribeMetricFilters(""))
	requireAWSError(t, w.PutMetricFilter(filter), "ResourceNotFoundException", "The specified log group does not exist.")
}

func TestAMetricFilterThatCloudWatchLogsWouldRefuseIsRefused(t *testing.T) {
	w, _ := withFilters(t)
	infinite := math.Inf(1)
	for name, change := range map[string]func(*logs.MetricFilter){
		"a name with a star":     func(m *logs.MetricFilter) { m.Name = "a*" },
		"no name":                func(m *logs.MetricFilter) { m.Name = "" },
		"a long pattern":         func(m *logs.MetricFilter) { m.Pattern = strings.Repeat("x", 1025) },
		"no metric":              func(m *logs.MetricFilter) { m.MetricName = "" },
		"a metric with a dollar": func(m *logs.MetricFilter) { m.MetricName = "a$" },
		"a namespace of AWS":     func(m *logs.MetricFilter) { m.Namespace = "AWS/Logs" },
		"a value":                func(m *logs.MetricFilter) { m.Value = "one" },
		"no value":               func(m *logs.MetricFilter) { m.Value = "" },
		"an infinite value":      func(m *logs.MetricFilter) { m.Value = "Inf" },
		"a selector of terms":    func(m *logs.MetricFilter) { m.Pattern, m.Value = "ERROR", "$.latency" },
		"a bad selector":         func(m *logs.MetricFilter) { m.Value = "$latency" },
		"an unknown unit":        func(m *logs.MetricFilter) { m.Unit = "Things" },
		"an infinite default":    func(m *logs.MetricFilter) { m.DefaultValue = &infinite },
		"a bad pattern":          func(m *logs.MetricFilter) { m.Pattern = "{" },
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorContains(t, w.PutMetricFilter(throttleFilter(change)), "InvalidParameterException: ")
		})
	}
	for i := range 100 {
		require.NoError(t, w.PutMetricFilter(throttleFilter(func(m *logs.MetricFilter) { m.Name = strconv.Itoa(i) })))
	}
	require.ErrorContains(t, w.PutMetricFilter(throttleFilter(nil)), "LimitExceededException")
	require.NoError(t, w.PutMetricFilter(throttleFilter(func(m *logs.MetricFilter) { m.LogGroupName = "other" })))
}
