package apigateway

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// routeWithValidation is POST /v1 with a validator, and a model for JSON with this schema.
func routeWithValidation(f *fixture, schema string) route {
	f.t.Helper()
	_, err := f.CreateModel(Model{APIID: testAPI, Name: "Event", ContentType: "application/json", Schema: schema})
	require.NoError(f.t, err)
	validator, err := f.CreateRequestValidator(RequestValidator{APIID: testAPI, Name: "all", ValidateRequestBody: true, ValidateRequestParameters: true})
	require.NoError(f.t, err)
	r := f.postV1()
	r.method.RequestValidatorID = validator.ID
	r.method.RequestModels = map[string]string{"application/json": "Event"}
	return r
}

const eventSchema = `{"$schema":"http://json-schema.org/draft-04/schema#","type":"object","minProperties":1}`

func TestABodyAgainstTheModelIsRefused(t *testing.T) {
	f := newFixture(t)
	require.NoError(t, f.PutGatewayResponse(GatewayResponse{
		APIID: testAPI, ResponseType: "BAD_REQUEST_BODY",
		ResponseTemplates: map[string]string{"application/json": `{"why":"$context.error.validationErrorString","message":$context.error.messageString}`},
	}))
	f.deploy(routeWithValidation(f, eventSchema))
	for _, c := range []struct{ name, body, why string }{
		{"an object", `{"a":1}`, ""},
		{"an empty object", `{}`, "[object has too few properties (found 0 but schema requires at least 1)]"},
		{"an empty body", ``, "[Unknown error parsing request body]"},
		{"an array", `[]`, `[instance type (array) does not match any allowed primitive type (allowed: [\"object\"])]`},
		{"a text", `"a"`, `[instance type (string) does not match any allowed primitive type (allowed: [\"object\"])]`},
		{"not JSON", `hello`, "[Unknown error parsing request body]"},
		{"half an object", `{"a":`, "[Unknown error parsing request body]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			calls := len(f.backend.received())
			got := f.post(c.body)
			if c.why == "" {
				require.Equal(t, 200, got.status)
				return
			}
			require.Equal(t, 400, got.status)
			require.Equal(t, `{"why":"`+c.why+`","message":"Invalid request body"}`, got.body)
			require.Equal(t, "BadRequestException", got.header.Get("X-Amzn-Errortype"))
			require.Len(t, f.backend.received(), calls)
		})
	}
}

func TestAnInvalidBodyHasAWSsMessage(t *testing.T) {
	f := newFixture(t)
	f.deploy(routeWithValidation(f, eventSchema))
	f.post("{}").wantBody(t, `{"message":"Invalid request body"}`)
}

