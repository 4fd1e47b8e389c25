package logs

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"math"
	"os"
	"strings"
	"time"

	"ingest-pipeline/local/internal/durable"
)

// Read returns the events of a log stream that retention has left, in the order in which they were put. A long log
// stream is better read with Events. Errors: ResourceNotFoundException; a plain error when the file cannot be read.
func (s *Service) Read(group, stream string) ([]Event, error) {
	var events []Event
	for event, err := range s.Events(group, stream) {
		if err != nil {
			return nil, err
		}
		events = append(events, event)
	}
	return events, nil
}

// Events goes through the events of a log stream as Read does, holding one at a time. An error is the last thing that
// it gives.
func (s *Service) Events(group, stream string) iter.Seq2[Event, error] {
	return s.Tail(group, stream, math.MaxInt64)
}

// Tail goes through the events at the end of a log stream as Events does: those that begin in the last maxBytes of its
// file.
func (s *Service) Tail(group, stream string, maxBytes int64) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		st := (*s.streams.Load())[streamKey{group, stream}]
		if st == nil {
			yield(Event{}, s.notFound(group))
			return
		}
		file, size, err := s.openToRead(st)
		if err != nil {
			yield(Event{}, err)
			return
		}
		if file == nil {
			return
		}
		defer file.Close()
		oldest := s.oldest(st)
		lines := newLineReader(io.NewSectionReader(file, max(0, size-maxBytes), min(size, maxBytes)))
		for {
			event, _, err := lines.next()
			switch {
			case errors.Is(err, io.EOF):
				return
			case err != nil:
				yield(Event{}, fmt.Errorf("reading log stream %s: %w", st.path, err))
				return
			case event.Time.Before(oldest):
			case !yield(event, nil):
				return
			}
		}
	}
}

// openToRead writes what is buffered and opens the file with its size; there is none before the first event.
func (s *Service) openToRead(st *stream) (*os.File, int64, error) {
	st.fileMu.Lock()
	defer st.fileMu.Unlock()
	if err := s.flushLocked(st); err != nil {
		return nil, 0, err
	}
	file, err := s.root.Open(st.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, fmt.Errorf("reading log stream %s: %w", st.path, err)
	}
	info, err := file.Stat()
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("reading log stream %s: %w", st.path, err), file.Close())
	}
	return file, info.Size(), nil
}

// oldest is the time before which events are expired. Documented: API_PutRetentionPolicy.
func (s *Service) oldest(st *stream) time.Time {
	if days := st.group.retention(); days > 0 {
		return s.clock.Now().AddDate(0, 0, -days)
	}
	return time.Time{}
}

// lineReader reads events back from their lines.
type lineReader struct {
	from *bufio.Reader
	// offset is where the next line begins.
	offset int64
	// ahead is a line that has been read already and begins at start.
	ahead string
	start int64
}

func newLineReader(from io.Reader) *lineReader {
	return &lineReader{from: bufio.NewReaderSize(from, 64<<10)}
}

// next gives an event and the offset at which it begins. A line that has no time belongs to the event before it; one
// without an end is not there yet.
func (l *lineReader) next() (event Event, start int64, err error) {
	for {
		line, at, err := l.line()
		if err != nil {
			return event, 0, err
		}
		time, message, ok := parseLine(line)
		if !ok {
			continue // a person's line before all events
		}
		var more strings.Builder
		for {
			line, lineStart, err := l.line()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return event, 0, err
			}
			if _, _, isEvent := parseLine(line); isEvent {
				l.ahead, l.start = line, lineStart
				break
			}
			more.WriteByte('\n')
			more.WriteString(strings.TrimPrefix(line, "\t"))
		}
		return Event{Time: time, Message: message + more.String()}, at, nil
	}
}

func (l *lineReader) line() (line string, start int64, err error) {
	if l.ahead != "" {
		line, l.ahead = l.ahead, ""
		return line, l.start, nil
	}
	line, err = l.from.ReadString('\n')
	if err != nil {
		return "", 0, err
	}
	start = l.offset
	l.offset += int64(len(line))
	return line[:len(line)-1], start, nil
}

func parseLine(line string) (at time.Time, message string, ok bool) {
	if len(line) <= len(stampLayout) || line[len(stampLayout)] != ' ' {
		return at, "", false
	}
	at, err := time.Parse(stampLayout, line[:len(stampLayout)])
	return at, line[len(stampLayout)+1:], err == nil
}

// ApplyRetention removes the events whose days are over. The service calls it each hour. A file is rewritten only
// when at least half of it is expired; until then Read leaves the events out, as CloudWatch does, which takes up to 72
// hours to remove them.
func (s *Service) ApplyRetention() error {
	// One at a time: two that measured the same file would cut it twice.
	s.retentionMu.Lock()
	defer s.retentionMu.Unlock()
	var problems []error
	for _, st := range *s.streams.Load() {
		if err := s.expire(st); err != nil {
			problems = append(problems, fmt.Errorf("applying the retention of log stream %s: %w", st.path, err))
		}
	}
	return errors.Join(problems...)
}

func (s *Service) expire(st *stream) error {
	oldest := s.oldest(st)
	if oldest.IsZero() {
		return nil
	}
	file, size, err := s.openToRead(st)
	if err != nil || file == nil {
		return err
	}
	defer file.Close()
	keepFrom := size
	lines := newLineReader(io.NewSectionReader(file, 0, size))
	for {
		event, start, err := lines.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if !event.Time.Before(oldest) {
			keepFrom = start
			break
		}
	}
	if keepFrom == 0 || keepFrom < size/2 {
		return nil
	}
	return s.cut(st, keepFrom)
}

// cut removes the beginning of a file by writing its end to another and renaming that.
func (s *Service) cut(st *stream, keepFrom int64) error {
	st.indexMu.Lock()
	defer st.indexMu.Unlock()
	st.fileMu.Lock()
	defer st.fileMu.Unlock()
	st.mu.Lock()
	deleted := st.deleted
	st.mu.Unlock()
	if deleted {
		return nil
	}
	old, err := s.root.Open(st.path)
	if err != nil {
		return err
	}
	defer old.Close()
	temp := st.path + durable.TempSuffix
	fresh, err := s.fs.Create(temp)
	if err != nil {
		return err
	}
	if _, err = old.Seek(keepFrom, io.SeekStart); err == nil {
		_, err = io.Copy(fresh, old)
	}
	if err == nil {
		err = fresh.Sync()
	}
	if err = errors.Join(err, fresh.Close()); err == nil {
		err = durable.RenameFS(s.fs, temp, st.path)
		st.index, st.cuts = index{}, st.cuts+1
	}
	if err != nil {
		return errors.Join(err, s.fs.Remove(temp))
	}
	return nil
}
