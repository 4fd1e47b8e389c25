package firehose

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/kinesis"
	"ingest-pipeline/local/aws/s3"
)

// refusing is S3 that refuses at random: before an object is put, or, as a connection that breaks does, after.
type refusing struct {
	*s3.Service
	mu      sync.Mutex
	random  *rand.Rand
	refused int
}

func (r *refusing) PutObject(caller *iam.Session, bucket, key string, body io.Reader, options s3.PutOptions) error {
	r.mu.Lock()
	luck := r.random.IntN(10)
	if luck < 4 {
		r.refused++
	}
	r.mu.Unlock()
	if luck < 3 {
		return awserr.New("SlowDown", 503, "Please reduce your request rate.")
	}
	err := r.Service.PutObject(caller, bucket, key, body, options)
	if luck == 3 {
		return awserr.New("RequestTimeout", 400, "Your socket connection to the server was not read from or written to.")
	}
	return err
}

// TestEveryAcknowledgedRecordIsInS3 lets writers put numbered records through throttled shards while S3 refuses at
// random and both services are ended and begun again. In the end S3 has exactly the records that were acknowledged,
// each at least once, in whole lines.
func TestEveryAcknowledgedRecordIsInS3(t *testing.T) {
	for _, format := range []string{Uncompressed, GZIP} {
		t.Run(format, func(t *testing.T) { closedLoop(t, format) })
	}
}

func closedLoop(t *testing.T, format string) {
	const writers, records, parts = 8, 1100, 3
	bucket := &refusing{random: rand.New(rand.NewPCG(7, 8))}
	w := open(t, func(o *Options) {
		o.objects, o.MaxBufferInterval = bucket, 20*time.Millisecond
		o.OnBuffer, o.OnDeliver, o.OnFault = nil, nil, nil
	})
	var err error
	bucket.Service, err = s3.Open(s3.Options{Dir: filepath.Join(w.dir, "s3"), Account: account, Clock: w.clock, IAM: w.iam})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, bucket.Close()) })
	_, err = bucket.CreateBucket("archive")
	require.NoError(t, err)
	c := config()
	c.BufferSizeMiB, c.BufferIntervalSeconds, c.CompressionFormat = ptr(1), ptr(1), format
	w.create(c)

	var target atomic.Pointer[kinesis.Service] // whom the writers call
	target.Store(w.kinesis)
	var acknowledged, throttled atomic.Int64
	progress := make(chan struct{}, parts) // at each fourth of the records
	var working sync.WaitGroup
	for writer := range writers {
		working.Go(func() {
			for n := range records {
				for !putOnce(t, w, target.Load(), loopRecord(writer, n), &throttled) {
					w.clock.Advance(5 * time.Millisecond)
				}
				if done := acknowledged.Add(1); done%(writers*records/(parts+1)) == 0 && done < writers*records {
					progress <- struct{}{}
				}
			}
		})
	}
	for range parts {
		<-progress
		w.crash()
		w.start(func(o *Options) {
			o.objects, o.MaxBufferInterval = bucket, 20*time.Millisecond
			o.OnBuffer, o.OnDeliver, o.OnFault = nil, nil, nil
		})
		target.Store(w.kinesis)
	}
	working.Wait()
	for w.Flush(t.Context()) != nil {
		w.clock.Advance(time.Second)
	}

	duplicates := requireEachOnce(t, readAll(t, bucket.Service), writers, records)
	assert.NotZero(t, throttled.Load())
	assert.NotZero(t, bucket.refused)
	t.Logf("%d records, %d throttled, %d refusals of S3, %d duplicates", writers*records, throttled.Load(), bucket.refused, duplicates)
}

// requireEachOnce finds each record of each writer in text at least once, and nothing else, and counts the duplicates.
func requireEachOnce(t *testing.T, text string, writers, records int) (duplicates int) {
	t.Helper()
	got := map[string]int{}
	for line := range strings.SplitAfterSeq(text, "\n") {
		if line == "" {
			continue
		}
		if got[line]++; got[line] > 1 {
			duplicates++
		}
	}
	for writer := range writers {
		for n := range records {
			if got[loopRecord(writer, n)] == 0 {
				t.Fatalf("record %d of writer %d was acknowledged and is not in S3", n, writer)
			}
			delete(got, loopRecord(writer, n))
		}
	}
	assert.Empty(t, got, "nothing that was never acknowledged, and no torn lines")
	return duplicates
}

// loopRecord is a line whose length depends on its number.
func loopRecord(writer, n int) string {
	return fmt.Sprintf(`{"writer":%d,"n":%d,"pad":%q}`+"\n", writer, n, strings.Repeat("p", n%900))
}

// putOnce tries once and reports whether the record was acknowledged.
func putOnce(t *testing.T, w *fixture, service *kinesis.Service, data string, throttled *atomic.Int64) bool {
	body, err := json.Marshal(map[string]any{"StreamName": "events", "PartitionKey": "one", "Data": []byte(data)})
	require.NoError(t, err)
	status, response := service.Call(context.Background(), w.caller, "PutRecord", body)
	switch {
	case status == 200:
		return true
	case status == 503: // the service is being ended
	case strings.Contains(string(response), "ProvisionedThroughputExceededException"):
		throttled.Add(1)
	default:
		t.Errorf("%d %s", status, response)
	}
	return false
}

// readAll returns the content of all objects, in the order of their names.
func readAll(t *testing.T, service *s3.Service) string {
	t.Helper()
	infos, err := service.Objects("archive", "raw/")
	require.NoError(t, err)
	bucket := &store{}
	for _, info := range infos {
		f, err := service.Get("archive", info.Key)
		require.NoError(t, err)
		content, err := io.ReadAll(f)
		require.NoError(t, err)
		require.NoError(t, f.Close())
		o := object{key: info.Key, content: content}
		o.options.ContentEncoding = info.ContentEncoding
		bucket.objects = append(bucket.objects, o)
	}
	return bucket.text(t)
}
