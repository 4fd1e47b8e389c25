package apigateway

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestClientsBuildAnAPIThatAnswersAndTakeItDown(t *testing.T) {
	f := newFixture(t)
	client, _ := f.sdkClient()
	ctx, post, ok := t.Context(), aws.String("POST"), aws.String("200")

	made, err := client.CreateRestApi(ctx, &sdk.CreateRestApiInput{
		Name: aws.String("built"), Description: aws.String("by a client"), Tags: map[string]string{"a": "b"},
		EndpointConfiguration: &types.EndpointConfiguration{Types: []types.EndpointType{types.EndpointTypeRegional}},
	})
	require.NoError(t, err)
	id := made.Id
	resource, err := client.CreateResource(ctx, &sdk.CreateResourceInput{RestApiId: id, ParentId: made.RootResourceId, PathPart: aws.String("v2")})
	require.NoError(t, err)
	assert.Equal(t, "/v2", *resource.Path)
	model, err := client.CreateModel(ctx, &sdk.CreateModelInput{
		RestApiId: id, Name: aws.String("Event"), ContentType: aws.String("application/json"), Schema: aws.String(`{"type":"object","required":["a"]}`),
	})
	require.NoError(t, err)
	validator, err := client.CreateRequestValidator(ctx, &sdk.CreateRequestValidatorInput{RestApiId: id, Name: aws.String("v"), ValidateRequestBody: true})
	require.NoError(t, err)
	_, err = client.PutMethod(ctx, &sdk.PutMethodInput{
		RestApiId: id, ResourceId: resource.Id, HttpMethod: post, AuthorizationType: aws.String("NONE"),
		RequestValidatorId: validator.Id, RequestModels: map[string]string{"application/json": *model.Name},
	})
	require.NoError(t, err)
	_, err = client.PutMethodResponse(ctx, &sdk.PutMethodResponseInput{
		RestApiId: id, ResourceId: resource.Id, HttpMethod: post, StatusCode: ok, ResponseParameters: map[string]bool{"method.response.header.X-A": false},
	})
	require.NoError(t, err)
	put, err := client.PutIntegration(ctx, &sdk.PutIntegrationInput{
		RestApiId: id, ResourceId: resource.Id, HttpMethod: post, Type: types.IntegrationTypeAws, IntegrationHttpMethod: post,
		Uri: aws.String(testURI), Credentials: aws.String(testRole), TimeoutInMillis: aws.Int32(5000),
		RequestTemplates: map[string]string{"application/json": "$input.body"},
	})
	require.NoError(t, err)
	assert.Equal(t, int32(5000), put.TimeoutInMillis)
	_, err = client.PutIntegrationResponse(ctx, &sdk.PutIntegrationResponseInput{
		RestApiId: id, ResourceId: resource.Id, HttpMethod: post, StatusCode: ok,
		ResponseParameters: map[string]string{"method.response.header.X-A": "'1'"},
	})
	require.NoError(t, err)
	_, err = client.PutGatewayResponse(ctx, &sdk.PutGatewayResponseInput{
		RestApiId: id, ResponseType: types.GatewayResponseTypeBadRequestBody, StatusCode: aws.String("422"),
	})
	require.NoError(t, err)
	deployment, err := client.CreateDeployment(ctx, &sdk.CreateDeploymentInput{RestApiId: id})
	require.NoError(t, err)
	stage, err := client.CreateStage(ctx, &sdk.CreateStageInput{RestApiId: id, StageName: aws.String("beta"), DeploymentId: deployment.Id})
	require.NoError(t, err)
	assert.Equal(t, deployment.Id, stage.DeploymentId)

	request := func(body string) reply {
		t.Helper()
		r, err := http.NewRequest(http.MethodPost, f.InvokeURL(*id, "beta")+"/v2", strings.NewReader(body))
		require.NoError(t, err)
		r.Header.Set("Content-Type", "application/json")
		return f.do(r)
	}
	answered := request(`{"a":1}`)
	assert.Equal(t, 200, answered.status)
	assert.Equal(t, "1", answered.header.Get("X-A"))
	assert.Equal(t, 422, request(`{}`).status, "the model and the gateway response are in force")

	plan, err := client.CreateUsagePlan(ctx, &sdk.CreateUsagePlanInput{
		Name: aws.String("p"), Quota: &types.QuotaSettings{Limit: 5, Period: types.QuotaPeriodTypeDay},
		ApiStages: []types.ApiStage{{ApiId: id, Stage: aws.String("beta"), Throttle: map[string]types.ThrottleSettings{"/v2/POST": {RateLimit: 1, BurstLimit: 2}}}},
	})
	require.NoError(t, err)
	assert.Equal(t, types.ThrottleSettings{RateLimit: 1, BurstLimit: 2}, plan.ApiStages[0].Throttle["/v2/POST"])
	_, err = client.DeleteUsagePlan(ctx, &sdk.DeleteUsagePlanInput{UsagePlanId: plan.Id})
	require.ErrorContains(t, err, "because there are API Stages associated with the Usage Plan")

	for _, step := range []func() error{
		func() error {
			_, err := client.DeleteGatewayResponse(ctx, &sdk.DeleteGatewayResponseInput{RestApiId: id, ResponseType: types.GatewayResponseTypeBadRequestBody})
			return err
		},
		func() error {
			_, err := client.DeleteIntegrationResponse(ctx, &sdk.DeleteIntegrationResponseInput{RestApiId: id, ResourceId: resource.Id, HttpMethod: post, StatusCode: ok})
			return err
		},
		func() error {
			_, err := client.DeleteIntegration(ctx, &sdk.DeleteIntegrationInput{RestApiId: id, ResourceId: resource.Id, HttpMethod: post})
			return err
		},
		func() error {
			_, err := client.DeleteMethodResponse(ctx, &sdk.DeleteMethodResponseInput{RestApiId: id, ResourceId: resource.Id, HttpMethod: post, StatusCode: ok})
			return err
		},
		func() error {
			_, err := client.DeleteMethod(ctx, &sdk.DeleteMethodInput{RestApiId: id, ResourceId: resource.Id, HttpMethod: post})
			return err
		},
		func() error {
			_, err := client.DeleteModel(ctx, &sdk.DeleteModelInput{RestApiId: id, ModelName: model.Name})
			return err
		},
		func() error {
			_, err := client.DeleteRequestValidator(ctx, &sdk.DeleteRequestValidatorInput{RestApiId: id, RequestValidatorId: validator.Id})
			return err
		},
		func() error {
			_, err := client.DeleteResource(ctx, &sdk.DeleteResourceInput{RestApiId: id, ResourceId: resource.Id})
			return err
		},
		func() error {
			_, err := client.DeleteStage(ctx, &sdk.DeleteStageInput{RestApiId: id, StageName: aws.String("beta")})
			return err
		},
		func() error {
			_, err := client.DeleteRestApi(ctx, &sdk.DeleteRestApiInput{RestApiId: id})
			return err
		},
	} {
		require.NoError(t, step())
	}
	assert.Len(t, f.GetRestAPIs(), 1)
}

