package contract_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/test/pipelinetest"
)

const (
	firstEvent   = `{"value":"30","type":"Tip 3"}`
	maxEvent     = 1_023_998 // bytes of one event as compact JSON
	maxBatchLine = 5_000_001 // bytes of the lines of one batch, newlines included
)

// stored is the answer to an event or batch that was stored.
type stored struct {
	RequestID, ShardID, SequenceNumber string
	Records                            []record
}

type record struct{ ShardID, SequenceNumber, ErrorCode string }

// refusal is the one error shape.
type refusal struct {
	Error struct {
		Code, Message, RequestID string
		FailedIndexes            []int
	}
	Records []record
}

// quick is dev with a throttle that does not get in the way.
var quick = map[string]string{"throttle.requestsPerSecond": "1000", "throttle.burst": "5000"}

// event is a JSON object of exactly so many bytes.
func event(size int) string {
	return fmt.Sprintf(`{"v":"%s"}`, strings.Repeat("x", size-len(`{"v":""}`)))
}

func wantRefusal(t *testing.T, answer pipelinetest.Answer, status int, code string) refusal {
	t.Helper()
	require.Equal(t, status, answer.Status, string(answer.Body))
	require.Equal(t, "application/json", answer.Header.Get("Content-Type"))
	var body refusal
	decoder := json.NewDecoder(strings.NewReader(string(answer.Body)))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&body), string(answer.Body))
	assert.Equal(t, code, body.Error.Code)
	assert.NotEmpty(t, body.Error.Message)
	assert.NotEmpty(t, body.Error.RequestID)
	assert.Equal(t, answer.Header.Get("X-Amzn-Requestid"), body.Error.RequestID, "the id that a client can quote")
	wantNoSecrets(t, string(answer.Body))
	return body
}

// wantNoSecrets fails on what a client has no business to know.
func wantNoSecrets(t *testing.T, body string) {
	t.Helper()
	for _, secret := range []string{"arn:", pipelinetest.AccountID, "class-stream", "ingest-", "role/", "assumed-role"} {
		assert.NotContains(t, body, secret)
	}
}

func TestAnEventThatGetsA200IsOneLineInTheFolder(t *testing.T) {
	t.Parallel()
	p := pipelinetest.Start(t, pipelinetest.Options{})
	answer := p.Post(t, p.URL, firstEvent)
	require.Equal(t, http.StatusOK, answer.Status, string(answer.Body))
	var body stored
	require.NoError(t, json.Unmarshal(answer.Body, &body))
	assert.Equal(t, "shardId-000000000000", body.ShardID)
	assert.Regexp(t, `^[0-9]{56}$`, body.SequenceNumber)
	assert.Equal(t, answer.Header.Get("x-amzn-RequestId"), body.RequestID)
	p.Flush(t)
	assert.Equal(t, []string{firstEvent}, p.Lines(t, "raw/"))
}

func TestABatchThatGetsA200IsOneLineForEachEventInOrder(t *testing.T) {
	t.Parallel()
	p := pipelinetest.Start(t, pipelinetest.Options{})
	answer := p.Post(t, p.BatchURL, `[{"n":1,"deep":{"a":[1,2,{"b":null}]}}, {"n":2} ,{"n":3,"text":"a\nb"}]`)
	require.Equal(t, http.StatusOK, answer.Status, string(answer.Body))
	var body stored
	require.NoError(t, json.Unmarshal(answer.Body, &body))
	require.Len(t, body.Records, 3)
	for i, r := range body.Records {
		assert.Regexp(t, `^[0-9]{56}$`, r.SequenceNumber)
		if i > 0 {
			assert.Greater(t, r.SequenceNumber, body.Records[i-1].SequenceNumber)
		}
	}
	p.Flush(t)
	assert.Equal(t, []string{`{"n":1,"deep":{"a":[1,2,{"b":null}]}}`, `{"n":2}`, `{"n":3,"text":"a\nb"}`}, p.Lines(t, "raw/"))
}

