package cost

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/internal/settings"
	"ingest-pipeline/pipeline"
)

// TestDevCostsAtMostTenDollarsADayAtItsThrottle prices an endpoint that anyone may use, with both routes at their throttle
// all day: single events on one, the largest batches that the shards accept on the other.
func TestDevCostsAtMostTenDollarsADayAtItsThrottle(t *testing.T) {
	_, config, err := settings.Load(context.Background(), filepath.Join("..", "..", ".."), "dev")
	require.NoError(t, err)
	require.Equal(t, pipeline.AccessNone, config.Access, "not open: the throttle is no limit of what a stranger can cost")
	prices, err := LoadPrices("")
	require.NoError(t, err)
	const daysPerMonth = HoursPerMonth / 24.0
	throttle := float64(config.Throttle.RequestsPerSecond)
	worst := 0.0
	for _, bytes := range []int{20, 500, 1000, 2000, 5000, 10_000, 100_000, 1_000_000} {
		perDay := -idle(prices, "us-east-1", config).PerMonth / daysPerMonth // counted twice
		left := float64(config.Stream.ShardCount) * min(shardRecordsPerSecond, shardBytesPerSecond/float64(bytes))
		for _, batch := range []int{largestBatch(bytes), 1} {
			accepted := min(throttle*float64(batch), left)
			left -= accepted
			traffic := newTraffic(Options{EventsPerSecond: accepted, EventBytes: bytes, BatchSize: batch}, config)
			traffic.requestsPerSecond, traffic.requests = throttle, throttle*HoursPerMonth*3600
			e := estimate(prices, "us-east-1", config, traffic, batch)
			require.Empty(t, e.Without)
			perDay += e.PerMonth / daysPerMonth
		}
		t.Logf("%d bytes: %.2f USD a day", bytes, perDay)
		worst = max(worst, perDay)
	}
	assert.LessOrEqual(t, worst, 10.0, "USD a day at %g requests/s", throttle)
}
