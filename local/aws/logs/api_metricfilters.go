package logs

import (
	"fmt"
	"strings"

	"ingest-pipeline/local/aws/internal/constraint"
	"ingest-pipeline/local/aws/logs/filterpattern"
)

type metricTransformation struct {
	MetricName, MetricNamespace, MetricValue *string
	DefaultValue                             *float64
	Dimensions                               map[string]string
	Unit                                     *string
}

// String is how CloudWatch Logs shows it in an error (recorded: LocalStack,
// test_put_metric_filter_too_many_transformations).
func (m metricTransformation) String() string {
	value, dimensions := "null", "null"
	if m.DefaultValue != nil {
		value = fmt.Sprint(*m.DefaultValue)
	}
	if m.Dimensions != nil {
		dimensions = fmt.Sprint(m.Dimensions)
	}
	orNull := func(text *string) string {
		if text == nil {
			return "null"
		}
		return *text
	}
	return fmt.Sprintf("MetricTransformation(metricName=%s, metricNamespace=%s, metricValue=%s, defaultValue=%s, unit=%s, "+
		"dimensions=%s)", orNull(m.MetricName), orNull(m.MetricNamespace), orNull(m.MetricValue), value, orNull(m.Unit), dimensions)
}

type putMetricFilterInput struct {
	LogGroupName, FilterName, FilterPattern *string
	MetricTransformations                   []metricTransformation
	ApplyOnTransformedLogs                  *bool
	FieldSelectionCriteria                  *string
	EmitSystemFieldDimensions               []string
}

func (s *Service) putMetricFilter(in *putMetricFilterInput) error {
	var v constraint.Violations
	v.Required("filterName", in.FilterName, 1, 512)
	v.Required("filterPattern", in.FilterPattern, 0, maxPatternCharacters)
	switch {
	case in.MetricTransformations == nil:
		v.Null("metricTransformations")
	case len(in.MetricTransformations) != 1:
		constraint.Count(&v, "metricTransformations", in.MetricTransformations, 1, 1)
	default:
		m := in.MetricTransformations[0]
		const member = "metricTransformations.1.member."
		v.Required(member+"metricName", m.MetricName, 0, 255)
		v.Required(member+"metricNamespace", m.MetricNamespace, 0, 255)
		v.Required(member+"metricValue", m.MetricValue, 0, 100)
	}
	if err := checkGroup(v, in.LogGroupName); err != nil {
		return err
	}
	m := in.MetricTransformations[0]
	for name, given := range map[string]bool{
		"metricTransformations.dimensions": len(m.Dimensions) > 0,
		"applyOnTransformedLogs":           in.ApplyOnTransformedLogs != nil && *in.ApplyOnTransformedLogs,
		"fieldSelectionCriteria":           in.FieldSelectionCriteria != nil,
		"emitSystemFieldDimensions":        len(in.EmitSystemFieldDimensions) > 0,
	} {
		if given {
			return invalidParameter("%s: is not emulated by the local target", name)
		}
	}
	return s.PutMetricFilter(MetricFilter{
		Name: *in.FilterName, LogGroupName: *in.LogGroupName, Pattern: *in.FilterPattern,
		Namespace: *m.MetricNamespace, MetricName: *m.MetricName, Value: *m.MetricValue, DefaultValue: m.DefaultValue, Unit: deref(m.Unit),
	})
}

type deleteMetricFilterInput struct{ LogGroupName, FilterName *string }

func (s *Service) deleteMetricFilter(in *deleteMetricFilterInput) error {
	var v constraint.Violations
	v.Required("filterName", in.FilterName, 1, 512)
	if err := checkGroup(v, in.LogGroupName); err != nil {
		return err
	}
	return s.DeleteMetricFilter(*in.LogGroupName, *in.FilterName)
}

type describeMetricFiltersInput struct {
	LogGroupName, FilterNamePrefix, MetricName, MetricNamespace, NextToken *string
	Limit                                                                  *int
}

type describeMetricFiltersOutput struct {
	MetricFilters []metricFilter
	NextToken     *string
}

