package contract_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/test/pipelinetest"
)

func TestAnUnknownPathOrMethodIsA403(t *testing.T) {
	t.Parallel()
	p := pipelinetest.Start(t, pipelinetest.Options{Settings: quick})
	for _, url := range []string{p.URL + "2", p.BatchURL + "/x", strings.TrimSuffix(p.URL, "/v1")} {
		wantRefusal(t, p.Post(t, url, firstEvent), http.StatusForbidden, "MISSING_AUTHENTICATION_TOKEN")
	}
	for _, url := range []string{p.URL, p.BatchURL} {
		for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodOptions} {
			wantRefusal(t, p.Send(t, method, url, nil), http.StatusForbidden, "MISSING_AUTHENTICATION_TOKEN")
		}
	}
}

func TestAPreflightNamesAllowedOriginsOnly(t *testing.T) {
	t.Parallel()
	p := pipelinetest.Start(t, pipelinetest.Options{Settings: map[string]string{
		"corsAllowedOrigins": `["https://a.example","https://b.example"]`,
	}})
	for origin, want := range map[string]string{
		"https://a.example": "https://a.example", "https://b.example": "https://b.example",
		"https://c.example": "", "https://a.example,https://b.example": "", "null": "",
	} {
		for _, header := range []string{"Origin", "origin", "ORIGIN"} { // HTTP/2 sends names in lower case
			answer := p.Send(t, http.MethodOptions, p.BatchURL, nil, header, origin, "Access-Control-Request-Method", "POST")
			assert.Equal(t, http.StatusNoContent, answer.Status)
			assert.Equal(t, want, answer.Header.Get("Access-Control-Allow-Origin"), "%s: %s", header, origin)
			assert.Equal(t, "POST,OPTIONS", answer.Header.Get("Access-Control-Allow-Methods"))
		}
	}
	for status, answer := range map[int]pipelinetest.Answer{
		200: p.Post(t, p.URL, firstEvent), 400: p.Post(t, p.URL, "{}"), 415: p.Post(t, p.URL, "x", "Content-Type", "text/plain"),
	} {
		assert.Equal(t, status, answer.Status)
		assert.Equal(t, "*", answer.Header.Get("Access-Control-Allow-Origin"), status)
		assert.Contains(t, answer.Header.Get("Access-Control-Expose-Headers"), "Retry-After")
	}
}

func TestEachAPIKeyHasItsOwnThrottleAndItsIDIsInTheEnvelope(t *testing.T) {
	t.Parallel()
	p := pipelinetest.Start(t, pipelinetest.Options{
		Settings: map[string]string{
			"access": "API_KEY", "envelope": "true", "throttle.requestsPerSecond": "100", "throttle.burst": "100", "expectedTraffic.eventsPerSecond": "1",
			"apiKeys": `[{"name":"shop","requestsPerDay":1000,"requestsPerSecond":1,"burst":2},{"name":"app","requestsPerDay":1000}]`,
		},
		Clock: clockwork.NewFakeClock(), // time stands still: no token comes back
	})
	shop, app := p.APIKeys["shop"], p.APIKeys["app"]
	require.NotEqual(t, shop, app)
	require.Equal(t, http.StatusOK, p.Post(t, p.URL, firstEvent, "x-api-key", shop.Value).Status)
	require.Equal(t, http.StatusOK, p.Post(t, p.BatchURL, "["+firstEvent+"]", "x-api-key", shop.Value).Status)
	wantRefusal(t, p.Post(t, p.URL, firstEvent, "x-api-key", shop.Value), http.StatusTooManyRequests, "THROTTLED")
	require.Equal(t, http.StatusOK, p.Post(t, p.URL, firstEvent, "x-api-key", app.Value).Status)
	p.Flush(t)
	sent := map[string]int{}
	for _, line := range p.Lines(t, "raw/") {
		var wrapped struct{ APIKeyID string }
		require.NoError(t, json.Unmarshal([]byte(line), &wrapped), line)
		sent[wrapped.APIKeyID]++
	}
	assert.Equal(t, map[string]int{shop.ID: 2, app.ID: 1}, sent)
}

func TestAnAPIKeyIsRequiredAndItsQuotaEnforced(t *testing.T) {
	t.Parallel()
	p := pipelinetest.Start(t, pipelinetest.Options{Settings: map[string]string{"access": "API_KEY", "apiKeys": `[{"name":"default","requestsPerDay":2}]`}})
	wantRefusal(t, p.Post(t, p.URL, firstEvent), http.StatusForbidden, "INVALID_API_KEY")
	wantRefusal(t, p.Post(t, p.BatchURL, firstEvent, "x-api-key", "guess"), http.StatusForbidden, "INVALID_API_KEY")
	require.NotEmpty(t, p.APIKeys["default"].Value)
	for range 2 {
		require.Equal(t, http.StatusOK, p.Post(t, p.URL, firstEvent, "x-api-key", p.APIKeys["default"].Value).Status)
	}
	wantRefusal(t, p.Post(t, p.URL, firstEvent, "x-api-key", p.APIKeys["default"].Value), http.StatusTooManyRequests, "QUOTA_EXCEEDED")
}

func TestTheAnswerToAnUnsignedRequestNamesBothPossibleReasons(t *testing.T) {
	t.Parallel()
	p := pipelinetest.Start(t, pipelinetest.Options{Settings: map[string]string{"access": "AWS_IAM"}})
	for _, url := range []string{p.URL, p.BatchURL} {
		refused := wantRefusal(t, p.Post(t, url, firstEvent), http.StatusForbidden, "MISSING_AUTHENTICATION_TOKEN")
		assert.Contains(t, refused.Error.Message, "not signed")
		assert.Contains(t, refused.Error.Message, "POST /v1/batch")
	}
}

func TestOnlyAllowedNetworksHaveAccess(t *testing.T) {
	t.Parallel()
	outside := pipelinetest.Start(t, pipelinetest.Options{Settings: map[string]string{"allowedSourceCidrs": `["203.0.113.0/24"]`}})
	wantRefusal(t, outside.Post(t, outside.URL, firstEvent), http.StatusForbidden, "ACCESS_DENIED")
	inside := pipelinetest.Start(t, pipelinetest.Options{Settings: map[string]string{"allowedSourceCidrs": `["127.0.0.0/8"]`}})
	require.Equal(t, http.StatusOK, inside.Post(t, inside.URL, firstEvent).Status)
}
