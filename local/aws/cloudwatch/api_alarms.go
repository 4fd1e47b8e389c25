package cloudwatch

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"ingest-pipeline/local/aws/internal/constraint"
)

type putMetricAlarmInput struct {
	AlarmName, AlarmDescription                               *string
	ActionsEnabled                                            *bool
	OKActions, AlarmActions, InsufficientDataActions          []string
	MetricName, Namespace, Statistic, ExtendedStatistic, Unit *string
	Dimensions                                                []dimensionMember
	Period, EvaluationPeriods, DatapointsToAlarm              *int
	Threshold                                                 *float64
	ComparisonOperator, TreatMissingData                      *string
	EvaluateLowSampleCountPercentile                          *string
	Metrics                                                   []metricDataQuery
	Tags                                                      []tagMember
	ThresholdMetricId                                         *string
	EvaluationWindow, WarmUpConfiguration, EvaluationCriteria any
	EvaluationInterval                                        *int
	ActionConfiguration                                       any
}

// metricDataQuery is a metric or an expression of PutMetricAlarm, DescribeAlarms and GetMetricData.
type metricDataQuery struct {
	Id, Expression, Label *string
	MetricStat            *metricStatMember
	ReturnData            *bool
	Period                *int
	AccountId             *string
}

type metricStatMember struct {
	Metric     *metricMember
	Period     *int
	Stat, Unit *string
}

// notEmulated refuses a member that would change what an action does.
func notEmulated(member string) error {
	return invalid("%s is not emulated by the local target", member)
}

// putMetricAlarm is PutMetricAlarm. Of an alarm that exists the tags stay (documented: PutMetricAlarm, "any tags you specify
// in this parameter are ignored").
func (s *Service) putMetricAlarm(in *putMetricAlarmInput) error {
	for _, member := range []struct {
		name  string
		given bool
	}{
		{"ThresholdMetricId", in.ThresholdMetricId != nil}, {"EvaluationWindow", in.EvaluationWindow != nil},
		{"WarmUpConfiguration", in.WarmUpConfiguration != nil}, {"EvaluationCriteria", in.EvaluationCriteria != nil},
		{"EvaluationInterval", in.EvaluationInterval != nil}, {"ActionConfiguration", in.ActionConfiguration != nil},
	} {
		if member.given {
			return notEmulated(member.name)
		}
	}
	var v constraint.Violations
	v.Required("alarmName", in.AlarmName, 1, maxNameCharacters)
	if in.ComparisonOperator == nil {
		v.Null("comparisonOperator")
	}
	if in.EvaluationPeriods == nil {
		v.Null("evaluationPeriods")
	}
	dimensions := dimensionsOf(&v, in.Dimensions)
	tags := tagsOf(&v, in.Tags)
	if err := violated(v); err != nil {
		return err
	}
	if in.Threshold == nil {
		return invalid("PutMetricAlarm request should have valid Threshold parameter") // assumed: see checkThreshold
	}
	if len(dimensions) == 0 {
		dimensions = nil
	}
	queries, err := alarmQueries(in.Metrics)
	if err != nil {
		return err
	}
	if existing, err := s.DescribeAlarm(*in.AlarmName); err == nil {
		tags = existing.Tags
	}
	_, err = s.PutMetricAlarm(Alarm{
		Name: *in.AlarmName, Description: deref(in.AlarmDescription), ActionsEnabled: in.ActionsEnabled,
		AlarmActions: in.AlarmActions, OKActions: in.OKActions, InsufficientDataActions: in.InsufficientDataActions,
		Namespace: deref(in.Namespace), MetricName: deref(in.MetricName), Dimensions: dimensions,
		Statistic: deref(in.Statistic), ExtendedStatistic: deref(in.ExtendedStatistic), PeriodSeconds: deref(in.Period),
		Unit: deref(in.Unit), EvaluateLowSampleCountPercentile: deref(in.EvaluateLowSampleCountPercentile), Metrics: queries,
		EvaluationPeriods: *in.EvaluationPeriods, DatapointsToAlarm: deref(in.DatapointsToAlarm),
		ComparisonOperator: *in.ComparisonOperator, Threshold: *in.Threshold, TreatMissingData: deref(in.TreatMissingData),
		Tags: tags,
	})
	return err
}

// alarmQueries reads the metrics and expressions of an alarm.
func alarmQueries(list []metricDataQuery) ([]MetricQuery, error) {
	var queries []MetricQuery
	for _, q := range list {
		if q.AccountId != nil {
			return nil, notEmulated("Metrics.AccountId")
		}
		var v constraint.Violations
		query := MetricQuery{
			ID: deref(q.Id), Label: deref(q.Label), ReturnData: q.ReturnData == nil || *q.ReturnData,
			Expression: deref(q.Expression), PeriodSeconds: deref(q.Period),
		}
		if m := q.MetricStat; m != nil {
			if m.Metric == nil {
				v.Null("metrics.member.metricStat.metric")
				return nil, violated(v)
			}
			query.Stat = &MetricStat{
				Namespace: deref(m.Metric.Namespace), Name: deref(m.Metric.MetricName),
				Dimensions: dimensionsOf(&v, m.Metric.Dimensions), PeriodSeconds: deref(m.Period), Statistic: deref(m.Stat),
				Unit: deref(m.Unit),
			}
		}
		if err := violated(v); err != nil {
			return nil, err
		}
		queries = append(queries, query)
	}
	return queries, nil
}

