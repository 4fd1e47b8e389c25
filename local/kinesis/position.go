package kinesis

// Position is a place in a stream, between two records of it: all the records before it, of every shard, were read.
// Positions can be compared with ==, and are kept as JSON strings. The zero Position is Latest.
type Position struct {
	kind    positionKind
	stream  uint64 // which incarnation of the stream: a stream created again under its name is another one
	ordinal uint64 // how many records the stream had before this place
	segment uint64 // ordinal of the first record of the segment that the place is in
	offset  int64  // place in that segment, in bytes
}

type positionKind uint8

const (
	latest positionKind = iota
	trimHorizon
	atPlace
)

// Where a Reader can begin without a Position that was saved.
var (
	// Latest is just behind the newest record.
	Latest = Position{kind: latest}
	// TrimHorizon is just before the oldest record that has not expired.
	TrimHorizon = Position{kind: trimHorizon}
)
