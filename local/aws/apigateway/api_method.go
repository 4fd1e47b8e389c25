package apigateway

import (
	"ingest-pipeline/local/aws/internal/protocol"
)

func (s *Service) methodActions() []protocol.Action {
	const method = "/restapis/{restapi_id}/resources/{resource_id}/methods/{http_method}"
	const response, integrationResponse = method + "/responses/{status_code}", method + "/integration/responses/{status_code}"
	return []protocol.Action{
		handle(s, "GetMethod", "GET", method, 200, s.apiGetMethod),
		handle(s, "GetMethodResponse", "GET", response, 200, s.apiGetMethodResponse),
		handle(s, "GetIntegration", "GET", method+"/integration", 200, s.apiGetIntegration),
		handle(s, "UpdateIntegration", "PATCH", method+"/integration", 200, s.apiUpdateIntegration),
		handle(s, "GetIntegrationResponse", "GET", integrationResponse, 200, s.apiGetIntegrationResponse),
		handle(s, "UpdateIntegrationResponse", "PATCH", integrationResponse, 200, s.apiUpdateIntegrationResponse),
		handle(s, "TestInvokeMethod", "POST", method, 200, s.apiTestInvokeMethod),
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

type integrationInput struct{ methodInput }

func (in *integrationInput) resource() string { return in.methodInput.resource() + "/integration" }

// integrationShape is an integration as answers show it: recorded (LocalStack, test_apigateway_integrations and
// test_apigateway_kinesis).
type integrationShape struct {
	Type                                string
	HTTPMethod                          *string `aws:"httpMethod"`
	URI                                 *string `aws:"uri"`
	Credentials                         *string
	RequestParameters, RequestTemplates map[string]string
	PassthroughBehavior                 string
	ContentHandling                     *string
	TimeoutInMillis                     int
	CacheNamespace                      string
	CacheKeyParameters                  []string
	IntegrationResponses                map[string]integrationResponseShape
}

func showIntegration(i *integration) integrationShape {
	put := i.complete()
	shape := integrationShape{
		Type: put.Type, HTTPMethod: present(put.IntegrationHTTPMethod), URI: present(put.URI), Credentials: present(put.Credentials),
		RequestParameters: unlessEmpty(put.RequestParameters), RequestTemplates: unlessEmpty(put.RequestTemplates),
		PassthroughBehavior: put.PassthroughBehavior, ContentHandling: present(put.ContentHandling),
		TimeoutInMillis: put.TimeoutMillis, CacheNamespace: put.CacheNamespace, CacheKeyParameters: []string{},
	}
	for code, response := range i.Responses {
		if shape.IntegrationResponses == nil {
			shape.IntegrationResponses = map[string]integrationResponseShape{}
		}
		shape.IntegrationResponses[code] = showIntegrationResponse(response)
	}
	return shape
}

func (s *Service) apiGetIntegration(_ *protocol.Call, in *integrationInput) (*integrationShape, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.findMethod(in.id())
	if err != nil {
		return nil, err
	}
	if m.Integration == nil {
		return nil, errNoIntegration
	}
	shape := showIntegration(m.Integration)
	return &shape, nil
}

type integrationPatch struct {
	integrationInput
	PatchOperations []patchOperation
}

var integrationPatches = []patch[Integration]{
	{"/uri", "replace", setText(func(i *Integration) *string { return &i.URI })},
	{"/credentials", "add replace remove", setText(func(i *Integration) *string { return &i.Credentials })},
	{"/httpMethod", "replace", setText(func(i *Integration) *string { return &i.IntegrationHTTPMethod })},
	{"/passthroughBehavior", "replace", setText(func(i *Integration) *string { return &i.PassthroughBehavior })},
	{"/contentHandling", "add replace remove", setText(func(i *Integration) *string { return &i.ContentHandling })},
	{"/cacheNamespace", "replace", setText(func(i *Integration) *string { return &i.CacheNamespace })},
	{"/requestTemplates/{contentType}", "add replace remove", setEntry(func(i *Integration) *map[string]string { return &i.RequestTemplates })},
	{"/requestParameters/{parameter}", "add replace remove", setEntry(func(i *Integration) *map[string]string { return &i.RequestParameters })},
	{"/timeoutInMillis", "replace", func(i *Integration, v patchValue) (err error) {
		i.TimeoutMillis, err = v.int()
		return err
	}},
	{"/connectionType", "replace", refusePatch[Integration]},
	{"/cacheKeyParameters/{parameter}", "add remove", refusePatch[Integration]},
}

// apiUpdateIntegration changes an integration. Requests see the change with the next deployment.
func (s *Service) apiUpdateIntegration(call *protocol.Call, in *integrationPatch) (*integrationShape, error) {
	err := s.editIntegration(in.id(), func(api *restAPI, m *method) error {
		changed := m.Integration.complete()
		if err := applyPatches(&changed, in.PatchOperations, integrationPatches); err != nil {
			return err
		}
		changed = changed.complete()
		if err := api.checkIntegration(s, m, changed); err != nil {
			return err
		}
		if changed.Credentials != m.Integration.Credentials && changed.Credentials != "" {
			if err := permitPassing(call, changed.Credentials); err != nil {
				return err
			}
		}
		m.Integration.Integration = changed
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s.apiGetIntegration(call, &in.integrationInput)
}

type integrationResponseInput struct {
	methodInput
	StatusCode string `aws:"status_code,path"`
}

func (in *integrationResponseInput) resource() string {
	return in.methodInput.resource() + "/integration/responses/" + in.StatusCode
}

type integrationResponseShape struct {
	StatusCode                            string
	SelectionPattern                      *string
	ResponseParameters, ResponseTemplates map[string]string
	ContentHandling                       *string
}

func showIntegrationResponse(r IntegrationResponse) integrationResponseShape {
	r = r.clone()
	return integrationResponseShape{
		r.StatusCode, present(r.SelectionPattern), unlessEmpty(r.ResponseParameters), unlessEmpty(r.ResponseTemplates), present(r.ContentHandling),
	}
}

func (s *Service) apiGetIntegrationResponse(_ *protocol.Call, in *integrationResponseInput) (*integrationResponseShape, error) {
	response, err := s.GetIntegrationResponse(in.id(), in.StatusCode)
	shape := showIntegrationResponse(response)
	return &shape, err
}

type integrationResponsePatch struct {
	integrationResponseInput
	PatchOperations []patchOperation
}

var integrationResponsePatches = []patch[IntegrationResponse]{
	{"/selectionPattern", "add replace remove", setText(func(r *IntegrationResponse) *string { return &r.SelectionPattern })},
	{"/contentHandling", "add replace remove", setText(func(r *IntegrationResponse) *string { return &r.ContentHandling })},
	{"/responseTemplates/{contentType}", "add replace remove", setEntry(func(r *IntegrationResponse) *map[string]string { return &r.ResponseTemplates })},
	{"/responseParameters/{parameter}", "add replace remove", setEntry(func(r *IntegrationResponse) *map[string]string { return &r.ResponseParameters })},
}

func (s *Service) apiUpdateIntegrationResponse(_ *protocol.Call, in *integrationResponsePatch) (*integrationResponseShape, error) {
	err := s.editIntegration(in.id(), func(_ *restAPI, m *method) error {
		response, err := m.Integration.response(in.StatusCode)
		if err != nil {
			return err
		}
		response = response.clone()
		if err := applyPatches(&response, in.PatchOperations, integrationResponsePatches); err != nil {
			return err
		}
		return m.setIntegrationResponse(response)
	})
	if err != nil {
		return nil, err
	}
	return s.apiGetIntegrationResponse(nil, &in.integrationResponseInput)
}
