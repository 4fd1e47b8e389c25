package logs_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/logs"
	"ingest-pipeline/local/internal/durable"
)

func TestGroupsAndStreamsAreThereAfterARestart(t *testing.T) {
	w := newFixture(t, logs.Faults{})
	const groupExists, streamExists = "The specified log group already exists", "The specified log stream already exists"
	require.NoError(t, w.UpdateLogGroup(logs.Group{Name: group, RetentionInDays: 7, Tags: map[string]string{"team": "events"}}))
	require.NoError(t, w.PutLogEvents(w.caller, group, stream, event(0, "kept")))
	require.NoError(t, w.CreateLogGroup(logs.Group{Name: "gone"}))
	require.NoError(t, w.DeleteLogGroup("gone"))
	require.NoError(t, w.Close())
	w.open(t, logs.Faults{})
	requireAWSError(t, w.CreateLogGroup(logs.Group{Name: group}), "ResourceAlreadyExistsException", groupExists)
	requireAWSError(t, w.CreateLogStream(group, stream), "ResourceAlreadyExistsException", streamExists)
	require.NoError(t, w.PutLogEvents(w.caller, group, stream, event(0, "at once")))
	assert.Equal(t, []string{"kept", "at once"}, w.messages(t, group, stream))
	assert.Equal(t, []logs.GroupDescription{{
		Group: logs.Group{Name: group, RetentionInDays: 7, LogGroupClass: "STANDARD", Tags: map[string]string{"team": "events"}},
		ARN:   "arn:aws:logs:eu-west-1:123456789012:log-group:" + group, Created: start, Streams: []string{stream},
	}}, w.DescribeLogGroups())
}

func TestADamagedFileOfALogGroupIsNamed(t *testing.T) {
	w := newFixture(t, logs.Faults{})
	require.NoError(t, w.Close())
	file := filepath.Join(w.dir, "API-Gateway-Execution-Logs_abc123+PROD", "group.json")
	for name, content := range map[string]string{
		"cut": `{"name": "acc`, "a bad filter": `{"name": "access", "metricFilters": [{"name": "f", "pattern": "{"}]}`,
	} {
		require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
		_, err := logs.Open(logs.Options{Dir: w.dir, Account: account, Clock: w.clock})
		var damaged *durable.DamagedError
		require.ErrorAs(t, err, &damaged, name)
		assert.Equal(t, file, damaged.Name)
	}
}

func TestNamesFollowCloudWatchsRules(t *testing.T) {
	w := newFixture(t, logs.Faults{})
	for name, good := range map[string]bool{
		"/aws/kinesisfirehose/class-stream": true, "a": true, "a/b": true, "a_b-c.d#e/f": true, strings.Repeat("g", 512): true,
		".": true, "..": true, "../escape": true, "group.json": true,
		"": false, strings.Repeat("g", 513): false, "a b": false, "a:b": false, "a*": false, "grün": false, "aws/x": false,
	} {
		err := w.CreateLogGroup(logs.Group{Name: name})
		if good {
			require.NoError(t, err, name)
		} else {
			require.ErrorContains(t, err, "InvalidParameterException", name)
		}
	}
	for name, good := range map[string]bool{
		"S3Delivery": true, "2026/03/01/[$LATEST]0a1b": true, "a b\tc\\d\"e<f>|g?": true, "grün": true, ".": true, "..": true,
		strings.Repeat("日", 512): true, strings.Repeat("日", 511) + "本": true, "group.json": true, "%41": true, "A": true, "a": true, "a/": true, "a+": true,
		"": false, strings.Repeat("s", 513): false, "a:b": false, "a*": false, "\xff": false,
	} {
		err := w.CreateLogStream(group, name)
		if !good {
			require.ErrorContains(t, err, "InvalidParameterException", name)
			continue
		}
		require.NoError(t, err, name)
		require.NoError(t, w.PutLogEvents(w.caller, group, name, event(0, "of "+name)))
	}
	require.NoError(t, w.Close())
	w.open(t, logs.Faults{})
	for _, g := range w.DescribeLogGroups() {
		for _, name := range g.Streams {
			if name != stream {
				assert.Equal(t, []string{"of " + name}, w.messages(t, g.Name, name))
			}
		}
	}
	entries, err := os.ReadDir(w.dir)
	require.NoError(t, err)
	assert.Len(t, entries, 11-1, "a folder for each group, all inside")
	assert.DirExists(t, filepath.Join(w.dir, "+aws+kinesisfirehose+class-stream"))
}

