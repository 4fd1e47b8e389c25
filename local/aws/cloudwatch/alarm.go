package cloudwatch

import (
	"maps"
	"slices"
	"time"

	"ingest-pipeline/local/aws/awserr"
)

// States of an alarm (documented: AlarmThatSendsEmail.html, Metric alarm states).
const (
	OK               = "OK"
	InAlarm          = "ALARM"
	InsufficientData = "INSUFFICIENT_DATA"
)

// Alarm is the configuration of an alarm. It watches either one metric or, with Metrics, the result of an expression.
type Alarm struct {
	// Name is 1 to 255 characters, unique in the account. Description is up to 1,024.
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	// ActionsEnabled is whether the actions are executed. Default: true.
	ActionsEnabled *bool `json:"actionsEnabled,omitempty"`
	// AlarmActions, OKActions and InsufficientDataActions are ARNs of SNS topics, at most five each, that are notified
	// when the alarm changes to the state.
	AlarmActions            []string `json:"alarmActions,omitempty"`
	OKActions               []string `json:"okActions,omitempty"`
	InsufficientDataActions []string `json:"insufficientDataActions,omitempty"`

	// Namespace, MetricName and Dimensions are the metric. The dimensions must be all of the metric's.
	Namespace  string     `json:"namespace,omitempty"`
	MetricName string     `json:"metricName,omitempty"`
	Dimensions Dimensions `json:"dimensions,omitempty"`
	// Statistic is SampleCount, Sum, Average, Minimum or Maximum; ExtendedStatistic a percentile, p0 to p100. One of them.
	Statistic         string `json:"statistic,omitempty"`
	ExtendedStatistic string `json:"extendedStatistic,omitempty"`
	// PeriodSeconds is the length of a datapoint: a multiple of 60.
	PeriodSeconds int `json:"periodSeconds,omitempty"`
	// Unit restricts the alarm to values of that unit. The local target's values have the unit that AWS documents: with
	// another one the alarm finds no data, as in AWS. "" is every unit.
	Unit string `json:"unit,omitempty"`
	// EvaluateLowSampleCountPercentile is "evaluate" (the default) or "ignore": then a percentile of few values changes
	// nothing.
	EvaluateLowSampleCountPercentile string `json:"evaluateLowSampleCountPercentile,omitempty"`
	// Metrics are metrics and expressions of them. Exactly one returns data: the one that is compared.
	Metrics []MetricQuery `json:"metrics,omitempty"`

	// EvaluationPeriods is how many datapoints are looked at, DatapointsToAlarm how many of them must be breaching
	// (0: all).
	EvaluationPeriods int `json:"evaluationPeriods"`
	DatapointsToAlarm int `json:"datapointsToAlarm,omitempty"`
	// ComparisonOperator compares a datapoint with Threshold: GreaterThanOrEqualToThreshold, GreaterThanThreshold,
	// LessThanThreshold or LessThanOrEqualToThreshold.
	ComparisonOperator string  `json:"comparisonOperator"`
	Threshold          float64 `json:"threshold"`
	// TreatMissingData is missing (the default), notBreaching, breaching or ignore.
	TreatMissingData string            `json:"treatMissingData,omitempty"`
	Tags             map[string]string `json:"tags,omitempty"`
}

// MetricQuery is a metric or an expression of an alarm.
type MetricQuery struct {
	// ID is what expressions call it: it starts with a lower-case letter, then letters, digits and "_".
	ID string `json:"id"`
	// Label is for people.
	Label string `json:"label,omitempty"`
	// ReturnData makes it the one that the alarm compares.
	ReturnData bool `json:"returnData,omitempty"`
	// Expression is a metric math expression; or Stat is a metric.
	Expression string      `json:"expression,omitempty"`
	Stat       *MetricStat `json:"stat,omitempty"`
	// PeriodSeconds is the period of an expression; 0 is that of its metrics. The local target has no other.
	PeriodSeconds int `json:"periodSeconds,omitempty"`
}

// MetricStat is the statistic of a metric.
type MetricStat struct {
	Namespace     string     `json:"namespace"`
	Name          string     `json:"name"`
	Dimensions    Dimensions `json:"dimensions,omitempty"`
	PeriodSeconds int        `json:"periodSeconds"`
	// Statistic is any statistic, percentiles included.
	Statistic string `json:"statistic"`
	Unit      string `json:"unit,omitempty"`
}

// AlarmState is the state of an alarm.
type AlarmState struct {
	// State is OK, ALARM or INSUFFICIENT_DATA; Reason says why, in CloudWatch's sentence. ReasonData is the JSON
	// document with the datapoints that were looked at, "" before the first evaluation.
	State      string `json:"state"`
	Reason     string `json:"reason"`
	ReasonData string `json:"reasonData,omitempty"`
	// ConfigurationUpdated is when the alarm was put, StateUpdated when its state was last set, StateChanged when it last
	// became another one.
	ConfigurationUpdated time.Time `json:"configurationUpdated"`
	StateUpdated         time.Time `json:"stateUpdated"`
	StateChanged         time.Time `json:"stateChanged"`
}

// AlarmDescription is an alarm as DescribeAlarms shows it.
type AlarmDescription struct {
	Alarm
	AlarmState
	ARN string
}

// AlarmChange is an alarm that has changed its state.
type AlarmChange struct {
	// Alarm is the alarm in its new state.
	Alarm AlarmDescription
	// OldState and OldReason are what it was before.
	OldState, OldReason string
}

// alarm is an alarm with what is needed to evaluate it. It is never changed, but replaced.
type alarm struct {
	AlarmDescription
	watch *watch
}

