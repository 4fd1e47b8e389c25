package kinesis

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofrs/flock"
	"github.com/jonboulle/clockwork"

	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/internal/metric"
)

// Options says where a Service keeps its records and what it works with.
type Options struct {
	// Dir is the folder of the streams, made if it is missing. One Service has it to itself: a second one, in this
	// process or another, is refused.
	Dir string
	// Account is the account and Region that the streams are in.
	Account iam.Account
	// Clock tells the time of throttles, retention and arrival. Nil is the real clock.
	Clock clockwork.Clock
	// OnPut, unless nil, is called for each record once it is on disk, before its producer gets the answer. It is
	// called from many goroutines at once and holds up that producer only.
	OnPut func(Put)
	// Metrics finds the metrics of the namespace AWS/Kinesis. Default: nothing is measured.
	Metrics metric.Source
	// OnRepair, unless nil, is called when a stream is opened whose last write was cut short by a crash.
	OnRepair func(Repair)
	// FileSystem is where files are kept. Nil is the machine's own; tests hand in one that fails.
	FileSystem FileSystem

	segmentBytes int64 // 0 is defaultSegmentBytes; for tests
}

// Put tells of one record that was stored.
type Put struct {
	Stream, ShardID, SequenceNumber, PartitionKey string
	// Bytes is the size of the data, without the partition key.
	Bytes int
	// Arrived is the record's approximate arrival timestamp, in whole milliseconds.
	Arrived time.Time
}

// Service is the streams of one account. It is safe for concurrent use.
type Service struct {
	options Options
	lock    *flock.Flock
	streams atomic.Pointer[map[string]*stream] // replaced, never written to

	changing sync.Mutex // held while streams come and go
	closed   bool
}

const (
	lockName      = ".lock"
	deletedPrefix = ".deleted-"
)

// Open takes a folder for its streams. Streams that were kept there come back when they are created again.
func Open(o Options) (*Service, error) {
	if o.Clock == nil {
		o.Clock = clockwork.NewRealClock()
	}
	if o.FileSystem == nil {
		o.FileSystem = machine{}
	}
	if o.segmentBytes == 0 {
		o.segmentBytes = defaultSegmentBytes
	}
	if err := o.FileSystem.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("opening kinesis: %w", err)
	}
	lock := flock.New(filepath.Join(o.Dir, lockName))
	switch locked, err := lock.TryLock(); {
	case err != nil:
		return nil, fmt.Errorf("opening kinesis: locking %s: %w", o.Dir, err)
	case !locked:
		return nil, fmt.Errorf("opening kinesis: %s is in use by another instance", o.Dir)
	}
	s := &Service{options: o, lock: lock}
	s.streams.Store(&map[string]*stream{})
	if err := s.sweep(); err != nil {
		return nil, errors.Join(fmt.Errorf("opening kinesis: %w", err), lock.Unlock())
	}
	return s, nil
}

// sweep finishes deletions that a crash interrupted.
func (s *Service) sweep() error {
	names, err := s.options.FileSystem.ReadDir(s.options.Dir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if strings.HasPrefix(name, deletedPrefix) {
			if err := s.options.FileSystem.RemoveAll(filepath.Join(s.options.Dir, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// Close waits for what is being written and gives the folder free. Every later call fails.
func (s *Service) Close() error {
	s.changing.Lock()
	defer s.changing.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	var errs []error
	streams := *s.streams.Load()
	for _, name := range slices.Sorted(maps.Keys(streams)) {
		if err := streams[name].stop(errClosed); err != nil {
			errs = append(errs, fmt.Errorf("closing stream %s: %w", name, err))
		}
	}
	if err := s.lock.Unlock(); err != nil {
		errs = append(errs, fmt.Errorf("closing kinesis: %w", err))
	}
	return errors.Join(errs...)
}

// Describe tells what a stream is like now.
func (s *Service) Describe(name string) (StreamDescription, error) {
	st := s.find(name)
	if st == nil {
		return StreamDescription{}, errNotFound(s.options.Account, name)
	}
	return st.describe(), nil
}

func (s *Service) find(name string) *stream { return (*s.streams.Load())[name] }

// replace publishes the streams with one more, or one less if st is nil. The caller holds changing.
func (s *Service) replace(name string, st *stream) {
	streams := maps.Clone(*s.streams.Load())
	if st == nil {
		delete(streams, name)
	} else {
		streams[name] = st
	}
	s.streams.Store(&streams)
}

// dirOf is the folder of a stream. Names that a folder must not have, such as "..", get an underscore in front, and so
// do those that have one already.
func (s *Service) dirOf(name string) string {
	if name[0] == '.' || name[0] == '_' {
		name = "_" + name
	}
	return filepath.Join(s.options.Dir, name)
}

func (s *Service) arn(name string) string { return s.options.Account.ARN("kinesis", "stream/"+name) }
