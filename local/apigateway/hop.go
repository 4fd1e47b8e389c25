package apigateway

import "time"

// Hop is what happened to one request that reached its integration.
type Hop struct {
	APIID, Stage, HTTPMethod, ResourcePath string
	RequestID                              string
	// RoleARN is the integration's role, assumed for the call; empty for MOCK.
	RoleARN string
	// URI is the integration's, such as "arn:aws:apigateway:eu-west-1:kinesis:action/PutRecord"; empty for MOCK.
	URI string
	// Request is the body that the mapping template rendered: a copy, free to keep.
	Request []byte
	// BackendStatus and BackendResponse are what the backend answered; BackendResponse is a copy.
	BackendStatus   int
	BackendResponse []byte
	// SelectionPattern is the one of the integration response that was chosen: empty for the default.
	SelectionPattern string
	// Status and Response are the client's answer; Response is a copy.
	Status   int
	Response []byte
	// Duration is the time from the request's arrival to its answer.
	Duration time.Duration
}
