package send

import (
	"encoding/json"
	"fmt"
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

func TestEveryEventIsSentOnce(t *testing.T) {
	for _, row := range []struct {
		name              string
		batch             int
		requests, biggest int
		path              string
	}{
		{"one by one", 1, 1203, 1, "/PROD/v1"},
		{"in batches", 500, 3, 500, "/PROD/v1/batch"},
	} {
		t.Run(row.name, func(t *testing.T) {
			endpoint := newStub(t, ok)
			r := run(t, Options{URL: endpoint.URL, Count: 1203, BatchSize: row.batch, Concurrency: 4})
			require.NoError(t, r.err)
			ids, biggest := map[string]int{}, 0
			for _, request := range endpoint.seen() {
				assert.Equal(t, row.path, request.path)
				assert.Equal(t, "application/json", request.header.Get("Content-Type"))
				biggest = max(biggest, len(request.events))
				for _, text := range request.events {
					var e struct{ Value, Type, ID string }
					require.NoError(t, json.Unmarshal(text, &e))
					assert.Equal(t, "30", e.Value)
					assert.Equal(t, "Tip 3", e.Type)
					ids[e.ID]++
				}
			}
			assert.Len(t, ids, 1203)
			assert.Len(t, endpoint.seen(), row.requests)
			assert.Equal(t, row.biggest, biggest)
			assert.Equal(t, "1,203", r.row(t, "accepted"))
			assert.Contains(t, r.row(t, "sent"), "1,203 events to "+strings.TrimSuffix(endpoint.URL, "/PROD/v1")+row.path)
			assert.Equal(t, "0", r.row(t, "sent again"))
			assert.Contains(t, r.row(t, "latency"), "p50")
		})
	}
}

func TestRequestsAreCompressedIfAsked(t *testing.T) {
	for _, batch := range []int{1, 100} {
		endpoint := newStub(t, func(r received) reply {
			if r.number == 1 {
				return refusal(429, "THROTTLED")
			}
			return ok(r)
		})
		r := run(t, Options{URL: endpoint.URL, Count: 100, BatchSize: batch, EventBytes: 1000, Gzip: true})
		require.NoError(t, r.err)
		ids := map[string]bool{}
		for _, request := range endpoint.seen() {
			assert.Equal(t, "gzip", request.header.Get("Content-Encoding"))
			assert.Less(t, len(request.body), 1000*len(request.events)/4)
			for _, text := range request.events {
				assert.Len(t, text, 1000)
				var e struct{ ID string }
				require.NoError(t, json.Unmarshal(text, &e))
				ids[e.ID] = true
			}
		}
		assert.Len(t, ids, 100)
	}
}

func TestRequestsAreNotCompressedByDefault(t *testing.T) {
	endpoint := newStub(t, ok)
	require.NoError(t, run(t, Options{URL: endpoint.URL, Count: 1, EventBytes: 1000}).err)
	assert.NotContains(t, endpoint.seen()[0].header, "Content-Encoding")
	assert.Len(t, endpoint.seen()[0].body, 1000)
}

func TestTemporaryFailuresAreRetried(t *testing.T) {
	for _, row := range []struct {
		name   string
		first  reply
		reason string
		// wait is the shortest, without jitter.
		wait       time.Duration
		duplicates string
	}{
		{"throttled", refusal(429, "THROTTLED", "Retry-After", "3"), "429 THROTTLED", 3 * time.Second, "0 possible"},
		{"throttled without Retry-After", refusal(429, "THROTTLED"), "429 THROTTLED", time.Second, "0 possible"},
		{"throttled for no time at all", refusal(429, "THROTTLED", "Retry-After", "0"), "429 THROTTLED", time.Second, "0 possible"},
		{"throttled with a Retry-After that is none", refusal(429, "THROTTLED", "Retry-After", "soon"), "429 THROTTLED", time.Second, "0 possible"},
		{"paused", refusal(429, "PAUSED", "Retry-After", "60"), "429 PAUSED", time.Minute, "0 possible"},
		{"quota for a minute", refusal(429, "QUOTA_EXCEEDED", "Retry-After", "60"), "429 QUOTA_EXCEEDED", time.Minute, "0 possible"},
		{"not configured", refusal(500, "INTERNAL"), "500 INTERNAL", time.Second, "1 possible"},
		{"not available", refusal(503, "UNAVAILABLE", "Retry-After", "2"), "503 UNAVAILABLE", 2 * time.Second, "1 possible"},
		{"too late", refusal(504, "INTEGRATION_TIMEOUT", "Retry-After", "1"), "504 INTEGRATION_TIMEOUT", time.Second, "1 possible"},
		{"an error of API Gateway itself", reply{status: 503, header: map[string]string{"x-amzn-ErrorType": "ServiceUnavailableException:"}, body: `{"message":null}`},
			"503 ServiceUnavailableException", time.Second, "1 possible"},
		{"a dropped connection", reply{drop: true}, "no response", time.Second, "1 possible"},
		{"half a response", reply{status: 200, header: map[string]string{"Content-Length": "1000"}, body: `{"reques`}, "no response", time.Second, "1 possible"},
	} {
		t.Run(row.name, func(t *testing.T) {
			endpoint := newStub(t, func(r received) reply {
				if r.number == 1 {
					return row.first
				}
				return ok(r)
			})
			r := run(t, Options{URL: endpoint.URL, Count: 1})
			require.NoError(t, r.err)
			require.Len(t, endpoint.seen(), 2)
			assert.Equal(t, endpoint.seen()[0].body, endpoint.seen()[1].body)
			assert.Equal(t, []time.Duration{row.wait}, r.clock.waits())
			assert.Equal(t, "1 ("+row.reason+": 1)", r.row(t, "sent again"))
			assert.Equal(t, row.duplicates, r.row(t, "duplicates"))
			assert.Equal(t, "2, 1 of them repeated", r.row(t, "requests"))
		})
	}
}

func TestRetryAfterMayBeADate(t *testing.T) {
	clock := newFastClock()
	at := clock.Now().UTC().Add(7 * time.Second).Truncate(time.Second)
	endpoint := newStub(t, func(r received) reply {
		if r.number == 1 {
			return refusal(429, "THROTTLED", "Retry-After", at.Format(http.TimeFormat))
		}
		return ok(r)
	})
	r := run(t, Options{URL: endpoint.URL, Count: 1, Clock: clock})
	require.NoError(t, r.err)
	assert.InDelta(t, 7*time.Second, clock.waits()[0], float64(time.Second))
}

func TestWithoutRetryAfterWaitsDoubleUpToAMinuteAndAttemptsAreBounded(t *testing.T) {
	endpoint := newStub(t, func(received) reply { return refusal(500, "INTERNAL") })
	r := run(t, Options{URL: endpoint.URL, Count: 1})
	s := time.Second
	assert.Equal(t, []time.Duration{s, 2 * s, 4 * s, 8 * s, 16 * s, 32 * s, 60 * s, 60 * s, 60 * s}, r.clock.waits())
	assert.Len(t, endpoint.seen(), DefaultAttempts)
	var notAll *IncompleteError
	require.ErrorAs(t, r.err, &notAll)
	assert.Equal(t, "1 of 1 event not accepted", r.err.Error())
	assert.Equal(t, "1 (500 INTERNAL: 1)", r.row(t, "given up"))
	assert.Contains(t, r.stderr, "event 0 given up: 500 INTERNAL: why")

	r = run(t, Options{URL: endpoint.URL, Count: 1, Attempts: 1})
	assert.Empty(t, r.clock.waits())
	require.Error(t, r.err)
}

func TestJitterDoublesAWaitAtMost(t *testing.T) {
	endpoint := newStub(t, func(received) reply { return refusal(429, "THROTTLED", "Retry-After", "10") })
	r := run(t, Options{URL: endpoint.URL, Count: 1, Attempts: 200, Random: newRandom()})
	require.Error(t, r.err)
	least, most := time.Hour, time.Duration(0)
	for _, wait := range r.clock.waits() {
		least, most = min(least, wait), max(most, wait)
	}
	assert.GreaterOrEqual(t, least, 10*time.Second)
	assert.Less(t, least, 11*time.Second)
	assert.Greater(t, most, 19*time.Second)
	assert.Less(t, most, 20*time.Second)
}

func TestARefusedEventIsNotSentAgain(t *testing.T) {
	for _, status := range []int{400, 413, 415} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			endpoint := newStub(t, func(received) reply {
				return refusal(status, "SOME_CODE", "Retry-After", "1", "Location", "/elsewhere")
			})
			r := run(t, Options{URL: endpoint.URL, Count: 2, BatchSize: 2})
			assert.Len(t, endpoint.seen(), 1)
			assert.Empty(t, r.clock.waits())
			assert.EqualError(t, r.err, "2 of 2 events not accepted")
			assert.Equal(t, fmt.Sprintf("2 (%d SOME_CODE: 2)", status), r.row(t, "refused"))
			assert.Contains(t, r.stderr, fmt.Sprintf("event 1 refused: %d SOME_CODE: why", status))
		})
	}
}

