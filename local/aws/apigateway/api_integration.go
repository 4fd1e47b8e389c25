package apigateway

import (
	"ingest-pipeline/local/aws/internal/protocol"
)

func (s *Service) integrationActions() []protocol.Action {
	const integration, response = methodPathTemplate + "/integration", methodPathTemplate + "/integration/responses/{status_code}"
	return []protocol.Action{
		handle(s, "PutIntegration", "PUT", integration, 201, s.apiPutIntegration),
		handle(s, "GetIntegration", "GET", integration, 200, s.apiGetIntegration),
		handle(s, "UpdateIntegration", "PATCH", integration, 200, s.apiUpdateIntegration),
		handle(s, "DeleteIntegration", "DELETE", integration, 204, s.apiDeleteIntegration),
		handle(s, "PutIntegrationResponse", "PUT", response, 201, s.apiPutIntegrationResponse),
		handle(s, "GetIntegrationResponse", "GET", response, 200, s.apiGetIntegrationResponse),
		handle(s, "UpdateIntegrationResponse", "PATCH", response, 200, s.apiUpdateIntegrationResponse),
		handle(s, "DeleteIntegrationResponse", "DELETE", response, 204, s.apiDeleteIntegrationResponse),
	}
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

type putIntegrationInput struct {
	integrationInput
	Type, Credentials                   *string
	IntegrationHTTPMethod               *string `aws:"httpMethod"`
	URI                                 *string `aws:"uri"`
	PassthroughBehavior                 *string
	ContentHandling                     *string
	ConnectionType, CacheNamespace      *string
	ConnectionID                        *string `aws:"connectionId"`
	CacheKeyParameters                  []string
	TimeoutInMillis                     *int
	RequestParameters, RequestTemplates map[string]string
}

func (s *Service) apiPutIntegration(call *protocol.Call, in *putIntegrationInput) (*integrationShape, error) {
	switch {
	case in.ConnectionID != nil:
		return nil, notEmulated("connectionId")
	case len(in.CacheKeyParameters) > 0:
		return nil, notEmulated("cacheKeyParameters")
	case textOf(in.Credentials) != "":
		if err := permitPassing(call, *in.Credentials); err != nil {
			return nil, err
		}
	}
	put := Integration{
		MethodID: in.id(), Type: textOf(in.Type), IntegrationHTTPMethod: textOf(in.IntegrationHTTPMethod), URI: textOf(in.URI),
		Credentials: textOf(in.Credentials), PassthroughBehavior: textOf(in.PassthroughBehavior), ContentHandling: textOf(in.ContentHandling),
		ConnectionType: textOf(in.ConnectionType), CacheNamespace: textOf(in.CacheNamespace),
		RequestParameters: in.RequestParameters, RequestTemplates: in.RequestTemplates,
	}
	if in.TimeoutInMillis != nil {
		put.TimeoutMillis = *in.TimeoutInMillis
	}
	if err := s.PutIntegration(put); err != nil {
		return nil, err
	}
	return s.apiGetIntegration(call, &in.integrationInput)
}

func (s *Service) apiDeleteIntegration(_ *protocol.Call, in *integrationInput) (*empty, error) {
	return &empty{}, s.DeleteIntegration(in.id())
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

type putIntegrationResponseInput struct {
	integrationResponseInput
	SelectionPattern, ContentHandling     *string
	ResponseParameters, ResponseTemplates map[string]string
}

func (s *Service) apiPutIntegrationResponse(_ *protocol.Call, in *putIntegrationResponseInput) (*integrationResponseShape, error) {
	err := s.PutIntegrationResponse(IntegrationResponse{
		MethodID: in.id(), StatusCode: in.StatusCode, SelectionPattern: textOf(in.SelectionPattern), ContentHandling: textOf(in.ContentHandling),
		ResponseParameters: in.ResponseParameters, ResponseTemplates: in.ResponseTemplates,
	})
	if err != nil {
		return nil, err
	}
	return s.apiGetIntegrationResponse(nil, &in.integrationResponseInput)
}

func (s *Service) apiDeleteIntegrationResponse(_ *protocol.Call, in *integrationResponseInput) (*empty, error) {
	return &empty{}, s.DeleteIntegrationResponse(in.id(), in.StatusCode)
}
