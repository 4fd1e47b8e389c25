package contract_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/test/pipelinetest"
)

// connections is how many clients send at once.
const connections = 32

// post sends one event b.N times over that many connections and returns the requests per second.
func post(b *testing.B, url string) float64 {
	b.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	aws.RaiseProcessors() // as the local target's main does, for bare and pipeline alike
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections}}
	defer client.CloseIdleConnections()
	b.SetParallelism(connections / runtime.GOMAXPROCS(0))
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(each *testing.PB) {
		for each.Next() {
			request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, url, strings.NewReader(firstEvent))
			if err != nil {
				b.Error(err)
				return
			}
			request.Header.Set("Content-Type", "application/json")
			response, err := client.Do(request)
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
			if response.StatusCode != http.StatusOK {
				b.Errorf("status %d", response.StatusCode)
				return
			}
		}
	})
	b.StopTimer()
	rate := float64(b.N) / b.Elapsed().Seconds()
	b.ReportMetric(rate, "requests/s")
	return rate
}

// BenchmarkHop measures the whole hop (HTTP in, validated, rendered, role checked, hashed to a shard, durable, 200 out)
// against a bare net/http handler that reads the same body and answers 200, in one run on the same machine, clients
// included. percent-of-bare is what to look at.
func BenchmarkHop(b *testing.B) {
	var bare float64
	b.Run("bare", func(b *testing.B) {
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
		}))
		defer server.Close()
		bare = post(b, server.URL)
	})
	b.Run("pipeline", func(b *testing.B) {
		p := pipelinetest.Start(b, pipelinetest.Options{
			ThrottleRate: 1e6,
			Settings: map[string]string{
				"stream.shardCount": "100", "throttle.requestsPerSecond": "10000", "throttle.burst": "5000", "logs.level": "OFF", "logs.accessLog": "false", "alarms.enabled": "false",
			},
			Change: unthrottled,
		})
		rate := post(b, p.URL)
		if bare > 0 {
			b.ReportMetric(100*rate/bare, "percent-of-bare")
		}
	})
}

// BenchmarkMemory sends events all the way to S3 and reports the resident set: it has to stay below 200 MiB for a million.
//
//	go test -C local -run '^$' -bench Memory -benchtime 1000000x ./contract
func BenchmarkMemory(b *testing.B) {
	p := pipelinetest.Start(b, pipelinetest.Options{
		ThrottleRate: 1e6,
		Settings: map[string]string{
			"stream.shardCount": "100", "throttle.requestsPerSecond": "10000", "throttle.burst": "5000", "logs.level": "OFF", "logs.accessLog": "false", "alarms.enabled": "false",
			"delivery.bufferIntervalSeconds": "1",
		},
		Change: unthrottled,
	})
	post(b, p.URL)
	p.Flush(b)
	debug.FreeOSMemory()
	b.ReportMetric(residentMiB(b), "resident-MiB")
}

// residentMiB is the process's resident set.
func residentMiB(b *testing.B) float64 {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip("needs /proc")
	}
	_, after, found := strings.Cut(string(status), "VmRSS:")
	require.True(b, found)
	kib, err := strconv.ParseFloat(strings.Fields(after)[0], 64)
	require.NoError(b, err)
	return kib / 1024
}
