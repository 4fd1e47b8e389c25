package apigateway

import (
	"time"
)

// Response is the answer to one request to a stage.
type Response struct {
	// ResourcePath is empty for a request to a path or method that does not exist.
	APIID, Stage, HTTPMethod, ResourcePath string
	RequestID                              string
	Status                                 int
	// GatewayResponse is the type of the gateway response; empty for an integration's answer.
	GatewayResponse string
	// Problem is what the execution log says about a failure; empty if there was none.
	Problem string
	// Duration is the time from the request's arrival to its answer.
	Duration time.Duration
}

// reportResponse calls OnResponse.
func (v *invocation) reportResponse() {
	if onResponse := v.service.options.OnResponse; onResponse != nil {
		onResponse(Response{
			APIID: v.server.apiID, Stage: v.stage.name, HTTPMethod: v.request.Method, ResourcePath: v.method.resourcePath,
			RequestID: v.requestID, Status: v.answer.status, GatewayResponse: v.failure.responseType, Problem: v.failure.log,
			Duration: v.latency,
		})
	}
}

// Hop is what happened to one request that reached its integration. Its byte slices are valid until OnRequest returns.
type Hop struct {
	APIID, Stage, HTTPMethod, ResourcePath string
	RequestID                              string
	// RoleARN is the integration's role, assumed for the call; empty for MOCK.
	RoleARN string
	// URI is the integration's, such as "arn:aws:apigateway:eu-west-1:kinesis:action/PutRecord"; empty for MOCK.
	URI string
	// Request is the body that the mapping template rendered.
	Request []byte
	// BackendStatus and BackendResponse are what the backend answered. BackendStatus is 0 for a backend that was not
	// called: its role could not be assumed, for example.
	BackendStatus   int
	BackendResponse []byte
	// StatusCode is that of the integration response that was chosen, and SelectionPattern its pattern: empty for the
	// default. StatusCode is 0 if none was chosen.
	StatusCode       int
	SelectionPattern string
	// GatewayResponse is the type of the gateway response that the client got; empty if it got the integration's answer.
	GatewayResponse string
	// Problem is what the execution log says about a failure; empty if there was none.
	Problem string
	// Status and Response are the client's answer.
	Status   int
	Response []byte
	// Duration is the time from the request's arrival to its answer.
	Duration time.Duration
}

// reportHop calls OnRequest for a request that reached its integration.
func (v *invocation) reportHop() {
	onRequest := v.service.options.OnRequest
	if onRequest == nil || !v.called {
		return
	}
	v.called = false // if OnRequest panics, it is not called for that
	hop := Hop{
		APIID: v.server.apiID, Stage: v.stage.name, HTTPMethod: v.request.Method, ResourcePath: v.method.resourcePath,
		RequestID: v.requestID, RoleARN: v.method.integration.role, URI: v.method.integration.uri,
		Request:       v.call,
		BackendStatus: v.backend.status, BackendResponse: v.backend.body,
		GatewayResponse: v.failure.responseType, Problem: v.failure.log,
		Status: v.answer.status, Response: v.answer.body,
		Duration: v.service.options.Clock.Since(v.start),
	}
	if chosen := v.backend.chosen; chosen != nil {
		hop.StatusCode, hop.SelectionPattern = chosen.status, chosen.pattern
	}
	onRequest(hop)
}
