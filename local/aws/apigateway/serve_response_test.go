package apigateway

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/iam"
)

// routeWithResponses is POST /v1 with these integration responses; each status code is declared.
func (f *fixture) routeWithResponses(mapped ...IntegrationResponse) route {
	r := f.postV1()
	r.responses, r.mapped = nil, nil
	for _, m := range mapped {
		m.MethodID = r.method.MethodID
		declared := MethodResponse{MethodID: m.MethodID, StatusCode: m.StatusCode, ResponseParameters: map[string]bool{}}
		for header := range m.ResponseParameters {
			declared.ResponseParameters[header] = false
		}
		r.responses = append(r.responses, declared)
		r.mapped = append(r.mapped, m)
	}
	return r
}

func TestTheBackendsStatusChoosesTheResponse(t *testing.T) {
	patterns := []IntegrationResponse{
		{StatusCode: "200", SelectionPattern: "200"},
		{StatusCode: "400", SelectionPattern: `4\d{2}`},
		{StatusCode: "502", SelectionPattern: `(?!503)5\d{2}`},
		{StatusCode: "503", SelectionPattern: `50`},
		{StatusCode: "500"},
	}
	for _, c := range []struct {
		name    string
		mapped  []IntegrationResponse
		backend int
		want    int
	}{
		{"a pattern", patterns, 200, 200},
		{"a pattern with digits", patterns, 418, 400},
		{"a pattern that looks ahead", patterns, 500, 502},
		{"a pattern is matched as a whole", patterns, 503, 500},
		{"no pattern", patterns, 201, 500},
		{"a status that is none", patterns, 0, 500},
		{"a status out of range", patterns, 700, 500},
		{"only a default: an error becomes a success", []IntegrationResponse{{StatusCode: "200"}}, 400, 200},
		{"of several patterns the lowest status", []IntegrationResponse{{StatusCode: "500", SelectionPattern: "4.."}, {StatusCode: "404", SelectionPattern: ".*"}}, 400, 404},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			f.deploy(f.routeWithResponses(c.mapped...))
			f.backend.answers(c.backend, `{"from":"backend"}`)
			got := f.post("{}")
			require.Equal(t, c.want, got.status)
			got.wantBody(t, `{"from":"backend"}`)
			require.Equal(t, "application/json", got.header.Get("Content-Type"))
		})
	}
}

func TestABackendThatNoResponseMatchesIsAnInternalError(t *testing.T) {
	f := newFixture(t)
	f.deploy(f.routeWithResponses(IntegrationResponse{StatusCode: "200", SelectionPattern: "200"}))
	f.backend.answers(400, `{"__type":"ResourceNotFoundException","message":"Stream x under account 123456789012 not found."}`)
	got := f.post("{}")
	require.Equal(t, 500, got.status)
	got.wantBody(t, `{"message":"Internal server error"}`)
	require.Equal(t, "InternalServerErrorException", got.header.Get("X-Amzn-Errortype"))
}

func TestAResponseThatTheMethodDoesNotDeclareIsAnInternalError(t *testing.T) {
	f := newFixture(t)
	r := f.postV1()
	f.putRoute(r)
	require.NoError(t, f.DeleteMethodResponse(r.method.MethodID, "200"))
	f.deploy()
	require.Equal(t, 500, f.post("{}").status)
}

