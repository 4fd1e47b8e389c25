package cloudwatch

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/internal/constraint"
	"ingest-pipeline/local/aws/internal/metric"
)

type listMetricsInput struct {
	Namespace, MetricName, NextToken, RecentlyActive *string
	Dimensions                                       []dimensionMember
	IncludeLinkedAccounts                            *bool
	OwningAccount                                    *string
}

type listMetricsOutput struct {
	Metrics   []metricMember
	NextToken *string
}

type metricMember struct {
	Namespace, MetricName *string
	Dimensions            []dimensionMember
}

// metricsPage is how many metrics are in a page (documented: ListMetrics).
const metricsPage = 500

// listMetrics returns the metrics of the last three hours, which are all that are kept, with RecentlyActive and without.
func (s *Service) listMetrics(in *listMetricsInput) (*listMetricsOutput, error) {
	var v constraint.Violations
	v.Length("namespace", in.Namespace, 1, maxNameCharacters)
	v.Length("metricName", in.MetricName, 1, maxNameCharacters)
	v.OneOf("recentlyActive", in.RecentlyActive, "PT3H")
	constraint.Count(&v, "dimensions", in.Dimensions, 0, 10)
	for _, d := range in.Dimensions {
		v.Required("dimensions.member.name", d.Name, 1, maxNameCharacters)
	}
	if err := violated(v); err != nil {
		return nil, err
	}
	found := slices.DeleteFunc(s.ListMetrics(), func(id MetricID) bool {
		return in.Namespace != nil && id.Namespace != *in.Namespace || in.MetricName != nil && id.Name != *in.MetricName ||
			slices.ContainsFunc(in.Dimensions, func(d dimensionMember) bool {
				value, exists := id.Dimensions[*d.Name]
				return !exists || d.Value != nil && value != *d.Value
			})
	})
	found, next, err := page(found, func(id MetricID) string { return string(id.key()) }, in.NextToken, metricsPage)
	if err != nil {
		return nil, err
	}
	out := &listMetricsOutput{Metrics: []metricMember{}, NextToken: next}
	for _, id := range found {
		out.Metrics = append(out.Metrics, metricMember{&id.Namespace, &id.Name, dimensionMembers(id.Dimensions)})
	}
	return out, nil
}

type getMetricStatisticsInput struct {
	Namespace, MetricName, Unit    *string
	Dimensions                     []dimensionMember
	StartTime, EndTime             *time.Time
	Period                         *int
	Statistics, ExtendedStatistics []string
}

type getMetricStatisticsOutput struct {
	Label      string
	Datapoints []datapointMember
}

type datapointMember struct {
	Timestamp                                   time.Time
	SampleCount, Average, Sum, Minimum, Maximum *float64
	Unit                                        string
	ExtendedStatistics                          map[string]float64
}

func (s *Service) getMetricStatistics(in *getMetricStatisticsInput) (*getMetricStatisticsOutput, error) {
	for _, required := range []struct {
		name    string
		present bool
	}{
		{"Namespace", in.Namespace != nil}, {"MetricName", in.MetricName != nil}, {"StartTime", in.StartTime != nil},
		{"EndTime", in.EndTime != nil}, {"Period", in.Period != nil},
	} {
		if !required.present {
			return nil, missing(required.name)
		}
	}
	var v constraint.Violations
	id := MetricID{Namespace: *in.Namespace, Name: *in.MetricName, Dimensions: dimensionsOf(&v, in.Dimensions)}
	v.OneOf("unit", in.Unit, metric.Units...)
	for _, name := range in.Statistics {
		v.OneOf("statistics", &name, "SampleCount", "Average", "Sum", "Minimum", "Maximum")
	}
	if err := violated(v); err != nil {
		return nil, err
	}
	if len(in.Statistics)+len(in.ExtendedStatistics) == 0 {
		return nil, awserr.New("InvalidParameterCombination", 400, // assumed
			"At least one of the parameters Statistics and ExtendedStatistics must be specified.")
	}
	unit := s.unitOf(id)
	points := map[time.Time]*datapointMember{}
	for _, name := range slices.Concat(in.Statistics, in.ExtendedStatistics) {
		if otherStatistics.MatchString(name) {
			return nil, invalidValue(name, "ExtendedStatistics (the local target has percentiles only)")
		}
		found, err := s.GetMetricStatistics(Query{
			MetricID: id, Start: *in.StartTime, End: *in.EndTime, PeriodSeconds: *in.Period, Statistic: name,
		})
		if err != nil {
			return nil, err
		}
		if in.Unit != nil && *in.Unit != unit {
			continue // CloudWatch converts no units
		}
		for _, p := range found {
			if points[p.Time] == nil {
				points[p.Time] = &datapointMember{Timestamp: p.Time, Unit: unit}
			}
			points[p.Time].set(name, p.Value)
		}
	}
	out := &getMetricStatisticsOutput{Label: id.Name, Datapoints: []datapointMember{}}
	for _, p := range points {
		out.Datapoints = append(out.Datapoints, *p)
	}
	slices.SortFunc(out.Datapoints, func(a, b datapointMember) int { return a.Timestamp.Compare(b.Timestamp) })
	return out, nil
}

