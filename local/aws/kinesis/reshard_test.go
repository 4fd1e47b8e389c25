package kinesis

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// requireWhole checks that the open shards cover every hash key once.
func requireWhole(t *testing.T, open []*shard) {
	t.Helper()
	require.Equal(t, hashKey{}, open[0].Start)
	for i := range open[1:] {
		require.Equal(t, open[i].End.next(), open[i+1].Start)
	}
	require.Equal(t, maxHashKey, open[len(open)-1].End)
}

func TestRangesAreThoseThatAWSMakes(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{ShardCount: 3})
	d, err := w.DescribeStream("events")
	require.NoError(t, err)
	// recorded (mhart/kinesalite test/createStream.js)
	want := [][2]string{
		{"0", "113427455640312821154458202477256070484"},
		{"113427455640312821154458202477256070485", "226854911280625642308916404954512140969"},
		{"226854911280625642308916404954512140970", "340282366920938463463374607431768211455"},
	}
	difference, _ := new(big.Int).SetString("22300745198530623141535718272648361505980432", 10)
	var starts []*big.Int
	for i, s := range d.Shards {
		assert.Equal(t, fmt.Sprintf("shardId-00000000000%d", i), s.ID)
		assert.Equal(t, want[i][0], s.StartingHashKey)
		assert.Equal(t, want[i][1], s.EndingHashKey)
		assert.Len(t, s.StartingSequenceNumber, 56)
		assert.True(t, s.Open())
		start, ok := new(big.Int).SetString(s.StartingSequenceNumber, 10)
		require.True(t, ok)
		starts = append(starts, start)
	}
	assert.Equal(t, difference, new(big.Int).Sub(starts[1], starts[0]))
	assert.Equal(t, difference, new(big.Int).Sub(starts[2], starts[1]))
}

func TestAKeyGoesToTheShardOfItsMD5(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{ShardCount: 3})
	assert.Equal(t, "shardId-000000000000", w.put("a", "").ShardId) // 0cc175b9…
	assert.Equal(t, "shardId-000000000001", w.put("b", "").ShardId) // 92eb5ffe…
	assert.Equal(t, "shardId-000000000002", w.put("e", "").ShardId) // e1671797…
}

func TestAnExplicitHashKeyReplacesTheMD5(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{ShardCount: 3})
	for key, want := range map[string]string{
		"0": "shardId-000000000000",
		"113427455640312821154458202477256070484": "shardId-000000000000",
		"113427455640312821154458202477256070485": "shardId-000000000001",
		"226854911280625642308916404954512140969": "shardId-000000000001",
		"226854911280625642308916404954512140970": "shardId-000000000002",
		"340282366920938463463374607431768211455": "shardId-000000000002",
	} {
		_, response := w.call("PutRecord", []byte(`{"StreamName":"events","PartitionKey":"a","Data":"","ExplicitHashKey":"`+key+`"}`))
		assert.Contains(t, string(response), want, key)
	}
}

func TestReshardingSplitsAndMergesUntilTheRangesAreOfOneSize(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		shards := newShards(1+random.IntN(12), moment{1, noon.UnixMilli()})
		for round := range 4 {
			before := len(openShards(shards))
			target := before/2 + before%2 + random.IntN(2*before-before/2-before%2+1)
			at := moment{uint64(100 * (round + 2)), noon.Add(time.Duration(round) * time.Hour).UnixMilli()}
			after := reshard(shards, target, at)
			open := openShards(after)
			require.Len(t, open, target)
			requireWhole(t, open)
			starts := uniformStarts(target)
			byIndex := map[uint32]*shard{}
			for i, s := range open {
				require.Less(t, s.Start.distance(starts[i]), uint64(1000), "but for rounding")
			}
			for _, s := range after {
				require.NotContains(t, byIndex, s.Index, "an index is used once")
				byIndex[s.Index] = s
			}
			for _, s := range after {
				if s.Parent == nil {
					continue
				}
				parent := byIndex[*s.Parent]
				require.NotNil(t, parent.Closed, "a shard with children is closed")
				if s.Adjacent == nil { // a split
					require.False(t, s.Start.less(parent.Start) || parent.End.less(s.End), "inside its parent")
					continue
				}
				adjacent := byIndex[*s.Adjacent]
				require.Equal(t, []hashKey{parent.Start, adjacent.End}, []hashKey{s.Start, s.End}, "a merge")
			}
			for _, s := range shards {
				if s.Closed == nil && byIndex[s.Index].Closed != nil {
					require.Equal(t, at.index, byIndex[s.Index].Closed.Index)
				}
			}
			shards = after
		}
	}
}

