package apigateway

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/internal/apitest"
)

// sdkClient is AWS's client of the service.
func (f *fixture) sdkClient() (*sdk.Client, *apitest.Server) {
	f.t.Helper()
	server := apitest.Serve(f.t, testAccount, f.iam, f.API())
	return sdk.NewFromConfig(server.Config()), server
}

func requireAPIError(t *testing.T, err error, code, message string) {
	t.Helper()
	var refused smithy.APIError
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, code, refused.ErrorCode())
	assert.Equal(t, message, refused.ErrorMessage())
}

// replace is a patch operation.
func replace(path, value string) types.PatchOperation {
	return types.PatchOperation{Op: types.OpReplace, Path: &path, Value: &value}
}

func remove(path string) types.PatchOperation {
	return types.PatchOperation{Op: types.OpRemove, Path: &path}
}

var api = aws.String(testAPI)

// The members are those of LocalStack's recordings TestApiGatewayApiRestApi.
func TestAnAPIIsAnsweredAsOnAWS(t *testing.T) {
	f := newFixture(t)
	client, _ := f.sdkClient()
	require.NoError(t, f.UpdateRestAPIPolicy(testAPI, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/*"}]}`))

	got, err := client.GetRestApi(t.Context(), &sdk.GetRestApiInput{RestApiId: api})
	require.NoError(t, err)
	assert.Equal(t, testAPI, *got.Id)
	assert.Equal(t, "events", *got.Name)
	assert.Equal(t, testMoment, *got.CreatedDate)
	assert.Equal(t, types.ApiKeySourceTypeHeader, got.ApiKeySource)
	assert.Equal(t, []types.EndpointType{types.EndpointTypeRegional}, got.EndpointConfiguration.Types)
	assert.Equal(t, types.IpAddressTypeIpv4, got.EndpointConfiguration.IpAddressType)
	assert.Equal(t, f.root, *got.RootResourceId)
	assert.Nil(t, got.Description)
	assert.True(t, strings.HasPrefix(*got.Policy, `{\"Version\":\"2012-10-17\",`), *got.Policy)

	listed, err := client.GetRestApis(t.Context(), &sdk.GetRestApisInput{})
	require.NoError(t, err)
	require.Len(t, listed.Items, 1)
	assert.Equal(t, got.Id, listed.Items[0].Id)

	_, err = client.GetRestApi(t.Context(), &sdk.GetRestApiInput{RestApiId: aws.String("A1B2C3D4E5")})
	requireAPIError(t, err, "NotFoundException", "Invalid API identifier specified 123456789012:A1B2C3D4E5")
}

func TestAnAPIIsPatched(t *testing.T) {
	f := newFixture(t)
	client, _ := f.sdkClient()
	patch := func(operations ...types.PatchOperation) (*sdk.UpdateRestApiOutput, error) {
		return client.UpdateRestApi(t.Context(), &sdk.UpdateRestApiInput{RestApiId: api, PatchOperations: operations})
	}

	got, err := patch(replace("/name", "other"), replace("/description", "d"), replace("/disableExecuteApiEndpoint", "true"),
		replace("/endpointConfiguration/types/REGIONAL", "EDGE"))
	require.NoError(t, err)
	assert.Equal(t, "other", *got.Name)
	assert.Equal(t, "d", *got.Description)
	assert.True(t, got.DisableExecuteApiEndpoint)
	assert.Equal(t, []types.EndpointType{types.EndpointTypeEdge}, got.EndpointConfiguration.Types)
	kept, err := f.GetRestAPI(testAPI)
	require.NoError(t, err)
	assert.Equal(t, "other", kept.Name)

	_, err = patch(replace("/name", "third"), replace("/apiKeySource", "AUTHORIZER"))
	requireAPIError(t, err, "BadRequestException", "API key source AUTHORIZER is not emulated by the local target")
	kept, err = f.GetRestAPI(testAPI)
	require.NoError(t, err)
	assert.Equal(t, "other", kept.Name, "one operation that is refused refuses all")
	_, err = patch(types.PatchOperation{Op: types.OpAdd, Path: aws.String("/minimumCompressionSize"), Value: aws.String("10")})
	requireAPIError(t, err, "BadRequestException", "Invalid patch operation specified. Must be one of: [replace]") // recorded: test_update_rest_api_compression
	_, err = patch(replace("/binaryMediaTypes", "x"))
	requireAPIError(t, err, "BadRequestException", "Invalid patch path /binaryMediaTypes") // recorded: test_update_rest_api_behaviour
	got, err = patch(replace("/disableExecuteApiEndpoint", "maybe"))
	require.NoError(t, err)
	assert.False(t, got.DisableExecuteApiEndpoint, "recorded for a method's apiKeyRequired: test_update_method_validation")
}

func TestResourcesComeWithTheirMethodsIfAsked(t *testing.T) {
	f := newFixture(t)
	client, _ := f.sdkClient()
	r := f.postV1()
	r.method.RequestParameters = map[string]bool{"method.request.header.X-Id": true}
	r.mapped[0].SelectionPattern = "200"
	f.putRoute(r)

	plain, err := client.GetResources(t.Context(), &sdk.GetResourcesInput{RestApiId: api})
	require.NoError(t, err)
	require.Len(t, plain.Items, 2)
	for _, item := range plain.Items {
		if *item.Path != "/v1" {
			assert.Equal(t, "/", *item.Path)
			assert.Nil(t, item.ParentId)
			assert.Empty(t, item.ResourceMethods)
			continue
		}
		assert.Equal(t, f.root, *item.ParentId)
		assert.Equal(t, "v1", *item.PathPart)
		assert.Equal(t, map[string]types.Method{"POST": {}}, item.ResourceMethods)
	}

	embedded, err := client.GetResource(t.Context(), &sdk.GetResourceInput{RestApiId: api, ResourceId: &f.v1, Embed: []string{"methods"}})
	require.NoError(t, err)
	method := embedded.ResourceMethods["POST"]
	assert.Equal(t, "NONE", *method.AuthorizationType)
	assert.Equal(t, map[string]bool{"method.request.header.X-Id": true}, method.RequestParameters)
	assert.Equal(t, "200", *method.MethodResponses["200"].StatusCode)
	integration := method.MethodIntegration
	assert.Equal(t, types.IntegrationTypeAws, integration.Type)
	assert.Equal(t, testURI, *integration.Uri)
	assert.Equal(t, testRole, *integration.Credentials)
	assert.Equal(t, int32(29000), integration.TimeoutInMillis)
	assert.Equal(t, "200", *integration.IntegrationResponses["200"].SelectionPattern)

	got, err := client.GetMethod(t.Context(), &sdk.GetMethodInput{RestApiId: api, ResourceId: &f.v1, HttpMethod: aws.String("POST")})
	require.NoError(t, err)
	assert.Equal(t, method.MethodIntegration, got.MethodIntegration)
	response, err := client.GetMethodResponse(t.Context(), &sdk.GetMethodResponseInput{RestApiId: api, ResourceId: &f.v1, HttpMethod: aws.String("POST"), StatusCode: aws.String("200")})
	require.NoError(t, err)
	assert.Equal(t, "200", *response.StatusCode)
	mapped, err := client.GetIntegrationResponse(t.Context(), &sdk.GetIntegrationResponseInput{RestApiId: api, ResourceId: &f.v1, HttpMethod: aws.String("POST"), StatusCode: aws.String("200")})
	require.NoError(t, err)
	assert.Equal(t, "200", *mapped.SelectionPattern)
	_, err = client.GetMethod(t.Context(), &sdk.GetMethodInput{RestApiId: api, ResourceId: &f.v1, HttpMethod: aws.String("GET")})
	requireAPIError(t, err, "NotFoundException", "Invalid Method identifier specified")
}

func TestListsOfAnAPIComeInPages(t *testing.T) {
	f := newFixture(t)
	client, _ := f.sdkClient()
	for _, part := range strings.Split("abcdefgh", "") {
		f.addResource(f.root, part)
	}
	seen := map[string]bool{}
	pages := sdk.NewGetResourcesPaginator(client, &sdk.GetResourcesInput{RestApiId: api, Limit: aws.Int32(3)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		assert.LessOrEqual(t, len(page.Items), 3)
		for _, item := range page.Items {
			assert.False(t, seen[*item.Id], *item.Path)
			seen[*item.Id] = true
		}
	}
	assert.Len(t, seen, 10)
	_, err := client.GetResources(t.Context(), &sdk.GetResourcesInput{RestApiId: api, Limit: aws.Int32(501)})
	requireAPIError(t, err, "BadRequestException", "Invalid limit specified: 501. Must be between 1 and 500")
}

func TestAnIntegrationIsBrokenAndMendedByClients(t *testing.T) {
	f := newFixture(t)
	client, _ := f.sdkClient()
	f.deploy(f.postV1())
	require.Equal(t, 200, f.post(`{}`).status)
	patch := func(operations ...types.PatchOperation) (*sdk.UpdateIntegrationOutput, error) {
		return client.UpdateIntegration(t.Context(), &sdk.UpdateIntegrationInput{
			RestApiId: api, ResourceId: &f.v1, HttpMethod: aws.String("POST"), PatchOperations: operations,
		})
	}
	deploy := func() {
		_, err := client.CreateDeployment(t.Context(), &sdk.CreateDeploymentInput{RestApiId: api, StageName: aws.String("PROD")})
		require.NoError(t, err)
	}

	broken, err := patch(replace("/credentials", "arn:aws:iam::123456789012:role/none"), replace("/timeoutInMillis", "1000"),
		replace("/requestTemplates/application~1json", `{"a":1}`), remove("/requestTemplates/text~1plain"))
	require.NoError(t, err)
	assert.Equal(t, int32(1000), broken.TimeoutInMillis)
	assert.Equal(t, map[string]string{"application/json": `{"a":1}`}, broken.RequestTemplates)
	assert.Equal(t, "200", *broken.IntegrationResponses["200"].StatusCode, "its responses stay")
	require.Equal(t, 200, f.post(`{}`).status, "what is deployed has not changed")
	deploy()
	require.Equal(t, 500, f.post(`{}`).status)

	_, err = patch(replace("/credentials", testRole))
	require.NoError(t, err)
	deploy()
	require.Equal(t, 200, f.post(`{}`).status)
	assert.Equal(t, `{"a":1}`, f.backend.last(t))

	_, err = patch(replace("/uri", "arn:aws:apigateway:eu-west-1:lambda:path/x"))
	requireAPIError(t, err, "BadRequestException", "an integration by path (arn:aws:apigateway:eu-west-1:lambda:path/x) is not emulated by the local target")
}

func TestAStageIsPatchedAndServesTheChangeAtOnce(t *testing.T) {
	f := newFixture(t)
	client, _ := f.sdkClient()
	f.allowLogs()
	r := f.postV1()
	r.integration.RequestTemplates["application/json"] = `$stageVariables.name`
	first := f.deploy(r)
	patch := func(operations ...types.PatchOperation) (*sdk.UpdateStageOutput, error) {
		return client.UpdateStage(t.Context(), &sdk.UpdateStageInput{RestApiId: api, StageName: aws.String("PROD"), PatchOperations: operations})
	}
	f.clock.Advance(time.Hour)

	got, err := patch(replace("/variables/name", "one"), replace("/description", "d"), replace("/tracingEnabled", "true"),
		replace("/*/*/logging/loglevel", "INFO"), replace("/*/*/logging/dataTrace", "true"), replace("/*/*/metrics/enabled", "true"),
		replace("/~1v1/POST/throttling/rateLimit", "0.5"), replace("/~1v1/POST/throttling/burstLimit", "1"))
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"name": "one"}, got.Variables)
	assert.Equal(t, testMoment, *got.CreatedDate)
	assert.Equal(t, testMoment.Add(time.Hour), *got.LastUpdatedDate)
	assert.Equal(t, types.CacheClusterStatusNotAvailable, got.CacheClusterStatus)
	assert.True(t, got.TracingEnabled)
	all := types.MethodSetting{
		LoggingLevel: aws.String("INFO"), DataTraceEnabled: true, MetricsEnabled: true, ThrottlingRateLimit: 10000, ThrottlingBurstLimit: 5000,
		CacheTtlInSeconds: 300, RequireAuthorizationForCacheControl: true,
		UnauthorizedCacheControlHeaderStrategy: types.UnauthorizedCacheControlHeaderStrategySucceedWithResponseHeader,
	}
	one := all
	one.LoggingLevel, one.DataTraceEnabled, one.MetricsEnabled = nil, false, false // recorded: a level that nobody has set is not shown
	one.ThrottlingRateLimit, one.ThrottlingBurstLimit = 0.5, 1
	assert.Equal(t, map[string]types.MethodSetting{"*/*": all, "~1v1/POST": one}, got.MethodSettings)
	assert.Equal(t, 200, f.post(`{}`).status)
	assert.Equal(t, "one", f.backend.last(t))
	assert.Equal(t, 429, f.post(`{}`).status, "the bucket of one request is empty")

	_, err = patch(remove("/~1v1/POST"), remove("/variables/name"))
	require.NoError(t, err)
	assert.Equal(t, 200, f.post(`{}`).status)
	second, err := client.CreateDeployment(t.Context(), &sdk.CreateDeploymentInput{RestApiId: api, Description: aws.String("second")})
	require.NoError(t, err)
	_, err = patch(replace("/deploymentId", *second.Id))
	require.NoError(t, err)
	stages, err := client.GetStages(t.Context(), &sdk.GetStagesInput{RestApiId: api, DeploymentId: second.Id})
	require.NoError(t, err)
	require.Len(t, stages.Item, 1)
	stages, err = client.GetStages(t.Context(), &sdk.GetStagesInput{RestApiId: api, DeploymentId: &first.ID})
	require.NoError(t, err)
	assert.Empty(t, stages.Item)

	_, err = patch(remove("/~1v1/POST"))
	requireAPIError(t, err, "BadRequestException", "Cannot remove method setting ~1v1/POST because there is no method setting for this method ") // recorded: test_update_stage_remove_wildcard
	_, err = patch(replace("/*/*/logging/loglevel", "DEBUG"))
	requireAPIError(t, err, "BadRequestException", "Invalid logging level: DEBUG. Must be one of: [ERROR, INFO, OFF]")
	_, err = patch(replace("/tags/tag1", "x")) // recorded: test_create_update_stages
	requireAPIError(t, err, "BadRequestException", "Invalid method setting path: /tags/tag1. Must be one of: ["+stagePaths+"]")
	_, err = patch(replace("/deploymentId", "none"))
	requireAPIError(t, err, "BadRequestException", "Deployment id does not exist")
	_, err = patch(replace("/*/*/caching/enabled", "true"))
	requireAPIError(t, err, "BadRequestException", "caching is not emulated by the local target")
	_, err = client.FlushStageCache(t.Context(), &sdk.FlushStageCacheInput{RestApiId: api, StageName: aws.String("PROD")})
	requireAPIError(t, err, "BadRequestException", "FlushStageCache: a stage's cache is not emulated by the local target")
	_, err = client.DeleteDeployment(t.Context(), &sdk.DeleteDeploymentInput{RestApiId: api, DeploymentId: second.Id})
	requireAPIError(t, err, "BadRequestException", "Active stages pointing to this deployment must be moved or deleted")
	_, err = client.DeleteDeployment(t.Context(), &sdk.DeleteDeploymentInput{RestApiId: api, DeploymentId: &first.ID})
	require.NoError(t, err)

	deployments, err := client.GetDeployments(t.Context(), &sdk.GetDeploymentsInput{RestApiId: api})
	require.NoError(t, err)
	require.Len(t, deployments.Items, 1)
	one2, err := client.GetDeployment(t.Context(), &sdk.GetDeploymentInput{RestApiId: api, DeploymentId: second.Id, Embed: []string{"apisummary"}})
	require.NoError(t, err)
	assert.Equal(t, "NONE", *one2.ApiSummary["/v1"]["POST"].AuthorizationType)
}

