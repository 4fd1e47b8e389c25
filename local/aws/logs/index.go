package logs

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
)

// indexBlock is how much of a file a block of its index covers, in bytes.
const indexBlock = 64 << 10

// block is a run of whole events in the file of a log stream.
type block struct {
	offset, size int64
	events       int
	// oldest and newest are the times of its events, in milliseconds since 1970.
	oldest, newest int64
}

// index says where in a file the events of a time are: they are there in the order in which they were put.
type index struct {
	size   int64 // of what is indexed
	blocks []block
}

// view is the index of a log stream at one moment.
type view struct {
	stream *stream
	cuts   int // of the stream
	blocks []block
}

// errCut invalidates a view: retention has cut off the beginning of the file.
var errCut = errors.New("the file was cut")

// view indexes a log stream for a query. What is buffered is written first.
func (s *Service) view(st *stream) (*view, error) {
	st.indexMu.Lock()
	defer st.indexMu.Unlock()
	file, size, err := s.openToRead(st)
	if err != nil || file == nil {
		return &view{stream: st, cuts: st.cuts}, err
	}
	defer file.Close()
	if size < st.index.size {
		st.index = index{} // somebody has edited the file
	}
	if err := st.index.extend(file, size); err != nil {
		return nil, err
	}
	return &view{stream: st, cuts: st.cuts, blocks: slices.Clone(st.index.blocks)}, nil
}

// open opens the file that a view is of; nil: the log stream was deleted. Queries have one file open at a time, however many
// log streams there are.
func (v *view) open(s *Service) (*os.File, error) {
	v.stream.indexMu.Lock()
	defer v.stream.indexMu.Unlock()
	if v.stream.cuts != v.cuts {
		return nil, errCut
	}
	file, err := s.root.Open(v.stream.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return file, err
}

// span is the times of the oldest and newest events, in milliseconds since 1970; false: there are none.
func (v *view) span() (oldest, newest int64, ok bool) {
	for i, b := range v.blocks {
		if i == 0 {
			oldest, newest = b.oldest, b.newest
		}
		oldest, newest = min(oldest, b.oldest), max(newest, b.newest)
	}
	return oldest, newest, len(v.blocks) > 0
}

// extend indexes what the file has beyond the index.
func (x *index) extend(file *os.File, size int64) error {
	if size == x.size {
		return nil
	}
	from := x.size
	lines := newLineReader(io.NewSectionReader(file, from, size-from))
	var last *block
	if n := len(x.blocks); n > 0 && x.blocks[n-1].size < indexBlock {
		last = &x.blocks[n-1]
	}
	for {
		event, start, err := lines.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			*x = index{}
			return err
		}
		at := event.Time.UnixMilli()
		if last == nil || from+start-last.offset >= indexBlock {
			if last != nil {
				last.size = from + start - last.offset
			}
			x.blocks = append(x.blocks, block{offset: from + start, oldest: at, newest: at})
			last = &x.blocks[len(x.blocks)-1]
		}
		last.events++
		last.oldest, last.newest = min(last.oldest, at), max(last.newest, at)
	}
	if last != nil {
		last.size = size - last.offset
	}
	x.size = size
	return nil
}