func TestDoublingAndHalvingLeaveNoShortLivedShards(t *testing.T) {
	for n := 1; n <= 40; n++ {
		doubled := reshard(newShards(n, moment{1, 0}), 2*n, moment{2, 0})
		assert.Len(t, doubled, 3*n, "%d shards doubled", n)
		halved := reshard(doubled, n, moment{3, 0})
		assert.Len(t, halved, 4*n, "%d shards halved", 2*n)
	}
}

func TestReshardingRefusesWhatAWSRefuses(t *testing.T) {
	for _, c := range []struct {
		name         string
		from, target int
		want         string
	}{
		{"more than double", 2, 5, "UpdateShardCount cannot scale up over double your current open shard count. " +
			"Current open shard count: 2, Target shard count: 5"},
		{"less than half", 5, 2, "UpdateShardCount cannot scale down below half your current open shard count. " +
			"Current open shard count: 5, Target shard count: 2"},
		{"more than the quota", 150, 201, "Target shard count or number of open shards cannot be greater than 200. " +
			"Current open shard count: 150, Target shard count: 201"},
		{"double", 2, 4, ""}, {"half", 4, 2, ""}, {"half, rounded up", 5, 3, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := open(t, nil)
			w.create(StreamConfig{ShardCount: c.from})
			err := w.UpdateStream(StreamConfig{Name: "events", ShardCount: c.target})
			d, _ := w.DescribeStream("events")
			if c.want == "" {
				require.NoError(t, err)
				assert.Equal(t, c.target, d.OpenShardCount)
				return
			}
			require.EqualError(t, err, "LimitExceededException: "+c.want)
			assert.Equal(t, c.from, d.OpenShardCount)
		})
	}
}

func TestTheShardCountChangesTenTimesADay(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{ShardCount: 1})
	update := func(i int) error { return w.UpdateStream(StreamConfig{Name: "events", ShardCount: 2 - i%2}) }
	for i := range 10 {
		require.NoError(t, update(i))
	}
	require.ErrorContains(t, update(10), "LimitExceededException: UpdateShardCount was called 10 times in 24 hours")
	w.restart(nil)
	require.Error(t, update(10), "a restart does not help")
	w.clock.Advance(24 * time.Hour)
	require.NoError(t, update(10))
}

func TestRecordsOfParentsAreReadBeforeThoseOfChildren(t *testing.T) {
	small := func(o *Options) { o.segmentBytes = 4000 }
	w := open(t, small)
	w.create(StreamConfig{ShardCount: 4})
	reader := w.reader(Latest)
	var sequence []string
	n := 0
	puts := func() {
		for range 60 {
			n++
			sequence = append(sequence, fmt.Sprint(n))
			w.put(fmt.Sprint("key", n), fmt.Sprint(n))
		}
		w.clock.Advance(time.Second)
	}
	read := func(max int) (records []Record) {
		records, _, err := reader.Poll(max, 1<<20)
		require.NoError(t, err)
		return records
	}
	var got []Record
	puts()
	got = append(got, read(25)...)
	require.NoError(t, w.UpdateStream(StreamConfig{Name: "events", ShardCount: 7}))
	puts()
	require.NoError(t, w.UpdateStream(StreamConfig{Name: "events", ShardCount: 4}))
	puts()
	got = append(got, read(60)...)
	at := reader.Position()
	w.restart(small)
	puts()
	require.NoError(t, w.UpdateStream(StreamConfig{Name: "events", ShardCount: 8}))
	puts()
	reader = w.reader(at)
	got = append(got, w.rest(reader)...)
	assert.Equal(t, sequence, dataOf(got))

	d, err := w.DescribeStream("events")
	require.NoError(t, err)
	parents := map[string]Shard{}
	for _, s := range d.Shards {
		parents[s.ID] = s
	}
	begun := map[string]bool{}
	last := map[string]string{}
	for _, r := range got {
		s := parents[r.ShardID]
		assert.GreaterOrEqual(t, r.SequenceNumber, s.StartingSequenceNumber)
		if !s.Open() {
			assert.Less(t, r.SequenceNumber, s.EndingSequenceNumber)
		}
		assert.Less(t, last[r.ShardID], r.SequenceNumber)
		last[r.ShardID] = r.SequenceNumber
		begun[s.ParentID], begun[s.AdjacentParentID] = true, true
		assert.False(t, begun[r.ShardID], "%s is read after a child of it", r.ShardID)
	}
}

