package kinesis

import (
	"bytes"
	"fmt"
)

// Repair reports that the end of a segment was cut off when its stream was opened: the process had been killed, or the
// machine had stopped, while it was written. None of it had been acknowledged, unless the disk damaged it later.
type Repair struct {
	Stream, File string
	// Offset is the length of the file now, Bytes how much was cut off.
	Offset, Bytes int64
}

// recovered is what the last segment of a stream holds.
type recovered struct {
	end     int64  // behind the last whole frame
	records uint64 // how many
	next    uint64 // above the index of each
	cut     int64  // bytes behind the end that are no frames
}

// recoverSegment reads the last segment of a stream to its end. What it finds there that is not whole is
//
//   - the rest of a commit that was never acknowledged, if nothing that was committed later follows: to be cut off;
//   - damage otherwise, since a commit is written only when the one before it is durable.
func recoverSegment(f File, path string) (salt uint32, r recovered, err error) {
	salt, next, err := readSegmentHeader(f, path)
	if err != nil {
		return 0, r, err
	}
	size, err := f.Size()
	if err != nil {
		return 0, r, fmt.Errorf("reading segment %s: %w", path, err)
	}
	w := &window{file: f, limit: size}
	r = recovered{end: segmentHeader, next: next}
	for {
		frame, _, ok, err := w.next(r.end, salt)
		if err != nil {
			return 0, r, fmt.Errorf("reading segment %s: %w", path, err)
		}
		if !ok {
			break
		}
		r.end += frame.length()
		r.next = frame.index + 1
		if frame.flags&flagMark == 0 {
			r.records++
		}
	}
	rest, err := lookBehind(w, r.end, salt)
	if err != nil {
		return 0, r, fmt.Errorf("reading segment %s: %w", path, err)
	}
	if rest.committed {
		return 0, r, &DamageError{File: path, Offset: r.end}
	}
	r.cut = rest.bytes
	return salt, r, nil
}

// rest is what lies behind the last whole frame of a segment.
type rest struct {
	committed bool  // a commit that began later is among it
	bytes     int64 // how much, without the zeros at the end
}

// lookBehind searches everything from offset on for the first frame of a commit.
func lookBehind(w *window, offset int64, salt uint32) (rest, error) {
	// The three fixed bytes of the magic number, as they lie in the file, and where in the header.
	magic, at := []byte{frameMagic >> 8 & 0xff, frameMagic >> 16 & 0xff, frameMagic >> 24 & 0xff}, int64(9)
	var r rest
	for from := offset; from < w.limit; {
		b, err := w.at(from, windowBytes)
		if err != nil {
			return r, err
		}
		if used := len(bytes.TrimRight(b, "\x00")); used > 0 {
			r.bytes = from + int64(used) - offset
		}
		next := from + int64(len(b))
		for i := bytes.Index(b, magic); i >= 0; {
			// Reading the header may move the window, and b with it.
			place := from + int64(i) - at
			if place > offset {
				h, err := w.at(place, frameHeader)
				if err != nil {
					return r, err
				}
				if f, ok := decodeFrame(h, salt); ok && f.flags&flagFirst != 0 {
					r.committed = true
					return r, nil
				}
				if b, err = w.at(from, int(next-from)); err != nil {
					return r, err
				}
			}
			more := bytes.Index(b[i+1:], magic)
			if more < 0 {
				break
			}
			i += 1 + more
		}
		if next == w.limit {
			break
		}
		from = next - int64(len(magic)) + 1 // the magic number may lie across the pieces
	}
	return r, nil
}
