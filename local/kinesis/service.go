package kinesis

import (
	"time"

	"github.com/jonboulle/clockwork"

	"ingest-pipeline/local/iam"
)

// Options says where a Service keeps its records and what it works with.
type Options struct {
	// Dir is the folder of the streams, made if it is missing. One Service has it to itself: a second one, in this
	// process or another, is refused.
	Dir string
	// Account is the account and Region that the streams are in.
	Account iam.Account
	// Clock tells the time of throttles, retention and arrival. Nil is the real clock.
	Clock clockwork.Clock
	// OnPut, unless nil, is called for each record once it is on disk, before its producer gets the answer. It is
	// called from many goroutines at once and holds up that producer only.
	OnPut func(Put)
	// FileSystem is where files are kept. Nil is the machine's own; tests hand in one that fails.
	FileSystem FileSystem
}

// Put tells of one record that was stored.
type Put struct {
	Stream, ShardID, SequenceNumber, PartitionKey string
	// Bytes is the size of the data, without the partition key.
	Bytes int
	// Arrived is the record's approximate arrival timestamp, in whole milliseconds.
	Arrived time.Time
}
