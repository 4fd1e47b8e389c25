package kinesis

import (
	"bytes"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAnIteratorOfEachTypeBeginsAtItsPlace(t *testing.T) {
	w := open(t, func(o *Options) { o.segmentBytes = 300 }) // a few records in a segment
	w.create(StreamConfig{ShardCount: 2})
	var numbers []string
	for i := range 10 {
		w.clock.Advance(time.Second)
		hash := "0"
		if i%2 == 1 {
			hash = maxHashKey.String()
		}
		var s stored
		w.ask("PutRecord", map[string]any{"StreamName": "events", "PartitionKey": "k", "ExplicitHashKey": hash, "Data": []byte(fmt.Sprint(i))}, &s)
		numbers = append(numbers, s.SequenceNumber)
	}
	const shard = "shardId-000000000000"
	for name, c := range map[string]struct {
		iterator string
		want     []string
	}{
		"TRIM_HORIZON":               {w.iterator(shard, "TRIM_HORIZON"), []string{"0", "2", "4", "6", "8"}},
		"LATEST":                     {w.iterator(shard, "LATEST"), []string{}},
		"AT_SEQUENCE_NUMBER":         {w.iterator(shard, "AT_SEQUENCE_NUMBER", "StartingSequenceNumber", numbers[4]), []string{"4", "6", "8"}},
		"AFTER_SEQUENCE_NUMBER":      {w.iterator(shard, "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber", numbers[4]), []string{"6", "8"}},
		"after the last":             {w.iterator(shard, "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber", numbers[8]), []string{}},
		"AT_TIMESTAMP":               {w.iterator(shard, "AT_TIMESTAMP", "Timestamp", noon.Unix()+6), []string{"6", "8"}},
		"AT_TIMESTAMP of a record":   {w.iterator(shard, "AT_TIMESTAMP", "Timestamp", noon.Unix()+7), []string{"6", "8"}},
		"AT_TIMESTAMP of the start":  {w.iterator(shard, "AT_TIMESTAMP", "Timestamp", 0.001), []string{"0", "2", "4", "6", "8"}},
		"the start of the shard":     {w.iterator(shard, "AT_SEQUENCE_NUMBER", "StartingSequenceNumber", w.describe().StreamDescription.Shards[0].SequenceNumberRange.StartingSequenceNumber), []string{"0", "2", "4", "6", "8"}},
		"a number of another shard,": {w.iterator("shardId-000000000001", "AT_SEQUENCE_NUMBER", "StartingSequenceNumber", numbers[5]), []string{"5", "7", "9"}},
	} {
		w.clock.Advance(time.Second) // for the limit of calls
		g := w.get(c.iterator)
		assert.Equal(t, c.want, g.data(), name)
		assert.Zero(t, g.MillisBehindLatest, name)
		assert.NotEmpty(t, g.NextShardIterator, name)
	}
	w.refuses("GetShardIterator", `{"StreamName":"events","ShardId":"shardId-0","ShardIteratorType":"AT_SEQUENCE_NUMBER","StartingSequenceNumber":"`+numbers[5]+`"}`,
		"InvalidArgumentException", "Invalid StartingSequenceNumber. It encodes shardId-000000000001, while it was used in a call to a shard with shardId-000000000000")
}

func TestAConsumerReadsOnWhereItWas(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{})
	iterator := w.iterator("shardId-0", "LATEST")
	w.put("a", "1")
	w.put("b", "2")
	var g got
	w.ask("GetRecords", map[string]any{"ShardIterator": iterator, "Limit": 1}, &g)
	assert.Equal(t, []string{"1"}, g.data())
	w.clock.Advance(1500 * time.Millisecond)
	w.restart(nil)
	w.ask("GetRecords", map[string]any{"ShardIterator": g.NextShardIterator}, &g)
	assert.Equal(t, []string{"2"}, g.data())
	assert.Equal(t, "b", g.Records[0].PartitionKey)
	assert.InDelta(t, float64(noon.UnixMilli())/1000, g.Records[0].ApproximateArrivalTimestamp, 0)
	w.put("c", "3")
	again := w.get(g.NextShardIterator)
	assert.Equal(t, []string{"3"}, again.data())
	assert.Equal(t, []string{"3"}, w.get(g.NextShardIterator).data(), "an iterator can be used again")
}

