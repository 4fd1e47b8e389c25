package pipeline

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/apigateway"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"ingest-pipeline/templates"
)

const methodType = "ingest-pipeline:index:Method"

// methodArgs describes a POST method that is integrated with an action of Kinesis.
type methodArgs struct {
	RestAPI    pulumi.IDOutput
	ResourceID pulumi.IDOutput
	// Model is the name of the schema, and Validator the id of the validator, that the body is checked with first.
	Model     pulumi.StringInput
	Validator pulumi.IDOutput
	// Access is AccessNone, AccessAPIKey or AccessIAM.
	Access string
	// Action is the Kinesis action, such as "PutRecord". Case matters.
	Action string
	// RoleArn is the role with which API Gateway calls Kinesis.
	RoleArn           pulumi.StringInput
	Partition, Region pulumi.StringInput
	RequestTemplate   string
	// Responses are all responses of the method.
	Responses []methodResponse
	// Paused answers every valid request with 429, without a call of Kinesis. Changing it replaces the integration, in a
	// new deployment.
	Paused bool
	// Headers are fixed headers of every response.
	Headers map[string]string
}

// methodResponse is one status of the method and the statuses of Kinesis that lead to it.
type methodResponse struct {
	StatusCode string
	// SelectionPattern is a regular expression that the whole HTTP status of Kinesis has to match. The empty one is the
	// default for every other status, so it must never be a success.
	SelectionPattern string
	Template         string
}

// method is a method together with its integration and responses.
type method struct {
	pulumi.ResourceState

	// parts are the contents of the API that a deployment is a snapshot of.
	parts *definition
}

// newMethod creates the method.
func newMethod(ctx *pulumi.Context, name string, args methodArgs, opts ...pulumi.ResourceOption) (*method, error) {
	m := &method{parts: &definition{}}
	if err := ctx.RegisterComponentResource(methodType, name, m, opts...); err != nil {
		return nil, err
	}
	// The id of each of these is its path in the API, so the new one would collide with the old one.
	child := []pulumi.ResourceOption{pulumi.Parent(m), pulumi.DeleteBeforeReplace(true)}
	methodArgs := &apigateway.MethodArgs{
		RestApi:            args.RestAPI,
		ResourceId:         args.ResourceID,
		HttpMethod:         pulumi.String("POST"),
		Authorization:      pulumi.String("AWS_IAM"),
		ApiKeyRequired:     pulumi.Bool(args.Access == AccessAPIKey),
		RequestModels:      pulumi.StringMap{"application/json": args.Model},
		RequestValidatorId: args.Validator,
	}
	if args.Access == AccessNone || args.Access == AccessAPIKey {
		methodArgs.Authorization = pulumi.String("NONE")
	}
	method, err := apigateway.NewMethod(ctx, name, methodArgs, child...)
	if err != nil {
		return nil, err
	}
	m.parts.add(method, methodArgs)
	integrationArgs, responses := callKinesis(args), args.Responses
	if args.Paused {
		integrationArgs, responses = answerPaused(args), []methodResponse{{StatusCode: "429", Template: templates.PausedResponse}}
	}
	linked := *integrationArgs
	linked.HttpMethod = method.HttpMethod
	integration, err := apigateway.NewIntegration(ctx, name, &linked, child...)
	if err != nil {
		return nil, err
	}
	m.parts.add(integration, integrationArgs)
	for _, response := range responses {
		if err := m.addResponse(ctx, name, args, response, integration, child); err != nil {
			return nil, err
		}
	}
	return m, ctx.RegisterResourceOutputs(m, pulumi.Map{})
}