func TestClosedShardsAreForgottenWhenTheirRecordsHaveExpired(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{ShardCount: 1})
	require.NoError(t, w.UpdateStream(StreamConfig{Name: "events", ShardCount: 2}))
	ids := func() (ids []string) {
		d, err := w.DescribeStream("events")
		require.NoError(t, err)
		for _, s := range d.Shards {
			ids = append(ids, strings.TrimPrefix(s.ID, "shardId-00000000000"))
		}
		return ids
	}
	assert.Equal(t, []string{"0", "1", "2"}, ids())
	w.clock.Advance(24*time.Hour + time.Minute)
	assert.Equal(t, []string{"1", "2"}, ids())
	w.clock.Advance(time.Hour)
	require.NoError(t, w.UpdateStream(StreamConfig{Name: "events", ShardCount: 4}))
	assert.Equal(t, []string{"1", "2", "3", "4", "5", "6"}, ids(), "its number is not used again")
}

func TestSwitchingTheModeKeepsShardsAndCapacity(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{ShardCount: 6})
	require.NoError(t, w.UpdateStream(StreamConfig{Name: "events", Mode: ModeOnDemand}))
	d, err := w.DescribeStream("events")
	require.NoError(t, err)
	assert.Equal(t, 6, d.OpenShardCount)
	assert.Equal(t, 2, w.find("events").onDemand.growth, "8,000 records a second, not below that of 6 shards")
	require.NoError(t, w.UpdateStream(StreamConfig{Name: "events", ShardCount: 6}))
	require.ErrorContains(t, w.UpdateStream(StreamConfig{Name: "events", Mode: ModeOnDemand}),
		"UpdateStreamMode was called 2 times in 24 hours")
}

func TestSequenceNumbersAreThoseOfBigIntegers(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		s := sequence{
			created: random.Int64N(1 << 36), shard: random.Uint32(),
			index: random.Uint64(), arrival: random.Int64N(1 << 36),
		}
		want, ok := new(big.Int).SetString(fmt.Sprintf("2%09x%01x%016x00%09x%08x2",
			s.created, s.shard&15, s.index, s.arrival, s.shard), 16)
		require.True(t, ok)
		require.Equal(t, want.String(), s.String())
		require.Len(t, s.String(), sequenceDigits)
	}
}

func TestSequenceNumbersAreNotGivenOutTwice(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{})
	seen := map[string]bool{}
	last := ""
	put := func() {
		s := w.put("a", "x").SequenceNumber
		require.False(t, seen[s])
		require.Less(t, last, s)
		seen[s], last = true, s
	}
	for range 3 {
		put()
		put()
		w.restart(nil)
	}
	// Not even those of records that were cut off, at a time that lies before.
	start := w.find("events").log.end.offset
	_, response := w.call("PutRecords", batchBody("a", "b", "c", "d"))
	for _, number := range regexp.MustCompile(`\d{56}`).FindAllString(string(response), -1) {
		last = number
	}
	dir := w.flipByte(start)
	w.clock = clockwork.NewFakeClockAt(noon.Add(-time.Hour))
	again, err := w.reopen(dir, nil)
	require.NoError(t, err)
	assert.Less(t, last, again.put("a", "y").SequenceNumber)
}
