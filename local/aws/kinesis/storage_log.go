package kinesis

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"
)

// place is a place in the records of a stream, where a frame begins or the next one will.
type place struct {
	segment uint64 // ordinal of the segment's first record
	offset  int64
	ordinal uint64 // how many records are before it
}

// log is the records of one stream, of all its shards in the order in which they were stored. It is written by one
// goroutine, the stream's committer, and read by any number of Readers.
type log struct {
	fs           FileSystem
	dir          string
	clock        clockwork.Clock
	segmentBytes int64
	salt         uint32

	// For the committer only.
	file      File
	created   int64 // of the segment that is written
	allocated int64 // how long its file was made
	torn      bool  // what is behind the end of the records has to be cut off
	suspect   bool  // the file is not to be written again

	mu       sync.Mutex
	segments []segment // the oldest first; the last is being written
	end      place     // behind the last durable record
	changed  chan struct{}
	awaited  bool  // a reader has the channel
	closed   error // why nothing will follow
}

// openLog opens the records in a folder, or creates the first segment if there is none. next is an index above that of
// every sequence number that was assigned.
func openLog(l *log, freshSalt uint32, repaired func(Repair)) (next uint64, err error) {
	l.changed = make(chan struct{})
	if l.segments, err = segmentsIn(l.fs, l.dir); err != nil {
		return 0, fmt.Errorf("opening stream: %w", err)
	}
	l.segments = withoutEmpty(l.segments)
	if len(l.segments) == 0 {
		l.salt = freshSalt
		return 1, l.begin(1)
	}
	last := l.segments[len(l.segments)-1]
	path := filepath.Join(l.dir, last.name)
	f, err := l.fs.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return 0, fmt.Errorf("opening segment: %w", err)
	}
	salt, r, err := recoverSegment(f, path)
	if err == nil {
		// A truncated write must be removed before anything is written behind it, or it would look like damage.
		if err = f.Truncate(r.end); err == nil {
			err = f.Sync()
		}
	}
	if err != nil {
		return 0, errors.Join(err, f.Close())
	}
	if r.cut > 0 && repaired != nil {
		repaired(Repair{File: path, Offset: r.end, Bytes: r.cut})
	}
	l.file, l.created, l.salt, l.allocated = f, last.created, salt, r.end
	l.end = place{segment: last.ordinal, offset: r.end, ordinal: last.ordinal + r.records}
	// Numbers that records had which are cut off, now or after the next crash, are not assigned again: the mark makes
	// the next opening skip those that come after it. On a full disk there is no room for it, and none for records.
	const skip = 1 << 20
	next = r.next + skip
	_ = l.mark(next)
	return next + 1, nil
}

// begin creates the segment that is written to from now on.
func (l *log) begin(next uint64) error {
	now := l.clock.Now().UnixMilli()
	if n := len(l.segments); n > 0 {
		now = max(now, l.segments[n-1].created+1) // names differ, whatever the clock does
	}
	s := segment{name: segmentName(l.end.ordinal, now), ordinal: l.end.ordinal, created: now}
	f, err := createSegment(l.fs, l.dir, s, l.salt, next)
	if err != nil {
		// A part of it may be there and say how many records come before it: there must not be more of them.
		l.suspect = true
		return err
	}
	if l.file != nil {
		_ = l.file.Close() // all that is in it is durable
	}
	l.file, l.created, l.allocated, l.torn, l.suspect = f, now, segmentHeader, false, false
	l.mu.Lock()
	if n := len(l.segments); n > 0 && l.segments[n-1].ordinal == s.ordinal {
		if empty := l.segments[n-1]; empty.name != s.name {
			_ = l.fs.Remove(filepath.Join(l.dir, empty.name)) // where it stays, withoutEmpty leaves it out
		}
		l.segments = l.segments[: n-1 : n-1]
	}
	l.segments = append(l.segments, s)
	l.end = place{segment: s.ordinal, offset: segmentHeader, ordinal: s.ordinal}
	l.mu.Unlock()
	return nil
}

