// Package logs is CloudWatch Logs: log groups that hold log streams that hold log events, one plain file per log
// stream. What it knows of AWS is documented in the CloudWatch Logs API reference
// (docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/…), whose pages the comments name.
//
// In the folder:
//
//	<group>/group.json     the log group: its name, retention and log streams
//	<group>/<stream>.log   the events, a line each: "2026-03-01T12:00:00.000Z message"; the further lines of a message
//	                       begin with a tab
//
// A slash in a name is a plus sign in the folder's or file's.
package logs

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jonboulle/clockwork"

	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/internal/metric"
	"ingest-pipeline/local/internal/durable"
)

// Options are what Open needs.
type Options struct {
	// Dir is the folder of all log groups; it is made if it is missing. Only one Service may have it open.
	Dir string
	// Account is whose log groups these are.
	Account iam.Account
	// Clock drives flushing and retention. Default: the machine's.
	Clock clockwork.Clock
	// Metrics finds the metrics of the namespace AWS/Logs. Default: nothing is measured.
	Metrics metric.Source
	// FilterMetrics finds the metrics of metric filters. Default: they are not recorded.
	FilterMetrics metric.FilterSource
}

// Service is CloudWatch Logs of one account. It is safe for concurrent use.
type Service struct {
	account       iam.Account
	clock         clockwork.Clock
	metrics       metric.Source
	filterMetrics metric.FilterSource
	root          *os.Root
	fs            durable.FS // below root

	// mu guards the groups and what is in them.
	mu     sync.RWMutex
	groups map[string]*group
	// streams has the log streams for PutLogEvents, which takes no lock to find its own.
	streams atomic.Pointer[map[streamKey]*stream]

	// waiting counts the bytes that are not in their files yet.
	waiting                    atomic.Int64
	written, dropped, rejected atomic.Int64
	problem                    atomic.Pointer[problem]

	// blocks are empty blocks to buffer lines in.
	blocks chan []byte

	dirtyMu sync.Mutex
	dirty   []*stream // those with something to write
	wake    chan struct{}

	retentionMu sync.Mutex

	closing sync.Once
	stop    chan struct{}
	stopped sync.WaitGroup

	faults faults
}

type streamKey struct{ group, stream string }

// faults lets tests break the disk.
type faults struct {
	// writer stands between the lines and their file.
	writer func(io.Writer) io.Writer
	// fs stands before the file system that replaces files.
	fs func(durable.FS) durable.FS
	// flushed runs after each round of the flusher.
	flushed func(error)
}

const (
	flushInterval = time.Second
	// flushSize is how much a log stream buffers before it is written without waiting for the interval, in bytes.
	flushSize = 256 << 10
	// blockSize is the size of the blocks that lines are buffered in, in bytes; spareBlocks of them are kept for reuse.
	blockSize   = 64 << 10
	spareBlocks = 64
	// maxWaiting bounds what waits for the disk, over all log streams, in bytes.
	maxWaiting = 32 << 20
	// retentionInterval is how often expired events are looked for.
	retentionInterval = time.Hour
)

// Open opens the folder with the log groups that are in it.
func Open(options Options) (*Service, error) { return open(options, faults{}) }

func open(options Options, faults faults) (*Service, error) {
	s := &Service{
		account: options.Account, clock: options.Clock, metrics: options.Metrics, filterMetrics: options.FilterMetrics,
		groups: map[string]*group{}, wake: make(chan struct{}, 1),
		blocks: make(chan []byte, spareBlocks), stop: make(chan struct{}), faults: faults,
	}
	if s.clock == nil {
		s.clock = clockwork.NewRealClock()
	}
	if s.filterMetrics == nil {
		s.filterMetrics = func(string, string, string) metric.FilterRecorder { return discard{} }
	}
	if err := os.MkdirAll(options.Dir, 0o755); err != nil {
		return nil, fmt.Errorf("opening the folder of the log groups: %w", err)
	}
	root, err := os.OpenRoot(options.Dir)
	if err != nil {
		return nil, fmt.Errorf("opening the folder of the log groups: %w", err)
	}
	s.root, s.fs = root, durable.In(root)
	if faults.fs != nil {
		s.fs = faults.fs(s.fs)
	}
	if err := s.readGroups(); err != nil {
		return nil, errors.Join(fmt.Errorf("opening the folder %s of the log groups: %w", options.Dir, err), root.Close())
	}
	s.publish()
	s.stopped.Go(s.run)
	return s, nil
}

// run writes what is buffered, once a second and whenever a log stream has buffered much, and applies the retention.
func (s *Service) run() {
	ticker := s.clock.NewTicker(flushInterval)
	defer ticker.Stop()
	expired := s.clock.Now()
	for {
		select {
		case <-ticker.Chan():
		case <-s.wake:
		case <-s.stop:
			return
		}
		err := s.Flush()
		if now := s.clock.Now(); now.Sub(expired) >= retentionInterval {
			expired = now
			err = errors.Join(err, s.ApplyRetention())
		}
		s.problem.Store(&problem{err})
		if s.faults.flushed != nil {
			s.faults.flushed(err)
		}
	}
}

// Flush writes what is buffered. What cannot be written stays buffered; the error says why.
func (s *Service) Flush() error {
	s.dirtyMu.Lock()
	dirty := s.dirty
	s.dirty = nil
	s.dirtyMu.Unlock()
	var problems []error
	for _, st := range dirty {
		problems = append(problems, s.flush(st))
	}
	return errors.Join(problems...)
}

// Close writes what is buffered, flushes it to the disk and stops the service; closing it again does nothing.
func (s *Service) Close() error {
	var err error
	s.closing.Do(func() {
		close(s.stop)
		s.stopped.Wait()
		err = s.Flush()
		for _, st := range *s.streams.Load() {
			err = errors.Join(err, s.sync(st))
		}
		err = errors.Join(err, s.root.Close())
	})
	return err
}

// Stats counts log events since Open.
type Stats struct {
	// Written are in their files.
	Written int64
	// Dropped were thrown away because the disk did not keep up; see PutLogEvents.
	Dropped int64
	// Rejected were too old or too far in the future.
	Rejected int64
	// Problem is why the last round of writing or retention did not succeed; nil if it did.
	Problem error
}

// problem holds an error for an atomic pointer.
type problem struct{ err error }

// Stats counts what has become of the events.
func (s *Service) Stats() Stats {
	stats := Stats{Written: s.written.Load(), Dropped: s.dropped.Load(), Rejected: s.rejected.Load()}
	if last := s.problem.Load(); last != nil {
		stats.Problem = last.err
	}
	return stats
}
