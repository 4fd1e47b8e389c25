package kinesis

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

// BenchmarkPutRecord is the Kinesis part of the endpoint: 32 producers with keys that differ, 40 shards, real disk.
func BenchmarkPutRecord(b *testing.B) {
	for _, size := range []int{200, 1000} {
		b.Run(fmt.Sprintf("%dB", size), func(b *testing.B) { benchmarkPut(b, size, false) })
	}
}

// BenchmarkPutRecordWithoutDisk leaves out the disk: what is left is the processor time of a record.
func BenchmarkPutRecordWithoutDisk(b *testing.B) { benchmarkPut(b, 200, true) }

// idleFile is on a disk that takes no time.
type idleFile struct{ File }

func (idleFile) Sync() error { return nil }

func benchmarkPut(b *testing.B, size int, withoutDisk bool) {
	benchmarkPutWith(b, size, func(o *Options) {
		o.Clock = clockwork.NewRealClock()
		if withoutDisk {
			o.fileSystem = &faults{File: func(_ string, f File) File { return idleFile{f} }}
		}
	})
}

func benchmarkPutWith(b *testing.B, size int, change func(*Options)) {
	w := open(b, change)
	w.create(StreamConfig{ShardCount: 40})
	st := w.find("events")
	for _, s := range st.open { // this is not about throttling
		s.meter.grow(w.options.Clock.Now(), 1<<30, 1<<40)
	}
	data := strings.Repeat("x", size)
	var producers atomic.Int64
	used := processorTime(b)
	b.SetParallelism(16) // times GOMAXPROCS; 32 on two processors
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		producer, n := producers.Add(1), 0
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		body := make([]byte, 0, 2048)
		for pb.Next() {
			n++
			body = fmt.Appendf(body[:0], `{"Data": "%s","PartitionKey": "Root=1-%08x-%024x","StreamName": "events"}`,
				base64Of(data), producer, n)
			if status, response := w.Call(ctx, w.caller, "PutRecord", body); status != 200 {
				b.Errorf("%d %s", status, response)
				return
			}
		}
	})
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
	b.ReportMetric(float64((processorTime(b)-used).Nanoseconds())/1000/float64(b.N), "cpu-µs/record")
	require.Equal(b, uint64(b.N), st.log.end.ordinal)
}

// BenchmarkReader reads what was stored, as a delivery stream does.
func BenchmarkReader(b *testing.B) {
	w := open(b, func(o *Options) { o.Clock = clockwork.NewRealClock() })
	w.create(StreamConfig{ShardCount: 40})
	st := w.find("events")
	entries := make([]entry, 500)
	for i := range entries {
		entries[i] = entry{key: fmt.Appendf(nil, "Root=1-%08x-%024x", i, i), data: []byte(strings.Repeat("x", 200))}
		entries[i].hash = hashOf(entries[i].key)
	}
	for _, s := range st.open {
		s.meter.grow(w.options.Clock.Now(), 1<<30, 1<<40)
	}
	for range 100 {
		require.NoError(b, st.put(context.Background(), entries))
	}
	b.ReportAllocs()
	b.ResetTimer()
	for read := 0; read < b.N; {
		r := w.reader(TrimHorizon)
		for read < b.N {
			records, _, err := r.Poll(1000, 1<<20)
			require.NoError(b, err)
			if len(records) == 0 {
				break
			}
			read += len(records)
		}
		require.NoError(b, r.Close())
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
}
