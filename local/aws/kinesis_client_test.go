package aws

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	kinesissdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/internal/sigv4"
)

var events = sdk.String("events")

// streamClient is a client with a stream "events" that is active.
func streamClient(t *testing.T, shards int32) (*Cloud, *kinesissdk.Client) {
	t.Helper()
	c := mustOpen(t, t.TempDir())
	client := kinesissdk.NewFromConfig(clientOf(c, DefaultAccessKey, ""))
	_, err := client.CreateStream(t.Context(), &kinesissdk.CreateStreamInput{StreamName: events, ShardCount: &shards})
	require.NoError(t, err)
	d, err := client.DescribeStream(t.Context(), &kinesissdk.DescribeStreamInput{StreamName: events})
	require.NoError(t, err)
	assert.Equal(t, types.StreamStatusCreating, d.StreamDescription.StreamStatus)
	awaitStream(t, client)
	return c, client
}

// awaitStream waits as clients do.
func awaitStream(t *testing.T, client *kinesissdk.Client) {
	t.Helper()
	waiter := kinesissdk.NewStreamExistsWaiter(client, func(o *kinesissdk.StreamExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 50*time.Millisecond, 100*time.Millisecond
	})
	require.NoError(t, waiter.Wait(t.Context(), &kinesissdk.DescribeStreamInput{StreamName: events}, time.Minute))
}

func TestAStreamIsManagedWithAWSsSDK(t *testing.T) {
	_, client := streamClient(t, 2)
	ctx := t.Context()
	arn := sdk.String("arn:aws:kinesis:ap-northeast-2:123456789012:stream/events")
	changes := []func() error{
		func() error {
			out, err := client.UpdateShardCount(ctx, &kinesissdk.UpdateShardCountInput{StreamName: events, TargetShardCount: sdk.Int32(4), ScalingType: types.ScalingTypeUniformScaling})
			if err == nil {
				assert.Equal(t, int32(2), *out.CurrentShardCount)
			}
			return err
		},
		func() error {
			_, err := client.SplitShard(ctx, &kinesissdk.SplitShardInput{StreamName: events, ShardToSplit: sdk.String("shardId-000000000002"), NewStartingHashKey: sdk.String("10")})
			return err
		},
		func() error {
			_, err := client.MergeShards(ctx, &kinesissdk.MergeShardsInput{StreamARN: arn, ShardToMerge: sdk.String("shardId-000000000006"), AdjacentShardToMerge: sdk.String("shardId-000000000007")})
			return err
		},
		func() error {
			_, err := client.IncreaseStreamRetentionPeriod(ctx, &kinesissdk.IncreaseStreamRetentionPeriodInput{StreamName: events, RetentionPeriodHours: sdk.Int32(48)})
			return err
		},
		func() error {
			_, err := client.DecreaseStreamRetentionPeriod(ctx, &kinesissdk.DecreaseStreamRetentionPeriodInput{StreamName: events, RetentionPeriodHours: sdk.Int32(30)})
			return err
		},
		func() error {
			_, err := client.StartStreamEncryption(ctx, &kinesissdk.StartStreamEncryptionInput{StreamName: events, EncryptionType: types.EncryptionTypeKms, KeyId: sdk.String("alias/aws/kinesis")})
			return err
		},
		func() error {
			_, err := client.StopStreamEncryption(ctx, &kinesissdk.StopStreamEncryptionInput{StreamName: events, EncryptionType: types.EncryptionTypeKms, KeyId: sdk.String("alias/aws/kinesis")})
			return err
		},
		func() error {
			_, err := client.UpdateStreamMode(ctx, &kinesissdk.UpdateStreamModeInput{StreamARN: arn, StreamModeDetails: &types.StreamModeDetails{StreamMode: types.StreamModeOnDemand}})
			return err
		},
	}
	for i, change := range changes {
		require.NoError(t, change(), i)
		s, err := client.DescribeStreamSummary(ctx, &kinesissdk.DescribeStreamSummaryInput{StreamName: events})
		require.NoError(t, err)
		assert.Equal(t, types.StreamStatusUpdating, s.StreamDescriptionSummary.StreamStatus, i)
		awaitStream(t, client)
	}
	s, err := client.DescribeStreamSummary(ctx, &kinesissdk.DescribeStreamSummaryInput{StreamARN: arn})
	require.NoError(t, err)
	assert.Equal(t, int32(4), *s.StreamDescriptionSummary.OpenShardCount)
	assert.Equal(t, int32(30), *s.StreamDescriptionSummary.RetentionPeriodHours)
	assert.Equal(t, types.EncryptionTypeNone, s.StreamDescriptionSummary.EncryptionType)
	assert.Equal(t, types.StreamModeOnDemand, s.StreamDescriptionSummary.StreamModeDetails.StreamMode)
	assert.WithinDuration(t, time.Now(), *s.StreamDescriptionSummary.StreamCreationTimestamp, time.Minute)
	limits, err := client.DescribeLimits(ctx, &kinesissdk.DescribeLimitsInput{})
	require.NoError(t, err)
	assert.Equal(t, int32(200), *limits.ShardLimit)

	monitoring, err := client.EnableEnhancedMonitoring(ctx, &kinesissdk.EnableEnhancedMonitoringInput{StreamName: events, ShardLevelMetrics: []types.MetricsName{"ALL"}})
	require.NoError(t, err)
	assert.Len(t, monitoring.DesiredShardLevelMetrics, 7)
	fewer, err := client.DisableEnhancedMonitoring(ctx, &kinesissdk.DisableEnhancedMonitoringInput{StreamName: events, ShardLevelMetrics: []types.MetricsName{"IncomingBytes"}})
	require.NoError(t, err)
	assert.Len(t, fewer.DesiredShardLevelMetrics, 6)

	_, err = client.AddTagsToStream(ctx, &kinesissdk.AddTagsToStreamInput{StreamName: events, Tags: map[string]string{"a": "1", "b": "2"}})
	require.NoError(t, err)
	_, err = client.RemoveTagsFromStream(ctx, &kinesissdk.RemoveTagsFromStreamInput{StreamName: events, TagKeys: []string{"a"}})
	require.NoError(t, err)
	tags, err := client.ListTagsForStream(ctx, &kinesissdk.ListTagsForStreamInput{StreamName: events})
	require.NoError(t, err)
	assert.Equal(t, []types.Tag{{Key: sdk.String("b"), Value: sdk.String("2")}}, tags.Tags)

	consumer, err := client.RegisterStreamConsumer(ctx, &kinesissdk.RegisterStreamConsumerInput{StreamARN: arn, ConsumerName: sdk.String("c")})
	require.NoError(t, err)
	assert.Equal(t, types.ConsumerStatusCreating, consumer.Consumer.ConsumerStatus)
	_, err = client.DescribeStreamConsumer(ctx, &kinesissdk.DescribeStreamConsumerInput{ConsumerARN: consumer.Consumer.ConsumerARN})
	require.NoError(t, err)
	consumers, err := client.ListStreamConsumers(ctx, &kinesissdk.ListStreamConsumersInput{StreamARN: arn})
	require.NoError(t, err)
	assert.Len(t, consumers.Consumers, 1)
	_, err = client.DeregisterStreamConsumer(ctx, &kinesissdk.DeregisterStreamConsumerInput{ConsumerARN: consumer.Consumer.ConsumerARN})
	require.NoError(t, err)

	_, err = client.DeleteStream(ctx, &kinesissdk.DeleteStreamInput{StreamName: events, EnforceConsumerDeletion: sdk.Bool(true)})
	require.NoError(t, err)
	list, err := client.ListStreams(ctx, &kinesissdk.ListStreamsInput{})
	require.NoError(t, err)
	assert.Equal(t, []string{"events"}, list.StreamNames)
	waiter := kinesissdk.NewStreamNotExistsWaiter(client, func(o *kinesissdk.StreamNotExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 50*time.Millisecond, 100*time.Millisecond
	})
	require.NoError(t, waiter.Wait(ctx, &kinesissdk.DescribeStreamInput{StreamName: events}, time.Minute))
	_, err = client.DescribeStream(ctx, &kinesissdk.DescribeStreamInput{StreamName: events})
	wantError(t, err, "ResourceNotFoundException", "Stream events under account 123456789012 not found.")
}

// consumer reads all shards of a stream in the usual way: a shard's children when the shard has been read to its end.
type consumer struct {
	client *kinesissdk.Client
	seen   map[string]bool // shards that were begun
	ended  map[string]bool
	last   map[string]int // number of the last record, by partition key
	total  int
}