func TestAClientWithoutAccessStopsAndKeepsItsEvents(t *testing.T) {
	for _, status := range []int{301, 307, 401, 403, 404} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			endpoint := newStub(t, func(received) reply {
				return refusal(status, "SOME_CODE", "Retry-After", "1", "Location", "/elsewhere")
			})
			r := run(t, Options{URL: endpoint.URL, Count: 1000, BatchSize: 2, Concurrency: 1})
			assert.Len(t, endpoint.seen(), 1, "the other events would fail as well")
			assert.Empty(t, r.clock.waits())
			assert.EqualError(t, r.err, fmt.Sprintf("stopped: %d SOME_CODE: why", status))
			assert.Equal(t, "0", r.row(t, "refused"))
			assert.Equal(t, fmt.Sprintf("2 (%d SOME_CODE: 2)", status), r.row(t, "given up"))
		})
	}
}

func TestOnlyTenRefusalsOfAKindAreNamed(t *testing.T) {
	endpoint := newStub(t, func(received) reply { return refusal(400, "BAD_REQUEST_BODY") })
	r := run(t, Options{URL: endpoint.URL, Count: 500, BatchSize: 100})
	assert.Equal(t, 10, strings.Count(r.stderr, "refused: 400"))
	assert.Equal(t, "500 (400 BAD_REQUEST_BODY: 500)", r.row(t, "refused"))
}

