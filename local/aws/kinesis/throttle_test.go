package kinesis

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// keyFor is a partition key that goes to the n-th open shard.
func (w *fixture) keyFor(n int) string {
	w.t.Helper()
	_, open := w.find("events").snapshot()
	for i := 0; ; i++ {
		key := fmt.Sprint("key", i)
		if shardFor(open, hashOf([]byte(key))) == open[n] {
			return key
		}
	}
}

func (w *fixture) putThrottled(key, data string) failure {
	w.t.Helper()
	status, f := w.callError("PutRecord", putBody(key, []byte(data)))
	require.Equal(w.t, 400, status)
	require.Equal(w.t, "ProvisionedThroughputExceededException", f.Type)
	return f
}

// fill puts n empty records, in batches; each key is used in turn.
func (w *fixture) fill(n int, keys ...string) {
	w.t.Helper()
	for done := 0; done < n; {
		var records []string
		for ; len(records) < 500 && done < n; done++ {
			records = append(records, fmt.Sprintf(`{"PartitionKey":%q,"Data":""}`, keys[done%len(keys)]))
		}
		status, response := w.call("PutRecords", []byte(`{"StreamName":"events","Records":[`+strings.Join(records, ",")+`]}`))
		require.Equal(w.t, 200, status)
		require.Contains(w.t, string(response), `"FailedRecordCount":0`)
	}
}

func TestARecordOverTheShardLimitIsThrottled(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{ShardCount: 2})
	first, second := w.keyFor(0), w.keyFor(1)
	w.fill(1000, first)
	f := w.putThrottled(first, "")
	assert.Equal(t, "Rate exceeded for shard shardId-000000000000 in stream events under account 123456789012.", f.Message)
	w.put(second, "") // the other shard has its own limit
	w.clock.Advance(time.Millisecond)
	w.put(first, "")
	w.putThrottled(first, "")
	w.clock.Advance(time.Second)
	w.fill(1000, first)
	w.putThrottled(first, "")
	assert.Len(t, w.all(), 2002, "what was throttled is not stored")
}

func TestBytesOverTheShardLimitAreThrottledKeysIncluded(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{})
	half := strings.Repeat("x", 1<<19-4)
	w.put("half", half)
	w.putThrottled("half1", half) // one byte too many
	w.put("half", half)
	w.putThrottled("a", "")
	w.clock.Advance(500 * time.Millisecond)
	w.put("half", half)
	w.putThrottled("a", "")
}

func TestABatchFailsRecordByRecordAndInItsOrder(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{ShardCount: 2})
	full, free := w.keyFor(0), w.keyFor(1)
	w.fill(998, full)
	var records []string
	for i, key := range []string{full, free, full, full, free, full} {
		records = append(records, fmt.Sprintf(`{"PartitionKey":%q,"Data":%q}`, key, base64Of(fmt.Sprint(i))))
	}
	status, response := w.call("PutRecords", []byte(`{"StreamName":"events","Records":[`+strings.Join(records, ",")+`]}`))
	require.Equal(t, 200, status)
	var answer struct {
		FailedRecordCount int
		Records           []struct{ SequenceNumber, ShardId, ErrorCode, ErrorMessage string }
	}
	require.NoError(t, json.Unmarshal(response, &answer))
	assert.Equal(t, 2, answer.FailedRecordCount)
	require.Len(t, answer.Records, 6)
	for i, r := range answer.Records {
		if i == 3 || i == 5 {
			assert.Equal(t, "ProvisionedThroughputExceededException", r.ErrorCode)
			assert.Equal(t, "Rate exceeded for shard shardId-000000000000 in stream events under account 123456789012.", r.ErrorMessage)
			assert.Empty(t, r.SequenceNumber)
			continue
		}
		assert.Empty(t, r.ErrorCode)
		assert.NotEmpty(t, r.SequenceNumber)
		assert.Equal(t, map[bool]string{true: "shardId-000000000001", false: "shardId-000000000000"}[i == 1 || i == 4], r.ShardId)
	}
	stored := w.all()
	assert.Equal(t, []string{"0", "2", "1", "4"}, stored[998:])
}

