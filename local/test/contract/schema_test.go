package contract_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/test/pipelinetest"
)

const orderSchema = `{
  "$schema": "http://json-schema.org/draft-04/schema#",
  "definitions": {"amount": {"type": "integer", "minimum": 1}},
  "type": "object",
  "required": ["order"],
  "properties": {"order": {"type": "string", "pattern": "^[A-Z]-[0-9]+$"}, "amount": {"$ref": "#/definitions/amount"}},
  "additionalProperties": false
}`

// schemaFile writes a schema and returns the file's path.
func schemaFile(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

// wantSchema sends events to a single and to a batch route that have orderSchema.
func wantSchema(t *testing.T, p *pipelinetest.Pipeline, single, batch string) {
	t.Helper()
	const valid = `{"order":"A-1","amount":2}`
	for body, reason := range map[string]string{
		`{"order":1}`:                        `[instance type (integer) does not match any allowed primitive type (allowed: ["string"])]`,
		`{"order":"a-1"}`:                    `[ECMA 262 regex "^[A-Z]-[0-9]+$" does not match input string "a-1"]`,
		`{"amount":1}`:                       `[object has missing required properties (["order"])]`,
		`{"order":"A-1","amount":0}`:         `[numeric instance is lower than the required minimum (minimum: 1, found: 0)]`,
		`{"order":"A-1","amount":1.0}`:       `[instance type (number) does not match any allowed primitive type (allowed: ["integer"])]`,
		`{"order":"A-1","quantity":"seven"}`: `[object instance has properties which are not allowed by the schema: ["quantity"]]`,
		`{}`:                                 `[object has missing required properties (["order"])]`,
	} {
		for route, body := range map[string]string{single: body, batch: "[" + valid + "," + body + "]"} {
			refused := wantRefusal(t, p.Post(t, route, body), http.StatusBadRequest, "BAD_REQUEST_BODY")
			assert.True(t, strings.HasSuffix(refused.Error.Message, ": "+reason), refused.Error.Message)
		}
	}
	for route, bodies := range map[string][]string{
		single: {"", "hello", "[]", "[" + valid + "]"},
		batch:  {"", "hello", "[]", valid, "[" + strings.Repeat(valid+",", 500) + valid + "]"},
	} {
		for _, body := range bodies {
			wantRefusal(t, p.Post(t, route, body), http.StatusBadRequest, "BAD_REQUEST_BODY")
		}
		wantRefusal(t, p.Post(t, route, valid, "Content-Type", "text/plain"), http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE")
		preflight := p.Send(t, http.MethodOptions, route, nil, "Origin", "https://www.example.com")
		assert.Equal(t, http.StatusNoContent, preflight.Status)
		assert.Equal(t, "https://www.example.com", preflight.Header.Get("Access-Control-Allow-Origin"))
		refused := p.Post(t, route, "{}", "Origin", "https://www.example.com")
		assert.Equal(t, "https://www.example.com", refused.Header.Get("Access-Control-Allow-Origin"), "a page can read the reason")
	}
	answer := p.Post(t, single, valid)
	assert.Equal(t, http.StatusOK, answer.Status, string(answer.Body))
	answer = p.Post(t, batch, `[{"order":"B-1"},{"order":"B-2"}]`)
	assert.Equal(t, http.StatusOK, answer.Status, string(answer.Body))
}

func TestEveryEventSatisfiesTheSchema(t *testing.T) {
	t.Parallel()
	p := pipelinetest.Start(t, pipelinetest.Options{Settings: map[string]string{
		"eventSchema":                schemaFile(t, "order.json", orderSchema),
		"throttle.requestsPerSecond": "1000", "throttle.burst": "1000",
		"corsAllowedOrigins": `["https://www.example.com"]`,
	}})
	wantSchema(t, p, p.URL, p.BatchURL)
	p.Flush(t)
	assert.ElementsMatch(t, []string{`{"order":"A-1","amount":2}`, `{"order":"B-1"}`, `{"order":"B-2"}`}, p.Lines(t, ""))
}

// TestWhatTheProgramAcceptsInASchemaAPIGatewayAccepts has every keyword that the program accepts.
func TestWhatTheProgramAcceptsInASchemaAPIGatewayAccepts(t *testing.T) {
	t.Parallel()
	p := pipelinetest.Start(t, pipelinetest.Options{Settings: map[string]string{
		"throttle.requestsPerSecond": "1000", "throttle.burst": "1000",
		"eventSchema": schemaFile(t, "all.json", `{
			"$schema": "http://json-schema.org/draft-04/schema", "title": "a", "description": "b", "type": "object",
			"minProperties": 1, "maxProperties": 9, "required": ["id"],
			"definitions": {"tree": {"type": ["object", "null"], "properties": {"below": {"$ref": "#/definitions/tree"}}}},
			"properties": {
				"id": {"type": "string", "minLength": 1, "maxLength": 9, "pattern": "^(?!x)", "format": "hostname"},
				"$ref": {"type": "number", "minimum": -1.5, "maximum": 1e3, "exclusiveMaximum": true, "multipleOf": 0.5},
				"default": {"type": "array", "items": [{"$ref": "#/definitions/tree"}], "additionalItems": false, "minItems": 0, "maxItems": 9, "uniqueItems": true},
				"const": {"enum": [1, "1", null, {"examples": []}]}
			},
			"patternProperties": {"^x-": {}}, "additionalProperties": {"type": "boolean"},
			"dependencies": {"a": ["b"], "c": {"required": ["d"]}},
			"allOf": [{}], "anyOf": [{}], "oneOf": [{"not": {"required": ["e"]}}]
		}`),
	}})
	const valid = `{"id":"y","$ref":0.5,"default":[{"below":{"below":null}}],"const":null,"x-1":{},"a":true,"b":false}`
	for _, invalid := range []string{
		`{"id":"x"}`, `{"id":"-"}`, `{"id":"y","$ref":1000}`, `{"id":"y","$ref":0.25}`, `{"id":"y","default":[{"below":1}]}`,
		`{"id":"y","default":[{},{}]}`, `{"id":"y","const":2}`, `{"id":"y","z":1}`, `{"id":"y","a":true}`, `{"id":"y","c":true}`, `{"id":"y","e":true}`,
	} {
		wantRefusal(t, p.Post(t, p.URL, invalid), http.StatusBadRequest, "BAD_REQUEST_BODY")
		wantRefusal(t, p.Post(t, p.BatchURL, "["+valid+","+invalid+"]"), http.StatusBadRequest, "BAD_REQUEST_BODY")
	}
	answer := p.Post(t, p.URL, valid)
	assert.Equal(t, http.StatusOK, answer.Status, string(answer.Body))
	answer = p.Post(t, p.BatchURL, "["+valid+"]")
	assert.Equal(t, http.StatusOK, answer.Status, string(answer.Body))
}

func TestTheEventsOfATypeSatisfyItsSchemaAndAreStoredWithTheType(t *testing.T) {
	t.Parallel()
	p := pipelinetest.Start(t, pipelinetest.Options{Settings: map[string]string{
		"eventTypes": `{"order":"` + filepath.ToSlash(schemaFile(t, "order.json", orderSchema)) +
			`","batch-order_2":"` + filepath.ToSlash(schemaFile(t, "any.json", `{"type":"object","minProperties":1}`)) + `"}`,
		"envelope":                   "true",
		"throttle.requestsPerSecond": "1000", "throttle.burst": "1000",
		"corsAllowedOrigins": `["https://www.example.com"]`,
	}})
	wantSchema(t, p, p.URL+"/order", p.URL+"/order/batch")
	for route, body := range map[string]string{
		p.URL: `{"of":"no type"}`, p.BatchURL: `[{"of":"no type, in a batch"}]`,
		p.URL + "/batch-order_2": `{"of":"another type"}`, p.URL + "/batch-order_2/batch": `[{"of":"another type, in a batch"}]`,
	} {
		assert.Equal(t, http.StatusOK, p.Post(t, route, body).Status, route)
	}
	p.Flush(t)
	types := map[string]string{}
	for _, line := range p.Lines(t, "") {
		var stored struct {
			ID         string
			ReceivedAt int64
			Type       *string
			Event      json.RawMessage
		}
		require.NoError(t, json.Unmarshal([]byte(line), &stored), line)
		assert.NotEmpty(t, stored.ID)
		assert.NotZero(t, stored.ReceivedAt)
		types[string(stored.Event)] = "none"
		if stored.Type != nil {
			types[string(stored.Event)] = *stored.Type
		}
	}
	assert.Equal(t, map[string]string{
		`{"order":"A-1","amount":2}`: "order", `{"order":"B-1"}`: "order", `{"order":"B-2"}`: "order",
		`{"of":"no type"}`: "none", `{"of":"no type, in a batch"}`: "none",
		`{"of":"another type"}`: "batch-order_2", `{"of":"another type, in a batch"}`: "batch-order_2",
	}, types)
}

func TestTheRoutesOfATypeHaveTheAccessAndThrottleOfTheOthers(t *testing.T) {
	t.Parallel()
	p := pipelinetest.Start(t, pipelinetest.Options{Clock: clockwork.NewFakeClock(), Settings: map[string]string{
		"eventTypes": `{"order":"` + filepath.ToSlash(schemaFile(t, "order.json", orderSchema)) + `"}`, "envelope": "true",
		"access": "API_KEY", "apiKeys": `[{"name":"shop","requestsPerDay":1000}]`,
		"throttle.requestsPerSecond": "2", "throttle.burst": "2",
	}})
	for _, row := range []struct{ route, event string }{
		{p.URL + "/order", `{"order":"A-1"}`}, {p.URL + "/order/batch", `[{"order":"A-2"}]`},
	} {
		wantRefusal(t, p.Post(t, row.route, row.event), http.StatusForbidden, "INVALID_API_KEY")
		wantRefusal(t, p.Send(t, http.MethodGet, row.route, nil), http.StatusForbidden, "MISSING_AUTHENTICATION_TOKEN")
	}
	order := func() pipelinetest.Answer {
		return p.Post(t, p.URL+"/order", `{"order":"A-1"}`, "x-api-key", p.APIKeys["shop"].Value)
	}
	assert.Equal(t, http.StatusOK, order().Status)
	assert.Equal(t, http.StatusOK, order().Status)
	throttled := order()
	wantRefusal(t, throttled, http.StatusTooManyRequests, "THROTTLED")
	assert.Equal(t, "1", throttled.Header.Get("Retry-After"))
	p.Flush(t)
	lines := p.Lines(t, "")
	require.Len(t, lines, 2)
	assert.Regexp(t, `^\{"id":"[^"]+","receivedAt":\d+,"type":"order","apiKeyId":"[^"]+","event":\{"order":"A-1"\}\}$`, lines[0])
}

func TestWhilePausedTheRoutesOfATypeAnswer429(t *testing.T) {
	t.Parallel()
	p := pipelinetest.Start(t, pipelinetest.Options{Settings: map[string]string{
		"eventTypes": `{"order":"` + filepath.ToSlash(schemaFile(t, "order.json", orderSchema)) + `"}`, "envelope": "true", "paused": "true",
	}})
	wantRefusal(t, p.Post(t, p.URL+"/order", `{"order":"A-1"}`), http.StatusTooManyRequests, "PAUSED")
	wantRefusal(t, p.Post(t, p.URL+"/order/batch", `[{"order":"A-1"}]`), http.StatusTooManyRequests, "PAUSED")
	wantRefusal(t, p.Post(t, p.URL+"/order", `{"order":1}`), http.StatusBadRequest, "BAD_REQUEST_BODY")
}

func TestATypeThatThereIsNotIsAnUnknownPath(t *testing.T) {
	t.Parallel()
	p := pipelinetest.Start(t, pipelinetest.Options{Settings: map[string]string{
		"eventTypes": `{"order":"` + filepath.ToSlash(schemaFile(t, "order.json", orderSchema)) + `"}`, "envelope": "true",
	}})
	for _, path := range []string{"/refund", "/refund/batch", "/Order", "/order/refund", "/batch/order"} {
		refused := wantRefusal(t, p.Post(t, p.URL+path, `{"order":"A-1"}`), http.StatusForbidden, "MISSING_AUTHENTICATION_TOKEN")
		assert.Contains(t, refused.Error.Message, "types order;")
	}
	for _, query := range []string{"?type=refund", "?resourcePath=/v1/refund"} {
		answer := p.Post(t, p.URL+"/order"+query, `{"order":"A-1"}`, "type", "refund", "resourcePath", "/v1/refund")
		assert.Equal(t, http.StatusOK, answer.Status, "%s: %s", query, answer.Body)
	}
	p.Flush(t)
	for _, line := range p.Lines(t, "") {
		assert.Contains(t, line, `"type":"order","event"`, "no request can choose the type")
	}
}
