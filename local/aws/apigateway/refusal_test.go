package apigateway

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const badRequestCode, notFoundCode, conflictCode = "BadRequestException", "NotFoundException", "ConflictException"

// refusalCase is one thing that AWS refuses, and what it says.
type refusalCase struct {
	name    string
	do      func(f *fixture) error
	code    string
	status  int
	message string
}

func runRefusals(t *testing.T, cases []refusalCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			requireRefusal(t, c.do(f), c.code, c.status, c.message)
		})
	}
}

func mappingError(problem string) string {
	return "Invalid mapping expression specified: Validation Result: warnings : [], errors : [" + problem + "]"
}

func TestAPIsAndResourcesAreRefusedInAWSsWords(t *testing.T) {
	api := func(change func(*RestAPI)) func(*fixture) error {
		return func(f *fixture) error {
			put := RestAPI{Name: "other"}
			change(&put)
			_, err := f.CreateRestAPI(put)
			return err
		}
	}
	resource := func(parent, part string) func(*fixture) error {
		return func(f *fixture) error {
			parents := map[string]string{"root": f.root, "v1": f.v1}
			if parent == "greedy" {
				parents["greedy"] = f.addResource(f.v1, "{proxy+}")
			}
			if parent == "variable" {
				f.addResource(f.v1, "{id}")
				parents["variable"] = f.v1
			}
			_, err := f.CreateResource(Resource{APIID: testAPI, ParentID: parents[parent], PathPart: part})
			return err
		}
	}
	runRefusals(t, []refusalCase{
		{"an API without a name", api(func(a *RestAPI) { a.Name = "" }), badRequestCode, 400, "API name must be specified"},
		{"a private API", api(func(a *RestAPI) { a.EndpointType = "PRIVATE" }), badRequestCode, 400, "endpoint type PRIVATE is not emulated by the local target"},
		{"a key from an authorizer", api(func(a *RestAPI) { a.APIKeySource = "AUTHORIZER" }), badRequestCode, 400, "API key source AUTHORIZER is not emulated by the local target"},
		{"an API that is not there", func(f *fixture) error { return f.DeleteRestAPI("nowhere") }, notFoundCode, 404, "Invalid API identifier specified 123456789012:nowhere"},

		{"a resource below none", resource("nowhere", "v2"), notFoundCode, 404, "Invalid Resource identifier specified"},
		{"a resource that exists", resource("root", "v1"), conflictCode, 409, "Another resource with the same parent already has this name: v1"},
		{"a path part with a slash", resource("root", "a/b"), badRequestCode, 400, "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end."},
		{"a path part with half a brace", resource("root", "{id"), badRequestCode, 400, "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end."},
		{"an empty path part", resource("root", ""), badRequestCode, 400, "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end."},
		{"a child of a greedy resource", resource("greedy", "more"), badRequestCode, 400, "Cannot create a child of a resource with a greedy path variable: {proxy+}"},
		{"a second variable sibling", resource("variable", "{other}"), badRequestCode, 400, "A sibling ({id}) of this resource already has a variable path part -- only one is allowed"},
		{"removing the root", func(f *fixture) error { return f.DeleteResource(testAPI, f.root) }, badRequestCode, 400, "Root resource cannot be removed"},
		{"moving a resource below itself", func(f *fixture) error {
			below := f.addResource(f.v1, "batch")
			err := f.UpdateResource(Resource{APIID: testAPI, ID: f.v1, ParentID: below, PathPart: "v1"})
			return err
		}, badRequestCode, 400, "Resources cannot be cyclical."},
	})
}