func TestADeploymentForANewStageCreatesIt(t *testing.T) {
	f := newFixture(t)
	client, _ := f.sdkClient()
	f.putRoute(f.postV1())
	_, err := client.CreateDeployment(t.Context(), &sdk.CreateDeploymentInput{
		RestApiId: api, StageName: aws.String("beta"), StageDescription: aws.String("s"), Variables: map[string]string{"a": "b"},
	})
	require.NoError(t, err)
	assert.Equal(t, 200, f.send("POST /beta/v1", `{}`, "Content-Type", "application/json").status)
	stage, err := client.GetStage(t.Context(), &sdk.GetStageInput{RestApiId: api, StageName: aws.String("beta")})
	require.NoError(t, err)
	assert.Equal(t, "s", *stage.Description)
	assert.Equal(t, map[string]string{"a": "b"}, stage.Variables)

	before := len(mustList(t, client))
	_, err = client.CreateDeployment(t.Context(), &sdk.CreateDeploymentInput{RestApiId: api, StageName: aws.String("not a name")})
	requireAPIError(t, err, "BadRequestException", "Stage name only allows a-zA-Z0-9_-")
	assert.Len(t, mustList(t, client), before, "a deployment whose stage is refused does not stay")
}

func mustList(t *testing.T, client *sdk.Client) []types.Deployment {
	t.Helper()
	listed, err := client.GetDeployments(t.Context(), &sdk.GetDeploymentsInput{RestApiId: api})
	require.NoError(t, err)
	return listed.Items
}

