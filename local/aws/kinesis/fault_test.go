package kinesis

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/internal/metric/metrictest"
)

func TestAFaultRefusesWhatOtherwiseWouldBeStored(t *testing.T) {
	measured := &metrictest.Collector{}
	fault := Fault{Throttle: true}
	w := open(t, func(o *Options) {
		o.Metrics, o.Fault = measured.Metric, func() Fault { return fault }
	})
	w.create(StreamConfig{})

	status, f := w.callError("PutRecord", putBody("k", []byte("a")))
	assert.Equal(t, 400, status)
	assert.Equal(t, "ProvisionedThroughputExceededException", f.Type)
	assert.Equal(t, []float64{1}, takeMetrics(t, measured, "PutRecord.Latency")["WriteProvisionedThroughputExceeded"],
		"alarms see it as they see a real throttle")
	status, response := w.call("PutRecords", []byte(`{"StreamName":"events","Records":[{"Data":"YQ==","PartitionKey":"k"},{"Data":"YQ==","PartitionKey":"k"}]}`))
	assert.Equal(t, 200, status, "as on AWS, each record has its own error")
	assert.Contains(t, string(response), `"FailedRecordCount":2`)

	fault = Fault{Fail: true}
	status, f = w.callError("PutRecord", putBody("k", []byte("b")))
	assert.Equal(t, 500, status)
	assert.Equal(t, "InternalFailure", f.Type)

	fault = Fault{}
	w.put("k", "c")
	assert.Equal(t, []string{"c"}, w.all(), "nothing that was refused is in the stream")
}

func TestALatencyEndsWithTheCallersPatience(t *testing.T) {
	w := open(t, func(o *Options) { o.Fault = func() Fault { return Fault{Latency: time.Second} } })
	w.create(StreamConfig{})
	done := make(chan int)
	go func() {
		status, _ := w.Call(context.Background(), w.caller, "PutRecord", putBody("k", []byte("a")))
		done <- status
	}()
	require.NoError(t, w.clock.BlockUntilContext(t.Context(), 1))
	w.clock.Advance(time.Second)
	assert.Equal(t, 200, <-done)

	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	status, _ := w.Call(canceled, w.caller, "PutRecord", putBody("k", []byte("b")))
	assert.Equal(t, 503, status)
	assert.Equal(t, []string{"a"}, w.all())
}

func TestNewestGivesTheLastRecordsAcrossSegments(t *testing.T) {
	w := open(t, func(o *Options) { o.segmentBytes = 500 })
	w.create(StreamConfig{})
	records, err := w.Newest("events", 3)
	require.NoError(t, err)
	assert.Empty(t, records)
	for _, data := range []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "a", "b", "c", "d"} {
		w.put("k", data)
	}
	for n, want := range map[int][]string{1: {"d"}, 3: {"b", "c", "d"}} {
		records, err := w.Newest("events", n)
		require.NoError(t, err)
		assert.Equal(t, want, dataOf(records))
	}
	records, err = w.Newest("events", 1000)
	require.NoError(t, err)
	assert.Len(t, records, 14)
	_, err = w.Newest("none", 1)
	assert.ErrorContains(t, err, "ResourceNotFoundException")
}
