package firehose

import (
	"context"
	"errors"
	"time"

	"github.com/jonboulle/clockwork"

	"ingest-pipeline/local/iam"
	"ingest-pipeline/local/kinesis"
	"ingest-pipeline/local/logs"
	"ingest-pipeline/local/s3"
)

// Options says what a Service works with.
type Options struct {
	// Dir is the folder for how far each delivery stream has got, made if it is missing.
	Dir string
	// Account is the account and Region that the delivery streams are in.
	Account iam.Account
	// Clock tells the time of intervals, prefixes and retries. Nil is the real clock.
	Clock   clockwork.Clock
	IAM     *iam.Service
	Kinesis *kinesis.Service
	S3      *s3.Service
	Logs    *logs.Service
	// MaxBufferInterval bounds the declared buffering interval from above, so that a demonstration need not wait for
	// the five minutes that suit production. 0 leaves each interval as declared.
	MaxBufferInterval time.Duration
	// OnBuffer, OnDeliver and OnFault are called, unless nil, from the goroutine of one delivery stream, which waits
	// for them to return. When one is called, the timer that the delivery stream waits on next is set.
	OnBuffer  func(Buffered)
	OnDeliver func(Delivered)
	OnFault   func(Fault)
}

// Buffered tells that records were read from the stream and are in the buffer.
type Buffered struct {
	DeliveryStream string
	// Records and Bytes are those of this one reading; BufferRecords and BufferBytes are the whole buffer, before
	// compression.
	Records, Bytes             int
	BufferRecords, BufferBytes int
	// Due is when the buffer will be delivered unless it is full before.
	Due time.Time
}

// Delivered tells that an object is durable in S3.
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

// Fault tells that reading or delivering failed and will be tried again.
type Fault struct {
	DeliveryStream string
	// ErrorCode and Message are those of the log entry, such as "S3.AccessDenied".
	ErrorCode, Message string
	Err                error
	// RetryAt is when it will be tried again. It is zero if records were lost because they expired in the stream.
	RetryAt time.Time
}

// DeliveryStreamConfig is what a delivery stream is declared with.
type DeliveryStreamConfig struct {
	// Name is 1 to 64 of the characters a-z A-Z 0-9 _ . - ; it cannot be changed.
	Name string
	// StreamARN is the Kinesis stream to read and SourceRoleARN the role to read it with; neither can be changed.
	StreamARN, SourceRoleARN string
	// RoleARN is the role to write to BucketARN with.
	RoleARN, BucketARN string
	// Prefix and ErrorOutputPrefix begin the object names. They may hold expressions such as !{timestamp:yyyy/MM/dd};
	// a Prefix without one is followed by YYYY/MM/DD/HH/ of the oldest record in UTC.
	Prefix, ErrorOutputPrefix string
	// CompressionFormat is "UNCOMPRESSED" (also if empty) or "GZIP".
	CompressionFormat string
	// FileExtension replaces the extension that the compression format would give, such as ".json.gz".
	FileExtension string
	// CustomTimeZone is the IANA time zone of the timestamp expressions. Empty is UTC.
	CustomTimeZone string
	// BufferSizeMiB is 1 to 128, BufferIntervalSeconds 0 to 900: what comes first makes an object. Nil is AWS's
	// default, 5 MiB and 300 s.
	BufferSizeMiB, BufferIntervalSeconds *int
	Logging                              Logging
	// Processors change the records. Only AppendDelimiterToRecord is offered.
	Processors []Processor
}

// Logging says where a delivery stream's errors go. Group and stream have to exist: Firehose does not make them.
type Logging struct {
	Enabled             bool
	LogGroup, LogStream string
}

// Processor is one step of a processing configuration.
type Processor struct {
	// Type is such as "AppendDelimiterToRecord".
	Type       string
	Parameters map[string]string
}

// DeliveryStreamDescription is what DescribeDeliveryStream tells.
type DeliveryStreamDescription struct {
	ARN string
	// Status is always "ACTIVE": a delivery stream here is ready at once.
	Status string
	// Version is 1 and one more with every change; it shows in object names.
	Version int
	Created time.Time
	Config  DeliveryStreamConfig
	// BufferRecords and BufferBytes are what was read and not delivered yet.
	BufferRecords, BufferBytes int
}

var errUnwritten = errors.New("not written yet")

// Service is the delivery streams of one account.
type Service struct{}

// Open takes a folder for the checkpoints of delivery streams.
func Open(o Options) (*Service, error) { return nil, errUnwritten }

// Create makes a delivery stream and starts it: at LATEST, or where it was if Dir has a checkpoint of that name from
// an earlier run. It checks what AWS checks and refuses with AWS's sentences.
func (s *Service) Create(c DeliveryStreamConfig) (arn string, err error) { return "", errUnwritten }

// Update changes a delivery stream, as UpdateDestination does: the version grows by one unless nothing changed.
func (s *Service) Update(c DeliveryStreamConfig) error { return errUnwritten }

// Delete stops a delivery stream and forgets how far it got. What is in its buffer is offered to S3 once.
func (s *Service) Delete(name string) error { return errUnwritten }

// Describe tells what a delivery stream is like now.
func (s *Service) Describe(name string) (DeliveryStreamDescription, error) {
	return DeliveryStreamDescription{}, errUnwritten
}

// Flush delivers what the streams hold now, without waiting for buffers to fill. It fails with the first delivery
// that is refused; what was not delivered is still in its stream.
func (s *Service) Flush(ctx context.Context) error { return errUnwritten }

// Close flushes as Flush does and stops. What could not be delivered before ctx was done is still in its stream.
func (s *Service) Close(ctx context.Context) error { return errUnwritten }