func TestRecordsOfABatchAreNumberedConsecutivelyForEachShard(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{ShardCount: 2})
	first, second := w.keyFor(0), w.keyFor(1)
	var records []string
	for _, key := range []string{first, second, second, first, first, second} {
		records = append(records, fmt.Sprintf(`{"PartitionKey":%q,"Data":""}`, key))
	}
	_, response := w.call("PutRecords", []byte(`{"StreamName":"events","Records":[`+strings.Join(records, ",")+`]}`))
	var answer struct {
		Records []struct{ SequenceNumber string }
	}
	require.NoError(t, json.Unmarshal(response, &answer))
	var indexes []uint64
	for _, r := range answer.Records {
		n, ok := new(big.Int).SetString(r.SequenceNumber, 10)
		require.True(t, ok)
		index, err := strconv.ParseUint(n.Text(16)[11:27], 16, 64)
		require.NoError(t, err)
		indexes = append(indexes, index)
	}
	i := indexes[0]
	assert.Equal(t, []uint64{i, i + 3, i + 4, i + 1, i + 2, i + 5}, indexes)
}

func TestABatchThatIsThrottledWholeIsStillA200(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{})
	w.fill(1000, "a")
	status, response := w.call("PutRecords", batchBody("a", "b"))
	assert.Equal(t, 200, status)
	assert.Contains(t, string(response), `"FailedRecordCount":2`)
}

func TestAnOnDemandStreamStartsWithFourThousandRecordsASecond(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{Mode: ModeOnDemand})
	d, err := w.DescribeStream("events")
	require.NoError(t, err)
	assert.Equal(t, 4, d.OpenShardCount)
	w.fill(4000, "a", "b", "c", "d")
	w.putThrottled("one more", "")
	w.clock.Advance(time.Millisecond)
	w.fill(4, "a", "b", "c", "d")
	w.putThrottled("one more", "")
}

func TestAnOnDemandStreamStartsWithFourMiBASecond(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{Mode: ModeOnDemand})
	for i := range 4 {
		w.put(fmt.Sprint(i), strings.Repeat("x", 1<<20-1))
	}
	w.putThrottled("x", "")
}

func TestOneKeyOfAnOnDemandStreamHasTheShareOfAShard(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{Mode: ModeOnDemand})
	for second := range 4 { // its share is remembered from second to second
		w.fill(1000, "hot")
		w.putThrottled("hot", "")
		w.put("cold", "")
		w.clock.Advance(time.Second)
		if second%2 == 1 {
			w.clock.Advance(time.Minute)
		}
	}
	w.clock.Advance(time.Hour)
	w.put("big", strings.Repeat("x", 1<<20-3))
	w.putThrottled("big", "")
	w.put("cold", "")
	assert.LessOrEqual(t, len(w.find("events").onDemand.keys)+len(w.find("events").onDemand.earlier), 2,
		"only the keys of the last seconds are remembered")
}

func TestAnOnDemandStreamGrowsToTwiceItsPeak(t *testing.T) {
	o := newOnDemand(1)
	now := noon
	var keys int
	second := func(quarterMiB int) (taken int) {
		now = now.Add(time.Second)
		for range quarterMiB {
			keys++
			if o.allow(now, hashKey{low: uint64(keys)}, 1<<18) {
				taken++
			}
		}
		return taken
	}
	for range 16 * 60 { // 15 minutes at 3 MiB a second, and one to count the last
		require.Equal(t, 12, second(12))
	}
	assert.Equal(t, 4*8, second(100), "twice the peak, in steps of 4 MiB")
	for range 15 * 60 {
		second(4 * 8)
	}
	assert.Equal(t, 4*16, second(100), "and twice that")
	for range 60 * 60 {
		second(1)
	}
	assert.Equal(t, 4*16, second(100), "it does not shrink")
}