func TestPartsOfAnAPIArePatched(t *testing.T) {
	f := newFixture(t)
	client, _ := f.sdkClient()
	ctx, post, ok := t.Context(), aws.String("POST"), aws.String("200")
	f.deploy(f.postV1())
	validator, err := f.CreateRequestValidator(RequestValidator{APIID: testAPI, Name: "v"})
	require.NoError(t, err)
	first := mustList(t, client)[0].Id

	resource, err := client.UpdateResource(ctx, &sdk.UpdateResourceInput{RestApiId: api, ResourceId: &f.v1, PatchOperations: []types.PatchOperation{replace("/pathPart", "v3")}})
	require.NoError(t, err)
	assert.Equal(t, "/v3", *resource.Path)
	_, err = client.UpdateResource(ctx, &sdk.UpdateResourceInput{RestApiId: api, ResourceId: &f.root, PatchOperations: []types.PatchOperation{replace("/pathPart", "v3")}})
	requireAPIError(t, err, "BadRequestException", "Root resource cannot be updated")
	method, err := client.UpdateMethod(ctx, &sdk.UpdateMethodInput{RestApiId: api, ResourceId: &f.v1, HttpMethod: post, PatchOperations: []types.PatchOperation{
		replace("/apiKeyRequired", "true"), replace("/requestValidatorId", validator.ID),
		{Op: types.OpAdd, Path: aws.String("/requestParameters/method.request.header.X-Id"), Value: aws.String("true")},
		{Op: types.OpAdd, Path: aws.String("/requestModels/application~1json"), Value: aws.String("Empty")},
	}})
	require.NoError(t, err)
	assert.True(t, *method.ApiKeyRequired)
	assert.Equal(t, map[string]bool{"method.request.header.X-Id": true}, method.RequestParameters)
	assert.Equal(t, map[string]string{"application/json": "Empty"}, method.RequestModels)
	response, err := client.UpdateMethodResponse(ctx, &sdk.UpdateMethodResponseInput{RestApiId: api, ResourceId: &f.v1, HttpMethod: post, StatusCode: ok, PatchOperations: []types.PatchOperation{
		{Op: types.OpAdd, Path: aws.String("/responseParameters/method.response.header.X-A"), Value: aws.String("false")},
	}})
	require.NoError(t, err)
	assert.Equal(t, map[string]bool{"method.response.header.X-A": false}, response.ResponseParameters)
	mapped, err := client.UpdateIntegrationResponse(ctx, &sdk.UpdateIntegrationResponseInput{RestApiId: api, ResourceId: &f.v1, HttpMethod: post, StatusCode: ok, PatchOperations: []types.PatchOperation{
		replace("/responseParameters/method.response.header.X-A", "'1'"), replace("/responseTemplates/application~1json", "{}"),
	}})
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"application/json": "{}"}, mapped.ResponseTemplates)
	changed, err := client.UpdateRequestValidator(ctx, &sdk.UpdateRequestValidatorInput{RestApiId: api, RequestValidatorId: &validator.ID, PatchOperations: []types.PatchOperation{
		replace("/validateRequestParameters", "true"),
	}})
	require.NoError(t, err)
	assert.True(t, changed.ValidateRequestParameters)
	gateway, err := client.UpdateGatewayResponse(ctx, &sdk.UpdateGatewayResponseInput{RestApiId: api, ResponseType: types.GatewayResponseTypeThrottled, PatchOperations: []types.PatchOperation{
		replace("/statusCode", "444"), replace("/responseParameters/gatewayresponse.header.Retry-After", "'1'"),
	}})
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"application/json": `{"message":$context.error.messageString}`}, gateway.ResponseTemplates) // recorded: test_update_gateway_response
	assert.Equal(t, map[string]string{"gatewayresponse.header.Retry-After": "'1'"}, gateway.ResponseParameters)
	assert.False(t, gateway.DefaultResponse)
	deployment, err := client.UpdateDeployment(ctx, &sdk.UpdateDeploymentInput{RestApiId: api, DeploymentId: first, PatchOperations: []types.PatchOperation{replace("/description", "first")}})
	require.NoError(t, err)
	assert.Equal(t, "first", *deployment.Description)
}

