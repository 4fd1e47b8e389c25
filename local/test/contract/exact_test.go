package contract_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/test/pipelinetest"
)

// observed is a pipeline whose calls of Kinesis are seen, and are answered by a fixed answer once one is set.
type observed struct {
	*pipelinetest.Pipeline
	kinesis *answering
	calls   *hops
}

func startObserved(t *testing.T, settings map[string]string) observed {
	t.Helper()
	o := observed{kinesis: &answering{}, calls: &hops{}}
	o.Pipeline = pipelinetest.Start(t, pipelinetest.Options{
		Settings: settings, Hooks: aws.Hooks{Kinesis: o.kinesis.intercept, OnRequest: o.calls.add},
	})
	return o
}

// records are those of the calls since the last time.
func (o observed) records(t *testing.T) []entry {
	t.Helper()
	var all []entry
	for _, call := range o.calls.take() {
		var request struct {
			entry
			Records []entry
		}
		require.NoError(t, json.Unmarshal(call.Request, &request), string(call.Request))
		if request.Records == nil {
			request.Records = []entry{request.entry}
		}
		all = append(all, request.Records...)
	}
	return all
}

// TestAClientCannotChooseAPartitionKeyOrAnEventID: a client can choose $context.requestId, and so a shard to overload, or an id that
// hides an event from a reader that drops duplicates.
func TestAClientCannotChooseAPartitionKeyOrAnEventID(t *testing.T) {
	t.Parallel()
	o := startObserved(t, map[string]string{"stream.partitionKey": "REQUEST_ID", "envelope": "true"})
	for sent, want := range map[string]string{
		"3f2b6a4c-0d1e-4f5a-8b9c-000000000001": "3f2b6a4c-0d1e-4f5a-8b9c-000000000001", "chosen": "UUID_REPLACED_INVALID_REQUEST_ID",
	} {
		for _, route := range []struct {
			url, body string
			keys, ids []string // the extended request id comes after or before
		}{
			{o.URL, firstEvent, []string{""}, []string{""}},
			{o.BatchURL, "[" + firstEvent + "," + firstEvent + "]", []string{"0-", "1-"}, []string{"-0", "-1"}},
		} {
			answer := o.Post(t, route.url, route.body, "X-Amzn-RequestId", sent)
			require.Equal(t, http.StatusOK, answer.Status, string(answer.Body))
			var got stored
			require.NoError(t, json.Unmarshal(answer.Body, &got))
			assert.Equal(t, want, got.RequestID)
			extended := answer.Header.Get("X-Amz-Apigw-Id")
			require.NotEmpty(t, extended)
			records := o.records(t)
			require.Len(t, records, len(route.keys))
			for i, r := range records {
				assert.Equal(t, url.QueryEscape(route.keys[i]+extended), r.PartitionKey)
				line, err := base64.StdEncoding.DecodeString(r.Data)
				require.NoError(t, err)
				var wrapped struct{ ID string }
				require.NoError(t, json.Unmarshal(line, &wrapped))
				assert.Equal(t, extended+route.ids[i], wrapped.ID)
			}
		}
	}
}

func TestAnEventWithoutThePartitionKeyFieldUsesTheRequestID(t *testing.T) {
	t.Parallel()
	o := startObserved(t, map[string]string{"stream.partitionKey": "EVENT_FIELD", "stream.partitionKeyField": "customer"})
	answer := o.Post(t, o.URL, firstEvent)
	var got stored
	require.NoError(t, json.Unmarshal(answer.Body, &got))
	assert.Equal(t, []string{got.RequestID}, []string{o.records(t)[0].PartitionKey})
	answer = o.Post(t, o.BatchURL, "["+firstEvent+`,{"customer":"c"}]`)
	records := o.records(t)
	assert.Equal(t, url.QueryEscape("0-"+answer.Header.Get("X-Amz-Apigw-Id")), records[0].PartitionKey)
	assert.Equal(t, "c", records[1].PartitionKey)
}

