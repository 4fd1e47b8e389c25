package pipeline

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/apigateway"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const gatewayResponsesType = "ingest-pipeline:index:GatewayResponses"

// gatewayResponsesArgs describes the gateway responses of an API.
type gatewayResponsesArgs struct {
	RestAPI pulumi.IDOutput
	// Headers are fixed headers of every response.
	Headers map[string]string
	// EventTypes are the types of events that there are routes for.
	EventTypes []string
}

// gatewayResponses gives every response of API Gateway the error shape of the endpoint.
type gatewayResponses struct {
	pulumi.ResourceState

	parts *definition
}

// newGatewayResponses creates the gateway responses of an API.
func newGatewayResponses(
	ctx *pulumi.Context, name string, args gatewayResponsesArgs, opts ...pulumi.ResourceOption,
) (*gatewayResponses, error) {
	g := &gatewayResponses{parts: &definition{}}
	if err := ctx.RegisterComponentResource(gatewayResponsesType, name, g, opts...); err != nil {
		return nil, err
	}
	for _, response := range gatewayResponseTypes(args.EventTypes) {
		responseArgs := &apigateway.ResponseArgs{
			RestApiId:    args.RestAPI.ToStringOutput(),
			ResponseType: pulumi.String(response.Type),
			ResponseTemplates: pulumi.StringMap{"application/json": pulumi.String(fmt.Sprintf(
				`{"error":{"code":"$context.error.responseType","message":%q,"requestId":"$context.requestId"}}`,
				response.Message))},
		}
		parameters := pulumi.StringMap{}
		for _, header := range sortedKeys(args.Headers) {
			parameters["gatewayresponse.header."+header] = pulumi.String("'" + args.Headers[header] + "'")
		}
		if response.RetryAfterSeconds > 0 {
			parameters["gatewayresponse.header.Retry-After"] = pulumi.String(fmt.Sprintf("'%d'", response.RetryAfterSeconds))
		}
		if len(parameters) > 0 {
			responseArgs.ResponseParameters = parameters
		}
		resource, err := apigateway.NewResponse(ctx, name+"-"+response.Type, responseArgs,
			pulumi.Parent(g), pulumi.DeleteBeforeReplace(true))
		if err != nil {
			return nil, err
		}
		g.parts.add(resource, responseArgs)
	}
	return g, ctx.RegisterResourceOutputs(g, pulumi.Map{})
}

// gatewayResponse is a response that API Gateway generates itself, without or after the integration. Its status is never
// set: each type has its own (429, 413, 415, 403, 504 …), and a status on DEFAULT_4XX would replace all of them.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
type gatewayResponse struct {
	Type string
	// Message is fixed but for $context.error.validationErrorString, since API Gateway's own can hold ARNs. The templates here
	// are plain substitution, not Velocity; what is substituted in a JSON string is escaped (assumed).
	Message string
	// RetryAfterSeconds is the Retry-After header. 0: none.
	RetryAfterSeconds int
}

// gatewayResponseTypes are the types with a message of their own; the two defaults cover all others. MISSING_AUTHENTICATION_TOKEN
// is both an unknown path or method and, with AWS_IAM, a request without a signature. The reason of BAD_REQUEST_BODY can
// repeat values of the body, and holds nothing that the client does not know.
func gatewayResponseTypes(eventTypes []string) []gatewayResponse {
	routes := "events go to POST /v1 and POST /v1/batch"
	if len(eventTypes) > 0 {
		routes += ", those of a type to POST /v1/TYPE and POST /v1/TYPE/batch with one of the types " + strings.Join(eventTypes, ", ")
	}
	return []gatewayResponse{
		{Type: "DEFAULT_4XX", Message: "the request is not allowed; keep its events until the cause is corrected"},
		{Type: "DEFAULT_5XX", Message: "the endpoint failed; send the same request again later", RetryAfterSeconds: 1},
		{
			Type: "BAD_REQUEST_BODY",
			Message: "the body has to be one JSON object as the schema of the route demands; " +
				"on a batch route, an array of 1 to 500 such objects: $context.error.validationErrorString",
		},
		{Type: "UNSUPPORTED_MEDIA_TYPE", Message: "the content type has to be application/json"},
		{Type: "REQUEST_TOO_LARGE", Message: "a request may have 10 MB; one event 1,023,998 bytes as compact JSON"},
		{Type: "MISSING_AUTHENTICATION_TOKEN", Message: "there is no such path and method, or the request is not signed: " +
			routes + "; keep the events until the cause is corrected"},
		{Type: "THROTTLED", Message: "too many requests; send the same request again later", RetryAfterSeconds: 1},
		{Type: "QUOTA_EXCEEDED", Message: "the quota of this API key is used up", RetryAfterSeconds: 3600},
		{Type: "INTEGRATION_FAILURE", Message: "the stream cannot be reached; send the same request again later", RetryAfterSeconds: 1},
		{Type: "INTEGRATION_TIMEOUT", Message: "the stream did not answer in time, and may have stored the event; " +
			"send the same request again later", RetryAfterSeconds: 1},
	}
}
