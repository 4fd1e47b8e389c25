package contract_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/aws/apigateway"
	"ingest-pipeline/local/test/pipelinetest"
)

// hops remembers what reached the integration.
type hops struct {
	mu   sync.Mutex
	list []apigateway.Hop
}

func (h *hops) add(hop apigateway.Hop) {
	hop.Request, hop.BackendResponse, hop.Response = bytes.Clone(hop.Request), bytes.Clone(hop.BackendResponse), bytes.Clone(hop.Response)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.list = append(h.list, hop)
}

// take gives the hops so far and forgets them.
func (h *hops) take() []apigateway.Hop {
	h.mu.Lock()
	defer h.mu.Unlock()
	list := h.list
	h.list = nil
	return list
}

// entry is a record of a Kinesis call.
type entry struct {
	PartitionKey string
	Data         string
}

// checkCall says what is wrong with a rendered Kinesis call for a body, or "".
func checkCall(uri string, call, body []byte) string {
	var events []json.RawMessage
	var entries []entry
	if strings.HasSuffix(uri, "/PutRecords") {
		var records struct{ Records []entry }
		if wrong := strict(call, []string{"StreamName", "Records"}, &records); wrong != "" {
			return wrong
		}
		if err := json.Unmarshal(body, &events); err != nil {
			return "the body is no array: " + err.Error()
		}
		entries = records.Records
	} else {
		var one entry
		if wrong := strict(call, []string{"StreamName", "PartitionKey", "Data"}, &one); wrong != "" {
			return wrong
		}
		events, entries = []json.RawMessage{body}, []entry{one}
	}
	if len(events) != len(entries) {
		return fmt.Sprintf("%d events, %d records", len(events), len(entries))
	}
	for i := range events {
		if wrong := checkEntry(entries[i], events[i]); wrong != "" {
			return fmt.Sprintf("record %d: %s", i, wrong)
		}
	}
	return ""
}

// strict decodes a call that must have exactly these members and our stream.
func strict(call []byte, members []string, into any) string {
	if err := json.Unmarshal(call, into); err != nil {
		return "the call is no JSON: " + err.Error()
	}
	// A member that is there twice is one too many, although a decoder takes only the last.
	var names []string
	decoder := json.NewDecoder(bytes.NewReader(call))
	if _, err := decoder.Token(); err != nil {
		return err.Error()
	}
	for decoder.More() {
		name, err := decoder.Token()
		var value json.RawMessage
		if err == nil {
			err = decoder.Decode(&value)
		}
		if err != nil {
			return "the call is no JSON: " + err.Error()
		}
		names = append(names, name.(string))
		if name == "StreamName" && string(value) != `"class-stream"` {
			return "the call goes to " + string(value)
		}
	}
	slices.Sort(names)
	slices.Sort(members)
	if !slices.Equal(names, members) {
		return fmt.Sprintf("the call has the members %v", names)
	}
	return ""
}

func checkEntry(e entry, event []byte) string {
	if n := utf8.RuneCountInString(e.PartitionKey); n < 1 || n > 256 {
		return fmt.Sprintf("the key has %d characters", n)
	}
	line, err := base64.StdEncoding.DecodeString(e.Data)
	if err != nil {
		return "the data is no base64: " + err.Error()
	}
	if !bytes.HasSuffix(line, []byte("\n")) || bytes.Count(line, []byte("\n")) != 1 || bytes.ContainsRune(line, '\r') {
		return fmt.Sprintf("the data is not one line: %q", line)
	}
	var want, got any
	if err := json.Unmarshal(event, &want); err != nil {
		return "an event that is no JSON got through: " + err.Error()
	}
	if err := json.Unmarshal(line, &got); err != nil {
		return fmt.Sprintf("the line is no JSON: %q", line)
	}
	if !reflect.DeepEqual(want, got) {
		return fmt.Sprintf("the line %q is not the event %q", line, event)
	}
	return ""
}

