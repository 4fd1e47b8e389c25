package kinesis

import "time"

// Record is one record as GetRecords gives it out.
type Record struct {
	Data           []byte
	PartitionKey   string
	SequenceNumber string
	ShardID        string
	// ArrivalTime is the approximate arrival timestamp, in whole milliseconds.
	ArrivalTime time.Time
}
