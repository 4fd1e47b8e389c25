package cloudwatch

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// executeActions notifies the topics of a change (documented: AlarmThatSendsEmail.html, alarms invoke actions only when
// the state has changed). The outcome is in the history.
func (s *Service) executeActions(change AlarmChange) {
	actions := change.Alarm.actions(change.Alarm.State)
	if len(actions) == 0 {
		return
	}
	message, err := s.message(change)
	if err != nil {
		s.report(err)
		return
	}
	for _, topic := range actions {
		err := error(errNoPublisher)
		if s.options.Publish != nil {
			err = s.options.Publish(Notification{
				TopicARN: topic, AlarmARN: change.Alarm.ARN, Subject: s.subject(change.Alarm), Message: message,
			})
		}
		item := HistoryItem{Time: s.options.Clock.Now(), Alarm: change.Alarm.Name, Type: "Action"}
		item.Summary = "Successfully executed action " + topic
		document := actionDocument{
			ActionState: "Succeeded", StateUpdate: change.Alarm.StateUpdated.UTC().Format(jsonTime), Resource: topic,
		}
		if err != nil {
			item.Summary, item.Reason = "Failed to execute action "+topic, fmt.Sprintf("Received error: %q", err)
			document.ActionState, document.Error = "Failed", err.Error()
		}
		item.Data = historyData(document)
		s.report(s.history.add(item))
	}
}

// actionDocument is HistoryData of an action; assumed from examples of the AWS CLI's describe-alarm-history.
type actionDocument struct {
	ActionState string `json:"actionState"`
	StateUpdate string `json:"stateUpdateTimestamp"`
	Resource    string `json:"notificationResource"`
	Error       string `json:"error,omitempty"`
}

// maxSubject is how long the subject of an SNS message can be (documented: SNS, Publish).
const maxSubject = 100

// subject is the subject of a notification; assumed from messages that users have published.
func (s *Service) subject(a AlarmDescription) string {
	subject := []rune(fmt.Sprintf("%s: %q in %s", a.State, a.Name, RegionName(s.options.Account.Region)))
	if len(subject) > maxSubject {
		subject = append(subject[:maxSubject-3], []rune("...")...)
	}
	return string(subject)
}

// The document that CloudWatch sends to SNS (recorded: test_put_metric_alarm; that of an expression is assumed from
// messages that users have published).
type messageDocument struct {
	AlarmName        string          `json:"AlarmName"`
	AlarmDescription *string         `json:"AlarmDescription"`
	AccountID        string          `json:"AWSAccountId"`
	Updated          string          `json:"AlarmConfigurationUpdatedTimestamp"`
	NewState         string          `json:"NewStateValue"`
	NewReason        string          `json:"NewStateReason"`
	Changed          string          `json:"StateChangeTime"`
	Region           string          `json:"Region"`
	AlarmARN         string          `json:"AlarmArn"`
	OldState         string          `json:"OldStateValue"`
	OKActions        []string        `json:"OKActions"`
	AlarmActions     []string        `json:"AlarmActions"`
	Insufficient     []string        `json:"InsufficientDataActions"`
	Trigger          triggerDocument `json:"Trigger"`
}

type triggerDocument struct {
	MetricName        string `json:"MetricName,omitempty"`
	Namespace         string `json:"Namespace,omitempty"`
	StatisticType     string `json:"StatisticType,omitempty"`
	Statistic         string `json:"Statistic,omitempty"`
	ExtendedStatistic string `json:"ExtendedStatistic,omitempty"`
	// An alarm on a metric has these two, if only null and []; one on an expression has not.
	Unit              json.RawMessage      `json:"Unit,omitempty"`
	Dimensions        *[]dimensionDocument `json:"Dimensions,omitempty"`
	Period            int                  `json:"Period"`
	EvaluationPeriods int                  `json:"EvaluationPeriods"`
	DatapointsToAlarm int                  `json:"DatapointsToAlarm,omitempty"`
	Comparison        string               `json:"ComparisonOperator"`
	Threshold         number               `json:"Threshold"`
	TreatMissingData  string               `json:"TreatMissingData"`
	LowSampleCount    string               `json:"EvaluateLowSampleCountPercentile"`
	Metrics           []queryDocument      `json:"Metrics,omitempty"`
}

