package cloudwatch

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/internal/constraint"
)

type getMetricDataInput struct {
	MetricDataQueries  []metricDataQuery
	StartTime, EndTime *time.Time
	NextToken, ScanBy  *string
	MaxDatapoints      *int
	LabelOptions       *struct{ Timezone *string } // for labels with times, which are not emulated
}

type getMetricDataOutput struct {
	MetricDataResults []metricDataResult
	NextToken         *string
	// Messages is always empty (recorded: test_get_metric_data_for_multiple_metrics).
	Messages []struct{}
}

// metricDataResult is recorded (test_get_metric_data_with_zero_and_labels and others).
type metricDataResult struct {
	Id, Label  string
	Timestamps []time.Time
	Values     []float64
	StatusCode string
}

// The limits of GetMetricData (documented: API reference, GetMetricData).
const (
	maxQueries    = 500
	maxDataPoints = 100800
)

// getMetricData returns the datapoints of metrics and of expressions of them.
func (s *Service) getMetricData(in *getMetricDataInput) (*getMetricDataOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	queries, err := alarmQueries(in.MetricDataQueries)
	if err != nil {
		return nil, err
	}
	data, err := s.GetMetricData(queries, *in.StartTime, *in.EndTime)
	if err != nil {
		return nil, err
	}
	results := []metricDataResult{}
	for _, d := range data {
		if deref(in.ScanBy) != "TimestampAscending" {
			slices.Reverse(d.Timestamps)
			slices.Reverse(d.Values)
		}
		results = append(results, metricDataResult{d.ID, d.Label, d.Timestamps, d.Values, "Complete"})
	}
	limit := maxDataPoints
	if in.MaxDatapoints != nil {
		limit = *in.MaxDatapoints
	}
	results, next, err := cutResults(results, in.NextToken, limit)
	return &getMetricDataOutput{MetricDataResults: results, NextToken: next, Messages: []struct{}{}}, err
}

// MetricData is the datapoints of a query, oldest first. Periods without a value have none.
type MetricData struct {
	ID, Label  string
	Timestamps []time.Time
	Values     []float64
}

// GetMetricData computes the queries that return data. start is rounded down to the minute. Errors: ValidationError.
func (s *Service) GetMetricData(queries []MetricQuery, start, end time.Time) ([]MetricData, error) {
	if err := checkDataQueries(queries); err != nil {
		return nil, err
	}
	labels := labelsOf(queries)
	var all []MetricData
	for i, q := range queries {
		if !q.ReturnData {
			continue
		}
		samples, err := s.samples(queries, q, start.Truncate(time.Minute), end)
		if err != nil {
			return nil, err
		}
		data := MetricData{ID: q.ID, Label: labels[i], Timestamps: []time.Time{}, Values: []float64{}}
		for _, sample := range slices.Backward(samples) {
			if sample.present {
				data.Timestamps, data.Values = append(data.Timestamps, sample.start.UTC()), append(data.Values, sample.value)
			}
		}
		all = append(all, data)
	}
	return all, nil
}

// check refuses what is wrong with the request but for its queries. Assumed: the sentences about times and the number of
// queries are those of moto's cloudwatch/models.py and of LocalStack.
func (in *getMetricDataInput) check() error {
	var v constraint.Violations
	if in.MetricDataQueries == nil {
		v.Null("metricDataQueries")
	}
	if in.StartTime == nil {
		v.Null("startTime")
	}
	if in.EndTime == nil {
		v.Null("endTime")
	}
	v.OneOf("scanBy", in.ScanBy, "TimestampDescending", "TimestampAscending")
	v.Between("maxDatapoints", in.MaxDatapoints, 1, maxDataPoints)
	if err := violated(v); err != nil {
		return err
	}
	switch {
	case len(in.MetricDataQueries) == 0:
		return invalid("The collection MetricDataQueries must not be empty.")
	case len(in.MetricDataQueries) > maxQueries:
		return invalid("The collection MetricDataQueries must not have a size greater than %d.", maxQueries)
	case in.StartTime.Equal(*in.EndTime):
		return invalid("The parameter StartTime must not equal parameter EndTime.")
	case in.StartTime.After(*in.EndTime):
		return invalid("The parameter EndTime must be greater than StartTime.")
	}
	return nil
}

// checkDataQueries refuses what is wrong with the queries.
func checkDataQueries(queries []MetricQuery) error {
	ids := map[string]bool{}
	for _, q := range queries {
		switch {
		case ids[q.ID]: // assumed sentence
			return invalid("The values for parameter id in MetricDataQueries are not unique.")
		case strings.Contains(q.Label, "${"):
			return notEmulated("MetricDataQueries.Label with dynamic values (${…})")
		case q.Stat != nil && q.PeriodSeconds != 0:
			return invalid("Period must not be set for %s: its MetricStat has one.", q.ID) // assumed sentence
		}
		ids[q.ID] = true
		if err := checkDataStat(q.Stat); err != nil {
			return err
		}
		if _, err := newFormula([]MetricQuery{q}); err != nil {
			return err
		}
	}
	return nil
}

