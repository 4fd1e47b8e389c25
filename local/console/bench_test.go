package console_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/test/pipelinetest"
)

// BenchmarkEvent is the time of an event from the request to the answer, with and without a page that is open.
func BenchmarkEvent(b *testing.B) {
	for _, page := range []string{"without a page", "with a page"} {
		b.Run(page, func(b *testing.B) {
			f := start(b, pipelinetest.Options{Settings: map[string]string{
				"throttle.requestsPerSecond": "10000", "throttle.burst": "5000", "stream.shardCount": "20", "logs.level": "OFF", "alarms.enabled": "false",
			}})
			if page == "with a page" {
				request, err := http.NewRequestWithContext(b.Context(), http.MethodGet, f.server.URL()+"api/stream", nil)
				require.NoError(b, err)
				response, err := http.DefaultClient.Do(request)
				require.NoError(b, err)
				defer response.Body.Close()
				go func() { _, _ = io.Copy(io.Discard, response.Body) }() // it ends with the body
			}
			for b.Loop() {
				if status := f.Post(b, f.URL, `{"value":"30","type":"Tip 3"}`).Status; status != http.StatusOK {
					b.Fatalf("status %d", status)
				}
			}
		})
	}
}