type describeAlarmsInput struct {
	AlarmNames, AlarmTypes                               []string
	AlarmNamePrefix, StateValue, ActionPrefix, NextToken *string
	ChildrenOfAlarmName, ParentsOfAlarmName              *string
	MaxRecords                                           *int
}

type describeAlarmsOutput struct {
	// CompositeAlarms is always empty: there are none.
	CompositeAlarms []struct{}
	MetricAlarms    []metricAlarm
	NextToken       *string
}

// metricAlarm is an alarm as DescribeAlarms shows it (recorded: test_put_metric_alarm, test_describe_minimal_metric_alarm).
type metricAlarm struct {
	AlarmName, AlarmArn                                                                   string
	AlarmDescription                                                                      *string
	AlarmConfigurationUpdatedTimestamp, StateUpdatedTimestamp, StateTransitionedTimestamp time.Time
	ActionsEnabled                                                                        bool
	OKActions, AlarmActions, InsufficientDataActions                                      []string
	StateValue, StateReason                                                               string
	StateReasonData                                                                       *string
	MetricName, Namespace, Statistic, ExtendedStatistic, Unit                             *string
	Dimensions                                                                            []dimensionMember
	Period                                                                                *int
	EvaluationPeriods                                                                     int
	DatapointsToAlarm                                                                     *int
	Threshold                                                                             float64
	ComparisonOperator                                                                    string
	TreatMissingData, EvaluateLowSampleCountPercentile                                    *string
	Metrics                                                                               []metricDataQuery
}

// alarmsPage is how many alarms or items of the history are in a page at most (documented: DescribeAlarms,
// DescribeAlarmHistory); without MaxRecords there are 50 alarms.
const alarmsPage = 100

func (s *Service) describeAlarms(in *describeAlarmsInput) (*describeAlarmsOutput, error) {
	var v constraint.Violations
	constraint.Count(&v, "alarmNames", in.AlarmNames, 0, 100)
	v.Length("alarmNamePrefix", in.AlarmNamePrefix, 1, maxNameCharacters)
	v.OneOf("stateValue", in.StateValue, InsufficientData, InAlarm, OK)
	v.Between("maxRecords", in.MaxRecords, 1, alarmsPage)
	for _, kind := range in.AlarmTypes {
		v.OneOf("alarmTypes", &kind, "CompositeAlarm", "MetricAlarm")
	}
	if err := violated(v); err != nil {
		return nil, err
	}
	switch {
	case in.ChildrenOfAlarmName != nil || in.ParentsOfAlarmName != nil:
		return nil, notEmulated("composite alarms: ChildrenOfAlarmName or ParentsOfAlarmName")
	case in.AlarmNames != nil && in.AlarmNamePrefix != nil: // documented rule; assumed: the sentence
		return nil, invalid("AlarmNames and AlarmNamePrefix are mutually exclusive parameters.")
	}
	alarms := slices.DeleteFunc(s.DescribeAlarms(), func(a AlarmDescription) bool {
		return in.AlarmNames != nil && !slices.Contains(in.AlarmNames, a.Name) ||
			len(in.AlarmTypes) > 0 && !slices.Contains(in.AlarmTypes, "MetricAlarm") ||
			!strings.HasPrefix(a.Name, deref(in.AlarmNamePrefix)) || in.StateValue != nil && a.State != *in.StateValue ||
			in.ActionPrefix != nil && !slices.ContainsFunc(slices.Concat(a.AlarmActions, a.OKActions, a.InsufficientDataActions),
				func(action string) bool { return strings.HasPrefix(action, *in.ActionPrefix) })
	})
	alarms, next, err := page(alarms, func(a AlarmDescription) string { return a.Name }, in.NextToken, cmp.Or(deref(in.MaxRecords), 50))
	return &describeAlarmsOutput{CompositeAlarms: []struct{}{}, MetricAlarms: metricAlarms(alarms), NextToken: next}, err
}

func metricAlarms(alarms []AlarmDescription) []metricAlarm {
	list := []metricAlarm{}
	for _, a := range alarms {
		m := metricAlarm{
			AlarmName: a.Name, AlarmArn: a.ARN, AlarmDescription: orNil(a.Description),
			AlarmConfigurationUpdatedTimestamp: a.ConfigurationUpdated, StateUpdatedTimestamp: a.StateUpdated,
			StateTransitionedTimestamp: a.StateChanged, ActionsEnabled: a.ActionsEnabled == nil || *a.ActionsEnabled,
			OKActions: nonNil(a.OKActions), AlarmActions: nonNil(a.AlarmActions),
			InsufficientDataActions: nonNil(a.InsufficientDataActions), StateValue: a.State, StateReason: a.Reason,
			StateReasonData: orNil(a.ReasonData), MetricName: orNil(a.MetricName), Namespace: orNil(a.Namespace),
			Statistic: orNil(a.Statistic), ExtendedStatistic: orNil(a.ExtendedStatistic), Unit: orNil(a.Unit),
			Dimensions: dimensionMembers(a.Dimensions), Period: orNil(a.PeriodSeconds), EvaluationPeriods: a.EvaluationPeriods,
			DatapointsToAlarm: orNil(a.DatapointsToAlarm), Threshold: a.Threshold, ComparisonOperator: a.ComparisonOperator,
			TreatMissingData:                 orNil(a.TreatMissingData),
			EvaluateLowSampleCountPercentile: orNil(a.EvaluateLowSampleCountPercentile),
		}
		for _, q := range a.Metrics {
			m.Metrics = append(m.Metrics, q.member())
		}
		list = append(list, m)
	}
	return list
}

