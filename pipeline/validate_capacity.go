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
func (c Config) checkCapacity(check *checker) {
	check.between(keyExpectedEventsPerSecond, c.ExpectedEventsPerSecond, 1, 1_000_000, "events/s",
		"say what the busiest second brings")
	check.between(keyExpectedEventBytes, c.ExpectedEventBytes, 1, maxEventBytes, "bytes (Firehose takes 1,000 KiB in a record)",
		"send larger things to S3 and their place as the event")
	check.between(keyExpectedEventsPerRequest, c.ExpectedEventsPerRequest, 1, maxEventsPerRequest, "events (PutRecords)",
		"1 is the single route")
	// A setting that could not be read is 0 or empty, and is left out of the comparisons.
	if c.ExpectedEventsPerSecond < 1 || c.ExpectedEventBytes < 1 || c.ExpectedEventsPerRequest < 1 {
		return
	}
	expected := fmt.Sprintf("expectedEventsPerSecond = %d", c.ExpectedEventsPerSecond)
	requests := ceilDiv(c.ExpectedEventsPerSecond, c.ExpectedEventsPerRequest)
	if c.ThrottleRequestsPerSecond >= 1 && requests > c.ThrottleRequestsPerSecond {
		check.add(keyThrottleRequestsPerSecond, c.ThrottleRequestsPerSecond,
			"must be at least %d requests/s (%s in requests of %d); raise it, or send larger batches",
			requests, expected, c.ExpectedEventsPerRequest)
	}
	if c.StreamMode != StreamModeProvisioned || c.ShardCount < 1 {
		return
	}
	bytes := c.ExpectedEventsPerSecond * c.ExpectedEventBytes
	shards := max(ceilDiv(c.ExpectedEventsPerSecond, shardEventsPerSecond), ceilDiv(bytes, shardBytesPerSecond))
	if shards > c.ShardCount {
		check.add(keyShardCount, c.ShardCount,
			"must be at least %d shards (%s of %d bytes are %.1f MiB/s; a shard takes 1,000 events/s and 1 MiB/s); "+
				"raise it, or set streamMode = ON_DEMAND", shards, expected, c.ExpectedEventBytes, float64(bytes)/shardBytesPerSecond)
	}
	most := c.ShardCount * shardEventsPerSecond / c.ExpectedEventsPerRequest
	if c.ThrottleRequestsPerSecond > most {
		check.add(keyThrottleRequestsPerSecond, c.ThrottleRequestsPerSecond,
			"must be at most %d requests/s (shardCount = %d takes %d events/s, %d in a request; Kinesis would turn the rest away); "+
				"lower it, or add shards", most, c.ShardCount, c.ShardCount*shardEventsPerSecond, c.ExpectedEventsPerRequest)
	}
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }
