package kinesis

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"ingest-pipeline/local/internal/durable"
)

// The records of a stream are kept in segments, files with names such as
//
//	00000000000000001234-1767225600000.segment
//
// which hold the ordinal of the first record (how many the stream had before it) and when the segment was begun, in
// milliseconds since 1970. A segment is a header of 32 bytes and frames. Only the last one is written to, and only its
// end can be damaged by a crash; all records of a segment are older than the one after it.
//
//	0  "kinesis1"
//	8  salt of the frames' checksums
//	12 zero
//	16 index that the next sequence number had when the segment was begun
//	24 checksum of the bytes 0 to 24 (CRC-32C)
//	28 zero
const (
	segmentSuffix = ".segment"
	segmentHeader = 32
	segmentMagic  = "kinesis1"

	defaultSegmentBytes = 64 << 20
	// segmentHours is how long a segment is written to at most. A record is kept on disk for so much longer than it
	// can be read.
	segmentMillis = 3600 * 1000
	// allocateBytes is how far the file is made longer in one go.
	allocateBytes = 4 << 20
)

type segment struct {
	name    string // of the file
	ordinal uint64
	created int64 // milliseconds since 1970
}

func segmentName(ordinal uint64, millis int64) string {
	return fmt.Sprintf("%020d-%013d%s", ordinal, millis, segmentSuffix)
}

// segmentsIn lists the segments of a folder, the oldest first.
func segmentsIn(fs FileSystem, dir string) ([]segment, error) {
	names, err := fs.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var segments []segment
	for _, name := range names {
		base, ok := strings.CutSuffix(name, segmentSuffix)
		if !ok {
			continue
		}
		first, second, _ := strings.Cut(base, "-")
		ordinal, err := strconv.ParseUint(first, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("reading segment name %q: %w", filepath.Join(dir, name), err)
		}
		created, err := strconv.ParseInt(second, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("reading segment name %q: %w", filepath.Join(dir, name), err)
		}
		segments = append(segments, segment{name: name, ordinal: ordinal, created: created})
	}
	return segments, nil
}

// withoutEmpty leaves out segments in whose place another one was begun before they got a record.
func withoutEmpty(segments []segment) []segment {
	var kept []segment
	for i, s := range segments {
		if i+1 == len(segments) || segments[i+1].ordinal != s.ordinal {
			kept = append(kept, s)
		}
	}
	return kept
}

// createSegment creates a segment and returns it open, durable and empty.
func createSegment(fs FileSystem, dir string, s segment, salt uint32, next uint64) (File, error) {
	var h [segmentHeader]byte
	copy(h[:], segmentMagic)
	binary.LittleEndian.PutUint32(h[8:], salt)
	binary.LittleEndian.PutUint64(h[16:], next)
	binary.LittleEndian.PutUint32(h[24:], crc32.Checksum(h[:24], castagnoli))

	path := filepath.Join(dir, s.name)
	err := durable.WriteFileFS(fs, path, h[:])
	var f File
	if err == nil {
		f, err = fs.OpenFile(path, os.O_RDWR, 0)
	}
	if err != nil {
		_ = fs.Remove(path) // one that stays behind is empty and does no harm
		return nil, fmt.Errorf("creating segment %s: %w", path, err)
	}
	return f, nil
}

// readSegmentHeader returns the salt of a segment's checksums and the index its sequence numbers begin with.
func readSegmentHeader(f File, path string) (salt uint32, next uint64, err error) {
	var h [segmentHeader]byte
	if _, err := f.ReadAt(h[:], 0); err != nil {
		return 0, 0, fmt.Errorf("reading segment %s: %w", path, err)
	}
	if string(h[:8]) != segmentMagic || binary.LittleEndian.Uint32(h[24:]) != crc32.Checksum(h[:24], castagnoli) {
		return 0, 0, &DamageError{File: path, Offset: 0}
	}
	return binary.LittleEndian.Uint32(h[8:]), binary.LittleEndian.Uint64(h[16:]), nil
}

// DamageError reports that a file does not hold what was written to it, at a place where records had been acknowledged.
// Nothing behind that place is read: leaving out records without a word would be worse than stopping.
type DamageError struct {
	File string
	// Offset is where the first damaged record begins, in bytes.
	Offset int64
}

func (e *DamageError) Error() string {
	return fmt.Sprintf("reading records: %s is damaged at offset %d", e.File, e.Offset)
}

// Hint says what can be done about it.
func (e *DamageError) Hint() string {
	return "restore the file from a backup, or delete the state folder to start anew"
}

// window reads a file in large pieces.
type window struct {
	file  File
	limit int64 // nothing behind it is looked at
	from  int64 // what buf begins with
	buf   []byte
}

const windowBytes = 256 << 10

// at returns the n bytes at offset, or as many as there are before the limit. They are good until the next call.
func (w *window) at(offset int64, n int) ([]byte, error) {
	if left := w.limit - offset; int64(n) > left {
		n = int(max(left, 0))
	}
	if n == 0 {
		return nil, nil
	}
	if offset < w.from || offset+int64(n) > w.from+int64(len(w.buf)) {
		size := min(int64(max(n, windowBytes)), w.limit-offset)
		if int64(cap(w.buf)) < size {
			w.buf = make([]byte, size)
		}
		w.from, w.buf = offset, w.buf[:size]
		if _, err := w.file.ReadAt(w.buf, offset); err != nil {
			w.buf = w.buf[:0]
			return nil, err
		}
	}
	i := offset - w.from
	return w.buf[i : i+int64(n)], nil
}

// next reads the frame at offset, with its key and data; ok is false if there is none that is whole.
func (w *window) next(offset int64, salt uint32) (f frame, body []byte, ok bool, err error) {
	b, err := w.at(offset, frameHeader)
	if err != nil {
		return f, nil, false, err
	}
	if f, ok = decodeFrame(b, salt); !ok {
		return f, nil, false, nil
	}
	b, err = w.at(offset, int(f.length()))
	if err != nil {
		return f, nil, false, err
	}
	if int64(len(b)) < f.length() {
		return f, nil, false, nil
	}
	body = b[frameHeader:]
	return f, body, f.hasBody(body), nil
}
