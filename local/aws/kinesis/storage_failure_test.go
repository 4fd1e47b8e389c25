package kinesis

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	errFull = &os.PathError{Op: "write", Path: "segment", Err: syscall.ENOSPC}
	errDisk = &os.PathError{Op: "fdatasync", Path: "segment", Err: syscall.EIO}
)

func TestARecordIsSyncedBeforeItIsAcknowledged(t *testing.T) {
	var mu sync.Mutex
	var events []string
	note := func(event string) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, event)
	}
	disk := &faults{}
	w := open(t, func(o *Options) {
		o.fileSystem = disk
		o.OnPut = func(Put) { note("told") }
	})
	w.create(StreamConfig{})
	disk.set(func(f *faults) {
		f.Fail = func(operation, _ string) error { note(operation); return nil }
	})
	w.put("a", "first\n")
	note("acknowledged")
	assert.Equal(t, []string{"write", "sync", "told", "acknowledged"}, events)
}

// failing are the ways in which a disk refuses a record.
var failing = []struct {
	name string
	fail func(f *faults)
}{
	{"the disk is full", func(f *faults) {
		f.Fail = failOn("write", errFull)
	}},
	{"the disk gets full in the middle of a record", func(f *faults) {
		f.Fail, f.Short = failOn("write", errFull), func(n int) int { return n / 2 }
	}},
	{"a whole record is written but not reported so", func(f *faults) {
		f.Fail, f.Short = failOn("write", errFull), func(n int) int { return n }
	}},
	{"syncing fails", func(f *faults) { f.Fail = failOn("sync", errDisk) }},
	{"neither writing nor cutting back is possible", func(f *faults) {
		f.Fail = func(operation, _ string) error {
			if operation == "write" || operation == "truncate" {
				return errDisk
			}
			return nil
		}
		f.Short = func(n int) int { return n - 1 }
	}},
}

func failOn(operation string, err error) func(string, string) error {
	return func(o, name string) error {
		if o == operation && strings.Contains(name, segmentSuffix) {
			return err
		}
		return nil
	}
}

func TestWhatTheDiskRefusesIsAnInternalFailureAndNothingAcknowledgedIsLost(t *testing.T) {
	for _, c := range failing {
		t.Run(c.name, func(t *testing.T) {
			disk := &faults{}
			w := open(t, func(o *Options) { o.fileSystem = disk })
			w.create(StreamConfig{})
			w.put("a", "before\n")
			reader := w.reader(TrimHorizon)
			disk.set(c.fail)
			for range 3 {
				status, f := w.callError("PutRecord", putBody("a", []byte("refused\n")))
				assert.Equal(t, 500, status)
				assert.Equal(t, "InternalFailure", f.Type)
				assert.NotContains(t, f.Message, "segment", "what happened inside is nobody's business")
			}
			if c.name != failing[len(failing)-1].name {
				again, err := w.reopen(w.crash(), nil)
				require.NoError(t, err)
				assert.Equal(t, []string{"before\n"}, again.all(), "what was refused is cut back at once")
			}
			disk.set(func(f *faults) { f.Fail = nil })
			w.put("a", "after\n")
			want := []string{"before\n", "after\n"}
			assert.Equal(t, want, dataOf(w.rest(reader)))
			w.restart(nil)
			assert.Equal(t, want, w.all())
		})
	}
}

func TestAfterAFailedSyncAnotherFileIsWritten(t *testing.T) {
	disk := &faults{}
	w := open(t, func(o *Options) { o.fileSystem = disk })
	w.create(StreamConfig{})
	w.put("a", "before\n")
	before := lastSegment(t, w.dir)
	disk.set(func(f *faults) { f.Fail = failOn("sync", errDisk) })
	w.callError("PutRecord", putBody("a", []byte("refused\n")))
	disk.set(func(f *faults) { f.Fail = nil })
	w.put("a", "after\n")
	assert.NotEqual(t, before, lastSegment(t, w.dir))
	assert.Equal(t, []string{"before\n", "after\n"}, w.all())
}