// append makes frames durable; readers see none of them unless it returns nil. next is the index above theirs.
func (l *log) append(frames []byte, records int, next uint64, retention time.Duration) error {
	if err := l.cutTail(); err != nil {
		return err
	}
	old := l.clock.Now().UnixMilli()-l.created >= segmentMillis
	full := l.end.offset+int64(len(frames)) > l.segmentBytes
	if l.suspect || (old || full) && l.end.offset > segmentHeader {
		if err := l.roll(next, retention); err != nil {
			return err
		}
	}
	end := l.end.offset + int64(len(frames))
	if end > l.allocated {
		l.allocated = min(end+allocateBytes, max(end, l.segmentBytes))
		// It only saves time, and where there is no room for it there may still be some for the records.
		_ = l.file.Allocate(l.allocated)
	}
	if _, err := l.file.WriteAt(frames, l.end.offset); err != nil {
		return l.fail("writing records", err)
	}
	if err := l.file.Sync(); err != nil {
		// The kernel marks pages that it could not write as clean (fsync(2)): a later success would prove nothing.
		l.suspect = true
		return l.fail("syncing records", err)
	}
	l.mu.Lock()
	l.end.offset = end
	l.end.ordinal += uint64(records)
	l.announce()
	l.mu.Unlock()
	return nil
}

// fail truncates a partial write. If that fails as well, it is retried before the next write.
func (l *log) fail(doing string, err error) error {
	l.torn = true
	_ = l.cutTail()
	return fmt.Errorf("%s to %s: %w", doing, l.dir, err)
}

// cutTail cuts off what is behind the end of the records.
func (l *log) cutTail() error {
	if !l.torn {
		return nil
	}
	if err := l.file.Truncate(l.end.offset); err != nil {
		return fmt.Errorf("cutting back %s: %w", l.dir, err)
	}
	l.allocated = l.end.offset
	if err := l.file.Sync(); err != nil {
		return fmt.Errorf("cutting back %s: %w", l.dir, err)
	}
	l.torn = false
	return nil
}

// roll ends the segment at its last record and begins another one; then it removes the segments that expired.
func (l *log) roll(next uint64, retention time.Duration) error {
	l.torn = true // without what was allocated
	if err := l.cutTail(); err != nil {
		return err
	}
	if err := l.begin(next); err != nil {
		return err
	}
	l.expire(retention)
	return nil
}

// expire removes the segments in which no record can be read any more. One that cannot be removed is tried again
// when its stream is opened the next time.
func (l *log) expire(retention time.Duration) {
	oldest := l.clock.Now().Add(-retention).UnixMilli()
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.segments) > 1 && l.segments[1].created < oldest {
		_ = l.fs.Remove(filepath.Join(l.dir, l.segments[0].name))
		l.segments = l.segments[1:]
	}
}

// announce wakes the readers that wait for records. The caller holds mu.
func (l *log) announce() {
	if l.awaited {
		close(l.changed)
		l.changed, l.awaited = make(chan struct{}), false
	}
}

// mark writes a frame that is no record, with an index that no record has.
func (l *log) mark(index uint64) error {
	var mark [frameHeader]byte
	frame{flags: flagFirst | flagMark, index: index}.encode(mark[:], l.salt)
	return l.append(mark[:], 0, index+1, maxRetentionHours*time.Hour)
}

// close ends the log. The mark says that it was in good order, which distinguishes damage at the end from a torn write.
func (l *log) close(next uint64, reason error) error {
	err := l.mark(next)
	if err == nil {
		l.torn = true // without what was allocated
		err = l.cutTail()
	}
	if closing := l.file.Close(); err == nil {
		err = closing
	}
	l.markClosed(reason)
	return err
}

// markClosed lets the readers know why nothing will follow.
func (l *log) markClosed(reason error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed == nil {
		l.closed = reason
		l.awaited = true
		l.announce()
	}
}

// firstIndex is the index that the next sequence number had when a segment was begun.
func (l *log) firstIndex(s segment) (uint64, error) {
	path := filepath.Join(l.dir, s.name)
	f, err := l.fs.OpenFile(path, os.O_RDONLY, 0)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil // it expired a moment ago: there is nothing before it
	}
	if err != nil {
		return 0, fmt.Errorf("reading records: %w", err)
	}
	defer func() { _ = f.Close() }()
	_, next, err := readSegmentHeader(f, path)
	return next, err
}