// callKinesis is the integration with the action of Kinesis.
func callKinesis(args methodArgs) *apigateway.IntegrationArgs {
	return &apigateway.IntegrationArgs{
		RestApi:               args.RestAPI,
		ResourceId:            args.ResourceID,
		Type:                  pulumi.String("AWS"),
		IntegrationHttpMethod: pulumi.String("POST"),
		Uri: pulumi.Sprintf(
			"arn:%s:apigateway:%s:kinesis:action/%s", args.Partition, args.Region, args.Action),
		Credentials:       args.RoleArn,
		RequestParameters: pulumi.StringMap{"integration.request.header.Content-Type": pulumi.String("'application/x-amz-json-1.1'")},
		RequestTemplates:  pulumi.StringMap{"application/json": pulumi.String(args.RequestTemplate)},
		// Otherwise a client could pass its own Kinesis call through by sending another content type.
		PassthroughBehavior: pulumi.String("NEVER"),
	}
}

// answerPaused is the integration while intake is paused. It depends on neither the stream nor the role. A throttle of 0
// would not do: API Gateway applies throttles on a best-effort basis (documented: api-gateway-request-throttling).
func answerPaused(args methodArgs) *apigateway.IntegrationArgs {
	return &apigateway.IntegrationArgs{
		RestApi:             args.RestAPI,
		ResourceId:          args.ResourceID,
		Type:                pulumi.String("MOCK"),
		RequestTemplates:    pulumi.StringMap{"application/json": pulumi.String(templates.PausedRequest)},
		PassthroughBehavior: pulumi.String("NEVER"),
	}
}

// addResponse uses resource id and method of the integration: AWS deletes an integration's responses with it, and only an
// input that becomes unknown makes Pulumi replace them, too.
func (m *method) addResponse(ctx *pulumi.Context, name string, args methodArgs, response methodResponse,
	integration *apigateway.Integration, child []pulumi.ResourceOption,
) error {
	name += "-" + response.StatusCode
	methodResponseArgs := &apigateway.MethodResponseArgs{
		RestApi:        args.RestAPI,
		StatusCode:     pulumi.String(response.StatusCode),
		ResponseModels: pulumi.StringMap{"application/json": pulumi.String("Empty")},
	}
	declared, mapped := fixedHeaders(args.Headers)
	if len(args.Headers) > 0 {
		methodResponseArgs.ResponseParameters = declared
	}
	linkedResponse := *methodResponseArgs
	linkedResponse.ResourceId, linkedResponse.HttpMethod = integration.ResourceId, integration.HttpMethod
	methodResponse, err := apigateway.NewMethodResponse(ctx, name, &linkedResponse, child...)
	if err != nil {
		return err
	}
	m.parts.add(methodResponse, methodResponseArgs)
	integrationResponseArgs := &apigateway.IntegrationResponseArgs{
		RestApi:           args.RestAPI,
		ResponseTemplates: pulumi.StringMap{"application/json": pulumi.String(response.Template)},
	}
	if len(args.Headers) > 0 {
		integrationResponseArgs.ResponseParameters = mapped
	}
	if response.SelectionPattern != "" {
		integrationResponseArgs.SelectionPattern = pulumi.String(response.SelectionPattern)
	}
	linked := *integrationResponseArgs
	linked.ResourceId, linked.HttpMethod, linked.StatusCode = integration.ResourceId, integration.HttpMethod, methodResponse.StatusCode
	integrationResponse, err := apigateway.NewIntegrationResponse(ctx, name, &linked, child...)
	if err != nil {
		return err
	}
	m.parts.add(integrationResponse, integrationResponseArgs)
	return nil
}

// fixedHeaders declares headers for a method response and gives them their values for its integration response.
func fixedHeaders(headers map[string]string) (declared pulumi.BoolMap, mapped pulumi.StringMap) {
	declared, mapped = pulumi.BoolMap{}, pulumi.StringMap{}
	for _, header := range sortedKeys(headers) {
		parameter := "method.response.header." + header
		declared[parameter] = pulumi.Bool(true)
		mapped[parameter] = pulumi.String("'" + headers[header] + "'")
	}
	return declared, mapped
}
