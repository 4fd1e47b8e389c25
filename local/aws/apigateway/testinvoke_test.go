package apigateway

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The form of the log is that of an answer that AWS gave (published with its log, May 2023); the lines are those of the
// execution log.
func TestATestOfAMethodHasItsLog(t *testing.T) {
	f := newFixture(t)
	client, _ := f.sdkClient()
	f.allowLogs()
	r := f.postV1()
	r.integration.RequestTemplates["application/json"] = `{"who":"$input.params('who')","ip":"$context.identity.sourceIp","v":"$stageVariables.v",` +
		`"trace":"$input.params('X-Amzn-Trace-Id')"}`
	r.method.APIKeyRequired, r.method.Authorization = true, "AWS_IAM"
	f.putRoute(r)

	got, err := client.TestInvokeMethod(t.Context(), &sdk.TestInvokeMethodInput{
		RestApiId: api, ResourceId: &f.v1, HttpMethod: aws.String("POST"), PathWithQueryString: aws.String("/v1?who=me"),
		Body: aws.String(`{"a":1}`), Headers: map[string]string{"X-Test": "1"}, StageVariables: map[string]string{"v": "2"},
	})
	require.NoError(t, err)
	assert.Equal(t, int32(200), got.Status)
	assert.Equal(t, storedAnswer, *got.Body)
	assert.Equal(t, "application/json", got.Headers["Content-Type"])
	assert.Equal(t, []string{"application/json"}, got.MultiValueHeaders["Content-Type"])
	assert.Regexp(t, "^Root=1-", got.Headers["X-Amzn-Trace-Id"])
	assert.Equal(t, `{"who":"me","ip":"test-invoke-source-ip","v":"2","trace":""}`, f.backend.last(t), "no front end has added a header")

	lines := strings.Split(strings.TrimSuffix(*got.Log, "\n"), "\n")
	id := strings.TrimPrefix(lines[0], "Execution log for request ")
	assert.Regexp(t, `^[0-9a-f-]{36}$`, id)
	const at = "Wed Mar 04 05:06:07 UTC 2026 : "
	assert.Equal(t, []string{
		at + "Starting execution for request: " + id,
		at + "HTTP Method: POST, Resource Path: /v1",
		at + "Method request path: {}",
		at + "Method request query string: {who=me}",
		at + "Method request headers: {X-Test=1}",
		at + `Method request body before transformations: {"a":1}`,
		at + "Endpoint request URI: https://kinesis.eu-west-1.amazonaws.com/?Action=PutRecord",
	}, lines[1:8])
	assert.Equal(t, []string{
		at + "Method response body after transformations: " + storedAnswer,
		at + "Method response headers: {Content-Type=application/json}",
		at + "Successfully completed execution",
		at + "Method completed with status: 200",
	}, lines[len(lines)-4:])
	assert.Empty(t, f.logs.DescribeLogGroups(), "the log is in the answer alone")
}

func TestATestOfAMethodShowsAFailure(t *testing.T) {
	f := newFixture(t)
	client, _ := f.sdkClient()
	r := f.postV1()
	r.integration.Credentials = "arn:aws:iam::123456789012:role/none"
	f.putRoute(r)

	got, err := client.TestInvokeMethod(t.Context(), &sdk.TestInvokeMethodInput{
		RestApiId: api, ResourceId: &f.v1, HttpMethod: aws.String("POST"), Body: aws.String(`{}`),
	})
	require.NoError(t, err)
	assert.Equal(t, int32(500), got.Status)
	assert.Equal(t, `{"message":"Internal server error"}`, *got.Body)
	assert.Equal(t, "InternalServerErrorException", got.Headers["x-amzn-ErrorType"])
	assert.Contains(t, *got.Log, "Execution failed due to configuration error: API Gateway does not have permission to assume the provided role")
	assert.Contains(t, *got.Log, "Method completed with status: 500")
}

func TestATestOfAMethodNeedsNoDeploymentAndLeavesNoTrace(t *testing.T) {
	f := newFixture(t)
	client, _ := f.sdkClient()
	f.deploy(f.postV1())
	id := f.addResource(f.root, "{name}")
	f.putRoute(f.route(id, "GET"))
	_, err := f.GetStage(testAPI, testStage)
	require.Error(t, err)

	got, err := client.TestInvokeMethod(t.Context(), &sdk.TestInvokeMethodInput{
		RestApiId: api, ResourceId: &id, HttpMethod: aws.String("GET"), PathWithQueryString: aws.String("/a%20b"),
	})
	require.NoError(t, err)
	assert.Contains(t, *got.Log, "Method request path: {name=a b}")
	assert.Equal(t, 403, f.send("GET /"+testStage+"/a", "").status, "there is no such stage")

	_, err = client.TestInvokeMethod(t.Context(), &sdk.TestInvokeMethodInput{
		RestApiId: api, ResourceId: &id, HttpMethod: aws.String("GET"), PathWithQueryString: aws.String("/a/b"),
	})
	requireAPIError(t, err, "BadRequestException", "The path /a/b is not one of the resource /{name}")
	_, err = client.TestInvokeMethod(t.Context(), &sdk.TestInvokeMethodInput{RestApiId: api, ResourceId: &id, HttpMethod: aws.String("PUT")})
	requireAPIError(t, err, "NotFoundException", "Invalid Method identifier specified")
}
