package kinesis

import (
	"fmt"
)

// Position is a place in a stream, between two records of it: all the records before it, of every shard, were read.
// Positions can be compared with ==, and are kept as text or JSON strings. The zero Position is Latest.
type Position struct {
	kind   positionKind
	stream uint64 // which incarnation of the stream: one that is created again under its name is another one
	place  place
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

// Behind tells how many records are between p and q, two places that a Reader returned: 0 unless p is before q.
func (p Position) Behind(q Position) uint64 {
	if p.kind != atPlace || q.kind != atPlace || p.place.ordinal >= q.place.ordinal {
		return 0
	}
	return q.place.ordinal - p.place.ordinal
}

// String is the text of MarshalText.
func (p Position) String() string {
	switch p.kind {
	case latest:
		return "LATEST"
	case trimHorizon:
		return "TRIM_HORIZON"
	}
	return fmt.Sprintf("%016x/%d/%d/%d", p.stream, p.place.ordinal, p.place.segment, p.place.offset)
}

// MarshalText writes a place so that UnmarshalText gives the same one.
func (p Position) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (p *Position) UnmarshalText(text []byte) error {
	switch string(text) {
	case "LATEST":
		*p = Latest
		return nil
	case "TRIM_HORIZON":
		*p = TrimHorizon
		return nil
	}
	q := Position{kind: atPlace}
	_, err := fmt.Sscanf(string(text), "%x/%d/%d/%d", &q.stream, &q.place.ordinal, &q.place.segment, &q.place.offset)
	if err != nil || q.String() != string(text) || q.place.offset < segmentHeader {
		return fmt.Errorf("reading position %q: not written by this program", text)
	}
	*p = q
	return nil
}
