package firehose

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"

	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/internal/metric"
	"ingest-pipeline/local/aws/kinesis"
	"ingest-pipeline/local/aws/logs"
	"ingest-pipeline/local/aws/s3"
)

// Options says what a Service works with.
type Options struct {
	// Dir is the folder of the delivery streams, made if it is missing. Only one Service at a time may use it.
	Dir string
	// Account is the account and Region that the delivery streams are in.
	Account iam.Account
	// Clock is the time of intervals, object names and retries. Nil is the real clock.
	Clock   clockwork.Clock
	IAM     *iam.Service
	Kinesis *kinesis.Service
	S3      *s3.Service
	Logs    *logs.Service
	// MaxBufferInterval bounds the declared buffering interval from above, so that a demonstration need not wait for
	// the five minutes that suit production. 0 leaves each interval as declared.
	MaxBufferInterval time.Duration
	// OnBuffer, OnDeliver and OnFault are called, unless nil, from the goroutine of one delivery stream, which waits
	// for them to return. What the stream will wait for next is a point in time that is settled before the call, so
	// that whoever hands in a clock can advance it as soon as it is called.
	OnBuffer  func(Buffered)
	OnDeliver func(Delivered)
	OnFault   func(Fault)
	// Metrics finds the metrics of the namespace AWS/Firehose. Default: nothing is measured.
	Metrics metric.Source
	// Random makes the object names. Nil is crypto/rand.
	Random io.Reader

	// In the place of S3 and Logs, for tests.
	objects objectStore
	entries entryStore
}

// objectStore is what Firehose needs of S3.
type objectStore interface {
	BucketARN(name string) (string, error)
	PutObject(caller *iam.Session, bucket, key string, body io.Reader, options s3.PutOptions) error
}

// entryStore is what Firehose needs of CloudWatch Logs.
type entryStore interface {
	PutLogEvents(caller *iam.Session, group, stream string, events ...logs.Event) error
}

// Buffered reports that records were read from the stream and are in the buffer.
type Buffered struct {
	DeliveryStream string
	// Records and Bytes are those of this one reading; BufferRecords and BufferBytes are the whole buffer, before
	// compression.
	Records, Bytes             int
	BufferRecords, BufferBytes int
	// Due is when the buffer will be delivered unless it is full before.
	Due time.Time
}

// Delivered reports that an object is durable in S3, and that reading will go on behind its records in any case.
type Delivered struct {
	DeliveryStream, Bucket, Key string
	Records                     int
	// Bytes is before compression, ObjectBytes is the size of the object.
	Bytes, ObjectBytes int
	// OldestArrival is the approximate arrival timestamp of the oldest record.
	OldestArrival time.Time
	// Attempts is 1 unless S3 had refused the object before.
	Attempts int
}

// Fault reports that reading or delivering failed and will be tried again, or that records were lost.
type Fault struct {
	DeliveryStream string
	// ErrorCode and Message are those of the log entry, such as "S3.AccessDenied".
	ErrorCode, Message string
	// Err is what happened in this program.
	Err error
	// Lost is how many records expired in the stream before they were delivered.
	Lost uint64
	// RetryAt is when it will be tried again. It is zero if records were lost.
	RetryAt time.Time
	// LogErr is why the entry is not in the log stream. AWS does not report it.
	LogErr error
}

// DeliveryStreamDescription is the result of DescribeDeliveryStream.
type DeliveryStreamDescription struct {
	ARN string
	// Status is always "ACTIVE": a delivery stream here is ready at once.
	Status string
	// Version is 1 and one more with every change; it shows in object names.
	Version int
	Created time.Time
	// Updated is when the destination was changed last; zero: never.
	Updated time.Time
	Config  DeliveryStreamConfig
	// BufferRecords and BufferBytes are what was read and not delivered yet.
	BufferRecords, BufferBytes int
	// Position is the place in the Kinesis stream up to which everything is in S3.
	Position kinesis.Position
}

// Service is the delivery streams of one account. It is safe for concurrent use.
type Service struct {
	options Options

	mu      sync.Mutex
	streams map[string]*deliveryStream
	closed  bool
}

// Open opens the delivery streams of a folder and goes on delivering.
func Open(o Options) (*Service, error) {
	if o.Clock == nil {
		o.Clock = clockwork.NewRealClock()
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.objects == nil {
		o.objects = o.S3
	}
	if o.entries == nil {
		o.entries = o.Logs
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("opening firehose: %w", err)
	}
	s := &Service{options: o, streams: map[string]*deliveryStream{}}
	if err := s.openStreams(); err != nil {
		for _, d := range s.all() {
			d.stop()
		}
		return nil, fmt.Errorf("opening firehose: %w", err)
	}
	return s, nil
}

// ListDeliveryStreams returns the names of all delivery streams, sorted.
func (s *Service) ListDeliveryStreams() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.streams))
}

// DescribeDeliveryStream describes a delivery stream.
func (s *Service) DescribeDeliveryStream(name string) (DeliveryStreamDescription, error) {
	d, err := s.find(name)
	if err != nil {
		return DeliveryStreamDescription{}, err
	}
	return d.describe(), nil
}

func (s *Service) find(name string) (*deliveryStream, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, errClosed
	}
	d := s.streams[name]
	if d == nil {
		return nil, errNotFound(s.options.Account, name)
	}
	return d, nil
}

// Flush delivers what the streams hold now, without waiting for buffers to fill. It fails with the first reading or
// delivery that is refused; what was not delivered is still in its stream.
func (s *Service) Flush(ctx context.Context) error {
	var errs []error
	for _, d := range s.all() {
		if err := d.flush(ctx); err != nil {
			errs = append(errs, fmt.Errorf("flushing delivery stream %s: %w", d.name, err))
		}
	}
	return errors.Join(errs...)
}

// all are the delivery streams, in the order of their names.
func (s *Service) all() []*deliveryStream {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*deliveryStream
	for _, name := range slices.Sorted(maps.Keys(s.streams)) {
		all = append(all, s.streams[name])
	}
	return all
}

// Close flushes as Flush does and stops. What could not be delivered before ctx was done is still in its stream, and
// is delivered by the next Service on the same folder.
func (s *Service) Close(ctx context.Context) error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	s.mu.Unlock()
	errs := []error{s.Flush(ctx)}
	for _, d := range s.all() {
		d.stop()
	}
	return errors.Join(errs...)
}
