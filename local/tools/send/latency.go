package send

import (
	"math/bits"
	"time"
)

// latencies is a histogram of constant size: each power of two of microseconds is cut into latencySteps parts, so that
// a quantile is at most 1/latencySteps too high.
type latencies struct {
	buckets [40 * latencySteps]int64
	count   int64
	longest time.Duration
}

const latencySteps = 64

func (l *latencies) add(d time.Duration) {
	l.buckets[bucketIndex(d)]++
	l.count++
	l.longest = max(l.longest, d)
}

// quantile returns the latency at q (0 to 1); 0 if there is none.
func (l *latencies) quantile(q float64) time.Duration {
	rank := int64(q*float64(l.count) + 0.999999)
	var seen int64
	for bucket, n := range l.buckets {
		if seen += n; n > 0 && seen >= rank {
			return min(upperBound(bucket), l.longest)
		}
	}
	return 0
}

func bucketIndex(d time.Duration) int {
	us := uint64(max(0, d.Microseconds()))
	if us < latencySteps {
		return int(us)
	}
	// The highest bit selects the power of two, the next bits the part of it.
	power := bits.Len64(us) - bits.Len64(latencySteps)
	return min(power*latencySteps+int(us>>power), len(latencies{}.buckets)-1)
}

func upperBound(bucket int) time.Duration {
	power := max(0, bucket/latencySteps-1)
	part := bucket - power*latencySteps
	return time.Duration((uint64(part)+1)<<power-1) * time.Microsecond
}
