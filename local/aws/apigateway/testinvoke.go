package apigateway

import (
	"context"
	"net/http"
	"strings"

	"ingest-pipeline/local/aws/internal/protocol"
)

// testStage is the stage of a test: assumed, quoted in issue threads, as are the values of $context.identity.
const testStage = "test-invoke-stage"

type testInvokeInput struct {
	methodInput
	PathWithQueryString *string
	Body                *string
	Headers             map[string]string
	MultiValueHeaders   map[string][]string
	StageVariables      map[string]string
	ClientCertificateID *string `aws:"clientCertificateId"`
}

type testInvokeOutput struct {
	Status            int
	Body              string
	Headers           map[string]string
	MultiValueHeaders map[string][]string
	Log               string
	// Latency is in milliseconds.
	Latency int64
}

// apiTestInvokeMethod sends a request to a method as it is being edited: the integration is called, but nothing is
// authorized, throttled, counted or logged. Documented: how-to-test-method.
func (s *Service) apiTestInvokeMethod(call *protocol.Call, in *testInvokeInput) (*testInvokeOutput, error) {
	if in.ClientCertificateID != nil {
		return nil, notEmulated("a client certificate")
	}
	v, err := s.testInvocation(in)
	if err != nil {
		return nil, err
	}
	v.identity = identity{
		apiKey: "test-invoke-api-key", apiKeyID: "test-invoke-api-key-id",
		accountID: call.Account.ID, userARN: call.Caller.ARN(), userID: call.Caller.UserID(),
	}
	v.log.level, v.log.trace = logAll, true
	if !v.readBody() || !v.log.begin(v) || !v.validate() || !v.makeCall() || !v.callIntegration() || !v.makeAnswer() {
		v.answerFailure()
	}
	v.log.finish(v)
	return v.testOutput(), nil
}

// testInvocation is a request to the method alone, compiled as for a stage.
func (s *Service) testInvocation(in *testInvokeInput) (*invocation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	api, err := s.find(in.APIID)
	if err != nil {
		return nil, err
	}
	at, err := api.resource(in.ResourceID)
	if err != nil {
		return nil, err
	}
	m, err := api.method(in.id())
	if err != nil {
		return nil, err
	}
	alone := &resource{Resource: at.Resource, Methods: map[string]*method{in.HTTPMethod: m}}
	config := *api.apiConfig
	config.Resources = map[string]*resource{at.ID: alone}
	edited := &restAPI{apiConfig: &config, server: api.server}
	frozen, err := edited.freeze(Deployment{APIID: in.APIID})
	if err != nil {
		return nil, err
	}
	edited.deployments = map[string]*snapshot{"": frozen}
	compiled, err := s.compile(edited, &stage{Stage: Stage{APIID: in.APIID, Name: testStage, Variables: in.StageVariables}})
	if err != nil {
		return nil, err
	}
	request, err := in.request(at.Path)
	if err != nil {
		return nil, badRequest("Invalid test request: %v", err) // assumed
	}
	v := &invocation{service: s, server: api.server, stage: compiled, request: request, start: s.options.Clock.Now(), isTest: true}
	v.identify()
	v.path, v.below = request.URL.EscapedPath(), strings.TrimPrefix(request.URL.EscapedPath(), "/"+testStage)
	if v.method, v.pathParameters = compiled.root.find(in.HTTPMethod, v.below, nil); v.method == nil {
		return nil, badRequest("The path %s is not one of the resource %s", v.below, at.Path) // assumed
	}
	v.method.keyRequired = false
	return v, nil
}

// request is the request of a test; without a path it is that of the resource.
func (in *testInvokeInput) request(resourcePath string) (*http.Request, error) {
	path := textOf(in.PathWithQueryString)
	if path == "" {
		path = resourcePath
	}
	verb := in.HTTPMethod
	if verb == "ANY" {
		verb = http.MethodGet // assumed
	}
	target := "/" + testStage + "/" + strings.TrimPrefix(path, "/")
	r, err := http.NewRequestWithContext(context.Background(), verb, "http://test"+target, strings.NewReader(textOf(in.Body)))
	if err != nil {
		return nil, err
	}
	r.RequestURI, r.RemoteAddr = target, "test-invoke-source-ip:0"
	for name, value := range in.Headers {
		r.Header.Add(name, value)
	}
	for name, values := range in.MultiValueHeaders {
		for _, value := range values {
			r.Header.Add(name, value)
		}
	}
	return r, nil
}

func (v *invocation) testOutput() *testInvokeOutput {
	out := &testInvokeOutput{
		Status: v.answer.status, Body: string(v.answer.body), Headers: map[string]string{}, MultiValueHeaders: map[string][]string{},
		Latency: v.service.options.Clock.Since(v.start).Milliseconds(), Log: v.log.text(v.requestID),
	}
	headers := v.answerHeaders()
	if v.failure.responseType == "" && !v.method.integration.mock {
		headers = append(headers, parameter{traceHeader, v.traceID})
	}
	if v.answer.errorType != "" {
		headers = append(headers, parameter{"x-amzn-ErrorType", v.answer.errorType})
	}
	for _, h := range headers {
		if h.value != "" {
			out.Headers[h.name], out.MultiValueHeaders[h.name] = h.value, []string{h.value}
		}
	}
	return out
}

// text is the log as TestInvokeMethod answers it. The form is that of answers that people published.
func (l *executionLog) text(requestID string) string {
	var b strings.Builder
	b.WriteString("Execution log for request " + requestID + "\n")
	for _, line := range l.lines {
		b.WriteString(line.at.UTC().Format("Mon Jan 02 15:04:05 MST 2006") + " : " + strings.TrimPrefix(line.text, "("+requestID+") ") + "\n")
	}
	return b.String()
}
