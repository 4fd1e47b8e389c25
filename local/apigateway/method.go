package apigateway

// MethodID names a method of an API.
type MethodID struct {
	APIID, ResourceID string
	// HTTPMethod is DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT or ANY.
	HTTPMethod string
}

// Method is what an API asks of a request to one resource with one HTTP method.
type Method struct {
	MethodID
	// Authorization is NONE or AWS_IAM; others are refused.
	Authorization string
	// APIKeyRequired asks for the key of a usage plan in the header X-API-Key.
	APIKeyRequired bool
	// RequestValidatorID is a validator of the API; empty: requests are not validated.
	RequestValidatorID string
	// RequestModels are names of models by content type, for the validator.
	RequestModels map[string]string
	// RequestParameters are "method.request.{header,path,querystring}.<name>"; true: required, for the validator.
	RequestParameters map[string]bool
	OperationName     string
	// AuthorizationScopes and AuthorizerID must be empty: there are no authorizers here.
	AuthorizationScopes []string
	AuthorizerID        string
}

// PutMethod adds a method to a resource.
func (s *Service) PutMethod(method Method) error { return errNotWritten }

// UpdateMethod changes a method in place; its integration and responses stay.
func (s *Service) UpdateMethod(method Method) error { return errNotWritten }

// DeleteMethod removes a method with its responses, its integration and that one's responses.
func (s *Service) DeleteMethod(id MethodID) error { return errNotWritten }

// MethodResponse is one answer that a method declares.
type MethodResponse struct {
	MethodID
	// StatusCode is three digits: "200".
	StatusCode string
	// ResponseParameters are "method.response.header.<name>". The value says whether the header is required, which has
	// no effect on AWS.
	ResponseParameters map[string]bool
	// ResponseModels are names of models by content type. They document the answer; AWS does not check it.
	ResponseModels map[string]string
}

// PutMethodResponse adds a response to a method.
func (s *Service) PutMethodResponse(response MethodResponse) error { return errNotWritten }

// UpdateMethodResponse changes a method's response in place.
func (s *Service) UpdateMethodResponse(response MethodResponse) error { return errNotWritten }

// DeleteMethodResponse removes a method's response.
func (s *Service) DeleteMethodResponse(id MethodID, statusCode string) error { return errNotWritten }