func TestAPartitionKeyIsTruncatedTo256Characters(t *testing.T) {
	t.Parallel()
	o := startObserved(t, map[string]string{"stream.partitionKey": "EVENT_FIELD", "stream.partitionKeyField": "k"})
	for _, length := range []int{255, 256, 257, 300} {
		key := strings.Repeat("k", length-1) + "z"
		body := fmt.Sprintf(`{"k":%q}`, key)
		require.Equal(t, http.StatusOK, o.Post(t, o.URL, body).Status)
		require.Equal(t, http.StatusOK, o.Post(t, o.BatchURL, "["+body+"]").Status)
		for _, r := range o.records(t) {
			assert.Equal(t, key[:min(length, 256)], r.PartitionKey)
		}
	}
}

// TestTheLimitsOfOneBatchAreExact: Kinesis refuses the empty key by which the template marks what is over the limit.
func TestTheLimitsOfOneBatchAreExact(t *testing.T) {
	t.Parallel()
	o := startObserved(t, quick)
	four := strings.Repeat(event(maxEvent)+",", 4)
	const fits = (6_666_668-4*1_365_332)/4*3 - 1 // bytes of a fifth event whose base64 fills the limit
	for _, row := range []struct {
		body  string
		empty bool
	}{
		{"[" + event(maxEvent) + "]", false},
		{"[" + event(maxEvent+1) + "]", true},
		{"[" + four + event(fits) + "]", false},
		{"[" + four + event(fits+1) + "]", true},
	} {
		o.kinesis.next.Store(&kinesisAnswer{200, []byte(`{"Records":[{"SequenceNumber":"1","ShardId":"shardId-1"}]}`)})
		require.Equal(t, http.StatusOK, o.Post(t, o.BatchURL, row.body).Status)
		records := o.records(t)
		last := records[len(records)-1]
		assert.Equal(t, row.empty, last.PartitionKey == "", len(row.body))
		assert.Equal(t, row.empty, last.Data == "", len(row.body))
	}
}

// TestTheAnswersAreExact has each answer to the letter: clients parse them.
func TestTheAnswersAreExact(t *testing.T) {
	t.Parallel()
	o := startObserved(t, quick)
	const (
		one    = `{"SequenceNumber":"495","ShardId":"shardId-000000000001"}`
		two    = `{"SequenceNumber":"496","ShardId":"shardId-000000000002"}`
		failed = `{"ErrorCode":"InternalFailure"}`
		slow   = `{"ErrorCode":"KMSThrottlingException"}`
		again  = `; send the events at failedIndexes again","requestId":"ID",`
		lost   = `; send the same request again later","requestId":"ID"}}`
	)
	batch := func(n int) string { return "[" + strings.Repeat(firstEvent+",", n-1) + firstEvent + "]" }
	for _, row := range []struct {
		name, url, body, kinesis string
		status                   int
		retryAfter, want         string
	}{
		{"one event", o.URL, firstEvent, one, 200, "",
			`{"requestId":"ID","shardId":"shardId-000000000001","sequenceNumber":"495"}`},
		{"an event without a shard", o.URL, firstEvent, `{"SequenceNumber":"495"}`, 500, "60",
			`{"error":{"code":"INTERNAL","message":"the event may not have been stored: the answer of the stream has no sequence number` + lost},
		{"a batch", o.BatchURL, batch(2), `{"Records":[` + one + `,` + two + `]}`, 200, "",
			`{"requestId":"ID","records":[{"shardId":"shardId-000000000001","sequenceNumber":"495"},` +
				`{"shardId":"shardId-000000000002","sequenceNumber":"496"}]}`},
		{"a batch with two failures", o.BatchURL, batch(3), `{"Records":[` + failed + `,` + one + `,` + failed + `]}`, 503, "1",
			`{"error":{"code":"PARTLY_STORED","message":"2 of 3 events were not stored` + again + `"failedIndexes":[0,2]},` +
				`"records":[{"errorCode":"UNAVAILABLE"},{"shardId":"shardId-000000000001","sequenceNumber":"495"},{"errorCode":"UNAVAILABLE"}]}`},
		{"a batch of which one waits for its key", o.BatchURL, batch(2), `{"Records":[` + one + `,` + slow + `]}`, 429, "1",
			`{"error":{"code":"PARTLY_STORED","message":"1 of 2 events were not stored` + again + `"failedIndexes":[1]},` +
				`"records":[{"shardId":"shardId-000000000001","sequenceNumber":"495"},{"errorCode":"THROTTLED"}]}`},
		{"a record without a sequence number", o.BatchURL, batch(1), `{"Records":[{"ShardId":"shardId-000000000001"}]}`, 503, "1",
			`{"error":{"code":"PARTLY_STORED","message":"1 of 1 events were not stored` + again + `"failedIndexes":[0]},"records":[{"errorCode":"UNAVAILABLE"}]}`},
		{"a record without a shard", o.BatchURL, batch(1), `{"Records":[{"SequenceNumber":"1"}]}`, 503, "1",
			`{"error":{"code":"PARTLY_STORED","message":"1 of 1 events were not stored` + again + `"failedIndexes":[0]},"records":[{"errorCode":"UNAVAILABLE"}]}`},
		{"a record with both", o.BatchURL, batch(1), `{"Records":[{"SequenceNumber":"1","ShardId":"shardId-1","ErrorCode":"InternalFailure"}]}`, 503, "1",
			`{"error":{"code":"PARTLY_STORED","message":"1 of 1 events were not stored` + again + `"failedIndexes":[0]},"records":[{"errorCode":"UNAVAILABLE"}]}`},
		{"a batch without records", o.BatchURL, batch(1), `{"Records":[]}`, 500, "60",
			`{"error":{"code":"INTERNAL","message":"the events may not have been stored: the answer of the stream has no records` + lost},
	} {
		t.Run(row.name, func(t *testing.T) {
			o.kinesis.next.Store(&kinesisAnswer{200, []byte(row.kinesis)})
			answer := o.Post(t, row.url, row.body)
			assert.Equal(t, row.status, answer.Status)
			assert.Equal(t, row.retryAfter, answer.Header.Get("Retry-After"))
			want := strings.ReplaceAll(row.want, `"ID"`, `"`+answer.Header.Get("X-Amzn-Requestid")+`"`)
			assert.Equal(t, want, strings.TrimSpace(string(answer.Body)))
		})
	}
}

