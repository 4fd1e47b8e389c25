package kinesis

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var readingActions = []string{"kinesis:DescribeStream", "kinesis:ListShards", "kinesis:GetShardIterator", "kinesis:GetRecords"}

func TestARecordIsReadAsItWasPut(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{ShardCount: 3})
	done := w.put("päck", "da\x00ta\n")
	records := w.rest(w.reader(TrimHorizon))
	require.Len(t, records, 1)
	assert.Equal(t, Record{Data: []byte("da\x00ta\n"), PartitionKey: "päck", SequenceNumber: done.SequenceNumber,
		ShardID: done.ShardId, ArrivalTime: noon.Local()}, records[0])
}

func TestEachReadingPermissionIsNeeded(t *testing.T) {
	for i, missing := range readingActions {
		t.Run(missing, func(t *testing.T) {
			w := open(t, nil)
			w.create(StreamConfig{})
			w.put("a", "first\n")
			service, caller := sessionOf(t, readingActions...)
			r, err := w.NewReader(caller, streamARN, TrimHorizon)
			require.NoError(t, err)
			rest := append(append([]string(nil), readingActions[:i]...), readingActions[i+1:]...)
			allow(t, service, rest...)
			before := r.Position()
			_, at, err := r.Poll(1, 1)
			require.ErrorContains(t, err, "AccessDeniedException")
			require.ErrorContains(t, err, "is not authorized to perform: "+missing+" on resource: "+streamARN)
			assert.Equal(t, before, at)
			_, err = w.NewReader(caller, streamARN, TrimHorizon)
			if missing == "kinesis:GetRecords" {
				require.NoError(t, err, "it is asked for with the first poll")
			} else {
				require.ErrorContains(t, err, "AccessDeniedException")
			}
			allow(t, service, readingActions...)
			records, _, err := r.Poll(1, 1)
			require.NoError(t, err)
			assert.Equal(t, []string{"first\n"}, dataOf(records))
		})
	}
}

func TestAReaderOfNothingIsRefused(t *testing.T) {
	w := open(t, nil)
	_, err := w.NewReader(w.caller, streamARN, Latest)
	require.EqualError(t, err, "ResourceNotFoundException: Stream events under account 123456789012 not found.")
	_, err = w.NewReader(w.caller, strings.Replace(streamARN, "123456789012", "999999999999", 1), Latest)
	require.ErrorContains(t, err, "ResourceNotFoundException")
	_, err = w.NewReader(w.caller, "events", Latest)
	require.ErrorContains(t, err, "ValidationException: 1 validation error detected: Value 'events' at 'streamARN'")
	_, caller := sessionOf(t, "kinesis:PutRecord")
	_, err = w.NewReader(caller, streamARN, Latest)
	require.ErrorContains(t, err, "AccessDeniedException", "before it is told that there is no such stream")
}

func TestLatestIsBehindTheLastRecord(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{})
	w.put("a", "before\n")
	r := w.reader(Latest)
	w.put("a", "after\n")
	assert.Equal(t, []string{"after\n"}, dataOf(w.rest(r)))
	assert.Equal(t, []string{"before\n", "after\n"}, w.all())
}

func TestAPollIsBoundedByRecordsAndBytes(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{})
	for i := range 6 {
		w.put("key", fmt.Sprintf("%04d", i))
	}
	r := w.reader(TrimHorizon)
	for _, c := range []struct{ records, bytes, want int }{
		{2, 100, 2}, {100, 9, 2}, {100, 4, 1}, {100, 0, 1}, {100, 100, 0},
	} {
		records, at, err := r.Poll(c.records, c.bytes)
		require.NoError(t, err)
		assert.Len(t, records, c.want)
		assert.Equal(t, r.Position(), at)
	}
}

func TestWaitEndsWhenThereIsSomethingToRead(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{})
	r := w.reader(Latest)
	waiting := r.Wait()
	select {
	case <-waiting:
		t.Fatal("there is nothing yet")
	default:
	}
	w.put("a", "x")
	<-waiting
	<-r.Wait() // still: it was not read
	w.rest(r)
	select {
	case <-r.Wait():
		t.Fatal("it was read")
	default:
	}
}

func TestAPositionSurvivesRestartsAndJSON(t *testing.T) {
	w := open(t, func(o *Options) { o.segmentBytes = 500 })
	w.create(StreamConfig{})
	var want []string
	next := 0
	at := TrimHorizon
	for range 5 {
		for range 7 {
			want = append(want, fmt.Sprint(next))
			w.put("a", fmt.Sprint(next))
			next++
		}
		text, err := json.Marshal(at)
		require.NoError(t, err)
		var again Position
		require.NoError(t, json.Unmarshal(text, &again))
		require.Equal(t, at, again)
		r := w.reader(again)
		records, now, err := r.Poll(5, 1<<20)
		require.NoError(t, err)
		assert.Equal(t, want[:5], dataOf(records))
		want = want[5:]
		at = now
		assert.Equal(t, uint64(len(want)), at.Behind(r.End()))
		assert.Zero(t, r.End().Behind(at))
		w.restart(func(o *Options) { o.segmentBytes = 500 })
	}
	assert.Equal(t, want, dataOf(w.rest(w.reader(at))))
}

