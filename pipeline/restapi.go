package pipeline

import (
	"strings"

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

// restAPIArgs describes the endpoint.
type restAPIArgs struct {
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
	// EventSchema is the JSON Schema of events without a type. Empty: any object with a member.
	EventSchema string
	// EventTypes are the JSON Schemas of the types of events, by name.
	EventTypes map[string]string
}

// restAPI is the REST API with two routes, POST /v1 for one event and POST /v1/batch for several, and two below /v1/TYPE for
// each type of events.
type restAPI struct {
	pulumi.ResourceState

	ID   pulumi.IDOutput     `pulumi:"id"`
	Name pulumi.StringOutput `pulumi:"name"`

	// parts are the contents of the API that a deployment is a snapshot of.
	parts *definition
}

// newRestAPI creates the API. It can be called once a stage serves it.
func newRestAPI(ctx *pulumi.Context, name string, args restAPIArgs, opts ...pulumi.ResourceOption) (*restAPI, error) {
	r := &restAPI{parts: &definition{}}
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
	gatewayResponses, err := newGatewayResponses(ctx, name, gatewayResponsesArgs{
		RestAPI: r.ID, Headers: corsHeaders(args.AllowedOrigins), EventTypes: sortedKeys(args.EventTypes),
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
	if err := r.addRoutes(ctx, name, args, role, api.RootResourceId); err != nil {
		return nil, err
	}
	return r, ctx.RegisterResourceOutputs(r, pulumi.Map{"id": r.ID, "name": r.Name})
}

// everyNetwork is what AllowedSourceCIDRs means when it is empty.
var everyNetwork = []string{"0.0.0.0/0", "::/0"}

// addPolicy allows requests from the networks only. There is always a policy: a deployment is created before a policy that
// left the program is deleted, and would serve that policy for ever.
func (r *restAPI) addPolicy(ctx *pulumi.Context, name string, api *apigateway.RestApi, args restAPIArgs) error {
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

// addResource creates a path segment below another one.
func (r *restAPI) addResource(
	ctx *pulumi.Context, name string, parent pulumi.StringInput, segment string,
) (pulumi.IDOutput, error) {
	resourceArgs := &apigateway.ResourceArgs{RestApi: r.ID, ParentId: parent, PathPart: pulumi.String(segment)}
	resource, err := apigateway.NewResource(ctx, name, resourceArgs, pulumi.Parent(r))
	if err != nil {
		return pulumi.IDOutput{}, err
	}
	r.parts.add(resource, resourceArgs)
	return resource.ID(), nil
}

// addRoutes creates the routes: those of events without a type, and those of each type.
func (r *restAPI) addRoutes(
	ctx *pulumi.Context, name string, args restAPIArgs, role *serviceRole, root pulumi.StringInput,
) error {
	validatorArgs := &apigateway.RequestValidatorArgs{
		RestApi: r.ID, Name: pulumi.String("body"), ValidateRequestBody: pulumi.Bool(true),
	}
	validator, err := apigateway.NewRequestValidator(ctx, name, validatorArgs, pulumi.Parent(r))
	if err != nil {
		return err
	}
	r.parts.add(validator, validatorArgs)
	version, err := r.addResource(ctx, name+"-"+apiVersion, root, apiVersion)
	if err != nil {
		return err
	}
	batches, err := r.addResource(ctx, name+"-"+apiVersion+"-batch", version.ToStringOutput(), "batch")
	if err != nil {
		return err
	}
	single := route{
		name: name + "-event", resource: version, model: "Event", schema: templates.EventSchema,
		action: "PutRecord", request: templates.PutRecordRequest, success: templates.PutRecordResponse,
	}
	batch := route{
		name: name + "-batch", resource: batches, model: "Batch", schema: templates.BatchSchema,
		action: "PutRecords", request: templates.PutRecordsRequest, success: templates.PutRecordsResponse,
	}
	if args.EventSchema != "" {
		single.schema, batch.schema = args.EventSchema, batchSchema(args.EventSchema)
	}
	routes := []route{single, batch}
	for _, eventType := range sortedKeys(args.EventTypes) {
		// A prefix and a suffix, so that no name of a type makes the name of another resource.
		single.name, batch.name = name+"-type-"+eventType+"-event", name+"-type-"+eventType+"-batch"
		single.model, batch.model = "Event"+modelName(eventType), "Batch"+modelName(eventType)
		single.schema, batch.schema = args.EventTypes[eventType], batchSchema(args.EventTypes[eventType])
		if single.resource, err = r.addResource(ctx, single.name, version.ToStringOutput(), eventType); err != nil {
			return err
		}
		if batch.resource, err = r.addResource(ctx, batch.name, single.resource.ToStringOutput(), "batch"); err != nil {
			return err
		}
		routes = append(routes, single, batch)
	}
	for _, route := range routes {
		if err := r.addRoute(ctx, args, role, validator.ID(), route); err != nil {
			return err
		}
	}
	return nil
}

// modelName is an event type's part of the names of its models, which have letters and digits only.
func modelName(eventType string) string {
	var name strings.Builder
	for _, word := range strings.FieldsFunc(eventType, func(r rune) bool { return r == '-' || r == '_' }) {
		name.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return name.String()
}

// route is a POST method for events, or for batches of events.
type route struct {
	// name is the logical name of its parts.
	name     string
	resource pulumi.IDOutput
	// model is the name of the model in AWS, which has the schema.
	model, schema string
	// action is the action of Kinesis that request is rendered for and success is the answer of.
	action, request, success string
}

// addRoute creates the method of a route, the model that its body is checked with, and the answer to a preflight.
func (r *restAPI) addRoute(
	ctx *pulumi.Context, args restAPIArgs, role *serviceRole, validator pulumi.IDOutput, route route,
) error {
	modelArgs := &apigateway.ModelArgs{
		RestApi:     r.ID,
		Name:        pulumi.String(route.model),
		ContentType: pulumi.String("application/json"),
		Schema:      pulumi.String(route.schema),
	}
	model, err := apigateway.NewModel(ctx, route.name, modelArgs, pulumi.Parent(r))
	if err != nil {
		return err
	}
	r.parts.add(model, modelArgs)
	method, err := newMethod(ctx, route.name, methodArgs{
		RestAPI:         r.ID,
		ResourceID:      route.resource,
		Model:           model.Name,
		Validator:       validator,
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
		return nil
	}
	preflight, err := newPreflight(ctx, route.name, preflightArgs{RestAPI: r.ID, ResourceID: route.resource}, pulumi.Parent(r))
	if err != nil {
		return err
	}
	r.parts.addAll(preflight.parts)
	return nil
}

// methodResponses maps the status of Kinesis to the response of the endpoint. Only a 200 of Kinesis leads to the success
// template. Throttling is a 400 of Kinesis, like most of its errors: the error template sets the status.
func methodResponses(success string) []methodResponse {
	return []methodResponse{
		{StatusCode: "200", SelectionPattern: "200", Template: success},
		{StatusCode: "503", SelectionPattern: `5\d{2}`, Template: templates.UnavailableResponse},
		{StatusCode: "500", Template: templates.ErrorResponse},
	}
}
