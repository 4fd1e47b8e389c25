package logs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"ingest-pipeline/local/aws/iam"
)

const logSuffix = ".log"

// stream is a log stream that is open.
type stream struct {
	name, arn, path string
	created         time.Time
	group           *group
	meters          *meters

	// mu guards what PutLogEvents touches.
	mu       sync.Mutex
	buffer   [][]byte // blocks, of which the last has room
	size     int      // bytes in buffer
	events   int64    // in buffer
	dropped  int64    // since the last line that said so
	queued   bool     // in the service's list of dirty streams
	lastTime int64    // milliseconds since 1970, of stamp
	stamp    []byte
	deleted  bool

	// fileMu guards the file, so that blocks are written in order. It is taken before mu.
	fileMu sync.Mutex
	// pending has been taken from buffer, and could not be written yet.
	pending       [][]byte
	pendingSize   int
	pendingEvents int64
	opened        bool

	// indexMu guards the index, and cuts, the number of times that retention has cut off the beginning of the file. It is
	// taken before fileMu.
	indexMu sync.Mutex
	index   index
	cuts    int
}

func (s *Service) newStream(g *group, rec streamRecord) *stream {
	return &stream{
		name: rec.Name, created: rec.Created, arn: s.StreamARN(g.Name, rec.Name), path: path.Join(g.folder, rec.File),
		group: g, meters: s.metersOf(g.Name),
	}
}

// Event is a log event.
type Event struct {
	// Time is when it happened, kept to the millisecond. At most 14 days (or the retention) old and two hours ahead.
	Time time.Time
	// Message is not empty, and usually one line.
	Message string
}

// Limits of a batch. Documented: API_PutLogEvents.
const (
	maxBatch      = 10000
	maxBatchBytes = 1 << 20
	eventOverhead = 26
	maxAge        = 14 * 24 * time.Hour
	maxAhead      = 2 * time.Hour
	maxSpan       = 24 * time.Hour
)

// PutLogEvents appends events, in the order of their times, to a log stream. It needs logs:PutLogEvents on the log stream's
// ARN, never waits for the disk and does not fail because of it. Errors: AccessDeniedException,
// ResourceNotFoundException, InvalidParameterException (no event, an empty message, more than 10,000 events or 1 MiB,
// an order or a span of time that CloudWatch refuses); then none of the events is stored.
//
// Two kinds of events are dropped without an error, as in AWS, and counted (Stats): those that are too old or too far
// in the future, and those that come when 32 MiB wait for a disk that does not keep up, where CloudWatch would throttle
// (ThrottlingException) and its clients drop. A line in the log stream says how many were dropped once there is room.
func (s *Service) PutLogEvents(caller *iam.Session, group, stream string, events ...Event) error {
	st := (*s.streams.Load())[streamKey{group, stream}]
	arn := ""
	if st != nil {
		arn = st.arn
	} else {
		arn = s.StreamARN(group, stream)
	}
	// AWS checks the permission first: a caller without it does not learn what exists.
	if err := caller.Authorize(iam.Request{Action: "logs:PutLogEvents", Resource: arn}); err != nil {
		return err
	}
	if st == nil {
		return s.notFound(group)
	}
	if err := checkEvents(events); err != nil {
		return err
	}
	_, err := s.append(st, events)
	return err
}

// notFound says which of the two does not exist.
func (s *Service) notFound(group string) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.groups[group] == nil {
		return noSuchGroup()
	}
	return noSuchStream()
}

