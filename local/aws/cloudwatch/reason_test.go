package cloudwatch

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func indent(t *testing.T, document string) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, json.Indent(&out, []byte(document), "", "  "))
	return out.String() + "\n"
}

// The sentences are recorded from AWS (localstack, test_put_metric_alarm and test_breaching_alarm_actions, 2023), or
// stand in messages of real alarms that people have published; times and names differ.
func TestAReasonIsWordedAsCloudWatchWordsIt(t *testing.T) {
	for name, c := range map[string]struct {
		points string
		change func(*Alarm)
		want   string
	}{
		"one datapoint": {"X", nil,
			"Threshold Crossed: 1 datapoint [10.0 (22/11/26 11:59:20)] was greater than the threshold (2.0)."},
		"one that is not": {"0", nil,
			"Threshold Crossed: 1 datapoint [1.0 (22/11/26 11:59:20)] was not greater than the threshold (2.0)."},
		"nothing, which is fine": {"- - -", nil,
			"Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching]."},
		"nothing, which is not": {"- - - -", func(a *Alarm) { a.EvaluationPeriods, a.TreatMissingData = 2, "breaching" },
			"Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as [Breaching]."},
		"one and a missing one": {"0 -", func(a *Alarm) {
			a.EvaluationPeriods, a.TreatMissingData, a.ComparisonOperator = 2, "breaching", "GreaterThanOrEqualToThreshold"
		}, "Threshold Crossed: 1 datapoint [1.0 (22/11/26 11:58:20)] was not greater than or equal to the threshold (2.0) " +
			"and 1 missing datapoint was treated as [Breaching]."},
		"one out of one": {"X", func(a *Alarm) { a.DatapointsToAlarm = 1 },
			"Threshold Crossed: 1 out of the last 1 datapoints [10.0 (22/11/26 11:59:20)] was greater than the threshold " +
				"(2.0) (minimum 1 datapoint for OK -> ALARM transition)."},
		"three out of five that are not": {"0 X 0 X 0", func(a *Alarm) { a.EvaluationPeriods, a.DatapointsToAlarm = 5, 3 },
			"Threshold Crossed: 3 out of the last 5 datapoints [1.0 (22/11/26 11:59:20), 1.0 (22/11/26 11:57:20), " +
				"1.0 (22/11/26 11:55:20)] were not greater than the threshold (2.0) (minimum 3 datapoints for ALARM -> OK " +
				"transition)."},
		"four of the five that it takes not to be": {"0 X 0 0 0", func(a *Alarm) { a.EvaluationPeriods, a.DatapointsToAlarm = 5, 2 },
			"Threshold Crossed: 4 out of the last 5 datapoints [1.0 (22/11/26 11:59:20), 1.0 (22/11/26 11:58:20), " +
				"1.0 (22/11/26 11:57:20), 1.0 (22/11/26 11:55:20)] were not greater than the threshold (2.0) (minimum 4 " +
				"datapoints for ALARM -> OK transition)."},
		"five out of five": {"0 0 0 0 0", func(a *Alarm) {
			a.EvaluationPeriods, a.DatapointsToAlarm, a.ComparisonOperator = 5, 5, "LessThanThreshold"
		}, "Threshold Crossed: 5 out of the last 5 datapoints were less than the threshold (2.0). The most recent " +
			"datapoints which crossed the threshold: [1.0 (22/11/26 11:59:20), 1.0 (22/11/26 11:58:20), 1.0 (22/11/26 " +
			"11:57:20), 1.0 (22/11/26 11:56:20), 1.0 (22/11/26 11:55:20)] (minimum 5 datapoints for OK -> ALARM transition)."},
		"one unknown": {"- - -", func(a *Alarm) { a.TreatMissingData = "missing" },
			"Insufficient Data: 1 datapoint was unknown."},
		"three unknown": {"- - - - -", func(a *Alarm) { a.EvaluationPeriods, a.TreatMissingData = 3, "missing" },
			"Insufficient Data: 3 datapoints were unknown."},
	} {
		t.Run(name, func(t *testing.T) {
			a := alarmOn(c.change)
			assert.Equal(t, c.want, a.reason(a.evaluate(samplesOf(c.points))))
		})
	}
}

func TestNumbersAreWrittenAsJavaWritesThem(t *testing.T) {
	for n, want := range map[float64]string{
		0: "0.0", 2: "2.0", -3: "-3.0", 21.5: "21.5", 0.04841402337228715: "0.04841402337228715", 0.001: "0.001",
		0.0001: "1.0E-4", 9999999: "9999999.0", 1e7: "1.0E7", 12345678.9: "1.23456789E7", 1e300: "1.0E300",
	} {
		assert.Equal(t, want, javaDouble(n))
	}
}
