package cloudwatch

import (
	"math"
	"time"
)

// sample is one datapoint of an alarm, or the place of one that is missing.
type sample struct {
	start   time.Time
	present bool
	value   float64
	count   float64 // of values behind it; 0 for the result of an expression
}

// watch is what an alarm watches.
type watch struct {
	period time.Duration
	// read returns the datapoints of the n periods before end, newest first.
	read func(s *Service, end time.Time, n int) []sample
	// fewest is the number of values that a datapoint needs to change the alarm's state.
	fewest          float64
	statistic, unit string
}

// leaf is the statistic of one metric.
type leaf struct {
	id        MetricID
	statistic statistic
	period    time.Duration
	unit      string
}

// firehosePublishes is how often Firehose publishes its metrics: alarms do not see what was measured since (documented:
// firehose/latest/dev/monitoring-with-cloudwatch-metrics.html; assumed: at multiples of five minutes).
const firehosePublishes = 5 * time.Minute

// read returns the n periods before end, newest first. Periods are counted back from the evaluation, not from the full
// hour (documented: alarm-evaluation-window.html, SlidingWindow).
func (l *leaf) read(s *Service, end time.Time, n int) []sample {
	series := s.find(l.id)
	if l.unit != "" && l.unit != s.unitOf(l.id) {
		series = nil // CloudWatch converts no units
	}
	published := end
	if l.id.Namespace == "AWS/Firehose" {
		published = s.options.Clock.Now().Truncate(firehosePublishes)
	}
	samples := make([]sample, n)
	for i := range samples {
		start := end.Add(-time.Duration(i+1) * l.period)
		samples[i].start = start
		until := start.Add(l.period)
		if until.After(published) {
			until = published
		}
		values := series.collect(start, until)
		if value := l.statistic(&values); values.count > 0 && !math.IsNaN(value) {
			samples[i].present, samples[i].value, samples[i].count = true, value, values.count
		}
	}
	return samples
}

// unitOf is the unit of a metric's values.
func (s *Service) unitOf(id MetricID) string {
	if unit, known := units[id.Namespace][id.Name]; known {
		return unit
	}
	if series := s.find(id); series != nil {
		return series.unitName()
	}
	return "None"
}
