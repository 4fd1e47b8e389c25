package pipeline

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/apigateway"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"ingest-pipeline/templates"
)

const restAPIType = "ingest-pipeline:index:RestAPI"

// apiVersion is the first path segment. An incompatible version will be served beside it.
const apiVersion = "v1"

// Who may send events.
const (
	// AccessNone: anyone who knows the URL, up to the throttle.
	AccessNone = "NONE"
	// AccessAPIKey: clients with the API key, up to its quota. A key identifies a client but does not authenticate it.
	AccessAPIKey = "API_KEY"
	// AccessIAM: clients that sign with AWS credentials that are allowed execute-api:Invoke.
	AccessIAM = "AWS_IAM"
)

// RestAPIArgs describes the endpoint.
type RestAPIArgs struct {
	Partition, Region pulumi.StringInput
	// StreamArn is the one stream that the API may write to.
	StreamArn pulumi.StringInput
	// KMSKeyArn is the customer managed key that the stream is encrypted with. Nil: the AWS managed key.
	KMSKeyArn pulumi.StringPtrInput
	// Access is AccessNone, AccessAPIKey or AccessIAM.
	Access string
	// Paused answers every valid request with 429 and calls nothing.
	Paused bool
	// AllowedSourceCIDRs are the networks that requests may come from. None: every network.
	AllowedSourceCIDRs []string
	// AllowedOrigins are the web origins whose pages may send events. None: no CORS.
	AllowedOrigins []string
}

// RestAPI is the REST API with its two routes, POST /v1 for one event and POST /v1/batch for several.
type RestAPI struct {
	pulumi.ResourceState

	ID   pulumi.IDOutput     `pulumi:"id"`
	Name pulumi.StringOutput `pulumi:"name"`

	// parts are the contents of the API that a deployment is a snapshot of.
	parts *definition
}

// NewRestAPI creates the API. It can be called once a Stage serves it.
func NewRestAPI(ctx *pulumi.Context, name string, args RestAPIArgs, opts ...pulumi.ResourceOption) (*RestAPI, error) {
	r := &RestAPI{parts: &definition{}}
	if err := ctx.RegisterComponentResource(restAPIType, name, r, opts...); err != nil {
		return nil, err
	}
	child := pulumi.Parent(r)
	api, err := apigateway.NewRestApi(ctx, name, &apigateway.RestApiArgs{
		Description:           pulumi.String("Accepts events and stores each as one line in S3"),
		EndpointConfiguration: apigateway.RestApiEndpointConfigurationArgs{Types: pulumi.String("REGIONAL")},
	}, child)
	if err != nil {
		return nil, err
	}
	r.ID, r.Name = api.ID(), api.Name
	if err := r.addPolicy(ctx, name, api, args); err != nil {
		return nil, err
	}
	versionArgs := &apigateway.ResourceArgs{
		RestApi: r.ID, ParentId: api.RootResourceId, PathPart: pulumi.String(apiVersion),
	}
	version, err := apigateway.NewResource(ctx, name+"-"+apiVersion, versionArgs, child)
	if err != nil {
		return nil, err
	}
	batchArgs := &apigateway.ResourceArgs{
		RestApi: r.ID, ParentId: version.ID().ToStringOutput(), PathPart: pulumi.String("batch"),
	}
	batch, err := apigateway.NewResource(ctx, name+"-"+apiVersion+"-batch", batchArgs, child)
	if err != nil {
		return nil, err
	}
	r.parts.add(version, versionArgs)
	r.parts.add(batch, batchArgs)
	gatewayResponses, err := NewGatewayResponses(ctx, name, GatewayResponsesArgs{
		RestAPI: r.ID, Headers: corsHeaders(args.AllowedOrigins),
	}, child)
	if err != nil {
		return nil, err
	}
	r.parts.addAll(gatewayResponses.parts)
	grants := []statement{allowPutToStream(args.StreamArn)}
	if args.KMSKeyArn != nil {
		grants = append(grants, allowEncryptStream(args.KMSKeyArn.ToStringPtrOutput().Elem()))
	}
	role, err := newServiceRole(ctx, name+"-to-stream", serviceRoleArgs{
		Description: "API Gateway writes events to the stream",
		Trust:       trustAPIGateway(),
		Grants:      grants,
	}, child)
	if err != nil {
		return nil, err
	}
	if err := r.addRoutes(ctx, name, args, role, version.ID(), batch.ID()); err != nil {
		return nil, err
	}
	return r, ctx.RegisterResourceOutputs(r, pulumi.Map{"id": r.ID, "name": r.Name})
}

