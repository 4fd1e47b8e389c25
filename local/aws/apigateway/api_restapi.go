package apigateway

import (
	"strconv"
	"strings"
	"time"

	"ingest-pipeline/local/aws/internal/protocol"
)

func (s *Service) apiActions() []protocol.Action {
	const api = "/restapis/{restapi_id}"
	return []protocol.Action{
		handle(s, "GetRestApis", "GET", "/restapis", 200, s.apiGetRestAPIs),
		handle(s, "GetRestApi", "GET", api, 200, s.apiGetRestAPI),
		handle(s, "UpdateRestApi", "PATCH", api, 200, s.apiUpdateRestAPI),
		handle(s, "GetResources", "GET", api+"/resources", 200, s.apiGetResources),
		handle(s, "GetResource", "GET", api+"/resources/{resource_id}", 200, s.apiGetResource),
		handle(s, "GetModels", "GET", api+"/models", 200, s.apiGetModels),
		handle(s, "GetModel", "GET", api+"/models/{model_name}", 200, s.apiGetModel),
		handle(s, "UpdateModel", "PATCH", api+"/models/{model_name}", 200, s.apiUpdateModel),
		handle(s, "GetRequestValidators", "GET", api+"/requestvalidators", 200, s.apiGetRequestValidators),
		handle(s, "GetRequestValidator", "GET", api+"/requestvalidators/{requestvalidator_id}", 200, s.apiGetRequestValidator),
		handle(s, "GetGatewayResponses", "GET", api+"/gatewayresponses", 200, s.apiGetGatewayResponses),
		handle(s, "GetGatewayResponse", "GET", api+"/gatewayresponses/{response_type}", 200, s.apiGetGatewayResponse),
		handle(s, "GetAuthorizers", "GET", api+"/authorizers", 200, s.apiGetAuthorizers),
	}
}

type allAPIs struct{ paging }

func (*allAPIs) resource() string { return "/restapis" }

type apiInput struct {
	APIID string `aws:"restapi_id,path"`
}

func (in *apiInput) resource() string { return "/restapis/" + in.APIID }

// apiList is the input of an action that lists what an API has of one kind.
type apiList struct {
	apiInput
	paging
}

// restAPIShape is an API as answers show it: recorded (LocalStack, TestApiGatewayApiRestApi).
type restAPIShape struct {
	ID                        string `aws:"id"`
	Name                      string
	Description               *string
	CreatedDate               time.Time
	APIKeySource              string `aws:"apiKeySource"`
	EndpointConfiguration     endpointConfiguration
	Policy                    *string
	Tags                      map[string]string
	DisableExecuteAPIEndpoint bool   `aws:"disableExecuteApiEndpoint"`
	RootResourceID            string `aws:"rootResourceId"`
}

type endpointConfiguration struct {
	Types         []string
	IPAddressType string `aws:"ipAddressType"`
}

func showRestAPI(api RestAPI) restAPIShape {
	shape := restAPIShape{
		ID: api.ID, Name: api.Name, Description: present(api.Description), CreatedDate: api.CreatedDate,
		APIKeySource: api.APIKeySource, EndpointConfiguration: endpointConfiguration{[]string{api.EndpointType}, api.IPAddressType},
		DisableExecuteAPIEndpoint: api.DisableExecuteAPIEndpoint, RootResourceID: api.RootResourceID,
	}
	if len(api.Tags) > 0 {
		shape.Tags = api.Tags
	}
	if api.Policy != "" {
		// AWS escapes the quotes of the policy once more: read in terraform-provider-aws, resourceRestAPIRead.
		shape.Policy = present(strings.Trim(strconv.Quote(api.Policy), `"`))
	}
	return shape
}

type restAPIs struct {
	Item     []restAPIShape
	Position *string
}

func (s *Service) apiGetRestAPIs(_ *protocol.Call, in *allAPIs) (*restAPIs, error) {
	items, position, err := pageAs(s.GetRestAPIs(), func(a RestAPI) string { return a.ID }, in.paging, showRestAPI)
	return &restAPIs{items, position}, err
}

