package kinesis

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"time"

	"ingest-pipeline/local/aws/awserr"
)

// iterator is what a shard iterator says: a place in a shard of a stream, and when it was issued.
type iterator struct {
	stream      string
	incarnation uint64
	issued      int64 // milliseconds since 1970
	cursor      cursor
}

// Iterators are as long as AWS's, whose content is not known.
//
// recorded (mhart/kinesalite test/helpers.js, assertShardIterator): the first eight bytes and the length, which depends on
// that of the stream's name.
const (
	iteratorVersion = 1
	iteratorBytes   = 152
	iteratorBlock   = 16
)

func (i iterator) String() string {
	b := binary.BigEndian.AppendUint64(nil, iteratorVersion)
	for _, n := range []uint64{
		i.incarnation, uint64(i.issued), uint64(i.cursor.shard), i.cursor.pos.segment, uint64(i.cursor.pos.offset),
		i.cursor.pos.ordinal, i.cursor.index, uint64(i.cursor.since),
	} {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	b = append(b, byte(len(i.stream)))
	b = append(b, i.stream...)
	padded := make([]byte, iteratorBytes+(len(i.stream)+2)/iteratorBlock*iteratorBlock)
	copy(padded, b)
	binary.BigEndian.PutUint32(padded[len(padded)-4:], crc32.Checksum(padded[:len(padded)-4], castagnoli))
	return base64.StdEncoding.EncodeToString(padded)
}

// parseIterator reads what String wrote.
func parseIterator(text string) (i iterator, ok bool) {
	b, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(b) < iteratorBytes || binary.BigEndian.Uint64(b) != iteratorVersion ||
		binary.BigEndian.Uint32(b[len(b)-4:]) != crc32.Checksum(b[:len(b)-4], castagnoli) {
		return iterator{}, false
	}
	number := func(at int) uint64 { return binary.BigEndian.Uint64(b[8*at:]) }
	i = iterator{
		incarnation: number(1), issued: int64(number(2)),
		cursor: cursor{
			shard: uint32(number(3)), pos: place{segment: number(4), offset: int64(number(5)), ordinal: number(6)},
			index: number(7), since: int64(number(8)),
		},
	}
	name := b[72:]
	if int(name[0])+1 > len(name)-4 {
		return iterator{}, false
	}
	i.stream = string(name[1 : 1+name[0]])
	return i, i.cursor.pos.offset >= segmentHeader && i.String() == text
}

// recorded (mhart/kinesalite test/getRecords.js).
var errIterator error = awserr.New("InvalidArgumentException", 400, "Invalid ShardIterator.")

// recorded (mhart/kinesalite test/getRecords.js).
func errIteratorExpired(issued, now int64) error {
	const layout = "Mon Jan 02 15:04:05 UTC 2006"
	return awserr.New("ExpiredIteratorException", 400, "Iterator expired. The iterator was created at time %s while right now it is %s "+
		"which is further in the future than the tolerated delay of %d milliseconds.",
		time.UnixMilli(issued).UTC().Format(layout), time.UnixMilli(now).UTC().Format(layout), iteratorMillis)
}
