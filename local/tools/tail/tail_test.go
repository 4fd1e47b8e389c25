package tail

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEventsAreShownWithTheirArrivalAgeAndShard(t *testing.T) {
	s := newFakeStream("shardId-000000000000")
	s.put("shardId-000000000000", `{"n":0}`)
	s.after = func(calls int) {
		if calls == 1 {
			s.put("shardId-000000000000", "{ \"n\": 1 }\n")
			s.put("shardId-000000000000", `{"id":"1b","receivedAt":1764283000000,"event":{"n":2}}`)
		}
	}
	lines, err := s.run(t, Options{Count: 2})
	require.NoError(t, err)
	assert.Equal(t, []string{
		`2026-11-27T22:00:00.000Z    1.0s shardId-000000000000 {"n":1}`,
		`2026-11-27T22:00:00.000Z    1.0s shardId-000000000000 {"n":2}`,
	}, lines, "and not what had arrived before")
}

func TestRawRecordsAreShownAsTheyAreInTheStream(t *testing.T) {
	s := newFakeStream("a")
	s.put("a", "{ \"n\": 1 }\n")
	s.put("a", `{"id":"1b","receivedAt":1764283000000,"event":{"n":2}}`)
	lines, err := s.run(t, Options{Since: s.clock.Now(), Count: 2, Raw: true})
	require.NoError(t, err)
	assert.Equal(t, []string{`{ "n": 1 }`, `{"id":"1b","receivedAt":1764283000000,"event":{"n":2}}`}, lines)
}

func TestRecordsThatAreNotOneLineOfTextAreQuoted(t *testing.T) {
	s := newFakeStream("a")
	s.put("a", "plain text")
	s.put("a", "two\nlines")
	s.put("a", "\x1f\x8b")
	s.put("a", "\x1b[2J")
	lines, err := s.run(t, Options{Since: s.clock.Now(), Count: 4})
	require.NoError(t, err)
	for i, want := range []string{`plain text`, `"two\nlines"`, `"\x1f\x8b"`, `"\x1b[2J"`} {
		assert.True(t, strings.HasSuffix(lines[i], " a "+want), lines[i])
	}
}

func TestFiltersSelectEvents(t *testing.T) {
	for _, row := range []struct {
		name    string
		options Options
		want    string
	}{
		{"a path that exists", Options{Filter: "$.customer.id"}, "3"},
		{"a condition", Options{Filter: "@.n > 1 && @.n < 4"}, "2 3"},
		{"a condition on a text", Options{Filter: "@.type == 'b'"}, "2 4"},
		{"a type", Options{Type: "b"}, "2 4"},
		{"a type and a condition", Options{Type: "b", Filter: "@.n == 4"}, "4"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := newFakeStream("a")
			for _, data := range []string{`{"n":1,"type":"a"}`, `{"n":2,"type":"b"}`, `{"n":3,"customer":{"id":null}}`, `no JSON`, `[]`,
				`{"id":"x","receivedAt":1,"event":{"n":4,"type":"b"}}`} {
				s.put("a", data)
			}
			want := strings.Fields(row.want)
			row.options.Since, row.options.Count = s.clock.Now(), int64(len(want))
			lines, err := s.run(t, row.options)
			require.NoError(t, err)
			require.Len(t, lines, len(want))
			for i, n := range want {
				assert.Contains(t, lines[i], `{"n":`+n)
			}
		})
	}
}

func TestReadingBeginsAtATime(t *testing.T) {
	s := newFakeStream("a")
	s.put("a", `{"n":1}`)
	s.clock.Advance(time.Minute)
	since := s.clock.Now()
	s.put("a", `{"n":2}`)
	s.clock.Advance(time.Minute)
	s.put("a", `{"n":3}`)
	lines, err := s.run(t, Options{Since: since, Count: 2})
	require.NoError(t, err)
	assert.Contains(t, lines[0], `60.0s a {"n":2}`)
	assert.Contains(t, lines[1], `{"n":3}`)
}

func TestChildrenAreReadWhenAllTheirParentsAreAtTheirEnd(t *testing.T) {
	s := newFakeStream("a", "b")
	s.perPage = 1
	for n := range 2500 {
		s.put("b", fmt.Sprintf(`{"b":%d}`, n))
	}
	s.put("a", `{"a":0}`)
	since := s.clock.Now()
	s.replace([]string{"a", "b"}, "c")
	s.put("c", `{"c":0}`)
	s.after = func(calls int) {
		if calls == 2 {
			s.replace([]string{"c"}, "d", "e")
			s.put("d", `{"d":0}`)
			s.put("e", `{"e":0}`)
		}
	}
	lines, err := s.run(t, Options{Since: since, Count: 2504})
	require.NoError(t, err)
	require.Len(t, lines, 2504)
	next := 0
	for i, line := range lines {
		switch {
		case strings.Contains(line, `{"b":`):
			assert.Contains(t, line, fmt.Sprintf(`{"b":%d}`, next))
			next++
		case strings.Contains(line, `{"c":`):
			assert.Equal(t, 2501, i, "behind the events of both parents")
		case strings.Contains(line, `{"d":`), strings.Contains(line, `{"e":`):
			assert.Greater(t, i, 2501)
		}
	}
	assert.Equal(t, []types.ShardIteratorType{types.ShardIteratorTypeAtTimestamp}, s.positions["c"])
	assert.Equal(t, []types.ShardIteratorType{types.ShardIteratorTypeTrimHorizon}, s.positions["d"], "nothing of it was before")
}

