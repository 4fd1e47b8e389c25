package kinesis

import (
	"context"
	"errors"
	"hash/crc32"
	"runtime"
	"time"
)

// Group commit: producers append their frames to the pending batch and wait for its channel. The stream's
// committer writes and syncs the whole batch at once and wakes them all; what comes meanwhile is the next batch. Under load one sync is shared by nearly all producers there are.

// batch is what becomes durable together.
type batch struct {
	frames  []byte
	records int
	done    chan struct{}
	err     error // to be read when done is closed
}

const (
	// pendingBytes is how much may wait for the disk before producers have to wait to be let in.
	pendingBytes = 16 << 20
	// keptBytes is the largest buffer that is used again.
	keptBytes = 4 << 20
	// enoughRecords is from how many on a batch is synced without waiting for more: their producers then have the
	// processors while the disk works, instead of all standing still at once.
	enoughRecords = 8
)

// entry is one record on its way into a stream.
type entry struct {
	key, data []byte
	hash      hashKey

	// What became of it.
	shard     *shard
	index     uint64
	arrival   int64 // milliseconds since 1970
	throttled bool
	enqueued  bool // or throttled
}

// size is what counts against the limits of a shard.
//
// documented (service-sizes-and-limits): partition keys count.
func (e *entry) size() int { return len(e.key) + len(e.data) }

var (
	errClosed    = errors.New("the service is closed")
	errCancelled = errors.New("the request ended before its records were stored")
)

// put stores records, each at once or not at all, and returns when they are durable. What was throttled is marked.
// An error is about all that were not throttled.
func (st *stream) put(ctx context.Context, entries []entry) error {
	if err := st.lockForWriting(ctx); err != nil {
		return err
	}
	now := st.clock.Now()
	b := st.pending
	idle := b.records == 0
	st.enqueueByShard(b, entries, now)
	first := idle && b.records > 0
	st.mu.Unlock()
	if first {
		st.wake()
	}
	if allThrottled(entries) {
		return nil
	}
	select {
	case <-b.done:
		return b.err
	case <-ctx.Done():
		return errCancelled
	}
}

func allThrottled(entries []entry) bool {
	for i := range entries {
		if !entries[i].throttled {
			return false
		}
	}
	return true
}

// lockForWriting locks mu when there is room in the pending batch.
func (st *stream) lockForWriting(ctx context.Context) error {
	for {
		st.mu.Lock()
		if st.closed != nil {
			defer st.mu.Unlock()
			return st.closed
		}
		b := st.pending
		if len(b.frames) < pendingBytes {
			return nil
		}
		st.mu.Unlock()
		select {
		case <-b.done:
		case <-ctx.Done():
			return errCancelled
		}
	}
}

// enqueueByShard enqueues the records of one request, shard by shard.
//
// assumed (mhart/kinesalite actions/putRecords.js): the records that go to one shard are numbered consecutively, and
// the order of the shards is that of their first records.
func (st *stream) enqueueByShard(b *batch, entries []entry, now time.Time) {
	for i := range entries {
		entries[i].shard, entries[i].enqueued = shardFor(st.open, entries[i].hash), false
	}
	for i := range entries {
		if entries[i].enqueued {
			continue
		}
		for j := i; j < len(entries); j++ {
			if e := &entries[j]; e.shard == entries[i].shard {
				st.enqueue(b, e, now)
				e.enqueued = true
			}
		}
	}
}

var emptyHeader [frameHeader]byte

// enqueue gives a record its sequence number and puts it into the pending batch. The caller holds mu, so that the order
// in the file is the order of the sequence numbers.
func (st *stream) enqueue(b *batch, e *entry, now time.Time) {
	if !st.allow(e, now) {
		e.throttled = true
		return
	}
	e.index, e.arrival = st.next, now.UnixMilli()
	st.next++
	f := frame{
		body:     e.size(),
		key:      len(e.key),
		checksum: crc32.Update(crc32.Checksum(e.key, castagnoli), castagnoli, e.data),
		shard:    e.shard.Index,
		index:    e.index,
		arrival:  e.arrival,
	}
	if b.records == 0 {
		f.flags = flagFirst
	}
	start := len(b.frames)
	b.frames = append(b.frames, emptyHeader[:]...)
	f.encode(b.frames[start:], st.log.salt)
	b.frames = append(b.frames, e.key...)
	b.frames = append(b.frames, e.data...)
	b.records++
}

func (st *stream) wake() {
	select {
	case st.work <- struct{}{}:
	default: // it is awake already
	}
}

// commit is the committer: it runs until the stream is closed and everything pending was written.
func (st *stream) commit() {
	defer close(st.committed)
	for {
		st.awaitProducers()
		b, next, retention, more := st.nextBatch()
		if b == nil {
			if !more {
				return
			}
			<-st.work
			continue
		}
		b.err = st.log.append(b.frames, b.records, next, retention)
		st.mu.Lock()
		st.settled = next
		st.mu.Unlock()
		frames := b.frames[:0]
		close(b.done)
		if cap(frames) <= keptBytes {
			st.spare = frames
		}
	}
}

// awaitProducers lets producers that are ready to run add their records to the batch, for as long as that makes it grow and
// until it has enough. A sync costs more processor time than a few records, so that it pays to share it; when no
// other is ready this costs no time.
func (st *stream) awaitProducers() {
	for before := 0; ; {
		st.mu.Lock()
		records := st.pending.records
		st.mu.Unlock()
		if records == before || records >= enoughRecords {
			return
		}
		before = records
		runtime.Gosched()
	}
}

// nextBatch returns the pending batch, or nil if it is empty, and begins another. more is false once the stream accepts
// no records.
func (st *stream) nextBatch() (b *batch, next uint64, retention time.Duration, more bool) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.pending.records == 0 {
		return nil, 0, 0, st.closed == nil
	}
	b = st.pending
	st.pending = &batch{frames: st.spare, done: make(chan struct{})}
	st.spare = nil
	return b, st.next, st.manifest.retention(), true
}
