package apigateway

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Mappings of parameters: documented (request-response-data-mappings). The refusals' sentences are quoted in issue
// threads; which of them AWS gives for what is partly assumed.

const stageVariablePrefix = "${stageVariables."

var (
	integrationParameterPattern = regexp.MustCompile(`^integration\.request\.(header|path|querystring)\.([a-zA-Z0-9._$-]+)$`)
	methodSourcePattern         = regexp.MustCompile(`^method\.request\.(header|path|querystring|multivalueheader|multivaluequerystring)\.([a-zA-Z0-9._$-]+)$`)
	integrationSourcePattern    = regexp.MustCompile(`^integration\.response\.(header|multivalueheader)\.([a-zA-Z0-9._$-]+)$`)
	stageVariableSourcePattern  = regexp.MustCompile(`^stageVariables\.(\w+)$`)
)

// brokenHeaders are headers that an integration may map, and every call of which then is a 500: recorded
// (LocalStack, test_apigateway_header_remapping_aws).
var brokenHeaders = []string{
	"authorization", "connection", "content-length", "expect", "proxy-authenticate", "te", "transfer-encoding",
}

func invalidMapping(problem string) error {
	return badRequest("Invalid mapping expression specified: Validation Result: warnings : [], errors : [%s]", problem)
}

// checkRequestMapping refuses an integration's request parameters that could not be evaluated.
func checkRequestMapping(of Method, path string, mapping map[string]string) error {
	for _, target := range slices.Sorted(maps.Keys(mapping)) {
		parts := integrationParameterPattern.FindStringSubmatch(target)
		if parts == nil {
			return invalidMapping("Invalid mapping expression parameter specified: " + target)
		}
		if parts[1] == "header" && strings.EqualFold(parts[2], "X-Amz-Target") {
			return notEmulated(target) // the action is the one in the integration's URI
		}
		source := mapping[target]
		if method := methodSourcePattern.FindStringSubmatch(source); method != nil {
			if !declares(of, path, method[1], method[2]) {
				return invalidMapping("Invalid mapping expression parameter specified: " + source)
			}
			continue
		}
		if !isBodySource(source, "method.request.body") && !isCommonSource(source) {
			return invalidMapping("Invalid mapping expression specified: " + source)
		}
	}
	return nil
}

// declares says whether a method declares a parameter that a mapping uses; those of its path need no declaration.
func declares(of Method, path, location, name string) bool {
	location = strings.TrimPrefix(location, "multivalue")
	if location == "path" && (strings.Contains(path, "{"+name+"}") || strings.Contains(path, "{"+name+"+}")) {
		return true
	}
	_, ok := of.RequestParameters["method.request."+location+"."+name]
	return ok
}

// checkResponseMapping refuses an integration response's parameters that could not be evaluated.
func checkResponseMapping(declared MethodResponse, mapping map[string]string) error {
	for _, target := range slices.Sorted(maps.Keys(mapping)) {
		if _, ok := declared.ResponseParameters[target]; !ok {
			return invalidMapping("Invalid mapping expression parameter specified: " + target)
		}
		source := mapping[target]
		if !integrationSourcePattern.MatchString(source) && !isBodySource(source, "integration.response.body") && !isCommonSource(source) {
			return invalidMapping("Invalid mapping expression specified: " + source)
		}
	}
	return nil
}

// isBodySource says whether a source is a body, or a JSONPath in it.
func isBodySource(source, body string) bool {
	if source == body {
		return true
	}
	jsonPath, ok := strings.CutPrefix(source, body+".")
	if !ok {
		return false
	}
	_, err := parsePath("$." + jsonPath)
	return err == nil
}

// isCommonSource says whether a source is one that every mapping may use.
func isCommonSource(source string) bool {
	if _, ok := literal(source); ok {
		return true
	}
	if stageVariableSourcePattern.MatchString(source) {
		return true
	}
	name, ok := strings.CutPrefix(source, "context.")
	return ok && contextVariable(name, inTemplates) != nil
}

// literal is the text of a source in single quotes.
func literal(source string) (string, bool) {
	if len(source) < 2 || source[0] != '\'' || source[len(source)-1] != '\'' {
		return "", false
	}
	return source[1 : len(source)-1], true
}