func TestAFullDiskAtTheChangeOfSegmentsLosesNothing(t *testing.T) {
	for _, operation := range []string{"open", "write", "sync", "rename", "syncdir", "truncate"} {
		t.Run(operation, func(t *testing.T) {
			disk := &faults{}
			change := func(o *Options) { o.fileSystem, o.segmentBytes = disk, 300 }
			w := open(t, change)
			w.create(StreamConfig{})
			var want []string
			refused := 0
			for i := range 30 {
				data := fmt.Sprint(i)
				disk.set(func(f *faults) {
					f.Fail = func(o, _ string) error {
						if o == operation {
							return errFull
						}
						return nil
					}
				})
				status, _ := w.call("PutRecord", putBody("a", []byte(data)))
				disk.set(func(f *faults) { f.Fail = nil })
				if status != 200 {
					refused++
					w.put("a", data)
				}
				want = append(want, data)
			}
			assert.NotZero(t, refused)
			assert.Equal(t, want, w.all())
			w.restart(change)
			assert.Equal(t, want, w.all())
		})
	}
}

func TestABatchThatTheDiskRefusesFailsRecordByRecord(t *testing.T) {
	disk := &faults{}
	w := open(t, func(o *Options) { o.fileSystem = disk })
	w.create(StreamConfig{})
	disk.set(func(f *faults) { f.Fail = failOn("write", errFull) })
	status, response := w.call("PutRecords", batchBody("a", "b"))
	require.Equal(t, 200, status)
	assert.JSONEq(t, `{"FailedRecordCount":2,"Records":[
		{"ErrorCode":"InternalFailure","ErrorMessage":"Internal Service Failure"},
		{"ErrorCode":"InternalFailure","ErrorMessage":"Internal Service Failure"}]}`, string(response))
}

func batchBody(data ...string) []byte {
	type record struct {
		Data         []byte
		PartitionKey string
	}
	var records []record
	for _, d := range data {
		records = append(records, record{[]byte(d), d})
	}
	b, _ := json.Marshal(map[string]any{"StreamName": "events", "Records": records})
	return b
}

func TestAFolderThatCannotBeUsedIsAnError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := Open(Options{Dir: file, Account: account})
	require.ErrorContains(t, err, "opening kinesis")
	require.ErrorContains(t, err, file)
}

func TestAManifestThatCannotBeWrittenLeavesTheStreamAsItWas(t *testing.T) {
	disk := &faults{}
	w := open(t, func(o *Options) { o.fileSystem = disk })
	w.create(StreamConfig{ShardCount: 2})
	before, err := w.DescribeStream("events")
	require.NoError(t, err)
	disk.set(func(f *faults) {
		f.Fail = func(_, name string) error {
			if strings.Contains(name, manifestName) {
				return errFull
			}
			return nil
		}
	})
	require.ErrorIs(t, w.UpdateStream(StreamConfig{Name: "events", ShardCount: 4}), syscall.ENOSPC)
	disk.set(func(f *faults) { f.Fail = nil })
	after, err := w.DescribeStream("events")
	require.NoError(t, err)
	assert.Equal(t, before, after)
	w.put("a", "still here\n")
	w.restart(nil)
	assert.Equal(t, []string{"still here\n"}, w.all())
}

func TestACallThatIsCanceledBeforeTheSyncIsAnError(t *testing.T) {
	disk := &faults{}
	w := open(t, func(o *Options) { o.fileSystem = disk })
	w.create(StreamConfig{})
	ctx, cancel := context.WithCancel(context.Background())
	release := make(chan struct{})
	disk.set(func(f *faults) {
		f.Fail = func(operation, _ string) error {
			if operation == "write" {
				cancel()
				<-release
			}
			return nil
		}
	})
	status, response := w.Call(ctx, w.caller, "PutRecord", putBody("a", []byte("slow\n")))
	assert.Equal(t, 503, status)
	assert.Contains(t, string(response), "ServiceUnavailable")
	close(release)
}

func TestAClosedServiceRefusesRecords(t *testing.T) {
	w := open(t, nil)
	w.create(StreamConfig{})
	r := w.reader(Latest)
	waiting := r.Wait()
	require.NoError(t, w.Close())
	<-waiting
	status, f := w.callError("PutRecord", putBody("a", []byte("late\n")))
	assert.Equal(t, 503, status)
	assert.Equal(t, "ServiceUnavailable", f.Type)
	_, _, err := r.Poll(1, 1)
	require.ErrorIs(t, err, errClosed)
	_, err = w.CreateStream(StreamConfig{Name: "other", ShardCount: 1})
	require.ErrorIs(t, err, errClosed)
	require.NoError(t, w.Close(), "closing twice")
}