func (s *Service) newAlarm(rec record, w *watch) *alarm {
	return &alarm{watch: w, AlarmDescription: AlarmDescription{
		Alarm: rec.Alarm, AlarmState: rec.AlarmState, ARN: s.options.Account.ARN("cloudwatch", "alarm:"+rec.Name),
	}}
}

// PutMetricAlarm creates an alarm, or overwrites the one of its name, whose state stays (documented: PutMetricAlarm). A
// new one is INSUFFICIENT_DATA until it is evaluated, at the beginning of the next minute. Errors: ValidationError,
// LimitExceeded.
func (s *Service) PutMetricAlarm(config Alarm) (arn string, err error) {
	w, err := compileAlarm(&config)
	if err != nil {
		return "", err
	}
	now := s.options.Clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	rec := record{config.clone(), AlarmState{
		State: InsufficientData, Reason: initialReason, StateUpdated: now, StateChanged: now,
	}}
	kind, action := "Create", "created"
	if existing := s.alarms[config.Name]; existing != nil {
		rec.AlarmState, kind, action = existing.AlarmState, "Update", "updated"
	} else if len(s.alarms) >= maxAlarms {
		return "", awserr.New("LimitExceeded", 400, "You have reached the maximum number of alarms: %d.", maxAlarms)
	}
	rec.ConfigurationUpdated = now
	a := s.newAlarm(rec, w)
	if err := s.put(a); err != nil {
		return "", err
	}
	s.configured(config.Name, kind, action)
	return a.ARN, nil
}

// put adds an alarm, or replaces the one of its name; the caller holds the lock.
func (s *Service) put(a *alarm) error {
	alarms := maps.Clone(s.alarms)
	alarms[a.Name] = a
	return s.replaceAlarms(alarms)
}

// initialReason is recorded (test_put_metric_alarm).
const initialReason = "Unchecked: Initial alarm creation"

// maxAlarms is the quota of an account (documented: cloudwatch_limits.html, 5,000 a Region).
const maxAlarms = 5000

// DeleteAlarms deletes alarms: all of them, or none if one does not exist (documented: DeleteAlarms). Errors:
// ResourceNotFound.
func (s *Service) DeleteAlarms(names ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	alarms := maps.Clone(s.alarms)
	for _, name := range names {
		if _, exists := alarms[name]; !exists {
			return noAlarm()
		}
	}
	maps.DeleteFunc(alarms, func(name string, _ *alarm) bool { return slices.Contains(names, name) })
	if err := s.replaceAlarms(alarms); err != nil {
		return err
	}
	for _, name := range names {
		s.configured(name, "Delete", "deleted")
	}
	return nil
}

// configured adds a change of an alarm's configuration to the history.
func (s *Service) configured(name, kind, summary string) {
	s.report(s.history.add(HistoryItem{
		Time: s.options.Clock.Now(), Alarm: name, Type: "ConfigurationUpdate", Summary: `Alarm "` + name + `" ` + summary,
		Data: historyData(map[string]any{"version": "1.0", "type": kind}),
	}))
}

// noAlarm is recorded (test_set_alarm_invalid_input), but for its sentence, which AWS leaves out.
func noAlarm() error { return awserr.New("ResourceNotFound", 404, "") }

// DescribeAlarms returns all alarms, sorted by name.
func (s *Service) DescribeAlarms() []AlarmDescription {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []AlarmDescription
	for _, name := range slices.Sorted(maps.Keys(s.alarms)) {
		all = append(all, s.alarms[name].describe())
	}
	return all
}

// DescribeAlarm describes one alarm. Errors: ResourceNotFound.
func (s *Service) DescribeAlarm(name string) (AlarmDescription, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, exists := s.alarms[name]
	if !exists {
		return AlarmDescription{}, noAlarm()
	}
	return a.describe(), nil
}

// describe copies what callers could change.
func (a *alarm) describe() AlarmDescription {
	described := a.AlarmDescription
	described.Alarm = a.clone()
	return described
}

func (a Alarm) clone() Alarm {
	a.AlarmActions = slices.Clone(a.AlarmActions)
	a.OKActions = slices.Clone(a.OKActions)
	a.InsufficientDataActions = slices.Clone(a.InsufficientDataActions)
	a.Dimensions = maps.Clone(a.Dimensions)
	a.Tags = maps.Clone(a.Tags)
	a.Metrics = slices.Clone(a.Metrics)
	for i, query := range a.Metrics {
		if query.Stat != nil {
			stat := *query.Stat
			stat.Dimensions = maps.Clone(stat.Dimensions)
			a.Metrics[i].Stat = &stat
		}
	}
	return a
}

// actions are those that are executed when the alarm changes to the state.
func (a Alarm) actions(state string) []string {
	switch {
	case a.ActionsEnabled != nil && !*a.ActionsEnabled:
		return nil
	case state == InAlarm:
		return a.AlarmActions
	case state == OK:
		return a.OKActions
	default:
		return a.InsufficientDataActions
	}
}

// toAlarm is DatapointsToAlarm with its default.
func (a Alarm) toAlarm() int {
	if a.DatapointsToAlarm == 0 {
		return a.EvaluationPeriods
	}
	return a.DatapointsToAlarm
}

// isBreaching reports whether a value breaches the threshold.
func (a Alarm) isBreaching(value float64) bool {
	switch a.ComparisonOperator {
	case "GreaterThanOrEqualToThreshold":
		return value >= a.Threshold
	case "GreaterThanThreshold":
		return value > a.Threshold
	case "LessThanThreshold":
		return value < a.Threshold
	default:
		return value <= a.Threshold
	}
}
