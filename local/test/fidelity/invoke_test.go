package fidelity

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"

	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/apigateway"
)

// headerMapping are headers that a method of API Gateway sets to their own names.
type headerMapping struct {
	IntegrationRequest []string // of the call to the backend
	MethodResponse     []string // of the answer to the client
}

// invoke deploys a method that puts a record, with header mappings, and calls it. The answer has the names under which
// the client got the headers of MethodResponse.
func (g *gateway) invoke(r request) answer {
	var mapping headerMapping
	require.NoError(g.t, json.Unmarshal(r.Request, &mapping))
	g.deploy(mapping)
	response, err := http.Post(g.InvokeURL(g.apiID, "test"), "application/json", strings.NewReader(`{}`))
	require.NoError(g.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(g.t, err)
	a := answer{Status: response.StatusCode, Error: response.Header.Get("x-amzn-ErrorType")}
	if a.Error != "" {
		var body struct{ Message string }
		require.NoError(g.t, json.Unmarshal(text, &body))
		a.Message = body.Message
		return a
	}
	a.Body = map[string]any{}
	for name, values := range response.Header {
		if mapped, ok := strings.CutPrefix(values[len(values)-1], "mapped "); ok {
			a.Body[mapped] = strings.ToLower(name)
		}
	}
	return a
}

func (g *gateway) deploy(mapping headerMapping) {
	g.t.Helper()
	method := apigateway.MethodID{APIID: g.apiID, ResourceID: g.resourceID("/"), HTTPMethod: "POST"}
	request, response, declared := map[string]string{}, map[string]string{}, map[string]bool{}
	for _, name := range mapping.IntegrationRequest {
		request["integration.request.header."+name] = "'mapped " + name + "'"
	}
	for _, name := range mapping.MethodResponse {
		declared["method.response.header."+name] = true
		response["method.response.header."+name] = "'mapped " + name + "'"
	}
	require.NoError(g.t, g.PutMethod(apigateway.Method{MethodID: method, Authorization: "NONE"}))
	require.NoError(g.t, g.PutIntegration(apigateway.Integration{
		MethodID: method, Type: "AWS", IntegrationHTTPMethod: "POST", Credentials: g.role,
		URI:               "arn:aws:apigateway:us-east-1:kinesis:action/PutRecord",
		RequestTemplates:  map[string]string{"application/json": `{"StreamName":"events","PartitionKey":"a","Data":""}`},
		RequestParameters: request,
	}))
	require.NoError(g.t, g.PutMethodResponse(apigateway.MethodResponse{
		MethodID: method, StatusCode: "200", ResponseParameters: declared,
	}))
	require.NoError(g.t, g.PutIntegrationResponse(apigateway.IntegrationResponse{
		MethodID: method, StatusCode: "200", ResponseParameters: response,
	}))
	deployment, err := g.CreateDeployment(apigateway.Deployment{APIID: g.apiID})
	require.NoError(g.t, err)
	require.NoError(g.t, g.CreateStage(apigateway.Stage{APIID: g.apiID, Name: "test", DeploymentID: deployment.ID}))
}
