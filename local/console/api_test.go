package console_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/cloudwatch"
	"ingest-pipeline/local/console"
	"ingest-pipeline/local/test/pipelinetest"
)

// faults are the switches of the page.
type faults struct {
	Throttle            bool `json:"throttle"`
	Fail                bool `json:"fail"`
	RefuseWrites        bool `json:"refuseWrites"`
	LatencyMilliseconds int  `json:"latencyMilliseconds"`
}

func TestFaultsAreSwitchedAndLoseNoEvent(t *testing.T) {
	t.Parallel()
	f := start(t, pipelinetest.Options{Settings: map[string]string{"throttle.requestsPerSecond": "100"}, CannotDeliver: true})
	var now faults
	f.post("/api/faults", faults{Throttle: true}, &now)
	assert.Equal(t, http.StatusTooManyRequests, f.Post(t, f.URL, `{"n":1}`).Status)
	assert.Equal(t, http.StatusTooManyRequests, f.Post(t, f.BatchURL, `[{"n":1}]`).Status)
	f.post("/api/faults", faults{Fail: true}, &now)
	assert.Equal(t, http.StatusServiceUnavailable, f.Post(t, f.URL, `{"n":1}`).Status)

	f.post("/api/faults", faults{RefuseWrites: true}, &now)
	assert.Equal(t, http.StatusOK, f.Post(t, f.URL, `{"n":2}`).Status)
	require.Error(t, f.Cloud.Firehose.Flush(t.Context()))
	var s state
	f.get("/api/state", &s)
	require.NotNil(t, s.DeliveryStreams[0].Fault)
	assert.Equal(t, "S3.AccessDenied", s.DeliveryStreams[0].Fault.Code)
	f.get("/api/faults", &now)
	assert.True(t, now.RefuseWrites)

	require.NoError(t, f.close())
	f.Restart(t)
	f.serve()
	f.get("/api/faults", &now)
	assert.Zero(t, now, "faults end with the local target")
	f.Flush(t)
	assert.Equal(t, []string{`{"n":2}`}, f.Lines(t, "raw/"))

	status, content, _ := f.request(http.MethodPost, "/api/faults", `{"latencyMilliseconds":60001}`, "Content-Type", "application/json", "X-Console-Token", f.token)
	assert.Equal(t, http.StatusBadRequest, status)
	assert.Contains(t, string(content), "latencyMilliseconds = 60001: must be 0 to 60000")
}

func TestAFaultRaisesAnAlarmAndItsEndClearsIt(t *testing.T) {
	t.Parallel()
	clock := clockwork.NewFakeClockAt(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC))
	f := start(t, pipelinetest.Options{Clock: clock})
	raisedAfter := func(status int) (raised []string) {
		require.Equal(t, status, f.Post(t, f.URL, `{"n":1}`).Status)
		clock.Advance(10 * time.Second)
		var s state
		f.get("/api/state", &s)
		for _, a := range s.Alarms {
			if a.State == cloudwatch.InAlarm {
				raised = append(raised, a.Part)
			}
		}
		return raised
	}
	var now faults
	f.post("/api/faults", faults{Throttle: true}, &now)
	f.eventually(func() bool { return slices.Contains(raisedAfter(http.StatusTooManyRequests), "stream") })
	f.post("/api/faults", faults{}, &now)
	f.eventually(func() bool { return len(raisedAfter(http.StatusOK)) == 0 })
}

func TestRecordsObjectsAndLogsAreFound(t *testing.T) {
	t.Parallel()
	f := start(t, pipelinetest.Options{Settings: map[string]string{"logs.level": "INFO", "throttle.requestsPerSecond": "100"}})
	for n := range 5 {
		f.Post(t, f.URL, fmt.Sprintf(`{"n":%d,"text":"<b>"}`, n))
	}
	var found struct {
		Searched int
		Records  []struct{ Text, ShardID, SequenceNumber, PartitionKey string }
	}
	f.get("/api/records?stream="+f.StreamName, &found)
	require.Len(t, found.Records, 5)
	assert.Equal(t, `{"n":4,"text":"<b>"}`, found.Records[0].Text, "the newest is the first")
	f.get("/api/records?"+url.Values{"stream": {f.StreamName}, "q": {`"n":2`}}.Encode(), &found)
	require.Len(t, found.Records, 1)
	assert.Equal(t, 5, found.Searched)
	sequence := found.Records[0].SequenceNumber
	f.get("/api/records?"+url.Values{"stream": {f.StreamName}, "q": {sequence}}.Encode(), &found)
	assert.Len(t, found.Records, 1)

	f.Flush(t)
	var folder struct {
		Folders []string
		Objects []struct{ Key string }
	}
	f.get("/api/objects?bucket="+f.Bucket, &folder)
	assert.Equal(t, []string{"raw"}, folder.Folders)
	objects, err := f.Cloud.S3.Objects(f.Bucket, "raw/")
	require.NoError(t, err)
	key := objects[0].Key
	f.get("/api/objects?"+url.Values{"bucket": {f.Bucket}, "prefix": {key[:strings.LastIndex(key, "/")+1]}}.Encode(), &folder)
	require.Len(t, folder.Objects, 1)
	var object struct {
		Text      string
		FirstLine int
	}
	f.get("/api/object?"+url.Values{"bucket": {f.Bucket}, "key": {key}, "line": {"5"}}.Encode(), &object)
	assert.Equal(t, 1, object.FirstLine)
	assert.Equal(t, 5, strings.Count(object.Text, "\n"))
	status, _, _ := f.request(http.MethodGet, "/api/object?"+url.Values{"bucket": {f.Bucket}, "key": {"../../etc/passwd"}}.Encode(), "")
	assert.Equal(t, http.StatusNotFound, status)

	refused := f.Post(t, f.URL, `no JSON`)
	var events []struct{ Group, Message string }
	f.eventually(func() bool {
		f.get("/api/logs/events?q="+refused.Header.Get("X-Amzn-Requestid"), &events)
		groups := map[bool]bool{}
		for _, e := range events {
			groups[strings.HasSuffix(e.Group, "/access")] = true
		}
		return len(groups) == 2 // execution log and access log
	})
	for _, e := range events {
		assert.Contains(t, e.Message, refused.Header.Get("X-Amzn-Requestid"))
	}
}