func TestInvalidEventsAreRefusedBeforeKinesis(t *testing.T) {
	t.Parallel()
	p := pipelinetest.Start(t, pipelinetest.Options{Settings: quick})
	single := map[string]string{
		"not JSON": "hello", "half of it": `{"a":1`, "empty": "", "an empty object": "{}", "an array": `[{"a":1}]`,
		"a text": `"a"`, "a number": "1", "null": "null",
	}
	batch := map[string]string{
		"not JSON": "hello", "empty": "", "no event": "[]", "one object": firstEvent, "an empty event": `[{"a":1},{}]`,
		"a number among events": `[{"a":1},2]`, "501 events": "[" + strings.Repeat(`{"a":1},`, 500) + `{"a":1}]`,
	}
	for route, bodies := range map[string]map[string]string{p.URL: single, p.BatchURL: batch} {
		for name, body := range bodies {
			t.Run(name, func(t *testing.T) {
				refused := wantRefusal(t, p.Post(t, route, body), http.StatusBadRequest, "BAD_REQUEST_BODY")
				assert.Contains(t, refused.Error.Message, "JSON object")
				assert.Regexp(t, `: \[.+\]$`, refused.Error.Message, "the reason")
			})
		}
	}
	p.Flush(t)
	assert.Empty(t, p.Lines(t, ""))
}

