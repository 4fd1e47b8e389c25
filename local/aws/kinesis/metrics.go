package kinesis

import (
	"time"

	"github.com/jonboulle/clockwork"

	"ingest-pipeline/local/aws/internal/metric"
)

// streamMetrics are the metrics of one stream, with the dimension StreamName. Nil measures nothing.
//
// documented (monitoring-with-cloudwatch): what each counts. Metrics of single shards are not sent.
type streamMetrics struct {
	incomingRecords, incomingBytes, writeThrottled metric.Recorder

	putRecordSuccess, putRecordLatency                                       metric.Recorder
	putRecordsSuccess, putRecordsLatency, total, successful, failed, refused metric.Recorder
	getRecordsSuccess, getRecords, getRecordsBytes, iteratorAge              metric.Recorder
	readThrottled                                                            metric.Recorder
}

func (s *Service) metricsOf(stream string) *streamMetrics {
	if s.options.Metrics == nil {
		return nil
	}
	find := func(name string) metric.Recorder {
		return s.options.Metrics(name, map[string]string{"StreamName": stream})
	}
	return &streamMetrics{
		incomingRecords: find("IncomingRecords"), incomingBytes: find("IncomingBytes"),
		writeThrottled:   find("WriteProvisionedThroughputExceeded"),
		putRecordSuccess: find("PutRecord.Success"), putRecordLatency: find("PutRecord.Latency"),
		putRecordsSuccess: find("PutRecords.Success"), putRecordsLatency: find("PutRecords.Latency"),
		total: find("PutRecords.TotalRecords"), successful: find("PutRecords.SuccessfulRecords"),
		failed: find("PutRecords.FailedRecords"), refused: find("PutRecords.ThrottledRecords"),
		getRecordsSuccess: find("GetRecords.Success"), getRecords: find("GetRecords.Records"),
		getRecordsBytes: find("GetRecords.Bytes"), iteratorAge: find("GetRecords.IteratorAgeMilliseconds"),
		readThrottled: find("ReadProvisionedThroughputExceeded"),
	}
}

// start is when a request came to the stream.
func (m *streamMetrics) start(clock clockwork.Clock) (started time.Time) {
	if m != nil {
		started = clock.Now()
	}
	return started
}

// outcome is what became of the records of one request.
type outcome struct{ stored, bytes, throttled, failed int }

// outcomeOf counts records; ok is false for a request that counts nowhere (assumed): it was refused before it came to
// the stream, or its client gave it up.
func outcomeOf(entries []entry, err error) (o outcome, ok bool) {
	if err != nil && refusal(err).Status != 500 {
		return o, false
	}
	for i := range entries {
		switch e := &entries[i]; {
		case e.throttled:
			o.throttled++
		case err != nil:
			o.failed++
		default:
			o.stored++
			o.bytes += e.size()
		}
	}
	return o, true
}

// countPut counts what PutRecord and PutRecords have in common.
func (m *streamMetrics) countPut(now time.Time, o outcome) {
	// A zero says that nothing was throttled: "When the Maximum statistic has a value of 0 (zero), no records were being
	// throttled for the stream during the specified time period."
	m.writeThrottled.AddAt(now, float64(o.throttled))
	if o.stored > 0 {
		m.incomingRecords.AddAt(now, float64(o.stored))
		m.incomingBytes.AddAt(now, float64(o.bytes))
	}
}

// countPutRecord counts one PutRecord that came to the stream at started.
func (m *streamMetrics) countPutRecord(started time.Time, clock clockwork.Clock, entries []entry, err error) {
	if m == nil {
		return
	}
	if o, ok := outcomeOf(entries, err); ok {
		now := clock.Now()
		m.countPut(now, o)
		m.putRecordSuccess.AddAt(now, float64(o.stored))
		m.putRecordLatency.AddAt(now, milliseconds(now.Sub(started)))
	}
}

// countPutRecords counts one PutRecords.
func (m *streamMetrics) countPutRecords(started time.Time, clock clockwork.Clock, entries []entry, err error) {
	if m == nil {
		return
	}
	o, ok := outcomeOf(entries, err)
	if !ok {
		return
	}
	now, success := clock.Now(), 0.0
	if o.stored > 0 {
		success = 1 // "operations where at least one record succeeded"
	}
	m.countPut(now, o)
	m.putRecordsSuccess.AddAt(now, success)
	m.putRecordsLatency.AddAt(now, milliseconds(now.Sub(started)))
	m.total.AddAt(now, float64(len(entries)))
	m.successful.AddAt(now, float64(o.stored))
	m.failed.AddAt(now, float64(o.failed)) // "rejected due to internal failures"
	m.refused.AddAt(now, float64(o.throttled))
}

// countPoll counts one poll, which stands for a GetRecords. One without permission counts nowhere (assumed).
func (m *streamMetrics) countPoll(clock clockwork.Clock, records []Record, err error) {
	if m == nil {
		return
	}
	now := clock.Now()
	if err != nil {
		m.getRecordsSuccess.AddAt(now, 0)
		return
	}
	bytes, age := 0, time.Duration(0)
	for i := range records {
		bytes += len(records[i].Data)
	}
	if n := len(records); n > 0 {
		age = max(now.Sub(records[n-1].ArrivalTime), 0)
	}
	m.getRecordsSuccess.AddAt(now, 1)
	m.getRecords.AddAt(now, float64(len(records)))
	m.getRecordsBytes.AddAt(now, float64(bytes))
	m.iteratorAge.AddAt(now, milliseconds(age))
}

// countThrottledRead counts a GetRecords that was refused.
func (m *streamMetrics) countThrottledRead(clock clockwork.Clock) {
	if m != nil {
		m.readThrottled.AddAt(clock.Now(), 1)
		m.getRecordsSuccess.AddAt(clock.Now(), 0)
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