func TestEachAlarmHasItsRunbookAndAPlaceInTheDashboard(t *testing.T) {
	t.Parallel()
	clock := clockwork.NewFakeClockAt(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC))
	f := start(t, pipelinetest.Options{Clock: clock})
	var alarms []struct{ Name, State, Condition, Runbook string }
	f.get("/api/alarms", &alarms)
	require.Greater(t, len(alarms), 8)
	for _, a := range alarms {
		assert.Contains(t, a.Runbook, "**Means**", "%s has no section in the runbook", a.Name)
		assert.Regexp(t, `. (>|≥|<|≤) \S+ in \d+ of \d+ periods of \d+ s`, a.Condition, a.Name)
	}
	f.Post(t, f.URL, `{"n":1}`)
	clock.Advance(time.Minute)
	var dashboards []struct {
		Widgets []struct {
			Title    string
			Series   []struct{ Points [][2]float64 }
			NotDrawn []string
		}
	}
	f.get("/api/dashboard", &dashboards)
	require.Len(t, dashboards, 1)
	require.NotEmpty(t, dashboards[0].Widgets)
	for _, w := range dashboards[0].Widgets {
		assert.Empty(t, w.NotDrawn, w.Title)
		assert.NotEmpty(t, w.Series, w.Title)
	}
	assert.Equal(t, [][2]float64{{float64(clock.Now().Add(-time.Minute).UnixMilli()), 1}}, dashboards[0].Widgets[0].Series[0].Points)
}

func TestTemplatesAreTriedWithTheEnginesOwnErrors(t *testing.T) {
	t.Parallel()
	f := start(t, pipelinetest.Options{})
	var templates []struct {
		APIID, Stage, Method, Path, Request, Schema string
		Responses                                   []struct{ StatusCode, Template string }
	}
	f.get("/api/templates", &templates)
	require.Len(t, templates, 2)
	first := templates[0]
	assert.NotEmpty(t, first.Schema)
	test := map[string]any{
		"apiId": first.APIID, "stage": first.Stage, "method": first.Method, "path": first.Path, "body": `{"n": 1}`,
		"headers": map[string]string{"content-type": "application/json"}, "backendStatus": 400,
		"backendBody": `{"__type":"ProvisionedThroughputExceededException"}`,
	}
	var result struct {
		Call, Body, Problem string
		Status              int
		Headers             http.Header
	}
	f.post("/api/templates/test", test, &result)
	assert.Contains(t, result.Call, `"StreamName":"`+f.StreamName+`"`)
	assert.Equal(t, http.StatusTooManyRequests, result.Status)
	assert.Equal(t, "1", result.Headers.Get("Retry-After"))

	test["body"] = `[]`
	f.post("/api/templates/test", test, &result)
	assert.Equal(t, http.StatusBadRequest, result.Status, "the model refuses it as at the endpoint")
	assert.Empty(t, result.Call)

	status, content, _ := f.request(http.MethodPost, "/api/templates/test",
		fmt.Sprintf(`{"apiId":%q,"stage":%q,"method":"POST","path":"/v1","request":"one\n#if($x)"}`, first.APIID, first.Stage),
		"Content-Type", "application/json", "X-Console-Token", f.token)
	assert.Equal(t, http.StatusBadRequest, status)
	assert.Contains(t, string(content), "application/json:2:")
}

func TestTheCostIsThatOfTheCommand(t *testing.T) {
	t.Parallel()
	f := start(t, pipelinetest.Options{})
	var c struct {
		Report struct {
			Region          string
			EventsPerSecond float64
			Estimate        struct{ Lines []struct{ Service string } }
		}
		Regions []string
	}
	f.get("/api/cost", &c)
	assert.Equal(t, "ap-northeast-2", c.Report.Region)
	assert.NotEmpty(t, c.Report.Estimate.Lines)
	f.get("/api/cost?eventsPerSecond=12.5&region="+c.Regions[0], &c)
	assert.Equal(t, 12.5, c.Report.EventsPerSecond)
	assert.Equal(t, c.Regions[0], c.Report.Region)
	status, content, _ := f.request(http.MethodGet, "/api/cost?eventsPerSecond=-1", "")
	assert.Equal(t, http.StatusBadRequest, status, "%s", content)
}

func TestADeploymentThatChangedNothingKeepsTheResources(t *testing.T) {
	t.Parallel()
	f := start(t, pipelinetest.Options{})
	next := f.openPage().next
	f.server.SetDeployment(console.Deployment{Summary: "1 created", Resources: []console.Resource{{Name: "ingest"}}, Outputs: map[string]string{"url": f.URL}})
	f.server.SetDeployment(console.Deployment{Problem: "templates/error.response.vtl:3:5: a mistake"})
	var summary struct{ Summary, Problem string }
	next("deployment", &summary)
	assert.Equal(t, "1 created", summary.Summary)
	next("deployment", &summary)
	assert.Equal(t, "templates/error.response.vtl:3:5: a mistake", summary.Problem)
	var tree struct {
		Resources []struct{ Name string }
		Outputs   map[string]string
	}
	f.get("/api/resources", &tree)
	require.Len(t, tree.Resources, 1)
	assert.Equal(t, f.URL, tree.Outputs["url"])
}
