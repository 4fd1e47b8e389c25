package kinesis

import (
	"sort"
	"time"
)

// gathering is one poll: what it may read, and what it has read.
type gathering struct {
	st       *stream
	segments []segment
	at       int // which of them was looked for last
	end      place
	shards   map[uint32]*shard
	oldest   int64 // arrival of the oldest record that can be read, in milliseconds since 1970
	lost     *uint64

	records    []Record
	block      []byte // room for the data of several records
	maxRecords int
	bytes      int // that are left
}

func (r *Reader) gathering(maxRecords, maxBytes int) gathering {
	// The place first: shards that are created later have no records before it.
	segments, end := r.st.log.view()
	m, _ := r.st.settings()
	g := gathering{
		st: r.st, segments: segments, end: end, lost: &r.lost,
		shards:     make(map[uint32]*shard, len(m.Shards)),
		oldest:     r.st.clock.Now().Add(-m.retention()).UnixMilli(),
		maxRecords: max(maxRecords, 1), bytes: maxBytes,
	}
	for _, s := range m.Shards {
		g.shards[s.Index] = s
	}
	if n := min(uint64(g.maxRecords), Position{kind: atPlace, place: r.pos}.Behind(Position{kind: atPlace, place: end})); n > 0 {
		g.records = make([]Record, 0, min(n, 1024))
	}
	return g
}

func (g *gathering) full() bool {
	return len(g.records) >= g.maxRecords || len(g.records) > 0 && g.bytes <= 0
}

// segmentAt finds the segment that begins with a record, or else, with ok false, the next one or the last.
func (g *gathering) segmentAt(ordinal uint64) (s segment, ok bool) {
	if s := g.segments[g.at]; s.ordinal == ordinal {
		return s, true
	}
	g.at = sort.Search(len(g.segments)-1, func(i int) bool { return g.segments[i].ordinal >= ordinal })
	s = g.segments[g.at]
	return s, s.ordinal == ordinal
}

// refresh looks at what there is to read once more.
func (g *gathering) refresh() {
	g.segments, g.end = g.st.log.view()
	g.at = 0
}

func (g *gathering) has(s segment) bool {
	found, ok := g.segmentAt(s.ordinal)
	return ok && found.name == s.name
}

// take adds a record, or counts it as lost if it has expired; it is false if there is no room for it.
//
// documented (kinesis-extended-retention): a record cannot be read after the retention period.
func (g *gathering) take(f frame, body []byte) bool {
	s := g.shards[f.shard]
	if f.arrival < g.oldest || s == nil { // a shard is forgotten when its last record has expired
		*g.lost++
		return true
	}
	data := body[f.key:]
	if len(g.records) > 0 && len(data) > g.bytes {
		return false
	}
	g.bytes -= len(data)
	g.records = append(g.records, Record{
		Data:           g.keep(data),
		PartitionKey:   string(body[:f.key]),
		SequenceNumber: s.sequence(f.index, f.arrival).String(),
		ShardID:        s.id,
		ArrivalTime:    time.UnixMilli(f.arrival),
	})
	return true
}

// keep copies data into a block that several records share: as many as are expected, if they are of this size.
func (g *gathering) keep(data []byte) []byte {
	const blockBytes = 64 << 10
	if len(data) > cap(g.block)-len(g.block) {
		expected := len(data) * max(cap(g.records)-len(g.records), 1)
		g.block = make([]byte, 0, max(len(data), min(blockBytes, expected, g.bytes+len(data))))
	}
	start := len(g.block)
	g.block = append(g.block, data...)
	return g.block[start:len(g.block):len(g.block)]
}