func TestA200WithoutSequenceNumbersDoesNotCountAsStored(t *testing.T) {
	for _, row := range []struct {
		name, body string
		batch      int
	}{
		{"a web page", "<html>welcome</html>", 1},
		{"another service", `{"ok":true}`, 1},
		{"an error of the seed's mapping", `{"__type":"ProvisionedThroughputExceededException","message":"Rate exceeded"}`, 1},
		{"a response to a single event for a batch", `{"requestId":"r","shardId":"s","sequenceNumber":"1"}`, 2},
		{"a batch with a result too few", `{"records":[{"shardId":"s","sequenceNumber":"1"}]}`, 2},
		{"a batch with a result without a number", `{"records":[{"shardId":"s","sequenceNumber":"1"},{"errorCode":"THROTTLED"}]}`, 2},
	} {
		t.Run(row.name, func(t *testing.T) {
			endpoint := newStub(t, func(received) reply { return reply{status: 200, body: row.body} })
			r := run(t, Options{URL: endpoint.URL, Count: int64(row.batch), BatchSize: row.batch})
			require.Error(t, r.err)
			assert.Equal(t, "0", r.row(t, "accepted"))
			assert.Contains(t, r.row(t, "refused"), "200 NOT_UNDERSTOOD")
			assert.Len(t, endpoint.seen(), 1)
		})
	}
}

func TestOnlyTheFailedEventsOfABatchAreSentAgain(t *testing.T) {
	for _, row := range []struct {
		code, reason, duplicates string
	}{
		{"THROTTLED", "429 PARTLY_STORED", "0 possible"},
		{"UNAVAILABLE", "503 PARTLY_STORED", "2 possible"},
	} {
		t.Run(row.code, func(t *testing.T) {
			endpoint := newStub(t, func(r received) reply {
				if r.number == 1 {
					return partial(r, []int{1, 4}, row.code)
				}
				return ok(r)
			})
			r := run(t, Options{URL: endpoint.URL, Count: 5, BatchSize: 5})
			require.NoError(t, r.err)
			seen := endpoint.seen()
			require.Len(t, seen, 2)
			assert.Equal(t, []json.RawMessage{seen[0].events[1], seen[0].events[4]}, seen[1].events)
			assert.Equal(t, "2 ("+row.reason+": 2)", r.row(t, "sent again"))
			assert.Equal(t, row.duplicates, r.row(t, "duplicates"))
			assert.Equal(t, "5", r.row(t, "accepted"))
		})
	}
}

func TestABatchAnswerThatContradictsItselfStoresNothing(t *testing.T) {
	for _, row := range []struct{ name, body string }{
		{"an index beyond the batch", `{"error":{"code":"PARTLY_STORED","failedIndexes":[2]},"records":[{"sequenceNumber":"1"},{"sequenceNumber":"2"}]}`},
		{"an index below 0", `{"error":{"code":"PARTLY_STORED","failedIndexes":[-1]},"records":[{"sequenceNumber":"1"},{"sequenceNumber":"2"}]}`},
		{"an index twice", `{"error":{"code":"PARTLY_STORED","failedIndexes":[0,0]},"records":[{"errorCode":"THROTTLED"},{"sequenceNumber":"2"}]}`},
		{"a failure that is not listed", `{"error":{"code":"PARTLY_STORED","failedIndexes":[0]},"records":[{"errorCode":"THROTTLED"},{"errorCode":"THROTTLED"}]}`},
		{"too few results", `{"error":{"code":"PARTLY_STORED","failedIndexes":[0]},"records":[{"errorCode":"THROTTLED"}]}`},
		{"no index", `{"error":{"code":"PARTLY_STORED","failedIndexes":[]},"records":[{"sequenceNumber":"1"},{"sequenceNumber":"2"}]}`},
		{"not JSON", `Service Unavailable`},
	} {
		t.Run(row.name, func(t *testing.T) {
			endpoint := newStub(t, func(r received) reply {
				if r.number == 1 {
					return reply{status: 503, body: row.body}
				}
				return ok(r)
			})
			r := run(t, Options{URL: endpoint.URL, Count: 2, BatchSize: 2})
			require.NoError(t, r.err)
			assert.Len(t, endpoint.seen()[1].events, 2)
			assert.Equal(t, "2 possible", r.row(t, "duplicates"))
		})
	}
}

