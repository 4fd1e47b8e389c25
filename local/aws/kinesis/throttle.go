package kinesis

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// allow asks the limits of the stream's mode.
func (st *stream) allow(e *entry, now time.Time) bool {
	if st.onDemand != nil {
		return st.onDemand.allow(now, e.hash, e.size())
	}
	if !e.shard.meter.allows(now, e.size()) {
		return false
	}
	e.shard.meter.consume(now, e.size())
	return true
}

// meter bounds records and bytes a second. One second's worth can come at once.
//
// documented (service-sizes-and-limits): 1,000 records and 1 MB a second for a shard, partition keys counted.
// assumed: that AWS's bucket holds one second's worth, and that 1 MB is 1,048,576 bytes.
type meter struct{ records, bytes *rate.Limiter }

func newMeter(records, bytes int) *meter {
	return &meter{
		records: rate.NewLimiter(rate.Limit(records), records),
		bytes:   rate.NewLimiter(rate.Limit(bytes), bytes),
	}
}

// allows reports whether one record of so many bytes would pass now.
func (m *meter) allows(now time.Time, bytes int) bool {
	return m.records.TokensAt(now) >= 1 && m.bytes.TokensAt(now) >= float64(bytes)
}

// consume lets a record pass that allows has allowed at the same time.
func (m *meter) consume(now time.Time, bytes int) {
	m.records.AllowN(now, 1)
	m.bytes.AllowN(now, bytes)
}

func (m *meter) grow(now time.Time, records, bytes int) {
	m.records.SetLimitAt(now, rate.Limit(records))
	m.records.SetBurstAt(now, records)
	m.bytes.SetLimitAt(now, rate.Limit(bytes))
	m.bytes.SetBurstAt(now, bytes)
}

// readMeter bounds what GetRecords reads from a shard.
//
// documented (API_GetRecords): 5 calls and 2 MB a second; after a call that read 10 MB the next one passes in 5 seconds.
type readMeter struct {
	mu    sync.Mutex
	calls *rate.Limiter
	bytes *rate.Limiter
	// Until all that was read has been earned, no call passes.
	until time.Time
}

func newReadMeter() *readMeter {
	return &readMeter{
		calls: rate.NewLimiter(shardReadsPerSecond, shardReadsPerSecond),
		bytes: rate.NewLimiter(shardReadBytesPerSecond, shardReadBytesPerSecond),
	}
}

// allow lets a call pass, or does not.
func (m *readMeter) allow(now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return !now.Before(m.until) && m.calls.AllowN(now, 1)
}

// consume counts what a call has read.
func (m *readMeter) consume(now time.Time, bytes int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for bytes > 0 {
		part := min(bytes, shardReadBytesPerSecond)
		m.until = now.Add(m.bytes.ReserveN(now, part).DelayFrom(now))
		bytes -= part
	}
}

// Growth of an on-demand stream.
//
// documented (how-do-i-size-a-stream): capacity is twice the peak of the last 30 days, and writing may be throttled
// when traffic more than doubles within 15 minutes. assumed: that the peak is that of a whole minute, and that
// capacity follows it at the end of each 15 minutes. It starts over when the process does, and does not shrink.
const (
	growthWindow = 15 * time.Minute
	peakWindow   = time.Minute
)

// onDemand is the capacity of an on-demand stream, and of each of its partition keys.
type onDemand struct {
	whole  *meter
	growth int // capacity is growth times that of a new stream

	windowEnd, minuteEnd time.Time
	records, bytes       int // accepted in this minute
	peak                 int // the growth that the busiest minute of this window asks for

	// A key that did not come for a second has its whole share again, as if it were new, so that only the keys of
	// this second and the last have to be remembered.
	keys, earlier map[hashKey]*meter
	second        time.Time
}

func newOnDemand(growth int) *onDemand {
	return &onDemand{
		whole:  newMeter(growth*onDemandRecordsPerSecond, growth*onDemandBytesPerSecond),
		growth: growth,
		keys:   map[hashKey]*meter{},
	}
}

// allow accepts a record unless the stream or its partition key is over its share.
func (o *onDemand) allow(now time.Time, key hashKey, bytes int) bool {
	o.tick(now)
	share := o.share(now, key)
	if !share.allows(now, bytes) || !o.whole.allows(now, bytes) {
		return false
	}
	share.consume(now, bytes)
	o.whole.consume(now, bytes)
	o.records++
	o.bytes += bytes
	return true
}

// share is the meter of a partition key.
//
// documented (how-do-i-size-a-stream): in on-demand mode too, one partition key gets 1 MB and 1,000 records a second.
func (o *onDemand) share(now time.Time, key hashKey) *meter {
	if now.Sub(o.second) >= time.Second {
		if now.Sub(o.second) >= 2*time.Second {
			clear(o.keys)
		}
		o.earlier, o.keys, o.second = o.keys, map[hashKey]*meter{}, now
	}
	m := o.keys[key]
	if m == nil {
		if m = o.earlier[key]; m == nil {
			m = newMeter(shardRecordsPerSecond, shardBytesPerSecond)
		}
		o.keys[key] = m
	}
	return m
}

// tick closes the minutes and windows that are over.
func (o *onDemand) tick(now time.Time) {
	if now.Before(o.minuteEnd) {
		return
	}
	seconds := int(peakWindow / time.Second)
	records := 2 * o.records / seconds
	bytes := 2 * o.bytes / seconds
	o.peak = max(o.peak, ceil(records, onDemandRecordsPerSecond), ceil(bytes, onDemandBytesPerSecond))
	o.records, o.bytes, o.minuteEnd = 0, 0, now.Add(peakWindow)
	if now.Before(o.windowEnd) {
		return
	}
	if grown := min(o.peak, onDemandMaxGrowth); grown > o.growth {
		o.growth = grown
		o.whole.grow(now, grown*onDemandRecordsPerSecond, grown*onDemandBytesPerSecond)
	}
	o.peak, o.windowEnd = 0, now.Add(growthWindow)
}

func ceil(n, unit int) int { return (n + unit - 1) / unit }
