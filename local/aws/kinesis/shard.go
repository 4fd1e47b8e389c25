package kinesis

import (
	"slices"
	"sort"
)

// shard is one hash-key range, as it is stored in the stream's manifest.
type shard struct {
	Index    uint32   `json:"index"`
	Parent   *uint32  `json:"parent,omitempty"`
	Adjacent *uint32  `json:"adjacentParent,omitempty"`
	Start    hashKey  `json:"startingHashKey"`
	End      hashKey  `json:"endingHashKey"`
	Opened   int64    `json:"openedMilliseconds"`
	Created  int64    `json:"createdSeconds"` // in its sequence numbers
	Closed   *closing `json:"closed,omitempty"`

	id    string
	meter *meter
	reads *readMeter
}

// closing is when a shard was split or merged.
type closing struct {
	Index  uint64 `json:"index"` // above that of every record of the shard
	Millis int64  `json:"milliseconds"`
}

// prepare fills in what the manifest does not hold.
func (s *shard) prepare() {
	s.id = shardID(s.Index)
	s.meter = newMeter(shardRecordsPerSecond, shardBytesPerSecond)
	s.reads = newReadMeter()
}

func (s *shard) sequence(index uint64, arrivalMillis int64) sequence {
	return sequence{created: s.Created, shard: s.Index, index: index, arrival: arrivalMillis / 1000}
}

// lastIndex is the index in the ending sequence number of a shard, which need not be that of its last record.
//
// recorded (mhart/kinesalite test/splitShard.js); the one in the starting sequence number is 0.
const lastIndex = 1<<63 - 1

func (s *shard) describe() Shard {
	d := Shard{
		ID:                     s.id,
		StartingHashKey:        s.Start.String(),
		EndingHashKey:          s.End.String(),
		StartingSequenceNumber: s.sequence(0, s.Created*1000).String(),
	}
	if s.Parent != nil {
		d.ParentID = shardID(*s.Parent)
	}
	if s.Adjacent != nil {
		d.AdjacentParentID = shardID(*s.Adjacent)
	}
	if s.Closed != nil {
		d.EndingSequenceNumber = s.sequence(lastIndex, s.Closed.Millis).String()
	}
	return d
}

// openShards are the shards that accept records, in the order of their ranges.
func openShards(shards []*shard) []*shard {
	open := make([]*shard, 0, len(shards))
	for _, s := range shards {
		if s.Closed == nil {
			open = append(open, s)
		}
	}
	slices.SortFunc(open, func(a, b *shard) int {
		if a.Start.less(b.Start) {
			return -1
		}
		return 1
	})
	return open
}

// shardFor finds the shard whose range holds key among open shards in order.
func shardFor(open []*shard, key hashKey) *shard {
	i := sort.Search(len(open), func(i int) bool { return key.less(open[i].Start) })
	return open[i-1]
}

// moment is the point in a stream's history at which shards are created and closed.
type moment struct {
	index  uint64 // the next sequence index
	millis int64
}

// newShards are the shards of a new stream.
func newShards(n int, at moment) []*shard {
	return reshard(nil, n, at)
}

// reshard returns all shards of a stream after its open ones were split and merged into n of one size.
//
// documented (API_UpdateShardCount): the change is made of splits and merges of single shards, which can leave
// short-lived shards behind besides the final ones. A shard whose range stays as it is stays open. A boundary that is
// off by the rounding of 2^128/n counts as equal.
func reshard(shards []*shard, n int, at moment) []*shard {
	r := &resharding{shards: slices.Clone(shards), at: at}
	pieces := openShards(shards)
	starts := uniformStarts(n)
	if len(pieces) == 0 {
		for i, start := range starts {
			r.add(&shard{Start: start, End: endOf(starts, i)})
		}
		return r.shards
	}
	for i, start := range starts {
		if near, ok := nearest(pieces, start); ok {
			starts[i] = near
			continue
		}
		pieces = r.split(pieces, start)
	}
	for i := range starts {
		pieces = r.mergeWithin(pieces, starts[i], endOf(starts, i))
	}
	return r.shards
}

func endOf(starts []hashKey, i int) hashKey {
	if i == len(starts)-1 {
		return maxHashKey
	}
	return starts[i+1].previous()
}

// nearest is the start of a piece that is key but for rounding.
func nearest(pieces []*shard, key hashKey) (hashKey, bool) {
	const rounding = 1 << 32
	for _, p := range pieces {
		if p.Start.distance(key) < rounding {
			return p.Start, true
		}
	}
	return hashKey{}, false
}

// resharding collects the shards of a stream while they are split and merged.
type resharding struct {
	shards []*shard
	at     moment
}

// add gives a shard the next index. Indexes are never used again: closed shards that expired leave a gap.
func (r *resharding) add(s *shard) *shard {
	for _, other := range r.shards {
		s.Index = max(s.Index, other.Index+1)
	}
	s.Opened, s.Created = r.at.millis, r.at.millis/1000
	if s.Parent != nil {
		s.Created++ // recorded (mhart/kinesalite test/splitShard.js): a second after its parent was closed
	}
	s.prepare()
	r.shards = append(r.shards, s)
	return s
}

// close replaces a shard by a closed copy: the original may be in use until the new shards are durable.
func (r *resharding) close(s *shard) {
	i := slices.Index(r.shards, s)
	closed := *s
	closed.Closed = &closing{Index: r.at.index, Millis: r.at.millis}
	r.shards[i] = &closed
}

// split divides the piece that holds key at key.
func (r *resharding) split(pieces []*shard, key hashKey) []*shard {
	i := slices.Index(pieces, shardFor(pieces, key))
	parent := pieces[i]
	left := r.add(&shard{Parent: &parent.Index, Start: parent.Start, End: key.previous()})
	right := r.add(&shard{Parent: &parent.Index, Start: key, End: parent.End})
	r.close(parent)
	return slices.Replace(pieces, i, i+1, left, right)
}

// mergeWithin joins the pieces of a range two by two until one is left.
func (r *resharding) mergeWithin(pieces []*shard, start, end hashKey) []*shard {
	i := slices.IndexFunc(pieces, func(p *shard) bool { return p.Start == start })
	for pieces[i].End != end {
		a, b := pieces[i], pieces[i+1]
		merged := r.add(&shard{Parent: &a.Index, Adjacent: &b.Index, Start: a.Start, End: b.End})
		r.close(a)
		r.close(b)
		pieces = slices.Replace(pieces, i, i+2, merged)
	}
	return pieces
}