func TestMethodsAndResponsesAreRefusedInAWSsWords(t *testing.T) {
	method := func(change func(*Method)) func(*fixture) error {
		return func(f *fixture) error {
			put := f.postV1().method
			change(&put)
			return f.PutMethod(put)
		}
	}
	response := func(change func(*MethodResponse)) func(*fixture) error {
		return func(f *fixture) error {
			f.putRoute(f.postV1())
			put := MethodResponse{MethodID: f.postV1().method.MethodID, StatusCode: "400"}
			change(&put)
			return f.PutMethodResponse(put)
		}
	}
	runRefusals(t, []refusalCase{
		{"a method that exists", func(f *fixture) error {
			f.putRoute(f.postV1())
			return f.PutMethod(f.postV1().method)
		}, conflictCode, 409, "Method already exists for this resource"},
		{"a method of no resource", method(func(m *Method) { m.ResourceID = "nowhere" }), notFoundCode, 404, "Invalid Resource identifier specified"},
		{"an HTTP method that is none", method(func(m *Method) { m.HTTPMethod = "FETCH" }), badRequestCode, 400, "Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY"},
		{"a Lambda authorizer", method(func(m *Method) { m.Authorization = "CUSTOM" }), badRequestCode, 400, "authorization CUSTOM is not emulated by the local target"},
		{"a user pool", method(func(m *Method) { m.Authorization = "COGNITO_USER_POOLS" }), badRequestCode, 400, "authorization COGNITO_USER_POOLS is not emulated by the local target"},
		{"a validator that is not there", method(func(m *Method) { m.RequestValidatorID = "nowhere" }), badRequestCode, 400, "Invalid Request Validator identifier specified"},
		{"a model that is not there", method(func(m *Method) { m.RequestModels = map[string]string{"application/json": "Nothing"} }), badRequestCode, 400, "Invalid model identifier specified: Nothing"},
		{"two parameters of one name", method(func(m *Method) {
			m.RequestParameters = map[string]bool{"method.request.header.a": true, "method.request.querystring.a": true}
		}), badRequestCode, 400, "Parameter names must be unique across querystring, header and path"},
		{"a parameter of nothing", method(func(m *Method) { m.RequestParameters = map[string]bool{"header.a": true} }), badRequestCode, 400, mappingError("Invalid mapping expression specified: header.a")},

		{"a response that exists", response(func(r *MethodResponse) { r.StatusCode = "200" }), conflictCode, 409, "Response already exists for this resource"},
		{"a status that is none", response(func(r *MethodResponse) { r.StatusCode = "99" }), badRequestCode, 400, "Invalid status code specified"},
		{"a response of no method", response(func(r *MethodResponse) { r.HTTPMethod = "GET" }), notFoundCode, 404, "Invalid Method identifier specified"},
		{"a response parameter that is no header", response(func(r *MethodResponse) {
			r.ResponseParameters = map[string]bool{"method.response.querystring.a": true}
		}), badRequestCode, 400, mappingError("Invalid mapping expression parameter specified: method.response.querystring.a")},
		{"removing a response that is not there", func(f *fixture) error {
			f.putRoute(f.postV1())
			return f.DeleteMethodResponse(f.postV1().method.MethodID, "400")
		}, notFoundCode, 404, "Invalid Response status code specified"},
	})
}