func (d *datapointMember) set(statistic string, value float64) {
	switch statistic {
	case "SampleCount":
		d.SampleCount = &value
	case "Average":
		d.Average = &value
	case "Sum":
		d.Sum = &value
	case "Minimum":
		d.Minimum = &value
	case "Maximum":
		d.Maximum = &value
	default:
		if d.ExtendedStatistics == nil {
			d.ExtendedStatistics = map[string]float64{}
		}
		d.ExtendedStatistics[statistic] = value
	}
}

type putMetricDataInput struct {
	Namespace              *string
	MetricData             []metricDatum
	EntityMetricData       []any
	StrictEntityValidation *bool
}

type metricDatum struct {
	MetricName, Unit  *string
	Dimensions        []dimensionMember
	Timestamp         *time.Time
	Value             *float64
	StatisticValues   *statisticSet
	Values, Counts    []float64
	StorageResolution *int
}

type statisticSet struct{ SampleCount, Sum, Minimum, Maximum *float64 }

// The limits of PutMetricData (documented: API reference, PutMetricData and MetricDatum).
const (
	maxDatums     = 1000
	maxValues     = 150
	maxOwnMetrics = 10000 // the local target's own, which holds metrics in memory
)

// maxMagnitude bounds values from above, and below (documented: MetricDatum, 2^360).
var maxMagnitude = math.Ldexp(1, 360)

// putMetricData adds values to metrics of the caller. All of it is checked before any of it is stored.
func (s *Service) putMetricData(in *putMetricDataInput) error {
	switch {
	case in.Namespace == nil:
		return missing("Namespace")
	case strings.HasPrefix(*in.Namespace, "AWS/"):
		return invalidValue(*in.Namespace, "Namespace")
	case len(in.EntityMetricData) > 0:
		return awserr.New("InvalidParameterValue", 400, "EntityMetricData: is not emulated by the local target; use MetricData")
	case in.MetricData == nil:
		return missing("MetricData")
	case len(in.MetricData) > maxDatums:
		return invalidValue("with more than 1000 elements", "MetricData")
	}
	var v constraint.Violations
	v.Length("namespace", in.Namespace, 1, maxNameCharacters)
	if err := violated(v); err != nil {
		return err
	}
	s.putting.Lock()
	defer s.putting.Unlock()
	room := maxOwnMetrics
	s.series.Range(func(any, any) bool { room--; return true })
	adds := make([]func(), len(in.MetricData))
	for i, d := range in.MetricData {
		var err error
		if adds[i], err = s.checkDatum(*in.Namespace, d, &room); err != nil {
			return err
		}
	}
	for _, add := range adds {
		add()
	}
	return nil
}

