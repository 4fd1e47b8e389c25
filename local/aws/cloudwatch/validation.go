package cloudwatch

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/internal/constraint"
	"ingest-pipeline/local/aws/internal/metric"
)

// invalid is how CloudWatch refuses an alarm. The sentences below are assumed from error messages that users
// have published, unless a comment says that they are the local target's.
func invalid(format string, args ...any) error {
	return awserr.New("ValidationError", 400, format, args...)
}

// violation is how AWS's service model refuses a value.
func violation(value any, member, rule string) error {
	var v constraint.Violations
	v.Add(member, value, rule)
	return violated(v)
}

// The limits of PutMetricAlarm (documented: API reference, PutMetricAlarm, MetricDataQuery, Dimension).
const (
	maxNameCharacters        = 255
	maxDescriptionCharacters = 1024
	maxActions               = 5
	maxDimensions            = 30
	maxMetrics               = 10
	maxDaySeconds            = 24 * 60 * 60
	maxWeekSeconds           = 7 * maxDaySeconds
)

var comparisonOperators = []string{
	"GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold",
}

// compileAlarm checks an alarm and prepares what it watches.
func compileAlarm(a *Alarm) (*watch, error) {
	if err := checkTexts(a); err != nil {
		return nil, err
	}
	for _, actions := range [][]string{a.AlarmActions, a.OKActions, a.InsufficientDataActions} {
		if err := checkActions(actions); err != nil {
			return nil, err
		}
	}
	if err := checkThreshold(a); err != nil {
		return nil, err
	}
	if len(a.Metrics) > 0 {
		return compileQueries(a)
	}
	return compileMetric(a)
}

