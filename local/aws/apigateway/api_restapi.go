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
		handle(s, "CreateRestApi", "POST", "/restapis", 201, s.apiCreateRestAPI),
		handle(s, "GetRestApis", "GET", "/restapis", 200, s.apiGetRestAPIs),
		handle(s, "GetRestApi", "GET", api, 200, s.apiGetRestAPI),
		handle(s, "UpdateRestApi", "PATCH", api, 200, s.apiUpdateRestAPI),
		handle(s, "DeleteRestApi", "DELETE", api, 202, s.apiDeleteRestAPI),
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

type createAPIInput struct {
	Name, Description, Version, CloneFrom, Policy *string
	APIKeySource                                  *string `aws:"apiKeySource"`
	BinaryMediaTypes                              []string
	MinimumCompressionSize                        *int
	EndpointConfiguration                         *createEndpointConfiguration
	DisableExecuteAPIEndpoint                     *bool `aws:"disableExecuteApiEndpoint"`
	Tags                                          map[string]string
}

type createEndpointConfiguration struct {
	Types         []string
	IPAddressType *string `aws:"ipAddressType"`
}

func (*createAPIInput) resource() string { return "/restapis" }

func (s *Service) apiCreateRestAPI(_ *protocol.Call, in *createAPIInput) (*restAPIShape, error) {
	switch {
	case in.Description != nil && *in.Description == "": // recorded: LocalStack, test_create_rest_api_with_optional_params
		return nil, badRequest("Description cannot be an empty string")
	case in.CloneFrom != nil:
		return nil, notEmulated("cloneFrom")
	case in.Version != nil:
		return nil, notEmulated("version")
	case len(in.BinaryMediaTypes) > 0:
		return nil, notEmulated("binaryMediaTypes")
	case in.MinimumCompressionSize != nil:
		return nil, notEmulated("minimumCompressionSize")
	}
	create := RestAPI{
		Name: textOf(in.Name), Description: textOf(in.Description), Policy: textOf(in.Policy), APIKeySource: textOf(in.APIKeySource),
		DisableExecuteAPIEndpoint: isTrue(in.DisableExecuteAPIEndpoint), Tags: in.Tags,
	}
	if endpoint := in.EndpointConfiguration; endpoint != nil {
		create.IPAddressType = textOf(endpoint.IPAddressType)
		if len(endpoint.Types) > 1 { // assumed
			return nil, badRequest("Only one endpoint type is allowed: %s", strings.Join(endpoint.Types, ", "))
		}
		create.EndpointType = strings.Join(endpoint.Types, "")
	}
	created, err := s.CreateRestAPI(create)
	shape := showRestAPI(created)
	return &shape, err
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
	shape.Tags = orEmpty(shape.Tags)
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

func (s *Service) apiDeleteRestAPI(_ *protocol.Call, in *apiInput) (*empty, error) {
	return &empty{}, s.DeleteRestAPI(in.APIID)
}
