package pipeline

import "fmt"

// Limits of one shard and of one batch.
// https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
const (
	shardEventsPerSecond = 1000
	shardBytesPerSecond  = 1 << 20
	maxEventsPerRequest  = 500
	// maxEventBytes is what fits into one Firehose record with its newline; templates/put_record.request.vtl refuses more.
	maxEventBytes = 1_023_998
)

// checkCapacity compares the expected traffic with the throttle and the shards.
func (a PipelineArgs) checkCapacity(check *checker) {
	check.between("expectedTraffic.eventsPerSecond", a.ExpectedTraffic.EventsPerSecond, 1, 1_000_000, "events/s",
		"say what the busiest second brings")
	check.between("expectedTraffic.eventBytes", a.ExpectedTraffic.EventBytes, 1, maxEventBytes, "bytes (Firehose accepts 1,000 KiB in a record)",
		"send larger things to S3 and their place as the event")
	check.between("expectedTraffic.eventsPerRequest", a.ExpectedTraffic.EventsPerRequest, 1, maxEventsPerRequest, "events (PutRecords)",
		"1 is the single route")
	// A setting that could not be read is 0 or empty, and is left out of the comparisons.
	if a.ExpectedTraffic.EventsPerSecond < 1 || a.ExpectedTraffic.EventBytes < 1 || a.ExpectedTraffic.EventsPerRequest < 1 {
		return
	}
	expected := fmt.Sprintf("expectedTraffic.eventsPerSecond = %d", a.ExpectedTraffic.EventsPerSecond)
	requests := ceilDiv(a.ExpectedTraffic.EventsPerSecond, a.ExpectedTraffic.EventsPerRequest)
	if a.Throttle.RequestsPerSecond >= 1 && requests > a.Throttle.RequestsPerSecond {
		check.add("throttle.requestsPerSecond", a.Throttle.RequestsPerSecond,
			"must be at least %d requests/s (%s in requests of %d); raise it, or send larger batches",
			requests, expected, a.ExpectedTraffic.EventsPerRequest)
	}
	if a.Stream.Mode != StreamModeProvisioned || a.Stream.ShardCount < 1 {
		return
	}
	bytes := a.ExpectedTraffic.EventsPerSecond * a.ExpectedTraffic.EventBytes
	shards := max(ceilDiv(a.ExpectedTraffic.EventsPerSecond, shardEventsPerSecond), ceilDiv(bytes, shardBytesPerSecond))
	if shards > a.Stream.ShardCount {
		check.add("stream.shardCount", a.Stream.ShardCount,
			"must be at least %d shards (%s of %d bytes are %.1f MiB/s; a shard accepts 1,000 events/s and 1 MiB/s); "+
				"raise it, or set stream.mode = ON_DEMAND", shards, expected, a.ExpectedTraffic.EventBytes, float64(bytes)/shardBytesPerSecond)
	}
	most := a.Stream.ShardCount * shardEventsPerSecond / a.ExpectedTraffic.EventsPerRequest
	if a.Throttle.RequestsPerSecond > most {
		check.add("throttle.requestsPerSecond", a.Throttle.RequestsPerSecond,
			"must be at most %d requests/s (stream.shardCount = %d accepts %d events/s, %d in a request; Kinesis would throttle the rest); "+
				"lower it, or add shards", most, a.Stream.ShardCount, a.Stream.ShardCount*shardEventsPerSecond, a.ExpectedTraffic.EventsPerRequest)
	}
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }
