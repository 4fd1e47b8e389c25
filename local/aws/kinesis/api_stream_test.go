package kinesis

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAStreamIsCreatingThenActiveThenDeletingThenGone(t *testing.T) {
	w := open(t, nil)
	w.ask("CreateStream", map[string]any{"StreamName": "events", "ShardCount": 2}, nil)
	d := w.describe().StreamDescription
	assert.Equal(t, "CREATING", d.StreamStatus)
	assert.Empty(t, d.Shards)
	w.refuses("PutRecord", `{"StreamName":"events","Data":"","PartitionKey":"a"}`, "ResourceNotFoundException", "Stream events under account 123456789012 not found.")
	w.refuses("CreateStream", `{"StreamName":"events","ShardCount":1}`, "ResourceInUseException", "Stream events under account 123456789012 already exists.")
	w.refuses("UpdateShardCount", `{"StreamName":"events","TargetShardCount":3,"ScalingType":"UNIFORM_SCALING"}`, "ResourceInUseException",
		"Stream events under account 123456789012 not ACTIVE, instead in state CREATING")
	w.clock.Advance(changeMillis*time.Millisecond - 1)
	assert.Equal(t, "CREATING", w.describe().StreamDescription.StreamStatus)
	w.restart(nil)
	w.settle()
	assert.Len(t, w.describe().StreamDescription.Shards, 2)
	w.put("a", "x")

	w.ask("DeleteStream", map[string]any{"StreamName": "events"}, nil)
	assert.Equal(t, "DELETING", w.describe().StreamDescription.StreamStatus)
	w.refuses("PutRecord", `{"StreamName":"events","Data":"","PartitionKey":"a"}`, "ResourceNotFoundException", "Stream events under account 123456789012 not found.")
	w.restart(nil)
	w.clock.Advance(changeMillis * time.Millisecond)
	w.refuses("DescribeStream", `{"StreamName":"events"}`, "ResourceNotFoundException", "Stream events under account 123456789012 not found.")
}

func TestAChangeTakesEffectWhenTheStreamIsActiveAgain(t *testing.T) {
	for name, c := range map[string]struct {
		action string
		in     map[string]any
		during func(*testing.T, described)
		after  func(*testing.T, described)
	}{
		"split": {"SplitShard", map[string]any{"ShardToSplit": "any-0", "NewStartingHashKey": "2"}, nil, func(t *testing.T, d described) {
			require.Len(t, d.StreamDescription.Shards, 4)
			parent, left, right := d.StreamDescription.Shards[0], d.StreamDescription.Shards[2], d.StreamDescription.Shards[3]
			assert.NotNil(t, parent.SequenceNumberRange.EndingSequenceNumber)
			assert.Equal(t, hashKeyRange{"0", "1"}, left.HashKeyRange)
			assert.Equal(t, "2", right.HashKeyRange.StartingHashKey)
			assert.Equal(t, "shardId-000000000000", *left.ParentShardId)
			assert.Equal(t, "shardId-000000000000", *right.ParentShardId)
		}},
		"merge": {"MergeShards", map[string]any{"ShardToMerge": "shardId-000000000000", "AdjacentShardToMerge": "shardId-000000000001"}, nil, func(t *testing.T, d described) {
			require.Len(t, d.StreamDescription.Shards, 3)
			merged := d.StreamDescription.Shards[2]
			assert.Equal(t, hashKeyRange{"0", "340282366920938463463374607431768211455"}, merged.HashKeyRange)
			assert.Equal(t, "shardId-000000000000", *merged.ParentShardId)
			assert.Equal(t, "shardId-000000000001", *merged.AdjacentParentShardId)
		}},
		"shard count": {"UpdateShardCount", map[string]any{"TargetShardCount": 4, "ScalingType": "UNIFORM_SCALING"}, nil, func(t *testing.T, d described) {
			assert.Len(t, d.StreamDescription.Shards, 6)
		}},
		"mode": {"UpdateStreamMode", map[string]any{"StreamARN": streamARN, "StreamModeDetails": map[string]any{"StreamMode": "ON_DEMAND"}}, nil, func(t *testing.T, d described) {
			assert.Equal(t, "ON_DEMAND", d.StreamDescription.StreamModeDetails.StreamMode)
		}},
		"encryption": {"StartStreamEncryption", map[string]any{"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}, nil, func(t *testing.T, d described) {
			assert.Equal(t, "KMS", d.StreamDescription.EncryptionType)
			assert.Equal(t, "alias/aws/kinesis", d.StreamDescription.KeyId)
		}},
		"retention": {"IncreaseStreamRetentionPeriod", map[string]any{"RetentionPeriodHours": 48}, nil, func(t *testing.T, d described) {
			assert.Equal(t, 48, d.StreamDescription.RetentionPeriodHours)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t, nil)
			w.create(StreamConfig{ShardCount: 2})
			if c.in["StreamARN"] == nil {
				c.in["StreamName"] = "events"
			}
			w.ask(c.action, c.in, nil)
			during := w.describe()
			assert.Equal(t, "UPDATING", during.StreamDescription.StreamStatus)
			assert.Len(t, during.StreamDescription.Shards, 2)
			w.put("a", "x")
			w.refuses("SplitShard", `{"StreamName":"events","ShardToSplit":"0","NewStartingHashKey":"5"}`, "ResourceInUseException",
				"Stream events under account 123456789012 not ACTIVE, instead in state UPDATING")
			w.restart(nil)
			w.settle()
			c.after(t, w.describe())
			w.restart(nil)
			c.after(t, w.describe())
		})
	}
}

func TestAClosedShardIsNotSplitOrMergedAgain(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{ShardCount: 2})
	w.ask("SplitShard", map[string]any{"StreamName": "events", "ShardToSplit": "0", "NewStartingHashKey": "5"}, nil)
	w.settle()
	const closed = "Shard shardId-000000000000 in stream events under account 123456789012 has already been merged or split, and thus is not eligible for merging or splitting."
	w.refuses("SplitShard", `{"StreamName":"events","ShardToSplit":"0","NewStartingHashKey":"5"}`, "InvalidArgumentException", closed)
	w.refuses("MergeShards", `{"StreamName":"events","ShardToMerge":"0","AdjacentShardToMerge":"1"}`, "InvalidArgumentException", closed)
}

func TestTheShardCountOfARequestIsLimitedAsByAWS(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{ShardCount: 2})
	w.refuses("UpdateShardCount", `{"StreamName":"events","TargetShardCount":5,"ScalingType":"UNIFORM_SCALING"}`, "LimitExceededException",
		"UpdateShardCount cannot scale up over double your current open shard count. Current open shard count: 2, Target shard count: 5")
	var out updateShardCountOutput
	for i := range maxShardCountUpdatesPerDay {
		w.ask("UpdateShardCount", map[string]any{"StreamName": "events", "TargetShardCount": 3 - i%2, "ScalingType": "UNIFORM_SCALING"}, &out)
		w.settle()
	}
	w.refuses("UpdateShardCount", `{"StreamName":"events","TargetShardCount":2,"ScalingType":"UNIFORM_SCALING"}`, "LimitExceededException",
		"UpdateShardCount was called 10 times in 24 hours on stream events, which is the limit.")
}

func TestStreamsAreListedInPages(t *testing.T) {
	w := open(t, nil)
	for i := range 5 {
		w.create(StreamConfig{Name: fmt.Sprint("s", i)})
	}
	var names []string
	in := map[string]any{"Limit": 2}
	for range 3 {
		var out listStreamsOutput
		w.ask("ListStreams", in, &out)
		names = append(names, out.StreamNames...)
		if !out.HasMoreStreams {
			break
		}
		in = map[string]any{"Limit": 2, "NextToken": *out.NextToken}
	}
	assert.Equal(t, []string{"s0", "s1", "s2", "s3", "s4"}, names)
	var out listStreamsOutput
	w.ask("ListStreams", map[string]any{"ExclusiveStartStreamName": "s3"}, &out)
	assert.Equal(t, []string{"s4"}, out.StreamNames)
	assert.Equal(t, "ACTIVE", out.StreamSummaries[0].StreamStatus)
}

func TestTagsAreAddedListedAndRemoved(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{})
	w.ask("AddTagsToStream", map[string]any{"StreamName": "events", "Tags": map[string]string{"a": "1", "b": "2", "c": ""}}, nil)
	w.ask("TagResource", map[string]any{"ResourceARN": streamARN, "Tags": map[string]string{"d": "4"}}, nil)
	w.ask("RemoveTagsFromStream", map[string]any{"StreamName": "events", "TagKeys": []string{"b", "x"}}, nil)
	w.restart(nil)
	var page listTagsOutput
	w.ask("ListTagsForStream", map[string]any{"StreamName": "events", "Limit": 2}, &page)
	assert.Equal(t, listTagsOutput{Tags: []tagOutput{{"a", "1"}, {"c", ""}}, HasMoreTags: true}, page)
	w.ask("ListTagsForStream", map[string]any{"StreamName": "events", "ExclusiveStartTagKey": "c"}, &page)
	assert.Equal(t, []tagOutput{{"d", "4"}}, page.Tags)
	w.ask("UntagResource", map[string]any{"ResourceARN": streamARN, "TagKeys": []string{"a", "c"}}, nil)
	var all listTagsForResourceOutput
	w.ask("ListTagsForResource", map[string]any{"ResourceARN": streamARN}, &all)
	assert.Equal(t, []tagOutput{{"d", "4"}}, all.Tags)
	many := map[string]string{}
	for i := range maxTags {
		many[fmt.Sprint("k", i)] = ""
	}
	status, response := w.send("AddTagsToStream", `{"StreamName":"events","Tags":`+string(quoteMap(many))+`}`)
	assert.Equal(t, 400, status)
	assert.Contains(t, response, "a given stream cannot have more than 10 tags associated with it.")
}