func TestTheAcceptHeaderChoosesTheResponseTemplate(t *testing.T) {
	f := newFixture(t)
	f.deploy(f.routeWithResponses(IntegrationResponse{StatusCode: "200", ResponseTemplates: map[string]string{
		"application/json": `{"json":"$input.path('$.ShardId')"}`, "text/plain": "text $input.path('$.ShardId')",
	}}))
	for _, c := range []struct{ name, accept, contentType, body string }{
		{"none", "", "application/json", `{"json":"shardId-000000000000"}`},
		{"anything", "*/*", "application/json", `{"json":"shardId-000000000000"}`},
		{"text", "text/plain", "text/plain", "text shardId-000000000000"},
		{"text in a list", "image/png, text/plain;q=0.5", "text/plain", "text shardId-000000000000"},
		{"what there is not", "image/png", "application/json", `{"json":"shardId-000000000000"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := f.post("{}", "Accept", c.accept)
			require.Equal(t, c.contentType, got.header.Get("Content-Type"))
			require.Equal(t, c.body, got.body)
		})
	}
}

func TestWithoutAJSONTemplateTheFirstIsUsed(t *testing.T) {
	f := newFixture(t)
	f.deploy(f.routeWithResponses(IntegrationResponse{StatusCode: "200", ResponseTemplates: map[string]string{"text/xml": "<a/>", "text/html": "<p>"}}))
	got := f.post("{}")
	require.Equal(t, "<p>", got.body)
	require.Equal(t, "text/html", got.header.Get("Content-Type"))
}

func TestResponseParametersBecomeHeaders(t *testing.T) {
	f := newFixture(t)
	f.deploy(f.routeWithResponses(IntegrationResponse{StatusCode: "200", ResponseParameters: map[string]string{
		"method.response.header.X-Literal":        "'a, b'",
		"method.response.header.X-Shard":          "integration.response.body.ShardId",
		"method.response.header.X-Nothing":        "integration.response.body.Other",
		"method.response.header.X-Type":           "integration.response.header.Content-Type",
		"method.response.header.X-Request":        "context.requestId",
		"method.response.header.X-Stage":          "stageVariables.name",
		"method.response.header.Content-Type":     "'application/vnd.events+json'",
		"method.response.header.WWW-Authenticate": "'Basic'",
		"method.response.header.Content-Length":   "'3'",
	}}))
	f.change(func(s *Stage) { s.Variables = map[string]string{"name": "blue"} })
	got := f.post("{}")
	got.wantBody(t, storedAnswer)
	require.Equal(t, "a, b", got.header.Get("X-Literal"))
	require.Equal(t, "shardId-000000000000", got.header.Get("X-Shard"))
	require.NotContains(t, got.header, "X-Nothing")
	require.Equal(t, "application/x-amz-json-1.1", got.header.Get("X-Type"))
	require.Equal(t, got.header.Get("X-Amzn-Requestid"), got.header.Get("X-Request"))
	require.Equal(t, "blue", got.header.Get("X-Stage"))
	require.Equal(t, []string{"application/vnd.events+json"}, got.header["Content-Type"])
	require.Equal(t, "Basic", got.header.Get("X-Amzn-Remapped-Www-Authenticate"))
	require.NotContains(t, got.header, "Www-Authenticate")
	require.Equal(t, "3", got.header.Get("X-Amzn-Remapped-Content-Length"))
}

func TestOverridesAreAppliedAfterEverythingElse(t *testing.T) {
	for _, c := range []struct {
		name, request, response string
		status                  int
		header                  string
	}{
		{"the status", "", `#set($context.responseOverride.status = 429)`, 429, ""},
		{"a status without a method response", "", `#set($context.responseOverride.status = 444)`, 444, ""},
		{"a status that is text is ignored", "", `#set($context.responseOverride.status = "429")`, 200, ""},
		{"a status that is none is ignored", "", `#set($context.responseOverride.status = 600)`, 200, ""},
		{"a status below 200 is ignored", "", `#set($context.responseOverride.status = 100)`, 200, ""},
		{"a header", "", `#set($context.responseOverride.header.Retry-After = "1")`, 200, "1"},
		{"a header in brackets", "", `#set($context.responseOverride.header["Retry-After"] = "1")`, 200, "1"},
		{"a header by put", "", `$context.responseOverride.header.put("Retry-After", 1)`, 200, "1"},
		{"a header in other letters", "", `#set($context.responseOverride.header.retry-after = "1")`, 200, "1"},
		{"by the request template", `#set($context.responseOverride.status = 429)#set($context.responseOverride.header.Retry-After = "1")`, "", 429, "1"},
		{"by both templates", `#set($context.responseOverride.status = 418)`, `#set($context.responseOverride.status = 429)`, 429, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			r := f.routeWithResponses(IntegrationResponse{StatusCode: "200", ResponseTemplates: map[string]string{"application/json": c.response + "{}"}})
			r.integration.RequestTemplates["application/json"] = c.request + "{}"
			f.deploy(r)
			got := f.post("{}")
			require.Equal(t, c.status, got.status)
			require.Equal(t, c.header, got.header.Get("Retry-After"))
			require.Equal(t, "{}", got.body)
		})
	}
}

