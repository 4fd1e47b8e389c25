package kinesis

import (
	"sort"
	"time"
)

// poll is what one Poll may read, and what it has read.
type poll struct {
	st       *stream
	segments []segment
	at       int // which of them was looked for last
	end      place
	shards   map[uint32]*shard
	oldest   int64 // arrival of the oldest record that can be read, in milliseconds since 1970
	lost     *uint64

	only    *cursor // of a shard, whose records alone are read; nil: those of all
	scanned int64   // bytes that were looked at

	records    []Record
	block      []byte // room for the data of several records
	maxRecords int
	bytes      int // that are left
}

func (r *Reader) newPoll(maxRecords, maxBytes int) poll {
	// The place first: shards that are created later have no records before it.
	segments, end := r.st.log.view()
	m, _ := r.st.snapshot()
	p := poll{
		st: r.st, segments: segments, end: end, lost: &r.lost,
		shards:     make(map[uint32]*shard, len(m.Shards)),
		oldest:     r.st.clock.Now().Add(-m.retention()).UnixMilli(),
		maxRecords: max(maxRecords, 1), bytes: maxBytes,
	}
	for _, s := range m.Shards {
		p.shards[s.Index] = s
	}
	if n := min(uint64(p.maxRecords), Position{kind: atPlace, place: r.pos}.Behind(Position{kind: atPlace, place: end})); n > 0 {
		p.records = make([]Record, 0, min(n, 1024))
	}
	return p
}

func (p *poll) full() bool {
	return len(p.records) >= p.maxRecords || len(p.records) > 0 && p.bytes <= 0
}

// segmentAt finds the segment that begins with a record, or else, with ok false, the next one or the last.
func (p *poll) segmentAt(ordinal uint64) (s segment, ok bool) {
	if s := p.segments[p.at]; s.ordinal == ordinal {
		return s, true
	}
	p.at = sort.Search(len(p.segments)-1, func(i int) bool { return p.segments[i].ordinal >= ordinal })
	s = p.segments[p.at]
	return s, s.ordinal == ordinal
}

// refresh looks at what there is to read once more.
func (p *poll) refresh() {
	p.segments, p.end = p.st.log.view()
	p.at = 0
}

func (p *poll) has(s segment) bool {
	found, ok := p.segmentAt(s.ordinal)
	return ok && found.name == s.name
}

// add adds a record, or counts it as lost if it has expired; it is false if there is no room for it.
//
// documented (kinesis-extended-retention): a record cannot be read after the retention period.
func (p *poll) add(f frame, body []byte) bool {
	if p.only != nil && !p.only.wants(f) {
		return true
	}
	s := p.shards[f.shard]
	if f.arrival < p.oldest || s == nil { // a shard is dropped when its last record has expired
		*p.lost++
		return true
	}
	data := body[f.key:]
	if len(p.records) > 0 && len(data) > p.bytes {
		return false
	}
	p.bytes -= len(data)
	p.records = append(p.records, Record{
		Data:           p.copy(data),
		PartitionKey:   string(body[:f.key]),
		SequenceNumber: s.sequence(f.index, f.arrival).String(),
		ShardID:        s.id,
		ArrivalTime:    time.UnixMilli(f.arrival),
	})
	return true
}

// copy copies data into a block that several records share: as many as are expected, if they are of this size.
func (p *poll) copy(data []byte) []byte {
	const blockBytes = 64 << 10
	if len(data) > cap(p.block)-len(p.block) {
		expected := len(data) * max(cap(p.records)-len(p.records), 1)
		p.block = make([]byte, 0, max(len(data), min(blockBytes, expected, p.bytes+len(data))))
	}
	start := len(p.block)
	p.block = append(p.block, data...)
	return p.block[start:len(p.block):len(p.block)]
}