// metricFilter is a metric filter as DescribeMetricFilters shows it (recorded: LocalStack, test_put_metric_filter_basic).
type metricFilter struct {
	FilterName, FilterPattern, LogGroupName string
	CreationTime                            int64
	ApplyOnTransformedLogs                  bool
	MetricTransformations                   []metricTransformation
}

func (s *Service) describeMetricFilters(in *describeMetricFiltersInput) (*describeMetricFiltersOutput, error) {
	var v constraint.Violations
	v.Length("filterNamePrefix", in.FilterNamePrefix, 1, 512)
	v.Length("metricName", in.MetricName, 0, 255)
	v.Length("metricNamespace", in.MetricNamespace, 0, 255)
	limit := pageLimit(&v, in.Limit)
	if err := v.Err("InvalidParameterException"); err != nil {
		return nil, err
	}
	if in.LogGroupName != nil {
		if err := checkGroupName(*in.LogGroupName); err != nil {
			return nil, err
		}
		if _, err := s.DescribeLogGroup(*in.LogGroupName); err != nil {
			return nil, err
		}
	}
	if (in.MetricName == nil) != (in.MetricNamespace == nil) {
		// Documented: DescribeMetricFilters, "If you include this parameter … you must also include". Assumed: the sentence.
		return nil, invalidParameter("metricName and metricNamespace must be given together.")
	}
	var all []MetricFilterDescription
	for _, f := range s.DescribeMetricFilters(deref(in.LogGroupName)) {
		if strings.HasPrefix(f.Name, deref(in.FilterNamePrefix)) &&
			(in.MetricName == nil || f.MetricName == *in.MetricName && f.Namespace == *in.MetricNamespace) {
			all = append(all, f)
		}
	}
	key := func(f MetricFilterDescription) string { return f.LogGroupName + "\x00" + f.Name }
	page, next, err := pages[MetricFilterDescription]{key: key, limit: limit}.cut(all, in.NextToken)
	out := &describeMetricFiltersOutput{MetricFilters: []metricFilter{}, NextToken: next}
	for _, f := range page {
		m := metricTransformation{
			MetricName: &f.MetricName, MetricNamespace: &f.Namespace, MetricValue: &f.Value, DefaultValue: f.DefaultValue,
		}
		if f.Unit != "" {
			m.Unit = &f.Unit
		}
		out.MetricFilters = append(out.MetricFilters, metricFilter{
			FilterName: f.Name, FilterPattern: f.Pattern, LogGroupName: f.LogGroupName, CreationTime: f.Created.UnixMilli(),
			MetricTransformations: []metricTransformation{m},
		})
	}
	return out, err
}

type testMetricFilterInput struct {
	FilterPattern    *string
	LogEventMessages []string
}

type testMetricFilterOutput struct{ Matches []metricFilterMatch }

// metricFilterMatch is an event that matches. ExtractedValues are those of a JSON pattern's selectors (documented:
// TestMetricFilter, example).
type metricFilterMatch struct {
	EventNumber     int64
	EventMessage    string
	ExtractedValues map[string]string
}

func (s *Service) testMetricFilter(in *testMetricFilterInput) (*testMetricFilterOutput, error) {
	var v constraint.Violations
	v.Required("filterPattern", in.FilterPattern, 0, maxPatternCharacters)
	if in.LogEventMessages == nil {
		v.Null("logEventMessages")
	} else {
		constraint.Count(&v, "logEventMessages", in.LogEventMessages, 1, 50)
	}
	if err := v.Err("InvalidParameterException"); err != nil {
		return nil, err
	}
	pattern, err := filterpattern.Parse(*in.FilterPattern)
	if err != nil {
		return nil, invalidParameter("Invalid metric filter pattern: %s", err)
	}
	out := &testMetricFilterOutput{Matches: []metricFilterMatch{}}
	for i, message := range in.LogEventMessages {
		if !pattern.Match(message) {
			continue
		}
		match := metricFilterMatch{EventNumber: int64(i + 1), EventMessage: message, ExtractedValues: map[string]string{}}
		if isJSON, ok := pattern.(filterpattern.JSON); ok {
			match.ExtractedValues = isJSON.Values(message)
		}
		out.Matches = append(out.Matches, match)
	}
	return out, nil
}