func TestIntegrationsAreRefusedInAWSsWords(t *testing.T) {
	integration := func(change func(*Integration)) func(*fixture) error {
		return func(f *fixture) error {
			r := f.postV1()
			if err := f.PutMethod(r.method); err != nil {
				return err
			}
			change(&r.integration)
			return f.PutIntegration(r.integration)
		}
	}
	runRefusals(t, []refusalCase{
		{"an integration of no method", func(f *fixture) error { return f.PutIntegration(f.postV1().integration) }, notFoundCode, 404, "Invalid Method identifier specified"},
		{"no role", integration(func(i *Integration) { i.Credentials = "" }), badRequestCode, 400, "Role ARN must be specified for AWS integrations"},
		{"a role that is no ARN", integration(func(i *Integration) { i.Credentials = "apigatewayToKinesis" }), badRequestCode, 400, "Invalid ARN specified in the request"},
		{"a role of another account", integration(func(i *Integration) { i.Credentials = "arn:aws:iam::999999999999:role/x" }), "AccessDeniedException", 403, "Cross-account pass role is not allowed."},
		{"the caller's credentials", integration(func(i *Integration) { i.Credentials = "arn:aws:iam::*:user/*" }), badRequestCode, 400, "an integration with the caller's credentials (arn:aws:iam::*:user/*) is not emulated by the local target"},
		{"a URI that is no ARN", integration(func(i *Integration) { i.URI = "https://example.com" }), badRequestCode, 400, "Invalid ARN specified in the request"},
		{"a URI without an action", integration(func(i *Integration) { i.URI = "arn:aws:apigateway:eu-west-1:kinesis:PutRecord" }), badRequestCode, 400, "AWS ARN for integration must contain path or action"},
		{"a URI of another service", integration(func(i *Integration) { i.URI = "arn:aws:apigateway:eu-west-1:sqs:action/SendMessage" }), badRequestCode, 400,
			"an integration with service sqs (arn:aws:apigateway:eu-west-1:sqs:action/SendMessage) is not emulated by the local target"},
		{"a URI of another Region", integration(func(i *Integration) { i.URI = "arn:aws:apigateway:us-east-1:kinesis:action/PutRecord" }), badRequestCode, 400,
			"an integration with another Region (arn:aws:apigateway:us-east-1:kinesis:action/PutRecord) is not emulated by the local target"},
		{"a URI of another partition", integration(func(i *Integration) { i.URI = "arn:aws-cn:apigateway:eu-west-1:kinesis:action/PutRecord" }), badRequestCode, 400, "Invalid ARN specified in the request"},
		{"a URI by path", integration(func(i *Integration) { i.URI = "arn:aws:apigateway:eu-west-1:kinesis:path/streams" }), badRequestCode, 400,
			"an integration by path (arn:aws:apigateway:eu-west-1:kinesis:path/streams) is not emulated by the local target"},
		{"no HTTP method for the service", integration(func(i *Integration) { i.IntegrationHTTPMethod = "" }), badRequestCode, 400, "Enumeration value for HttpMethod must be non-empty"},
		{"a Lambda proxy", integration(func(i *Integration) { i.Type = "AWS_PROXY" }), badRequestCode, 400, "integration type AWS_PROXY is not emulated by the local target"},
		{"an HTTP integration", integration(func(i *Integration) { i.Type = "HTTP" }), badRequestCode, 400, "integration type HTTP is not emulated by the local target"},
		{"no type", integration(func(i *Integration) { i.Type = "" }), badRequestCode, 400, "Enumeration value for IntegrationType must be non-empty"},
		{"another passthrough", integration(func(i *Integration) { i.PassthroughBehavior = "ALWAYS" }), badRequestCode, 400, "Invalid passthrough behavior specified"},
		{"a VPC link", integration(func(i *Integration) { i.ConnectionType = "VPC_LINK" }), badRequestCode, 400, "connection type VPC_LINK is not emulated by the local target"},
		{"binary content", integration(func(i *Integration) { i.ContentHandling = "CONVERT_TO_BINARY" }), badRequestCode, 400, "contentHandling CONVERT_TO_BINARY is not emulated by the local target"},
		{"a timeout that is too short", integration(func(i *Integration) { i.TimeoutMillis = 49 }), badRequestCode, 400, "Timeout should be between 50 ms and 300000 ms"},
		{"a timeout that is too long", integration(func(i *Integration) { i.TimeoutMillis = 300_001 }), badRequestCode, 400, "Timeout should be between 50 ms and 300000 ms"},
		{"a template over 300 KB", integration(func(i *Integration) {
			i.RequestTemplates = map[string]string{"application/json": strings.Repeat(" ", 300*1024+1)}
		}), badRequestCode, 400, "Mapping template for content type application/json is over the limit of 300 KB"},

		{"an update of nothing", func(f *fixture) error {
			r := f.postV1()
			if err := f.PutMethod(r.method); err != nil {
				return err
			}
			return f.UpdateIntegration(r.integration)
		}, notFoundCode, 404, "Invalid Integration identifier specified"},
	})
}

func TestMappingsAreRefusedInAWSsWords(t *testing.T) {
	parameter := func(target, source string) func(*fixture) error {
		return func(f *fixture) error {
			r := f.postV1()
			r.method.RequestParameters = map[string]bool{"method.request.header.Known": false}
			if err := f.PutMethod(r.method); err != nil {
				return err
			}
			r.integration.RequestParameters = map[string]string{target: source}
			return f.PutIntegration(r.integration)
		}
	}
	runRefusals(t, []refusalCase{
		{"a mapping to nothing", parameter("header.a", "'b'"), badRequestCode, 400, mappingError("Invalid mapping expression parameter specified: header.a")},
		{"a mapping without quotes", parameter("integration.request.header.a", "b"), badRequestCode, 400, mappingError("Invalid mapping expression specified: b")},
		{"a mapping with half a quote", parameter("integration.request.header.a", "'b"), badRequestCode, 400, mappingError("Invalid mapping expression specified: 'b")},
		{"a mapping of a header that is not declared", parameter("integration.request.header.a", "method.request.header.Unknown"), badRequestCode, 400,
			mappingError("Invalid mapping expression parameter specified: method.request.header.Unknown")},
		{"a mapping of a context variable that there is not", parameter("integration.request.header.a", "context.nothing"), badRequestCode, 400, mappingError("Invalid mapping expression specified: context.nothing")},
		{"a mapping of the action", parameter("integration.request.header.X-Amz-Target", "'x'"), badRequestCode, 400, "integration.request.header.X-Amz-Target is not emulated by the local target"},
	})
}

