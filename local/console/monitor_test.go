package console_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/apigateway"
	"ingest-pipeline/local/console"
	"ingest-pipeline/local/test/pipelinetest"
)

// state is the part of the state that the tests look at.
type state struct {
	Gateways []struct {
		Routes []struct {
			Method, Path  string
			Rates, Totals struct{ OK, ClientErrors, Throttled, ServerErrors float64 }
		}
		Problem *struct{ RequestID, Text string }
	}
	Streams []struct {
		Name   string
		Shards []struct {
			ID      string
			Records float64
			Total   int
		}
	}
	DeliveryStreams []struct {
		BufferRecords int
		Due           *time.Time
		Fault         *struct{ Code string }
	}
	Buckets []struct{ Newest []struct{ Key string } }
	Alarms  []struct{ Name, Part, State string }
}

func TestTheStateHasEachPartOfThePath(t *testing.T) {
	t.Parallel()
	f := start(t, pipelinetest.Options{})
	f.Post(t, f.URL, `{"n":1}`)
	f.Post(t, f.URL, `no JSON`)
	f.Post(t, f.URL+"/unknown", `{}`)
	var s state
	f.eventually(func() bool {
		f.get("/api/state", &s)
		return s.DeliveryStreams[0].BufferRecords == 1 && s.DeliveryStreams[0].Due != nil
	})
	require.Len(t, s.Gateways, 1)
	totals := map[string][4]float64{}
	for _, r := range s.Gateways[0].Routes {
		totals[r.Method+" "+r.Path] = [4]float64{r.Totals.OK, r.Totals.ClientErrors, r.Totals.Throttled, r.Totals.ServerErrors}
	}
	assert.Equal(t, map[string][4]float64{"POST /v1": {1, 1}, "POST /v1/batch": {}, " ": {0, 1}}, totals)
	assert.Equal(t, 1, s.Streams[0].Shards[0].Total)
	f.Flush(t)
	f.get("/api/state", &s)
	assert.Len(t, s.Buckets[0].Newest, 1)
	assert.Zero(t, s.DeliveryStreams[0].BufferRecords)
	for _, a := range s.Alarms {
		assert.NotEmpty(t, a.Part, "%s belongs to no part of the path", a.Name)
	}
}

func TestABrokenRoleIsShownWithItsReason(t *testing.T) {
	t.Parallel()
	f := start(t, pipelinetest.Options{})
	next := f.openPage().next
	for _, role := range f.Cloud.IAM.ListRoles() {
		require.NoError(t, f.Cloud.IAM.PutRolePolicy(role.Name, "deny",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"kinesis:Put*","Resource":"*"}]}`))
	}
	assert.Equal(t, http.StatusInternalServerError, f.Post(t, f.URL, `{"n":1}`).Status)
	var s state
	for s.Gateways == nil || s.Gateways[0].Problem == nil {
		next("state", &s)
	}
	assert.Contains(t, s.Gateways[0].Problem.Text, "AccessDeniedException: User: ")
	assert.NotEmpty(t, s.Gateways[0].Problem.RequestID)
}

func BenchmarkResponseWithoutAPage(b *testing.B) {
	hooks := console.NewMonitor(clockwork.NewRealClock()).Hooks()
	r := apigateway.Response{APIID: "a", Stage: "PROD", HTTPMethod: "POST", ResourcePath: "/v1", Status: 200}
	b.ReportAllocs()
	for b.Loop() {
		hooks.OnResponse(r)
	}
}
