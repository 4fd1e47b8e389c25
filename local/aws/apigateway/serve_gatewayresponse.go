package apigateway

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// failure is why a request gets a gateway response instead of an integration's answer.
type failure struct {
	responseType string
	message      string
	status       int    // instead of the type's own; 0: the type's own
	validation   string // $context.error.validationErrorString
	errorType    string // x-amzn-ErrorType, instead of the type's own
	log          string // the line for the execution log; empty: the message
	// capitalMessage: the default body has the member Message instead of message.
	capitalMessage bool
	// quiet failures are no errors: the log has its line at INFO only.
	quiet bool
}

// internalError is a failure that is the API's or its owner's, with the line that the execution log has about it. The
// client only learns that there is one: recorded (LocalStack, test_apigateway_header_remapping_aws, content-length).
func internalError(responseType, log string) failure {
	return failure{responseType: responseType, message: "Internal server error", status: 500, log: log}
}

// configurationError is an internal error in what was configured.
func configurationError(log string) failure {
	return internalError("API_CONFIGURATION_ERROR", "Execution failed due to configuration error: "+log)
}

// fail notes a failure; it returns false for callers that pass on whether to go on.
func (v *invocation) fail(f failure) bool {
	v.failure = f
	return false
}

// gatewayRuntime is a gateway response of a stage.
type gatewayRuntime struct {
	status      int // 0: the failure's own
	templates   map[string]*substitution
	contentType string // of the template that is used when Accept names none
	isDefault   bool   // there is no template but that of AWS
	parameters  []mapping
}

// compileGatewayResponses compiles the responses that the API sets and the two defaults for the rest.
func compileGatewayResponses(responses []GatewayResponse, st *stage) map[string]*gatewayRuntime {
	runtimes := map[string]*gatewayRuntime{}
	for _, response := range append([]GatewayResponse{{ResponseType: "DEFAULT_4XX"}, {ResponseType: "DEFAULT_5XX"}}, responses...) {
		compiled := &gatewayRuntime{
			templates: map[string]*substitution{}, contentType: jsonType,
			parameters: compileMappings(response.ResponseParameters, st),
		}
		compiled.status, _ = strconv.Atoi(response.StatusCode) // valid or empty, which is 0
		templates := response.ResponseTemplates
		if len(templates) == 0 {
			compiled.isDefault = true
			templates = map[string]string{jsonType: `{"message":$context.error.messageString}`} // documented
		}
		for contentType, text := range templates {
			compiled.templates[strings.ToLower(contentType)] = compileSubstitution(text, inGatewayResponses, st, "")
		}
		if compiled.templates[jsonType] == nil {
			compiled.contentType = slices.Sorted(maps.Keys(compiled.templates))[0]
		}
		runtimes[response.ResponseType] = compiled
	}
	return runtimes
}

// answerFailure makes the answer for a failure: the response of its type, else the default of 4XX or 5XX. Documented
// (supported-gateway-response-types): a status set on a default is that of all types that have no response of their
// own.
func (v *invocation) answerFailure() {
	f := &v.failure
	if f.status == 0 {
		f.status = responseTypes[f.responseType].status
	}
	if f.log == "" {
		f.log = f.message
	}
	response := v.stage.gateway[f.responseType]
	if response == nil {
		response = v.stage.gateway["DEFAULT_4XX"]
		if f.status >= 500 {
			response = v.stage.gateway["DEFAULT_5XX"]
		}
	}
	a := &v.answer
	a.status, a.errorType = f.status, f.errorType
	if response.status != 0 && f.responseType != "REQUEST_TOO_LARGE" {
		a.status = response.status
	}
	if a.errorType == "" {
		a.errorType = responseTypes[f.responseType].errorType
	}
	a.headers = a.headers[:0]
	for _, m := range response.parameters {
		if value := m.value(v); value != "" {
			v.setHeader(m.name, value)
		}
	}
	a.contentType = v.acceptedType(func(contentType string) bool { return response.templates[contentType] != nil })
	if a.contentType == "" {
		a.contentType = response.contentType
	}
	if response.isDefault && f.capitalMessage {
		a.body = append(a.body[:0], `{"Message":`+quoteJSON(f.message)+`}`...)
	} else {
		a.body = response.templates[a.contentType].appendTo(a.body[:0], v)
	}
	v.liftContentType()
}

// setHeader sets a header of the answer.
func (v *invocation) setHeader(name, value string) {
	name, ok := answerHeader(name)
	if !ok {
		return
	}
	for i := range v.answer.headers {
		if strings.EqualFold(v.answer.headers[i].name, name) {
			v.answer.headers[i].value = value
			return
		}
	}
	v.answer.headers = append(v.answer.headers, parameter{name, value})
}

// liftContentType makes a Content-Type that was mapped or overridden the answer's own.
func (v *invocation) liftContentType() {
	a := &v.answer
	for i, h := range a.headers {
		if h.name == "Content-Type" {
			a.contentType = h.value
			a.headers = slices.Delete(a.headers, i, i+1)
			return
		}
	}
}

// acceptedType is the first content type of the Accept header that there is a template for, in lower case; empty if
// there is none. That the header's first fitting type counts, whatever its weight, is assumed.
func (v *invocation) acceptedType(has func(contentType string) bool) string {
	for _, accept := range v.request.Header["Accept"] {
		for accept != "" {
			var one string
			one, accept, _ = strings.Cut(accept, ",")
			if contentType := mediaType(one); contentType != "" && has(contentType) {
				return contentType
			}
		}
	}
	return ""
}

// mediaType is a content type without its parameters, in lower case.
func mediaType(contentType string) string {
	contentType, _, _ = strings.Cut(contentType, ";")
	contentType = strings.TrimSpace(contentType)
	if contentType == jsonType {
		return jsonType
	}
	return strings.ToLower(contentType)
}
