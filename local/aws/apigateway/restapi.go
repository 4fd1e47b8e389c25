package apigateway

import (
	"context"
	"maps"
	"time"
)

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

// restAPI is an API as it is being edited, with its deployments, its stages and the server that answers for it.
type restAPI struct {
	api              RestAPI
	resources        map[string]*resource
	models           map[string]Model
	validators       map[string]RequestValidator
	gatewayResponses map[string]GatewayResponse
	deployments      map[string]*snapshot
	stages           map[string]*stage
	server           *server
}

// PutRestAPI makes an API with its root resource and starts to listen for it. It answers the API with its ids.
func (s *Service) PutRestAPI(api RestAPI) (RestAPI, error) {
	if err := s.checkRestAPI(&api); err != nil {
		return RestAPI{}, err
	}
	if api.ID == "" {
		api.ID = newID(10)
	}
	if !apiIDPattern.MatchString(api.ID) {
		return RestAPI{}, badRequest("Invalid API identifier specified: %s", api.ID)
	}
	if api.RootResourceID == "" {
		api.RootResourceID = newID(10)
	}
	api.CreatedDate = s.options.Clock.Now()
	api.Tags = maps.Clone(api.Tags)

	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return RestAPI{}, conflict("API Gateway is closed")
	}
	if _, ok := s.apis[api.ID]; ok {
		return RestAPI{}, conflict("API identifier already exists: %s", api.ID)
	}
	srv, err := s.serve(api.ID)
	if err != nil {
		return RestAPI{}, err
	}
	root := &resource{Resource: Resource{APIID: api.ID, ID: api.RootResourceID, Path: "/"}, methods: map[string]*method{}}
	made := &restAPI{
		api:              api,
		resources:        map[string]*resource{root.ID: root},
		models:           defaultModels(api.ID),
		validators:       map[string]RequestValidator{},
		gatewayResponses: map[string]GatewayResponse{},
		deployments:      s.deployments[api.ID],
		stages:           map[string]*stage{},
		server:           srv,
	}
	delete(s.deployments, api.ID)
	if made.deployments == nil {
		made.deployments = map[string]*snapshot{}
	}
	s.apis[api.ID] = made
	return api, nil
}

// UpdateRestAPI changes an API's settings; its ids stay, and so does its policy if none is given. Settings are served
// with the next deployment.
func (s *Service) UpdateRestAPI(api RestAPI) (RestAPI, error) {
	if err := s.checkRestAPI(&api); err != nil {
		return RestAPI{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.find(api.ID)
	if err != nil {
		return RestAPI{}, err
	}
	api.RootResourceID = found.api.RootResourceID
	api.CreatedDate = found.api.CreatedDate
	api.Tags = maps.Clone(api.Tags)
	if api.Policy == "" {
		api.Policy = found.api.Policy
	}
	found.api = api
	return api, nil
}

// DeleteRestAPI removes an API with everything in it, its deployments on disk included, and stops listening.
// Its execution logs stay, as on AWS.
func (s *Service) DeleteRestAPI(apiID string) error {
	s.mu.Lock()
	api, err := s.find(apiID)
	if err != nil {
		s.mu.Unlock()
		return err
	}
	delete(s.apis, apiID)
	s.mu.Unlock()

	ctx, cancel := context.WithTimeout(context.Background(), drainOnDelete)
	defer cancel()
	if err := api.server.close(ctx); err != nil {
		return err
	}
	return removeDeployments(s.options.Dir, apiID)
}

// RestAPI describes an API.
func (s *Service) RestAPI(apiID string) (RestAPI, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	api, err := s.find(apiID)
	if err != nil {
		return RestAPI{}, err
	}
	described := api.api
	described.Tags = maps.Clone(described.Tags)
	return described, nil
}

// PutRestAPIPolicy sets the API's resource policy, a JSON document. It is served with the next deployment.
func (s *Service) PutRestAPIPolicy(apiID, policy string) error {
	if policy == "" {
		return badRequest("Invalid policy document. Please check the policy syntax and ensure that Principals are valid.")
	}
	return s.setPolicy(apiID, policy)
}

// DeleteRestAPIPolicy removes the API's resource policy. It stays in force until the next deployment.
func (s *Service) DeleteRestAPIPolicy(apiID string) error { return s.setPolicy(apiID, "") }

func (s *Service) setPolicy(apiID, policy string) error {
	if policy != "" {
		if _, err := parseResourcePolicy(policy, s.ExecutionARN(apiID)); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	api, err := s.find(apiID)
	if err != nil {
		return err
	}
	api.api.Policy = policy
	return nil
}

// find is an API by its id. The caller holds s.mu.
func (s *Service) find(apiID string) (*restAPI, error) {
	if api, ok := s.apis[apiID]; ok {
		return api, nil
	}
	// Recorded (LocalStack's snapshot of GetRestApi): the account stands before the id.
	return nil, notFound("Invalid API identifier specified %s:%s", s.options.Account.ID, apiID)
}

// checkRestAPI refuses settings that AWS refuses or that are not emulated, and fills in defaults.
func (s *Service) checkRestAPI(api *RestAPI) error {
	if api.Name == "" {
		return badRequest("API name must be specified")
	}
	switch api.EndpointType {
	case "":
		api.EndpointType = "EDGE"
	case "EDGE", "REGIONAL":
	default:
		return notEmulated("endpoint type " + api.EndpointType)
	}
	switch api.APIKeySource {
	case "":
		api.APIKeySource = "HEADER"
	case "HEADER":
	default:
		return notEmulated("API key source " + api.APIKeySource)
	}
	if len(api.BinaryMediaTypes) > 0 {
		return notEmulated("binaryMediaTypes " + api.BinaryMediaTypes[0])
	}
	if api.MinimumCompressionSize != nil {
		return notEmulated("minimumCompressionSize")
	}
	if api.Policy != "" {
		if _, err := parseResourcePolicy(api.Policy, s.ExecutionARN(api.ID)); err != nil {
			return err
		}
	}
	return nil
}