func TestAnOverrideReplacesAMappedHeader(t *testing.T) {
	f := newFixture(t)
	f.deploy(f.routeWithResponses(IntegrationResponse{
		StatusCode:         "200",
		ResponseParameters: map[string]string{"method.response.header.Retry-After": "'60'"},
		ResponseTemplates: map[string]string{"application/json": `#set($context.responseOverride.header.Retry-After = "1")` +
			`#set($context.responseOverride.header.Content-Type = "text/plain")x`},
	}))
	got := f.post("{}")
	require.Equal(t, []string{"1"}, got.header["Retry-After"])
	require.Equal(t, []string{"text/plain"}, got.header["Content-Type"])
}

func TestAHeaderCannotBreakOutOfItsLine(t *testing.T) {
	f := newFixture(t)
	f.deploy(f.routeWithResponses(IntegrationResponse{StatusCode: "200", ResponseTemplates: map[string]string{
		"application/json": `#set($context.responseOverride.header.X-Echo = $input.path('$.ShardId'))ok`,
	}}))
	f.backend.answers(200, `{"ShardId":"a\r\nSet-Cookie: b=c"}`)
	got := f.post("{}")
	require.Equal(t, 200, got.status)
	require.NotContains(t, got.header, "Set-Cookie")
}

func TestARoleThatCannotBeAssumedIsAnInternalError(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*iam.Service) error
	}{
		{"a role that is not there", func(s *iam.Service) error { return s.DeleteRole("apigatewayToKinesis") }},
		{"a role that does not trust", func(s *iam.Service) error {
			return s.UpdateRole(iam.Role{
				Name:        "apigatewayToKinesis",
				TrustPolicy: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"firehose.amazonaws.com"},"Action":"sts:AssumeRole"}]}`,
			})
		}},
		{"a role that asks for the account", func(s *iam.Service) error {
			return s.UpdateRole(iam.Role{
				Name: "apigatewayToKinesis",
				TrustPolicy: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},` +
					`"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"123456789012"}}}]}`,
			})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			f.deploy(f.postV1())
			require.Equal(t, 200, f.post("{}").status)
			require.NoError(t, c.change(f.iam))
			got := f.post("{}")
			require.Equal(t, 500, got.status)
			got.wantBody(t, `{"message":"Internal server error"}`)
			require.Len(t, f.backend.received(), 1)
		})
	}
}

func TestTheServiceMustBeCalledWithItsMethodAndContentType(t *testing.T) {
	for _, c := range []struct {
		name, verb, mapped, template string
		status                       int
	}{
		{"mapped as AWS's examples do", "POST", "'application/x-amz-json-1.1'", "{}", 200},
		{"not mapped", "POST", "", "{}", 200},
		{"mapped to another", "POST", "'text/plain'", "{}", 404},
		{"overridden by another", "POST", "'application/x-amz-json-1.1'", `#set($context.requestOverride.header.Content-Type = "text/plain"){}`, 404},
		{"another method", "GET", "'application/x-amz-json-1.1'", "{}", 404},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			r := f.routeWithResponses(IntegrationResponse{StatusCode: "200", SelectionPattern: "200"}, IntegrationResponse{StatusCode: "404"})
			r.integration.RequestTemplates["application/json"], r.integration.IntegrationHTTPMethod = c.template, c.verb
			if c.mapped != "" {
				r.integration.RequestParameters = map[string]string{"integration.request.header.Content-Type": c.mapped}
			}
			f.deploy(r)
			got := f.post("{}")
			require.Equal(t, c.status, got.status)
			if c.status == 404 {
				got.wantBody(t, `{"__type":"UnknownOperationException"}`)
				require.Empty(t, f.backend.received())
			}
		})
	}
}