func (s *Service) apiGetRestAPI(_ *protocol.Call, in *apiInput) (*restAPIShape, error) {
	api, err := s.GetRestAPI(in.APIID)
	shape := showRestAPI(api)
	return &shape, err
}

type apiPatch struct {
	apiInput
	PatchOperations []patchOperation
}

var restAPIPatches = []patch[RestAPI]{
	{"/name", "replace", setText(func(a *RestAPI) *string { return &a.Name })},
	{"/description", "add replace remove", setText(func(a *RestAPI) *string { return &a.Description })},
	{"/policy", "replace remove", setText(func(a *RestAPI) *string { return &a.Policy })},
	{"/apiKeySource", "replace", setText(func(a *RestAPI) *string { return &a.APIKeySource })},
	{"/disableExecuteApiEndpoint", "replace", setBool(func(a *RestAPI) *bool { return &a.DisableExecuteAPIEndpoint })},
	{"/endpointConfiguration/types/{type}", "replace", setText(func(a *RestAPI) *string { return &a.EndpointType })},
	{"/endpointConfiguration/ipAddressType", "replace", setText(func(a *RestAPI) *string { return &a.IPAddressType })},
	{"/binaryMediaTypes/{type}", "add replace remove", refusePatch[RestAPI]},
	{"/minimumCompressionSize", "replace", refusePatch[RestAPI]},
	{"/version", "replace", refusePatch[RestAPI]},
}

