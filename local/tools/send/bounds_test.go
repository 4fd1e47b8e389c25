package send

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheRateIsNotExceeded(t *testing.T) {
	for _, row := range []struct {
		name  string
		rate  float64
		batch int
		least time.Duration
	}{
		{"one by one", 50, 1, 19 * time.Second},
		{"in batches", 50, 100, 17 * time.Second},
		{"less than one a second", 0.5, 1, 1990 * time.Second},
	} {
		t.Run(row.name, func(t *testing.T) {
			endpoint := newStub(t, ok)
			clock := newFastClock()
			start := clock.Now()
			r := run(t, Options{URL: endpoint.URL, Count: 1000, Rate: row.rate, BatchSize: row.batch, Clock: clock})
			require.NoError(t, r.err)
			took := clock.Since(start)
			assert.GreaterOrEqual(t, took, row.least)
			assert.LessOrEqual(t, took, time.Duration(1000/row.rate*float64(time.Second)))
		})
	}
}

func TestRepeatedEventsCountForTheRate(t *testing.T) {
	endpoint := newStub(t, func(r received) reply {
		if r.number%2 == 1 {
			return refusal(429, "THROTTLED")
		}
		return ok(r)
	})
	clock := newFastClock()
	start := clock.Now()
	r := run(t, Options{URL: endpoint.URL, Count: 10, Rate: 0.1, Clock: clock})
	require.NoError(t, r.err)
	assert.GreaterOrEqual(t, clock.Since(start), 189*time.Second)
}

func TestADurationEndsTheRun(t *testing.T) {
	endpoint := newStub(t, ok)
	clock := newFastClock()
	r := run(t, Options{URL: endpoint.URL, Duration: 10 * time.Second, Rate: 5, Clock: clock})
	require.NoError(t, r.err)
	assert.GreaterOrEqual(t, len(endpoint.seen()), 50)
	assert.Less(t, len(endpoint.seen()), 150, "of a run that would not end otherwise")
}

// transport is a http.RoundTripper.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// remoteEndpoint acknowledges everything at an address that is not a loopback address.
func remoteEndpoint(requests *atomic.Int64) transport {
	return func(r *http.Request) (*http.Response, error) {
		requests.Add(1)
		_, _ = io.Copy(io.Discard, r.Body)
		answer := httptest.NewRecorder()
		_, _ = answer.WriteString(ok(received{path: r.URL.Path}).body)
		return answer.Result(), nil
	}
}

const onAWS = "https://abc123.execute-api.ap-northeast-2.amazonaws.com/PROD/v1"

func TestSendingToAnotherMachineIsBoundedByDefault(t *testing.T) {
	lines := strings.Repeat(`{"a":1}`+"\n", 1500)
	for _, row := range []struct {
		name    string
		options Options
		sent    int64
		// least and most bound how long it takes.
		least, most time.Duration
		problem     string
		// late is how many more may be sent: the clock, which does not wait, runs on until the end of a time is noticed.
		late int64
	}{
		{"nothing asked for", Options{}, 1000, 99 * time.Second, 100 * time.Second, "", 0},
		{"a rate", Options{Rate: 1000}, 1000, 0, time.Second, "", 0},
		{"a number", Options{Count: 1200}, 1200, 119 * time.Second, 120 * time.Second, "", 0},
		{"a time", Options{Duration: 3 * time.Minute}, 1801, 180 * time.Second, 181 * time.Second, "", 200},
		{"a file", Options{File: "-"}, 1000, 99 * time.Second, 100 * time.Second,
			"stopped after 1,000 events, the bound for other addresses than the local target's: set --count or --duration to send more", 0},
		{"a file and a number", Options{File: "-", Count: 1500, Rate: 500}, 1500, 2 * time.Second, 3 * time.Second, "", 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			var sent atomic.Int64
			clock := newFastClock()
			start := clock.Now()
			row.options.URL, row.options.Clock, row.options.Transport = onAWS, clock, remoteEndpoint(&sent)
			row.options.Stdin = strings.NewReader(lines)
			r := run(t, row.options)
			if row.problem == "" {
				require.NoError(t, r.err)
			} else {
				require.EqualError(t, r.err, row.problem)
			}
			assert.GreaterOrEqual(t, sent.Load(), row.sent-1)
			assert.LessOrEqual(t, sent.Load(), row.sent+row.late)
			assert.GreaterOrEqual(t, clock.Since(start), row.least)
			assert.LessOrEqual(t, clock.Since(start), row.most+time.Duration(row.late)*time.Second/10)
		})
	}
}

func TestAWholeFileGoesToTheLocalTarget(t *testing.T) {
	endpoint := newStub(t, ok)
	r := run(t, Options{URL: endpoint.URL, File: "-", Stdin: strings.NewReader(strings.Repeat(`{"a":1}`+"\n", 1500)), BatchSize: 500})
	require.NoError(t, r.err)
	assert.Equal(t, "1,500", r.row(t, "accepted"))
}
