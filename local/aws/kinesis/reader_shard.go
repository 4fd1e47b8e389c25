package kinesis

import (
	"sync"
	"time"
)

// cursor is the place of a shard iterator.
type cursor struct {
	shard uint32
	pos   place
	// Of the records behind pos, those that are below index or arrived before since (milliseconds since 1970) do not count,
	// until the first that does.
	index uint64
	since int64
	// passed is the index of the newest record that was looked at, of any shard.
	passed uint64
	// last is the arrival of the newest record that was looked at, of any shard.
	last int64
	// end is above the index of every record of a shard that is closed; 0 while it is open.
	end uint64
	// ended is set when there is nothing behind the cursor, and never will be.
	ended bool
}

// wants says whether a record is one of the shard that the cursor is before.
func (c *cursor) wants(f frame) bool {
	c.last, c.passed = f.arrival, f.index
	if c.end > 0 && f.index >= c.end {
		c.ended = true
	}
	if f.shard != c.shard || f.index < c.index || f.arrival < c.since {
		return false
	}
	c.index, c.since = 0, 0
	return true
}

// maxScan bounds how many bytes one GetRecords looks at. documented (API_GetRecords): it may return no records although
// there are some further on.
const maxScan = 32 << 20

// shardRead is what readShard found.
type shardRead struct {
	records []Record
	next    cursor
	ended   bool
	behind  time.Duration
	// passed is an index: the records of the shard up to it are before next.
	passed uint64
}

// readShard reads the records of one shard from a place on. The log is that of all shards: what belongs to others is passed
// over.
func (st *stream) readShard(from cursor, maxRecords, maxBytes int) (shardRead, error) {
	// What is settled now is in the view that the poll takes after that.
	st.mu.Lock()
	settled := st.settled
	for _, s := range st.manifest.Shards {
		if s.Index == from.shard && s.Closed != nil {
			from.end = s.Closed.Index
		}
	}
	st.mu.Unlock()
	r := &Reader{st: st, pos: from.pos}
	r.window.buf = *windowBuffers.Get().(*[]byte)
	defer func() {
		r.closeSegment()
		buffer := r.window.buf
		windowBuffers.Put(&buffer)
	}()
	p := r.newPoll(maxRecords, maxBytes)
	r.pos = clampPlace(r.pos, p.end)
	p.only = &from
	for !p.full() && !from.ended && p.scanned < maxScan {
		more, err := r.step(&p)
		if err != nil && len(p.records) == 0 {
			return shardRead{}, err
		}
		if err != nil || !more {
			break
		}
	}
	atEnd := r.pos.ordinal >= p.end.ordinal
	read := shardRead{records: p.records, next: from, passed: max(from.passed, settled-1)}
	if !atEnd {
		read.passed = from.passed
	}
	read.next.pos = r.pos
	read.ended = from.ended || atEnd && from.end > 0 && settled >= from.end
	if !atEnd && !read.ended && from.last > 0 {
		read.behind = max(st.clock.Now().Sub(time.UnixMilli(from.last)), 0)
	}
	return read, nil
}

var windowBuffers = sync.Pool{New: func() any { return new([]byte) }}

// clampPlace is a place, or the end of the records if what it is behind was cut off as damaged.
func clampPlace(p, end place) place {
	if p.ordinal > end.ordinal || p.segment == end.segment && p.offset > end.offset {
		return end
	}
	return p
}

// placeOf is where to look for the first record with an index or above, or that arrived at a time (milliseconds since 1970) or
// later: the start of its segment. One of the two is 0.
func (st *stream) placeOf(index uint64, since int64) (place, error) {
	segments, _ := st.log.view()
	found := segments[0]
	for _, s := range segments[1:] {
		first, err := st.log.firstIndex(s)
		if err != nil {
			return place{}, err
		}
		if s.created > since && first > index {
			break
		}
		found = s
	}
	return startOf(found), nil
}
