package fidelity

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/apigateway"
	"ingest-pipeline/local/aws/kinesis"
	"ingest-pipeline/local/aws/logs"
)

// gateway is an API Gateway with one API.
type gateway struct {
	*apigateway.Service
	t     *testing.T
	apiID string
	role  string // the ARN of a role that may call Kinesis
}

func openGateway(t *testing.T) *gateway {
	t.Helper()
	log, err := logs.Open(logs.Options{Dir: t.TempDir(), Account: account})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, log.Close()) })
	stream, err := kinesis.Open(kinesis.Options{Dir: t.TempDir(), Account: account})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stream.Close()) })
	_, err = stream.CreateStream(kinesis.StreamConfig{Name: "events", ShardCount: 1})
	require.NoError(t, err)
	roles, role := allowedRole(t, "apigateway.amazonaws.com")
	service, err := apigateway.Open(apigateway.Options{
		Dir: t.TempDir(), Account: account, IAM: roles, Logs: log,
		Services: map[string]apigateway.Backend{"kinesis": stream}, ThrottleRate: 1000, ThrottleBurst: 1000,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, service.Close(context.Background())) })
	api, err := service.CreateRestAPI(apigateway.RestAPI{Name: "events", EndpointType: "EDGE"})
	require.NoError(t, err)
	return &gateway{service, t, api.ID, role}
}

// gatewayRequest has the members of API Gateway's requests. RestAPIID is the test's API if it is empty, and a resource
// may be named by its path instead of its id.
type gatewayRequest struct {
	RestAPIID          string `json:"restApiId"`
	ResourceID         string
	ParentID           string
	PathPart           string
	HTTPMethod         string
	AuthorizationType  string
	RequestValidatorID string
	RequestModels      map[string]string
	RequestParameters  map[string]bool
	Name               string
	ModelName          string
	Schema             string
	ContentType        string

	Type                  string
	IntegrationHTTPMethod string
	URI                   string
	Credentials           string
}

// TestAPIGatewayAnswersAsRecorded compares the control plane, for which Setup lists the requests that come first, and a
// method that calls Kinesis.
func TestAPIGatewayAnswersAsRecorded(t *testing.T) {
	compare(t, "apigateway", func(t *testing.T, r request) answer {
		g := openGateway(t)
		if r.Action == "Invoke" {
			return g.invoke(r)
		}
		return sendAfterSetup(t, r, g.send)
	})
}

// resourceID is the id of a resource by its path, or what is given if there is none.
func (g *gateway) resourceID(path string) string {
	resources, err := g.GetResources(g.apiID)
	require.NoError(g.t, err)
	for _, r := range resources {
		if r.Path == path {
			return r.ID
		}
	}
	return path
}

func (g *gateway) send(r request) answer {
	var q gatewayRequest
	require.NoError(g.t, json.Unmarshal(r.Request, &q))
	if q.RestAPIID == "" {
		q.RestAPIID = g.apiID
	}
	q.ResourceID, q.ParentID = g.resourceID(q.ResourceID), g.resourceID(q.ParentID)
	body, status, err := g.do(r.Action, q)
	if err != nil {
		return answerError(g.t, err)
	}
	return answer{Status: status, Body: body}
}

