package console_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/test/pipelinetest"
)

// followToTheEnd waits until the events of a request are in S3.
func (f *fixture) followToTheEnd(requestID string) followed {
	f.t.Helper()
	var now followed
	f.eventually(func() bool {
		f.get("/api/follow?requestId="+requestID, &now)
		return now.Done
	})
	return now
}

func TestAnEventIsFollowedToItsLineWhateverTheAccess(t *testing.T) {
	t.Parallel()
	for _, access := range []string{"NONE", "API_KEY", "AWS_IAM"} {
		t.Run(access, func(t *testing.T) {
			t.Parallel()
			settings := map[string]string{"access": access, "delivery.compression": "GZIP", "throttle.requestsPerSecond": "100"}
			f := start(t, pipelinetest.Options{Settings: settings})
			f.send("/v1", `{"before":1}`, nil)
			answer := f.send("/v1", `{"n": 1}`, nil)
			require.Equal(t, http.StatusOK, answer.Status, answer.Body)
			require.NotNil(t, answer.Follow.Call)
			assert.Equal(t, "PutRecord", answer.Follow.Call.Action)
			assert.False(t, answer.Follow.Done)

			f.Flush(t)
			now := f.followToTheEnd(answer.RequestID)
			require.Len(t, now.Records, 1)
			r := now.Records[0]
			assert.Equal(t, `{"n":1}`, r.Data)
			assert.Equal(t, "shardId-000000000000", r.ShardID)
			assert.NotEmpty(t, r.SequenceNumber)
			assert.Equal(t, f.Bucket, r.Bucket)
			assert.Equal(t, 2, r.Line)
			var object struct {
				Text string
				GZIP bool
			}
			f.get("/api/object?"+url.Values{"bucket": {r.Bucket}, "key": {r.Key}}.Encode(), &object)
			assert.True(t, object.GZIP)
			assert.Equal(t, `{"n":1}`, strings.Split(object.Text, "\n")[1])
			if access != "NONE" {
				assert.Equal(t, http.StatusForbidden, f.send("/v1", `{}`, map[string]any{"bare": true}).Status)
			}
		})
	}
}

func TestABatchIsFollowedEventByEvent(t *testing.T) {
	t.Parallel()
	f := start(t, pipelinetest.Options{})
	answer := f.send("/v1/batch", `[{"n":1},{"n":2},{"n":2}]`, nil)
	require.Equal(t, http.StatusOK, answer.Status, answer.Body)
	f.Flush(t)
	now := f.followToTheEnd(answer.RequestID)
	require.Len(t, now.Records, 3)
	lines := map[int]bool{}
	for _, r := range now.Records {
		lines[r.Line] = true
	}
	assert.Equal(t, map[int]bool{1: true, 2: true, 3: true}, lines, "equal events have lines of their own")
}

func TestARequestThatDoesNotReachKinesisIsNotFollowed(t *testing.T) {
	t.Parallel()
	f := start(t, pipelinetest.Options{})
	answer := f.send("/v1", `no JSON`, nil)
	assert.Equal(t, http.StatusBadRequest, answer.Status)
	assert.Nil(t, answer.Follow.Call)
	assert.True(t, answer.Follow.Done)
	status, content, _ := f.request(http.MethodGet, "/api/follow?requestId=none", "")
	assert.Equal(t, http.StatusNotFound, status, "%s", content)
	status, _, _ = f.request(http.MethodPost, "/api/send", `{"apiId":"none","stage":"PROD","method":"POST","path":"/v1"}`,
		"Content-Type", "application/json", "X-Console-Token", f.token)
	assert.Equal(t, http.StatusNotFound, status, "the console sends to the endpoint only")
}
