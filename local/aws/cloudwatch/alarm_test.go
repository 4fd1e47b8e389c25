package cloudwatch

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/internal/durable"
)

func TestAnAlarmThatCloudWatchWouldRefuseIsRefused(t *testing.T) {
	f := open(t)
	for name, c := range map[string]struct {
		change func(*Alarm)
		want   string
	}{
		"no name":                  {func(a *Alarm) { a.Name = "" }, "Value '' at 'alarmName' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		"a long name":              {func(a *Alarm) { a.Name = strings.Repeat("é", 256) }, "less than or equal to 255"},
		"a name with a tab":        {func(a *Alarm) { a.Name = "a\tb" }, "AlarmName must not contain ASCII Control characters"},
		"a long description":       {func(a *Alarm) { a.Description = strings.Repeat("x", 1025) }, "less than or equal to 1024"},
		"six actions":              {func(a *Alarm) { a.OKActions = make([]string, 6) }, "less than or equal to 5"},
		"an action that is no ARN": {func(a *Alarm) { a.OKActions = []string{"alarms"} }, "Invalid arn syntax: alarms"},
		"an action of a bad topic": {func(a *Alarm) { a.OKActions = []string{"arn:aws:sns:eu-west-1:12:x"} }, "Invalid arn syntax: arn:aws:sns:eu-west-1:12:x"},
		"a Lambda function": {func(a *Alarm) { a.OKActions = []string{"arn:aws:lambda:eu-west-1:123456789012:function:f"} },
			"the action arn:aws:lambda:eu-west-1:123456789012:function:f is not emulated by the local target: alarms notify SNS topics"},
		"no operator":              {func(a *Alarm) { a.ComparisonOperator = "" }, "Value '' at 'comparisonOperator'"},
		"anomaly detection":        {func(a *Alarm) { a.ComparisonOperator = "GreaterThanUpperThreshold" }, "anomaly detection (GreaterThanUpperThreshold) is not emulated by the local target"},
		"no evaluation period":     {func(a *Alarm) { a.EvaluationPeriods = 0 }, "Value '0' at 'evaluationPeriods'"},
		"4 out of 3":               {func(a *Alarm) { a.EvaluationPeriods, a.DatapointsToAlarm = 3, 4 }, "DatapointsToAlarm must be less than or equal to EvaluationPeriods"},
		"-1 out of 3":              {func(a *Alarm) { a.EvaluationPeriods, a.DatapointsToAlarm = 3, -1 }, "Value '-1' at 'datapointsToAlarm'"},
		"a treatment":              {func(a *Alarm) { a.TreatMissingData = "NotBreaching" }, "Supported values for TreatMissingData are breaching, notBreaching, ignore, and missing."},
		"no statistic":             {func(a *Alarm) { a.Statistic = "" }, "PutMetricAlarm request should have a Statistic parameter"},
		"two statistics":           {func(a *Alarm) { a.ExtendedStatistic = "p99" }, "can not be made with both Statistic and ExtendedStatistic"},
		"an unknown statistic":     {func(a *Alarm) { a.Statistic = "Mean" }, "Value 'Mean' at 'statistic' failed to satisfy constraint: Member must satisfy enum value set: [Maximum, Minimum, SampleCount, Sum, Average]"},
		"a percentile as one":      {func(a *Alarm) { a.Statistic = "p99" }, "Value 'p99' at 'statistic'"},
		"a bad percentile":         {func(a *Alarm) { a.Statistic, a.ExtendedStatistic = "", "p101" }, "The value p101 for parameter ExtendedStatistic is not supported."},
		"a trimmed mean":           {func(a *Alarm) { a.Statistic, a.ExtendedStatistic = "", "tm90" }, "the statistic tm90 is not emulated by the local target"},
		"few samples of a sum":     {func(a *Alarm) { a.EvaluateLowSampleCountPercentile = "ignore" }, "can not be applied with statistic Sum"},
		"few samples, unknown":     {func(a *Alarm) { a.EvaluateLowSampleCountPercentile = "skip" }, "Supported options for EvaluateLowSampleCountPercentile are evaluate and ignore."},
		"no metric":                {func(a *Alarm) { a.MetricName = "" }, "should have a MetricName parameter"},
		"no namespace":             {func(a *Alarm) { a.Namespace = "" }, "should have a Namespace parameter"},
		"a namespace with a colon": {func(a *Alarm) { a.Namespace = ":x" }, "[^:].*"},
		"an empty dimension":       {func(a *Alarm) { a.Dimensions = Dimensions{"StreamName": ""} }, "'dimensions'"},
		"an unknown unit":          {func(a *Alarm) { a.Unit = "Hours" }, "Value 'Hours' at 'unit'"},
		"no period":                {func(a *Alarm) { a.PeriodSeconds = 0 }, "should have a Period parameter"},
		"61 seconds":               {func(a *Alarm) { a.PeriodSeconds = 61 }, "Period must be 10, 20, 30 or a multiple of 60"},
		"-60 seconds":              {func(a *Alarm) { a.PeriodSeconds = -60 }, "Period must be 10, 20, 30 or a multiple of 60"},
		"10 seconds":               {func(a *Alarm) { a.PeriodSeconds = 10 }, "a period of 10 seconds is not emulated by the local target"},
		"1441 minutes":             {func(a *Alarm) { a.EvaluationPeriods = 1441 }, "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400) for alarms using period < 3600"},
		"169 hours":                {func(a *Alarm) { a.PeriodSeconds, a.EvaluationPeriods = 3600, 169 }, "across more than a week"},
		"181 minutes":              {func(a *Alarm) { a.EvaluationPeriods = 181 }, "an alarm over more than three hours (EvaluationPeriods * Period = 10860 s) is not emulated by the local target"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.PutMetricAlarm(alarmOn(c.change))
			var refusal *awserr.Error
			require.ErrorAs(t, err, &refusal)
			assert.Equal(t, "ValidationError", refusal.Code)
			assert.Contains(t, refusal.Message, c.want)
		})
	}
	assert.Empty(t, f.DescribeAlarms())
	for name, change := range map[string]func(*Alarm){
		"180 minutes":   func(a *Alarm) { a.EvaluationPeriods = 180 },
		"three hours":   func(a *Alarm) { a.PeriodSeconds = 10800 },
		"all of three":  func(a *Alarm) { a.EvaluationPeriods, a.DatapointsToAlarm = 3, 3 },
		"five actions":  func(a *Alarm) { a.OKActions = strings.Fields(strings.Repeat(a.OKActions[0]+" ", 5)) },
		"a percentile":  func(a *Alarm) { a.Statistic, a.ExtendedStatistic = "", "p99.99" },
		"p100":          func(a *Alarm) { a.Statistic, a.ExtendedStatistic = "", "p100" },
		"a long name":   func(a *Alarm) { a.Name = strings.Repeat("é", 255) },
		"no dimensions": func(a *Alarm) { a.Dimensions = nil },
	} {
		_, err := f.PutMetricAlarm(alarmOn(change))
		require.NoError(t, err, name)
	}
}

