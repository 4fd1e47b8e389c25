package cloudwatch

import (
	"cmp"
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

// Alarm is what PutMetricAlarm takes. An alarm watches either one metric or, with Metrics, the result of an expression.
type Alarm struct {
	// Name is 1 to 255 characters, unique in the account. Description is up to 1,024.
	Name, Description string
	// ActionsDisabled leaves the actions out. Default: they are taken.
	ActionsDisabled bool
	// AlarmActions, OKActions and InsufficientDataActions are ARNs of SNS topics, at most five each, that are notified
	// when the alarm changes to the state.
	AlarmActions, OKActions, InsufficientDataActions []string

	// Namespace, MetricName and Dimensions are the metric. The dimensions must be all of the metric's.
	Namespace, MetricName string
	Dimensions            Dimensions
	// Statistic is SampleCount, Sum, Average, Minimum or Maximum; ExtendedStatistic a percentile, p0 to p100. One of them.
	Statistic, ExtendedStatistic string
	// PeriodSeconds is the length of a datapoint: a multiple of 60.
	PeriodSeconds int
	// Unit restricts the alarm to values of that unit. The local target's values have the unit that AWS documents: with
	// another one the alarm finds no data, as in AWS. "" is every unit.
	Unit string
	// EvaluateLowSampleCountPercentile is "evaluate" (the default) or "ignore": then a percentile of few values changes
	// nothing.
	EvaluateLowSampleCountPercentile string
	// Metrics are metrics and expressions of them. Exactly one returns data: the one that is compared.
	Metrics []MetricQuery

	// EvaluationPeriods is how many datapoints are looked at, DatapointsToAlarm how many of them must be breaching
	// (0: all).
	EvaluationPeriods, DatapointsToAlarm int
	// ComparisonOperator compares a datapoint with Threshold: GreaterThanOrEqualToThreshold, GreaterThanThreshold,
	// LessThanThreshold or LessThanOrEqualToThreshold.
	ComparisonOperator string
	Threshold          float64
	// TreatMissingData is missing (the default), notBreaching, breaching or ignore.
	TreatMissingData string
}

// MetricQuery is a metric or an expression of an alarm.
type MetricQuery struct {
	// ID is what expressions call it: it starts with a lower-case letter, then letters, digits and "_".
	ID string
	// Label is for people.
	Label string
	// ReturnData makes it the one that the alarm compares.
	ReturnData bool
	// Expression is a metric math expression; or Stat is a metric.
	Expression string
	Stat       *MetricStat
	// PeriodSeconds is the period of an expression; 0 is that of its metrics. The local target has no other.
	PeriodSeconds int
}

// MetricStat is the statistic of a metric.
type MetricStat struct {
	Namespace, Name string
	Dimensions      Dimensions
	PeriodSeconds   int
	// Statistic is any statistic, percentiles included.
	Statistic, Unit string
}

// AlarmDescription is an alarm as DescribeAlarms shows it.
type AlarmDescription struct {
	Alarm
	ARN string
	// State is OK, ALARM or INSUFFICIENT_DATA; Reason says why, in CloudWatch's sentence. ReasonData is the JSON
	// document with the datapoints that were looked at, "" before the first evaluation.
	State, Reason, ReasonData string
	// Updated is when the alarm was put, StateUpdated when its state was last set, StateChanged when it last became
	// another one.
	Updated, StateUpdated, StateChanged time.Time
}

// AlarmChange is an alarm that has changed its state.
type AlarmChange struct {
	// Alarm is the alarm in its new state.
	Alarm AlarmDescription
	// OldState and OldReason are what it was before.
	OldState, OldReason string
}

// alarm is an alarm with what is needed to evaluate it.
type alarm struct {
	AlarmDescription
	watch *watch
}

// PutMetricAlarm creates an alarm, or overwrites the one of its name, whose state stays (documented: PutMetricAlarm). A
// new one is INSUFFICIENT_DATA until it is evaluated, at the beginning of the next minute. Errors: ValidationError,
// LimitExceeded.
func (s *Service) PutMetricAlarm(config Alarm) (arn string, err error) {
	w, err := compileAlarm(&config)
	if err != nil {
		return "", err
	}
	config = config.clone()
	now := s.options.Clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	before, exists := s.alarms[config.Name]
	if !exists && len(s.alarms) >= mostAlarms {
		return "", awserr.New("LimitExceeded", 400, "You have reached the maximum number of alarms: %d.", mostAlarms)
	}
	put := &alarm{watch: w, AlarmDescription: AlarmDescription{
		Alarm: config, ARN: s.options.Account.ARN("cloudwatch", "alarm:"+config.Name), Updated: now,
	}}
	what := "created"
	switch was, known := s.states[config.Name]; {
	case exists:
		put.restore(before.record())
		what = "updated"
	case known:
		put.restore(was)
		what = "brought back"
	default:
		put.restore(stateRecord{State: InsufficientData, Reason: initialReason, Updated: now, Changed: now})
	}
	s.alarms[config.Name] = put
	s.states[config.Name] = put.record()
	s.problem(s.history.add(HistoryItem{
		Time: now, Alarm: config.Name, Type: "ConfigurationUpdate", Summary: `Alarm "` + config.Name + `" ` + what,
	}))
	s.problem(s.writeStates())
	return put.ARN, nil
}

// initialReason is recorded (test_put_metric_alarm).
const initialReason = "Unchecked: Initial alarm creation"

// mostAlarms is the quota of an account (documented: cloudwatch_limits.html, 5,000 a Region).
const mostAlarms = 5000

// DeleteAlarm deletes an alarm. With the last one goes the history: CloudWatch would keep it for its 30 days, but
// nothing of a stack is to be left in the folder. Errors: ResourceNotFound.
func (s *Service) DeleteAlarm(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, exists := s.alarms[name]; !exists {
		return noAlarm()
	}
	delete(s.alarms, name)
	delete(s.states, name)
	if len(s.states) == 0 {
		s.problem(s.history.remove())
	} else {
		s.problem(s.history.add(HistoryItem{
			Time: s.options.Clock.Now(), Alarm: name, Type: "ConfigurationUpdate", Summary: `Alarm "` + name + `" deleted`,
		}))
	}
	s.problem(s.writeStates())
	return nil
}

// noAlarm is recorded (test_set_alarm_invalid_input), but for its sentence, which AWS leaves out.
func noAlarm() error { return awserr.New("ResourceNotFound", 404, "") }

// Alarms are all alarms, sorted by name.
func (s *Service) Alarms() []AlarmDescription {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []AlarmDescription
	for _, a := range s.alarms {
		all = append(all, a.describe())
	}
	slices.SortFunc(all, func(a, b AlarmDescription) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// Alarm describes one alarm. Errors: ResourceNotFound.
func (s *Service) Alarm(name string) (AlarmDescription, error) {
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

// actions are those that are taken when the alarm changes to the state.
func (a Alarm) actions(state string) []string {
	switch {
	case a.ActionsDisabled:
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

// breaching compares a value with the threshold.
func (a Alarm) breaching(value float64) bool {
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