func (q MetricQuery) member() metricDataQuery {
	m := metricDataQuery{
		Id: &q.ID, Expression: orNil(q.Expression), Label: orNil(q.Label), ReturnData: &q.ReturnData, Period: orNil(q.PeriodSeconds),
	}
	if stat := q.Stat; stat != nil {
		m.MetricStat = &metricStatMember{
			Metric: &metricMember{&stat.Namespace, &stat.Name, dimensionMembers(stat.Dimensions)},
			Period: &stat.PeriodSeconds, Stat: &stat.Statistic, Unit: orNil(stat.Unit),
		}
	}
	return m
}

type describeAlarmsForMetricInput struct {
	MetricName, Namespace, Statistic, ExtendedStatistic, Unit *string
	Dimensions                                                []dimensionMember
	Period                                                    *int
}

type describeAlarmsForMetricOutput struct{ MetricAlarms []metricAlarm }

// describeAlarmsForMetric returns the alarms on one metric with exactly these dimensions. Documented:
// DescribeAlarmsForMetric, which leaves out alarms on expressions.
func (s *Service) describeAlarmsForMetric(in *describeAlarmsForMetricInput) (*describeAlarmsForMetricOutput, error) {
	var v constraint.Violations
	v.Required("metricName", in.MetricName, 1, maxNameCharacters)
	v.Required("namespace", in.Namespace, 1, maxNameCharacters)
	id := MetricID{Namespace: deref(in.Namespace), Name: deref(in.MetricName), Dimensions: dimensionsOf(&v, in.Dimensions)}
	if err := violated(v); err != nil {
		return nil, err
	}
	alarms := slices.DeleteFunc(s.DescribeAlarms(), func(a AlarmDescription) bool {
		watched := MetricID{Namespace: a.Namespace, Name: a.MetricName, Dimensions: a.Dimensions}
		return watched.key() != id.key() || in.Statistic != nil && a.Statistic != *in.Statistic ||
			in.ExtendedStatistic != nil && a.ExtendedStatistic != *in.ExtendedStatistic ||
			in.Unit != nil && a.Unit != *in.Unit || in.Period != nil && a.PeriodSeconds != *in.Period
	})
	return &describeAlarmsForMetricOutput{metricAlarms(alarms)}, nil
}

type alarmNamesInput struct{ AlarmNames []string }

func (in *alarmNamesInput) check() error {
	var v constraint.Violations
	if in.AlarmNames == nil {
		v.Null("alarmNames")
	}
	constraint.Count(&v, "alarmNames", in.AlarmNames, 0, 100)
	return violated(v)
}

func (s *Service) deleteAlarms(in *alarmNamesInput) error {
	if err := in.check(); err != nil {
		return err
	}
	return s.DeleteAlarms(in.AlarmNames...)
}

func (s *Service) enableAlarmActions(in *alarmNamesInput) error { return s.setActionsEnabled(in, true) }
func (s *Service) disableAlarmActions(in *alarmNamesInput) error {
	return s.setActionsEnabled(in, false)
}

// setActionsEnabled changes the alarms that exist. Assumed: names of others are ignored, for no error is documented.
func (s *Service) setActionsEnabled(in *alarmNamesInput, enabled bool) error {
	if err := in.check(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	alarms, changed := maps.Clone(s.alarms), []string{}
	for _, name := range in.AlarmNames {
		if a := alarms[name]; a != nil {
			next := *a
			next.ActionsEnabled, next.ConfigurationUpdated = &enabled, s.options.Clock.Now()
			alarms[name], changed = &next, append(changed, name)
		}
	}
	if err := s.replaceAlarms(alarms); err != nil {
		return err
	}
	for _, name := range changed {
		s.configured(name, "Update", "updated")
	}
	return nil
}

type setAlarmStateInput struct{ AlarmName, StateValue, StateReason, StateReasonData *string }

func (s *Service) setAlarmState(in *setAlarmStateInput) error {
	var v constraint.Violations
	v.Required("alarmName", in.AlarmName, 1, maxNameCharacters)
	if in.StateValue == nil {
		v.Null("stateValue")
	}
	if in.StateReason == nil {
		v.Null("stateReason")
	}
	if err := violated(v); err != nil {
		return err
	}
	return s.SetAlarmState(*in.AlarmName, *in.StateValue, *in.StateReason, deref(in.StateReasonData))
}