func TestNamesThatDifferOnlyByCaseHaveFilesOfTheirOwn(t *testing.T) {
	w := newFixture(t, logs.Faults{})
	require.NoError(t, w.CreateLogStream(group, "Access"))
	require.NoError(t, w.CreateLogStream(group, "access"))
	assert.FileExists(t, filepath.Join(w.dir, "API-Gateway-Execution-Logs_abc123+PROD", "group.json"))
	require.NoError(t, w.PutLogEvents(w.caller, group, "access", event(0, "lower")))
	require.NoError(t, w.PutLogEvents(w.caller, group, "Access", event(0, "upper")))
	require.NoError(t, w.Flush())
	assert.FileExists(t, filepath.Join(w.dir, "API-Gateway-Execution-Logs_abc123+PROD", "access-2.log"))
	assert.Equal(t, []string{"lower"}, w.messages(t, group, "access"))
}

func TestRetentionIsOneOfCloudWatchsValues(t *testing.T) {
	w := newFixture(t, logs.Faults{})
	for _, days := range []int{0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653} {
		require.NoError(t, w.UpdateLogGroup(logs.Group{Name: group, RetentionInDays: days}))
		require.NoError(t, w.CreateLogGroup(logs.Group{Name: fmt.Sprintf("g%d", days), RetentionInDays: days}))
	}
	for _, days := range []int{-1, 2, 4, 31, 364, 3654} {
		message := fmt.Sprintf("1 validation error detected: Value '%d' at 'retentionInDays' failed to satisfy constraint: Member must "+
			"satisfy enum value set: [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]", days)
		requireAWSError(t, w.UpdateLogGroup(logs.Group{Name: group, RetentionInDays: days}), "InvalidParameterException", message)
		requireAWSError(t, w.CreateLogGroup(logs.Group{Name: "other", RetentionInDays: days}), "InvalidParameterException", message)
	}
	assert.Equal(t, 3653, w.DescribeLogGroups()[0].RetentionInDays)
}

func TestExpiredEventsGoByTheClock(t *testing.T) {
	w := newFixture(t, logs.Faults{})
	file := filepath.Join(w.dir, "API-Gateway-Execution-Logs_abc123+PROD", "0f0e0d.log")
	size := func() int64 {
		info, err := os.Stat(file)
		require.NoError(t, err)
		return info.Size()
	}
	advance := func(by time.Duration) {
		w.clock.Advance(by)
		require.NoError(t, w.ApplyRetention())
	}
	require.NoError(t, w.UpdateLogGroup(logs.Group{Name: group, RetentionInDays: 1}))
	require.NoError(t, w.PutLogEvents(w.caller, group, stream, event(0, strings.Repeat("a", 1000)+"\nand more")))
	advance(12 * time.Hour)
	require.NoError(t, w.PutLogEvents(w.caller, group, stream, event(12*time.Hour, strings.Repeat("b", 1500))))
	advance(12 * time.Hour)
	assert.Len(t, w.messages(t, group, stream), 2)
	full := size()
	advance(time.Hour)
	assert.Equal(t, []string{strings.Repeat("b", 1500)}, w.messages(t, group, stream), "not to be read any more")
	assert.Equal(t, full, size(), "but not worth a rewrite yet")
	require.NoError(t, w.PutLogEvents(w.caller, group, stream, event(25*time.Hour, "c")))
	advance(12 * time.Hour)
	assert.Equal(t, []string{"c"}, w.messages(t, group, stream))
	assert.Less(t, size(), int64(100), "cut")
	advance(14 * time.Hour)
	assert.Empty(t, w.messages(t, group, stream))
	assert.Zero(t, size())
	require.NoError(t, w.PutLogEvents(w.caller, group, stream, event(51*time.Hour, "d")))
	assert.Equal(t, []string{"d"}, w.messages(t, group, stream))
}

func TestExpiredEventsAreLookedForByThemselves(t *testing.T) {
	flushed := make(chan error)
	w := newFixture(t, logs.Faults{Flushed: func(err error) {
		select {
		case flushed <- err:
		case <-t.Context().Done():
		}
	}})
	file := filepath.Join(w.dir, "API-Gateway-Execution-Logs_abc123+PROD", "0f0e0d.log")
	require.NoError(t, w.UpdateLogGroup(logs.Group{Name: group, RetentionInDays: 1}))
	require.NoError(t, w.PutLogEvents(w.caller, group, stream, event(0, "x")))
	require.NoError(t, w.Flush())
	require.NoError(t, w.clock.BlockUntilContext(t.Context(), 1))
	w.clock.Advance(25 * time.Hour)
	require.NoError(t, <-flushed)
	info, err := os.Stat(file)
	require.NoError(t, err)
	assert.Zero(t, info.Size())
}

