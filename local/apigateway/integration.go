package apigateway

// Integration is what a method calls.
type Integration struct {
	MethodID
	// Type is AWS (an action of an AWS service) or MOCK; others are refused.
	Type string
	// IntegrationHTTPMethod is the method of the call to the service: POST for actions of Kinesis. Required for AWS.
	IntegrationHTTPMethod string
	// URI is "arn:<partition>:apigateway:<region>:<service>:action/<Action>". Required for AWS; the service must be one
	// of Options.Services.
	URI string
	// Credentials is the ARN of the role that the call is made with. Required for AWS.
	Credentials string
	// PassthroughBehavior says what happens to a body without a template for its content type: WHEN_NO_MATCH (default),
	// WHEN_NO_TEMPLATES or NEVER.
	PassthroughBehavior string
	// RequestTemplates are mapping templates (VTL) by content type, at most 300 KB each.
	RequestTemplates map[string]string
	// RequestParameters are "integration.request.{header,path,querystring}.<name>", each with a literal in single
	// quotes or "method.request.{header,path,querystring,multivalueheader,multivaluequerystring}.<name>",
	// "method.request.body[.<JSONPath>]", "stageVariables.<name>" or "context.<name>".
	RequestParameters map[string]string
	// ContentHandling must be empty or CONVERT_TO_TEXT: binary bodies are not emulated.
	ContentHandling string
	// TimeoutMillis is how long the service may take, in milliseconds: 50 to 29,000, default 29,000. A REGIONAL API may
	// have up to 300,000.
	TimeoutMillis int
	// CacheNamespace is kept; there are no caches here. CacheKeyParameters must be empty.
	CacheNamespace     string
	CacheKeyParameters []string
	// ConnectionType is INTERNET (default); VPC_LINK is refused. ConnectionID must be empty.
	ConnectionType string
	ConnectionID   string
}

// PutIntegration sets a method's integration. On a method that has one it replaces it, and its responses are gone.
func (s *Service) PutIntegration(integration Integration) error { return errNotWritten }

// UpdateIntegration changes a method's integration in place: its responses stay.
func (s *Service) UpdateIntegration(integration Integration) error { return errNotWritten }

// DeleteIntegration removes a method's integration and that one's responses.
func (s *Service) DeleteIntegration(id MethodID) error { return errNotWritten }

// IntegrationResponse says what becomes of a backend's answer.
type IntegrationResponse struct {
	MethodID
	// StatusCode is the client's, three digits; the method must have a response with it.
	StatusCode string
	// SelectionPattern is a regular expression that the backend's HTTP status must match as a whole. Empty: the
	// default, taken when no pattern matches.
	SelectionPattern string
	// ResponseTemplates are mapping templates (VTL) by content type, at most 300 KB each. Without any the backend's
	// body is passed on.
	ResponseTemplates map[string]string
	// ResponseParameters are "method.response.header.<name>", which the method's response must declare, each with a
	// literal in single quotes or "integration.response.header.<name>", "integration.response.body[.<JSONPath>]",
	// "stageVariables.<name>" or "context.<name>".
	ResponseParameters map[string]string
	// ContentHandling must be empty or CONVERT_TO_TEXT: binary bodies are not emulated.
	ContentHandling string
}

// PutIntegrationResponse sets the response of an integration for one status code.
func (s *Service) PutIntegrationResponse(response IntegrationResponse) error { return errNotWritten }

// UpdateIntegrationResponse changes the response of an integration in place.
func (s *Service) UpdateIntegrationResponse(response IntegrationResponse) error {
	return errNotWritten
}

// DeleteIntegrationResponse removes the response of an integration for one status code.
func (s *Service) DeleteIntegrationResponse(id MethodID, statusCode string) error {
	return errNotWritten
}
