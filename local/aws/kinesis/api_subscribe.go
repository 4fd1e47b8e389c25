package kinesis

import (
	"context"
	"time"

	"golang.org/x/time/rate"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/internal/protocol"
)

type subscribeInput struct {
	ConsumerARN, ShardId *string
	StartingPosition     *startingPosition
}

type startingPosition struct {
	Type, SequenceNumber *string
	Timestamp            *time.Time
}

type subscribeEvent struct {
	Records                    []recordOutput
	ContinuationSequenceNumber *string
	MillisBehindLatest         int64
	ChildShards                []childShard
}

// documented (API_SubscribeToShard): a subscription lasts five minutes, and another one for the same consumer and shard takes its
// place, but not within five seconds.
const (
	subscriptionTime = 5 * time.Minute
	subscriptionGap  = 5 * time.Second
	// heartbeat is how often an event without records is sent. Assumed.
	heartbeat = 5 * time.Second
	// maxEventBytes is how much data an event holds. Assumed.
	maxEventBytes = 1 << 20
)

// subscription is the one of a consumer to a shard.
type subscription struct {
	began time.Time
	taken chan struct{} // closed when another one takes its place
}

type subscriptionKey struct {
	consumer string // ARN
	shard    uint32
}

// subscribeToShard sends the records of a shard to a registered consumer as they come. documented (API_SubscribeToShard): the
// limits and codes; the sentences are assumed.
func (s *Service) subscribeToShard(ctx context.Context, call *protocol.Call, in *subscribeInput) (protocol.Events, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	index, ok := parseShardID(*in.ShardId)
	if !ok {
		return nil, errNoShard(s.options.Account, *in.ShardId, arnName(*in.ConsumerARN))
	}
	var st *stream
	var from cursor
	var own *subscription
	err := s.withConsumer(call, "SubscribeToShard", &consumerInput{ConsumerARN: in.ConsumerARN}, func(found *stream, i int) (err error) {
		st = found
		m, _ := st.snapshot()
		now := st.clock.Now()
		if status := m.Consumers[i].status(now.UnixMilli()); status != statusActive {
			return errResourceInUse("Consumer %s is not ACTIVE, instead in state %s.", *in.ConsumerARN, status)
		}
		sh := m.shard(index)
		if sh == nil {
			return s.errShardMissing(index, st.name)
		}
		if err := st.authorizeKey(call.Caller, "kms:Decrypt"); err != nil {
			return err
		}
		at := in.StartingPosition
		if from, err = s.cursorAt(st, sh, &getShardIteratorInput{
			ShardIteratorType: at.Type, StartingSequenceNumber: at.SequenceNumber, Timestamp: at.Timestamp,
		}); err != nil {
			return err
		}
		own, err = st.subscribe(subscriptionKey{*in.ConsumerARN, index}, now)
		return err
	})
	if err != nil {
		return nil, err
	}
	return func(send func(string, any) error) error {
		defer st.unsubscribe(subscriptionKey{*in.ConsumerARN, index}, own)
		return st.sendRecords(ctx, from, own, call.Closing, send)
	}, nil
}

func (in *subscribeInput) check() error {
	var v violations
	if in.StartingPosition == nil {
		v.Null("startingPosition")
	} else {
		if in.StartingPosition.Type == nil {
			v.Null("startingPosition.type")
		}
		v.OneOf("startingPosition.type", in.StartingPosition.Type, afterSequenceNumber, "LATEST", atTimestamp, atSequenceNumber, "TRIM_HORIZON")
		if number := in.StartingPosition.SequenceNumber; number != nil && !isNumber([]byte(*number), 129) {
			v.Add("startingPosition.sequenceNumber", *number, pattern(orderingPattern))
		}
	}
	v.checkName("shardId", in.ShardId)
	if in.ConsumerARN == nil {
		v.Null("consumerARN")
	}
	return v.err()
}

