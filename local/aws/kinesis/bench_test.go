package kinesis

import (
	"context"
	"fmt"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/internal/protocol"
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

// BenchmarkReadingAMillionRecords reads records back with GetRecords; the memory that it takes must not grow with their number.
func BenchmarkReadingAMillionRecords(b *testing.B) {
	const records, batch = 1_000_000, 500
	w := open(b, func(o *Options) { o.fileSystem = &faults{File: func(_ string, f File) File { return idleFile{f} }} })
	w.create(StreamConfig{})
	body := []byte(`{"StreamName":"events","Records":[` + strings.TrimSuffix(strings.Repeat(`{"Data":"eyJ0eXBlIjoiY2xpY2sifQ==","PartitionKey":"k"},`, batch), ",") + `]}`)
	for range records / batch {
		w.clock.Advance(time.Second)
		if status, response := w.call("PutRecords", body); status != 200 || strings.Contains(string(response), "ErrorCode") {
			b.Fatalf("%s", response)
		}
	}
	handler := protocol.New(w.API())
	var most uint64
	for b.Loop() {
		iterator, read := w.iterator("0", "TRIM_HORIZON"), 0
		for calls := 0; read < records; calls++ {
			w.clock.Advance(time.Second)
			request := `{"ShardIterator":"` + iterator + `"}`
			r := httptest.NewRequest("POST", "/", nil)
			r.Header.Set("Content-Type", "application/x-amz-json-1.1")
			r.Header.Set("X-Amz-Target", "Kinesis_20131202.GetRecords")
			recorder := httptest.NewRecorder()
			x, err := handler.Read(recorder, r, "id", []byte(request))
			require.NoError(b, err)
			x.Serve(b.Context(), &protocol.Call{Caller: w.caller, Account: account})
			_, rest, ok := strings.Cut(recorder.Body.String(), `"NextShardIterator":"`)
			if !ok {
				b.Fatal(recorder.Body.String())
			}
			iterator, _, _ = strings.Cut(rest, `"`)
			read += strings.Count(recorder.Body.String(), `"SequenceNumber"`)
			if calls%10 == 0 {
				runtime.GC()
				var memory runtime.MemStats
				runtime.ReadMemStats(&memory)
				most = max(most, memory.HeapAlloc)
			}
		}
	}
	b.ReportMetric(float64(records*b.N)/b.Elapsed().Seconds(), "records/s")
	b.ReportMetric(float64(most)/(1<<20), "MiB-heap")
}