func checkTexts(a *Alarm) error {
	switch n := utf8.RuneCountInString(a.Name); {
	case n == 0:
		return violation("", "alarmName", "Member must have length greater than or equal to 1")
	case n > maxNameCharacters:
		return violation(a.Name, "alarmName", "Member must have length less than or equal to 255")
	case strings.ContainsFunc(a.Name, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return invalid("AlarmName must not contain ASCII Control characters")
	case utf8.RuneCountInString(a.Description) > maxDescriptionCharacters:
		return violation(a.Description, "alarmDescription", "Member must have length less than or equal to 1024")
	}
	return nil
}

var (
	actionARN = regexp.MustCompile(`^arn:aws[a-z-]*:([a-z0-9-]+):[a-z0-9-]*:[0-9]*:.+$`)
	topicARN  = regexp.MustCompile(`^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$`)
)

// checkActions accepts topics only. CloudWatch does not check that they exist (documented:
// AlarmThatSendsEmail.html, "CloudWatch doesn't test or validate the actions that you specify").
func checkActions(actions []string) error {
	if len(actions) > maxActions {
		return violation(actions, "alarmActions", "Member must have length less than or equal to 5")
	}
	for _, action := range actions {
		service := actionARN.FindStringSubmatch(action)
		switch {
		case service == nil:
			return invalid("Invalid arn syntax: %s", action)
		case service[1] != "sns":
			return invalid("the action %s is not emulated by the local target: alarms notify SNS topics", action)
		case !topicARN.MatchString(action):
			return invalid("Invalid arn syntax: %s", action)
		}
	}
	return nil
}

func checkThreshold(a *Alarm) error {
	if slices.Contains([]string{"LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold",
		"GreaterThanUpperThreshold"}, a.ComparisonOperator) {
		return invalid("anomaly detection (%s) is not emulated by the local target", a.ComparisonOperator)
	}
	switch {
	case !slices.Contains(comparisonOperators, a.ComparisonOperator):
		return violation(a.ComparisonOperator, "comparisonOperator", "Member must satisfy enum value set: ["+
			strings.Join(comparisonOperators, ", ")+"]")
	case math.IsNaN(a.Threshold) || math.IsInf(a.Threshold, 0):
		return invalid("PutMetricAlarm request should have valid Threshold parameter")
	case a.EvaluationPeriods < 1:
		return violation(a.EvaluationPeriods, "evaluationPeriods", "Member must have value greater than or equal to 1")
	case a.DatapointsToAlarm < 0:
		return violation(a.DatapointsToAlarm, "datapointsToAlarm", "Member must have value greater than or equal to 1")
	case a.DatapointsToAlarm > a.EvaluationPeriods:
		return invalid("DatapointsToAlarm must be less than or equal to EvaluationPeriods")
	case !slices.Contains([]string{"", "breaching", "notBreaching", "ignore", "missing"}, a.TreatMissingData):
		return invalid("Supported values for TreatMissingData are breaching, notBreaching, ignore, and missing.")
	case !slices.Contains([]string{"", "evaluate", "ignore"}, a.EvaluateLowSampleCountPercentile):
		return invalid("Supported options for EvaluateLowSampleCountPercentile are evaluate and ignore.")
	}
	return nil
}

// compileMetric prepares an alarm on one metric.
func compileMetric(a *Alarm) (*watch, error) {
	name := a.Statistic
	switch {
	case a.Statistic != "" && a.ExtendedStatistic != "":
		return nil, invalid("PutMetricAlarm request can not be made with both Statistic and ExtendedStatistic " +
			"parameters. Only one of them should be present")
	case a.Statistic == "" && a.ExtendedStatistic == "":
		return nil, invalid("PutMetricAlarm request should have a Statistic parameter")
	case a.ExtendedStatistic != "":
		name = a.ExtendedStatistic
		if otherStatistics.MatchString(name) {
			return nil, invalid("the statistic %s is not emulated by the local target: percentiles are", name)
		}
		if _, ok := percentOf(name); !ok {
			return nil, invalid("The value %s for parameter ExtendedStatistic is not supported.", name)
		}
	}
	if _, known := parseStatistic(a.Statistic); a.Statistic != "" && (!known || strings.HasPrefix(a.Statistic, "p")) {
		return nil, violation(a.Statistic, "statistic",
			"Member must satisfy enum value set: [Maximum, Minimum, SampleCount, Sum, Average]")
	}
	if a.EvaluateLowSampleCountPercentile != "" && a.ExtendedStatistic == "" {
		return nil, invalid("Option evaluateLowSampleCountPercentile can not be applied with statistic %s. "+
			"This option is enabled only for percentile statistics.", a.Statistic)
	}
	leaf, err := compileStat(MetricStat{
		Namespace: a.Namespace, Name: a.MetricName, Dimensions: a.Dimensions, PeriodSeconds: a.PeriodSeconds,
		Statistic: name, Unit: a.Unit,
	}, a.EvaluationPeriods)
	if err != nil {
		return nil, err
	}
	w := &watch{period: leaf.period, read: leaf.read, unit: a.Unit, statistic: name}
	if a.EvaluateLowSampleCountPercentile == "ignore" {
		percent, _ := percentOf(name) // it was one above
		w.fewest = fewest(percent)
	}
	return w, nil
}

// fewest is how many values a percentile needs (documented: AlarmThatSendsEmail.html, Percentile-based CloudWatch
// alarms and low data samples).
func fewest(percent float64) float64 {
	fraction := percent / 100
	if percent >= 50 {
		fraction = (100 - percent) / 100
	}
	return math.Ceil(10/fraction - 1e-6) // 1 - 0.9 is not quite 0.1
}

// compileStat checks the metric of an alarm.
func compileStat(m MetricStat, evaluationPeriods int) (*leaf, error) {
	switch {
	case m.Name == "":
		return nil, invalid("PutMetricAlarm request should have a MetricName parameter")
	case m.Namespace == "":
		return nil, invalid("PutMetricAlarm request should have a Namespace parameter")
	case len(m.Name) > maxNameCharacters:
		return nil, violation(m.Name, "metricName", "Member must have length less than or equal to 255")
	case len(m.Namespace) > maxNameCharacters || strings.HasPrefix(m.Namespace, ":"):
		return nil, violation(m.Namespace, "namespace", "Member must satisfy regular expression pattern: [^:].*")
	case len(m.Dimensions) > maxDimensions:
		return nil, violation(m.Dimensions, "dimensions", "Member must have length less than or equal to 30")
	case m.Unit != "" && !slices.Contains(metric.Units, m.Unit):
		return nil, violation(m.Unit, "unit", "Member must satisfy enum value set: ["+strings.Join(metric.Units, ", ")+"]")
	}
	for name, value := range m.Dimensions {
		if name == "" || value == "" || len(name) > maxNameCharacters || len(value) > maxDescriptionCharacters {
			return nil, violation(m.Dimensions, "dimensions", "Member must have length greater than or equal to 1")
		}
	}
	if err := checkPeriod(m.PeriodSeconds, evaluationPeriods); err != nil {
		return nil, err
	}
	statistic, known := parseStatistic(m.Statistic)
	if !known && otherStatistics.MatchString(m.Statistic) {
		return nil, invalid("the statistic %s is not emulated by the local target: percentiles are", m.Statistic)
	}
	if !known {
		return nil, invalid("The value %s for parameter Stat is not supported.", m.Statistic)
	}
	return &leaf{
		id:        MetricID{Namespace: m.Namespace, Name: m.Name, Dimensions: m.Dimensions},
		statistic: statistic, period: time.Duration(m.PeriodSeconds) * time.Second, unit: m.Unit,
	}, nil
}

// checkPeriod checks the length of a datapoint and, of an alarm, that of all of them together; 0 evaluationPeriods: it is
// no alarm's.
func checkPeriod(seconds, evaluationPeriods int) error {
	switch {
	case seconds == 0:
		return invalid("PutMetricAlarm request should have a Period parameter")
	case seconds == 10 || seconds == 20 || seconds == 30:
		return invalid("a period of %d seconds is not emulated by the local target: metrics have one value a minute, and "+
			"so has every metric of the services here in AWS", seconds)
	case seconds < 0 || seconds%60 != 0:
		return invalid("Period must be 10, 20, 30 or a multiple of 60")
	case evaluationPeriods == 0:
		return nil
	case seconds < 3600 && evaluationPeriods > maxDaySeconds/seconds:
		return invalid("Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400) " +
			"for alarms using period < 3600")
	case evaluationPeriods > maxWeekSeconds/seconds:
		return invalid("Metrics cannot be checked across more than a week (EvaluationPeriods * Period must be <= 604800) " +
			"for alarms using period >= 3600")
	case time.Duration(seconds*evaluationPeriods)*time.Second > Retention:
		return invalid("an alarm over more than three hours (EvaluationPeriods * Period = %d s) is not emulated by the "+
			"local target: it keeps metrics for three hours", seconds*evaluationPeriods)
	}
	return nil
}

var queryID = regexp.MustCompile(`^[a-z][a-zA-Z0-9_]{0,254}$`)

// compileQueries prepares an alarm on an expression.
func compileQueries(a *Alarm) (*watch, error) {
	if a.MetricName != "" || a.Namespace != "" || len(a.Dimensions) > 0 || a.PeriodSeconds != 0 || a.Unit != "" ||
		a.Statistic != "" || a.ExtendedStatistic != "" {
		return nil, invalid("Scalar metric parameters must not be set if list of Metrics is set.")
	}
	if a.EvaluateLowSampleCountPercentile != "" {
		return nil, invalid("EvaluateLowSampleCountPercentile for an expression is not emulated by the local target")
	}
	m := &formula{queries: map[string]*query{}}
	returning := ""
	for _, q := range a.Metrics {
		if err := m.add(q, a.EvaluationPeriods); err != nil {
			return nil, err
		}
		if q.ReturnData && returning != "" {
			return nil, errReturning
		}
		if q.ReturnData {
			returning = q.ID
		}
	}
	switch {
	case returning == "":
		return nil, errReturning
	case m.metrics > maxMetrics || len(a.Metrics)-m.metrics > maxMetrics:
		return nil, invalid("An alarm may specify at most %d metrics and %d expressions.", maxMetrics, maxMetrics)
	case m.period == 0:
		return nil, invalid("Metrics list must contain at least one metric.") // the local target's sentence
	}
	if err := m.check(returning); err != nil {
		return nil, err
	}
	return &watch{
		period: m.period, statistic: m.statisticOf(returning),
		read: func(s *Service, end time.Time, n int) []sample { return m.read(s, returning, end, n) },
	}, nil
}

var errReturning = invalid("Exactly one element of the metrics list should return data.")

// add adds a metric or expression.
func (m *formula) add(q MetricQuery, evaluationPeriods int) error {
	switch {
	case !queryID.MatchString(q.ID):
		return violation(q.ID, "metrics", fmt.Sprintf("Member must satisfy regular expression pattern: %s", queryID))
	case m.queries[q.ID] != nil:
		return invalid("The values for parameter Id in Metrics are not unique.") // the local target's sentence
	case (q.Stat == nil) == (q.Expression == ""):
		return invalid("Each query must specify exactly one of MetricStat and Expression.") // the local target's sentence
	}
	if q.Stat == nil {
		parsed, err := parseExpression(q.Expression)
		if err != nil {
			return invalid("Error in expression '%s': %s", q.ID, err)
		}
		if q.PeriodSeconds != 0 {
			m.wanted = append(m.wanted, time.Duration(q.PeriodSeconds)*time.Second)
		}
		m.order = append(m.order, q.ID)
		m.queries[q.ID] = &query{id: q.ID, expression: parsed}
		return nil
	}
	l, err := compileStat(*q.Stat, evaluationPeriods)
	if err != nil {
		return err
	}
	if m.period != 0 && l.period != m.period {
		return invalid("Period must be the same for all metrics.") // documented rule, the local target's sentence
	}
	m.period = l.period
	m.metrics++
	m.order = append(m.order, q.ID)
	m.queries[q.ID] = &query{id: q.ID, leaf: l, statistic: q.Stat.Statistic}
	return nil
}