func TestAnUpdateKeepsTheState(t *testing.T) {
	f := open(t)
	f.put(nil)
	require.NoError(t, f.SetAlarmState("too-many", InAlarm, "trying it", ""))
	f.put(func(a *Alarm) { a.Threshold, a.Description = 100, "" })
	a, err := f.DescribeAlarm("too-many")
	require.NoError(t, err)
	assert.Equal(t, InAlarm, a.State)
	assert.Equal(t, "trying it", a.Reason)
	assert.Equal(t, 100.0, a.Threshold)
	assert.Empty(t, a.Description, "the update overwrites all of the configuration")
	assert.Equal(t, "arn:aws:cloudwatch:ap-northeast-2:123456789012:alarm:too-many", a.ARN)
}

func TestARestartIsNoChangeOfState(t *testing.T) {
	f := open(t)
	f.put(nil)
	f.measure(3)
	f.tick()
	f.change()
	before := f.DescribeAlarms()
	f.restart()
	assert.Equal(t, before, f.DescribeAlarms())
	assert.Empty(t, f.changes)
	f.tick()
	assert.Equal(t, OK, f.change().Alarm.State, "it is evaluated")
}

func TestAlarmsAreThereAfterARestartAsTheyWere(t *testing.T) {
	f := open(t)
	f.put(func(a *Alarm) {
		disabled := false
		a.ActionsEnabled, a.Tags, a.Unit, a.DatapointsToAlarm = &disabled, map[string]string{"team": "events"}, "Count", 1
	})
	ratio := expressionAlarm("m1 / m2", "m1", "m2")
	ratio.Name = "ratio"
	_, err := f.PutMetricAlarm(ratio)
	require.NoError(t, err)
	f.put(func(a *Alarm) { a.Name = "gone" })
	require.NoError(t, f.DeleteAlarms("gone"))
	before := f.DescribeAlarms()
	require.Len(t, before, 2)
	f.restart()
	assert.Equal(t, before, f.DescribeAlarms())
}

