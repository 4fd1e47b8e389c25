package apigateway

import "time"

// RestAPI is an API and its settings.
type RestAPI struct {
	// ID is ten lower-case letters and digits. Empty on PutRestAPI: one is made.
	ID string
	// Name is required; AWS does not ask for it to be unique.
	Name        string
	Description string
	// EndpointType is EDGE (default) or REGIONAL. Others are refused: they need what is not here.
	EndpointType string
	// Policy is the resource policy, a JSON document; empty: none. See PutRestAPIPolicy.
	Policy string
	// APIKeySource is HEADER (default). AUTHORIZER is refused: there are no authorizers here.
	APIKeySource string
	// DisableExecuteAPIEndpoint makes the API answer 403 at its own address.
	DisableExecuteAPIEndpoint bool
	// BinaryMediaTypes must be empty: binary bodies are not emulated.
	BinaryMediaTypes []string
	// MinimumCompressionSize must be nil: compression is not emulated.
	MinimumCompressionSize *int
	Tags                   map[string]string

	// RootResourceID is the id of the resource "/". Kept if it is given to PutRestAPI, else made.
	RootResourceID string
	// CreatedDate is when the API was put.
	CreatedDate time.Time
}

// PutRestAPI makes an API with its root resource and starts to listen for it. It answers the API with its ids.
func (s *Service) PutRestAPI(api RestAPI) (RestAPI, error) { return RestAPI{}, errNotWritten }

// UpdateRestAPI changes an API's settings. They are served with the next deployment.
func (s *Service) UpdateRestAPI(api RestAPI) (RestAPI, error) { return RestAPI{}, errNotWritten }

// DeleteRestAPI removes an API with everything in it, its deployments on disk included, and stops listening.
// Its execution logs stay, as on AWS.
func (s *Service) DeleteRestAPI(apiID string) error { return errNotWritten }

// RestAPI describes an API.
func (s *Service) RestAPI(apiID string) (RestAPI, error) { return RestAPI{}, errNotWritten }

// PutRestAPIPolicy sets the API's resource policy, a JSON document. It is served with the next deployment.
func (s *Service) PutRestAPIPolicy(apiID, policy string) error { return errNotWritten }

// DeleteRestAPIPolicy removes the API's resource policy.
func (s *Service) DeleteRestAPIPolicy(apiID string) error { return errNotWritten }
