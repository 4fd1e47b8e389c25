package apigateway

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"
)

// makeCall builds the integration's request: the template for the request's content type, or the body as it is, and the
// headers. Documented (integration-passthrough-behaviors).
func (v *invocation) makeCall() bool {
	i := v.method.integration
	template := i.templates[v.contentType()]
	switch {
	case template != nil:
		call, err := v.render(v.call[:0], template, &v.requestInput)
		if err != nil {
			return v.fail(configurationError("Unable to transform request: " + err.Error()))
		}
		v.call = call
	case i.passthrough == passNever, i.passthrough == passWhenNoTemplates && len(i.templates) > 0:
		return v.failUnsupported("no mapping template for content type " + v.contentType())
	default:
		v.call = append(v.call[:0], v.requestInput.text...)
	}
	return true
}

// callIntegration calls the backend with the integration's role, or does what MOCK does.
func (v *invocation) callIntegration() bool {
	i := v.method.integration
	v.called = true
	v.log.endpointRequest(v)
	if i.mock {
		return v.mock()
	}
	if i.problem != "" {
		return v.fail(configurationError(i.problem))
	}
	session, err := v.service.options.IAM.AssumeRole(i.role, servicePrincipal, sessionName, nil)
	if err != nil {
		// Assumed: quoted in issue threads, with the type of the gateway response.
		v.backend.failure = "API Gateway does not have permission to assume the provided role " + i.role
		return v.fail(internalError("DEFAULT_5XX", "Execution failed due to configuration error: "+v.backend.failure))
	}
	if i.verb != "POST" || !isServiceType(v.callContentType()) {
		// The services know a call by its method and content type too (read in kinesalite, which was tested against AWS).
		v.backend.status, v.backend.body = 404, []byte(`{"__type":"UnknownOperationException"}`)
		return true
	}
	clock := v.service.options.Clock
	begin := clock.Now()
	ctx := &deadline{Context: context.Background(), clock: clock, at: begin.Add(i.timeout)}
	v.backend.status, v.backend.body = i.backend.Call(ctx, session, i.action, v.call)
	ctx.release()
	v.backend.latency = clock.Since(begin)
	v.log.endpointResponse(v)
	if v.backend.latency >= i.timeout {
		v.backend.failure = "Execution failed due to a timeout error"
		return v.fail(failure{
			responseType: "INTEGRATION_TIMEOUT", message: "Endpoint request timed out",
			log: "Execution failed due to a timeout error", // assumed: quoted in issue threads
		})
	}
	return true
}

// callContentType is the content type that the call is made with: an override, else the mapped header, else JSON
// (assumed).
func (v *invocation) callContentType() string {
	if entry := v.requestOverride.header.at("Content-Type"); entry != nil {
		return entry.value
	}
	for _, m := range v.method.integration.parameters {
		if m.location == "header" && strings.EqualFold(m.name, "Content-Type") {
			if value := m.value(v); value != "" {
				return value
			}
		}
	}
	return jsonType
}

// isServiceType says whether the services with a JSON API accept a content type.
func isServiceType(contentType string) bool {
	switch mediaType(contentType) {
	case awsJSONType, "application/x-amz-json-1.0", jsonType:
		return true
	default:
		return false
	}
}

// looseStatusCode finds the status code in what a MOCK's template rendered, which need not be valid JSON: templates with
// a bare statusCode are common (the AWS CDK generates them), so AWS must accept them.
var looseStatusCode = regexp.MustCompile(`^\s*\{(?:[^{}]*,)?\s*["']?statusCode["']?\s*:\s*(\d{3})\s*[,}]`)

// mock answers the status that the request template sets: documented (how-to-mock-integration), the failure
// is assumed (LocalStack's).
func (v *invocation) mock() bool {
	var template struct {
		StatusCode json.Number `json:"statusCode"`
	}
	status := 0
	if err := json.Unmarshal(v.call, &template); err == nil {
		status, _ = strconv.Atoi(template.StatusCode.String())
	} else if found := looseStatusCode.FindSubmatch(v.call); found != nil {
		status, _ = strconv.Atoi(string(found[1]))
	}
	if status < 100 || status > 599 {
		return v.fail(internalError("API_CONFIGURATION_ERROR", "Execution failed due to configuration error: Unable to parse statusCode. "+
			"It should be an integer that is defined in the request template."))
	}
	v.backend.status, v.backend.body = status, nil
	return true
}

// makeAnswer builds the client's answer from the backend's: documented (API_IntegrationResponse,
// request-response-data-mappings).
func (v *invocation) makeAnswer() bool {
	status := v.backend.status
	response := v.method.integration.fallback
	if 0 <= status && status < len(v.method.integration.responses) {
		response = v.method.integration.responses[status]
	}
	if response == nil {
		// Assumed: quoted in issue threads.
		return v.fail(configurationError(fmt.Sprintf("No match for output mapping and no default output mapping configured. "+
			"Endpoint Response Status Code: %d", status)))
	}
	if !response.declared {
		return v.fail(configurationError(fmt.Sprintf("Output mapping refers to an invalid method response: %d", response.status)))
	}
	v.backend.chosen = response
	text := string(v.backend.body)
	v.responseInput.reset(v, text)
	a := &v.answer
	a.status, a.contentType = response.status, jsonType
	for _, m := range response.parameters {
		if value := m.value(v); value != "" {
			v.setHeader(m.name, value)
		}
	}
	template := response.templates[v.acceptedType(func(contentType string) bool { return response.templates[contentType] != nil })]
	if template == nil {
		template = response.first
	}
	if template == nil {
		a.body = append(a.body[:0], text...)
	} else {
		a.contentType = template.contentType
		var err error
		if a.body, err = v.render(a.body[:0], template, &v.responseInput); err != nil {
			return v.fail(configurationError("Unable to transform response: " + err.Error()))
		}
	}
	v.override()
	return true
}

// override applies what the templates overrode, after everything else.
func (v *invocation) override() {
	if v.responseOverride.status != 0 {
		v.answer.status = v.responseOverride.status
	}
	for _, entry := range v.responseOverride.header.entries {
		v.setHeader(entry.name, entry.value)
	}
	v.liftContentType()
}

// deadline is a context that ends at a time of a clock. It starts no timer before something waits for its end.
type deadline struct {
	context.Context
	clock clockwork.Clock
	at    time.Time

	mu    sync.Mutex
	ended chan struct{}
	timer clockwork.Timer
}

func (d *deadline) Deadline() (time.Time, bool) { return d.at, true }

func (d *deadline) Done() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ended == nil {
		ended := make(chan struct{})
		d.ended = ended
		d.timer = d.clock.AfterFunc(d.at.Sub(d.clock.Now()), func() { close(ended) })
	}
	return d.ended
}

func (d *deadline) Err() error {
	if d.clock.Now().Before(d.at) {
		return nil
	}
	return context.DeadlineExceeded
}

// release stops the timer.
func (d *deadline) release() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.timer != nil {
		d.timer.Stop()
	}
}
