package cost

import (
	"math"

	"ingest-pipeline/pipeline"
)

// HoursPerMonth is the length of a month in AWS's examples.
const HoursPerMonth = 730

const (
	kib = 1 << 10
	gib = 1 << 30

	// documented (streams/latest/dev/service-sizes-and-limits.html): the limits of one shard for a second.
	shardRecordsPerSecond = 1000
	shardBytesPerSecond   = 1 << 20
	// documented (same page, on-demand mode): the capacity of a new stream, and the maximum in most regions.
	onDemandRecordsPerSecond = 4000
	onDemandBytesPerSecond   = 4 << 20
	onDemandMostRecords      = 200_000

	// documented (Kinesis Data Streams pricing): the steps in which records are counted.
	payloadUnit  = 25 * kib
	onDemandStep = kib
	// documented (Data Firehose pricing).
	firehoseStep = 5 * kib

	// inferred from field reports (15 to 30 log events a request without data trace): 2 to 5 KB. The middle is used.
	executionLogBytes                           = 3500
	executionLogLeastBytes, executionLogMaxByte = 2000, 5000
	// computed from the access log format of the program (pipeline/stage.go): names, quotes and ids of usual length.
	accessLogBytes = 450

	// an id of API Gateway, the time and the names around an event; in a batch also the index.
	envelopeBytes, envelopeIndexBytes = 61, 4
)

// traffic is the traffic of a month as the services count it. All amounts are for a month of
// HoursPerMonth hours unless they are per second.
type traffic struct {
	eventsPerSecond, requestsPerSecond float64
	events, requests                   float64
	// throttled are requests that the stage refuses. They cost their lines in the access log only: API Gateway does not
	// charge for them. Documented: API Gateway developer guide, api-gateway-pricing.html.
	throttled float64
	// recordBytes is the size of a record in the stream; keyBytes that of its partition key, which only shard limits count.
	recordBytes, keyBytes int
	// shardsByRecords and shardsByBytes are how many shards are needed if evenly and fully used.
	shardsByRecords, shardsByBytes float64
}

func newTraffic(o Options, settings pipeline.PipelineArgs) traffic {
	t := traffic{
		eventsPerSecond:   o.EventsPerSecond,
		requestsPerSecond: o.EventsPerSecond / float64(o.BatchSize),
		recordBytes:       o.EventBytes,
		keyBytes:          keyBytes(settings.Stream.PartitionKey),
	}
	if settings.Envelope {
		t.recordBytes += envelopeBytes
	}
	if o.BatchSize > 1 {
		t.keyBytes += envelopeIndexBytes
		if settings.Envelope {
			t.recordBytes += envelopeIndexBytes
		}
	}
	const seconds = HoursPerMonth * 3600
	t.events, t.requests = t.eventsPerSecond*seconds, t.requestsPerSecond*seconds
	t.throttled = o.ThrottledPerSecond * seconds
	t.shardsByRecords = t.eventsPerSecond / shardRecordsPerSecond
	t.shardsByBytes = t.eventsPerSecond * float64(t.recordBytes+t.keyBytes) / shardBytesPerSecond
	return t
}

// keyBytes is the approximate size of the partition keys that the request templates create.
func keyBytes(setting string) int {
	switch setting {
	case pipeline.PartitionKeyRequestID:
		return 18 // 16 characters of base64, the last of them escaped
	case pipeline.PartitionKeyEventField:
		return 36 // assumed: a UUID
	}
	return 42 // Root=1-67891233-abcdef012345678912345678, escaped
}

// shards is how many shards are needed if fully used.
func (t traffic) shards() int {
	return max(1, int(math.Ceil(max(t.shardsByRecords, t.shardsByBytes))))
}

// steps is how many units of a size a record is counted as.
func (t traffic) steps(size int) float64 { return math.Ceil(float64(t.recordBytes) / float64(size)) }

// payloadUnits are counted for each record.
func (t traffic) payloadUnits() float64 { return t.events * t.steps(payloadUnit) }

// gb is the amount of records, rounded up to a step each. A step of 1 byte rounds nothing.
func (t traffic) gibibytes(step int) float64 { return t.events * t.steps(step) * float64(step) / gib }

// objects is how many objects Firehose writes: one whenever the buffer or its interval is full, none without events. ok is
// false for an interval of 0, for which AWS does not document when it writes.
func (t traffic) objects(settings pipeline.PipelineArgs) (n float64, ok bool) {
	if settings.Delivery.BufferIntervalSeconds == 0 {
		return 0, false
	}
	byTime := HoursPerMonth * 3600 / float64(settings.Delivery.BufferIntervalSeconds)
	bySize := t.events * float64(t.recordBytes) / float64(settings.Delivery.BufferSizeMiB<<20)
	return min(t.events, max(byTime, bySize)), true
}

// storedGiB is how many GiB a stream holds on average that are older than from and younger than to, in hours.
func (t traffic) storedGiB(from, to int) float64 {
	return t.gibibytes(1) / HoursPerMonth * float64(max(0, to-from))
}