// everyNetwork is what AllowedSourceCIDRs means when it is empty.
var everyNetwork = []string{"0.0.0.0/0", "::/0"}

// addPolicy allows requests from the networks only. There is always a policy: a deployment is created before a policy that
// left the program is deleted, and would serve that policy for ever.
func (r *RestAPI) addPolicy(ctx *pulumi.Context, name string, api *apigateway.RestApi, args RestAPIArgs) error {
	networks := args.AllowedSourceCIDRs
	if len(networks) == 0 {
		networks = everyNetwork
	}
	statements := []statement{denyOtherNetworks(api.ExecutionArn, networks)}
	if args.Access == AccessNone || args.Access == AccessAPIKey {
		statements = append(statements, allowInvoke(api.ExecutionArn))
	}
	policyArgs := &apigateway.RestApiPolicyArgs{RestApiId: r.ID.ToStringOutput(), Policy: document(statements...)}
	policy, err := apigateway.NewRestApiPolicy(ctx, name, policyArgs, pulumi.Parent(r))
	if err != nil {
		return err
	}
	r.parts.add(policy, policyArgs)
	return nil
}

// addRoutes creates the two methods, each with a model for its body.
func (r *RestAPI) addRoutes(
	ctx *pulumi.Context, name string, args RestAPIArgs, role *serviceRole, version, batch pulumi.IDOutput,
) error {
	validatorArgs := &apigateway.RequestValidatorArgs{
		RestApi: r.ID, Name: pulumi.String("body"), ValidateRequestBody: pulumi.Bool(true),
	}
	validator, err := apigateway.NewRequestValidator(ctx, name, validatorArgs, pulumi.Parent(r))
	if err != nil {
		return err
	}
	r.parts.add(validator, validatorArgs)
	routes := []struct {
		name, action, model, schema, request, success string
		resource                                      pulumi.IDOutput
	}{
		{"event", "PutRecord", "Event", templates.EventSchema, templates.PutRecordRequest, templates.PutRecordResponse, version},
		{"batch", "PutRecords", "Batch", templates.BatchSchema, templates.PutRecordsRequest, templates.PutRecordsResponse, batch},
	}
	for _, route := range routes {
		modelArgs := &apigateway.ModelArgs{
			RestApi:     r.ID,
			Name:        pulumi.String(route.model),
			ContentType: pulumi.String("application/json"),
			Schema:      pulumi.String(route.schema),
		}
		model, err := apigateway.NewModel(ctx, name+"-"+route.name, modelArgs, pulumi.Parent(r))
		if err != nil {
			return err
		}
		r.parts.add(model, modelArgs)
		method, err := NewMethod(ctx, name+"-"+route.name, MethodArgs{
			RestAPI:         r.ID,
			ResourceID:      route.resource,
			Model:           model.Name,
			Validator:       validator.ID(),
			Access:          args.Access,
			Action:          route.action,
			RoleArn:         role.Arn,
			Partition:       args.Partition,
			Region:          args.Region,
			RequestTemplate: route.request,
			Responses:       methodResponses(route.success),
			Paused:          args.Paused,
			Headers:         corsHeaders(args.AllowedOrigins),
		}, pulumi.Parent(r))
		if err != nil {
			return err
		}
		r.parts.addAll(method.parts)
		if len(args.AllowedOrigins) == 0 {
			continue
		}
		preflight, err := NewPreflight(ctx, name+"-"+route.name, PreflightArgs{
			RestAPI: r.ID, ResourceID: route.resource,
		}, pulumi.Parent(r))
		if err != nil {
			return err
		}
		r.parts.addAll(preflight.parts)
	}
	return nil
}

// methodResponses maps the status of Kinesis to the response of the endpoint. Only a 200 of Kinesis leads to the success
// template. Throttling is a 400 of Kinesis, like most of its errors: the error template sets the status.
func methodResponses(success string) []MethodResponse {
	return []MethodResponse{
		{StatusCode: "200", SelectionPattern: "200", Template: success},
		{StatusCode: "503", SelectionPattern: `5\d{2}`, Template: templates.UnavailableResponse},
		{StatusCode: "500", Template: templates.ErrorResponse},
	}
}