func TestAPositionOfAnotherStreamIsRefused(t *testing.T) {
	for _, text := range []string{"", "LAST", "00/1/0/32", "0000000000000001/1/0/31", "0000000000000001/-1/0/32", "0000000000000001/1/0/32x"} {
		var p Position
		require.ErrorContains(t, p.UnmarshalText([]byte(text)), "not written by this program", text)
	}
	w := open(t, nil)
	w.create(StreamConfig{})
	at := w.reader(TrimHorizon).Position()
	require.NoError(t, w.DeleteStream("events"))
	w.create(StreamConfig{})
	_, err := w.NewReader(w.caller, streamARN, at)
	require.ErrorContains(t, err, "InvalidArgumentException")
}

func TestARecordCannotBeReadAfterTheRetentionPeriod(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{RetentionHours: 48})
	w.put("a", "old\n")
	r := w.reader(TrimHorizon)
	w.clock.Advance(time.Hour)
	w.put("a", "new\n")
	w.clock.Advance(47 * time.Hour)
	assert.Equal(t, []string{"old\n", "new\n"}, w.all(), "just not expired")
	w.clock.Advance(time.Millisecond)
	assert.Equal(t, []string{"new\n"}, dataOf(w.rest(r)))
	assert.Equal(t, uint64(1), r.Lost())
	require.NoError(t, w.UpdateStream(StreamConfig{Name: "events", ShardCount: 1, RetentionHours: 24}))
	assert.Empty(t, w.all())
}

func TestSegmentsWhoseRecordsExpiredAreRemoved(t *testing.T) {
	change := func(o *Options) { o.segmentBytes = 1000 }
	w := open(t, change)
	w.create(StreamConfig{})
	segments := func() int {
		files, err := filepath.Glob(filepath.Join(w.dir, "events", "*"+segmentSuffix))
		require.NoError(t, err)
		return len(files)
	}
	r := w.reader(TrimHorizon)
	for i := range 100 {
		w.put("a", fmt.Sprint(i))
	}
	many := segments()
	assert.Greater(t, many, 3)
	w.clock.Advance(25 * time.Hour)
	w.put("a", "new\n")
	assert.LessOrEqual(t, segments(), 2, "removed when the next one is begun")
	assert.Equal(t, []string{"new\n"}, dataOf(w.rest(r)))
	assert.Equal(t, uint64(100), r.Lost(), "each record that expired unread is counted")

	for i := range 100 {
		w.put("a", fmt.Sprint(i))
	}
	w.clock.Advance(25 * time.Hour)
	w.restart(change)
	assert.LessOrEqual(t, segments(), 2, "and when the stream is opened")
}

func TestOpeningReadsOnlyTheLastSegment(t *testing.T) {
	change := func(o *Options) { o.segmentBytes = 10_000 }
	w := open(t, change)
	w.create(StreamConfig{})
	for i := range 900 {
		w.put("a", fmt.Sprint(i))
	}
	require.NoError(t, w.Close())
	opened := map[string]bool{}
	w.start(func(o *Options) {
		change(o)
		o.fileSystem = &faults{Fail: func(operation, name string) error {
			if operation == "open" && strings.HasSuffix(name, segmentSuffix) {
				opened[name] = true
			}
			return nil
		}}
	})
	assert.Equal(t, map[string]bool{lastSegment(t, w.dir): true}, opened)
	assert.Len(t, w.all(), 900)
}

func TestADeletedStreamIsGone(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{})
	w.put("a", "x")
	r := w.reader(TrimHorizon)
	require.NoError(t, w.DeleteStream("events"))
	_, _, err := r.Poll(1, 1)
	require.ErrorContains(t, err, "ResourceNotFoundException")
	_, f := w.callError("PutRecord", putBody("a", []byte("x")))
	assert.Equal(t, "ResourceNotFoundException", f.Type)
	_, err = w.DescribeStream("events")
	require.ErrorContains(t, err, "ResourceNotFoundException")
	require.ErrorContains(t, w.DeleteStream("events"), "ResourceNotFoundException")
	entries, err := os.ReadDir(w.dir)
	require.NoError(t, err)
	assert.Empty(t, entries)
	w.create(StreamConfig{})
	assert.Empty(t, w.all())
}

func TestADeletionLeavesTheWholeStreamOrNothing(t *testing.T) {
	for operation, deleted := range map[string]bool{"rename": false, "remove": true} {
		t.Run(operation, func(t *testing.T) {
			disk := &faults{}
			w := open(t, func(o *Options) { o.fileSystem = disk })
			w.create(StreamConfig{})
			w.put("a", "x")
			disk.set(func(f *faults) {
				f.Fail = func(o, _ string) error {
					if o == operation {
						return errDisk
					}
					return nil
				}
			})
			require.ErrorIs(t, w.DeleteStream("events"), errDisk)
			if !deleted {
				assert.Equal(t, []string{"x"}, w.all())
			}
			disk.set(func(f *faults) { f.Fail = nil })
			w.restart(nil)
			if !deleted {
				assert.Equal(t, []string{"x"}, w.all())
				return
			}
			assert.Empty(t, w.ListStreams())
			assert.NoDirExists(t, filepath.Join(w.dir, "events"))
		})
	}
}

