package kinesis

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/internal/protocol"
)

// subscriber is a registered consumer that is active.
type subscriber struct {
	*fixture
	consumer string
	events   chan subscribeEvent
}

func newSubscriber(t *testing.T) *subscriber {
	w := open(t, nil)
	w.create(StreamConfig{})
	var out registerConsumerOutput
	w.ask("RegisterStreamConsumer", map[string]any{"StreamARN": streamARN, "ConsumerName": "c"}, &out)
	w.clock.Advance(changeMillis * time.Millisecond)
	return &subscriber{w, out.Consumer.ConsumerARN, make(chan subscribeEvent, 1000)}
}

// subscribe begins a subscription behind a sequence number, or at the start of the shard; ended gets why it ended.
func (s *subscriber) subscribe(after string) (ended chan error, err error) {
	position := &startingPosition{Type: pointerTo("TRIM_HORIZON")}
	if after != "" {
		position = &startingPosition{Type: pointerTo("AFTER_SEQUENCE_NUMBER"), SequenceNumber: &after}
	}
	events, err := s.subscribeToShard(context.Background(), &protocol.Call{Caller: s.caller, Account: account}, &subscribeInput{
		ConsumerARN: &s.consumer, ShardId: pointerTo("shardId-0"), StartingPosition: position,
	})
	if err != nil {
		return nil, err
	}
	ended = make(chan error, 1)
	go func() {
		ended <- events(func(_ string, event any) error { s.events <- event.(subscribeEvent); return nil })
	}()
	return ended, nil
}

// nextRecord is the data of the next event's record; events without any are passed over.
func (s *subscriber) nextRecord() string {
	for {
		if event := <-s.events; len(event.Records) > 0 {
			return string(event.Records[0].Data)
		}
	}
}

func pointerTo(text string) *string { return &text }

// endOf advances the clock until a subscription ends.
func (s *subscriber) endOf(ended chan error) (err error) {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		select {
		case err = <-ended:
			return true
		default:
			s.clock.Advance(time.Second)
			return false
		}
	}, 30*time.Second, time.Millisecond)
	return err
}

func TestASubscriptionIsTakenOverAfterFiveSecondsAndEndsAfterFiveMinutes(t *testing.T) {
	s := newSubscriber(t)
	first, err := s.subscribe("")
	require.NoError(t, err)
	_, err = s.subscribe("")
	require.ErrorContains(t, err, "ResourceInUseException")
	s.clock.Advance(subscriptionGap)
	began := s.clock.Now()
	second, err := s.subscribe("")
	require.NoError(t, err)
	require.ErrorContains(t, s.endOf(first), "ResourceInUseException: Another subscription has taken the place of this one.")
	require.NoError(t, s.endOf(second))
	assert.GreaterOrEqual(t, s.clock.Since(began), subscriptionTime)
	_, err = s.subscribe("")
	require.NoError(t, err, "and then there is none")
}

func TestAConsumerGoesOnBehindTheContinuationSequenceNumber(t *testing.T) {
	s := newSubscriber(t)
	_, err := s.subscribe("")
	require.NoError(t, err)
	event := <-s.events
	assert.Empty(t, event.Records)
	s.put("a", "1")
	assert.Equal(t, "1", s.nextRecord())
	s.clock.Advance(subscriptionGap)
	ended, err := s.subscribe(*event.ContinuationSequenceNumber)
	require.NoError(t, err)
	assert.Equal(t, "1", s.nextRecord(), "also to the second subscription")
	require.NoError(t, s.DeleteStream("events"))
	require.ErrorContains(t, s.endOf(ended), "ResourceNotFoundException")
}

func TestTwoMegabytesASecondAreSentToAConsumer(t *testing.T) {
	s := newSubscriber(t)
	for range 6 {
		s.put("k", strings.Repeat("x", 1<<20-1))
		s.clock.Advance(time.Second)
	}
	_, err := s.subscribe("")
	require.NoError(t, err)
	began := s.clock.Now()
	for got := 0; got < 6; {
		select {
		case event := <-s.events:
			got += len(event.Records)
		case <-time.After(time.Millisecond): // so that the subscription can do something in the meantime
			s.clock.Advance(10 * time.Millisecond)
		}
	}
	assert.GreaterOrEqual(t, s.clock.Since(began), 1500*time.Millisecond, "two at once, and then one in half a second")
}

func TestASubscriptionThatAWSRefusesIsRefused(t *testing.T) {
	w := newSubscriber(t)
	w.refuses("SubscribeToShard", `{}`, "ValidationException", "3 validation errors detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null; "+
		"Value null at 'shardId' failed to satisfy constraint: Member must not be null; Value null at 'consumerARN' failed to satisfy constraint: Member must not be null")
	w.refuses("SubscribeToShard", `{"ConsumerARN":"`+w.consumer+`","ShardId":"shardId-7","StartingPosition":{"Type":"LATEST"}}`, "ResourceNotFoundException",
		"Shard shardId-000000000007 in stream events under account 123456789012 does not exist")
	w.refuses("SubscribeToShard", `{"ConsumerARN":"`+streamARN+`/consumer/other:1","ShardId":"0","StartingPosition":{"Type":"LATEST"}}`, "ResourceNotFoundException",
		"Consumer other under stream events not found for account 123456789012.")
	w.caller = session(t, "kinesis:GetRecords")
	w.refuses("SubscribeToShard", `{"ConsumerARN":"`+w.consumer+`","ShardId":"0","StartingPosition":{"Type":"LATEST"}}`, "AccessDeniedException",
		"User: arn:aws:sts::123456789012:assumed-role/producer/test is not authorized to perform: kinesis:SubscribeToShard on resource: "+w.consumer+" because no identity-based policy allows the kinesis:SubscribeToShard action")
}
