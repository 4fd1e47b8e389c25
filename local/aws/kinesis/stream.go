package kinesis

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/jonboulle/clockwork"
)

// The capacity modes of a stream.
const (
	ModeProvisioned = "PROVISIONED"
	ModeOnDemand    = "ON_DEMAND"
)

// StreamConfig is the configuration of a stream.
type StreamConfig struct {
	// Name is 1 to 128 of the characters a-z A-Z 0-9 _ . - ; it cannot be changed.
	Name string
	// Mode is ModeProvisioned or ModeOnDemand. Empty is ModeProvisioned, as in AWS's API.
	Mode string
	// ShardCount is the number of open shards of a provisioned stream: from 1 to what is left of the account's quota
	// (500 in us-east-1, us-west-2 and eu-west-1, 200 elsewhere). It has to be 0 for an on-demand stream, which starts
	// with 4.
	ShardCount int
	// RetentionHours is how long a record can be read, in hours: 24 to 8760. 0 is AWS's default, 24.
	RetentionHours int
	// KMSKeyID switches server-side encryption on, such as "alias/aws/kinesis". Empty is EncryptionType NONE.
	KMSKeyID string
	// ShardLevelMetrics are the names of the enhanced metrics. They are kept, but not sent.
	ShardLevelMetrics []string
	Tags              map[string]string
}

// StreamDescription is the result of DescribeStream.
type StreamDescription struct {
	StreamConfig
	ARN string
	// Status is "CREATING", "ACTIVE", "UPDATING" or "DELETING". A stream is CREATING or UPDATING for half a second, if a client
	// has asked for that over the API.
	Status string
	// EncryptionType is "NONE" or "KMS".
	EncryptionType string
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

// Open reports whether the shard accepts records.
func (s Shard) Open() bool { return s.EndingSequenceNumber == "" }

// stream is one stream that is open.
type stream struct {
	name, arn, dir string
	fs             FileSystem
	clock          clockwork.Clock
	metrics        *streamMetrics
	encryption     encryption
	log            *log

	mu            sync.Mutex
	manifest      *manifest
	open          []*shard // the shards that accept records, in the order of their ranges
	onDemand      *onDemand
	next          uint64 // index of the next sequence number
	pending       *batch
	spare         []byte
	settled       uint64 // records below that index are durable, or never will be
	closed        error  // why no records are accepted any more
	subscriptions map[subscriptionKey]*subscription
	// absent is set while the stream cannot be written to or read: before it is active, and while it is being deleted.
	absent atomic.Bool

	work      chan struct{} // wakes the committer
	committed chan struct{} // closed when it has ended
}

// start begins to accept records.
func (st *stream) start(m *manifest, next uint64) {
	st.next, st.settled = next, next
	st.setManifest(m)
	st.pending = &batch{done: make(chan struct{})}
	st.work = make(chan struct{}, 1)
	st.committed = make(chan struct{})
	go st.commit()
}

// setManifest puts a manifest into force.
func (st *stream) setManifest(m *manifest) {
	st.manifest, st.open = m, openShards(m.Shards)
	st.absent.Store(m.status() == statusCreating || m.status() == statusDeleting)
	switch {
	case m.Mode == ModeProvisioned:
		st.onDemand = nil
	case st.onDemand == nil:
		// documented (how-do-i-size-a-stream): a stream that was provisioned keeps the capacity of its shards.
		st.onDemand = newOnDemand(max(1, ceil(len(st.open), onDemandShards)))
	}
}

// snapshot returns the manifest and the open shards of this moment.
func (st *stream) snapshot() (*manifest, []*shard) {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.manifest, st.open
}

// stop accepts no more records, waits for the committer and ends the log.
func (st *stream) stop(reason error) error {
	st.mu.Lock()
	st.closed = reason
	st.mu.Unlock()
	st.wake()
	<-st.committed
	return st.log.close(st.next, reason)
}

func (st *stream) describe() StreamDescription {
	m, open := st.snapshot()
	d := StreamDescription{
		StreamConfig: m.config(), ARN: st.arn, Status: m.status(), EncryptionType: "NONE",
		Created: time.UnixMilli(m.Created), OpenShardCount: len(open),
	}
	if m.KMSKeyID != "" {
		d.EncryptionType = "KMS"
	}
	for _, s := range m.readableShards(st.clock.Now()) {
		d.Shards = append(d.Shards, s.describe())
	}
	return d
}

// readableShards are the open shards and the closed ones whose records have not all expired; a stream that is being created
// has none yet: recorded (mhart/kinesalite test/createStream.js).
func (m *manifest) readableShards(now time.Time) (shards []*shard) {
	oldest := now.Add(-m.retention()).UnixMilli()
	for _, s := range m.Shards {
		if m.status() != statusCreating && (s.Closed == nil || s.Closed.Millis >= oldest) {
			shards = append(shards, s)
		}
	}
	return shards
}