type dimensionDocument struct {
	Value string `json:"value"`
	Name  string `json:"name"`
}

type queryDocument struct {
	Expression string        `json:"Expression,omitempty"`
	ID         string        `json:"Id"`
	Label      string        `json:"Label,omitempty"`
	MetricStat *statDocument `json:"MetricStat,omitempty"`
	ReturnData bool          `json:"ReturnData"`
}

type statDocument struct {
	Metric metricDocument `json:"Metric"`
	Period int            `json:"Period"`
	Stat   string         `json:"Stat"`
}

type metricDocument struct {
	Dimensions []dimensionDocument `json:"Dimensions"`
	MetricName string              `json:"MetricName"`
	Namespace  string              `json:"Namespace"`
}

func (s *Service) message(change AlarmChange) (string, error) {
	a := change.Alarm
	document := messageDocument{
		AlarmName: a.Name, AccountID: s.options.Account.ID, Updated: a.ConfigurationUpdated.UTC().Format(jsonTime),
		NewState: a.State, NewReason: a.Reason, Changed: a.StateChanged.UTC().Format(jsonTime),
		Region: RegionName(s.options.Account.Region), AlarmARN: a.ARN, OldState: change.OldState,
		OKActions: nonNil(a.OKActions), AlarmActions: nonNil(a.AlarmActions), Insufficient: nonNil(a.InsufficientDataActions),
		Trigger: a.trigger(),
	}
	if a.Description != "" {
		document.AlarmDescription = &a.Description
	}
	content, err := encode(document)
	if err != nil {
		return "", fmt.Errorf("writing the message of the alarm %s: %w", a.Name, err)
	}
	return string(content), nil
}

// encode writes JSON without the escapes that are for HTML pages.
func encode(document any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(document)
	return bytes.TrimRight(out.Bytes(), "\n"), err
}

func (a AlarmDescription) trigger() triggerDocument {
	t := triggerDocument{
		MetricName: a.MetricName, Namespace: a.Namespace, Period: a.PeriodSeconds,
		EvaluationPeriods: a.EvaluationPeriods, DatapointsToAlarm: a.DatapointsToAlarm,
		Comparison: a.ComparisonOperator, Threshold: number(a.Threshold), TreatMissingData: a.TreatMissingData,
		LowSampleCount: a.EvaluateLowSampleCountPercentile,
	}
	switch {
	case a.ExtendedStatistic != "":
		t.StatisticType, t.ExtendedStatistic = "ExtendedStatistic", a.ExtendedStatistic
	case a.Statistic != "":
		t.StatisticType, t.Statistic = "Statistic", strings.ToUpper(a.Statistic)
	}
	if t.TreatMissingData == "" {
		t.TreatMissingData = "missing"
	}
	if len(a.Metrics) == 0 {
		dimensions := dimensionDocuments(a.Dimensions)
		t.Dimensions, t.Unit = &dimensions, json.RawMessage("null")
		if a.Unit != "" {
			t.Unit = json.RawMessage(strconv.Quote(a.Unit)) // a name of CloudWatch's
		}
	}
	for _, q := range a.Metrics {
		document := queryDocument{Expression: q.Expression, ID: q.ID, Label: q.Label, ReturnData: q.ReturnData}
		if q.Stat != nil {
			document.MetricStat = &statDocument{
				Metric: metricDocument{dimensionDocuments(q.Stat.Dimensions), q.Stat.Name, q.Stat.Namespace},
				Period: q.Stat.PeriodSeconds, Stat: q.Stat.Statistic,
			}
			t.Period = q.Stat.PeriodSeconds
		}
		t.Metrics = append(t.Metrics, document)
	}
	return t
}

func dimensionDocuments(d Dimensions) []dimensionDocument {
	documents := []dimensionDocument{}
	for _, name := range slices.Sorted(maps.Keys(d)) {
		documents = append(documents, dimensionDocument{Value: d[name], Name: name})
	}
	return documents
}

// nonNil copies a list so that JSON has it as [] and not as null.
func nonNil(list []string) []string { return append([]string{}, list...) }