func TestStreamsWithSimilarNamesAreSeparate(t *testing.T) {
	w := open(t, nil)
	names := []string{".", "..", "_", "__", "_.", "a", "A", "_a", "a-2", "con", "a.", strings.Repeat("n", 128)}
	body := func(name, data string) []byte {
		return []byte(strings.Replace(string(putBody("k", []byte(data))), `"events"`, fmt.Sprintf("%q", name), 1))
	}
	for _, name := range names {
		w.create(StreamConfig{Name: name})
		status, _ := w.call("PutRecord", body(name, name))
		require.Equal(t, 200, status)
	}
	require.NoError(t, w.Close())
	w.start(nil)
	for _, name := range names {
		r, err := w.NewReader(w.caller, w.arn(name), TrimHorizon)
		require.NoError(t, err)
		assert.Equal(t, []string{name}, dataOf(w.rest(r)))
	}
	_, err := os.Stat(filepath.Join(w.dir, "..", "stream.json"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestAStreamIsRefusedInAWSsWords(t *testing.T) {
	for _, c := range []struct {
		name   string
		config StreamConfig
		want   string
	}{
		{"no shards", StreamConfig{Name: "s"}, "ValidationException: 1 validation error detected: Value '0' at 'shardCount' " +
			"failed to satisfy constraint: Member must have value greater than or equal to 1"},
		{"a name with a slash", StreamConfig{Name: "a/b", ShardCount: 1}, "ValidationException: 1 validation error detected: " +
			"Value 'a/b' at 'streamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"},
		{"an unknown mode", StreamConfig{Name: "s", Mode: "FREE"}, "ValidationException: 1 validation error detected: " +
			"Value 'FREE' at 'streamModeDetails.streamMode' failed to satisfy constraint: Member must satisfy enum value set: [PROVISIONED, ON_DEMAND]"},
		{"shards of an on-demand stream", StreamConfig{Name: "s", Mode: ModeOnDemand, ShardCount: 1},
			"InvalidArgumentException: ShardCount must not be specified for stream s in ON_DEMAND mode."},
		{"23 hours", StreamConfig{Name: "s", ShardCount: 1, RetentionHours: 23}, "InvalidArgumentException: Minimum allowed " +
			"retention period is 24 hours. Requested retention period (23 hours) is too short."},
		{"8761 hours", StreamConfig{Name: "s", ShardCount: 1, RetentionHours: 8761}, "InvalidArgumentException: Maximum allowed " +
			"retention period is 8760 hours. Requested retention period (8761 hours) is too long."},
		{"a stream that is there", StreamConfig{Name: "events", ShardCount: 1}, "ResourceInUseException: Stream events under " +
			"account 123456789012 already exists."},
		{"too many shards", StreamConfig{Name: "s", ShardCount: 200}, "LimitExceededException: This request would exceed the " +
			"shard limit for the account 123456789012 in ap-northeast-2. Current shard count for the account: 1. Limit: 200. " +
			"Number of additional shards that would have resulted from this request: 200. " +
			"Refer to the AWS Service Limits page (http://docs.aws.amazon.com/general/latest/gr/aws_service_limits.html) " +
			"for current limits and how to request higher limits."},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := open(t, nil)
			w.create(StreamConfig{})
			_, err := w.CreateStream(c.config)
			require.EqualError(t, err, c.want)
		})
	}
	w := open(t, nil)
	require.ErrorContains(t, w.UpdateStream(StreamConfig{Name: "s", ShardCount: 1}), "ResourceNotFoundException")
	for _, hours := range []int{24, 8760} {
		w.create(StreamConfig{Name: fmt.Sprint(hours), RetentionHours: hours})
	}
}

func TestAStreamIsDescribedAsItWasDeclared(t *testing.T) {
	w := open(t, nil)
	declared := StreamConfig{
		Name: "events", Mode: ModeProvisioned, ShardCount: 2, RetentionHours: 48, KMSKeyID: "alias/aws/kinesis",
		ShardLevelMetrics: []string{"IncomingBytes"}, Tags: map[string]string{"team": "web"},
	}
	w.create(declared)
	want := StreamDescription{StreamConfig: declared, ARN: streamARN, Status: "ACTIVE", EncryptionType: "KMS",
		Created: noon.Local(), OpenShardCount: 2}
	check := func() {
		d, err := w.DescribeStream("events")
		require.NoError(t, err)
		assert.Len(t, d.Shards, 2)
		d.Shards = nil
		assert.Equal(t, want, d)
	}
	check()
	w.clock.Advance(time.Hour)
	w.restart(nil)
	check()
	require.NoError(t, w.UpdateStream(StreamConfig{Name: "events", ShardCount: 2}))
	want.StreamConfig, want.EncryptionType = StreamConfig{Name: "events", Mode: ModeProvisioned, ShardCount: 2, RetentionHours: 24}, "NONE"
	check()
	w.restart(nil)
	check()
}
