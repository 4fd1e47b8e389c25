package cloudwatch

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"ingest-pipeline/local/aws/internal/constraint"
)

type describeAlarmHistoryInput struct {
	AlarmName, HistoryItemType, ScanBy, NextToken, AlarmContributorId *string
	AlarmTypes                                                        []string
	StartDate, EndDate                                                *time.Time
	MaxRecords                                                        *int
}

type describeAlarmHistoryOutput struct {
	AlarmHistoryItems []alarmHistoryItem
	NextToken         *string
}

// alarmHistoryItem is recorded (test_put_metric_alarm).
type alarmHistoryItem struct {
	AlarmName, AlarmType, HistoryItemType, HistorySummary string
	Timestamp                                             time.Time
	HistoryData                                           *string
}

// describeAlarmHistory returns the newest items first, unless ScanBy says otherwise (documented: DescribeAlarmHistory).
func (s *Service) describeAlarmHistory(in *describeAlarmHistoryInput) (*describeAlarmHistoryOutput, error) {
	var v constraint.Violations
	v.Length("alarmName", in.AlarmName, 1, maxNameCharacters)
	v.OneOf("historyItemType", in.HistoryItemType, "ConfigurationUpdate", "StateUpdate", "Action")
	v.OneOf("scanBy", in.ScanBy, "TimestampDescending", "TimestampAscending")
	v.Between("maxRecords", in.MaxRecords, 1, alarmsPage)
	for _, kind := range in.AlarmTypes {
		v.OneOf("alarmTypes", &kind, "CompositeAlarm", "MetricAlarm")
	}
	if err := violated(v); err != nil {
		return nil, err
	}
	items, err := s.DescribeAlarmHistory(deref(in.AlarmName))
	if err != nil {
		return nil, err
	}
	oldest := s.options.Clock.Now().Add(-historyKept)
	type numberedItem struct {
		HistoryItem
		n int // from 0, in the order of the page
	}
	ascending := deref(in.ScanBy) == "TimestampAscending"
	if !ascending {
		slices.Reverse(items)
	}
	var found []numberedItem
	for n, item := range items {
		if !ascending {
			n = len(items) - n // so that it names the same item when newer ones have come
		}
		if item.Time.Before(oldest) || in.HistoryItemType != nil && item.Type != *in.HistoryItemType ||
			in.StartDate != nil && item.Time.Before(*in.StartDate) || in.EndDate != nil && item.Time.After(*in.EndDate) ||
			len(in.AlarmTypes) > 0 && !slices.Contains(in.AlarmTypes, "MetricAlarm") {
			continue
		}
		found = append(found, numberedItem{item, n})
	}
	key := func(item numberedItem) string {
		if ascending {
			return fmt.Sprintf("%012d", item.n)
		}
		return fmt.Sprintf("%012d", 1e11-item.n)
	}
	found, next, err := page(found, key, in.NextToken, cmp.Or(deref(in.MaxRecords), alarmsPage))
	out := &describeAlarmHistoryOutput{AlarmHistoryItems: []alarmHistoryItem{}, NextToken: next}
	for _, item := range found {
		out.AlarmHistoryItems = append(out.AlarmHistoryItems, alarmHistoryItem{
			AlarmName: item.Alarm, AlarmType: "MetricAlarm", HistoryItemType: item.Type, HistorySummary: item.Summary,
			Timestamp: item.Time, HistoryData: orNil(item.Data),
		})
	}
	return out, err
}
