package console_test

import (
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
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

// BenchmarkPage is the longest time between two frames of a page in a browser, while 5,000 events a second arrive. An
// iteration is a second.
func BenchmarkPage(b *testing.B) {
	findBrowser(b)
	f := start(b, pipelinetest.Options{Settings: loadSettings})
	page := openBrowser(b, f)
	page.open("")
	page.do(chromedp.Evaluate[chromedp.Void](`{
		let last = performance.now();
		window.longest = 0;
		requestAnimationFrame(function frame(now) {
			window.longest = Math.max(window.longest, now - last);
			last = now;
			requestAnimationFrame(frame);
		});
	}`))
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for b.Loop() {
		for range 10 {
			<-tick.C
			if status := f.Post(b, f.BatchURL, largestBatch).Status; status != http.StatusOK {
				b.Fatalf("status %d", status)
			}
		}
	}
	longest, err := chromedp.Run(page.ctx, chromedp.Evaluate[float64]("window.longest"))
	require.NoError(b, err)
	b.ReportMetric(longest, "ms/longest-frame")
}