func TestMillisBehindLatestIsTheAgeOfWhatIsLeft(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{})
	iterator := w.iterator("shardId-0", "TRIM_HORIZON")
	w.put("a", "1")
	w.clock.Advance(time.Minute)
	w.put("a", "2")
	w.clock.Advance(time.Second)
	var g got
	w.ask("GetRecords", map[string]any{"ShardIterator": iterator, "Limit": 1}, &g)
	assert.Equal(t, int64(61000), g.MillisBehindLatest)
	g = w.get(g.NextShardIterator)
	assert.Zero(t, g.MillisBehindLatest)
}

func TestAnIteratorIsGoodForFiveMinutesAndItsOwnStream(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{})
	w.create(StreamConfig{Name: "other"})
	iterator := w.iterator("shardId-0", "LATEST")
	assert.Len(t, iterator, 204)
	w.refuses("GetRecords", `{"ShardIterator":"`+iterator+`","StreamARN":"`+strings.Replace(streamARN, "events", "other", 1)+`"}`,
		"InvalidArgumentException", "The ShardIterator is not one of the stream "+strings.Replace(streamARN, "events", "other", 1)+".")
	for i := 0; i < len(iterator); i += 7 {
		changed := []byte(iterator)
		changed[i] ^= 1
		status, response := w.send("GetRecords", `{"ShardIterator":"`+string(changed)+`"}`)
		require.Equal(t, 400, status, i)
		require.Contains(t, response, "Invalid ShardIterator.", i)
	}
	w.clock.Advance(5 * time.Minute)
	w.get(iterator)
	w.clock.Advance(time.Second)
	w.refuses("GetRecords", `{"ShardIterator":"`+iterator+`"}`, "ExpiredIteratorException", "Iterator expired. The iterator was created at time "+
		"Wed Mar 04 12:00:00 UTC 2026 while right now it is Wed Mar 04 12:05:01 UTC 2026 which is further in the future than the tolerated delay of 300000 milliseconds.")

	// recorded (mhart/kinesalite test/getRecords.js)
	iterator = w.iterator("shardId-0", "LATEST")
	require.NoError(t, w.DeleteStream("events"))
	w.refuses("GetRecords", `{"ShardIterator":"`+iterator+`"}`, "ResourceNotFoundException", "Shard shardId-000000000000 in stream events under account 123456789012 does not exist")
	w.create(StreamConfig{})
	assert.Empty(t, w.get(iterator).Records)
}

func TestAShardIsReadFiveTimesASecond(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{ShardCount: 2})
	first, second := w.iterator("shardId-0", "LATEST"), w.iterator("shardId-1", "LATEST")
	for range shardReadsPerSecond {
		w.get(first)
	}
	w.refuses("GetRecords", `{"ShardIterator":"`+first+`"}`, "ProvisionedThroughputExceededException",
		"Rate exceeded for shard shardId-000000000000 in stream events under account 123456789012.")
	w.get(second)
	w.clock.Advance(200 * time.Millisecond)
	w.get(first)
}

func TestTenMegabytesReadAtOnceAreEarnedBeforeTheNextCall(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{})
	data := bytes.Repeat([]byte("x"), 1<<20-1)
	for range 12 {
		w.ask("PutRecord", map[string]any{"StreamName": "events", "PartitionKey": "k", "Data": data}, nil)
		w.clock.Advance(time.Second)
	}
	g := w.get(w.iterator("shardId-0", "TRIM_HORIZON"))
	assert.Len(t, g.Records, 10)
	assert.Positive(t, g.MillisBehindLatest)
	w.clock.Advance(3500 * time.Millisecond)
	w.refuses("GetRecords", `{"ShardIterator":"`+g.NextShardIterator+`"}`, "ProvisionedThroughputExceededException",
		"Rate exceeded for shard shardId-000000000000 in stream events under account 123456789012.")
	w.clock.Advance(time.Second)
	assert.Len(t, w.get(g.NextShardIterator).Records, 2)
}

func TestAClosedShardEndsAndNamesItsChildren(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{ShardCount: 2})
	w.put("a", "1")
	iterators := []string{w.iterator("shardId-0", "TRIM_HORIZON"), w.iterator("shardId-1", "TRIM_HORIZON")}
	w.ask("MergeShards", map[string]any{"StreamName": "events", "ShardToMerge": "0", "AdjacentShardToMerge": "1"}, nil)
	w.settle()
	w.put("b", "2")
	var data []string
	for _, iterator := range iterators {
		g := w.get(iterator)
		data = append(data, g.data()...)
		assert.Empty(t, g.NextShardIterator)
		assert.Equal(t, []childShard{{"shardId-000000000002", []string{"shardId-000000000000", "shardId-000000000001"}, hashKeyRange{"0", maxHashKey.String()}}}, g.ChildShards)
	}
	assert.Equal(t, []string{"1"}, data)
	g := w.get(w.iterator("shardId-2", "TRIM_HORIZON"))
	assert.Equal(t, []string{"2"}, g.data())
	assert.NotEmpty(t, g.NextShardIterator)
	assert.Empty(t, w.get(w.iterator("shardId-0", "LATEST")).NextShardIterator, "behind the end of a closed shard is nothing")
}

