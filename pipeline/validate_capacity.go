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
	check.between(keyExpectedEventsPerSecond, a.ExpectedEventsPerSecond, 1, 1_000_000, "events/s",
		"say what the busiest second brings")
	check.between(keyExpectedEventBytes, a.ExpectedEventBytes, 1, maxEventBytes, "bytes (Firehose accepts 1,000 KiB in a record)",
		"send larger things to S3 and their place as the event")
	check.between(keyExpectedEventsPerRequest, a.ExpectedEventsPerRequest, 1, maxEventsPerRequest, "events (PutRecords)",
		"1 is the single route")
	// A setting that could not be read is 0 or empty, and is left out of the comparisons.
	if a.ExpectedEventsPerSecond < 1 || a.ExpectedEventBytes < 1 || a.ExpectedEventsPerRequest < 1 {
		return
	}
	expected := fmt.Sprintf("expectedEventsPerSecond = %d", a.ExpectedEventsPerSecond)
	requests := ceilDiv(a.ExpectedEventsPerSecond, a.ExpectedEventsPerRequest)
	if a.ThrottleRequestsPerSecond >= 1 && requests > a.ThrottleRequestsPerSecond {
		check.add(keyThrottleRequestsPerSecond, a.ThrottleRequestsPerSecond,
			"must be at least %d requests/s (%s in requests of %d); raise it, or send larger batches",
			requests, expected, a.ExpectedEventsPerRequest)
	}
	if a.StreamMode != StreamModeProvisioned || a.ShardCount < 1 {
		return
	}
	bytes := a.ExpectedEventsPerSecond * a.ExpectedEventBytes
	shards := max(ceilDiv(a.ExpectedEventsPerSecond, shardEventsPerSecond), ceilDiv(bytes, shardBytesPerSecond))
	if shards > a.ShardCount {
		check.add(keyShardCount, a.ShardCount,
			"must be at least %d shards (%s of %d bytes are %.1f MiB/s; a shard accepts 1,000 events/s and 1 MiB/s); "+
				"raise it, or set streamMode = ON_DEMAND", shards, expected, a.ExpectedEventBytes, float64(bytes)/shardBytesPerSecond)
	}
	most := a.ShardCount * shardEventsPerSecond / a.ExpectedEventsPerRequest
	if a.ThrottleRequestsPerSecond > most {
		check.add(keyThrottleRequestsPerSecond, a.ThrottleRequestsPerSecond,
			"must be at most %d requests/s (shardCount = %d accepts %d events/s, %d in a request; Kinesis would throttle the rest); "+
				"lower it, or add shards", most, a.ShardCount, a.ShardCount*shardEventsPerSecond, a.ExpectedEventsPerRequest)
	}
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }
