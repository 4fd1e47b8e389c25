package kinesis

import (
	"context"
	"errors"

	"ingest-pipeline/local/iam"
)

var errUnwritten = errors.New("not written yet")

// Service is the streams of one account.
type Service struct{}

// Open takes a folder for its streams. Streams that were kept there come back when they are created again.
func Open(o Options) (*Service, error) { return nil, errUnwritten }

// Close waits for what is being written and gives the folder free. Every later call fails.
func (s *Service) Close() error { return errUnwritten }

// CreateStream makes a stream, or opens the one of that name which the folder has from an earlier run and brings its
// settings up to c. A stream that is open already is a ResourceInUseException.
func (s *Service) CreateStream(c StreamConfig) (arn string, err error) { return "", errUnwritten }

// UpdateStream changes shard count, mode, retention and encryption of a stream, in that order of AWS's calls
// (UpdateStreamMode, UpdateShardCount, Increase- or DecreaseStreamRetentionPeriod, Start- or StopStreamEncryption)
// and with their limits. Nothing is changed if one of them is refused.
func (s *Service) UpdateStream(c StreamConfig) error { return errUnwritten }

// DeleteStream deletes a stream with its records.
func (s *Service) DeleteStream(name string) error { return errUnwritten }

// Describe tells what a stream is like now.
func (s *Service) Describe(name string) (StreamDescription, error) {
	return StreamDescription{}, errUnwritten
}

// Call answers one request of the AWS JSON 1.1 protocol: action is PutRecord or PutRecords, any other is an
// UnknownOperationException that names it. caller is the role that the request is made with. A 200 means that the
// records are on disk; response is always a JSON object.
func (s *Service) Call(ctx context.Context, caller *iam.Session, action string, body []byte) (status int, response []byte) {
	return 500, nil
}

// Reader reads all shards of a stream, each in order and parents before their children. It is for one goroutine.
type Reader struct{}

// NewReader begins to read a stream as caller, who needs kinesis:DescribeStream, ListShards and GetShardIterator now,
// and those and GetRecords with each poll. from is Latest, TrimHorizon or the Position of an earlier Reader; one of a
// stream that has since been deleted is an InvalidArgumentException.
func (s *Service) NewReader(caller *iam.Session, streamARN string, from Position) (*Reader, error) {
	return nil, errUnwritten
}

// Poll returns what is there to read, at most maxRecords records and maxBytes of data, but always one record if there
// is any; and the place after it. Nothing to read is no error. The records are the caller's to keep.
func (r *Reader) Poll(maxRecords, maxBytes int) ([]Record, Position, error) {
	return nil, Position{}, errUnwritten
}

// Next is Poll that waits until there is something or ctx is done.
func (r *Reader) Next(ctx context.Context, maxRecords, maxBytes int) ([]Record, Position, error) {
	return nil, Position{}, errUnwritten
}

// Wait returns a channel that is closed as soon as there is something behind the reader's place, or the stream is
// deleted, or the Service closed.
func (r *Reader) Wait() <-chan struct{} { return nil }

// Position is the place up to which the reader has read.
func (r *Reader) Position() Position { return Position{} }

// End is the place behind the newest record that can be read now.
func (r *Reader) End() Position { return Position{} }

// Seek goes on reading at another place; the same places are refused as by NewReader.
func (r *Reader) Seek(to Position) error { return errUnwritten }

// As goes on reading as another caller, such as a new session of the same role.
func (r *Reader) As(caller *iam.Session) {}

// Lost counts the records that expired before this reader came to them.
func (r *Reader) Lost() uint64 { return 0 }

// Close gives free what the reader holds.
func (r *Reader) Close() error { return nil }

// Behind tells how many records are between p and q, which have to be places of one stream: 0 unless p is before q.
func (p Position) Behind(q Position) uint64 { return 0 }

// MarshalText writes a place so that UnmarshalText gives the same one.
func (p Position) MarshalText() ([]byte, error) { return nil, errUnwritten }

// UnmarshalText reads what MarshalText wrote.
func (p *Position) UnmarshalText(text []byte) error { return errUnwritten }