func TestAMockAnswersThePreflight(t *testing.T) {
	f := newFixture(t)
	r := f.route(f.v1, "OPTIONS")
	r.integration = Integration{MethodID: r.method.MethodID, Type: "MOCK", RequestTemplates: map[string]string{"application/json": `{"statusCode": 204}`}}
	r.responses = []MethodResponse{{MethodID: r.method.MethodID, StatusCode: "204", ResponseParameters: map[string]bool{
		"method.response.header.Access-Control-Allow-Origin": true, "method.response.header.Access-Control-Allow-Methods": true,
	}}}
	r.mapped = []IntegrationResponse{{
		MethodID: r.method.MethodID, StatusCode: "204", SelectionPattern: "204", ResponseParameters: map[string]string{
			"method.response.header.Access-Control-Allow-Origin":  "'https://example.com'",
			"method.response.header.Access-Control-Allow-Methods": "'OPTIONS,POST'",
		},
	}}
	f.deploy(r)
	got := f.send("OPTIONS /PROD/v1", "", "Origin", "https://example.com", "Access-Control-Request-Method", "POST")
	require.Equal(t, 204, got.status)
	require.Empty(t, got.body)
	require.Equal(t, "https://example.com", got.header.Get("Access-Control-Allow-Origin"))
	require.Equal(t, "OPTIONS,POST", got.header.Get("Access-Control-Allow-Methods"))
	require.Empty(t, f.backend.received())
}

func TestAMockTakesItsStatusFromTheTemplate(t *testing.T) {
	for _, c := range []struct {
		name, template string
		status         int
	}{
		{"JSON", `{"statusCode": 200}`, 200},
		{"without quotes, as the CDK writes it", `{ statusCode: 200 }`, 200},
		{"with single quotes", `{'statusCode': 200}`, 200},
		{"with others", `{"other": "x", "statusCode": 200}`, 200},
		{"nothing", ``, 500},
		{"no status", `{}`, 500},
		{"a status that is none", `{"statusCode": 9}`, 500},
		{"not an object", `statusCode: 200`, 500},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			r := f.routeWithResponses(IntegrationResponse{StatusCode: "200", ResponseTemplates: map[string]string{"application/json": "$input.body"}})
			r.integration = Integration{MethodID: r.method.MethodID, Type: "MOCK", RequestTemplates: map[string]string{"application/json": c.template}}
			f.deploy(r)
			got := f.post("{}")
			require.Equal(t, c.status, got.status)
			if c.status == 200 {
				require.Equal(t, "{}", got.body, "a mock's answer is empty, which templates see as {}")
			}
		})
	}
}

