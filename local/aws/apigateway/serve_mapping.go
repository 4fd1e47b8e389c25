package apigateway

import (
	"maps"
	"slices"
	"strings"

	"ingest-pipeline/local/aws/apigateway/vtl"
)

// mapping is one mapped parameter: where it goes, and where its value comes from.
type mapping struct {
	location string // "header", "path" or "querystring"
	name     string
	value    variable
}

// compileMappings compiles the request parameters of an integration, the response parameters of an integration
// response or those of a gateway response. They were checked when they were put.
func compileMappings(parameters map[string]string, st *stage) []mapping {
	mappings := make([]mapping, 0, len(parameters))
	for _, target := range slices.Sorted(maps.Keys(parameters)) {
		m := mapping{location: "header", value: mappingSource(parameters[target], st)}
		switch parts := integrationParameterPattern.FindStringSubmatch(target); {
		case parts != nil:
			m.location, m.name = parts[1], parts[2]
		default:
			_, m.name, _ = strings.Cut(target, ".header.")
		}
		mappings = append(mappings, m)
	}
	return mappings
}

// mappingSource is the value of a source; one that has none gives nothing, and nothing is set then.
func mappingSource(source string, st *stage) variable {
	if text, ok := literal(source); ok {
		return func(*invocation) string { return text }
	}
	if method := methodSourcePattern.FindStringSubmatch(source); method != nil {
		return parameterSource(method[1], method[2])
	}
	if name, ok := strings.CutPrefix(source, "context."); ok {
		if value := contextVariable(name, inGatewayResponses); value != nil {
			return value
		}
		return none
	}
	if name, ok := strings.CutPrefix(source, "stageVariables."); ok {
		text := st.Variables[name]
		return func(*invocation) string { return text }
	}
	switch source {
	case "method.request.body":
		return func(v *invocation) string { return v.requestInput.text }
	case "integration.response.body":
		return func(v *invocation) string { return v.responseInput.text }
	}
	if expression, ok := strings.CutPrefix(source, "method.request.body."); ok {
		return bodySource(expression, func(v *invocation) *input { return &v.requestInput })
	}
	if expression, ok := strings.CutPrefix(source, "integration.response.body."); ok {
		return bodySource(expression, func(v *invocation) *input { return &v.responseInput })
	}
	if response := integrationSourcePattern.FindStringSubmatch(source); response != nil {
		return backendHeader(response[2])
	}
	return none
}

// bodySource is what a JSONPath leads to in a body: a text as it is, anything else as JSON.
func bodySource(expression string, of func(*invocation) *input) variable {
	return func(v *invocation) string {
		value, ok, err := of(v).find("$." + expression)
		if err != nil || !ok || value == nil {
			return ""
		}
		if text, ok := value.(string); ok {
			return text
		}
		return string(vtl.AppendJSON(nil, value))
	}
}

// backendHeader is a header of the backend's answer. Backends answer a status and a body here; what AWS's services add
// to each answer is the content type.
func backendHeader(name string) variable {
	if !strings.EqualFold(name, "Content-Type") {
		return none
	}
	return func(v *invocation) string {
		if v.method.integration.mock {
			return ""
		}
		return awsJSONType
	}
}
