package send

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"

	"github.com/dustin/go-humanize"
)

// maxLine bounds a line, in bytes: more than an event may have, even with white space, and as much as
// Kinesis accepts in its largest records. The rest of a longer line is skipped.
const maxLine = 10 << 20

// lineReader splits a stream into lines in constant memory.
type lineReader struct {
	in   *bufio.Reader
	line int64
	buf  []byte
}

func newLineReader(in io.Reader) *lineReader {
	return &lineReader{in: bufio.NewReaderSize(in, 64<<10)}
}

// line is valid until the next call of next.
type line struct {
	number int64
	// text is without the newline.
	text []byte
	// long says that the line has more than maxLine bytes; text is its beginning.
	long bool
	// ended says that a newline follows.
	ended bool
}

// next returns the next line, and io.EOF after the last. What follows the last newline is a line unless it is empty.
func (r *lineReader) next() (line, error) {
	r.buf = r.buf[:0]
	read, long := 0, false
	for {
		part, err := r.in.ReadSlice('\n')
		read += len(part)
		if room := maxLine - len(r.buf); len(part) > room {
			part, long = part[:room], true
		}
		r.buf = append(r.buf, part...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && read == 0:
			return line{}, io.EOF
		case err != nil && !errors.Is(err, io.EOF):
			return line{}, err
		}
		r.line++
		text, ended := r.buf, err == nil
		if ended && !long {
			text = text[:len(text)-1]
		}
		return line{number: r.line, text: text, long: long, ended: ended}, nil
	}
}

// fileSource reads one event per line.
type fileSource struct {
	lines  *lineReader
	number int64
}

func newFileSource(in io.Reader) *fileSource { return &fileSource{lines: newLineReader(in)} }

func (s *fileSource) next() (event, error) {
	l, err := s.lines.next()
	if err != nil {
		return event{}, err
	}
	e, problem := parseEvent(l)
	if problem != "" {
		return event{}, &badLine{line: l.number, reason: problem}
	}
	e.number = s.number
	s.number++
	return e, nil
}

// parseEvent reads the event of a line; problem says why there is none.
func parseEvent(l line) (e event, problem string) {
	text := l.text
	if l.number == 1 {
		text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")) // the byte order mark of Windows editors
	}
	text = bytes.TrimSpace(text)
	switch {
	case l.long:
		return event{}, "longer than " + humanize.Comma(maxLine) + " bytes"
	case len(text) == 0:
		return event{}, "empty"
	case !utf8.Valid(text):
		return event{}, "not UTF-8"
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, text); err != nil {
		return event{}, objectProblem(text, 0)
	}
	if problem := objectProblem(text, compact.Len()); problem != "" {
		return event{}, problem
	}
	return event{line: l.number, body: bytes.Clone(text), compact: compact.Len()}, ""
}
