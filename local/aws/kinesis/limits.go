package kinesis

// Limits of Kinesis Data Streams.
const (
	// documented (API_PutRecord; size limits page of the guide of June 2023): data and partition key together. Since
	// late 2025 a stream can be set to take up to 10 MiB (large-records.html); pulumi-aws 6.83 has no such setting.
	maxRecordBytes = 1 << 20
	// documented (API_PutRecord): 256 Unicode characters, each at most 4 bytes of UTF-8.
	maxKeyCharacters = 256
	maxKeyBytes      = 4 * maxKeyCharacters
	// documented (API_PutRecords).
	maxBatchRecords = 500
	// documented (API_PutRecords, guide of June 2023): 5 MiB with the partition keys. Today's API page says 10 MiB;
	// the smaller number is used, so that what passes here passes there.
	maxBatchBytes = 5 << 20

	// documented (service-sizes-and-limits): what one shard accepts in a second.
	shardRecordsPerSecond = 1000
	shardBytesPerSecond   = 1 << 20

	// documented (API_GetRecords): what may be read from one shard.
	shardReadsPerSecond     = 5
	shardReadBytesPerSecond = 2 << 20
	maxReadBytes            = 10 << 20
	maxReadRecords          = 10000
	iteratorMillis          = 5 * 60 * 1000

	// documented (how-do-i-size-a-stream, on-demand mode): capacity of a new on-demand stream, and up to where it grows.
	onDemandShards           = 4
	onDemandRecordsPerSecond = 4000
	onDemandBytesPerSecond   = 4 << 20
	onDemandMaxGrowth        = 50 // to 200 MB and 200,000 records a second

	// documented (IncreaseStreamRetentionPeriod).
	minRetentionHours = 24
	maxRetentionHours = 8760

	// documented (UpdateShardCount, UpdateStreamMode): changes of one stream in 24 hours.
	maxShardCountUpdatesPerDay = 10
	maxModeUpdatesPerDay       = 2

	// documented (RegisterStreamConsumer).
	maxConsumers = 20
	// documented (AddTagsToStream).
	maxTags = 50
)

// shardQuota is how many open shards an account may have.
//
// documented (service-sizes-and-limits, guide of June 2023; newer pages raise it).
func shardQuota(region string) int {
	switch region {
	case "us-east-1", "us-west-2", "eu-west-1":
		return 500
	}
	return 200
}