// do calls the service; the status is that of the API for clients, which is not called.
func (g *gateway) do(action string, q gatewayRequest) (body map[string]any, status int, err error) {
	method := apigateway.MethodID{APIID: q.RestAPIID, ResourceID: q.ResourceID, HTTPMethod: q.HTTPMethod}
	switch action {
	case "CreateResource", "UpdateResource", "DeleteResource":
		return g.doResource(action, q)
	case "PutMethod":
		return nil, 201, g.PutMethod(apigateway.Method{
			MethodID: method, Authorization: q.AuthorizationType, RequestValidatorID: q.RequestValidatorID,
			RequestModels: q.RequestModels, RequestParameters: q.RequestParameters,
		})
	case "UpdateMethod":
		return nil, 200, g.UpdateMethod(apigateway.Method{
			MethodID: method, Authorization: q.AuthorizationType, RequestValidatorID: q.RequestValidatorID,
			RequestModels: q.RequestModels,
		})
	case "GetMethod":
		got, err := g.GetMethod(method)
		return map[string]any{
			"apiKeyRequired": got.APIKeyRequired, "authorizationType": got.Authorization, "httpMethod": got.HTTPMethod,
		}, 200, err
	case "DeleteMethod":
		return nil, 204, g.DeleteMethod(method)
	case "PutIntegration":
		return nil, 201, g.PutIntegration(apigateway.Integration{
			MethodID: method, Type: q.Type, IntegrationHTTPMethod: q.IntegrationHTTPMethod, URI: q.URI, Credentials: q.Credentials,
		})
	case "CreateModel", "GetModel", "GetModels", "UpdateModel", "DeleteModel":
		return g.doModel(action, q)
	}
	return g.doValidator(action, q)
}

func (g *gateway) doResource(action string, q gatewayRequest) (body map[string]any, status int, err error) {
	switch action {
	case "CreateResource":
		made, err := g.CreateResource(apigateway.Resource{APIID: q.RestAPIID, ParentID: q.ParentID, PathPart: q.PathPart})
		return map[string]any{"path": made.Path, "pathPart": made.PathPart}, 201, err
	case "DeleteResource":
		return nil, 202, g.DeleteResource(q.RestAPIID, q.ResourceID)
	}
	change, err := g.GetResource(q.RestAPIID, q.ResourceID)
	if err != nil {
		return nil, 0, err
	}
	if q.ParentID != "" {
		change.ParentID = q.ParentID
	}
	if q.PathPart != "" {
		change.PathPart = q.PathPart
	}
	if err := g.UpdateResource(change); err != nil {
		return nil, 0, err
	}
	changed, err := g.GetResource(q.RestAPIID, q.ResourceID)
	return map[string]any{"path": changed.Path, "pathPart": changed.PathPart}, 200, err
}

func (g *gateway) doModel(action string, q gatewayRequest) (body map[string]any, status int, err error) {
	switch action {
	case "CreateModel":
		_, err := g.CreateModel(apigateway.Model{APIID: q.RestAPIID, Name: q.Name, ContentType: q.ContentType, Schema: q.Schema})
		return nil, 201, err
	case "GetModel":
		_, err := g.GetModel(q.RestAPIID, q.ModelName)
		return nil, 200, err
	case "GetModels":
		models, err := g.GetModels(q.RestAPIID)
		names := []any{}
		for _, m := range models {
			names = append(names, m.Name)
		}
		return map[string]any{"names": names}, 200, err
	case "UpdateModel":
		return nil, 200, g.UpdateModel(apigateway.Model{
			APIID: q.RestAPIID, Name: q.ModelName, ContentType: "application/json", Schema: q.Schema,
		})
	}
	return nil, 202, g.DeleteModel(q.RestAPIID, q.ModelName)
}

func (g *gateway) doValidator(action string, q gatewayRequest) (body map[string]any, status int, err error) {
	switch action {
	case "CreateRequestValidator":
		_, err := g.CreateRequestValidator(apigateway.RequestValidator{APIID: q.RestAPIID, Name: q.Name})
		return nil, 201, err
	case "GetRequestValidators":
		_, err := g.GetRequestValidators(q.RestAPIID)
		return nil, 200, err
	case "GetRequestValidator":
		_, err := g.GetRequestValidator(q.RestAPIID, q.RequestValidatorID)
		return nil, 200, err
	case "DeleteRequestValidator":
		return nil, 202, g.DeleteRequestValidator(q.RestAPIID, q.RequestValidatorID)
	}
	g.t.Fatalf("no action %s", action)
	return nil, 0, nil
}
