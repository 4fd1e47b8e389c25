package console

import (
	"net/http"
	"net/textproto"

	"ingest-pipeline/local/aws/apigateway"
)

// methodTemplates are the mapping templates of a method for application/json.
type methodTemplates struct {
	APIID     string             `json:"apiId"`
	Stage     string             `json:"stage"`
	Method    string             `json:"method"`
	Path      string             `json:"path"`
	Request   string             `json:"request"`
	Responses []responseTemplate `json:"responses"`
	// Schema is the model of the body; empty: any body.
	Schema string `json:"schema"`
}

type responseTemplate struct {
	StatusCode string `json:"statusCode"`
	// Pattern is the regular expression of the backend's status; empty: the default.
	Pattern  string `json:"pattern"`
	Template string `json:"template"`
}

// jsonType is the content type of the templates that are shown.
const jsonType = "application/json"

func (s *Server) getTemplates(*http.Request) (any, error) {
	service := s.options.Cloud.APIGateway
	all := []methodTemplates{}
	for _, api := range service.GetRestAPIs() {
		stages, err := service.GetStages(api.ID)
		if err != nil {
			continue // deleted a moment ago
		}
		for _, stage := range stages {
			for _, m := range s.methods(api.ID) {
				if templates, ok := s.templatesOf(api.ID, stage.Name, m); ok {
					all = append(all, templates)
				}
			}
		}
	}
	return all, nil
}

func (s *Server) templatesOf(apiID, stage string, m method) (methodTemplates, bool) {
	service := s.options.Cloud.APIGateway
	integration, err := service.GetIntegration(m.MethodID)
	if err != nil {
		return methodTemplates{}, false
	}
	t := methodTemplates{
		APIID: apiID, Stage: stage, Method: m.HTTPMethod, Path: m.path,
		Request: integration.RequestTemplates[jsonType], Responses: []responseTemplate{},
	}
	for _, code := range m.IntegrationResponseStatusCodes {
		r, err := service.GetIntegrationResponse(m.MethodID, code)
		if err != nil {
			continue // deleted a moment ago
		}
		t.Responses = append(t.Responses, responseTemplate{code, r.SelectionPattern, r.ResponseTemplates[jsonType]})
	}
	if described, err := service.GetMethod(m.MethodID); err == nil {
		if model, err := service.GetModel(apiID, described.RequestModels[jsonType]); err == nil {
			t.Schema = model.Schema
		}
	}
	return t, true
}

// templateTest is a request to the test bench.
type templateTest struct {
	APIID   string            `json:"apiId"`
	Stage   string            `json:"stage"`
	Method  string            `json:"method"`
	Path    string            `json:"path"`
	Query   string            `json:"query"`
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
	// Request and Responses, by status code, are the edited templates.
	Request       string            `json:"request"`
	Responses     map[string]string `json:"responses"`
	BackendStatus int               `json:"backendStatus"`
	BackendBody   string            `json:"backendBody"`
}

type templateResult struct {
	Call               string      `json:"call"`
	ResponseStatusCode int         `json:"responseStatusCode"`
	Status             int         `json:"status"`
	Headers            http.Header `json:"headers"`
	Body               string      `json:"body"`
	Problem            string      `json:"problem"`
}

func (s *Server) postTemplateTest(r *http.Request) (any, error) {
	var t templateTest
	if err := readJSON(r, &t); err != nil {
		return nil, err
	}
	headers := http.Header{}
	for name, value := range t.Headers {
		headers[textproto.CanonicalMIMEHeaderKey(name)] = []string{value}
	}
	result, err := s.options.Cloud.APIGateway.TestMethod(r.Context(), apigateway.MethodTest{
		APIID: t.APIID, Stage: t.Stage, HTTPMethod: t.Method, Path: t.Path, Query: t.Query, Headers: headers, Body: t.Body,
		RequestTemplate: t.Request, ResponseTemplates: t.Responses, BackendStatus: t.BackendStatus, BackendBody: t.BackendBody,
	})
	if err != nil {
		return nil, err
	}
	return templateResult{result.Call, result.ResponseStatusCode, result.Status, result.Headers, result.Body, result.Problem}, nil
}
