package cloudwatch

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"ingest-pipeline/local/aws/awserr"
)

// Query is the statistic of a metric, period by period.
type Query struct {
	MetricID
	// Start is included, End is not. Start is rounded down to the minute, where the first period begins (documented:
	// GetMetricStatistics, for a start less than 15 days ago).
	Start, End time.Time
	// PeriodSeconds is the length of a period: a multiple of 60.
	PeriodSeconds int
	// Statistic is SampleCount, Sum, Average, Minimum, Maximum, or a percentile such as p99 or p99.9.
	Statistic string
}

// Datapoint is the statistic of one period.
type Datapoint struct {
	// Time is the beginning of the period.
	Time time.Time
	// Value is the statistic.
	Value float64
	// SampleCount is how many values there were.
	SampleCount float64
}

// maxDatapoints is how many datapoints one call returns (documented: GetMetricStatistics).
const maxDatapoints = 1440

// GetMetricStatistics returns the datapoints of a query, oldest first. Periods without a value have no datapoint. Errors:
// InvalidParameterValue, InvalidParameterCombination.
func (s *Service) GetMetricStatistics(q Query) ([]Datapoint, error) {
	statistic, ok := parseStatistic(q.Statistic)
	if !ok {
		return nil, awserr.New("InvalidParameterValue", 400,
			"The value %s for parameter Statistics is not supported.", q.Statistic)
	}
	if q.PeriodSeconds < 60 || q.PeriodSeconds%60 != 0 {
		return nil, awserr.New("InvalidParameterValue", 400,
			"The value %d for parameter Period is not supported: metrics have one value a minute.", q.PeriodSeconds)
	}
	if !q.Start.Before(q.End) {
		return nil, awserr.New("InvalidParameterCombination", 400,
			"The parameter StartTime must be less than the parameter EndTime.")
	}
	period := time.Duration(q.PeriodSeconds) * time.Second
	start := q.Start.Truncate(time.Minute)
	if n := periods(start, q.End, period); n > maxDatapoints {
		// Assumed: quoted in error messages that users have published.
		return nil, awserr.New("InvalidParameterCombination", 400, "You have requested up to %s datapoints, which exceeds the "+
			"limit of 1,440. You may reduce the datapoints requested by increasing Period, or decreasing the time range.",
			humanize.Comma(int64(n)))
	}
	series := s.find(q.MetricID)
	var points []Datapoint
	for start := s.skip(start, period); start.Before(q.End); start = start.Add(period) {
		values := series.collect(start, start.Add(period))
		if value := statistic(&values); values.count > 0 && !math.IsNaN(value) {
			points = append(points, Datapoint{Time: start, Value: value, SampleCount: values.count})
		}
	}
	return points, nil
}

// periods is how many periods begin from start on and before end.
func periods(start, end time.Time, period time.Duration) int {
	if !start.Before(end) {
		return 0
	}
	return int((end.Sub(start) + period - 1) / period)
}

// skip goes on, by whole periods, from start to the first period of which something is kept.
func (s *Service) skip(start time.Time, period time.Duration) time.Time {
	if gone := s.options.Clock.Now().Add(-Retention - period).Sub(start); gone > 0 {
		return start.Add(gone.Truncate(period))
	}
	return start
}

// statistic makes one number of the values of a period; NaN: there is none, for the values are not known.
type statistic func(*minute) float64

var percentileName = regexp.MustCompile(`^p(\d{1,2}(\.\d{0,10})?|100)$`)

// Statistics that CloudWatch has and the local target has not (documented: Statistics-definitions.html).
var otherStatistics = regexp.MustCompile(`^((tm|wm|tc|ts)\d.*|(TM|WM|TC|TS|PR)\(.*\)|IQM)$`)

// parseStatistic finds a statistic by its name.
func parseStatistic(name string) (statistic, bool) {
	switch name {
	case "SampleCount":
		return func(m *minute) float64 { return m.count }, true
	case "Sum":
		return func(m *minute) float64 { return m.sum }, true
	case "Average":
		return func(m *minute) float64 { return m.sum / m.count }, true
	case "Minimum":
		return func(m *minute) float64 { return m.min }, true
	case "Maximum":
		return func(m *minute) float64 { return m.max }, true
	}
	if percent, ok := percentOf(name); ok {
		return func(m *minute) float64 {
			if m.unranked {
				return math.NaN()
			}
			return m.shape.percentile(percent, m.min, m.max)
		}, true
	}
	return nil, false
}

// percentOf is the number of a percentile's name, 0 to 100.
func percentOf(name string) (float64, bool) {
	if !percentileName.MatchString(name) {
		return 0, false
	}
	percent, err := strconv.ParseFloat(name[1:], 64)
	return percent, err == nil
}

// javaDouble writes a number as AWS's messages do, which is how Java does: "21.5", "2.0", "1.0E7".
func javaDouble(n float64) string {
	size := math.Abs(n)
	if n == 0 || (size >= 1e-3 && size < 1e7) {
		text := strconv.FormatFloat(n, 'f', -1, 64)
		if n == math.Trunc(n) {
			text += ".0"
		}
		return text
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(n, 'e', -1, 64), "e")
	if !strings.Contains(mantissa, ".") {
		mantissa += ".0"
	}
	exponent = strings.TrimPrefix(exponent, "+")
	sign := strings.TrimRight(exponent, "0123456789")
	return mantissa + "E" + sign + strings.TrimLeft(exponent[len(sign):], "0")
}
