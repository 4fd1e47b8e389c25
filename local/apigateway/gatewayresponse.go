package apigateway

// GatewayResponse is an answer that API Gateway gives on its own, before or instead of an integration's.
type GatewayResponse struct {
	APIID string
	// ResponseType is one of AWS's: "THROTTLED", "DEFAULT_4XX", …
	ResponseType string
	// StatusCode is three digits; empty: the type's own. The status of REQUEST_TOO_LARGE cannot be changed.
	StatusCode string
	// ResponseTemplates are bodies by content type. "$context.<name>", "$stageVariables.<name>" and
	// "$method.request.…" are substituted; they are not VTL.
	ResponseTemplates map[string]string
	// ResponseParameters are "gatewayresponse.header.<name>", each with a literal in single quotes or
	// "method.request.{header,path,querystring}.<name>", "stageVariables.<name>" or "context.<name>".
	ResponseParameters map[string]string
}

// PutGatewayResponse sets the answer of one type; it replaces the one there is.
func (s *Service) PutGatewayResponse(response GatewayResponse) error { return errNotWritten }

// DeleteGatewayResponse gives the answer of a type back to its default.
func (s *Service) DeleteGatewayResponse(apiID, responseType string) error { return errNotWritten }
