package pipeline

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/apigateway"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"ingest-pipeline/templates"
)

const preflightType = "ingest-pipeline:index:Preflight"

// preflightHeaders are the same for every origin.
var preflightHeaders = map[string]string{
	"Access-Control-Allow-Methods": "POST,OPTIONS",
	"Access-Control-Allow-Headers": "Content-Type,X-Api-Key,Authorization,X-Amz-Date,X-Amz-Security-Token,X-Amzn-Trace-Id",
	"Access-Control-Max-Age":       "600",
	"Vary":                         "Origin",
}

// preflightArgs describes the OPTIONS method of a resource. The allowed origins reach its template as a stage variable.
type preflightArgs struct {
	RestAPI    pulumi.IDOutput
	ResourceID pulumi.IDOutput
}

// preflight answers the request that a browser sends before a page of another origin may send events (CORS).
type preflight struct {
	pulumi.ResourceState

	parts *definition
}

// newPreflight creates the OPTIONS method. It requires no key and no credentials: browsers send none with a preflight.
func newPreflight(ctx *pulumi.Context, name string, args preflightArgs, opts ...pulumi.ResourceOption) (*preflight, error) {
	p := &preflight{parts: &definition{}}
	if err := ctx.RegisterComponentResource(preflightType, name, p, opts...); err != nil {
		return nil, err
	}
	name += "-preflight"
	child := []pulumi.ResourceOption{pulumi.Parent(p), pulumi.DeleteBeforeReplace(true)}
	methodArgs := &apigateway.MethodArgs{
		RestApi: args.RestAPI, ResourceId: args.ResourceID,
		HttpMethod: pulumi.String("OPTIONS"), Authorization: pulumi.String("NONE"),
	}
	method, err := apigateway.NewMethod(ctx, name, methodArgs, child...)
	if err != nil {
		return nil, err
	}
	integrationArgs := &apigateway.IntegrationArgs{
		RestApi: args.RestAPI, ResourceId: args.ResourceID,
		Type:                pulumi.String("MOCK"),
		RequestTemplates:    pulumi.StringMap{"application/json": pulumi.String(templates.PreflightRequest)},
		PassthroughBehavior: pulumi.String("WHEN_NO_TEMPLATES"),
	}
	linked := *integrationArgs
	linked.HttpMethod = method.HttpMethod
	integration, err := apigateway.NewIntegration(ctx, name, &linked, child...)
	if err != nil {
		return nil, err
	}
	declared, mapped := fixedHeaders(preflightHeaders)
	methodResponseArgs := &apigateway.MethodResponseArgs{
		RestApi: args.RestAPI, StatusCode: pulumi.String("204"), ResponseParameters: declared,
	}
	linkedResponse := *methodResponseArgs
	linkedResponse.ResourceId, linkedResponse.HttpMethod = integration.ResourceId, integration.HttpMethod
	methodResponse, err := apigateway.NewMethodResponse(ctx, name, &linkedResponse, child...)
	if err != nil {
		return nil, err
	}
	integrationResponseArgs := &apigateway.IntegrationResponseArgs{
		RestApi: args.RestAPI, SelectionPattern: pulumi.String("204"), ResponseParameters: mapped,
	}
	linkedIntegrationResponse := *integrationResponseArgs
	linkedIntegrationResponse.ResourceId, linkedIntegrationResponse.HttpMethod = integration.ResourceId, integration.HttpMethod
	linkedIntegrationResponse.StatusCode = methodResponse.StatusCode
	integrationResponse, err := apigateway.NewIntegrationResponse(ctx, name, &linkedIntegrationResponse, child...)
	if err != nil {
		return nil, err
	}
	p.parts.add(method, methodArgs)
	p.parts.add(integration, integrationArgs)
	p.parts.add(methodResponse, methodResponseArgs)
	p.parts.add(integrationResponse, integrationResponseArgs)
	return p, ctx.RegisterResourceOutputs(p, pulumi.Map{})
}

// corsHeaders are the headers of every response but the preflight's, errors included. They are fixed, so with several
// origins they let any page read the response, which contains no secret; the preflight decides which pages may send.
// Retry-After has to be exposed, or a page could not honour a 429.
func corsHeaders(origins []string) map[string]string {
	if len(origins) == 0 {
		return nil
	}
	origin := "*"
	if len(origins) == 1 {
		origin = origins[0]
	}
	return map[string]string{
		"Access-Control-Allow-Origin":   origin,
		"Access-Control-Expose-Headers": "Retry-After,x-amzn-RequestId",
	}
}
