package apigateway

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/logs"
)

const testRequestID = "11111111-2222-4333-8444-555555555555"

// deployWithLogging deploys the routes and sets the log level of the stage.
func deployWithLogging(f *fixture, level string, trace bool, routes ...route) {
	f.t.Helper()
	f.allowLogs()
	f.deploy(routes...)
	require.NoError(f.t, f.UpdateMethodSettings(MethodSettings{
		APIID: testAPI, StageName: "PROD", MethodPath: "*/*", LoggingLevel: level, DataTraceEnabled: trace,
	}))
}

// executionLog are the lines of the stage's execution log, without the request's id.
func (f *fixture) executionLog() (lines []string) {
	f.t.Helper()
	const group = "API-Gateway-Execution-Logs_" + testAPI + "/PROD"
	for _, g := range f.logs.DescribeLogGroups() {
		for _, stream := range g.Streams {
			if g.Name != group {
				continue
			}
			require.Regexp(f.t, `^[0-9a-f]{32}$`, stream)
			events, err := f.logs.Read(group, stream)
			require.NoError(f.t, err)
			for _, event := range events {
				require.True(f.t, strings.HasPrefix(event.Message, "("+testRequestID+") "), event.Message)
				lines = append(lines, strings.TrimPrefix(event.Message, "("+testRequestID+") "))
			}
		}
	}
	return lines
}

// anonymous replaces what differs from run to run.
func anonymous(got reply, lines []string) []string {
	for i, line := range lines {
		lines[i] = strings.ReplaceAll(line, got.header.Get("X-Amz-Apigw-Id"), "EXTENDED")
	}
	return lines
}

func TestTheExecutionLogAtINFOTellsTheStepsOfARequest(t *testing.T) {
	f := newFixture(t)
	deployWithLogging(f, "INFO", false, f.postV1())
	got := f.post(`{"secret":1}`, "X-Amzn-RequestId", testRequestID)
	require.Equal(t, []string{
		"Extended Request Id: EXTENDED",
		"Verifying Usage Plan for request: " + testRequestID + ". API Key:  API Stage: " + testAPI + "/PROD",
		"API Key  authorized because method 'POST /v1' does not require API Key. Request will not contribute to throttle or quota limits",
		"Usage Plan check succeeded for API Key  and API Stage " + testAPI + "/PROD",
		"Starting execution for request: " + testRequestID,
		"HTTP Method: POST, Resource Path: /v1",
		"Sending request to https://kinesis.eu-west-1.amazonaws.com/?Action=PutRecord",
		"Received response. Status: 200, Integration latency: 0 ms",
		"Successfully completed execution",
		"Method completed with status: 200",
	}, anonymous(got, f.executionLog()))
}

func TestBodiesAreLoggedOnlyWithDataTrace(t *testing.T) {
	f := newFixture(t)
	deployWithLogging(f, "INFO", true, f.postV1())
	f.send("POST /PROD/v1?q=1", `{"secret":1}`, "X-Amzn-RequestId", testRequestID, "Authorization", "Basic abcdefghijkl", "Content-Type", "application/json")
	lines := strings.Join(f.executionLog(), "\n")
	for _, want := range []string{
		"Method request path: {}\n", "Method request query string: {q=1}\n", "Authorization=************ghijkl", "X-Amzn-Trace-Id=Root=1-",
		`Method request body before transformations: {"secret":1}` + "\n",
		"Endpoint request URI: https://kinesis.eu-west-1.amazonaws.com/?Action=PutRecord\n", "User-Agent=AmazonAPIGateway_" + testAPI,
		`Endpoint request body after transformations: {"secret":1}` + "\n",
		"Endpoint response body before transformations: " + storedAnswer + "\n",
		"Method response body after transformations: " + storedAnswer + "\n", "Method response headers: {Content-Type=application/json}\n",
	} {
		require.Contains(t, lines, want)
	}
}

func TestAnEventOfTheLogHasAtMost1024Bytes(t *testing.T) {
	f := newFixture(t)
	deployWithLogging(f, "INFO", true, f.postV1())
	f.post(`{"a":"`+strings.Repeat("é", 2000)+`"}`, "X-Amzn-RequestId", testRequestID)
	longest := 0
	for _, line := range f.executionLog() {
		size := len("("+testRequestID+") ") + len(line)
		require.LessOrEqual(t, size, 1024)
		if strings.HasPrefix(line, "Method request body") {
			require.True(t, strings.HasSuffix(line, "é [TRUNCATED]"), line)
			longest = size
		}
	}
	require.GreaterOrEqual(t, longest, 1023)
}

func TestTheExecutionLogAtERRORHasOnlyFailures(t *testing.T) {
	f := newFixture(t)
	deployWithLogging(f, "ERROR", false, f.routeWithResponses(IntegrationResponse{StatusCode: "200", SelectionPattern: "200"}))
	f.post("{}", "X-Amzn-RequestId", testRequestID)
	require.Empty(t, f.executionLog())

	f.backend.answers(400, `{"__type":"x"}`)
	f.post("{}", "X-Amzn-RequestId", testRequestID)
	require.Equal(t, []string{
		"Execution failed due to configuration error: No match for output mapping and no default output mapping configured. Endpoint Response Status Code: 400",
		"Gateway response type: API_CONFIGURATION_ERROR with status code: 500",
		"Method completed with status: 500",
	}, f.executionLog())
}

func TestTheExecutionLogSaysWhyARoleCannotBeAssumed(t *testing.T) {
	f := newFixture(t)
	deployWithLogging(f, "ERROR", false, f.postV1())
	require.NoError(t, f.iam.DeleteRole("apigatewayToKinesis"))
	f.post("{}", "X-Amzn-RequestId", testRequestID)
	require.Equal(t, []string{
		"Execution failed due to configuration error: API Gateway does not have permission to assume the provided role " + testRole,
		"Gateway response type: DEFAULT_5XX with status code: 500",
		"Method completed with status: 500",
	}, f.executionLog())
}

func TestTheExecutionLogSaysWhyABodyIsInvalid(t *testing.T) {
	f := newFixture(t)
	r := routeWithValidation(f, `{"required":["a"]}`)
	deployWithLogging(f, "INFO", false, r)
	f.post("{}", "X-Amzn-RequestId", testRequestID)
	require.Contains(t, f.executionLog(), `Request body does not match model schema for content type application/json: [object has missing required properties (["a"])]`)
}

func TestTheExecutionLogSaysWhichLimitWasReached(t *testing.T) {
	f := newFixture(t)
	deployWithLogging(f, "INFO", false, f.postV1())
	rate, burst := 1.0, 0
	require.NoError(t, f.UpdateMethodSettings(MethodSettings{
		APIID: testAPI, StageName: "PROD", MethodPath: "*/*", LoggingLevel: "INFO", ThrottlingRateLimit: &rate, ThrottlingBurstLimit: &burst,
	}))
	f.post("{}", "X-Amzn-RequestId", testRequestID)
	require.Contains(t, f.executionLog(), "Method throttle limit exceeded for RestApi "+testAPI+", Stage PROD, Resource "+f.v1+", HttpMethod POST. Limit: 1.00 Burst: 0")
}

func TestAKeyThatIsRefusedIsLogged(t *testing.T) {
	f := newFixture(t)
	r := f.postV1()
	r.method.APIKeyRequired = true
	deployWithLogging(f, "INFO", false, r)
	f.post("{}", "X-Amzn-RequestId", testRequestID, "X-API-Key", "a-key-that-nobody-knows")
	require.Contains(t, f.executionLog(), "API Key *****************-knows not authorized because method 'POST /v1' requires API Key and API Key is not "+
		"associated with a Usage Plan for API Stage "+testAPI+"/PROD: No Usage Plan found for key and API Stage")
}

func TestWhatTheClientDoesIsNoErrorInTheLog(t *testing.T) {
	f := newFixture(t)
	r := f.postV1()
	r.method.APIKeyRequired = true
	deployWithLogging(f, "ERROR", false, r)
	require.Equal(t, 403, f.post("{}").status)
	require.Empty(t, f.executionLog())
}

func TestThereIsNoExecutionLogAtOFF(t *testing.T) {
	f := newFixture(t)
	deployWithLogging(f, "OFF", true, f.postV1())
	f.post("{}")
	require.Empty(t, f.logs.DescribeLogGroups())
}

func TestThereIsNoLogWithoutAWorkingAccountRole(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*fixture) error
	}{
		{"the setting is gone", func(f *fixture) error { return f.UpdateAccount(Account{}) }},
		{"the role has no policy any more", func(f *fixture) error {
			return f.iam.DetachRolePolicy("apigatewayToCloudWatch", "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs")
		}},
		{"the role trusts another", func(f *fixture) error {
			return f.iam.UpdateRole(iam.Role{
				Name:        "apigatewayToCloudWatch",
				TrustPolicy: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"firehose.amazonaws.com"},"Action":"sts:AssumeRole"}]}`,
			})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			require.NoError(t, f.logs.CreateLogGroup(logs.Group{Name: "access"}))
			deployWithLogging(f, "INFO", true, f.postV1())
			f.change(func(s *Stage) {
				s.AccessLogSettings = &AccessLogSettings{DestinationARN: accessGroup, Format: "$context.requestId"}
			})
			require.NoError(t, c.change(f))
			require.Equal(t, 200, f.post("{}").status)
			require.Empty(t, f.accessLog())
			require.Len(t, f.logs.DescribeLogGroups(), 1, "no group is made for the execution log")
		})
	}
}

func TestAnExecutionLogGroupThatTheProgramOwnsIsUsed(t *testing.T) {
	f := newFixture(t)
	require.NoError(t, f.logs.CreateLogGroup(logs.Group{Name: "API-Gateway-Execution-Logs_" + testAPI + "/PROD", RetentionInDays: 1}))
	deployWithLogging(f, "INFO", false, f.postV1())
	f.post("{}", "X-Amzn-RequestId", testRequestID)
	require.NotEmpty(t, f.executionLog())
	require.Len(t, f.logs.DescribeLogGroups(), 1)
}

const accessGroup = "arn:aws:logs:eu-west-1:123456789012:log-group:access"

func (f *fixture) accessLog() (lines []string) {
	f.t.Helper()
	for _, g := range f.logs.DescribeLogGroups() {
		for _, stream := range g.Streams {
			if g.Name == "access" {
				events, err := f.logs.Read("access", stream)
				require.NoError(f.t, err)
				for _, event := range events {
					lines = append(lines, event.Message)
				}
			}
		}
	}
	return lines
}

func TestTheAccessLogHasOneLineForEachRequest(t *testing.T) {
	f := newFixture(t)
	require.NoError(t, f.logs.CreateLogGroup(logs.Group{Name: "access"}))
	f.allowLogs()
	f.deploy(f.postV1())
	f.change(func(s *Stage) {
		s.AccessLogSettings = &AccessLogSettings{
			DestinationARN: accessGroup + ":*",
			Format: `{"id":"$context.requestId","status":$context.status,"length":$context.responseLength,"path":"$context.path",` +
				`"resource":"$context.resourcePath","integration":"$context.integration.status","latency":"$context.integrationLatency",` +
				`"error":"$context.error.responseType","key":"$context.identity.apiKey","x":"$context.nothing","costs":"$5"}` + "\n",
		}
	})
	f.post("{}", "X-Amzn-RequestId", testRequestID)
	f.send("GET /PROD/v1", "", "X-Amzn-RequestId", testRequestID)
	require.Equal(t, []string{
		`{"id":"` + testRequestID + `","status":200,"length":56,"path":"/PROD/v1","resource":"/v1","integration":"200","latency":"0","error":"-","key":"-","x":"-","costs":"$5"}`,
		`{"id":"` + testRequestID + `","status":403,"length":42,"path":"/PROD/v1","resource":"-","integration":"-","latency":"-","error":"MISSING_AUTHENTICATION_TOKEN","key":"-","x":"-","costs":"$5"}`,
	}, f.accessLog())
}

func TestAnAccessLogNeedsItsGroup(t *testing.T) {
	f := newFixture(t)
	f.allowLogs()
	f.deploy(f.postV1())
	f.change(func(s *Stage) {
		s.AccessLogSettings = &AccessLogSettings{DestinationARN: accessGroup, Format: "$context.requestId"}
	})
	require.Equal(t, 200, f.post("{}").status)
	require.Empty(t, f.logs.DescribeLogGroups(), "the group is the program's, and not made here")
}