// checkDatum checks a datum and returns what adds it. room is how many metrics more can be kept.
func (s *Service) checkDatum(namespace string, d metricDatum, room *int) (add func(), err error) {
	var v constraint.Violations
	v.Required("metricData.member.metricName", d.MetricName, 1, maxNameCharacters)
	v.OneOf("metricData.member.unit", d.Unit, metric.Units...)
	id := MetricID{Namespace: namespace, Name: deref(d.MetricName), Dimensions: dimensionsOf(&v, d.Dimensions)}
	if err := violated(v); err != nil {
		return nil, err
	}
	now := s.options.Clock.Now()
	at := now
	if d.Timestamp != nil {
		at = *d.Timestamp
	}
	switch {
	case at.After(now.Add(minutesAhead * time.Minute)), at.Before(now.AddDate(0, 0, -14)):
		return nil, invalidValue(at.UTC().Format(time.RFC3339), "MetricData.member.Timestamp")
	case d.StorageResolution != nil && *d.StorageResolution != 60 && *d.StorageResolution != 1:
		return nil, invalidValue(*d.StorageResolution, "MetricData.member.StorageResolution")
	case d.StorageResolution != nil && *d.StorageResolution == 1:
		return nil, awserr.New("InvalidParameterValue", 400, "StorageResolution = 1: high resolution is not emulated by the local target; use 60")
	}
	unit := cmp.Or(deref(d.Unit), "None")
	if err := s.checkOwnMetric(id, unit, room); err != nil {
		return nil, err
	}
	values, counts, err := d.values()
	if err != nil {
		return nil, err
	}
	return func() {
		series := s.Metric(id.Namespace, id.Name, id.Dimensions)
		series.setUnit(unit)
		if set := d.StatisticValues; set != nil {
			series.addSet(at, *set.SampleCount, *set.Sum, *set.Minimum, *set.Maximum)
			return
		}
		series.addMany(at, values, counts)
	}, nil
}

// checkOwnMetric refuses what the local target cannot keep; the caller holds the lock.
func (s *Service) checkOwnMetric(id MetricID, unit string, room *int) error {
	series := s.find(id)
	if series == nil {
		if *room--; *room < 0 {
			return awserr.New("LimitExceeded", 400, "the local target keeps at most %d metrics", maxOwnMetrics)
		}
		return nil
	}
	if had := series.unitName(); had != unit {
		return awserr.New("InvalidParameterValue", 400, "Unit = %s: %s has the unit %s; several units of one metric are not "+
			"emulated by the local target", unit, id.Name, had)
	}
	return nil
}

// values are the values of a datum with how often there is each of them. Documented: MetricDatum; assumed: the sentences.
func (d metricDatum) values() (values, counts []float64, err error) {
	given := 0
	for _, present := range []bool{d.Value != nil, d.StatisticValues != nil, d.Values != nil} {
		if present {
			given++
		}
	}
	switch {
	case given == 0:
		return nil, nil, missing("MetricData.member.Value")
	case given > 1:
		return nil, nil, awserr.New("InvalidParameterCombination", 400,
			"The parameters MetricData.member.Value, MetricData.member.Values and MetricData.member.StatisticValues are mutually exclusive.")
	case d.Value != nil:
		values, counts = []float64{*d.Value}, []float64{1}
	case d.StatisticValues != nil:
		set := d.StatisticValues
		for name, part := range map[string]*float64{"SampleCount": set.SampleCount, "Sum": set.Sum, "Minimum": set.Minimum, "Maximum": set.Maximum} {
			if part == nil {
				return nil, nil, missing("MetricData.member.StatisticValues." + name)
			}
			values, counts = append(values, *part), append(counts, 1)
		}
		if *set.SampleCount <= 0 || *set.Minimum > *set.Maximum {
			return nil, nil, invalidValue(*set.SampleCount, "MetricData.member.StatisticValues")
		}
	default:
		values, counts = d.Values, d.Counts
		if counts == nil {
			counts = slices.Repeat([]float64{1}, len(values))
		}
		if len(values) == 0 || len(values) > maxValues || len(counts) != len(values) {
			return nil, nil, invalidValue(len(values), "MetricData.member.Values (1 to 150, and as many Counts)")
		}
	}
	for _, n := range slices.Concat(values, counts) {
		if math.IsNaN(n) || math.Abs(n) > maxMagnitude {
			return nil, nil, invalidValue(n, "MetricData.member.Value")
		}
	}
	if slices.ContainsFunc(counts, func(n float64) bool { return n < 0 || n > math.MaxInt32 }) {
		return nil, nil, invalidValue(counts, "MetricData.member.Counts")
	}
	return values, counts, nil
}
