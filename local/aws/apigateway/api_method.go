package apigateway

import (
	"ingest-pipeline/local/aws/internal/protocol"
)

// methodPathTemplate is where a method is.
const methodPathTemplate = "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}"

func (s *Service) methodActions() []protocol.Action {
	const method, response = methodPathTemplate, methodPathTemplate + "/responses/{status_code}"
	return []protocol.Action{
		handle(s, "PutMethod", "PUT", method, 201, s.apiPutMethod),
		handle(s, "GetMethod", "GET", method, 200, s.apiGetMethod),
		handle(s, "UpdateMethod", "PATCH", method, 200, s.apiUpdateMethod),
		handle(s, "DeleteMethod", "DELETE", method, 204, s.apiDeleteMethod),
		handle(s, "TestInvokeMethod", "POST", method, 200, s.apiTestInvokeMethod),
		handle(s, "PutMethodResponse", "PUT", response, 201, s.apiPutMethodResponse),
		handle(s, "GetMethodResponse", "GET", response, 200, s.apiGetMethodResponse),
		handle(s, "UpdateMethodResponse", "PATCH", response, 201, s.apiUpdateMethodResponse),
		handle(s, "DeleteMethodResponse", "DELETE", response, 204, s.apiDeleteMethodResponse),
	}
}

type methodInput struct {
	resourceInput
	HTTPMethod string `aws:"http_method,path"`
}

func (in *methodInput) resource() string {
	return in.resourceInput.resource() + "/methods/" + in.HTTPMethod
}

func (in *methodInput) id() MethodID { return MethodID{in.APIID, in.ResourceID, in.HTTPMethod} }

// methodShape is a method as answers show it: recorded (LocalStack, TestApiGatewayApiMethod). All is left out of a method
// that a list of resources only names.
type methodShape struct {
	HTTPMethod         *string `aws:"httpMethod"`
	AuthorizationType  *string
	APIKeyRequired     *bool   `aws:"apiKeyRequired"`
	RequestValidatorID *string `aws:"requestValidatorId"`
	OperationName      *string
	RequestParameters  map[string]bool
	RequestModels      map[string]string
	MethodResponses    map[string]methodResponseShape
	MethodIntegration  *integrationShape
}

func showMethod(m *method) methodShape {
	put := m.Method.clone()
	shape := methodShape{
		HTTPMethod: &put.HTTPMethod, AuthorizationType: &put.Authorization, APIKeyRequired: &put.APIKeyRequired,
		RequestValidatorID: present(put.RequestValidatorID), OperationName: present(put.OperationName),
	}
	if len(put.RequestParameters) > 0 {
		shape.RequestParameters = put.RequestParameters
	}
	shape.RequestModels = unlessEmpty(put.RequestModels)
	for code, response := range m.Responses {
		if shape.MethodResponses == nil {
			shape.MethodResponses = map[string]methodResponseShape{}
		}
		shape.MethodResponses[code] = showMethodResponse(response)
	}
	if m.Integration != nil {
		shown := showIntegration(m.Integration)
		shape.MethodIntegration = &shown
	}
	return shape
}

func unlessEmpty(entries map[string]string) map[string]string {
	if len(entries) == 0 {
		return nil
	}
	return entries
}

func (s *Service) apiGetMethod(_ *protocol.Call, in *methodInput) (*methodShape, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.findMethod(in.id())
	if err != nil {
		return nil, err
	}
	shape := showMethod(m)
	return &shape, nil
}

type putMethodInput struct {
	methodInput
	AuthorizationType, OperationName *string
	AuthorizerID                     *string `aws:"authorizerId"`
	RequestValidatorID               *string `aws:"requestValidatorId"`
	APIKeyRequired                   *bool   `aws:"apiKeyRequired"`
	RequestParameters                map[string]bool
	RequestModels                    map[string]string
	AuthorizationScopes              []string
}

func (s *Service) apiPutMethod(_ *protocol.Call, in *putMethodInput) (*methodShape, error) {
	if in.AuthorizerID != nil || len(in.AuthorizationScopes) > 0 {
		return nil, notEmulated("an authorizer")
	}
	err := s.PutMethod(Method{
		MethodID: in.id(), Authorization: textOf(in.AuthorizationType), APIKeyRequired: isTrue(in.APIKeyRequired),
		RequestValidatorID: textOf(in.RequestValidatorID), OperationName: textOf(in.OperationName),
		RequestModels: in.RequestModels, RequestParameters: in.RequestParameters,
	})
	if err != nil {
		return nil, err
	}
	return s.apiGetMethod(nil, &in.methodInput)
}

