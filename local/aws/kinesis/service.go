package kinesis

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jonboulle/clockwork"

	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/internal/metric"
	"ingest-pipeline/local/aws/kms"
)

// Options says where a Service keeps its records and what it works with.
type Options struct {
	// Dir is the folder of the streams, made if it is missing. Only one Service at a time may use it.
	Dir string
	// Account is the account and Region that the streams are in.
	Account iam.Account
	// Clock is the time of throttles, retention and arrival. Nil is the real clock.
	Clock clockwork.Clock
	// KMS knows the keys that streams are encrypted with. Nil: every key can be used.
	KMS *kms.Service
	// OnPut, unless nil, is called for each record once it is on disk, before its producer gets the answer. It is
	// called from many goroutines at once and holds up that producer only.
	OnPut func(Put)
	// Metrics finds the metrics of the namespace AWS/Kinesis. Default: nothing is measured.
	Metrics metric.Source
	// Fault, unless nil, is called for each PutRecord and PutRecords and returns what is to go wrong with it.
	Fault func() Fault

	// For tests.
	onRepair     func(Repair) // called when a stream is opened whose last write was cut short by a crash
	fileSystem   FileSystem   // nil is the machine's own
	segmentBytes int64        // 0 is defaultSegmentBytes
}

// Put is one record that was stored.
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
	streams atomic.Pointer[map[string]*stream] // replaced, never written to

	changing sync.Mutex // held while streams come and go
	closed   bool
}

// Open opens the streams of a folder.
func Open(o Options) (*Service, error) {
	if o.Clock == nil {
		o.Clock = clockwork.NewRealClock()
	}
	if o.fileSystem == nil {
		o.fileSystem = disk
	}
	if o.segmentBytes == 0 {
		o.segmentBytes = defaultSegmentBytes
	}
	if err := o.fileSystem.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("opening kinesis: %w", err)
	}
	s := &Service{options: o}
	s.streams.Store(&map[string]*stream{})
	if err := s.openStreams(); err != nil {
		return nil, errors.Join(fmt.Errorf("opening kinesis: %w", err), s.Close())
	}
	return s, nil
}

// Close waits for what is being written. Every later call fails.
func (s *Service) Close() error {
	s.changing.Lock()
	defer s.changing.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	var errs []error
	for _, name := range s.ListStreams() {
		if err := s.find(name).stop(errClosed); err != nil {
			errs = append(errs, fmt.Errorf("closing stream %s: %w", name, err))
		}
	}
	return errors.Join(errs...)
}

// ListStreams returns the names of all streams, sorted.
func (s *Service) ListStreams() []string { return slices.Sorted(maps.Keys(*s.streams.Load())) }

// DescribeStream describes a stream.
func (s *Service) DescribeStream(name string) (StreamDescription, error) {
	s.changing.Lock()
	defer s.changing.Unlock()
	st, err := s.current(name)
	if err != nil {
		return StreamDescription{}, err
	}
	if st == nil {
		return StreamDescription{}, errNotFound(s.options.Account, name)
	}
	return st.describe(), nil
}

func (s *Service) find(name string) *stream { return (*s.streams.Load())[name] }

// publish adds a stream to those that can be found, or removes it if st is nil. The caller holds changing.
func (s *Service) publish(name string, st *stream) {
	streams := maps.Clone(*s.streams.Load())
	if st == nil {
		delete(streams, name)
	} else {
		streams[name] = st
	}
	s.streams.Store(&streams)
}

func (s *Service) arn(name string) string { return s.options.Account.ARN("kinesis", "stream/"+name) }