func checkEvents(events []Event) error {
	if len(events) == 0 || len(events) > maxBatch {
		return invalidParameter("1 validation error detected: Value at 'logEvents' failed to satisfy constraint: Member must have "+
			"length between 1 and %d", maxBatch)
	}
	size := 0
	for i, event := range events {
		switch {
		case event.Message == "":
			return invalidParameter("1 validation error detected: Value '' at 'logEvents.%d.member.message' failed to satisfy "+
				"constraint: Member must have length greater than or equal to 1", i+1)
		case i > 0 && event.Time.UnixMilli() < events[i-1].Time.UnixMilli():
			return invalidParameter("Log events in a single PutLogEvents request must be in chronological order.")
		}
		size += len(event.Message) + eventOverhead
	}
	switch {
	case size > maxBatchBytes:
		return invalidParameter("Upload too large: %d bytes exceeds limit of %d", size, maxBatchBytes)
	case events[len(events)-1].Time.Sub(events[0].Time) > maxSpan:
		return invalidParameter("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
	}
	return nil
}

// Rejection is which events of a batch are not stored, as indexes into the batch (documented: RejectedLogEventsInfo).
type Rejection struct {
	// TooOldEnd and ExpiredEnd are the indexes after the last event that is older than 14 days, or older than the
	// retention; TooNewStart that of the first which is more than two hours ahead. nil: there is none.
	TooOldEnd, ExpiredEnd, TooNewStart *int
}

// split returns the events of a batch that are stored. Assumed: an event that is too old for both reasons is too old.
func (st *stream) split(events []Event, now time.Time) (stored []Event, rejected Rejection) {
	tooOld := countBefore(events, now.Add(-maxAge))
	expired := tooOld
	if days := st.group.retention(); days > 0 {
		expired = max(tooOld, countBefore(events, now.AddDate(0, 0, -days)))
	}
	end := countBefore(events, now.Add(maxAhead+1))
	if tooOld > 0 {
		rejected.TooOldEnd = &tooOld
	}
	if expired > tooOld {
		rejected.ExpiredEnd = &expired
	}
	if end < len(events) {
		rejected.TooNewStart = &end
	}
	return events[expired:max(expired, end)], rejected
}

// countBefore is how many of the events, which are in the order of their times, are before a time.
func countBefore(events []Event, at time.Time) int {
	n, _ := slices.BinarySearchFunc(events, at, func(e Event, at time.Time) int { return e.Time.Compare(at) })
	return n
}

// append formats the events into the stream's buffer.
func (s *Service) append(st *stream, events []Event) (Rejection, error) {
	now := s.clock.Now()
	accepted, rejected := st.split(events, now)
	s.rejected.Add(int64(len(events) - len(accepted)))
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.deleted {
		return Rejection{}, noSuchStream()
	}
	before, stored, bytes := st.size, 0, 0
	room := maxWaiting - s.waiting.Load()
	for _, event := range accepted {
		if int64(st.size-before+len(event.Message)) > room {
			st.dropped++
			s.dropped.Add(1)
			continue
		}
		if st.dropped > 0 {
			s.format(st, now, fmt.Sprintf("%d log events were dropped here: the disk did not keep up.", st.dropped))
			st.dropped = 0
		}
		s.format(st, event.Time, event.Message)
		st.events++
		stored, bytes = stored+1, bytes+len(event.Message)
		for _, f := range *st.group.filters.Load() {
			f.observe(event.Time, event.Message)
		}
	}
	st.meters.add(now, stored, bytes)
	s.waiting.Add(int64(st.size - before))
	if st.size > 0 && !st.queued {
		st.queued = true
		s.enqueue(st)
	}
	if before < flushSize && st.size >= flushSize {
		select {
		case s.wake <- struct{}{}:
		default: // it is awake already
		}
	}
	return rejected, nil
}

func (s *Service) enqueue(st *stream) {
	s.dirtyMu.Lock()
	defer s.dirtyMu.Unlock()
	s.dirty = append(s.dirty, st)
}

const stampLayout = "2006-01-02T15:04:05.000Z"

// format adds the lines of an event. Events of one millisecond, as those of one request often are, share their stamp.
func (s *Service) format(st *stream, at time.Time, message string) {
	if millis := at.UnixMilli(); millis != st.lastTime || st.stamp == nil {
		st.lastTime = millis
		st.stamp = append(at.UTC().AppendFormat(st.stamp[:0], stampLayout), ' ')
	}
	block := s.roomFor(st, len(st.stamp)+len(message)+strings.Count(message, "\n")+1)
	before := len(*block)
	*block = append(*block, st.stamp...)
	for {
		line, rest, more := strings.Cut(message, "\n")
		*block = append(append(*block, line...), '\n')
		if !more {
			break
		}
		*block = append(*block, '\t')
		message = rest
	}
	st.size += len(*block) - before
}

// roomFor returns the block that has room for so many bytes. Blocks are reused, so that steady logging allocates nothing.
func (s *Service) roomFor(st *stream, need int) *[]byte {
	last := len(st.buffer) - 1
	if last >= 0 && cap(st.buffer[last])-len(st.buffer[last]) >= need {
		return &st.buffer[last]
	}
	var block []byte
	select {
	case block = <-s.blocks:
	default:
	}
	if cap(block) < need {
		block = make([]byte, 0, max(need, blockSize))
	}
	st.buffer = append(st.buffer, block)
	return &st.buffer[last+1]
}

// recycle keeps blocks for reuse; what is too many or too large is left to the garbage collector.
func (s *Service) recycle(blocks [][]byte) {
	for _, block := range blocks {
		if cap(block) != blockSize {
			continue
		}
		select {
		case s.blocks <- block[:0]:
		default:
			return
		}
	}
}

// flush writes what a stream has buffered. What cannot be written stays, and is tried again at the next flush.
func (s *Service) flush(st *stream) error {
	st.fileMu.Lock()
	defer st.fileMu.Unlock()
	return s.flushLocked(st)
}

func (s *Service) flushLocked(st *stream) error {
	for {
		st.mu.Lock()
		if len(st.pending) == 0 {
			st.pending, st.pendingSize, st.pendingEvents = st.buffer, st.size, st.events
			st.buffer, st.size, st.events = nil, 0, 0
		}
		st.queued = false
		st.mu.Unlock()
		if len(st.pending) == 0 {
			return nil
		}
		if err := s.write(st, st.pending); err != nil {
			st.mu.Lock()
			if !st.queued {
				st.queued = true
				s.enqueue(st)
			}
			st.mu.Unlock()
			return fmt.Errorf("writing log stream %s: %w", st.path, err)
		}
		s.waiting.Add(-int64(st.pendingSize))
		s.written.Add(st.pendingEvents)
		s.recycle(st.pending)
		st.pending, st.pendingSize, st.pendingEvents = nil, 0, 0
	}
}

// write appends blocks to the file, or leaves the file as it was.
func (s *Service) write(st *stream, blocks [][]byte) error {
	file, err := s.root.OpenFile(st.path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	size, err := s.truncateTornLine(st, file)
	if err != nil {
		return errors.Join(err, file.Close())
	}
	to := s.writerTo(file)
	for _, block := range blocks {
		if _, err = to.Write(block); err != nil {
			err = errors.Join(err, file.Truncate(size))
			break
		}
	}
	return errors.Join(err, file.Close())
}

// truncateTornLine returns the size of the file, after cutting off a line that a crash has left without its end.
func (s *Service) truncateTornLine(st *stream, file *os.File) (int64, error) {
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	size := info.Size()
	if st.opened {
		return size, nil
	}
	end := size
	chunk := make([]byte, 4096)
	for end > 0 {
		n := min(end, int64(len(chunk)))
		if _, err := file.ReadAt(chunk[:n], end-n); err != nil {
			return 0, err
		}
		if at := bytes.LastIndexByte(chunk[:n], '\n'); at >= 0 {
			end += int64(at) + 1 - n
			break
		}
		end -= n
	}
	if end < size {
		if err := file.Truncate(end); err != nil {
			return 0, err
		}
	}
	st.opened = true
	return end, nil
}

// writerTo is the file, or what a test puts before it.
func (s *Service) writerTo(file *os.File) io.Writer {
	if s.faults.writer != nil {
		return s.faults.writer(file)
	}
	return file
}

// sync makes the file durable.
func (s *Service) sync(st *stream) error {
	st.fileMu.Lock()
	defer st.fileMu.Unlock()
	file, err := s.root.OpenFile(st.path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// discard drops what a deleted stream has buffered, and keeps it from being written.
func (s *Service) discard(st *stream) {
	st.fileMu.Lock()
	defer st.fileMu.Unlock()
	st.mu.Lock()
	defer st.mu.Unlock()
	st.deleted = true
	s.waiting.Add(-int64(st.size + st.pendingSize))
	st.buffer, st.size, st.pending, st.pendingSize = nil, 0, nil, 0
}