func TestARewriteThatFailsLosesNothing(t *testing.T) {
	var broken atomic.Bool
	w := newFixture(t, logs.Faults{Writer: func(to io.Writer) io.Writer {
		if broken.Load() {
			return halfWriter{to}
		}
		return to
	}})
	require.NoError(t, w.UpdateLogGroup(logs.Group{Name: group, RetentionInDays: 1}))
	require.NoError(t, w.PutLogEvents(w.caller, group, stream, event(0, strings.Repeat("old", 100))))
	require.NoError(t, w.PutLogEvents(w.caller, group, stream, event(2*time.Hour, "new")))
	require.NoError(t, w.Flush())
	broken.Store(true)
	w.clock.Advance(25 * time.Hour)
	require.ErrorIs(t, w.ApplyRetention(), errBroken)
	require.ErrorIs(t, w.UpdateLogGroup(logs.Group{Name: group, RetentionInDays: 7}), errBroken)
	assert.Equal(t, 1, w.DescribeLogGroups()[0].RetentionInDays)
	require.ErrorIs(t, w.CreateLogGroup(logs.Group{Name: "other"}), errBroken)
	require.ErrorIs(t, w.CreateLogStream(group, "other"), errBroken)
	broken.Store(false)
	assert.Equal(t, []string{"new"}, w.messages(t, group, stream))
	require.NoError(t, w.ApplyRetention())
	assert.Equal(t, []string{"new"}, w.messages(t, group, stream))
	require.NoError(t, w.CreateLogGroup(logs.Group{Name: "other"}))
	entries, err := os.ReadDir(w.dir)
	require.NoError(t, err)
	assert.Len(t, entries, 2)
}

func TestRetentionAppliedTwiceAtOnceCutsOnce(t *testing.T) {
	w := newFixture(t, logs.Faults{})
	require.NoError(t, w.UpdateLogGroup(logs.Group{Name: group, RetentionInDays: 1}))
	for round := range 20 {
		at := time.Duration(round) * 48 * time.Hour
		require.NoError(t, w.PutLogEvents(w.caller, group, stream, event(at, strings.Repeat("old", 100))))
		require.NoError(t, w.Flush())
		w.clock.Advance(25 * time.Hour)
		require.NoError(t, w.PutLogEvents(w.caller, group, stream, event(at+25*time.Hour, strings.Repeat("new", 90))))
		var wait sync.WaitGroup
		for range 3 {
			wait.Go(func() { assert.NoError(t, w.ApplyRetention()) })
		}
		wait.Wait()
		assert.Equal(t, []string{strings.Repeat("new", 90)}, w.messages(t, group, stream))
		w.clock.Advance(23 * time.Hour)
	}
}

func TestWhatIsCreatedAgainIsEmpty(t *testing.T) {
	w := newFixture(t, logs.Faults{})
	require.NoError(t, w.PutLogEvents(w.caller, group, stream, event(0, "x")))
	require.NoError(t, w.DeleteLogStream(group, stream))
	require.Error(t, w.PutLogEvents(w.caller, group, stream, event(0, "x")))
	require.NoError(t, w.Flush())
	require.NoError(t, w.CreateLogStream(group, stream))
	assert.Empty(t, w.messages(t, group, stream))

	require.NoError(t, w.PutLogEvents(w.caller, group, stream, event(0, "y")))
	require.NoError(t, w.DeleteLogGroup(group))
	require.NoError(t, w.Flush())
	assert.Zero(t, w.Waiting())
	entries, err := os.ReadDir(w.dir)
	require.NoError(t, err)
	assert.Empty(t, entries)
	require.NoError(t, w.CreateLogGroup(logs.Group{Name: group}))
	assert.Empty(t, w.DescribeLogGroups()[0].Streams)
}

func TestDeletingWhileOthersWriteLeavesNothingBehind(t *testing.T) {
	w := newFixture(t, logs.Faults{})
	var wait sync.WaitGroup
	for range 3 {
		wait.Go(func() {
			for range 300 {
				_ = w.PutLogEvents(w.caller, group, stream, event(0, "x")) // refused once the group is gone
				_ = w.Flush()
			}
		})
	}
	for range 20 {
		require.NoError(t, w.DeleteLogGroup(group))
		require.NoError(t, w.CreateLogGroup(logs.Group{Name: group}))
		require.NoError(t, w.CreateLogStream(group, stream))
	}
	require.NoError(t, w.DeleteLogGroup(group))
	wait.Wait()
	require.NoError(t, w.Flush())
	entries, err := os.ReadDir(w.dir)
	require.NoError(t, err)
	assert.Empty(t, entries)
	assert.Zero(t, w.Waiting())
}
