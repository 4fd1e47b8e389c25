package tail

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/jonboulle/clockwork"
)

// fakeStream is a stream whose shards a test fills, splits and merges.
type fakeStream struct {
	clock *fastClock

	mu     sync.Mutex
	shards []*fakeShard
	// fail returns an error for a call of a shard, or nil.
	fail func(call, shard string) error
	// perPage bounds ListShards.
	perPage int
	// reads are the times of GetRecords, by shard, and positions the types of the iterators.
	reads     map[string][]time.Time
	positions map[string][]types.ShardIteratorType
	// after is called after each GetRecords, with the number of calls so far.
	after func(calls int)
	calls int
}

type fakeShard struct {
	id      string
	parents []string
	closed  bool
	records []types.Record
}

// fastClock is a clock whose timers fire at once, after advancing it by their duration.
type fastClock struct{ *clockwork.FakeClock }

func (c *fastClock) After(d time.Duration) <-chan time.Time {
	fired := c.FakeClock.After(d)
	c.Advance(d)
	return fired
}

func newFakeStream(shards ...string) *fakeStream {
	s := &fakeStream{
		clock: &fastClock{clockwork.NewFakeClockAt(time.Date(2026, 11, 27, 22, 0, 0, 0, time.UTC))}, perPage: 100,
		fail:  func(string, string) error { return nil },
		after: func(int) {}, reads: map[string][]time.Time{}, positions: map[string][]types.ShardIteratorType{},
	}
	for _, id := range shards {
		s.shards = append(s.shards, &fakeShard{id: id})
	}
	return s
}

func (s *fakeStream) shard(id string) *fakeShard {
	for _, shard := range s.shards {
		if shard.id == id {
			return shard
		}
	}
	return nil
}

// put appends a record that arrives now.
func (s *fakeStream) put(id, data string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	shard := s.shard(id)
	shard.records = append(shard.records, types.Record{
		Data: []byte(data), PartitionKey: aws.String("k"), SequenceNumber: aws.String(strconv.Itoa(len(shard.records) + 1)),
		ApproximateArrivalTimestamp: aws.Time(s.clock.Now()),
	})
}

// replace closes shards and adds their children.
func (s *fakeStream) replace(parents []string, children ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, parent := range parents {
		s.shard(parent).closed = true
	}
	for _, child := range children {
		s.shards = append(s.shards, &fakeShard{id: child, parents: parents})
	}
}

func (s *fakeStream) ListShards(_ context.Context, in *kinesis.ListShardsInput, _ ...func(*kinesis.Options)) (*kinesis.ListShardsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	from := 0
	if in.NextToken != nil {
		if in.StreamName != nil {
			return nil, &types.InvalidArgumentException{Message: aws.String("NextToken and StreamName cannot be provided together.")}
		}
		from, _ = strconv.Atoi(*in.NextToken)
	}
	out := &kinesis.ListShardsOutput{}
	for i := from; i < len(s.shards); i++ {
		if i == from+s.perPage {
			out.NextToken = aws.String(strconv.Itoa(i))
			break
		}
		shard := s.shards[i]
		listed := types.Shard{ShardId: &shard.id, SequenceNumberRange: &types.SequenceNumberRange{StartingSequenceNumber: aws.String("0")}}
		if shard.closed {
			listed.SequenceNumberRange.EndingSequenceNumber = aws.String("9")
		}
		for n, parent := range shard.parents {
			if n == 0 {
				listed.ParentShardId = &parent
			} else {
				listed.AdjacentParentShardId = &parent
			}
		}
		out.Shards = append(out.Shards, listed)
	}
	return out, nil
}

func (s *fakeStream) GetShardIterator(_ context.Context, in *kinesis.GetShardIteratorInput, _ ...func(*kinesis.Options)) (*kinesis.GetShardIteratorOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	shard := s.shard(*in.ShardId)
	s.positions[shard.id] = append(s.positions[shard.id], in.ShardIteratorType)
	at := 0
	switch in.ShardIteratorType {
	case types.ShardIteratorTypeLatest:
		at = len(shard.records)
	case types.ShardIteratorTypeAfterSequenceNumber:
		at, _ = strconv.Atoi(*in.StartingSequenceNumber)
	case types.ShardIteratorTypeAtTimestamp:
		for at < len(shard.records) && shard.records[at].ApproximateArrivalTimestamp.Before(*in.Timestamp) {
			at++
		}
	}
	return &kinesis.GetShardIteratorOutput{ShardIterator: aws.String(fmt.Sprintf("%s/%d", shard.id, at))}, nil
}

func (s *fakeStream) GetRecords(_ context.Context, in *kinesis.GetRecordsInput, _ ...func(*kinesis.Options)) (*kinesis.GetRecordsOutput, error) {
	id, position, _ := strings.Cut(*in.ShardIterator, "/")
	out, err := s.get(id, position, int(*in.Limit))
	s.mu.Lock()
	s.calls++
	calls := s.calls
	s.mu.Unlock()
	s.after(calls)
	return out, err
}

func (s *fakeStream) get(id, position string, limit int) (*kinesis.GetRecordsOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads[id] = append(s.reads[id], s.clock.Now())
	if err := s.fail("GetRecords", id); err != nil {
		return nil, err
	}
	shard := s.shard(id)
	at, _ := strconv.Atoi(position)
	end := min(at+limit, len(shard.records))
	out := &kinesis.GetRecordsOutput{Records: shard.records[at:end], MillisBehindLatest: aws.Int64(int64(len(shard.records) - end))}
	if end < len(shard.records) || !shard.closed {
		out.NextShardIterator = aws.String(fmt.Sprintf("%s/%d", id, end))
		return out, nil
	}
	for _, child := range s.shards {
		for _, parent := range child.parents {
			if parent == id {
				out.ChildShards = append(out.ChildShards, types.ChildShard{ShardId: &child.id, ParentShards: child.parents})
			}
		}
	}
	return out, nil
}

// run tails the stream until Count events were shown, and returns the lines.
func (s *fakeStream) run(t *testing.T, options Options) (lines []string, err error) {
	t.Helper()
	var out strings.Builder
	options.Stream, options.Clock = "s", s.clock
	err = Run(t.Context(), s, options, &out)
	text := strings.TrimSuffix(out.String(), "\n")
	if text == "" {
		return nil, err
	}
	return strings.Split(text, "\n"), err
}