func TestIntegrationResponsesAreRefusedInAWSsWords(t *testing.T) {
	response := func(change func(*IntegrationResponse)) func(*fixture) error {
		return func(f *fixture) error {
			r := f.postV1()
			r.responses = append(r.responses, MethodResponse{
				MethodID: r.method.MethodID, StatusCode: "400",
				ResponseParameters: map[string]bool{"method.response.header.Known": false},
			})
			f.putRoute(r)
			put := IntegrationResponse{MethodID: r.method.MethodID, StatusCode: "400", SelectionPattern: `4\d{2}`}
			change(&put)
			return f.PutIntegrationResponse(put)
		}
	}
	header := func(target, source string) func(*fixture) error {
		return response(func(r *IntegrationResponse) { r.ResponseParameters = map[string]string{target: source} })
	}
	runRefusals(t, []refusalCase{
		{"without an integration", func(f *fixture) error {
			r := f.postV1()
			if err := f.PutMethod(r.method); err != nil {
				return err
			}
			return f.PutIntegrationResponse(r.mapped[0])
		}, notFoundCode, 404, "Invalid Integration identifier specified"},
		{"with headers and without a method response", response(func(r *IntegrationResponse) {
			r.StatusCode, r.ResponseParameters = "500", map[string]string{"method.response.header.Known": "'x'"}
		}), badRequestCode, 400, mappingError("No method response exists for method.")},
		{"a header that is not declared", header("method.response.header.Unknown", "'x'"), badRequestCode, 400, mappingError("Invalid mapping expression parameter specified: method.response.header.Unknown")},
		{"a header without quotes", header("method.response.header.Known", "x"), badRequestCode, 400, mappingError("Invalid mapping expression specified: x")},
		{"a pattern that is none", response(func(r *IntegrationResponse) { r.SelectionPattern = "4(" }), badRequestCode, 400, "Invalid selection pattern specified: 4("},
		{"a second default", response(func(r *IntegrationResponse) { r.SelectionPattern = "" }), badRequestCode, 400, "Only one default integration response is allowed; 200 is one already"},
		{"an update of nothing", func(f *fixture) error {
			f.putRoute(f.postV1())
			put := f.postV1().mapped[0]
			put.StatusCode = "400"
			return f.UpdateIntegrationResponse(put)
		}, notFoundCode, 404, "Invalid Response status code specified"},
	})
}

