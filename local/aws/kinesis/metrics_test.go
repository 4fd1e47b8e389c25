package kinesis

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/internal/metric"
	"ingest-pipeline/local/aws/internal/metric/metrictest"
)

// takeMetrics returns the values since the last call, without latencies, whose number it checks.
func takeMetrics(t *testing.T, l *metrictest.Collector, latency string) map[string][]float64 {
	t.Helper()
	values := map[string][]float64{}
	for name, v := range l.Take() {
		name = strings.TrimSuffix(name, "map[StreamName:events]")
		if name == latency {
			assert.Len(t, v, 1)
			continue
		}
		values[name] = v
	}
	return values
}

func TestPutsAreMeasuredAsKinesisMeasuresThem(t *testing.T) {
	l := &metrictest.Collector{}
	w := open(t, func(o *Options) { o.Metrics = l.Metric })
	w.create(StreamConfig{ShardCount: 1})

	status, _ := w.Call(context.Background(), w.caller, "PutRecord", []byte(`{"Data":"eHl6","PartitionKey":"k","StreamName":"events"}`))
	require.Equal(t, 200, status)
	assert.Equal(t, map[string][]float64{
		"IncomingRecords": {1}, "IncomingBytes": {4}, "WriteProvisionedThroughputExceeded": {0}, "PutRecord.Success": {1},
	}, takeMetrics(t, l, "PutRecord.Latency"))

	records := strings.Repeat(`{"Data":"eHl6","PartitionKey":"k"},`, 499) + `{"Data":"eHl6","PartitionKey":"k"}`
	for range 2 {
		status, _ = w.Call(context.Background(), w.caller, "PutRecords", []byte(`{"StreamName":"events","Records":[`+records+`]}`))
		require.Equal(t, 200, status)
	}
	assert.Equal(t, map[string][]float64{
		"IncomingRecords": {500, 499}, "IncomingBytes": {2000, 1996}, "WriteProvisionedThroughputExceeded": {0, 1},
		"PutRecords.Success": {1, 1}, "PutRecords.TotalRecords": {500, 500}, "PutRecords.SuccessfulRecords": {500, 499},
		"PutRecords.ThrottledRecords": {0, 1}, "PutRecords.FailedRecords": {0, 0},
	}, without(takeMetrics(t, l, ""), "PutRecords.Latency"), "the shard takes 1,000 records a second")

	status, _ = w.Call(context.Background(), w.caller, "PutRecord", []byte(`{"Data":"eHl6","PartitionKey":"k","StreamName":"events"}`))
	require.Equal(t, 400, status)
	assert.Equal(t, map[string][]float64{"WriteProvisionedThroughputExceeded": {1}, "PutRecord.Success": {0}},
		takeMetrics(t, l, "PutRecord.Latency"))

	for _, body := range []string{`{"PartitionKey":"k","StreamName":"events"}`, `{"Data":"","PartitionKey":"k","StreamName":"none"}`} {
		status, _ = w.Call(context.Background(), w.caller, "PutRecord", []byte(body))
		require.Equal(t, 400, status)
	}
	assert.Empty(t, takeMetrics(t, l, ""), "what never came to the stream counts nowhere")
}

func without(values map[string][]float64, name string) map[string][]float64 {
	delete(values, name)
	return values
}

func TestAFailureToStoreIsMeasured(t *testing.T) {
	l := &metrictest.Collector{}
	broken := false
	w := open(t, func(o *Options) {
		o.Metrics = l.Metric
		o.fileSystem = &faults{File: func(_ string, f File) File { return brokenFile{f, &broken} }}
	})
	w.create(StreamConfig{ShardCount: 1})
	broken = true
	status, _ := w.Call(context.Background(), w.caller, "PutRecord", []byte(`{"Data":"eHl6","PartitionKey":"k","StreamName":"events"}`))
	require.Equal(t, 500, status)
	assert.Equal(t, map[string][]float64{"WriteProvisionedThroughputExceeded": {0}, "PutRecord.Success": {0}},
		takeMetrics(t, l, "PutRecord.Latency"))
	_, answer := w.Call(context.Background(), w.caller, "PutRecords", []byte(`{"StreamName":"events","Records":[{"Data":"","PartitionKey":"k"}]}`))
	var failed struct{ FailedRecordCount int }
	require.NoError(t, json.Unmarshal(answer, &failed))
	require.Equal(t, 1, failed.FailedRecordCount)
	assert.Equal(t, map[string][]float64{
		"WriteProvisionedThroughputExceeded": {0}, "PutRecords.Success": {0}, "PutRecords.TotalRecords": {1},
		"PutRecords.SuccessfulRecords": {0}, "PutRecords.ThrottledRecords": {0}, "PutRecords.FailedRecords": {1},
	}, takeMetrics(t, l, "PutRecords.Latency"))
}

// brokenFile cannot be written while broken is true.
type brokenFile struct {
	File
	broken *bool
}

func (f brokenFile) Sync() error {
	if *f.broken {
		return errors.New("broken")
	}
	return f.File.Sync()
}

func TestPollsAreMeasuredAsKinesisMeasuresThem(t *testing.T) {
	l := &metrictest.Collector{}
	w := open(t, func(o *Options) { o.Metrics = l.Metric })
	w.create(StreamConfig{ShardCount: 1})
	for range 2 {
		status, _ := w.Call(context.Background(), w.caller, "PutRecord", []byte(`{"Data":"eHl6","PartitionKey":"k","StreamName":"events"}`))
		require.Equal(t, 200, status)
		w.clock.Advance(1500 * time.Millisecond)
	}
	takeMetrics(t, l, "")
	r := w.reader(TrimHorizon)
	defer func() { require.NoError(t, r.Close()) }()
	for range 2 {
		_, _, err := r.Poll(10, 1<<20)
		require.NoError(t, err)
	}
	assert.Equal(t, map[string][]float64{
		"GetRecords.Success": {1, 1}, "GetRecords.Records": {2, 0}, "GetRecords.Bytes": {6, 0},
		"GetRecords.IteratorAgeMilliseconds": {1500, 0},
	}, takeMetrics(t, l, ""), "a reader that is at the end is zero milliseconds behind")
}

// BenchmarkPutRecordWithMetrics is BenchmarkPutRecordWithoutDisk with metrics that are as costly as a look at a mutex.
func BenchmarkPutRecordWithMetrics(b *testing.B) {
	benchmarkPutWith(b, 200, func(o *Options) {
		o.Clock = clockwork.NewRealClock()
		o.fileSystem = &faults{File: func(_ string, f File) File { return idleFile{f} }}
		o.Metrics = func(string, map[string]string) metric.Recorder { return new(sum) }
	})
}

type sum struct {
	mu    sync.Mutex
	total float64
}

func (s *sum) AddAt(_ time.Time, value float64) {
	s.mu.Lock()
	s.total += value
	s.mu.Unlock()
}
