package apigateway

import (
	"context"
	"errors"
	"maps"
	"time"
)

// RestAPI is the settings of an API.
type RestAPI struct {
	// ID is ten lower-case letters and digits. CreateRestAPI generates it.
	ID string
	// Name is required. It need not be unique.
	Name        string
	Description string
	// EndpointType is EDGE (default) or REGIONAL; PRIVATE is refused.
	EndpointType string
	// IPAddressType is ipv4 (default) or dualstack. It has no effect: an API listens on 127.0.0.1 only.
	IPAddressType string
	// Policy is the resource policy, a JSON document; empty: none.
	Policy string
	// APIKeySource is HEADER (default). AUTHORIZER is refused.
	APIKeySource string
	// DisableExecuteAPIEndpoint makes the API answer 403 at its own address.
	DisableExecuteAPIEndpoint bool
	Tags                      map[string]string

	// RootResourceID is the id of the resource "/". It and CreatedDate are set by the service.
	RootResourceID string
	CreatedDate    time.Time
}

// restAPI is an API: its configuration, its deployments and the server that answers for it.
type restAPI struct {
	*apiConfig
	deployments map[string]*snapshot
	server      *server
}

// apiConfig is an API as it is being edited, and its stages: what its document has. It is replaced as a whole, see
// editAPI; values in its maps are never changed.
type apiConfig struct {
	API              RestAPI
	Resources        map[string]*resource
	Models           map[string]Model
	Validators       map[string]RequestValidator
	GatewayResponses map[string]GatewayResponse
	Stages           map[string]*stage
}

// CreateRestAPI creates an API with its root resource and starts to listen for it. It returns the API with its ids.
func (s *Service) CreateRestAPI(create RestAPI) (RestAPI, error) {
	return s.createRestAPI(newID(10), create)
}

func (s *Service) createRestAPI(apiID string, create RestAPI) (RestAPI, error) {
	if err := s.checkRestAPI(&create); err != nil {
		return RestAPI{}, err
	}
	create = create.clone()
	create.ID, create.RootResourceID, create.CreatedDate = apiID, newID(10), s.now()
	root := &resource{
		Resource: Resource{APIID: create.ID, ID: create.RootResourceID, Path: "/"}, Methods: map[string]*method{},
	}
	api := &restAPI{
		apiConfig: &apiConfig{
			API:              create,
			Resources:        map[string]*resource{root.ID: root},
			Models:           defaultModels(create.ID),
			Validators:       map[string]RequestValidator{},
			GatewayResponses: map[string]GatewayResponse{},
			Stages:           map[string]*stage{},
		},
		deployments: map[string]*snapshot{},
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return RestAPI{}, conflict("API Gateway is closed")
	}
	if err := s.serveAPI(api); err != nil {
		return RestAPI{}, err
	}
	if err := s.createAPIDir(api.apiConfig); err != nil {
		return RestAPI{}, errors.Join(err, api.server.close(context.Background()))
	}
	s.apis[create.ID] = api
	return create.clone(), nil
}

// GetRestAPI describes an API.
func (s *Service) GetRestAPI(apiID string) (RestAPI, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	api, err := s.find(apiID)
	if err != nil {
		return RestAPI{}, err
	}
	return api.API.clone(), nil
}

// UpdateRestAPI changes an API's settings; its ids stay. Settings are served with the next deployment.
func (s *Service) UpdateRestAPI(change RestAPI) error {
	if err := s.checkRestAPI(&change); err != nil {
		return err
	}
	change = change.clone()
	return s.editAPI(change.ID, func(api *restAPI) error {
		change.RootResourceID, change.CreatedDate = api.API.RootResourceID, api.API.CreatedDate
		api.API = change
		return nil
	})
}

// UpdateRestAPIPolicy sets an API's resource policy, a JSON document; empty removes it. It is served with the next
// deployment. The action of AWS for it is UpdateRestApi.
func (s *Service) UpdateRestAPIPolicy(apiID, policy string) error {
	if err := s.checkPolicy(apiID, policy); err != nil {
		return err
	}
	return s.editAPI(apiID, func(api *restAPI) error {
		api.API.Policy = policy
		return nil
	})
}

// DeleteRestAPI deletes an API with everything in it and stops listening for it. Its execution logs stay, as on AWS.
func (s *Service) DeleteRestAPI(apiID string) error {
	api, err := s.removeAPI(apiID)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), drainOnDelete)
	defer cancel()
	return api.server.close(ctx)
}

func (s *Service) removeAPI(apiID string) (*restAPI, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	api, err := s.find(apiID)
	if err != nil {
		return nil, err
	}
	if err := s.deleteAPIDir(apiID); err != nil {
		return nil, err
	}
	delete(s.apis, apiID)
	return api, nil
}

// editAPI changes an API's configuration. The change is durable when editAPI returns, or nothing has changed. served
// are the stages whose requests see it at once; those of others see it with their next deployment.
func (s *Service) editAPI(apiID string, change func(*restAPI) error, served ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	api, err := s.find(apiID)
	if err != nil {
		return err
	}
	edited := &restAPI{apiConfig: api.clone(), deployments: api.deployments, server: api.server}
	if err := change(edited); err != nil {
		return err
	}
	compiled := map[string]*stageRuntime{}
	for _, name := range served {
		if st, ok := edited.Stages[name]; ok {
			if compiled[name], err = s.compile(edited, st); err != nil {
				return err
			}
		}
	}
	if err := s.writeAPI(edited.apiConfig); err != nil {
		return err
	}
	s.apis[apiID] = edited
	for _, name := range served {
		edited.server.publish(name, compiled[name])
	}
	return nil
}

// clone is a copy whose maps, and those of its resources and stages, can be changed.
func (c *apiConfig) clone() *apiConfig {
	cloned := *c
	cloned.Resources = make(map[string]*resource, len(c.Resources))
	for id, r := range c.Resources {
		cloned.Resources[id] = r.clone()
	}
	cloned.Models = maps.Clone(c.Models)
	cloned.Validators = maps.Clone(c.Validators)
	cloned.GatewayResponses = maps.Clone(c.GatewayResponses)
	cloned.Stages = make(map[string]*stage, len(c.Stages))
	for name, st := range c.Stages {
		cloned.Stages[name] = &stage{Stage: st.Stage, MethodSettings: maps.Clone(st.MethodSettings)}
	}
	return &cloned
}

// find is an API by its id. The caller holds s.mu.
func (s *Service) find(apiID string) (*restAPI, error) {
	if api, ok := s.apis[apiID]; ok {
		return api, nil
	}
	// Recorded (LocalStack, test_model_validation): the account stands before the id.
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
	switch api.IPAddressType {
	case "":
		api.IPAddressType = "ipv4" // documented (API_EndpointConfiguration)
	case "ipv4", "dualstack":
	default:
		return badRequest("Invalid IP address type specified: %s", api.IPAddressType) // assumed
	}
	switch api.APIKeySource {
	case "":
		api.APIKeySource = "HEADER"
	case "HEADER":
	default:
		return notEmulated("API key source " + api.APIKeySource)
	}
	return s.checkPolicy(api.ID, api.Policy)
}

func (a RestAPI) clone() RestAPI {
	a.Tags = maps.Clone(a.Tags)
	return a
}
