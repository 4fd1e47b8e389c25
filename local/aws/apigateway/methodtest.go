package apigateway

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// MethodTest is a request to a stage that is not sent: the method is found, its model validates the body, and its
// templates are rendered as for a client, with a given answer in the place of the backend's. Nothing is authorized,
// throttled, counted or logged.
//
// It is the local target's own: TestInvokeMethod of AWS calls the backend, and cannot try templates that are not saved.
type MethodTest struct {
	APIID, Stage, HTTPMethod string
	// Path is the path below the stage: "/v1".
	Path    string
	Query   string
	Headers http.Header
	Body    string
	// RequestTemplate is in the place of the deployed one for application/json; empty: the deployed one.
	RequestTemplate string
	// ResponseTemplates are in the place of the deployed ones for application/json, by the status code of the response.
	ResponseTemplates map[string]string
	// BackendStatus and BackendBody are the backend's answer.
	BackendStatus int
	BackendBody   string
}

// MethodTestResult is what a client would get.
type MethodTestResult struct {
	// Call is the rendered request to the backend; empty if the request did not get that far.
	Call string
	// ResponseStatusCode is the integration response that was chosen; 0: none.
	ResponseStatusCode int
	Status             int
	Headers            http.Header
	Body               string
	// Problem is what the execution log would say about a failure, with line and column of an error in a template.
	Problem string
}

// TestMethod runs a MethodTest. A template that does not parse is a BadRequestException with its line and column.
func (s *Service) TestMethod(ctx context.Context, test MethodTest) (MethodTestResult, error) {
	r, err := test.request(ctx)
	if err != nil {
		return MethodTestResult{}, badRequest("Invalid request: %v", err)
	}
	s.mu.Lock()
	api, err := s.find(test.APIID)
	s.mu.Unlock()
	if err != nil {
		return MethodTestResult{}, err
	}
	stages := *api.server.stages.Load()
	if stages[test.Stage] == nil {
		return MethodTestResult{}, notFound("Invalid Stage identifier specified")
	}
	v := &invocation{service: s, server: api.server, request: r, start: s.options.Clock.Now()}
	v.identify()
	if !v.findStage() {
		return MethodTestResult{}, badRequest("The stage %s is not served", test.Stage)
	}
	if v.method == nil {
		return MethodTestResult{}, notFound("Invalid Method identifier specified")
	}
	if v.method, err = test.method(v.method); err != nil {
		return MethodTestResult{}, err
	}
	v.requestInput.reset(v, strings.ToValidUTF8(test.Body, "\uFFFD"))
	if !v.validate() || !v.makeCall() || !v.answerAs(test) || !v.makeAnswer() {
		v.answerFailure()
	}
	return v.testResult(), nil
}

func (t MethodTest) request(ctx context.Context) (*http.Request, error) {
	target := url.URL{Scheme: "http", Host: "test", Path: "/" + t.Stage + t.Path, RawQuery: t.Query}
	r, err := http.NewRequestWithContext(ctx, t.HTTPMethod, target.String(), nil)
	if err != nil {
		return nil, err
	}
	r.RequestURI, r.RemoteAddr = target.RequestURI(), "127.0.0.1:0"
	if t.Headers != nil {
		r.Header = t.Headers.Clone()
	}
	return r, nil
}

// method is the deployed method with the templates of the test, without logs and metrics.
func (t MethodTest) method(deployed *methodRuntime) (*methodRuntime, error) {
	method, integration := *deployed, *deployed.integration
	method.level, method.trace, method.integration = logNothing, false, &integration
	if t.RequestTemplate != "" {
		templates, err := compileTemplates(map[string]string{jsonType: t.RequestTemplate})
		if err != nil {
			return nil, err
		}
		integration.templates = templates
	}
	for code, source := range t.ResponseTemplates {
		templates, err := compileTemplates(map[string]string{jsonType: source})
		if err != nil {
			return nil, err
		}
		integration.replaceResponse(code, templates)
	}
	return &method, nil
}

// replaceResponse gives the response of a status code other templates.
func (i *integrationRuntime) replaceResponse(statusCode string, templates map[string]*mappingTemplate) {
	replaced := map[*responseRuntime]*responseRuntime{}
	replace := func(r *responseRuntime) *responseRuntime {
		if r == nil || fmt.Sprint(r.status) != statusCode {
			return r
		}
		if replaced[r] == nil {
			changed := *r
			changed.templates, changed.first = templates, templates[jsonType]
			replaced[r] = &changed
		}
		return replaced[r]
	}
	i.fallback = replace(i.fallback)
	for status := range i.responses {
		i.responses[status] = replace(i.responses[status])
	}
}

// answerAs is callIntegration with the answer of a test.
func (v *invocation) answerAs(t MethodTest) bool {
	v.called = true
	if v.method.integration.mock {
		return v.mock()
	}
	v.backend.status, v.backend.body = t.BackendStatus, []byte(t.BackendBody)
	return true
}

func (v *invocation) testResult() MethodTestResult {
	result := MethodTestResult{
		Call: string(v.call), Status: v.answer.status, Headers: http.Header{}, Body: string(v.answer.body), Problem: v.failure.log,
	}
	if v.failure.responseType != "" && result.Problem == "" {
		result.Problem = v.failure.message
	}
	if v.backend.chosen != nil {
		result.ResponseStatusCode = v.backend.chosen.status
	}
	result.Headers.Set("Content-Type", v.answer.contentType)
	for _, h := range v.answer.headers {
		result.Headers.Set(h.name, h.value)
	}
	return result
}
