package firehose

import (
	"time"

	"ingest-pipeline/local/aws/internal/metric"
	"ingest-pipeline/local/aws/kinesis"
)

// freshnessInterval is how often the age of the oldest record is measured while there is one. assumed.
const freshnessInterval = 20 * time.Second

// streamMetrics are the metrics of one delivery stream, with the dimension DeliveryStreamName. Nil
// measures nothing.
//
// documented (monitoring-with-cloudwatch-metrics): what each counts.
type streamMetrics struct {
	success, records, bytes, freshness metric.Recorder
	readRecords, readBytes, throttled  metric.Recorder

	measured time.Time // when freshness was, last
}

func (o *Options) metricsOf(name string) *streamMetrics {
	if o.Metrics == nil {
		return nil
	}
	find := func(metric string) metric.Recorder {
		return o.Metrics(metric, map[string]string{"DeliveryStreamName": name})
	}
	return &streamMetrics{
		success: find("DeliveryToS3.Success"), records: find("DeliveryToS3.Records"),
		bytes: find("DeliveryToS3.Bytes"), freshness: find("DeliveryToS3.DataFreshness"),
		readRecords: find("DataReadFromKinesisStream.Records"), readBytes: find("DataReadFromKinesisStream.Bytes"),
		throttled: find("ThrottledGetRecords"),
	}
}

// recordRead counts one read: "This number includes rereads due to failovers." Reads are not throttled here.
func (m *streamMetrics) recordRead(now time.Time, records []kinesis.Record) {
	if m == nil {
		return
	}
	m.throttled.AddAt(now, 0)
	bytes := 0
	for i := range records {
		bytes += len(records[i].Data)
	}
	if len(records) > 0 {
		m.readRecords.AddAt(now, float64(len(records)))
		m.readBytes.AddAt(now, float64(bytes))
	}
}

// recordDelivery counts an object that is in S3. assumed: its bytes are those that S3 got, after compression.
func (m *streamMetrics) recordDelivery(now time.Time, done Delivered) {
	if m == nil {
		return
	}
	m.success.AddAt(now, 1)
	m.records.AddAt(now, float64(done.Records))
	m.bytes.AddAt(now, float64(done.ObjectBytes))
	m.measureFreshness(now, done.OldestArrival)
}

// recordFailure counts an attempt that S3 refused: "The sum of successful Amazon S3 put commands over the sum of all".
func (m *streamMetrics) recordFailure(now time.Time) {
	if m != nil {
		m.success.AddAt(now, 0)
	}
}

// measureFreshness measures "the age (from getting into Kinesis Data Firehose to now) of the oldest record". The records' arrival in
// the stream is taken for their getting into Firehose (assumed), so that time that they wait in the stream counts.
func (m *streamMetrics) measureFreshness(now, oldest time.Time) {
	m.measured = now
	m.freshness.AddAt(now, max(now.Sub(oldest), 0).Seconds())
}

// sampleFreshness measures the age of what is in the buffer from time to time, and returns when to do so next; zero is
// never. S3 may refuse the buffer for hours, while nothing else happens to it.
func (m *streamMetrics) sampleFreshness(now time.Time, b *buffer) time.Time {
	if m == nil || b.records == 0 {
		return time.Time{}
	}
	if now.Sub(m.measured) >= freshnessInterval {
		m.measureFreshness(now, b.oldest)
	}
	return m.measured.Add(freshnessInterval)
}
