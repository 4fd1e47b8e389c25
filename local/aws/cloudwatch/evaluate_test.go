package cloudwatch

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// samplesOf reads datapoints as the user guide writes them, the newest on the right: "0 - X".
func samplesOf(text string) []sample {
	fields := strings.Fields(text)
	samples := make([]sample, len(fields))
	for i, field := range fields {
		s := sample{start: noon.Add(time.Duration(i-len(fields)) * time.Minute)}
		switch field {
		case "X":
			s.present, s.value = true, 10
		case "0":
			s.present, s.value = true, 1
		}
		samples[len(fields)-1-i] = s
	}
	return samples
}

// The rows are those of AlarmThatSendsEmail.html, How alarm state is evaluated when data is missing, and the examples of
// Avoiding premature transitions to alarm state; "" is "retain current state".
func TestMissingDataIsTreatedAsTheUserGuideSays(t *testing.T) {
	for _, row := range []struct {
		points                                string
		datapointsToAlarm                     int
		missing, ignore, breaching, notBreach string
	}{
		{"0 - X - X", 3, OK, OK, OK, OK},
		{"0 - - - -", 3, OK, OK, OK, OK},
		{"- - - - -", 3, InsufficientData, "", InAlarm, OK},
		{"0 X X - X", 3, InAlarm, InAlarm, InAlarm, InAlarm},
		{"- - X - -", 3, InAlarm, "", InAlarm, OK},
		{"0 - X - X", 2, InAlarm, InAlarm, InAlarm, InAlarm},
		{"0 0 X 0 X", 2, InAlarm, InAlarm, InAlarm, InAlarm},
		{"0 - X - -", 2, OK, OK, InAlarm, OK},
		{"- - - - 0", 2, OK, OK, InAlarm, OK},
		{"- - - X -", 2, InAlarm, "", InAlarm, OK},
		// "the alarm does not go immediately into ALARM state when the data is either"
		{"- - - - X", 3, InsufficientData, "", InAlarm, OK},
		{"- - - X -", 3, InsufficientData, "", InAlarm, OK},
		// The table of 2020.
		{"X - - - -", 3, InAlarm, "", InAlarm, OK},
		// Only as many real datapoints as there are evaluation periods are looked at.
		{"X X 0 0 0", 3, OK, OK, OK, OK},
		{"X X 0 0 0", 1, OK, OK, OK, OK},
	} {
		for treatment, want := range map[string]string{
			"missing": row.missing, "": row.missing, "ignore": row.ignore, "breaching": row.breaching,
			"notBreaching": row.notBreach,
		} {
			a := alarmOn(func(a *Alarm) {
				a.EvaluationPeriods, a.DatapointsToAlarm, a.TreatMissingData = 3, row.datapointsToAlarm, treatment
			})
			assert.Equal(t, want, a.evaluate(samplesOf(row.points)).state, "%s, %d out of 3, %s", row.points,
				row.datapointsToAlarm, treatment)
		}
	}
}

func TestTheThresholdItselfIsOnTheSideThatTheOperatorSays(t *testing.T) {
	for operator, want := range map[string][3]bool{ // below, at and above the threshold
		"GreaterThanOrEqualToThreshold": {false, true, true},
		"GreaterThanThreshold":          {false, false, true},
		"LessThanThreshold":             {true, false, false},
		"LessThanOrEqualToThreshold":    {true, true, false},
	} {
		a := Alarm{ComparisonOperator: operator, Threshold: 2}
		assert.Equal(t, want, [3]bool{a.isBreaching(1.9), a.isBreaching(2), a.isBreaching(2.1)}, operator)
	}
}

func TestAnAlarmFiresWhenTheMinuteIsOverAndClearsAfterwards(t *testing.T) {
	f := open(t)
	f.put(nil)
	assert.Equal(t, InsufficientData, f.state("too-many"))
	f.measure(1, 1, 1)
	f.tick()
	change := f.change()
	assert.Equal(t, InsufficientData, change.OldState)
	assert.Equal(t, InAlarm, change.Alarm.State)
	assert.Equal(t, "Threshold Crossed: 1 datapoint [3.0 (22/11/26 12:00:00)] was greater than the threshold (2.0).",
		change.Alarm.Reason)

	// "CloudWatch alarms might repeatedly reevaluate the last set of data points for a period of time after the metric has
	// stopped flowing."
	f.tick()
	f.tick()
	assert.Equal(t, InAlarm, f.state("too-many"))
	f.tick()
	assert.Equal(t, OK, f.change().Alarm.State)
	f.tick()
	assert.Empty(t, f.changes, "only a change is told")
	assert.Len(t, f.sent, 2)
}

func TestAnIdleAlarmOnMissingDataStaysQuiet(t *testing.T) {
	for treatment, want := range map[string]string{
		"notBreaching": OK, "missing": InsufficientData, "ignore": InsufficientData, "breaching": InAlarm,
	} {
		t.Run(treatment, func(t *testing.T) {
			f := open(t)
			f.put(func(a *Alarm) { a.TreatMissingData = treatment })
			f.tick()
			assert.Equal(t, want, f.state("too-many"))
		})
	}
}

func TestADatapointIsTheStatisticOfItsPeriod(t *testing.T) {
	for statistic, want := range map[string]string{
		"Sum": "60.0", "SampleCount": "3.0", "Average": "20.0", "Minimum": "10.0", "Maximum": "30.0", "p50": "20.0",
	} {
		t.Run(statistic, func(t *testing.T) {
			f := open(t)
			f.put(func(a *Alarm) {
				a.Statistic, a.ExtendedStatistic = statistic, ""
				if strings.HasPrefix(statistic, "p") {
					a.Statistic, a.ExtendedStatistic = "", statistic
				}
				a.PeriodSeconds = 120
			})
			f.measure(10, 30)
			f.tick()
			f.measure(20)
			f.tick()
			a := f.alarms["too-many"]
			v := a.evaluate(a.watch.read(f.Service, f.clock.Now(), 3))
			assert.Contains(t, a.reason(v), "["+want+" (22/11/26 12:00:00)]")
		})
	}
}