// subscribe takes the place of the subscription of a consumer to a shard.
func (st *stream) subscribe(key subscriptionKey, now time.Time) (*subscription, error) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if before := st.subscriptions[key]; before != nil {
		if now.Sub(before.began) < subscriptionGap {
			return nil, errResourceInUse("Another active subscription exists for this consumer: %s", key.consumer)
		}
		close(before.taken)
	}
	if st.subscriptions == nil {
		st.subscriptions = map[subscriptionKey]*subscription{}
	}
	own := &subscription{began: now, taken: make(chan struct{})}
	st.subscriptions[key] = own
	return own, nil
}

func (st *stream) unsubscribe(key subscriptionKey, own *subscription) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.subscriptions[key] == own {
		delete(st.subscriptions, key)
	}
}

// sendRecords sends the records behind a cursor until the shard or the subscription ends.
func (st *stream) sendRecords(ctx context.Context, from cursor, own *subscription, closing <-chan struct{}, send func(string, any) error) error {
	// documented (API_SubscribeToShard): 2 MB a second for each consumer and shard.
	allowance := rate.NewLimiter(shardReadBytesPerSecond, shardReadBytesPerSecond)
	end := st.clock.After(subscriptionTime)
	sent := time.Time{}
	for {
		if st.absent.Load() {
			return awserr.New("ResourceNotFoundException", 400, "Stream %s is being deleted.", st.name)
		}
		read, err := st.readShard(from, maxReadRecords, maxEventBytes)
		if err != nil {
			return err
		}
		from = read.next
		now := st.clock.Now()
		pause := heartbeat
		if len(read.records) > 0 || read.ended || now.Sub(sent) >= heartbeat {
			event, bytes := st.event(read)
			if send("SubscribeToShardEvent", event) != nil || read.ended {
				return nil
			}
			sent = now
			if delay := allowance.ReserveN(now, min(bytes, shardReadBytesPerSecond)).DelayFrom(now); delay > 0 {
				pause = delay
			}
		}
		if read.behind > 0 && pause == heartbeat {
			continue
		}
		more := st.log.wait(from.pos)
		if pause != heartbeat {
			more = nil // what there is has to wait
		}
		select {
		case <-more:
			if err := st.log.closedErr(); err != nil {
				return err
			}
		case <-st.clock.After(pause):
		case <-end:
			return nil
		case <-own.taken:
			return errResourceInUse("Another subscription has taken the place of this one.")
		case <-closing:
			return nil
		case <-ctx.Done():
			return nil
		}
	}
}

// event is what is sent of what was read, and how many bytes of data that is.
func (st *stream) event(read shardRead) (event subscribeEvent, bytes int) {
	m, _ := st.snapshot()
	sh := m.shard(read.next.shard)
	event = subscribeEvent{Records: make([]recordOutput, len(read.records)), MillisBehindLatest: read.behind.Milliseconds()}
	for i := range read.records {
		r := &read.records[i]
		bytes += len(r.Data) + len(r.PartitionKey)
		event.Records[i] = m.recordOutput(r)
	}
	switch {
	case read.ended:
		event.ChildShards = m.childShards(read.next.shard)
	case len(read.records) > 0:
		event.ContinuationSequenceNumber = &read.records[len(read.records)-1].SequenceNumber
	case sh != nil:
		number := sh.sequence(read.passed, read.next.last).String()
		event.ContinuationSequenceNumber = &number
	}
	return event, bytes
}

// childShards are the shards that a closed one was split or merged into, as consumers see them.
func (m *manifest) childShards(index uint32) []childShard {
	var all []childShard
	for _, child := range m.children(index) {
		parents := []string{shardID(*child.Parent)}
		if child.Adjacent != nil {
			parents = append(parents, shardID(*child.Adjacent))
		}
		all = append(all, childShard{child.id, parents, hashKeyRange{child.Start.String(), child.End.String()}})
	}
	return all
}
