package pipeline

import "regexp"

// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html
// https://docs.aws.amazon.com/firehose/latest/APIReference/API_CreateDeliveryStream.html
var streamNamePattern = regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,57}$`)

// A path of plain names: what the request template can follow, and a stage variable may hold.
var fieldPathPattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$`)

func (a PipelineArgs) checkStream(check *checker) {
	if name, ok := literal(a.StreamName); ok {
		check.matches("streamName", name, streamNamePattern,
			"1–57 of a–z, A–Z, 0–9, _ . - (Kinesis, and Firehose's limit of 64 for the name followed by -to-s3); "+
				"choose another name, or leave the line out and one is made")
	}
	check.oneOf("stream.mode", a.Stream.Mode, "ON_DEMAND needs no shard count, PROVISIONED with one shard is the cheapest",
		StreamModeProvisioned, StreamModeOnDemand)
	check.between("stream.retentionHours", a.Stream.RetentionHours, 24, 8760, "hours (Kinesis)", "24 is the cheapest")
	switch {
	case a.Stream.Mode == StreamModeProvisioned && (a.Stream.ShardCount < 1 || a.Stream.ShardCount > 500):
		check.add("stream.shardCount", a.Stream.ShardCount,
			"must be 1–500 shards with stream.mode = PROVISIONED (Kinesis; the quota is 200 in most regions); "+
				"one shard accepts 1 MB/s or 1,000 events/s")
	case a.Stream.Mode == StreamModeOnDemand && a.Stream.ShardCount != 0:
		check.add("stream.shardCount", a.Stream.ShardCount,
			"must be 0 with stream.mode = ON_DEMAND (Kinesis chooses the shards); leave the line out")
	}
	a.checkPartitionKey(check)
}

func (a PipelineArgs) checkPartitionKey(check *checker) {
	check.oneOf("stream.partitionKey", a.Stream.PartitionKey, "REQUEST_ID cannot be chosen by a client, EVENT_FIELD keeps an entity's events in order",
		PartitionKeyTraceID, PartitionKeyRequestID, PartitionKeyEventField)
	switch {
	case check.skip["stream.partitionKey"]:
	case a.Stream.PartitionKey == PartitionKeyEventField:
		check.matches("stream.partitionKeyField", a.Stream.PartitionKeyField, fieldPathPattern,
			"the path of a field, such as customer.id, with stream.partitionKey = EVENT_FIELD (the template follows plain names); "+
				"name the field whose events must stay in order")
	case a.Stream.PartitionKeyField != "":
		check.add("stream.partitionKeyField", a.Stream.PartitionKeyField,
			"must not be set with stream.partitionKey = %s (it would have no effect); set stream.partitionKey = EVENT_FIELD, or leave the line out",
			a.Stream.PartitionKey)
	}
}