// TestOnlyTheSizeCheckLeadsToA413: a client drops its event after it.
func TestOnlyTheSizeCheckLeadsToA413(t *testing.T) {
	t.Parallel()
	o := startObserved(t, quick)
	for _, message := range []string{
		"partitionKey", "Value '' at 'partitionKey'", "1 validation error detected: Value at 'streamName' failed to satisfy constraint",
	} {
		body, err := json.Marshal(map[string]string{"__type": "ValidationException", "message": message})
		require.NoError(t, err)
		o.kinesis.next.Store(&kinesisAnswer{400, body})
		wantRefusal(t, o.Post(t, o.URL, firstEvent), http.StatusInternalServerError, "INTERNAL")
	}
}

func TestEveryOriginIsAllowedWhenTheSettingIsAnAsterisk(t *testing.T) {
	t.Parallel()
	p := pipelinetest.Start(t, pipelinetest.Options{Settings: map[string]string{"corsAllowedOrigins": `["*"]`}})
	for _, origin := range []string{"https://a.example", "null", ""} {
		answer := p.Send(t, http.MethodOptions, p.URL, nil, "Origin", origin, "Access-Control-Request-Method", "POST")
		assert.Equal(t, http.StatusNoContent, answer.Status)
		assert.Equal(t, "*", answer.Header.Get("Access-Control-Allow-Origin"))
		assert.Equal(t, "Origin", answer.Header.Get("Vary"))
	}
}

func TestEveryRetryableAnswerHasARetryAfter(t *testing.T) {
	t.Parallel()
	o := startObserved(t, quick)
	for _, answer := range []kinesisAnswer{
		kinesisError(400, "ProvisionedThroughputExceededException"), kinesisError(400, "KMSThrottlingException"),
		kinesisError(400, "ResourceNotFoundException"), kinesisError(500, "InternalFailure"), {503, nil}, {200, nil},
	} {
		for url, body := range map[string]string{o.URL: firstEvent, o.BatchURL: "[" + firstEvent + "]"} {
			o.kinesis.next.Store(&answer)
			got := o.Post(t, url, body)
			require.Contains(t, []int{429, 500, 503}, got.Status)
			assert.NotEmpty(t, got.Header.Get("Retry-After"), string(got.Body))
		}
	}
}
