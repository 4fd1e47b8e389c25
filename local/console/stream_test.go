package console_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/aws/apigateway"
	"ingest-pipeline/local/aws/cloudwatch"
	"ingest-pipeline/local/test/pipelinetest"
)

// loadSettings let 5,000 events a second through.
var loadSettings = map[string]string{
	"throttle.requestsPerSecond": "10000", "throttle.burst": "5000", "stream.shardCount": "10", "logs.level": "OFF",
}

// largestBatch is 500 events.
var largestBatch = "[" + strings.Repeat(`{"value":"30","type":"Tip 3"},`, 499) + `{"value":"30","type":"Tip 3"}]`

// sampled is how many requests of each kind, answered well and not, a page gets in a second.
const sampled = 8

// publishMarker publishes an alarm. Events of a page keep their order, so all that were published before it come before it.
func publishMarker(hooks aws.Hooks, reason string) {
	var change cloudwatch.AlarmChange
	change.Alarm.Name, change.Alarm.State, change.Alarm.Reason = "marker", cloudwatch.OK, reason
	hooks.OnAlarm(change)
}

// requestsBeforeMarker counts the requests that a page gets before the marker.
func (p *page) requestsBeforeMarker() (answered, failed int) {
	p.t.Helper()
	for {
		name, data, err := p.read()
		require.NoError(p.t, err)
		switch name {
		case "alarm":
			return answered, failed
		case "request":
			var request struct{ Status int }
			require.NoError(p.t, json.Unmarshal(data, &request))
			if request.Status < 400 {
				answered++
			} else {
				failed++
			}
		}
		assert.Less(p.t, len(data), 16<<10, "%s", name)
	}
}

func TestAtFiveThousandEventsASecondThePageGetsSamplesAndTheRightNumbers(t *testing.T) {
	t.Parallel()
	const seconds, batches, singles, refused = 4, 9, 500, 50
	const perSecond = batches*500 + singles
	clock := clockwork.NewFakeClockAt(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC))
	f := start(t, pipelinetest.Options{Clock: clock, Settings: loadSettings})
	page := f.openPage()
	var s state
	page.next("state", &s)
	for range seconds {
		for range batches {
			require.Equal(t, http.StatusOK, f.Post(t, f.BatchURL, largestBatch).Status)
		}
		for n := range singles {
			require.Equal(t, http.StatusOK, f.Post(t, f.URL, fmt.Sprintf(`{"n":%d}`, n)).Status)
		}
		for range refused {
			require.Equal(t, http.StatusBadRequest, f.Post(t, f.URL, `no JSON`).Status)
		}
		publishMarker(f.monitor.Hooks(), "")
		answered, failed := page.requestsBeforeMarker()
		assert.Equal(t, sampled, answered)
		assert.Equal(t, sampled, failed)

		clock.Advance(time.Second)
		page.next("state", &s)
		var rate float64
		for _, shard := range s.Streams[0].Shards {
			rate += shard.Records
		}
		assert.Equal(t, float64(perSecond), rate, "events per second of all shards")
	}
	f.eventually(func() bool { // a request counts once its answer was written
		f.get("/api/state", &s)
		totals := map[string][2]float64{}
		for _, r := range s.Gateways[0].Routes {
			totals[r.Path] = [2]float64{r.Totals.OK, r.Totals.ClientErrors}
		}
		return assert.ObjectsAreEqual(map[string][2]float64{"/v1": {seconds * singles, seconds * refused}, "/v1/batch": {seconds * batches}}, totals)
	})
	total := 0
	for _, shard := range s.Streams[0].Shards {
		total += shard.Total
	}
	assert.Equal(t, seconds*perSecond, total)
	f.Flush(t)
	assert.Len(t, f.Lines(t, "raw/"), seconds*perSecond)
}

// respond reports answered and failed requests to the monitor, as many of each.
func respond(hooks aws.Hooks, n int) {
	for range n {
		for _, status := range []int{200, 429} {
			hooks.OnResponse(apigateway.Response{APIID: "a", Stage: "PROD", HTTPMethod: "POST", ResourcePath: "/v1", Status: status})
		}
	}
}

func TestAllPagesHaveOneSampleOfTheRequests(t *testing.T) {
	t.Parallel()
	clock := clockwork.NewFakeClockAt(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC))
	f := start(t, pipelinetest.Options{Clock: clock})
	hooks := f.monitor.Hooks()
	var pages []*page
	var s json.RawMessage
	for range 3 { // all in the same second
		p := f.openPage()
		p.next("state", &s)
		pages = append(pages, p)
		respond(hooks, 100_000)
	}
	for _, want := range [][]int{{sampled, 0, 0}, {sampled, sampled, sampled}} {
		publishMarker(hooks, "")
		for i, p := range pages {
			answered, failed := p.requestsBeforeMarker()
			assert.Equal(t, want[i], answered)
			assert.Equal(t, want[i], failed)
		}
		clock.Advance(time.Second)
		for _, p := range pages {
			p.next("state", &s)
		}
		respond(hooks, 100_000)
	}
}

func TestAPageThatDoesNotReadIsDisconnectedAndDelaysNothing(t *testing.T) {
	t.Parallel()
	f := start(t, pipelinetest.Options{})
	hooks := f.monitor.Hooks()
	stuck := f.openPage()
	// Far more than the buffers of a connection and the queue of a page hold.
	const published = 3000
	reason := strings.Repeat("a long reason ", 4<<10)
	for range published {
		publishMarker(hooks, reason)
	}
	received := 0
	f.eventually(func() bool {
		name, _, err := stuck.read()
		if name == "alarm" {
			received++
		}
		return err != nil
	})
	assert.Less(t, received, published)
	var s json.RawMessage
	f.openPage().next("state", &s) // as a browser does that connects again
}