func TestShardsAreFiltered(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{ShardCount: 1})
	split := func(shard, key string) {
		w.clock.Advance(time.Hour)
		w.ask("SplitShard", map[string]any{"StreamName": "events", "ShardToSplit": shard, "NewStartingHashKey": key}, nil)
		w.settle()
	}
	split("0", "100") // at 13:00 into 1 and 2
	split("1", "50")  // at 14:00 into 3 and 4
	w.clock.Advance(time.Hour)
	list := func(more map[string]any) (ids []string) {
		in := map[string]any{"StreamName": "events"}
		for name, value := range more {
			in[name] = value
		}
		var out listShardsOutput
		w.ask("ListShards", in, &out)
		for _, shard := range out.Shards {
			ids = append(ids, strings.TrimPrefix(shard.ShardId, "shardId-00000000000"))
		}
		return ids
	}
	filter := func(kind string, more ...any) map[string]any {
		f := map[string]any{"Type": kind}
		for i := 0; i < len(more); i += 2 {
			f[more[i].(string)] = more[i+1]
		}
		return map[string]any{"ShardFilter": f}
	}
	at := func(hours float64) float64 { return float64(noon.Unix()) + hours*3600 }
	for name, c := range map[string]struct {
		in   map[string]any
		want []string
	}{
		"all":               {nil, []string{"0", "1", "2", "3", "4"}},
		"AT_LATEST":         {filter("AT_LATEST"), []string{"2", "3", "4"}},
		"AT_TRIM_HORIZON":   {filter("AT_TRIM_HORIZON"), []string{"0"}},
		"FROM_TRIM_HORIZON": {filter("FROM_TRIM_HORIZON"), []string{"0", "1", "2", "3", "4"}},
		"AT_TIMESTAMP":      {filter("AT_TIMESTAMP", "Timestamp", at(1.5)), []string{"1", "2"}},
		"FROM_TIMESTAMP":    {filter("FROM_TIMESTAMP", "Timestamp", at(1.5)), []string{"1", "2", "3", "4"}},
		"AFTER_SHARD_ID":    {filter("AFTER_SHARD_ID", "ShardId", "shardId-000000000002"), []string{"3", "4"}},
		"after one":         {map[string]any{"ExclusiveStartShardId": "shardId-000000000001"}, []string{"2", "3", "4"}},
	} {
		assert.Equal(t, c.want, list(c.in), name)
	}
	w.clock.Advance(22 * time.Hour)
	assert.Equal(t, []string{"1", "2", "3", "4"}, list(nil), "a shard without a record that can be read is forgotten")
	assert.Equal(t, []string{"1", "2"}, list(filter("AT_TRIM_HORIZON")))

	var page listShardsOutput
	w.ask("ListShards", map[string]any{"StreamName": "events", "MaxResults": 3}, &page)
	assert.Len(t, page.Shards, 3)
	w.ask("ListShards", map[string]any{"NextToken": *page.NextToken}, &page)
	assert.Len(t, page.Shards, 1)
	w.ask("ListShards", map[string]any{"StreamName": "events", "MaxResults": 3}, &page)
	w.clock.Advance(5*time.Minute + time.Second)
	w.refuses("ListShards", `{"NextToken":"`+*page.NextToken+`"}`, "ExpiredNextTokenException", "NextToken has expired.")
	w.refuses("ListShards", `{"NextToken":"x"}`, "InvalidArgumentException", "NextToken x is not valid.")
	w.refuses("ListShards", `{"StreamName":"events","ShardFilter":{"Type":"AT_TIMESTAMP"}}`, "InvalidArgumentException", "Timestamp must be specified for the shard filter type AT_TIMESTAMP.")
}

