package apigateway

import (
	"encoding/json"
	"maps"
	"math/big"
	"slices"
	"strings"

	"ingest-pipeline/local/aws/apigateway/vtl"
)

// validation is what a method's validator checks.
type validation struct {
	required []requiredParameter
	body     bool
	schemas  map[string]*schema // by content type
}

type requiredParameter struct{ location, name string }

// compileValidation is the validation of a method, or nil if there is none.
func compileValidation(frozen *snapshot, m Method, schemas map[string]*schema) *validation {
	i := slices.IndexFunc(frozen.Validators, func(v RequestValidator) bool { return v.ID == m.RequestValidatorID })
	if i < 0 {
		return nil
	}
	check := &validation{body: frozen.Validators[i].ValidateRequestBody, schemas: map[string]*schema{}}
	if frozen.Validators[i].ValidateRequestParameters {
		for _, name := range slices.Sorted(maps.Keys(m.RequestParameters)) {
			if m.RequestParameters[name] {
				parts := strings.SplitN(name, ".", 4)
				check.required = append(check.required, requiredParameter{parts[2], parts[3]})
			}
		}
	}
	for contentType, model := range m.RequestModels {
		check.schemas[strings.ToLower(contentType)] = schemas[model]
	}
	return check
}

// validate checks a request against its method's validator: documented (api-gateway-method-request-validation). The
// answers are recorded (LocalStack, test_api_gateway_request_validator).
func (v *invocation) validate() bool {
	check := v.method.validation
	if check == nil {
		return true
	}
	var missing []string
	for _, p := range check.required {
		// Documented: a required parameter has to be there and not blank.
		if value, ok := v.parameterOf(p.location, p.name); !ok || strings.TrimSpace(value) == "" {
			missing = append(missing, p.name)
		}
	}
	if len(missing) > 0 {
		list := "[" + strings.Join(missing, ", ") + "]"
		return v.fail(failure{
			responseType: "BAD_REQUEST_PARAMETERS", message: "Missing required request parameters: " + list,
			log: "Missing required request parameters: " + list,
		})
	}
	if !check.body {
		return true
	}
	contentType := v.contentType()
	model := check.schemas[contentType]
	if model == nil {
		model = check.schemas["$default"] // documented (api-gateway-method-settings-method-request)
	}
	if model == nil {
		return true // documented: without a model for the content type there is no validation
	}
	problems := model.check(&v.requestInput)
	if problems == "" {
		return true
	}
	return v.fail(failure{
		responseType: "BAD_REQUEST_BODY", message: "Invalid request body", validation: problems,
		log: "Request body does not match model schema for content type " + contentType + ": " + problems, // assumed: quoted in issue threads
	})
}

// contentType is the media type of the request: without a header it is JSON, and parameters do not count. Documented
// (integration-passthrough-behaviors).
func (v *invocation) contentType() string {
	given := v.request.Header["Content-Type"]
	if len(given) == 0 {
		return jsonType
	}
	if contentType := mediaType(given[len(given)-1]); contentType != "" {
		return contentType
	}
	return jsonType
}

// check validates a body. It returns what is wrong in the words of the library that AWS uses, in brackets, or "".
// An empty body is not JSON: quoted in public notes of a test in the console. To templates it is {}.
func (s *schema) check(in *input) string {
	parsed := in.value()
	if in.notJSON || in.text == "" {
		return "[Unknown error parsing request body]" // assumed: quoted in issue threads
	}
	document := jsonValue(parsed)
	err := s.compiled.Validate(document)
	if err == nil {
		return ""
	}
	return validationProblems(document, err)
}

// jsonValue is a template's value in the types of the validator.
func jsonValue(value vtl.Value) any {
	switch v := value.(type) {
	case *vtl.Map:
		object := make(map[string]any, v.Len())
		for name, member := range v.All() {
			object[vtl.String(name)] = jsonValue(member)
		}
		return object
	case *vtl.List:
		array := make([]any, v.Len())
		for i, element := range v.Items() {
			array[i] = jsonValue(element)
		}
		return array
	case *vtl.Decimal:
		return json.Number(v.String())
	case *big.Int:
		return json.Number(v.String())
	default:
		return v
	}
}