func TestProblemsHaveTheMessagesOfAWSsLibrary(t *testing.T) {
	for _, c := range []struct{ schema, body, want string }{
		{`{"required":["b","a"]}`, `{}`, `[object has missing required properties (["a","b"])]`},
		{`{"properties":{"a":{"type":["integer","string"]}}}`, `{"a":true}`, `[instance type (boolean) does not match any allowed primitive type (allowed: ["integer","string"])]`},
		{`{"properties":{"a":{"enum":["x","y"]}}}`, `{"a":"z"}`, `[instance value ("z") not found in enum (possible values: ["x","y"])]`},
		{`{"additionalProperties":false}`, `{"b":1,"a":2}`, `[object instance has properties which are not allowed by the schema: ["a","b"]]`},
		{`{"maxProperties":1}`, `{"b":1,"a":2}`, `[object has too many properties (found 2 but schema requires at most 1)]`},
		{`{"properties":{"a":{"minItems":1}}}`, `{"a":[]}`, `[array is too short: must have at least 1 elements but instance has 0 elements]`},
		{`{"type":"array","maxItems":1}`, `[1,2]`, `[array is too long: must have at most 1 elements but instance has 2 elements]`},
		{`{"type":"array","uniqueItems":true}`, `[1,1]`, `[array must not contain duplicate elements]`},
		{`{"properties":{"a":{"minLength":2,"pattern":"^(?!x)"}}}`, `{"a":"x"}`, `[string "x" is too short (length: 1, required minimum: 2), ECMA 262 regex "^(?!x)" does not match input string "x"]`},
		{`{"properties":{"a":{"maxLength":1}}}`, `{"a":"éé"}`, `[string "éé" is too long (length: 2, maximum allowed: 1)]`},
		{`{"properties":{"a":{"minimum":1.5}}}`, `{"a":1}`, `[numeric instance is lower than the required minimum (minimum: 1.5, found: 1)]`},
		{`{"properties":{"a":{"maximum":1,"exclusiveMaximum":true}}}`, `{"a":1}`, `[numeric instance is not strictly lower than the required maximum 1]`},
		{`{"properties":{"a":{"multipleOf":2}}}`, `{"a":3}`, `[remainder of division is not zero (3 / 2)]`},
		{`{"anyOf":[{"required":["a"]},{"required":["b"]}]}`, `{}`, `[instance failed to match at least one required schema among 2]`},
		{`{"oneOf":[{"required":["a"]},{"required":["b"]}]}`, `{"a":1,"b":2}`, `[instance failed to match exactly one schema (matched 2)]`},
		{`{"not":{"required":["a"]}}`, `{"a":1}`, `[instance matched a schema which it should not have]`},
		{`{"dependencies":{"a":["b"]}}`, `{"a":1}`, `[property "a" of object has missing property dependencies (missing: ["b"])]`},
		{`{"oneOf":[{"required":["a"]},{"required":["b"]}]}`, `{}`, `[instance failed to match exactly one schema (matched 0 out of 2)]`},
		{`{"allOf":[{"required":["a"]},{"required":["b"]}]}`, `{"a":1}`, `[instance failed to match all required schemas]`},
		{`{"properties":{"a":{"format":"email"}}}`, `{"a":"x"}`, `[string "x" is not a valid email address]`},
		{`{"type":"array","items":[{}],"additionalItems":false}`, `[1,2]`, `[schema only allows 1 elements in array but instance has 2 elements]`},
		{`{"type":"array","items":{"type":"object"}}`, `[1,2.5]`, `[instance type (integer) does not match any allowed primitive type (allowed: ["object"]), ` +
			`instance type (number) does not match any allowed primitive type (allowed: ["object"])]`},
	} {
		t.Run(c.schema, func(t *testing.T) {
			compiled, err := compileSchema("a", "Event", []Model{{Name: "Event", Schema: c.schema}})
			require.NoError(t, err)
			var in input
			in.reset(&invocation{}, c.body)
			require.Equal(t, c.want, compiled.check(&in))
		})
	}
}

func TestWhatIsBelowAWrongValueIsNotReported(t *testing.T) {
	compiled, err := compileSchema("a", "Event", []Model{{Name: "Event", Schema: `{
		"required": ["id"],
		"properties": {"list": {"type": "array", "minItems": 2, "items": {"type": "string"}}, "other": {"type": "string"}}
	}`}})
	require.NoError(t, err)
	for body, want := range map[string]string{
		`{"list":[1],"other":1}`: `[object has missing required properties (["id"])]`,
		`{"id":1,"list":[1],"other":1}`: `[array is too short: must have at least 2 elements but instance has 1 elements, ` +
			`instance type (integer) does not match any allowed primitive type (allowed: ["string"])]`,
	} {
		var in input
		in.reset(&invocation{}, body)
		require.Equal(t, want, compiled.check(&in))
	}
}

