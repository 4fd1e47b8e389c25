package cloudwatch

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/iam"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var account = iam.Account{ID: "123456789012", Region: "ap-northeast-2", Partition: "aws"}

// noon is when the tests begin: 20 seconds after a full minute, for nothing is to depend on that.
var noon = time.Date(2026, 11, 22, 12, 0, 20, 0, time.UTC)

// fixture is a service with a clock that the test moves.
type fixture struct {
	*Service
	t       *testing.T
	clock   *clockwork.FakeClock
	dir     string
	changes chan AlarmChange
	sent    []Notification
	refuse  error // what Publish answers
}

func open(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{t: t, clock: clockwork.NewFakeClockAt(noon), dir: filepath.Join(t.TempDir(), "cloudwatch"), changes: make(chan AlarmChange, 100)}
	f.start()
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	return f
}

func (f *fixture) start() {
	f.t.Helper()
	var err error
	f.Service, err = Open(Options{
		Dir: f.dir, Account: account, Clock: f.clock,
		OnStateChange: func(c AlarmChange) { f.changes <- c },
		Publish: func(n Notification) error {
			if f.refuse == nil {
				f.sent = append(f.sent, n)
			}
			return f.refuse
		},
		OnProblem: func(err error) { f.t.Error(err) },
	})
	require.NoError(f.t, err)
}

// restart closes the service and opens another one over the same folder.
func (f *fixture) restart() {
	f.t.Helper()
	require.NoError(f.t, f.Close())
	f.start()
}

// tick lets the minute end and waits for the evaluation.
func (f *fixture) tick() {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	require.NoError(f.t, f.clock.BlockUntilContext(ctx, 1))
	now := f.clock.Now()
	f.clock.Advance(now.Truncate(time.Minute).Add(time.Minute).Sub(now))
	// When the timer is set again the evaluation is over.
	require.NoError(f.t, f.clock.BlockUntilContext(ctx, 1))
}

// change is the next change of an alarm.
func (f *fixture) change() AlarmChange {
	f.t.Helper()
	select {
	case c := <-f.changes:
		return c
	default: // tick has waited for it
		require.FailNow(f.t, "no alarm has changed its state")
		return AlarmChange{}
	}
}

// state is the state of the alarm.
func (f *fixture) state(name string) string {
	f.t.Helper()
	a, err := f.DescribeAlarm(name)
	require.NoError(f.t, err)
	return a.State
}

// alarmOn is an alarm on a metric of the test.
func alarmOn(change func(*Alarm)) Alarm {
	a := Alarm{
		Name: "too-many", Description: "There are too many.", Namespace: "Test", MetricName: "Errors",
		Dimensions: Dimensions{"Kind": "a"}, Statistic: "Sum", PeriodSeconds: 60, EvaluationPeriods: 1,
		ComparisonOperator: "GreaterThanThreshold", Threshold: 2, TreatMissingData: "notBreaching",
		AlarmActions: []string{"arn:aws:sns:ap-northeast-2:123456789012:alarms"},
		OKActions:    []string{"arn:aws:sns:ap-northeast-2:123456789012:alarms"},
	}
	if change != nil {
		change(&a)
	}
	return a
}

func (f *fixture) put(change func(*Alarm)) {
	f.t.Helper()
	_, err := f.PutMetricAlarm(alarmOn(change))
	require.NoError(f.t, err)
}

func (f *fixture) measure(values ...float64) {
	for _, v := range values {
		f.Add("Test", "Errors", Dimensions{"Kind": "a"}, v)
	}
}

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o700))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}
