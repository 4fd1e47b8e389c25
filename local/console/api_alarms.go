package console

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"ingest-pipeline/local/aws/cloudwatch"
)

// alarmDetails is an alarm with what it watches and what to do about it.
type alarmDetails struct {
	alarmState
	Description string `json:"description"`
	// Condition is such as "Sum of WriteProvisionedThroughputExceeded > 0 in 5 of 5 periods of 60 s".
	Condition string `json:"condition"`
	// Runbook is the alarm's section in docs/runbook.md, in Markdown; empty if there is none.
	Runbook string `json:"runbook"`
}

func (s *Server) getAlarms(*http.Request) (any, error) {
	runbook, err := os.ReadFile(filepath.Join(s.options.Project, "docs", "runbook.md"))
	if err != nil && !os.IsNotExist(err) {
		return nil, fmt.Errorf("reading the runbook: %w", err)
	}
	alarms := []alarmDetails{}
	states := s.alarms()
	for i, a := range s.options.Cloud.CloudWatch.DescribeAlarms() {
		if i >= len(states) {
			break // created a moment ago
		}
		alarms = append(alarms, alarmDetails{states[i], a.Description, condition(a.Alarm), runbookSection(string(runbook), a.Description)})
	}
	slices.SortStableFunc(alarms, func(a, b alarmDetails) int { return urgency(a.State) - urgency(b.State) })
	return alarms, nil
}

func urgency(state string) int {
	return slices.Index([]string{cloudwatch.InAlarm, cloudwatch.OK, cloudwatch.InsufficientData}, state)
}

var comparisons = map[string]string{
	"GreaterThanThreshold": ">", "GreaterThanOrEqualToThreshold": "≥", "LessThanThreshold": "<", "LessThanOrEqualToThreshold": "≤",
}

func condition(a cloudwatch.Alarm) string {
	what, seconds := "", a.PeriodSeconds
	if a.MetricName != "" {
		what = a.Statistic + a.ExtendedStatistic + " of " + a.MetricName
	}
	for _, q := range a.Metrics {
		switch {
		case q.ReturnData:
			what = q.Expression
		case q.Stat != nil:
			what += fmt.Sprintf(", %s = %s of %s", q.ID, q.Stat.Statistic, q.Stat.Name)
			seconds = q.Stat.PeriodSeconds
		}
	}
	datapoints := a.DatapointsToAlarm
	if datapoints == 0 {
		datapoints = a.EvaluationPeriods
	}
	return fmt.Sprintf("%s %s %v in %d of %d periods of %d s", what, comparisons[a.ComparisonOperator], a.Threshold, datapoints, a.EvaluationPeriods, seconds)
}

var namedSection = regexp.MustCompile(`docs/runbook\.md, section ([\w-]+)`)

// runbookSection is the section that an alarm's description names.
func runbookSection(runbook, description string) string {
	named := namedSection.FindStringSubmatch(description)
	if named == nil {
		return ""
	}
	_, section, found := strings.Cut(runbook, "\n## "+named[1]+"\n")
	if !found {
		return ""
	}
	section, _, _ = strings.Cut(section, "\n## ")
	return strings.TrimSpace(section)
}

type historyItem struct {
	At      time.Time `json:"at"`
	Alarm   string    `json:"alarm"`
	Type    string    `json:"type"`
	Summary string    `json:"summary"`
	Reason  string    `json:"reason"`
}

const listedHistory = 100

// getAlarmHistory lists what happened to an alarm, newest first.
func (s *Server) getAlarmHistory(r *http.Request) (any, error) {
	items, err := s.options.Cloud.CloudWatch.DescribeAlarmHistory(r.URL.Query().Get("name"))
	if err != nil {
		return nil, err
	}
	history := []historyItem{}
	for _, item := range slices.Backward(items) {
		if len(history) == listedHistory {
			break
		}
		history = append(history, historyItem{item.Time, item.Alarm, item.Type, item.Summary, item.Reason})
	}
	return history, nil
}
