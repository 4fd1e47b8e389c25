package kinesis

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"ingest-pipeline/local/aws/iam"
)

// Record is one record as GetRecords gives it out.
type Record struct {
	Data           []byte
	PartitionKey   string
	SequenceNumber string
	ShardID        string
	// ArrivalTime is the approximate arrival timestamp, in whole milliseconds.
	ArrivalTime time.Time
}

// Reader reads all shards of a stream, each in order and parents before their children. It is for one goroutine.
//
// documented (kinesis-using-sdk-java-after-resharding): a consumer reads parent shards to their end before their
// children. Here the order in which the stream took the records gives that by itself.
type Reader struct {
	caller *iam.Session
	st     *stream
	pos    place
	lost   uint64

	window window // of the segment that pos is in, unless its file is nil
	in     string // name of that segment
	ended  bool   // nothing is written to it any more, and window reaches to its end
}

// NewReader begins to read a stream as caller, who needs kinesis:DescribeStream, ListShards and GetShardIterator now,
// and those and GetRecords with each poll. from is Latest, TrimHorizon or the Position of an earlier Reader; one of a
// stream that has since been deleted is an InvalidArgumentException.
func (s *Service) NewReader(caller *iam.Session, streamARN string, from Position) (*Reader, error) {
	name, err := s.nameOf(streamARN)
	if err != nil {
		return nil, err
	}
	if err := authorizeRead(caller, streamARN, "DescribeStream", "ListShards", "GetShardIterator"); err != nil {
		return nil, err
	}
	st := s.find(name)
	if st == nil {
		return nil, errNotFound(s.options.Account, name)
	}
	r := &Reader{caller: caller, st: st}
	if err := r.Seek(from); err != nil {
		return nil, err
	}
	return r, nil
}

func authorizeRead(caller *iam.Session, streamARN string, actions ...string) error {
	for _, action := range actions {
		if err := caller.Authorize(iam.Request{Action: "kinesis:" + action, Resource: streamARN}); err != nil {
			return err
		}
	}
	return nil
}

// As goes on reading as another caller, such as a new session of the same role.
func (r *Reader) As(caller *iam.Session) { r.caller = caller }

// Position is the place up to which the reader has read.
func (r *Reader) Position() Position { return r.position(r.pos) }

// End is the place behind the newest record that can be read now.
func (r *Reader) End() Position {
	_, end := r.st.log.view()
	return r.position(end)
}

func (r *Reader) position(p place) Position {
	m, _ := r.st.snapshot()
	return Position{kind: atPlace, stream: m.Incarnation, place: p}
}

// Lost counts the records that expired before this reader came to them.
func (r *Reader) Lost() uint64 { return r.lost }

// Seek goes on reading at another place; the same places are refused as by NewReader.
func (r *Reader) Seek(to Position) error {
	segments, end := r.st.log.view()
	m, _ := r.st.snapshot()
	switch {
	case to.kind == latest:
		r.pos = end
	case to.kind == trimHorizon:
		r.pos = startOf(segments[0])
	case to.stream != m.Incarnation:
		return invalidArgument("The position %s is not one of stream %s as it is now.", to, r.st.name)
	case to.place.ordinal > end.ordinal, to.place.segment == end.segment && to.place.offset > end.offset:
		// What this place is behind was cut off as damaged; all that is left was read.
		r.pos = end
	default:
		r.pos = to.place
	}
	r.closeSegment()
	return nil
}

func startOf(s segment) place {
	return place{segment: s.ordinal, offset: segmentHeader, ordinal: s.ordinal}
}

// Wait returns a channel that is closed as soon as there is something behind the reader's place, or the stream is
// deleted, or the Service closed.
func (r *Reader) Wait() <-chan struct{} { return r.st.log.wait(r.pos) }

// Poll returns available records, at most maxRecords records and maxBytes of data, but always one record if there
// is any; and the place after it. Nothing to read is no error. The records are the caller's to keep. What was read
// before an error comes without it; the error comes with the next Poll.
func (r *Reader) Poll(maxRecords, maxBytes int) ([]Record, Position, error) {
	if err := r.st.log.closedErr(); err != nil {
		return nil, r.Position(), err
	}
	// A consumer on AWS describes the stream and lists its shards again and again, and without GetShardIterator it
	// cannot go on after an iterator expired. Here each is required with every poll, so that revoking one shows.
	err := authorizeRead(r.caller, r.st.arn, "DescribeStream", "ListShards", "GetShardIterator", "GetRecords")
	if err == nil {
		err = r.st.authorizeKey(r.caller, "kms:Decrypt")
	}
	if err != nil {
		return nil, r.Position(), err
	}
	records, err := r.read(maxRecords, maxBytes)
	r.st.metrics.countPoll(r.st.clock, records, err)
	return records, r.Position(), err
}

