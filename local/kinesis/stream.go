package kinesis

import "time"

// The capacity modes of a stream.
const (
	ModeProvisioned = "PROVISIONED"
	ModeOnDemand    = "ON_DEMAND"
)

// StreamConfig is what a stream is declared with.
type StreamConfig struct {
	// Name is 1 to 128 of the characters a-z A-Z 0-9 _ . - ; it cannot be changed.
	Name string
	// Mode is ModeProvisioned or ModeOnDemand. Empty is ModeProvisioned, as in AWS's API.
	Mode string
	// ShardCount is the number of open shards of a provisioned stream, 1 to 500. It has to be 0 for an on-demand
	// stream, which starts with 4.
	ShardCount int
	// RetentionHours is how long a record can be read, in hours: 24 to 8760. 0 is AWS's default, 24.
	RetentionHours int
	// KMSKeyID switches server-side encryption on, such as "alias/aws/kinesis". Empty is EncryptionType NONE.
	KMSKeyID string
}

// StreamDescription is what DescribeStream tells.
type StreamDescription struct {
	Name, ARN, Mode string
	// Status is always "ACTIVE": a stream here is ready at once.
	Status         string
	RetentionHours int
	// EncryptionType is "NONE" or "KMS".
	EncryptionType string
	KMSKeyID       string
	Created        time.Time
	OpenShardCount int
	// Shards are the open shards and the closed ones whose records have not all expired, in the order of their ids.
	Shards []Shard
}

// Shard is a hash-key range of a stream. The numbers are decimal strings, as in AWS's API.
type Shard struct {
	// ID is such as "shardId-000000000000".
	ID string
	// ParentID and AdjacentParentID are the shards that were split or merged into this one, or empty.
	ParentID, AdjacentParentID string
	// StartingHashKey and EndingHashKey are both inside the range.
	StartingHashKey, EndingHashKey string
	// StartingSequenceNumber is not above that of any record of the shard.
	StartingSequenceNumber string
	// EndingSequenceNumber is empty while the shard is open.
	EndingSequenceNumber string
}

// Open reports whether the shard still takes records.
func (s Shard) Open() bool { return s.EndingSequenceNumber == "" }