func TestAnIntegerHasNeitherFractionNorExponent(t *testing.T) {
	for _, schema := range []string{`{"properties":{"a":{"type":"integer"}}}`, `{"properties":{"a":{"type":["integer","null"]}}}`} {
		compiled, err := compileSchema("a", "Event", []Model{{Name: "Event", Schema: schema}})
		require.NoError(t, err)
		for number, valid := range map[string]bool{
			"1": true, "-0": true, "123456789012345678901234567890": true, "1.0": false, "1e3": false, "1.5": false, "12345678901234567890.0": false,
		} {
			var in input
			in.reset(&invocation{}, `{"a":`+number+`}`)
			require.Equal(t, valid, compiled.check(&in) == "", number)
		}
	}
}

func TestAModelCanReferToAnother(t *testing.T) {
	f := newFixture(t)
	r := routeWithValidation(f, eventSchema)
	_, err := f.CreateModel(Model{
		APIID: testAPI, Name: "Batch", ContentType: "application/json",
		Schema: `{"type":"array","items":{"$ref":"https://apigateway.amazonaws.com/restapis/` + testAPI + `/models/Event"}}`,
	})
	require.NoError(t, err)
	r.method.RequestModels = map[string]string{"application/json": "Batch"}
	f.deploy(r)
	require.Equal(t, 200, f.post(`[{"a":1},{"b":2}]`).status)
	require.Equal(t, 400, f.post(`[{"a":1},{}]`).status)
}

func TestOnlyContentTypesWithAModelAreValidated(t *testing.T) {
	f := newFixture(t)
	r := routeWithValidation(f, eventSchema)
	r.integration.PassthroughBehavior = passWhenNoMatch
	f.deploy(r)
	require.Equal(t, 400, f.send("POST /PROD/v1", "{}", "Content-Type", "application/json; charset=utf-8").status)
	require.Equal(t, 400, f.send("POST /PROD/v1", "{}").status, "no content type is JSON")
	require.Equal(t, 200, f.send("POST /PROD/v1", "{}", "Content-Type", "text/plain").status)
}

func TestADefaultModelValidatesAllContentTypes(t *testing.T) {
	f := newFixture(t)
	r := routeWithValidation(f, eventSchema)
	r.method.RequestModels = map[string]string{"$default": "Event"}
	r.integration.PassthroughBehavior = passWhenNoMatch
	f.deploy(r)
	require.Equal(t, 400, f.send("POST /PROD/v1", "{}", "Content-Type", "text/plain").status)
}

func TestAValidatorChecksOnlyWhatItSays(t *testing.T) {
	f := newFixture(t)
	r := routeWithValidation(f, eventSchema)
	r.method.RequestParameters = map[string]bool{"method.request.header.X-A": true}
	err := f.UpdateRequestValidator(RequestValidator{APIID: testAPI, ID: r.method.RequestValidatorID})
	require.NoError(t, err)
	f.deploy(r)
	require.Equal(t, 200, f.post("{}").status)
}

func TestRequiredParametersMustBeThereAndNotBlank(t *testing.T) {
	f := newFixture(t)
	id := f.addResource(f.v1, "{id}")
	validator, err := f.CreateRequestValidator(RequestValidator{APIID: testAPI, ValidateRequestParameters: true})
	require.NoError(t, err)
	r := f.route(id, "POST")
	r.method.RequestValidatorID = validator.ID
	r.method.RequestParameters = map[string]bool{
		"method.request.header.X-A": true, "method.request.querystring.q": true, "method.request.path.id": true,
		"method.request.querystring.optional": false,
	}
	f.deploy(r)
	for _, c := range []struct {
		name, line, header string
		missing            string
	}{
		{"all", "POST /PROD/v1/x?q=1", "a", ""},
		{"a blank header", "POST /PROD/v1/x?q=1", " ", "X-A"},
		{"an empty query parameter", "POST /PROD/v1/x?q=", "a", "q"},
		{"none", "POST /PROD/v1/x", "", "X-A, q"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := f.send(c.line, "{}", "X-A", c.header)
			if c.missing == "" {
				require.Equal(t, 200, got.status)
				return
			}
			require.Equal(t, 400, got.status)
			require.Equal(t, `{"message":"Missing required request parameters: [`+c.missing+`]"}`, got.body)
		})
	}
}