// read reads on. An error comes without records.
func (r *Reader) read(maxRecords, maxBytes int) ([]Record, error) {
	p := r.newPoll(maxRecords, maxBytes)
	for !p.full() {
		more, err := r.step(&p)
		if err != nil && len(p.records) == 0 {
			return nil, err
		}
		if err != nil || !more {
			break
		}
	}
	return p.records, nil
}

// step reads the frame at the reader's place; more is false when the reader is at the end.
func (r *Reader) step(p *poll) (more bool, err error) {
	if r.pos.ordinal >= p.end.ordinal && r.pos.segment == p.end.segment && r.pos.offset >= p.end.offset {
		return false, nil
	}
	opened, err := r.openSegment(p)
	if err != nil || !opened {
		return err == nil, err
	}
	if err := r.lookTo(p); err != nil {
		return false, fmt.Errorf("reading records: %w", err)
	}
	if r.pos.offset >= r.window.limit {
		return true, r.nextSegment(p)
	}
	f, body, ok, err := r.window.next(r.pos.offset, r.st.log.salt)
	if err != nil {
		return false, fmt.Errorf("reading records: %w", err)
	}
	if !ok {
		return false, &DamageError{File: r.path(p), Offset: r.pos.offset}
	}
	if f.flags&flagMark == 0 {
		if !p.add(f, body) {
			return false, nil
		}
		r.pos.ordinal++
	}
	r.pos.offset += f.length()
	p.scanned += f.length()
	return true, nil
}

// openSegment opens the segment that the reader's place is in. One that expired is skipped.
func (r *Reader) openSegment(p *poll) (opened bool, err error) {
	s, ok := p.segmentAt(r.pos.segment)
	if ok && r.window.file != nil && r.in == s.name {
		return true, nil
	}
	r.closeSegment()
	if !ok {
		r.skipTo(s)
		return false, nil
	}
	file, err := r.st.fs.OpenFile(filepath.Join(r.st.dir, s.name), os.O_RDONLY, 0)
	if err != nil {
		// It may have expired a moment ago.
		if p.refresh(); !p.has(s) {
			return false, nil
		}
		return false, fmt.Errorf("reading records: %w", err)
	}
	r.window.file, r.in, r.ended = file, s.name, false
	return true, nil
}

// lookTo lets the window reach as far as records are durable.
func (r *Reader) lookTo(p *poll) error {
	switch {
	case r.pos.segment == p.end.segment:
		r.window.limit = p.end.offset
	case !r.ended:
		// The last segment is cut to its records before another one takes its place.
		size, err := r.window.file.Size()
		if err != nil {
			return err
		}
		r.window.limit, r.ended = size, true
	}
	return nil
}

// skipTo goes to a later segment because the one that the reader was in was removed.
func (r *Reader) skipTo(s segment) {
	if s.ordinal > r.pos.ordinal {
		r.lost += s.ordinal - r.pos.ordinal
	}
	r.pos = startOf(s)
}

// nextSegment goes on in the segment after the one that was read to its end.
func (r *Reader) nextSegment(p *poll) error {
	next, ok := p.segmentAt(r.pos.segment + 1)
	if !ok && next.ordinal <= r.pos.segment {
		return nil // it is the last one
	}
	if next.ordinal != r.pos.ordinal {
		return &DamageError{File: r.path(p), Offset: r.pos.offset} // it was longer once
	}
	r.pos = startOf(next)
	return nil
}

func (r *Reader) path(p *poll) string {
	s, _ := p.segmentAt(r.pos.segment)
	return filepath.Join(r.st.dir, s.name)
}

// closeSegment closes the file that is being read.
func (r *Reader) closeSegment() {
	if r.window.file != nil {
		_ = r.window.file.Close() // nothing was written to it
	}
	r.window.file, r.window.buf = nil, r.window.buf[:0]
}

// Close closes the file that is being read.
func (r *Reader) Close() error {
	r.closeSegment()
	return nil
}

// view is what can be read at this moment.
func (l *log) view() ([]segment, place) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.segments, l.end
}

// closedErr is why there is nothing to read any more, or nil.
func (l *log) closedErr() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed
}

var closedChannel = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// wait returns a channel that is closed when there are records behind a place.
func (l *log) wait(from place) <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed != nil || from.ordinal < l.end.ordinal {
		return closedChannel
	}
	l.awaited = true
	return l.changed
}
