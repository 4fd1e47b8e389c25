package logs_test

import (
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/logs"
)

const line = "(5b1f7a52-3c1b-4d1e-9a77-0123456789ab) Endpoint response headers: {x-amzn-RequestId=…, Content-Length=110}"

func newReal(b *testing.B) *fixture {
	b.Helper()
	w := newFixture(b, logs.Faults{})
	require.NoError(b, w.Close())
	service, err := logs.Open(logs.Options{Dir: w.dir, Account: account, Clock: clockwork.NewRealClock()})
	require.NoError(b, err)
	w.Service = service
	b.Cleanup(func() { require.NoError(b, service.Close()) })
	return w
}

// BenchmarkPut is one line, from several callers at once.
func BenchmarkPut(b *testing.B) {
	w := newReal(b)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := w.PutLogEvents(w.caller, group, stream, logs.Event{Time: time.Now(), Message: line}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.ReportMetric(float64(w.Stats().Dropped), "dropped")
}

// BenchmarkPutRequest is what API Gateway logs for a request at INFO: fifteen lines in one call.
func BenchmarkPutRequest(b *testing.B) {
	w := newReal(b)
	b.ReportAllocs()
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