func TestWhatAnAPICannotBeIsRefusedByName(t *testing.T) {
	f := newFixture(t)
	client, _ := f.sdkClient()
	for message, input := range map[string]*sdk.CreateRestApiInput{
		"Description cannot be an empty string":                         {Name: aws.String("a"), Description: aws.String("")}, // recorded: test_create_rest_api_with_optional_params
		"binaryMediaTypes is not emulated by the local target":          {Name: aws.String("a"), BinaryMediaTypes: []string{"image/png"}},
		"minimumCompressionSize is not emulated by the local target":    {Name: aws.String("a"), MinimumCompressionSize: aws.Int32(1)},
		"endpoint type PRIVATE is not emulated by the local target":     {Name: aws.String("a"), EndpointConfiguration: &types.EndpointConfiguration{Types: []types.EndpointType{types.EndpointTypePrivate}}},
		"API key source AUTHORIZER is not emulated by the local target": {Name: aws.String("a"), ApiKeySource: types.ApiKeySourceTypeAuthorizer},
	} {
		_, err := client.CreateRestApi(t.Context(), input)
		requireAPIError(t, err, "BadRequestException", message)
	}
	_, err := client.GetGatewayResponse(t.Context(), &sdk.GetGatewayResponseInput{RestApiId: api, ResponseType: "FAKE_RESPONSE_TYPE"})
	requireAPIError(t, err, "ValidationException", "1 validation error detected: Value 'FAKE_RESPONSE_TYPE' at 'responseType' failed to satisfy "+
		"constraint: Member must satisfy enum value set: ["+strings.Join(responseTypeOrder, ", ")+"]") // recorded: test_gateway_response_validation
	assert.Len(t, responseTypeOrder, len(responseTypes))
	_, err = client.PutIntegration(t.Context(), &sdk.PutIntegrationInput{
		RestApiId: api, ResourceId: &f.v1, HttpMethod: aws.String("POST"), Type: types.IntegrationTypeAws,
	})
	requireAPIError(t, err, "NotFoundException", "Invalid Method identifier specified")
}
