package logs_test

import (
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/internal/metric/metrictest"
	"ingest-pipeline/local/aws/logs"
)

func TestEventsThatAreStoredAreCounted(t *testing.T) {
	w := newFixture(t, logs.Faults{})
	require.NoError(t, w.Close())
	l := &metrictest.Collector{}
	service, err := logs.Open(logs.Options{
		Dir: w.dir, Account: account, Clock: w.clock, Metrics: l.Metric,
	})
	require.NoError(t, err)
	defer func() { require.NoError(t, service.Close()) }()

	require.NoError(t, service.PutLogEvents(w.caller, group, stream,
		logs.Event{Time: start.Add(-time.Minute), Message: "one"}, logs.Event{Time: start, Message: "three"}))
	require.NoError(t, service.PutLogEvents(w.caller, group, stream, logs.Event{Time: start.Add(-15 * 24 * time.Hour), Message: "too old"}))
	require.Error(t, service.PutLogEvents(w.caller, group, "none", logs.Event{Time: start, Message: "nowhere"}))
	require.Error(t, service.PutLogEvents(w.caller, group, stream, logs.Event{Time: start}))

	assert.Equal(t, map[string][]float64{
		"IncomingLogEventsmap[]": {2}, "IncomingBytesmap[]": {60},
		"IncomingLogEventsmap[LogGroupName:" + group + "]": {2}, "IncomingBytesmap[LogGroupName:" + group + "]": {60},
	}, l.Values())
}

// BenchmarkPutRequestWithMetrics is BenchmarkPutRequest with metrics.
func BenchmarkPutRequestWithMetrics(b *testing.B) {
	w := newReal(b)
	require.NoError(b, w.Close())
	l := &metrictest.Collector{}
	service, err := logs.Open(logs.Options{
		Dir: w.dir, Account: account, Clock: clockwork.NewRealClock(), Metrics: l.Metric,
	})
	require.NoError(b, err)
	w.Service = service
	b.Cleanup(func() { require.NoError(b, service.Close()) })
	b.RunParallel(func(pb *testing.PB) {
		var events [15]logs.Event
		for pb.Next() {
			now := time.Now()
			for i := range events {
				events[i] = logs.Event{Time: now, Message: line}
			}
			if err := w.PutLogEvents(w.caller, group, stream, events[:]...); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.ReportMetric(float64(w.Stats().Dropped), "dropped")
}