type methodPatch struct {
	methodInput
	PatchOperations []patchOperation
}

var methodPatches = []patch[Method]{
	{"/authorizationType", "replace", setText(func(m *Method) *string { return &m.Authorization })},
	{"/apiKeyRequired", "replace", setBool(func(m *Method) *bool { return &m.APIKeyRequired })},
	{"/operationName", "replace", setText(func(m *Method) *string { return &m.OperationName })},
	{"/requestValidatorId", "replace", setText(func(m *Method) *string { return &m.RequestValidatorID })},
	{"/requestModels/{contentType}", "add replace remove", setEntry(func(m *Method) *map[string]string { return &m.RequestModels })},
	{"/requestParameters/{parameter}", "add replace remove", setFlag(func(m *Method) *map[string]bool { return &m.RequestParameters })},
	{"/authorizerId", "replace", refusePatch[Method]},
	{"/authorizationScopes", "add remove", refusePatch[Method]},
}

// apiUpdateMethod changes a method. Requests see the change with the next deployment.
func (s *Service) apiUpdateMethod(_ *protocol.Call, in *methodPatch) (*methodShape, error) {
	err := s.editMethod(in.id(), func(api *restAPI, m *method) error {
		changed := m.Method.clone()
		if err := applyPatches(&changed, in.PatchOperations, methodPatches); err != nil {
			return err
		}
		m.Method = changed
		return api.checkMethod(changed)
	})
	if err != nil {
		return nil, err
	}
	return s.apiGetMethod(nil, &in.methodInput)
}

func (s *Service) apiDeleteMethod(_ *protocol.Call, in *methodInput) (*empty, error) {
	return &empty{}, s.DeleteMethod(in.id())
}

type methodResponseShape struct {
	StatusCode         string
	ResponseParameters map[string]bool
	ResponseModels     map[string]string
}

func showMethodResponse(r MethodResponse) methodResponseShape {
	r = r.clone()
	shape := methodResponseShape{StatusCode: r.StatusCode, ResponseModels: unlessEmpty(r.ResponseModels)}
	if len(r.ResponseParameters) > 0 {
		shape.ResponseParameters = r.ResponseParameters
	}
	return shape
}

type methodResponseInput struct {
	methodInput
	StatusCode string `aws:"status_code,path"`
}

func (in *methodResponseInput) resource() string {
	return in.methodInput.resource() + "/responses/" + in.StatusCode
}

func (s *Service) apiGetMethodResponse(_ *protocol.Call, in *methodResponseInput) (*methodResponseShape, error) {
	response, err := s.GetMethodResponse(in.id(), in.StatusCode)
	shape := showMethodResponse(response)
	return &shape, err
}

type putMethodResponseInput struct {
	methodResponseInput
	ResponseParameters map[string]bool
	ResponseModels     map[string]string
}

func (s *Service) apiPutMethodResponse(_ *protocol.Call, in *putMethodResponseInput) (*methodResponseShape, error) {
	err := s.PutMethodResponse(MethodResponse{
		MethodID: in.id(), StatusCode: in.StatusCode, ResponseParameters: in.ResponseParameters, ResponseModels: in.ResponseModels,
	})
	if err != nil {
		return nil, err
	}
	return s.apiGetMethodResponse(nil, &in.methodResponseInput)
}

type methodResponsePatch struct {
	methodResponseInput
	PatchOperations []patchOperation
}

var methodResponsePatches = []patch[MethodResponse]{
	{"/responseModels/{contentType}", "add replace remove", setEntry(func(r *MethodResponse) *map[string]string { return &r.ResponseModels })},
	{"/responseParameters/{parameter}", "add replace remove", setFlag(func(r *MethodResponse) *map[string]bool { return &r.ResponseParameters })},
}

func (s *Service) apiUpdateMethodResponse(_ *protocol.Call, in *methodResponsePatch) (*methodResponseShape, error) {
	err := s.editMethod(in.id(), func(api *restAPI, m *method) error {
		response, err := m.response(in.StatusCode)
		if err != nil {
			return err
		}
		response = response.clone()
		if err := applyPatches(&response, in.PatchOperations, methodResponsePatches); err != nil {
			return err
		}
		return api.setMethodResponse(m, response)
	})
	if err != nil {
		return nil, err
	}
	return s.apiGetMethodResponse(nil, &in.methodResponseInput)
}

func (s *Service) apiDeleteMethodResponse(_ *protocol.Call, in *methodResponseInput) (*empty, error) {
	return &empty{}, s.DeleteMethodResponse(in.id(), in.StatusCode)
}