func TestModelsValidatorsAndGatewayResponsesCanBeRead(t *testing.T) {
	f := newFixture(t)
	client, _ := f.sdkClient()
	validator, err := f.CreateRequestValidator(RequestValidator{APIID: testAPI, Name: "body", ValidateRequestBody: true})
	require.NoError(t, err)
	require.NoError(t, f.PutGatewayResponse(GatewayResponse{
		APIID: testAPI, ResponseType: "THROTTLED", StatusCode: "429", ResponseTemplates: map[string]string{"application/json": "{}"},
	}))

	models, err := client.GetModels(t.Context(), &sdk.GetModelsInput{RestApiId: api})
	require.NoError(t, err)
	require.Len(t, models.Items, 2)
	assert.Equal(t, "Empty", *models.Items[0].Name)
	_, err = client.UpdateModel(t.Context(), &sdk.UpdateModelInput{RestApiId: api, ModelName: aws.String("Empty"), PatchOperations: []types.PatchOperation{replace("/description", "d")}})
	require.NoError(t, err)
	model, err := client.GetModel(t.Context(), &sdk.GetModelInput{RestApiId: api, ModelName: aws.String("Empty")})
	require.NoError(t, err)
	assert.Equal(t, "d", *model.Description)
	assert.Contains(t, *model.Schema, "draft-04")
	_, err = client.UpdateModel(t.Context(), &sdk.UpdateModelInput{RestApiId: api, ModelName: aws.String("Empty"), PatchOperations: []types.PatchOperation{replace("/name", "d")}})
	requireAPIError(t, err, "BadRequestException", "Invalid patch path  '/name' specified for op 'replace'. Must be one of: [/description, /schema]") // recorded: test_update_model

	_, err = client.UpdateModel(t.Context(), &sdk.UpdateModelInput{RestApiId: api, ModelName: aws.String("Empty"), PatchOperations: []types.PatchOperation{{Op: types.OpAdd, Path: aws.String("/wrong-path")}}})
	requireAPIError(t, err, "BadRequestException", "Invalid patch path  '/wrong-path' specified for op 'add'. Please choose supported operations") // recorded: test_update_model
	_, err = client.CreateRequestValidator(t.Context(), &sdk.CreateRequestValidatorInput{RestApiId: aws.String("none"), Name: aws.String("v")})
	requireAPIError(t, err, "BadRequestException", "Invalid REST API identifier specified") // recorded: test_validators_crud_no_api
	validators, err := client.GetRequestValidators(t.Context(), &sdk.GetRequestValidatorsInput{RestApiId: api})
	require.NoError(t, err)
	require.Len(t, validators.Items, 1)
	one, err := client.GetRequestValidator(t.Context(), &sdk.GetRequestValidatorInput{RestApiId: api, RequestValidatorId: &validator.ID})
	require.NoError(t, err)
	assert.True(t, one.ValidateRequestBody)
	assert.False(t, one.ValidateRequestParameters)

	responses, err := client.GetGatewayResponses(t.Context(), &sdk.GetGatewayResponsesInput{RestApiId: api})
	require.NoError(t, err)
	assert.Len(t, responses.Items, len(responseTypes))
	throttled, err := client.GetGatewayResponse(t.Context(), &sdk.GetGatewayResponseInput{RestApiId: api, ResponseType: types.GatewayResponseTypeThrottled})
	require.NoError(t, err)
	assert.False(t, throttled.DefaultResponse)
	assert.Equal(t, map[string]string{"application/json": "{}"}, throttled.ResponseTemplates)
	denied, err := client.GetGatewayResponse(t.Context(), &sdk.GetGatewayResponseInput{RestApiId: api, ResponseType: types.GatewayResponseTypeAccessDenied})
	require.NoError(t, err)
	assert.True(t, denied.DefaultResponse)
	assert.Equal(t, "403", *denied.StatusCode)
	assert.Equal(t, map[string]string{"application/json": `{"message":$context.error.messageString}`}, denied.ResponseTemplates)
	authorizers, err := client.GetAuthorizers(t.Context(), &sdk.GetAuthorizersInput{RestApiId: api})
	require.NoError(t, err)
	assert.Empty(t, authorizers.Items)
}
