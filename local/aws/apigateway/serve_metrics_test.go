package apigateway

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/internal/metric"
	"ingest-pipeline/local/aws/internal/metric/metrictest"
)

// awaitMetrics returns the metrics once those of n requests are recorded, which happens after the response.
func awaitMetrics(t *testing.T, l *metrictest.Collector, n int) map[string][]float64 {
	t.Helper()
	var values map[string][]float64
	require.Eventually(t, func() bool {
		values = l.Values()
		return len(values["Latencymap[ApiName:events Stage:PROD]"]) == n
	}, 10*time.Second, time.Millisecond)
	return values
}

func TestRequestsAreMeasuredForTheAPIAndTheStage(t *testing.T) {
	l := &metrictest.Collector{}
	f := newFixture(t, func(o *Options) { o.Metrics = l.Metric })
	f.deploy(f.postV1())
	f.backend.during = func(context.Context) { f.clock.Advance(40 * time.Millisecond) }
	require.Equal(t, 200, f.post(`{}`).status)
	require.Equal(t, 403, f.send("POST /PROD/none", `{}`).status)
	f.backend.answers(500, `{}`)
	f.send("POST /none/v1", `{}`) // no stage, so that nobody's metrics are meant
	values := awaitMetrics(t, l, 2)
	for _, dimensions := range []string{"map[ApiName:events]", "map[ApiName:events Stage:PROD]"} {
		assert.Equal(t, []float64{1, 1}, values["Count"+dimensions])
		assert.Equal(t, []float64{0, 1}, values["4XXError"+dimensions])
		assert.Equal(t, []float64{0, 0}, values["5XXError"+dimensions])
		assert.Equal(t, []float64{40, 0}, values["Latency"+dimensions])
		assert.Equal(t, []float64{40}, values["IntegrationLatency"+dimensions], "the second did not reach the integration")
	}
	assert.Len(t, values, 10, "a method has metrics of its own only if they are asked for")
}

func TestAMethodWithDetailedMetricsHasItsOwn(t *testing.T) {
	l := &metrictest.Collector{}
	f := newFixture(t, func(o *Options) { o.Metrics = l.Metric })
	f.deploy(f.postV1())
	require.NoError(t, f.UpdateMethodSettings(MethodSettings{APIID: testAPI, StageName: "PROD", MethodPath: "*/*", MetricsEnabled: true}))
	f.post(`{}`)
	values := awaitMetrics(t, l, 1)
	assert.Equal(t, []float64{1}, values["Countmap[ApiName:events Method:POST Resource:/v1 Stage:PROD]"])
}

func TestTheNameOfAnAPIIsADimensionInASCII(t *testing.T) {
	for name, want := range map[string]string{"events": "events", "이벤트 events": " events", "이벤트": "a1b2c3d4e5"} {
		assert.Equal(t, want, apiNameDimension(RestAPI{ID: testAPI, Name: name}))
	}
}

// BenchmarkHandlerWithMetrics is BenchmarkHandler with metrics that are as costly as a look at a mutex.
func BenchmarkHandlerWithMetrics(b *testing.B) {
	f := benchmarkAPI(b, func(o *Options) {
		o.Metrics = func(string, map[string]string) metric.Recorder { return new(sum) }
	})
	serveBenchmark(b, f)
}

type sum struct {
	mu    sync.Mutex
	total float64
}

func (s *sum) AddAt(_ time.Time, value float64) {
	s.mu.Lock()
	s.total += value
	s.mu.Unlock()
}