func TestAnotherContentTypeIsRefusedAndNothingReachesKinesis(t *testing.T) {
	t.Parallel()
	p := pipelinetest.Start(t, pipelinetest.Options{Settings: quick})
	call := `{"StreamName":"class-stream","PartitionKey":"x","Data":"eA=="}`
	for _, contentType := range []string{"application/x-amz-json-1.1", "text/plain", "application/xml", "application/jsonx"} {
		wantRefusal(t, p.Post(t, p.URL, call, "Content-Type", contentType), http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE")
		wantRefusal(t, p.Post(t, p.BatchURL, call, "Content-Type", contentType), http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE")
	}
	assert.Equal(t, http.StatusOK, p.Post(t, p.URL, firstEvent, "Content-Type", "application/json; charset=utf-8").Status)
	p.Flush(t)
	assert.Equal(t, []string{firstEvent}, p.Lines(t, ""))
}

func TestTheSizeLimitIsTheOneOfFirehose(t *testing.T) {
	t.Parallel()
	p := pipelinetest.Start(t, pipelinetest.Options{Settings: map[string]string{
		"stream.shardCount": "20", "stream.partitionKey": "REQUEST_ID", "throttle.requestsPerSecond": "1000",
	}})
	answer := p.Post(t, p.URL, event(maxEvent))
	require.Equal(t, http.StatusOK, answer.Status, string(answer.Body))
	refused := wantRefusal(t, p.Post(t, p.URL, event(maxEvent+1)), http.StatusRequestEntityTooLarge, "REQUEST_TOO_LARGE")
	assert.Contains(t, refused.Error.Message, "1,023,998")
	wantRefusal(t, p.Post(t, p.URL, event(11_000_000)), http.StatusRequestEntityTooLarge, "REQUEST_TOO_LARGE")

	wantRefusal(t, p.Post(t, p.BatchURL, "["+firstEvent+","+event(maxEvent+1)+"]"), http.StatusRequestEntityTooLarge, "REQUEST_TOO_LARGE")
	over := "[" + strings.Repeat(event(maxEvent)+",", 4) + event(maxBatchLine-4*(maxEvent+1)+1) + "]"
	wantRefusal(t, p.Post(t, p.BatchURL, over), http.StatusRequestEntityTooLarge, "REQUEST_TOO_LARGE")
	p.Flush(t)
	assert.Equal(t, []string{event(maxEvent)}, p.Lines(t, ""), "nothing of a refused batch is stored")
}

// TestTheLimitsAreThoseOfTheDecompressedBody: compression makes no room for larger events.
func TestTheLimitsAreThoseOfTheDecompressedBody(t *testing.T) {
	t.Parallel()
	clock := clockwork.NewFakeClock()
	p := pipelinetest.Start(t, pipelinetest.Options{Settings: quick, Clock: clock})
	const maxBody = 10 << 20 // bytes of API Gateway
	padded := func(size int) string { return firstEvent + strings.Repeat(" ", size-len(firstEvent)) }
	for _, row := range []struct {
		name, body string
		status     int
	}{
		{"white space does not count for an event", padded(maxBody), http.StatusOK},
		{"but it does for a request", padded(maxBody + 1), http.StatusRequestEntityTooLarge},
		{"the largest event", event(maxEvent), http.StatusOK},
		{"an event over the limit", event(maxEvent + 1), http.StatusRequestEntityTooLarge},
	} {
		t.Run(row.name, func(t *testing.T) {
			var compressed bytes.Buffer
			w := gzip.NewWriter(&compressed)
			_, err := io.WriteString(w, row.body)
			require.NoError(t, err)
			require.NoError(t, w.Close())
			assert.Equal(t, row.status, p.Post(t, p.URL, row.body).Status)
			clock.Advance(time.Second) // the shard takes one event of this size in a second
			assert.Equal(t, row.status, p.Post(t, p.URL, compressed.String(), "Content-Encoding", "gzip").Status)
			clock.Advance(time.Second)
		})
	}
	p.Flush(t)
	assert.Equal(t, []string{firstEvent, firstEvent, event(maxEvent), event(maxEvent)}, p.Lines(t, ""))
}

func TestAnEnvelopeCountsForTheSizeLimit(t *testing.T) {
	t.Parallel()
	p := pipelinetest.Start(t, pipelinetest.Options{Settings: map[string]string{"envelope": "true"}})
	require.Equal(t, http.StatusOK, p.Post(t, p.URL, event(maxEvent-200)).Status)
	wantRefusal(t, p.Post(t, p.URL, event(maxEvent)), http.StatusRequestEntityTooLarge, "REQUEST_TOO_LARGE")
}

func TestAThrottledShardIsA429WithRetryAfter(t *testing.T) {
	t.Parallel()
	p := pipelinetest.Start(t, pipelinetest.Options{
		Settings: quick, Clock: clockwork.NewFakeClock(), // time stands still: the shard's second never ends
	})
	batch := "[" + strings.Repeat(firstEvent+",", 499) + firstEvent + "]"
	for range 2 {
		require.Equal(t, http.StatusOK, p.Post(t, p.BatchURL, batch).Status)
	}
	single := p.Post(t, p.URL, firstEvent)
	wantRefusal(t, single, http.StatusTooManyRequests, "THROTTLED")
	assert.Equal(t, "1", single.Header.Get("Retry-After"))
	whole := p.Post(t, p.BatchURL, batch)
	refused := wantRefusal(t, whole, http.StatusTooManyRequests, "PARTLY_STORED")
	assert.Len(t, refused.Error.FailedIndexes, 500)
	assert.Equal(t, "1", whole.Header.Get("Retry-After"))
	p.Flush(t)
	assert.Len(t, p.Lines(t, "raw/"), 1000)
}

func TestAPartlyStoredBatchSaysWhichEventsToSendAgain(t *testing.T) {
	t.Parallel()
	clock := clockwork.NewFakeClock()
	p := pipelinetest.Start(t, pipelinetest.Options{Settings: quick, Clock: clock})
	fill := "[" + strings.Repeat(`{"fill":1},`, 399) + `{"fill":1}]`
	for range 2 {
		require.Equal(t, http.StatusOK, p.Post(t, p.BatchURL, fill).Status)
	}
	var events []string
	for i := range 300 {
		events = append(events, fmt.Sprintf(`{"n":%d}`, i))
	}
	send := func(events []string) pipelinetest.Answer {
		return p.Post(t, p.BatchURL, "["+strings.Join(events, ",")+"]")
	}
	answer := send(events)
	refused := wantRefusal(t, answer, http.StatusTooManyRequests, "PARTLY_STORED")
	assert.Equal(t, "1", answer.Header.Get("Retry-After"))
	require.Len(t, refused.Error.FailedIndexes, 100)
	require.Len(t, refused.Records, 300)
	failed := map[int]bool{}
	var again []string
	for _, i := range refused.Error.FailedIndexes {
		failed[i] = true
		again = append(again, events[i])
	}
	for i, r := range refused.Records {
		assert.Equal(t, failed[i], r.ErrorCode == "THROTTLED", i)
		assert.Equal(t, failed[i], r.SequenceNumber == "", i)
	}
	clock.Advance(1e9)
	require.Equal(t, http.StatusOK, send(again).Status)
	p.Flush(t)
	var got []string
	for _, line := range p.Lines(t, "raw/") {
		if line != `{"fill":1}` {
			got = append(got, line)
		}
	}
	assert.ElementsMatch(t, events, got, "each event once")
}

func TestAMisconfigurationIsA500ThatRevealsNothing(t *testing.T) {
	t.Parallel()
	breaks := map[string]pipelinetest.Options{
		"the role may not put": {Without: func(typ, name string) bool {
			return typ == "RolePolicy" && strings.HasSuffix(name, "-to-stream")
		}},
		"the stream is gone": {CannotDeliver: true},
	}
	for name, options := range breaks {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options.Settings = quick
			p := pipelinetest.Start(t, options)
			if name == "the stream is gone" {
				require.NoError(t, p.Cloud.Kinesis.DeleteStream(p.StreamName))
			}
			wantRefusal(t, p.Post(t, p.URL, firstEvent), http.StatusInternalServerError, "INTERNAL")
			wantRefusal(t, p.Post(t, p.BatchURL, "["+firstEvent+"]"), http.StatusInternalServerError, "INTERNAL")
		})
	}
}