func TestConsumersAreRegisteredAndDeregistered(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{})
	var registered registerConsumerOutput
	w.ask("RegisterStreamConsumer", map[string]any{"StreamARN": streamARN, "ConsumerName": "c"}, &registered)
	assert.Equal(t, "CREATING", registered.Consumer.ConsumerStatus)
	assert.Equal(t, fmt.Sprintf("%s/consumer/c:%d", streamARN, noon.Unix()), registered.Consumer.ConsumerARN)
	w.refuses("RegisterStreamConsumer", `{"StreamARN":"`+streamARN+`","ConsumerName":"c"}`, "ResourceInUseException",
		"Consumer c under stream events already exists for account 123456789012.")
	w.restart(nil)
	w.clock.Advance(changeMillis * time.Millisecond)
	var d describeConsumerOutput
	w.ask("DescribeStreamConsumer", map[string]any{"ConsumerARN": registered.Consumer.ConsumerARN}, &d)
	assert.Equal(t, "ACTIVE", d.ConsumerDescription.ConsumerStatus)
	assert.Equal(t, streamARN, d.ConsumerDescription.StreamARN)
	status, response := w.send("DeleteStream", `{"StreamName":"events"}`)
	assert.Equal(t, 400, status)
	assert.Contains(t, response, "ResourceInUseException")

	w.ask("DeregisterStreamConsumer", map[string]any{"StreamARN": streamARN, "ConsumerName": "c"}, nil)
	w.ask("DescribeStreamConsumer", map[string]any{"StreamARN": streamARN, "ConsumerName": "c"}, &d)
	assert.Equal(t, "DELETING", d.ConsumerDescription.ConsumerStatus)
	w.clock.Advance(changeMillis * time.Millisecond)
	w.refuses("DescribeStreamConsumer", `{"StreamARN":"`+streamARN+`","ConsumerName":"c"}`, "ResourceNotFoundException",
		"Consumer c under stream events not found for account 123456789012.")
	for i := range maxConsumers {
		w.ask("RegisterStreamConsumer", map[string]any{"StreamARN": streamARN, "ConsumerName": fmt.Sprintf("c%02d", i)}, nil)
	}
	status, response = w.send("RegisterStreamConsumer", `{"StreamARN":"`+streamARN+`","ConsumerName":"one-more"}`)
	assert.Equal(t, 400, status)
	assert.Contains(t, response, "LimitExceededException")
	var page listConsumersOutput
	w.ask("ListStreamConsumers", map[string]any{"StreamARN": streamARN, "MaxResults": 15}, &page)
	assert.Len(t, page.Consumers, 15)
	w.ask("ListStreamConsumers", map[string]any{"StreamARN": streamARN, "NextToken": *page.NextToken}, &page)
	assert.Len(t, page.Consumers, 5)
	w.ask("DeleteStream", map[string]any{"StreamName": "events", "EnforceConsumerDeletion": true}, nil)
}

func TestAChangeTakesEffectAlthoughNobodyLooks(t *testing.T) {
	w := open(t, nil)
	w.ask("CreateStream", map[string]any{"StreamName": "events", "ShardCount": 1}, nil)
	w.clock.Advance(changeMillis * time.Millisecond)
	putTo := func(shard string) func() bool {
		return func() bool {
			status, response := w.send("PutRecord", `{"StreamName":"events","PartitionKey":"a","Data":""}`)
			return status == 200 && strings.Contains(response, shard)
		}
	}
	require.Eventually(t, putTo("shardId-000000000000"), 10*time.Second, time.Millisecond)
	w.ask("SplitShard", map[string]any{"StreamName": "events", "ShardToSplit": "0", "NewStartingHashKey": "2"}, nil)
	w.clock.Advance(changeMillis * time.Millisecond)
	require.Eventually(t, putTo("shardId-000000000002"), 10*time.Second, time.Millisecond)
	w.ask("DeleteStream", map[string]any{"StreamName": "events"}, nil)
	w.clock.Advance(changeMillis * time.Millisecond)
	require.Eventually(t, func() bool { return w.find("events") == nil }, 10*time.Second, time.Millisecond)
}
