package pipeline

import (
	"fmt"
	"regexp"
	"strings"
)

// What one shard takes, and the records that a batch may have.
// https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
const (
	shardEventsPerSecond = 1000
	shardBytesPerSecond  = 1 << 20
	maxEventsPerRequest  = 500
	// maxEventBytes is what fits into one Firehose record with its newline; templates/put_record.request.vtl refuses more.
	maxEventBytes = 1_023_998
)

var (
	// https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id-key-ARN
	kmsKeyArnPattern = regexp.MustCompile(`^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$`)
	emailPattern     = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)
)

// checkCapacity holds what is expected against what the stage lets in and the shards take. The numbers are in the message.
func (c Config) checkCapacity(check *checker) {
	check.between(keyExpectedEventsPerSecond, c.ExpectedEventsPerSecond, 1, 1_000_000, "events/s",
		"say what the busiest second brings")
	check.between(keyExpectedEventBytes, c.ExpectedEventBytes, 1, maxEventBytes, "bytes (Firehose takes 1,000 KiB in a record)",
		"send larger things to S3 and their place as the event")
	check.between(keyExpectedEventsPerRequest, c.ExpectedEventsPerRequest, 1, maxEventsPerRequest, "events (PutRecords)",
		"1 is the single route")
	for _, key := range []string{
		keyExpectedEventsPerSecond, keyExpectedEventBytes, keyExpectedEventsPerRequest,
		keyThrottleRequestsPerSecond, keyShardCount, keyStreamMode,
	} {
		if check.skip[key] {
			return
		}
	}
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

// checkOperation checks what stands beside the way of the events.
func (c Config) checkOperation(check *checker) {
	if c.KMSKeyArn != "" {
		check.matches(keyKMSKeyArn, c.KMSKeyArn, kmsKeyArnPattern,
			"the ARN of a KMS key, not of an alias (a policy cannot name an alias); for example arn:aws:kms:eu-west-1:111122223333:key/…")
	}
	check.between(keyArchiveAfterDays, c.ArchiveAfterDays, 0, 36500, "days", "0 is never")
	check.between(keyExpireAfterDays, c.ExpireAfterDays, 0, 36500, "days", "0 is never")
	// Glacier Instant Retrieval is charged for 90 days at least: https://aws.amazon.com/s3/pricing/
	if c.ExpireAfterDays > 0 && c.ArchiveAfterDays > 0 && c.ExpireAfterDays < c.ArchiveAfterDays+90 {
		check.add(keyExpireAfterDays, c.ExpireAfterDays,
			"must be at least %d days with archiveAfterDays = %d (the archive is charged for 90 days); raise it, or set archiveAfterDays = 0",
			c.ArchiveAfterDays+90, c.ArchiveAfterDays)
	}
	if c.QueryTable && strings.Contains(c.Prefix, "!{") {
		check.add(keyQueryTable, c.QueryTable,
			"must be false with prefix = %s (the table reads the folders YYYY/MM/DD/HH/ that Firehose makes by itself); "+
				"set one of the two", c.Prefix)
	}
	if c.QueryTable && strings.HasPrefix(queryResultsFolder, literalFolder(c.Prefix)) && literalFolder(c.Prefix) != "" {
		check.add(keyPrefix, c.Prefix, "must not hold %s with queryTable = true (query results are no events); for example raw/",
			queryResultsFolder)
	}
	if c.Alarms && !c.AccessLog && !check.skip[keyAccessLog] && !check.skip[keyAlarms] {
		check.add(keyAlarms, c.Alarms,
			"must be false with accessLog = false (429 answers are counted from the access log); set one of the two")
	}
	if c.AlarmEmail != "" {
		check.matches(keyAlarmEmail, c.AlarmEmail, emailPattern, "an e-mail address; leave the line out to tell nobody")
	}
	if !check.skip[keyRetentionHours] {
		check.between(keyAlarmIteratorAgeSeconds, c.AlarmIteratorAgeSeconds, 60, max(c.RetentionHours*3600, 60),
			"seconds (after retentionHours, events are lost)", "600 leaves time to act")
	}
	check.between(keyAlarmErrorPercent, c.AlarmErrorPercent, 0, 100, "percent", "0 tells of every single one")
	check.between(keyAlarmThrottledPerMinute, c.AlarmThrottledPerMinute, 0, 1_000_000, "requests/minute", "0 tells of every single one")
	check.between(keyAlarmLatencyMilliseconds, c.AlarmLatencyMilliseconds, 1, 29_000,
		"milliseconds (API Gateway waits no longer)", "1000 is far above the usual")
	if c.EventGenerator && c.Access != AccessNone && !check.skip[keyAccess] && !check.skip[keyEventGenerator] {
		check.add(keyEventGenerator, c.EventGenerator,
			"must be false with access = %s (its curl has neither key nor credentials); set access = NONE for practice", c.Access)
	}
}
