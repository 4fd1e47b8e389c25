package kinesis

import (
	"encoding/binary"
	"hash/crc32"
)

// A record is kept as one frame: a header of 40 bytes, the partition key, the data. Numbers are little-endian.
//
//	0  checksum of the header's bytes 4 to 40 (CRC-32C, begun with the stream's salt)
//	4  checksum of key and data (CRC-32C)
//	8  frameMagic; the lowest byte holds the flags
//	12 length of key and data
//	16 length of the key
//	18 zero
//	20 index of the shard
//	24 index of the sequence number
//	32 arrival, milliseconds since 1970
//
// The salt is a random number that no producer knows, so that a record whose data looks like a frame is not taken for
// one where a damaged file is searched for the next frame.
const (
	frameHeader = 40
	frameMagic  = 0x4b445300 // "KDS" and the flags

	// flagFirst marks the first frame of a commit. A commit is written only when the one before is durable, so that
	// such a frame proves that all before it had been acknowledged.
	flagFirst = 1
	// flagMark marks a frame that is no record: the stream was opened, or closed in good order, at this place.
	flagMark = 2

	maxFrameBody = maxRecordBytes + maxKeyBytes
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// frame is the header of a frame.
type frame struct {
	flags    byte
	body     int // length of key and data
	key      int // length of the key
	checksum uint32
	shard    uint32
	index    uint64
	arrival  int64
}

func (f frame) length() int64 { return int64(frameHeader + f.body) }

// encode writes the header to b.
func (f frame) encode(b []byte, salt uint32) {
	_ = b[:frameHeader]
	binary.LittleEndian.PutUint32(b[4:], f.checksum)
	binary.LittleEndian.PutUint32(b[8:], frameMagic|uint32(f.flags))
	binary.LittleEndian.PutUint32(b[12:], uint32(f.body))
	binary.LittleEndian.PutUint32(b[16:], uint32(f.key))
	binary.LittleEndian.PutUint32(b[20:], f.shard)
	binary.LittleEndian.PutUint64(b[24:], f.index)
	binary.LittleEndian.PutUint64(b[32:], uint64(f.arrival))
	binary.LittleEndian.PutUint32(b, crc32.Update(salt, castagnoli, b[4:frameHeader]))
}

// decodeFrame reads a header; ok is false unless it is exactly what encode wrote with the same salt.
func decodeFrame(b []byte, salt uint32) (f frame, ok bool) {
	if len(b) < frameHeader {
		return frame{}, false
	}
	magic := binary.LittleEndian.Uint32(b[8:])
	if magic&^0xff != frameMagic {
		return frame{}, false
	}
	if binary.LittleEndian.Uint32(b) != crc32.Update(salt, castagnoli, b[4:frameHeader]) {
		return frame{}, false
	}
	f = frame{
		flags:    byte(magic),
		checksum: binary.LittleEndian.Uint32(b[4:]),
		body:     int(binary.LittleEndian.Uint32(b[12:])),
		key:      int(binary.LittleEndian.Uint32(b[16:])),
		shard:    binary.LittleEndian.Uint32(b[20:]),
		index:    binary.LittleEndian.Uint64(b[24:]),
		arrival:  int64(binary.LittleEndian.Uint64(b[32:])),
	}
	return f, f.body <= maxFrameBody && f.key <= f.body
}

// hasBody reports whether body is the key and data that the header was written for.
func (f frame) hasBody(body []byte) bool { return crc32.Checksum(body, castagnoli) == f.checksum }