// apiUpdateRestAPI changes an API. Requests see the change with the next deployment.
func (s *Service) apiUpdateRestAPI(_ *protocol.Call, in *apiPatch) (*restAPIShape, error) {
	err := s.editAPI(in.APIID, func(api *restAPI) error {
		changed := api.API.clone()
		if err := applyPatches(&changed, in.PatchOperations, restAPIPatches); err != nil {
			return err
		}
		if err := s.checkRestAPI(&changed); err != nil {
			return err
		}
		api.API = changed
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s.apiGetRestAPI(nil, &in.apiInput)
}

type embeddable struct {
	Embed []string `aws:"embed,query"`
}

type resourceInput struct {
	apiInput
	ResourceID string `aws:"resource_id,path"`
}

func (in *resourceInput) resource() string {
	return in.apiInput.resource() + "/resources/" + in.ResourceID
}

type resourcesInput struct {
	apiList
	embeddable
}

func (in *resourcesInput) resource() string { return in.apiInput.resource() + "/resources" }

type getResourceInput struct {
	resourceInput
	embeddable
}

// resourceShape is a resource as answers show it: recorded (LocalStack, TestApiGatewayApiResource). Methods are empty
// unless they are asked for with embed=methods.
type resourceShape struct {
	ID              string  `aws:"id"`
	ParentID        *string `aws:"parentId"`
	PathPart        *string
	Path            string
	ResourceMethods map[string]*methodShape
}

func showResource(r *resource, embed []string) resourceShape {
	shape := resourceShape{ID: r.ID, ParentID: present(r.ParentID), PathPart: present(r.PathPart), Path: r.Path}
	for verb, m := range r.Methods {
		if shape.ResourceMethods == nil {
			shape.ResourceMethods = map[string]*methodShape{}
		}
		shape.ResourceMethods[verb] = &methodShape{}
		for _, what := range embed {
			if what == "methods" {
				shown := showMethod(m)
				shape.ResourceMethods[verb] = &shown
			}
		}
	}
	return shape
}

type resources struct {
	Item     []resourceShape
	Position *string
}

func (s *Service) apiGetResources(_ *protocol.Call, in *resourcesInput) (*resources, error) {
	all, err := listIn(s, in.APIID, func(api *restAPI) []*resource { return describeAll(api.Resources, (*resource).clone) })
	if err != nil {
		return nil, err
	}
	items, position, err := pageAs(all, func(r *resource) string { return r.ID }, in.paging,
		func(r *resource) resourceShape { return showResource(r, in.Embed) })
	return &resources{items, position}, err
}

func (s *Service) apiGetResource(_ *protocol.Call, in *getResourceInput) (*resourceShape, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	api, err := s.find(in.APIID)
	if err != nil {
		return nil, err
	}
	found, err := api.resource(in.ResourceID)
	if err != nil {
		return nil, err
	}
	shape := showResource(found.clone(), in.Embed)
	return &shape, nil
}

// modelShape is a model as answers show it: recorded (LocalStack, test_model_lifecycle).
type modelShape struct {
	ID                  string `aws:"id"`
	Name                string
	Description, Schema *string
	ContentType         string
}

func showModel(m Model) modelShape {
	return modelShape{ID: m.ID, Name: m.Name, Description: present(m.Description), Schema: present(m.Schema), ContentType: m.ContentType}
}

type modelsInput struct{ apiList }

func (in *modelsInput) resource() string { return in.apiInput.resource() + "/models" }

type modelInput struct {
	apiInput
	ModelName string `aws:"model_name,path"`
}

func (in *modelInput) resource() string { return in.apiInput.resource() + "/models/" + in.ModelName }

type models struct {
	Item     []modelShape
	Position *string
}

func (s *Service) apiGetModels(_ *protocol.Call, in *modelsInput) (*models, error) {
	all, err := s.GetModels(in.APIID)
	if err != nil {
		return nil, err
	}
	items, position, err := pageAs(all, func(m Model) string { return m.Name }, in.paging, showModel)
	return &models{items, position}, err
}

func (s *Service) apiGetModel(_ *protocol.Call, in *modelInput) (*modelShape, error) {
	model, err := s.GetModel(in.APIID, in.ModelName)
	shape := showModel(model)
	return &shape, err
}

type modelPatch struct {
	modelInput
	PatchOperations []patchOperation
}

var modelPatches = []patch[Model]{
	{"/description", "replace", setText(func(m *Model) *string { return &m.Description })},
	{"/schema", "replace", setText(func(m *Model) *string { return &m.Schema })},
}

func (s *Service) apiUpdateModel(_ *protocol.Call, in *modelPatch) (*modelShape, error) {
	err := s.editAPI(in.APIID, func(api *restAPI) error {
		model, err := api.model(in.ModelName)
		if err != nil {
			return err
		}
		if err := applyPatches(&model, in.PatchOperations, modelPatches); err != nil {
			return err
		}
		return api.setModel(model)
	})
	if err != nil {
		return nil, err
	}
	return s.apiGetModel(nil, &in.modelInput)
}

type validatorShape struct {
	ID                        string `aws:"id"`
	Name                      *string
	ValidateRequestBody       bool
	ValidateRequestParameters bool
}

func showValidator(v RequestValidator) validatorShape {
	return validatorShape{v.ID, present(v.Name), v.ValidateRequestBody, v.ValidateRequestParameters}
}

type validatorsInput struct{ apiList }

func (in *validatorsInput) resource() string { return in.apiInput.resource() + "/requestvalidators" }

type validatorInput struct {
	apiInput
	ValidatorID string `aws:"requestvalidator_id,path"`
}

func (in *validatorInput) resource() string {
	return in.apiInput.resource() + "/requestvalidators/" + in.ValidatorID
}

type validators struct {
	Item     []validatorShape
	Position *string
}

func (s *Service) apiGetRequestValidators(_ *protocol.Call, in *validatorsInput) (*validators, error) {
	all, err := s.GetRequestValidators(in.APIID)
	if err != nil {
		return nil, err
	}
	items, position, err := pageAs(all, func(v RequestValidator) string { return v.ID }, in.paging, showValidator)
	return &validators{items, position}, err
}

func (s *Service) apiGetRequestValidator(_ *protocol.Call, in *validatorInput) (*validatorShape, error) {
	validator, err := s.GetRequestValidator(in.APIID, in.ValidatorID)
	shape := showValidator(validator)
	return &shape, err
}

type authorizersInput struct{ apiList }

func (in *authorizersInput) resource() string { return in.apiInput.resource() + "/authorizers" }

type authorizers struct{ Item []empty }

// apiGetAuthorizers lists none: authorizers cannot be created.
func (s *Service) apiGetAuthorizers(_ *protocol.Call, in *authorizersInput) (*authorizers, error) {
	_, err := s.GetRestAPI(in.APIID)
	return &authorizers{Item: []empty{}}, err
}