// hostile are requests that a naive template breaks on.
var hostile = []struct{ name, body, header, query string }{
	{"a key that adds a member", firstEvent, `x","StreamName":"other`, ""},
	{"a key that takes a hash", firstEvent, `a","ExplicitHashKey":"0`, ""},
	{"a key from the query string", firstEvent, "", `X-Amzn-Trace-Id=x","StreamName":"other`},
	{"a key of 1000 characters", firstEvent, strings.Repeat("k", 1000), ""},
	{"a key of nothing but quotes", firstEvent, `"""`, ""},
	{"a key with a backslash at its end", firstEvent, `x\`, ""},
	{"an event with quotes and backslashes", `{"a":"\"\\\"","b":"\\"}`, "", ""},
	{"an event over several lines", "{\r\n  \"a\": 1,\n\n  \"b\": \"x\\ny\"\n}\n", "", ""},
	{"an event with Velocity in it", `{"a":"#set($x = 1)$x ${context.stage} #foreach($i in [1..9])$i#end","b":"$input.body"}`, "", ""},
	{"an event beyond ASCII", `{"한국어":"데이터 🌊","e":"é"}`, "", ""},
	{"an event with escaped characters", `{"a":"\u0000\u001f\u2028\ud83c\udf0a\/"}`, "", ""},
	{"large and small numbers", `{"big":12345678901234567890,"neg":-0.5,"exp":1e300,"small":1e-7,"zero":0}`, "", ""},
	{"the same member twice", `{"a":1,"a":2}`, "", ""},
	{"a deep event", strings.Repeat(`{"a":`, 60) + "1" + strings.Repeat("}", 60), "", ""},
	{"events of 1, 2 and 3 bytes more", `{"":1}`, "", ""},
	{"an empty member name", `{"":{"":""}}`, "", ""},
}

func TestNoRequestCanShapeTheKinesisCall(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"TRACE_ID", "REQUEST_ID", "EVENT_FIELD"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			seen := &hops{}
			settings := map[string]string{"stream.partitionKey": mode, "throttle.requestsPerSecond": "1000"}
			if mode == "EVENT_FIELD" {
				settings["stream.partitionKeyField"] = "a"
			}
			p := pipelinetest.Start(t, pipelinetest.Options{Settings: settings, Hooks: aws.Hooks{OnRequest: seen.add}})
			for _, row := range hostile {
				for _, route := range []string{p.URL, p.BatchURL} {
					body := row.body
					if route == p.BatchURL {
						body = "[" + row.body + "," + row.body + "]"
					}
					var headers []string
					if row.header != "" {
						headers = []string{"X-Amzn-Trace-Id", row.header}
					}
					answer := p.Post(t, route+"?"+url.PathEscape(row.query), body, headers...)
					got := seen.take()
					require.Equal(t, http.StatusOK, answer.Status, "%s: %s", row.name, answer.Body)
					require.Len(t, got, 1, row.name)
					assert.Empty(t, checkCall(got[0].URI, got[0].Request, []byte(body)), row.name)
				}
			}
		})
	}
}

func TestThePartitionKeyFollowsTheSetting(t *testing.T) {
	t.Parallel()
	keys := func(t *testing.T, settings map[string]string, body string, headers ...string) []string {
		seen := &hops{}
		p := pipelinetest.Start(t, pipelinetest.Options{Settings: settings, Hooks: aws.Hooks{OnRequest: seen.add}})
		require.Equal(t, http.StatusOK, p.Post(t, p.BatchURL, "["+body+","+body+"]", headers...).Status)
		require.Equal(t, http.StatusOK, p.Post(t, p.URL, body, headers...).Status)
		var all []string
		for _, hop := range seen.take() {
			var call struct {
				PartitionKey string
				Records      []entry
			}
			require.NoError(t, json.Unmarshal(hop.Request, &call))
			for _, e := range append(call.Records, entry{PartitionKey: call.PartitionKey}) {
				if e.PartitionKey != "" {
					all = append(all, e.PartitionKey)
				}
			}
		}
		require.Len(t, all, 3)
		return all
	}
	const trace = "Root=1-67891233-abcdef012345678912345678"
	for _, header := range []string{"X-Amzn-Trace-Id", "x-amzn-trace-id"} {
		byTrace := keys(t, nil, firstEvent, header, trace)
		assert.Equal(t, []string{"0-" + url.QueryEscape(trace), "1-" + url.QueryEscape(trace), url.QueryEscape(trace)}, byTrace, header)
	}

	byRequest := keys(t, map[string]string{"stream.partitionKey": "REQUEST_ID"}, firstEvent, "X-Amzn-Trace-Id", trace)
	assert.NotContains(t, strings.Join(byRequest, " "), "67891233", "no client chooses it")
	assert.Len(t, map[string]bool{byRequest[0]: true, byRequest[1]: true, byRequest[2]: true}, 3)

	field := map[string]string{"stream.partitionKey": "EVENT_FIELD", "stream.partitionKeyField": "customer.id"}
	assert.Equal(t, []string{"c+7%22", "c+7%22", "c+7%22"}, keys(t, field, `{"customer":{"id":"c 7\""}}`), "one entity, one key")
	without := keys(t, field, `{"customer":{}}`)
	assert.Len(t, map[string]bool{without[0]: true, without[1]: true, without[2]: true}, 3, "events without the field are spread")
}

// naive is the template that a first attempt would write: no newline, and the key as the client sent it.
const naive = `{
"Data": "$util.base64Encode("$input.json('$')")",
"PartitionKey": "$input.params('X-Amzn-Trace-Id')",
"StreamName": "class-stream"
}`

// TestANaiveTemplateFailsTheseTests proves that the checks of this file can fail: with a naive template in place of
// ours, they do.
func TestANaiveTemplateFailsTheseTests(t *testing.T) {
	t.Parallel()
	seen := &hops{}
	p := pipelinetest.Start(t, pipelinetest.Options{
		Settings: quick, Hooks: aws.Hooks{OnRequest: seen.add},
		Change: func(typ, name string, inputs resource.PropertyMap) {
			if typ == "Integration" && strings.HasSuffix(name, "-event") {
				inputs["requestTemplates"] = resource.NewObjectProperty(resource.PropertyMap{
					"application/json": resource.NewStringProperty(naive),
				})
			}
		},
	})
	wrong := map[string]string{}
	for _, row := range hostile {
		var headers []string
		if row.header != "" {
			headers = []string{"X-Amzn-Trace-Id", row.header}
		}
		p.Post(t, p.URL+"?"+url.PathEscape(row.query), row.body, headers...)
		for _, hop := range seen.take() {
			wrong[row.name] = checkCall(hop.URI, hop.Request, []byte(row.body))
		}
	}
	assert.Contains(t, wrong["an event over several lines"], "not one line")
	for _, row := range []string{"a key that adds a member", "a key that takes a hash", "a key from the query string"} {
		assert.Contains(t, wrong[row], "the call", row)
	}
	assert.Contains(t, wrong["a key of 1000 characters"], "the key has")
}

// FuzzRequest: whatever a client sends, what reaches Kinesis is a well-formed call for the event, or nothing does.
func FuzzRequest(f *testing.F) {
	for _, row := range hostile {
		f.Add([]byte(row.body), row.header, row.query, false)
		f.Add([]byte("["+row.body+"]"), row.header, row.query, true)
	}
	seen := &hops{}
	p := pipelinetest.Start(f, pipelinetest.Options{
		Settings: map[string]string{"stream.shardCount": "100", "throttle.requestsPerSecond": "10000", "throttle.burst": "5000", "logs.level": "OFF"},
		Hooks:    aws.Hooks{OnRequest: seen.add},
	})
	f.Fuzz(func(t *testing.T, body []byte, header, query string, batch bool) {
		route := p.URL
		if batch {
			route = p.BatchURL
		}
		// What net/http itself would not send.
		header = strings.Map(func(r rune) rune {
			if r < ' ' || r == 0x7f {
				return -1
			}
			return r
		}, header)
		if len(header) > 8000 || len(query) > 8000 {
			return
		}
		answer := p.Send(t, http.MethodPost, route+"?"+url.PathEscape(query), body, "X-Amzn-Trace-Id", strings.TrimSpace(header))
		require.True(t, json.Valid(answer.Body), "%d %s", answer.Status, answer.Body)
		got := seen.take()
		switch answer.Status {
		case http.StatusOK:
			require.Len(t, got, 1)
			require.Empty(t, checkCall(got[0].URI, got[0].Request, body))
		case http.StatusBadRequest, http.StatusTooManyRequests:
			require.Empty(t, got, "refused, and yet %s", answer.Body)
		case http.StatusRequestEntityTooLarge:
		default:
			t.Fatalf("%d %s", answer.Status, answer.Body)
		}
	})
}
