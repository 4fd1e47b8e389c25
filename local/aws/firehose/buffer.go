package firehose

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"ingest-pipeline/local/aws/kinesis"
)

// buffer is the object that is being filled. It is a file, so that memory does not grow with the buffer's size; what is
// in it after a crash is of no use, since it can be read from the stream again.
type buffer struct {
	file *os.File
	out  *bufio.Writer
	zip  *gzip.Writer // nil unless the object is compressed

	records int
	bytes   int       // before compression, delimiters included
	oldest  time.Time // approximate arrival of the oldest record
	due     time.Time
	end     kinesis.Position
	sealed  bool // the object is complete
	size    int  // of the sealed object
	dirty   bool // it could not be emptied, and holds what does not belong to it
}

var errDirty = errors.New("the buffer could not be emptied")

func openBuffer(dir string) (*buffer, error) {
	file, err := os.OpenFile(filepath.Join(dir, "buffer"), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening buffer: %w", err)
	}
	return &buffer{file: file, out: bufio.NewWriterSize(nil, 64<<10)}, nil
}

// reset makes the buffer empty.
func (b *buffer) reset(compressed bool) error {
	b.out.Reset(b.file)
	switch {
	case !compressed:
		b.zip = nil
	case b.zip == nil:
		b.zip = gzip.NewWriter(b.out)
	default:
		b.zip.Reset(b.out)
	}
	b.records, b.bytes, b.size, b.sealed = 0, 0, 0, false
	b.oldest, b.due = time.Time{}, time.Time{}
	err := b.file.Truncate(0)
	if err == nil {
		_, err = b.file.Seek(0, io.SeekStart)
	}
	if b.dirty = err != nil; b.dirty {
		return fmt.Errorf("emptying buffer: %w", err)
	}
	return nil
}

// add appends records, each with the delimiter behind it.
//
// documented (basic-deliver): records are concatenated as they are.
func (b *buffer) add(records []kinesis.Record, delimiter []byte) error {
	if b.dirty {
		return errDirty
	}
	var w io.Writer = b.out
	if b.zip != nil {
		w = b.zip
	}
	for _, r := range records {
		if _, err := w.Write(r.Data); err != nil {
			return fmt.Errorf("writing buffer: %w", err)
		}
		if len(delimiter) > 0 {
			if _, err := w.Write(delimiter); err != nil {
				return fmt.Errorf("writing buffer: %w", err)
			}
		}
		if b.records == 0 || r.ArrivalTime.Before(b.oldest) {
			b.oldest = r.ArrivalTime
		}
		b.records++
		b.bytes += len(r.Data) + len(delimiter)
	}
	return nil
}

// object completes the object and returns its content from the beginning.
func (b *buffer) object() (io.Reader, error) {
	if !b.sealed {
		err := error(nil)
		if b.zip != nil {
			err = b.zip.Close()
		}
		if err = errors.Join(err, b.out.Flush()); err != nil {
			return nil, fmt.Errorf("writing buffer: %w", err)
		}
		end, err := b.file.Seek(0, io.SeekCurrent)
		if err != nil {
			return nil, fmt.Errorf("writing buffer: %w", err)
		}
		b.sealed, b.size = true, int(end)
	}
	return io.NewSectionReader(b.file, 0, int64(b.size)), nil
}

func (b *buffer) close() error { return b.file.Close() }
