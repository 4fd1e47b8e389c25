package tail

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/jonboulle/clockwork"
)

// Client is the part of the SDK's client for Kinesis that is used.
type Client interface {
	ListShards(context.Context, *kinesis.ListShardsInput, ...func(*kinesis.Options)) (*kinesis.ListShardsOutput, error)
	GetShardIterator(context.Context, *kinesis.GetShardIteratorInput, ...func(*kinesis.Options)) (*kinesis.GetShardIteratorOutput, error)
	GetRecords(context.Context, *kinesis.GetRecordsInput, ...func(*kinesis.Options)) (*kinesis.GetRecordsOutput, error)
}

// errEnough ends a run after Options.Count events.
var errEnough = errors.New("enough events were shown")

// Run writes the events to out until ctx is done, which is no error, or Options.Count events were written. Its error is an
// *OptionsError if the options are invalid.
func Run(ctx context.Context, client Client, options Options, out io.Writer) error {
	if err := options.Check(); err != nil {
		return err
	}
	if options.Clock == nil {
		options.Clock = clockwork.NewRealClock()
	}
	selected, err := newFilter(options)
	if err != nil {
		return err
	}
	run, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	t := &tailer{
		client: client, options: options, clock: options.Clock, stop: stop,
		printer: &printer{out: out, filter: selected, raw: options.Raw, left: options.Count}, shards: map[string]*shard{},
	}
	if err := t.begin(run); err != nil {
		return ignoreEnd(ctx, err)
	}
	t.readers.Wait()
	return ignoreEnd(ctx, context.Cause(run))
}

// ignoreEnd returns no error for the two ways in which a run ends as intended.
func ignoreEnd(ctx context.Context, err error) error {
	if ctx.Err() != nil || errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// tailer reads the shards of a stream, each in a goroutine.
type tailer struct {
	client  Client
	options Options
	clock   clockwork.Clock
	printer *printer
	stop    context.CancelCauseFunc
	readers sync.WaitGroup

	mu sync.Mutex
	// shards are those that are read, were read, or will be when their parents have been.
	shards map[string]*shard
}

// shard is a shard of the stream.
type shard struct {
	id      string
	parents []string
	// from is where reading begins.
	from types.ShardIteratorType
	// started and finished say how far it was read.
	started, finished bool
}

// begin lists the shards and starts to read those that have no parents to be read before.
func (t *tailer) begin(ctx context.Context) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for next := (&kinesis.ListShardsInput{StreamName: &t.options.Stream}); next != nil; {
		page, err := t.client.ListShards(ctx, next)
		if err != nil {
			return fmt.Errorf("listing the shards of %s: %w", t.options.Stream, err)
		}
		next = nil
		if page.NextToken != nil {
			next = &kinesis.ListShardsInput{NextToken: page.NextToken}
		}
		for _, s := range page.Shards {
			from := types.ShardIteratorTypeAtTimestamp
			if t.options.Since.IsZero() {
				if s.SequenceNumberRange.EndingSequenceNumber != nil {
					continue // closed: nothing more arrives in it
				}
				from = types.ShardIteratorTypeLatest
			}
			var parents []string
			for _, parent := range []*string{s.ParentShardId, s.AdjacentParentShardId} {
				if parent != nil {
					parents = append(parents, *parent)
				}
			}
			t.shards[*s.ShardId] = &shard{id: *s.ShardId, parents: parents, from: from}
		}
	}
	t.startReady(ctx)
	return nil
}

// startReady starts the shards whose parents are finished or unknown. The caller has locked mu.
func (t *tailer) startReady(ctx context.Context) {
	for _, s := range t.shards {
		ready := !s.started
		for _, parent := range s.parents {
			if p := t.shards[parent]; p != nil && !p.finished {
				ready = false
			}
		}
		if !ready {
			continue
		}
		s.started = true
		t.readers.Go(func() {
			children, err := t.read(ctx, s)
			if err != nil {
				t.stop(fmt.Errorf("reading %s of %s: %w", s.id, t.options.Stream, err))
				return
			}
			t.finish(ctx, s, children)
		})
	}
}

// finish records that a shard is at its end and starts the shards that waited for it.
func (t *tailer) finish(ctx context.Context, s *shard, children []types.ChildShard) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s.finished = true
	for _, child := range children {
		if id := aws.ToString(child.ShardId); t.shards[id] == nil {
			t.shards[id] = &shard{id: id, parents: child.ParentShards, from: types.ShardIteratorTypeTrimHorizon}
		}
	}
	t.startReady(ctx)
}

const (
	// pollIdle is the interval at the end of a shard, pollBehind the shortest before it: of the five calls a second that
	// a shard allows, Firehose makes one.
	pollIdle   = time.Second
	pollBehind = 250 * time.Millisecond
	// bytesPerSecond is what is read of a shard: half of its 2 MB/s.
	bytesPerSecond = 1 << 20
	// maxRecords bounds a call.
	maxRecords = 1000
)

// read shows the records of a shard to its end and returns its children.
func (t *tailer) read(ctx context.Context, s *shard) ([]types.ChildShard, error) {
	position := &kinesis.GetShardIteratorInput{StreamName: &t.options.Stream, ShardId: &s.id, ShardIteratorType: s.from}
	if s.from == types.ShardIteratorTypeAtTimestamp {
		position.Timestamp = &t.options.Since
	}
	var iterator *string
	for {
		if iterator == nil {
			made, err := t.client.GetShardIterator(ctx, position)
			if err != nil {
				return nil, err
			}
			iterator = made.ShardIterator
		}
		got, err := t.client.GetRecords(ctx, &kinesis.GetRecordsInput{ShardIterator: iterator, Limit: aws.Int32(maxRecords)})
		wait := pollIdle
		var expired *types.ExpiredIteratorException
		var throttled *types.ProvisionedThroughputExceededException
		switch {
		case errors.As(err, &expired):
			iterator = nil
			continue
		case errors.As(err, &throttled): // other readers use the shard, too
		case err != nil:
			return nil, err
		default:
			bytes, err := t.show(s, got.Records)
			if err != nil {
				return nil, err
			}
			if n := len(got.Records); n > 0 {
				position = &kinesis.GetShardIteratorInput{
					StreamName: &t.options.Stream, ShardId: &s.id, ShardIteratorType: types.ShardIteratorTypeAfterSequenceNumber,
					StartingSequenceNumber: got.Records[n-1].SequenceNumber,
				}
			}
			if iterator = got.NextShardIterator; iterator == nil {
				return got.ChildShards, nil
			}
			if aws.ToInt64(got.MillisBehindLatest) > 0 {
				wait = pollBehind
			}
			wait = max(wait, time.Duration(bytes)*time.Second/bytesPerSecond)
		}
		select {
		case <-t.clock.After(wait):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// show prints records and returns their size in bytes.
func (t *tailer) show(s *shard, records []types.Record) (bytes int, err error) {
	now := t.clock.Now()
	for _, record := range records {
		bytes += len(record.Data) + len(aws.ToString(record.PartitionKey))
		if err := t.printer.print(s.id, aws.ToTime(record.ApproximateArrivalTimestamp), now, record.Data); err != nil {
			return bytes, err
		}
	}
	return bytes, nil
}