func TestAPercentileOfFewValuesCanBeLeftOutOfAccount(t *testing.T) {
	f := open(t)
	f.put(func(a *Alarm) {
		a.Statistic, a.ExtendedStatistic, a.EvaluateLowSampleCountPercentile = "", "p90", "ignore"
	})
	for range 99 {
		f.measure(5)
	}
	f.tick()
	assert.Equal(t, InsufficientData, f.state("too-many"), "99 values are fewer than 10/(1-0.9)")
	for range 100 {
		f.measure(5)
	}
	f.tick()
	assert.Equal(t, InAlarm, f.state("too-many"))
}

func TestValuesOfAnotherUnitAreNotSeen(t *testing.T) {
	f := open(t)
	unit := func(unit string) func(*Alarm) {
		return func(a *Alarm) {
			a.Name, a.Namespace, a.MetricName, a.Unit = "in-"+unit, "AWS/ApiGateway", "Latency", unit
			a.Dimensions = Dimensions{"ApiName": "events", "Stage": "v1"}
		}
	}
	f.put(unit("Seconds"))
	f.put(unit("Milliseconds"))
	f.Add("AWS/ApiGateway", "Latency", Dimensions{"ApiName": "events", "Stage": "v1"}, 100)
	f.tick()
	assert.Equal(t, OK, f.state("in-Seconds"))
	assert.Equal(t, InAlarm, f.state("in-Milliseconds"))
}

func TestAnAlarmSeesOnlyTheMetricWithExactlyItsDimensions(t *testing.T) {
	f := open(t)
	f.put(func(a *Alarm) { a.Dimensions = nil })
	f.measure(100)
	f.tick()
	assert.Equal(t, OK, f.state("too-many"))
}

func TestAnAlarmSeesWhatFirehoseMeasuresEveryFiveMinutes(t *testing.T) {
	f := open(t)
	f.put(func(a *Alarm) {
		a.Namespace, a.MetricName = "AWS/Firehose", "DeliveryToS3.Records"
		a.Dimensions, a.PeriodSeconds = Dimensions{"DeliveryStreamName": "d"}, 300
	})
	f.Metric("AWS/Firehose", "DeliveryToS3.Records", Dimensions{"DeliveryStreamName": "d"}).AddAt(f.clock.Now(), 7)
	for minute := range 4 {
		f.tick()
		assert.Equal(t, OK, f.state("too-many"), "at 12:0%d", minute+1)
	}
	f.tick()
	assert.Equal(t, InAlarm, f.state("too-many"), "at 12:05")
}

func TestTheActionsOfTheNewStateRun(t *testing.T) {
	f := open(t)
	topic := func(name string) []string { return []string{"arn:aws:sns:ap-northeast-2:123456789012:" + name} }
	f.put(func(a *Alarm) {
		a.AlarmActions, a.OKActions, a.InsufficientDataActions = topic("alarm"), topic("ok"), topic("unknown")
	})
	for _, state := range []string{InAlarm, OK, InsufficientData, InsufficientData} {
		require.NoError(t, f.SetAlarmState("too-many", state, "trying it", ""))
	}
	require.Len(t, f.sent, 3, "setting the state that there is changes nothing")
	assert.Equal(t, topic("alarm")[0], f.sent[0].TopicARN)
	assert.Equal(t, topic("ok")[0], f.sent[1].TopicARN)
	assert.Equal(t, topic("unknown")[0], f.sent[2].TopicARN)
	assert.Equal(t, `ALARM: "too-many" in Asia Pacific (Seoul)`, f.sent[0].Subject)

	f.put(func(a *Alarm) { a.ActionsEnabled = new(bool) })
	require.NoError(t, f.SetAlarmState("too-many", InAlarm, "trying it", ""))
	assert.Len(t, f.sent, 3, "actions are disabled")
}

func TestTheMessageIsTheOneThatCloudWatchSends(t *testing.T) {
	f := open(t)
	f.put(func(a *Alarm) { a.DatapointsToAlarm = 1 })
	f.measure(3)
	f.tick()
	require.Len(t, f.sent, 1)
	golden(t, "message.json", indent(t, f.sent[0].Message))
	a, err := f.DescribeAlarm("too-many")
	require.NoError(t, err)
	golden(t, "reasondata.json", indent(t, a.ReasonData))
}

func TestAnActionThatFailsIsInTheHistory(t *testing.T) {
	f := open(t)
	f.refuse = errors.New("NotFound: Topic does not exist")
	f.put(nil)
	f.measure(3)
	f.tick()
	items, err := f.DescribeAlarmHistory("too-many")
	require.NoError(t, err)
	var summaries []string
	for _, item := range items {
		summaries = append(summaries, item.Type+": "+item.Summary+" | "+item.Reason)
	}
	assert.Equal(t, []string{
		`ConfigurationUpdate: Alarm "too-many" created | `,
		`StateUpdate: Alarm updated from INSUFFICIENT_DATA to ALARM | Threshold Crossed: 1 datapoint ` +
			`[3.0 (22/11/26 12:00:00)] was greater than the threshold (2.0).`,
		`Action: Failed to execute action arn:aws:sns:ap-northeast-2:123456789012:alarms | Received error: ` +
			`"NotFound: Topic does not exist"`,
	}, summaries)
}