func TestWithoutAnEndpointTheRunEndsAtOnce(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	url := server.URL + "/PROD/v1"
	server.Close()
	r := run(t, Options{URL: url, Count: 100})
	require.ErrorContains(t, r.err, "stopped: nothing can be sent: Post ")
	assert.Empty(t, r.clock.waits())
	assert.Equal(t, "0", r.row(t, "accepted"), "the summary is written all the same")
}

func TestTheRunWaitsForAnEndpointThatRestarts(t *testing.T) {
	var down atomic.Bool
	endpoint := newStub(t, ok)
	r := run(t, Options{URL: endpoint.URL, Count: 3, Transport: transport(func(request *http.Request) (*http.Response, error) {
		if down.Swap(!down.Load()) {
			return nil, fmt.Errorf("dial tcp: connection refused")
		}
		return http.DefaultTransport.RoundTrip(request)
	})})
	require.NoError(t, r.err)
	assert.Equal(t, "2 (no connection: 2)", r.row(t, "sent again"))
	assert.Equal(t, "0 possible", r.row(t, "duplicates"), "what was never sent cannot be stored")
}

func TestTheRunStopsWhenRetryAfterIsTooLong(t *testing.T) {
	endpoint := newStub(t, func(received) reply { return refusal(429, "QUOTA_EXCEEDED", "Retry-After", "3600") })
	r := run(t, Options{URL: endpoint.URL, Count: 100000})
	require.EqualError(t, r.err, "stopped: 429 QUOTA_EXCEEDED asks to wait 1h0m0s")
	assert.Len(t, endpoint.seen(), 1)
	assert.Empty(t, r.clock.waits())
}

func TestTheRequestRevealsNothingOfTheSenderButItsKey(t *testing.T) {
	endpoint := newStub(t, ok)
	r := run(t, Options{URL: endpoint.URL, Count: 1, APIKey: "secret-key"})
	require.NoError(t, r.err)
	header := endpoint.seen()[0].header
	assert.Equal(t, "secret-key", header.Get("x-api-key"))
	assert.Empty(t, header.Get("Authorization"))
	assert.NotContains(t, r.stdout+r.stderr, "secret-key")
}

func TestTheProgressCountsEventsAndRequests(t *testing.T) {
	counts := newTally()
	counts.Attempted, counts.Accepted, counts.Retried = 1200, 1100, 1
	assert.Equal(t, "1,200 of 5,000 events, 1,100 accepted, 1 request repeated", counts.progress(" of 5,000"))
	assert.Equal(t, "1,200 events, 1,100 accepted, 1 request repeated", counts.progress(""))
}

func TestABatchDoesNotWaitForeverForMoreEvents(t *testing.T) {
	endpoint := newStub(t, ok)
	clock := newFastClock()
	in, out := io.Pipe()
	done := make(chan runResult)
	go func() { done <- run(t, Options{URL: endpoint.URL, File: "-", Stdin: in, BatchSize: 500, Clock: clock}) }()
	_, err := io.WriteString(out, `{"a":1}`+"\n")
	require.NoError(t, err)
	clock.blockUntil(t, 1) // the timer of the batch
	clock.Advance(linger)
	require.Eventually(t, func() bool { return len(endpoint.seen()) == 1 }, patience, time.Millisecond)
	require.NoError(t, out.Close())
	r := <-done
	require.NoError(t, r.err)
}

func TestABatchStaysWithinTheLimitsOfARequest(t *testing.T) {
	endpoint := newStub(t, ok)
	big := `{"a":"` + strings.Repeat("x", 1_000_000) + `"}` + "\n"
	r := run(t, Options{URL: endpoint.URL, File: "-", Stdin: strings.NewReader(strings.Repeat(big, 4)), BatchSize: 500})
	require.NoError(t, r.err)
	var sizes []int
	for _, request := range endpoint.seen() {
		sizes = append(sizes, len(request.events))
	}
	assert.Equal(t, []int{3, 1}, sizes)
}