func TestTheStagesThrottleIsA429WithRetryAfter(t *testing.T) {
	t.Parallel()
	p := pipelinetest.Start(t, pipelinetest.Options{
		Settings: map[string]string{"throttle.requestsPerSecond": "10", "throttle.burst": "2"}, Clock: clockwork.NewFakeClock(),
	})
	for route, body := range map[string]string{p.URL: firstEvent, p.BatchURL: "[" + firstEvent + "]"} {
		for range 2 {
			require.Equal(t, http.StatusOK, p.Post(t, route, body).Status)
		}
		answer := p.Post(t, route, body)
		wantRefusal(t, answer, http.StatusTooManyRequests, "THROTTLED")
		assert.Equal(t, "1", answer.Header.Get("Retry-After"))
	}
}

func TestTheEnvelopeGivesEachEventItsOwnID(t *testing.T) {
	t.Parallel()
	clock := clockwork.NewFakeClock()
	p := pipelinetest.Start(t, pipelinetest.Options{Settings: map[string]string{"envelope": "true"}, Clock: clock})
	require.Equal(t, http.StatusOK, p.Post(t, p.URL, firstEvent).Status)
	require.Equal(t, http.StatusOK, p.Post(t, p.BatchURL, "["+firstEvent+","+firstEvent+"]").Status)
	p.Flush(t)
	ids := map[string]bool{}
	for _, line := range p.Lines(t, "raw/") {
		var wrapped struct {
			ID         string
			ReceivedAt int64
			Event      json.RawMessage
		}
		require.NoError(t, json.Unmarshal([]byte(line), &wrapped), line)
		assert.NotContains(t, line, "apiKeyId")
		assert.NotEmpty(t, wrapped.ID)
		assert.Equal(t, clock.Now().UnixMilli(), wrapped.ReceivedAt)
		assert.Equal(t, firstEvent, string(wrapped.Event))
		ids[wrapped.ID] = true
	}
	assert.Len(t, ids, 3)
}

func TestAStackWithAlarmsCountsItsThrottledRequests(t *testing.T) {
	t.Parallel()
	p := pipelinetest.Start(t, pipelinetest.Options{Clock: clockwork.NewFakeClock(), Settings: map[string]string{
		"throttle.requestsPerSecond": "10", "throttle.burst": "1",
	}})
	require.Equal(t, http.StatusOK, p.Post(t, p.URL, firstEvent).Status)
	wantRefusal(t, p.Post(t, p.URL, firstEvent), http.StatusTooManyRequests, "THROTTLED")
	assert.Len(t, p.Cloud.CloudWatch.DescribeAlarms(), 11)
}

func TestTheEventGeneratorIsDeployedWithItsRole(t *testing.T) {
	t.Parallel()
	p := pipelinetest.Start(t, pipelinetest.Options{Settings: map[string]string{"eventGenerator": "true"}})
	require.Equal(t, http.StatusOK, p.Post(t, p.URL, firstEvent).Status)
}