func (c *consumer) read(ctx context.Context, t *testing.T) {
	shards, err := c.client.ListShards(ctx, &kinesissdk.ListShardsInput{StreamName: events})
	require.NoError(t, err)
	for _, shard := range shards.Shards {
		parents := []*string{shard.ParentShardId, shard.AdjacentParentShardId}
		if c.seen[*shard.ShardId] || parents[0] != nil && !c.ended[*parents[0]] || parents[1] != nil && !c.ended[*parents[1]] {
			continue
		}
		c.seen[*shard.ShardId] = true
		iterator, err := c.client.GetShardIterator(ctx, &kinesissdk.GetShardIteratorInput{
			StreamName: events, ShardId: shard.ShardId, ShardIteratorType: types.ShardIteratorTypeTrimHorizon,
		})
		require.NoError(t, err)
		c.readShard(ctx, t, *shard.ShardId, iterator.ShardIterator)
	}
}

// readShard reads a shard to its end, or up to the newest record; then it is read again from the start of the next round's
// iterator.
func (c *consumer) readShard(ctx context.Context, t *testing.T, shard string, iterator *string) {
	for iterator != nil {
		out, err := c.client.GetRecords(ctx, &kinesissdk.GetRecordsInput{ShardIterator: iterator})
		require.NoError(t, err)
		for _, r := range out.Records {
			n, err := strconv.Atoi(string(r.Data))
			require.NoError(t, err)
			require.Equal(t, c.last[*r.PartitionKey]+1, n, *r.PartitionKey)
			c.last[*r.PartitionKey] = n
			c.total++
		}
		iterator = out.NextShardIterator
		if iterator != nil && *out.MillisBehindLatest == 0 && ctx.Value(drained{}) != nil {
			return
		}
	}
	c.ended[shard] = true
}

// drained is set in the context of the last round, in which no more records come.
type drained struct{}

func TestAConsumerWithAWSsSDKGetsEachRecordOnceAndInOrderOverAResharding(t *testing.T) {
	_, writer := streamClient(t, 2)
	_, err := writer.DescribeStream(t.Context(), &kinesissdk.DescribeStreamInput{StreamName: events})
	require.NoError(t, err)
	const keys, rounds = 10, 30
	put := func(round int) {
		entries := make([]types.PutRecordsRequestEntry, keys)
		for key := range entries {
			entries[key] = types.PutRecordsRequestEntry{PartitionKey: sdk.String(fmt.Sprint("key", key)), Data: []byte(strconv.Itoa(round))}
		}
		out, err := writer.PutRecords(t.Context(), &kinesissdk.PutRecordsInput{StreamName: events, Records: entries})
		require.NoError(t, err)
		require.Zero(t, *out.FailedRecordCount)
	}
	for round := 1; round <= rounds; round++ {
		put(round)
		target := map[int]int32{10: 3, 20: 2}[round]
		if target > 0 {
			_, err := writer.UpdateShardCount(t.Context(), &kinesissdk.UpdateShardCountInput{StreamName: events, TargetShardCount: &target, ScalingType: types.ScalingTypeUniformScaling})
			require.NoError(t, err)
			put(round + 1)
			round++
			awaitStream(t, writer)
		}
	}
	c := &consumer{client: writer, seen: map[string]bool{}, ended: map[string]bool{}, last: map[string]int{}}
	ctx := context.WithValue(t.Context(), drained{}, true)
	for range 6 { // generations of shards
		c.read(ctx, t)
	}
	assert.Equal(t, keys*rounds, c.total)
}

// Java's SDK speaks CBOR 1.1 to Kinesis.
func TestRecordsArePutAndReadInCBOR(t *testing.T) {
	c, _ := streamClient(t, 1)
	call := func(action string, in map[string]any) (out map[string]any) {
		body, err := cbor.Marshal(in)
		require.NoError(t, err)
		r, err := http.NewRequest("POST", c.URL(), bytes.NewReader(body))
		require.NoError(t, err)
		r.Header.Set("Content-Type", "application/x-amz-cbor-1.1")
		r.Header.Set("X-Amz-Target", "Kinesis_20131202."+action)
		require.NoError(t, v4.NewSigner().SignHTTP(t.Context(), sdk.Credentials{AccessKeyID: DefaultAccessKey.ID, SecretAccessKey: DefaultAccessKey.Secret},
			r, sigv4.Hash(body), "kinesis", c.Account.Region, time.Now()))
		response, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		defer response.Body.Close()
		require.NoError(t, cbor.NewDecoder(response.Body).Decode(&out))
		require.Equal(t, 200, response.StatusCode, out)
		assert.Equal(t, "application/x-amz-cbor-1.1", response.Header.Get("Content-Type"))
		return out
	}
	put := call("PutRecord", map[string]any{"StreamName": "events", "PartitionKey": "k", "Data": []byte("\x00\xff")})
	assert.Equal(t, "shardId-000000000000", put["ShardId"])
	iterator := call("GetShardIterator", map[string]any{"StreamName": "events", "ShardId": "shardId-000000000000", "ShardIteratorType": "TRIM_HORIZON"})
	got := call("GetRecords", map[string]any{"ShardIterator": iterator["ShardIterator"]})
	record := got["Records"].([]any)[0].(map[any]any)
	assert.Equal(t, []byte("\x00\xff"), record["Data"])
	assert.Equal(t, put["SequenceNumber"], record["SequenceNumber"])
	assert.InDelta(t, time.Now().UnixMilli(), record["ApproximateArrivalTimestamp"], 60000)
}