func TestModelsAndGatewayResponsesAreRefusedInAWSsWords(t *testing.T) {
	model := func(name, contentType, schema string) func(*fixture) error {
		return func(f *fixture) error {
			_, err := f.CreateModel(Model{APIID: testAPI, Name: name, ContentType: contentType, Schema: schema})
			return err
		}
	}
	runRefusals(t, []refusalCase{
		{"a model's name with a hyphen", model("one-event", "application/json", "{}"), badRequestCode, 400, "Model name must be alphanumeric: one-event"},
		{"a model without a content type", model("Event", "", "{}"), badRequestCode, 400, "No content type specified for model: Event"},
		{"a model that exists", model("Empty", "application/json", "{}"), conflictCode, 409, "Model name already exists for this REST API"},
		{"a model that a method uses", func(f *fixture) error {
			r := f.postV1()
			r.method.RequestModels = map[string]string{"application/json": "Empty"}
			f.putRoute(r)
			return f.DeleteModel(testAPI, "Empty")
		}, conflictCode, 409, "Cannot delete model 'Empty', is referenced in method request: /v1/POST"},
		{"a gateway response of no type", func(f *fixture) error {
			return f.DeleteGatewayResponse(testAPI, "THROTTLED")
		}, notFoundCode, 404, "Gateway response type not defined on api"},
		{"another status for too large a request", func(f *fixture) error {
			return f.PutGatewayResponse(GatewayResponse{APIID: testAPI, ResponseType: "REQUEST_TOO_LARGE", StatusCode: "400"})
		}, badRequestCode, 400, "The status code of REQUEST_TOO_LARGE cannot be changed"},
		{"a gateway response's header without quotes", func(f *fixture) error {
			return f.PutGatewayResponse(GatewayResponse{
				APIID: testAPI, ResponseType: "THROTTLED",
				ResponseParameters: map[string]string{"gatewayresponse.header.Retry-After": "1"},
			})
		}, badRequestCode, 400, mappingError("Invalid mapping expression specified: 1")},
	})
	t.Run("a gateway response of a type that there is not", func(t *testing.T) {
		err := newFixture(t).PutGatewayResponse(GatewayResponse{APIID: testAPI, ResponseType: "TEAPOT"})
		requireRefusal(t, err, "ValidationException", 400, "1 validation error detected: Value 'TEAPOT' at 'responseType' failed to satisfy constraint: "+
			"Member must satisfy enum value set: ["+strings.Join(responseTypeOrder, ", ")+"]")
	})
	t.Run("a schema of another draft, or that is none", func(t *testing.T) {
		for _, schema := range []string{
			"[]", `{"type":1}`, `{"$schema":"http://json-schema.org/draft-07/schema#"}`, `{"pattern":"("}`,
			`{"required":[]}`, `{"properties":{"a":{"enum":["A","A"]}}}`, `{"$ref":"#/definitions/a"}`, `{"maximum":1,"exclusiveMaximum":1}`,
		} {
			require.ErrorContains(t, model("Event", "application/json", schema)(newFixture(t)),
				"BadRequestException: Invalid model specified: Validation Result: warnings : [], errors : [Invalid model schema specified: ", schema)
		}
	})
	t.Run("keywords of other drafts, at any depth", func(t *testing.T) {
		for _, row := range []struct{ schema, keywords string }{
			{`{"$id":"http://example.com/a","const":1}`, `["$id","const"]`},
			{`{"properties":{"a":{"items":[{"example":1}]}},"definitions":{"b":{"not":{"examples":[]}}}}`, `["example","examples"]`},
			{`{"allOf":[{"if":{}}],"dependencies":{"a":{"dependentRequired":{}}}}`, `["dependentRequired","if"]`},
			{`{"minimum":1,"exclusiveMinimum":true,"default":1}`, `["default","exclusiveMinimum"]`},
		} {
			requireRefusal(t, model("Event", "application/json", row.schema)(newFixture(t)), badRequestCode, 400,
				"Invalid model specified: Validation Result: warnings : [], errors : [Invalid model schema specified. Unsupported keyword(s): "+row.keywords+"]")
		}
	})
	t.Run("a member may be named like a keyword of another draft", func(t *testing.T) {
		require.NoError(t, model("Event", "application/json",
			`{"properties":{"const":{},"$ref":{}},"required":["default"],"enum":[{"example":1}],"dependencies":{"if":["then"]}}`)(newFixture(t)))
	})
	t.Run("references out of the API, or not to a definition", func(t *testing.T) {
		for _, schema := range []string{
			`{"$ref":"https://example.com/x"}`, `{"$ref":"other.json"}`, `{"$ref":"#"}`, `{"properties":{"a":{"$ref":"#/components/schemas/A"}}}`,
			`{"definitions":{"a":{}},"oneOf":[{"items":{"$ref":"#/definitions/a"}}]}`,
		} {
			requireRefusal(t, model("Event", "application/json", schema)(newFixture(t)), badRequestCode, 400,
				"Invalid model specified: Validation Result: warnings : [], errors : [Model reference must be in canonical form]")
		}
	})
	t.Run("a reference to a definition", func(t *testing.T) {
		require.NoError(t, model("Event", "application/json",
			`{"definitions":{"a":{"type":"string"}},"properties":{"a":{"$ref":"#/definitions/a"}}}`)(newFixture(t)))
	})
}
