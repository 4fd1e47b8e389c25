package cloudwatch

import (
	"fmt"
	"strings"
	"time"
)

// How CloudWatch writes times in reasons and in JSON (recorded: test_put_metric_alarm).
const (
	reasonTime = "02/01/06 15:04:05"
	jsonTime   = "2006-01-02T15:04:05.000-0700"
)

// maxListedDatapoints is how many datapoints a reason lists, and maxInlineDatapoints how many of them in the sentence
// itself. Assumed from messages that users have published: three are in the sentence, five after it.
const (
	maxListedDatapoints = 5
	maxInlineDatapoints = 4
)

// reason says why, in CloudWatch's sentence. The sentences with one datapoint and those with missing ones are recorded
// (test_put_metric_alarm, test_breaching_alarm_actions); those with several are assumed from messages
// that users have published.
func (a Alarm) reason(v verdict) string {
	if v.state == InsufficientData {
		if v.filled == 1 {
			return "Insufficient Data: 1 datapoint was unknown."
		}
		return fmt.Sprintf("Insufficient Data: %d datapoints were unknown.", v.filled)
	}
	crossed, least := v.real, ""
	if a.DatapointsToAlarm != 0 {
		crossed, least = a.decisive(v)
	}
	missing := a.missingText(v)
	if len(crossed) == 0 && len(v.real) == 0 {
		return fmt.Sprintf("Threshold Crossed: no datapoints were received for %s and %s%s.",
			plural(a.EvaluationPeriods, "period"), missing, least)
	}
	subject := plural(len(crossed), "datapoint")
	if a.DatapointsToAlarm != 0 {
		subject = fmt.Sprintf("%d out of the last %s datapoints", len(crossed), fmt.Sprint(a.EvaluationPeriods))
	}
	verb := "were"
	if len(crossed) == 1 {
		verb = "was"
	}
	if v.state == OK {
		verb += " not"
	}
	inline, after := listDatapoints(crossed, a.DatapointsToAlarm != 0)
	if missing != "" {
		missing = " and " + missing
	}
	return fmt.Sprintf("Threshold Crossed: %s%s %s %s the threshold (%s)%s%s%s.",
		subject, inline, verb, compared[a.ComparisonOperator], javaDouble(a.Threshold), missing, after, least)
}

// compared are the words for the comparison.
var compared = map[string]string{
	"GreaterThanOrEqualToThreshold": "greater than or equal to", "GreaterThanThreshold": "greater than",
	"LessThanThreshold": "less than", "LessThanOrEqualToThreshold": "less than or equal to",
}

// decisive returns the datapoints that decided an M out of N alarm, and how many of them are needed.
func (a Alarm) decisive(v verdict) (crossed []sample, least string) {
	for _, s := range v.real {
		if a.isBreaching(s.value) == (v.state == InAlarm) {
			crossed = append(crossed, s)
		}
	}
	needed, turn := a.DatapointsToAlarm, "OK -> ALARM"
	if v.state == OK {
		needed, turn = a.EvaluationPeriods-a.DatapointsToAlarm+1, "ALARM -> OK"
	}
	return crossed, fmt.Sprintf(" (minimum %s for %s transition)", plural(needed, "datapoint"), turn)
}

// missingText says how missing datapoints were treated; "" if none was missing.
func (a Alarm) missingText(v verdict) string {
	as := map[string]string{"breaching": "Breaching", "notBreaching": "NonBreaching"}[a.TreatMissingData]
	if v.filled == 0 || as == "" {
		return ""
	}
	verb := "were"
	if v.filled == 1 {
		verb = "was"
	}
	return fmt.Sprintf("%s %s treated as [%s]", plural(v.filled, "missing datapoint"), verb, as)
}

// listDatapoints lists datapoints: few of them in the sentence, more of them after it.
func listDatapoints(samples []sample, crossing bool) (inline, after string) {
	texts := []string{}
	for _, s := range samples[:min(len(samples), maxListedDatapoints)] {
		texts = append(texts, fmt.Sprintf("%s (%s)", javaDouble(s.value), s.start.UTC().Format(reasonTime)))
	}
	list := "[" + strings.Join(texts, ", ") + "]"
	switch {
	case len(samples) == 0:
		return "", ""
	case len(samples) <= maxInlineDatapoints:
		return " " + list, ""
	case crossing:
		return "", ". The most recent datapoints which crossed the threshold: " + list
	default:
		return "", ". The most recent datapoints: " + list
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// number is a float64 in JSON as Java writes it: "2.0".
type number float64

func (n number) MarshalJSON() ([]byte, error) { return []byte(javaDouble(float64(n))), nil }

type reasonDocument struct {
	Version    string              `json:"version"`
	QueryDate  string              `json:"queryDate"`
	StartDate  string              `json:"startDate,omitempty"`
	Unit       string              `json:"unit,omitempty"`
	Statistic  string              `json:"statistic,omitempty"`
	Period     int                 `json:"period"`
	Recent     []number            `json:"recentDatapoints"`
	Threshold  number              `json:"threshold"`
	Datapoints []evaluatedDocument `json:"evaluatedDatapoints"`
}

type evaluatedDocument struct {
	Timestamp   string  `json:"timestamp"`
	SampleCount *number `json:"sampleCount,omitempty"`
	Value       *number `json:"value,omitempty"`
}

// reasonData is the document about an evaluation (recorded: test_put_metric_alarm, and test_breaching_alarm_actions for
// one without datapoints).
func (a *alarm) reasonData(v verdict, now time.Time) string {
	document := reasonDocument{
		Version: "1.0", QueryDate: now.UTC().Format(jsonTime), Unit: a.watch.unit, Statistic: a.watch.statistic,
		Period: int(a.watch.period / time.Second), Recent: []number{}, Threshold: number(a.Threshold),
		Datapoints: []evaluatedDocument{},
	}
	for _, s := range v.real {
		value, count := number(s.value), number(s.count)
		evaluated := evaluatedDocument{Timestamp: s.start.UTC().Format(jsonTime), Value: &value}
		if s.count > 0 {
			evaluated.SampleCount = &count
		}
		document.StartDate = s.start.UTC().Format(jsonTime)
		document.Datapoints = append(document.Datapoints, evaluated)
		document.Recent = append([]number{value}, document.Recent...) // oldest first
	}
	for _, s := range v.missing {
		document.Datapoints = append(document.Datapoints, evaluatedDocument{Timestamp: s.start.UTC().Format(jsonTime)})
	}
	content, err := encode(document)
	if err != nil {
		return "" // values are finite: metrics have no others
	}
	return string(content)
}
