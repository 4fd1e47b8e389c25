package apigateway

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAMethodIsTestedWithoutBeingCalled(t *testing.T) {
	var responses []Response
	f := newFixture(t, func(o *Options) { o.OnResponse = func(r Response) { responses = append(responses, r) } })
	f.deploy(f.routeWithResponses(
		IntegrationResponse{StatusCode: "200", SelectionPattern: "200", ResponseTemplates: map[string]string{"application/json": `{"shard":$input.json('$.ShardId')}`}},
		IntegrationResponse{StatusCode: "500"},
	))
	test := MethodTest{
		APIID: testAPI, Stage: "PROD", HTTPMethod: "POST", Path: "/v1", Body: `{"a": 1}`,
		Headers: http.Header{"Content-Type": {"application/json"}}, BackendStatus: 200, BackendBody: storedAnswer,
	}
	result, err := f.TestMethod(t.Context(), test)
	require.NoError(t, err)
	assert.Equal(t, `{"a":1}`, result.Call)
	assert.Equal(t, 200, result.Status)
	assert.Equal(t, 200, result.ResponseStatusCode)
	assert.Equal(t, `{"shard":"shardId-000000000000"}`, result.Body)

	test.RequestTemplate = `$input.path('$.a') from $context.httpMethod`
	test.ResponseTemplates = map[string]string{"500": `#set($context.responseOverride.status = 503)down`}
	test.BackendStatus = 400
	result, err = f.TestMethod(t.Context(), test)
	require.NoError(t, err)
	assert.Equal(t, "1 from POST", result.Call, "the edited template is used")
	assert.Equal(t, 503, result.Status)
	assert.Equal(t, "down", result.Body)

	assert.Empty(t, f.backend.calls, "the backend is not called")
	assert.Empty(t, responses, "nothing is reported as a request")
	f.post(`{"a": 1}`)
	assert.Equal(t, `{"a":1}`, f.backend.last(t), "the deployed template is what it was")
	require.Len(t, responses, 1)
	assert.Equal(t, 200, responses[0].Status)
}

func TestAMistakeInATestedTemplateHasItsPlace(t *testing.T) {
	f := newFixture(t)
	f.deploy(f.postV1())
	test := MethodTest{APIID: testAPI, Stage: "PROD", HTTPMethod: "POST", Path: "/v1", Headers: http.Header{"Content-Type": {"application/json"}}}
	test.RequestTemplate = "one\n#if($x)"
	_, err := f.TestMethod(t.Context(), test)
	assert.ErrorContains(t, err, "application/json:2:")
	test.RequestTemplate = "one\n$input.json('$[')"
	result, err := f.TestMethod(t.Context(), test)
	require.NoError(t, err)
	assert.Contains(t, result.Problem, "application/json:2:")
	assert.Equal(t, 500, result.Status)

	test.Path = "/nothing"
	_, err = f.TestMethod(t.Context(), test)
	assert.ErrorContains(t, err, "NotFoundException")
}