// A consumer lists the shards, reads each to its end, and goes on with its children.
func TestAConsumerGetsEachRecordOnceAndInOrderWhileShardsAreSplitAndMerged(t *testing.T) {
	w := open(t, func(o *Options) { o.segmentBytes = 4096 })
	w.create(StreamConfig{ShardCount: 2})
	const keys, rounds = 20, 60
	last, total := map[string]int{}, 0
	reading, ended := map[string]string{}, map[string]bool{} // iterator by shard
	for _, shard := range w.describe().StreamDescription.Shards {
		reading[shard.ShardId] = w.iterator(shard.ShardId, "TRIM_HORIZON")
	}
	read := func() {
		w.clock.Advance(time.Second)
		for shard, iterator := range reading {
			g := w.get(iterator)
			for _, r := range g.Records {
				var n int
				_, err := fmt.Sscan(string(r.Data), &n)
				require.NoError(t, err)
				require.Equal(t, last[r.PartitionKey]+1, n, r.PartitionKey)
				last[r.PartitionKey] = n
				total++
			}
			reading[shard] = g.NextShardIterator
			if g.NextShardIterator == "" {
				delete(reading, shard)
				ended[shard] = true
			}
			for _, child := range g.ChildShards {
				// Of two parents the one that is read to its end last begins the child.
				parentsRead := true
				for _, parent := range child.ParentShards {
					parentsRead = parentsRead && ended[parent]
				}
				if parentsRead {
					reading[child.ShardId] = w.iterator(child.ShardId, "TRIM_HORIZON")
				}
			}
		}
	}
	for round := 1; round <= rounds; round++ {
		for key := range keys {
			w.put(fmt.Sprint("key", key), fmt.Sprint(round))
		}
		switch round {
		case 10, 30:
			w.ask("UpdateShardCount", map[string]any{"StreamName": "events", "TargetShardCount": 4, "ScalingType": "UNIFORM_SCALING"}, nil)
		case 20:
			w.ask("UpdateShardCount", map[string]any{"StreamName": "events", "TargetShardCount": 3, "ScalingType": "UNIFORM_SCALING"}, nil)
		case 40:
			w.ask("UpdateShardCount", map[string]any{"StreamName": "events", "TargetShardCount": 2, "ScalingType": "UNIFORM_SCALING"}, nil)
		}
		if round%3 == 0 {
			read()
		}
		w.clock.Advance(time.Second)
	}
	for range 20 {
		read()
	}
	assert.Equal(t, keys*rounds, total)
}

func TestATimestampIsWhereAnIteratorBeginsWhateverTheClockDoesAfterIt(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{})
	w.put("a", "1")
	w.clock.Advance(10 * time.Second)
	w.put("a", "2")
	iterator := w.iterator("shardId-0", "AT_TIMESTAMP", "Timestamp", noon.Unix()+10)
	w.clock.Advance(-5 * time.Second)
	w.put("a", "3")
	w.clock.Advance(5 * time.Second)
	assert.Equal(t, []string{"2", "3"}, w.get(iterator).data())
}

// The records of a closed shard that are not on disk yet come before its end.
func TestAClosedShardDoesNotEndBeforeItsLastRecordIsOnDisk(t *testing.T) {
	disk, slow := &faults{}, &atomic.Bool{}
	release, waiting := make(chan struct{}), make(chan struct{}, 10)
	disk.File = func(_ string, f File) File { return slowFile{f, slow, waiting, release} }
	w := open(t, func(o *Options) { o.fileSystem = disk })
	w.create(StreamConfig{})
	iterator := w.iterator("shardId-0", "TRIM_HORIZON")
	slow.Store(true)
	stored := make(chan struct{})
	go func() {
		defer close(stored)
		w.Call(t.Context(), w.caller, "PutRecord", putBody("a", []byte("1")))
	}()
	<-waiting
	slow.Store(false)
	require.NoError(t, w.UpdateStream(StreamConfig{Name: "events", ShardCount: 2}))
	g := w.get(iterator)
	assert.Empty(t, g.data())
	assert.NotEmpty(t, g.NextShardIterator, "there is a record to come")
	close(release)
	<-stored
	g = w.get(g.NextShardIterator)
	assert.Equal(t, []string{"1"}, g.data())
	assert.Empty(t, g.NextShardIterator)
	assert.Len(t, g.ChildShards, 2)
}

// slowFile has a sync wait until it is released.
type slowFile struct {
	File
	slow             *atomic.Bool
	waiting, release chan struct{}
}

func (f slowFile) Sync() error {
	if f.slow.Load() {
		f.waiting <- struct{}{}
		<-f.release
	}
	return f.File.Sync()
}