// checkDataStat refuses a metric that is not complete.
func checkDataStat(stat *MetricStat) error {
	var v constraint.Violations
	for _, part := range []struct {
		member  string
		missing bool
	}{
		{"metric.namespace", stat != nil && stat.Namespace == ""}, {"metric.metricName", stat != nil && stat.Name == ""},
		{"period", stat != nil && stat.PeriodSeconds == 0}, {"stat", stat != nil && stat.Statistic == ""},
	} {
		if part.missing {
			v.Null("metricDataQueries.member.metricStat." + part.member)
		}
	}
	return violated(v)
}

// newFormula prepares queries to be computed together.
func newFormula(queries []MetricQuery) (*formula, error) {
	f := &formula{queries: map[string]*query{}}
	for _, q := range queries {
		if err := f.add(q, 0); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// samples computes a query, newest period first. What an expression is computed from must have one period.
func (s *Service) samples(queries []MetricQuery, q MetricQuery, start, end time.Time) ([]sample, error) {
	used := map[string]bool{}
	if err := addUsed(queries, q, used); err != nil {
		return nil, err
	}
	f, err := newFormula(slices.DeleteFunc(slices.Clone(queries), func(other MetricQuery) bool { return !used[other.ID] }))
	if err != nil {
		return nil, err
	}
	if f.period == 0 {
		return nil, invalid("Error in expression '%s': it has no metric", q.ID)
	}
	if err := f.check(q.ID); err != nil {
		return nil, err
	}
	start = s.skip(start, f.period)
	n := periods(start, end, f.period)
	return f.read(s, q.ID, start.Add(time.Duration(n)*f.period), n), nil
}

// addUsed adds the id of a query to the set, and those of all queries that it is computed from.
func addUsed(queries []MetricQuery, q MetricQuery, used map[string]bool) error {
	if used[q.ID] {
		return nil
	}
	used[q.ID] = true
	if q.Stat != nil {
		return nil
	}
	parsed, err := parseExpression(q.Expression)
	if err != nil {
		return invalid("Error in expression '%s': %s", q.ID, err)
	}
	for _, other := range queries {
		if other.ID != q.ID && parsed.mentions(other.ID, other.Stat != nil) {
			if err := addUsed(queries, other, used); err != nil {
				return err
			}
		}
	}
	return nil
}

// mentions is whether an expression has the name of a query, or is computed from all metrics.
func (n *node) mentions(id string, isMetric bool) bool {
	return n.kind == nameNode && n.text == id || n.kind == functionNode && n.text == "METRICS" && isMetric ||
		slices.ContainsFunc(n.parts, func(part *node) bool { return part.mentions(id, isMetric) })
}

// labelsOf are the labels of the results. CloudWatch labels a metric that has none by its name, and by the statistic and
// period if they are not the same for all (recorded: test_label_generation). Assumed: an expression is labelled by its id.
func labelsOf(queries []MetricQuery) []string {
	stats, periods := map[string]bool{}, map[int]bool{}
	for _, q := range queries {
		if q.Stat != nil {
			stats[q.Stat.Statistic], periods[q.Stat.PeriodSeconds] = true, true
		}
	}
	names := map[string]int{}
	for _, q := range queries {
		if q.Stat != nil {
			names[q.Stat.Name]++
		}
	}
	labels := make([]string, len(queries))
	for i, q := range queries {
		labels[i] = cmp.Or(q.Label, q.ID)
		if q.Label != "" || q.Stat == nil {
			continue
		}
		labels[i] = q.Stat.Name
		if names[q.Stat.Name] > 1 && len(stats) > 1 {
			labels[i] += " " + q.Stat.Statistic
		}
		if names[q.Stat.Name] > 1 && len(periods) > 1 {
			labels[i] += " " + strconv.Itoa(q.Stat.PeriodSeconds)
		}
	}
	return labels
}

// cutResults returns the page of the datapoints that a token leads to. A result that goes on in the next page is
// PartialData (documented: MetricDataResult, StatusCode). The token is the number of the datapoints before the page.
func cutResults(results []metricDataResult, token *string, limit int) (page []metricDataResult, next *string, err error) {
	before := 0
	if token != nil {
		content, err := base64.StdEncoding.DecodeString(*token)
		if err == nil {
			before, err = strconv.Atoi(string(content))
		}
		if err != nil || before <= 0 {
			return nil, nil, awserr.New("InvalidNextToken", 400, "Invalid nextToken: %s", *token)
		}
	}
	end := before + limit
	at := 0
	page = []metricDataResult{}
	for _, r := range results {
		first, last := max(before-at, 0), min(end-at, len(r.Values))
		complete := len(r.Values) <= end-at
		at += len(r.Values)
		if first > last || last < 0 || token != nil && first == last {
			continue // it is on another page
		}
		r.Timestamps, r.Values = r.Timestamps[first:last], r.Values[first:last]
		if !complete {
			r.StatusCode = "PartialData"
		}
		page = append(page, r)
	}
	if at > end {
		text := base64.StdEncoding.EncodeToString(fmt.Append(nil, end))
		next = &text
	}
	return page, next, nil
}