func TestADamagedFileOfAlarmsIsNamed(t *testing.T) {
	for _, content := range []string{`[{"name": "too`, `[{"name": "a", "comparisonOperator": "Above"}]`} {
		dir := t.TempDir()
		file := filepath.Join(dir, "alarms.json")
		require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
		_, err := Open(Options{Dir: dir, Account: account})
		var damaged *durable.DamagedError
		require.ErrorAs(t, err, &damaged)
		assert.Equal(t, file, damaged.Name)
		left, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.Equal(t, content, string(left), "it is left as it is")
	}
}

func TestAnAlarmThatCannotBeKeptIsNotPut(t *testing.T) {
	f := open(t)
	f.put(nil)
	require.NoError(t, os.RemoveAll(f.dir))
	_, err := f.PutMetricAlarm(alarmOn(func(a *Alarm) { a.Threshold = 100 }))
	require.Error(t, err)
	require.Error(t, f.DeleteAlarms("too-many"))
	assert.Equal(t, alarmOn(nil), f.DescribeAlarms()[0].Alarm)
}

func TestADeletedAlarmIsForgotten(t *testing.T) {
	f := open(t)
	f.put(nil)
	f.put(func(a *Alarm) { a.Name = "other" })
	require.NoError(t, f.DeleteAlarms("too-many"))
	f.tick()
	assert.Equal(t, "other", f.change().Alarm.Name)
	assert.Empty(t, f.changes)
	require.ErrorContains(t, f.DeleteAlarms("too-many"), "ResourceNotFound")
	f.put(nil)
	assert.Equal(t, InsufficientData, f.state("too-many"), "an alarm of the same name begins anew")
}

func TestAnAlarmThatIsDeletedWhileItIsEvaluatedExecutesNoAction(t *testing.T) {
	f := open(t)
	f.put(nil)
	stale := f.alarms["too-many"]
	f.put(nil)
	f.setState(stale, InAlarm, "too late", "", noon)
	assert.Equal(t, InsufficientData, f.state("too-many"))
	assert.Empty(t, f.sent)
}

func TestStatesThatAreSetMustBeStates(t *testing.T) {
	f := open(t)
	// Recorded: localstack, test_set_alarm_invalid_input.
	require.EqualError(t, f.SetAlarmState("too-many", "INVALID", "", ""), "ValidationError: 1 validation error detected: Value "+
		"'INVALID' at 'stateValue' failed to satisfy constraint: Member must satisfy enum value set: "+
		"[INSUFFICIENT_DATA, ALARM, OK]")
	var refusal *awserr.Error
	require.ErrorAs(t, f.SetAlarmState("too-many", OK, "", ""), &refusal)
	assert.Equal(t, awserr.Error{Code: "ResourceNotFound", Status: 404}, *refusal)
}

func TestReturnedValuesAreCopies(t *testing.T) {
	f := open(t)
	given := alarmOn(nil)
	_, err := f.PutMetricAlarm(given)
	require.NoError(t, err)
	given.Dimensions["Kind"] = "changed"
	f.DescribeAlarms()[0].Dimensions["Kind"] = "changed"
	f.DescribeAlarms()[0].AlarmActions[0] = "changed"
	a, err := f.DescribeAlarm("too-many")
	require.NoError(t, err)
	assert.Equal(t, alarmOn(nil), a.Alarm)
}

func TestTheHistoryIsKeptForThirtyDaysAndSurvivesATornLine(t *testing.T) {
	f := open(t)
	f.put(func(a *Alarm) { a.TreatMissingData, a.ActionsEnabled = "ignore", new(bool) })
	require.NoError(t, f.SetAlarmState("too-many", OK, "once", ""))
	f.clock.Advance(29 * 24 * time.Hour)
	require.NoError(t, f.SetAlarmState("too-many", InAlarm, "later", ""))
	name := filepath.Join(f.dir, historyFile)
	content, err := os.ReadFile(name)
	require.NoError(t, err)
	f.clock.Advance(2 * 24 * time.Hour)
	require.NoError(t, os.WriteFile(name, append(content, `{"time":"2026-`...), 0o600))
	f.restart()
	items, err := f.DescribeAlarmHistory("")
	require.NoError(t, err)
	require.Len(t, items, 1)
	assert.Equal(t, "later", items[0].Reason)
	content, err = os.ReadFile(name)
	require.NoError(t, err)
	for _, line := range strings.Split(strings.TrimSpace(string(content)), "\n") {
		assert.True(t, json.Valid([]byte(line)), line)
	}
}
