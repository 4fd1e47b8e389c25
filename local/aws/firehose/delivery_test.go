package firehose

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestABufferIsDeliveredWhenItsIntervalIsOver(t *testing.T) {
	w := open(t, nil)
	w.create(config())
	w.clock.Advance(100 * time.Second) // the interval begins with the first record, not with the stream
	w.put("one\n")
	b := w.awaitBuffered(1)
	assert.Equal(t, Buffered{DeliveryStream: "archive", Records: 1, Bytes: 4, BufferRecords: 1, BufferBytes: 4,
		Due: noon.Add(400 * time.Second)}, b)
	w.clock.Advance(299 * time.Second)
	w.put("two\n")
	w.awaitBuffered(2)
	w.requireNothingDelivered()
	w.clock.Advance(time.Second)
	d := w.awaitDelivered()
	assert.Equal(t, 2, d.Records)
	assert.Equal(t, 1, d.Attempts)
	assert.Equal(t, "one\ntwo\n", w.store.text(t))
	assert.Regexp(t, `^raw/2026/03/04/12/archive-1-2026-03-04-12-01-40-[0-9a-f]{8}-[0-9a-f-]{27}$`, d.Key)
	assert.Equal(t, []string{d.Key}, w.store.keys())
	assert.Equal(t, noon.Add(100*time.Second), d.OldestArrival.UTC())

	w.put("three\n")
	assert.Equal(t, noon.Add(700*time.Second), w.awaitBuffered(1).Due)
}

func TestABufferIsDeliveredWhenItIsFull(t *testing.T) {
	w := open(t, nil)
	c := config()
	c.BufferSizeMiB, c.BufferIntervalSeconds = ptr(1), ptr(900)
	w.create(c)
	record := strings.Repeat("x", 100<<10-1) + "\n"
	var want strings.Builder
	for i := range 25 {
		data := fmt.Sprintf("%02d", i) + record[2:]
		want.WriteString(data)
		for !w.try(fmt.Sprint(i), data) {
			w.clock.Advance(time.Second)
		}
	}
	first, second := w.awaitDelivered(), w.awaitDelivered()
	for _, d := range []Delivered{first, second} {
		assert.GreaterOrEqual(t, d.Bytes, 1<<20)
		assert.Less(t, d.Bytes, 1<<20+len(record), "at most one record more than the buffer")
	}
	assert.Equal(t, 22, first.Records+second.Records)
	require.NoError(t, w.Flush(t.Context()))
	assert.Equal(t, countLines(want.String()), countLines(w.store.text(t)))
}

func countLines(lines string) map[string]int {
	set := map[string]int{}
	for _, line := range strings.SplitAfter(lines, "\n") {
		if line != "" {
			set[line]++
		}
	}
	return set
}

func TestZeroBufferingDeliversAtOnce(t *testing.T) {
	w := open(t, nil)
	c := config()
	c.BufferSizeMiB, c.BufferIntervalSeconds = ptr(5), ptr(0)
	w.create(c)
	w.put("one\n")
	assert.Equal(t, 1, w.awaitDelivered().Records)
}

func TestTheBufferIntervalCanBeBounded(t *testing.T) {
	w := open(t, func(o *Options) { o.MaxBufferInterval = 10 * time.Second })
	w.create(config())
	w.put("one\n")
	assert.Equal(t, noon.Add(10*time.Second), w.awaitBuffered(1).Due)
	d, err := w.DescribeDeliveryStream("archive")
	require.NoError(t, err)
	assert.Nil(t, d.Config.BufferIntervalSeconds, "it is described as it was declared")
}

func TestGZIPCompressesTheObjectAndShowsInItsName(t *testing.T) {
	for _, c := range []struct{ extension, want string }{{"", ".gz"}, {".json.gz", ".json.gz"}} {
		w := open(t, nil)
		cfg := config()
		cfg.CompressionFormat, cfg.FileExtension = GZIP, c.extension
		w.create(cfg)
		for object := range 2 { // the second is a stream of its own
			w.put(strings.Repeat("a", 10_000)+fmt.Sprintln(object), "b\n")
			require.NoError(t, w.Flush(t.Context()))
			d := w.awaitDelivered()
			assert.Regexp(t, `[0-9a-f]`+strings.ReplaceAll(c.want, ".", `\.`)+`$`, d.Key)
			assert.Less(t, d.ObjectBytes, 200)
			assert.Greater(t, d.Bytes, 10_000, "the buffer is measured before compression")
		}
		assert.Len(t, countLines(w.store.text(t)), 3)
	}
}

func TestADelimiterIsAppendedOnlyIfConfigured(t *testing.T) {
	for _, c := range []struct {
		name       string
		enabled    bool
		processors []Processor
		want       string
	}{
		{"none", true, nil, "ab"},
		{"disabled", false, []Processor{{Type: "AppendDelimiterToRecord"}}, "ab"},
		{"the default", true, []Processor{{Type: "AppendDelimiterToRecord"}}, "a\nb\n"},
		{"an escaped line break", true, []Processor{{Type: "AppendDelimiterToRecord", Parameters: []ProcessorParameter{{"Delimiter", `\n`}}}}, "a\nb\n"},
		{"a bar", true, []Processor{{Type: "AppendDelimiterToRecord", Parameters: []ProcessorParameter{{"Delimiter", `|`}}}}, "a|b|"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := open(t, nil)
			cfg := config()
			cfg.Processing = Processing{Enabled: c.enabled, Processors: c.processors}
			w.create(cfg)
			w.put("a", "b")
			require.NoError(t, w.Flush(t.Context()))
			assert.Equal(t, c.want, w.store.text(t))
		})
	}
}

func TestANewDeliveryStreamStartsAtLatest(t *testing.T) {
	w := open(t, nil)
	w.put("before\n")
	w.create(config())
	w.put("after\n")
	require.NoError(t, w.Flush(t.Context()))
	assert.Equal(t, "after\n", w.store.text(t))
}

func TestADeliveryStreamResumesAtItsCheckpoint(t *testing.T) {
	w := open(t, nil)
	w.create(config())
	w.put("delivered\n")
	require.NoError(t, w.Flush(t.Context()))
	w.put("buffered\n")
	w.awaitBuffered(1)
	w.crash()
	w.start(nil)
	w.put("after\n")
	require.NoError(t, w.Flush(t.Context()))
	assert.Equal(t, "delivered\nbuffered\nafter\n", w.store.text(t))
	assert.Regexp(t, `archive-1-`, w.awaitDelivered().Key)
}

func TestADeliveryStreamThatCrashedBeforeItsFirstObjectLosesNothing(t *testing.T) {
	w := open(t, nil)
	w.create(config())
	w.put("first\n")
	w.crash()
	w.start(nil)
	require.NoError(t, w.Flush(t.Context()))
	assert.Equal(t, "first\n", w.store.text(t))
}

func TestTheCheckpointMovesOnlyAfterS3HasTheObject(t *testing.T) {
	w := open(t, nil)
	w.create(config())
	checkpoint := func() string {
		b, err := os.ReadFile(stateFile(filepath.Join(w.dir, "firehose", "archive")))
		require.NoError(t, err)
		return string(b)
	}
	before := checkpoint()
	w.put("one\n")
	w.store.refuseWith(func(string) error {
		assert.Equal(t, before, checkpoint())
		return nil
	})
	require.NoError(t, w.Flush(t.Context()))
	assert.NotEqual(t, before, checkpoint())
}