func TestFromNowOnlyOpenShardsAreReadAndThenTheirChildrenFromTheirBeginning(t *testing.T) {
	s := newFakeStream("old", "a")
	s.put("old", `{"n":0}`)
	s.replace([]string{"old"})
	s.after = func(calls int) {
		if calls == 1 {
			s.put("a", `{"n":1}`)
			s.replace([]string{"a"}, "b")
			s.put("b", `{"n":2}`)
		}
	}
	lines, err := s.run(t, Options{Count: 2})
	require.NoError(t, err)
	assert.Contains(t, lines[0], `a {"n":1}`)
	assert.Contains(t, lines[1], `b {"n":2}`)
	assert.Empty(t, s.reads["old"])
}

func TestTheLimitsOfAShardAreLeftToItsOtherReaders(t *testing.T) {
	s := newFakeStream("a")
	big := `{"x":"` + strings.Repeat("x", 4<<10) + `"}`
	for range 3000 {
		s.put("a", big)
	}
	_, err := s.run(t, Options{Since: s.clock.Now(), Count: 3000})
	require.NoError(t, err)
	reads := s.reads["a"]
	require.Len(t, reads, 3)
	for i := 1; i < len(reads); i++ {
		assert.GreaterOrEqual(t, reads[i].Sub(reads[i-1]), time.Duration(1000*len(big))*time.Second/bytesPerSecond)
	}

	idle := newFakeStream("a")
	idle.after = func(calls int) {
		if calls == 10 {
			idle.put("a", `{}`)
		}
	}
	_, err = idle.run(t, Options{Count: 1})
	require.NoError(t, err)
	assert.Equal(t, 10*time.Second, idle.reads["a"][10].Sub(idle.reads["a"][0]))
}

func TestAnExpiredIteratorAndThrottlingAreNoEnd(t *testing.T) {
	s := newFakeStream("a")
	for n := range 3 {
		s.put("a", fmt.Sprintf(`{"n":%d}`, n))
	}
	calls := 0
	s.fail = func(string, string) error {
		switch calls++; calls {
		case 2:
			return &types.ExpiredIteratorException{}
		case 4:
			return &types.ProvisionedThroughputExceededException{}
		}
		return nil
	}
	s.after = func(calls int) {
		if calls == 4 {
			s.put("a", `{"n":3}`)
		}
	}
	lines, err := s.run(t, Options{Since: s.clock.Now(), Count: 4})
	require.NoError(t, err)
	for n := range 4 {
		assert.Contains(t, lines[n], fmt.Sprintf(`{"n":%d}`, n))
	}
	assert.Equal(t, []types.ShardIteratorType{types.ShardIteratorTypeAtTimestamp, types.ShardIteratorTypeAfterSequenceNumber}, s.positions["a"])
}

func TestAnErrorOfOneShardEndsTheRun(t *testing.T) {
	s := newFakeStream("a", "b")
	s.fail = func(_, shard string) error {
		if shard == "b" {
			return errors.New("broken")
		}
		return nil
	}
	_, err := s.run(t, Options{})
	require.EqualError(t, err, "reading b of s: broken")
}

func TestAnInterruptIsTheEndAndNoError(t *testing.T) {
	s := newFakeStream("a")
	ctx, interrupt := context.WithCancel(context.Background())
	s.after = func(int) { interrupt() }
	require.NoError(t, Run(ctx, s, Options{Stream: "s", Clock: clockwork.NewFakeClock()}, &strings.Builder{}))
}

func TestOptionsThatMakeNoSenseAreRefusedTogether(t *testing.T) {
	var invalid *OptionsError
	require.ErrorAs(t, Options{Filter: "@.n >", Count: -1}.Check(), &invalid)
	require.Len(t, invalid.Problems, 3)
	assert.Contains(t, invalid.Error(), "--filter=@.n >: must be a JSONPath, such as $.customer.id, or a condition, such as @.value > 10: ")
	require.Error(t, Options{Stream: "s", Filter: "$.["}.Check())
	require.NoError(t, Options{Stream: "s", Filter: "$..id", Count: 1}.Check())
}

func TestSinceIsAnAgeOrATime(t *testing.T) {
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"":                          {},
		"90m":                       now.Add(-90 * time.Minute),
		"2026-11-27T11:00:00Z":      now.Add(-time.Hour),
		"2026-11-27T12:00:00+02:00": now.Add(-2 * time.Hour),
	} {
		got, err := ParseSince(text, now)
		require.NoError(t, err)
		assert.True(t, want.Equal(got), text)
	}
	for _, text := range []string{"-5m", "0s", "yesterday", "2026-11-28T00:00:00Z"} {
		_, err := ParseSince(text, now)
		require.EqualError(t, err, "--since="+text+": must be how long ago, such as 10m, or a time in the past, such as 2026-11-27T11:00:00Z")
	}
}