func TestGatewayResponsesAreThoseOfTheAPI(t *testing.T) {
	body := func(text string) map[string]string { return map[string]string{"application/json": text} }
	shape := body(`{"error":{"code":"$context.error.responseType","message":$context.error.messageString,"requestId":"$context.requestId"}}`)
	for _, c := range []struct {
		name      string
		responses []GatewayResponse
		line      string
		status    int
		want      string // with REQUEST for the request's id
		retry     string
	}{
		{"none", nil, "GET /PROD/v1", 403, `{"message":"Missing Authentication Token"}`, ""},
		{"one for the type", []GatewayResponse{{ResponseType: "MISSING_AUTHENTICATION_TOKEN", StatusCode: "404", ResponseTemplates: shape}}, "GET /PROD/v1", 404,
			`{"error":{"code":"MISSING_AUTHENTICATION_TOKEN","message":"Missing Authentication Token","requestId":"REQUEST"}}`, ""},
		{"one for another type", []GatewayResponse{{ResponseType: "THROTTLED", StatusCode: "503"}}, "GET /PROD/v1", 403, `{"message":"Missing Authentication Token"}`, ""},
		{"the default keeps the status", []GatewayResponse{{ResponseType: "DEFAULT_4XX", ResponseTemplates: shape}}, "GET /PROD/v1", 403,
			`{"error":{"code":"MISSING_AUTHENTICATION_TOKEN","message":"Missing Authentication Token","requestId":"REQUEST"}}`, ""},
		{"the default with a status changes all", []GatewayResponse{{ResponseType: "DEFAULT_4XX", StatusCode: "400"}}, "GET /PROD/v1", 400, `{"message":"Missing Authentication Token"}`, ""},
		{"the type before the default", []GatewayResponse{
			{ResponseType: "DEFAULT_4XX", StatusCode: "400"}, {ResponseType: "MISSING_AUTHENTICATION_TOKEN", ResponseTemplates: body("mine")},
		}, "GET /PROD/v1", 403, "mine", ""},
		{"headers", []GatewayResponse{{ResponseType: "DEFAULT_4XX", ResponseParameters: map[string]string{
			"gatewayresponse.header.Retry-After": "'1'", "gatewayresponse.header.X-Nothing": "method.request.header.Nothing",
		}}}, "GET /PROD/v1", 403, `{"message":"Missing Authentication Token"}`, "1"},
		{"no VTL", []GatewayResponse{{ResponseType: "DEFAULT_4XX", ResponseTemplates: body("#set($a = 1)$a ${context.stage} $context.stage. $stageVariables.x!")}}, "GET /PROD/v1", 403,
			"#set($a = 1)$a ${context.stage} PROD. !", ""},
		{"parameters of the request", []GatewayResponse{{ResponseType: "DEFAULT_4XX", ResponseTemplates: body("$method.request.querystring.q $method.request.header.X-H")}}, "GET /PROD/v1?q=a", 403, "a h", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			for _, response := range c.responses {
				response.APIID = testAPI
				require.NoError(t, f.PutGatewayResponse(response))
			}
			f.deploy(f.postV1())
			got := f.send(c.line, "", "X-H", "h", "X-Amzn-RequestId", "11111111-2222-4333-8444-555555555555")
			require.Equal(t, c.status, got.status)
			require.Equal(t, replaceID(c.want), got.body)
			require.Equal(t, c.retry, got.header.Get("Retry-After"))
		})
	}
}

func TestAGatewayResponseThatIsDeletedIsTheDefaultAgain(t *testing.T) {
	f := newFixture(t)
	require.NoError(t, f.PutGatewayResponse(GatewayResponse{APIID: testAPI, ResponseType: "DEFAULT_4XX", StatusCode: "400"}))
	f.deploy(f.postV1())
	require.Equal(t, 400, f.send("GET /PROD/v1", "").status)
	require.NoError(t, f.DeleteGatewayResponse(testAPI, "DEFAULT_4XX"))
	f.deploy()
	require.Equal(t, 403, f.send("GET /PROD/v1", "").status)
}

func TestAHopTellsWhatHappened(t *testing.T) {
	var hops []Hop
	f := newFixture(t, func(o *Options) {
		o.OnRequest = func(h Hop) {
			h.Request, h.BackendResponse, h.Response = bytes.Clone(h.Request), bytes.Clone(h.BackendResponse), bytes.Clone(h.Response)
			hops = append(hops, h)
		}
	})
	f.deploy(f.routeWithResponses(
		IntegrationResponse{StatusCode: "200", SelectionPattern: "200", ResponseTemplates: map[string]string{"application/json": `{"stored":true}`}},
		IntegrationResponse{StatusCode: "500"},
	))
	got := f.post(`{"a": 1}`)
	f.send("GET /PROD/v1", "")
	require.Equal(t, []Hop{{
		APIID: testAPI, Stage: "PROD", HTTPMethod: "POST", ResourcePath: "/v1", RequestID: got.header.Get("X-Amzn-Requestid"),
		RoleARN: testRole, URI: testURI, Request: []byte(`{"a":1}`), BackendStatus: 200, BackendResponse: []byte(storedAnswer),
		StatusCode: 200, SelectionPattern: "200", Status: 200, Response: []byte(`{"stored":true}`),
	}}, hops, "what does not reach the integration is no hop")

	f.backend.answers(400, "{}")
	f.post("{}")
	require.Equal(t, 500, hops[1].StatusCode)
	require.Empty(t, hops[1].SelectionPattern)

	require.NoError(t, f.iam.DeleteRole("apigatewayToKinesis"))
	f.post("{}")
	require.Equal(t, "DEFAULT_5XX", hops[2].GatewayResponse)
	require.Equal(t, "Execution failed due to configuration error: API Gateway does not have permission to assume the provided role "+testRole, hops[2].Problem)
}