// subscriptionTo is the stream of events of a consumer that begins at the start of a shard.
func subscriptionTo(t *testing.T, client *kinesissdk.Client, consumer *string, shard string) (*kinesissdk.SubscribeToShardEventStream, error) {
	t.Helper()
	out, err := client.SubscribeToShard(t.Context(), &kinesissdk.SubscribeToShardInput{
		ConsumerARN: consumer, ShardId: &shard, StartingPosition: &types.StartingPosition{Type: types.ShardIteratorTypeTrimHorizon},
	})
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { _ = out.GetStream().Close() })
	return out.GetStream(), nil
}

// next is the next event, or nil at the end.
func next(t *testing.T, stream *kinesissdk.SubscribeToShardEventStream) *types.SubscribeToShardEvent {
	t.Helper()
	select {
	case event, ok := <-stream.Events():
		if !ok {
			require.NoError(t, stream.Err())
			return nil
		}
		return &event.(*types.SubscribeToShardEventStreamMemberSubscribeToShardEvent).Value
	case <-time.After(time.Minute):
		require.FailNow(t, "no event")
		return nil
	}
}

func TestARegisteredConsumerGetsRecordsAsTheyCome(t *testing.T) {
	c, client := streamClient(t, 1)
	registered, err := client.RegisterStreamConsumer(t.Context(), &kinesissdk.RegisterStreamConsumerInput{
		StreamARN: sdk.String("arn:aws:kinesis:ap-northeast-2:123456789012:stream/events"), ConsumerName: sdk.String("c"),
	})
	require.NoError(t, err)
	consumer := registered.Consumer.ConsumerARN
	_, err = subscriptionTo(t, client, consumer, "shardId-000000000000")
	wantError(t, err, "ResourceInUseException", "is not ACTIVE, instead in state CREATING")
	require.Eventually(t, func() bool {
		d, err := client.DescribeStreamConsumer(t.Context(), &kinesissdk.DescribeStreamConsumerInput{ConsumerARN: consumer})
		return err == nil && d.ConsumerDescription.ConsumerStatus == types.ConsumerStatusActive
	}, time.Minute, 50*time.Millisecond)
	put := func(data string) string {
		out, err := client.PutRecord(t.Context(), &kinesissdk.PutRecordInput{StreamName: events, PartitionKey: sdk.String("k"), Data: []byte(data)})
		require.NoError(t, err)
		return *out.SequenceNumber
	}
	first := put("1")
	stream, err := subscriptionTo(t, client, consumer, "shardId-000000000000")
	require.NoError(t, err)
	event := next(t, stream)
	require.Len(t, event.Records, 1)
	assert.Equal(t, "1", string(event.Records[0].Data))
	assert.Equal(t, first, *event.ContinuationSequenceNumber)
	_, err = subscriptionTo(t, client, consumer, "shardId-000000000000")
	wantError(t, err, "ResourceInUseException", "Another active subscription exists for this consumer")
	put("2")
	event = next(t, stream)
	require.Len(t, event.Records, 1)
	assert.Equal(t, "2", string(event.Records[0].Data))

	_, err = client.UpdateShardCount(t.Context(), &kinesissdk.UpdateShardCountInput{StreamName: events, TargetShardCount: sdk.Int32(2), ScalingType: types.ScalingTypeUniformScaling})
	require.NoError(t, err)
	awaitStream(t, client)
	put("3")
	for event = next(t, stream); len(event.ChildShards) == 0; event = next(t, stream) {
		require.Empty(t, event.Records)
	}
	assert.Nil(t, event.ContinuationSequenceNumber)
	assert.Len(t, event.ChildShards, 2)
	assert.Nil(t, next(t, stream), "the shard has ended")

	for _, child := range event.ChildShards {
		_, err = subscriptionTo(t, client, consumer, *child.ShardId)
		require.NoError(t, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	require.NoError(t, c.Close(ctx), "a subscription does not hold up the end")
}
