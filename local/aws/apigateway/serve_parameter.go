package apigateway

import (
	"net/textproto"
	"net/url"
	"slices"
	"strings"
)

// parameter is one name and value of a request.
type parameter struct{ name, value string }

// Headers that API Gateway's front end adds to what the client sent: assumed (seen in dumps of $input.params()). That HTTPS
// and its port are what they say here too, although the local target speaks HTTP, is assumed: it is what a template
// sees on AWS.
const (
	traceHeader          = "X-Amzn-Trace-Id"
	forwardedForHeader   = "X-Forwarded-For"
	forwardedPortHeader  = "X-Forwarded-Port"
	forwardedProtoHeader = "X-Forwarded-Proto"
)

// hiddenHeaders are never shown to templates and mappings: recorded (LocalStack,
// test_apigateway_header_remapping_aws).
var hiddenHeaders = map[string]bool{
	"Connection": true, "Content-Md5": true, "Max-Forwards": true, "Proxy-Authenticate": true, "Server": true, "Te": true,
	"Www-Authenticate": true,
}

// header is a request's header by its name as the client has spelled it. That names in another spelling are not found is
// assumed for $input.params(name) and for mappings, too, for the map of $input.params(). Of several values the last one
// counts (assumed).
func (v *invocation) header(name string) (string, bool) {
	if v.isTest && slices.Contains(addedHeaders, name) {
		return lastOf(v.request.Header[name])
	}
	switch name {
	case traceHeader:
		return v.traceID, true
	case "Host":
		return v.request.Host, true
	case forwardedForHeader:
		if sent := v.request.Header[forwardedForHeader]; len(sent) > 0 {
			return strings.Join(sent, ", ") + ", " + v.sourceIP(), true
		}
		return v.sourceIP(), true
	case forwardedPortHeader:
		return "443", true
	case forwardedProtoHeader:
		return "https", true
	}
	return lastOf(v.sentHeader(name))
}

func lastOf(values []string) (string, bool) {
	if len(values) == 0 {
		return "", false
	}
	return values[len(values)-1], true
}

// sentHeader are the values of a header that the client has sent with this spelling.
func (v *invocation) sentHeader(name string) []string {
	canonical := textproto.CanonicalMIMEHeaderKey(name)
	if hiddenHeaders[canonical] || slices.Contains(addedHeaders, canonical) || v.headerName(canonical) != name {
		return nil
	}
	return v.request.Header[canonical]
}

// headerValues are all values of a request's header.
func (v *invocation) headerValues(name string) []string {
	if values := v.sentHeader(name); len(values) > 1 {
		return values
	}
	if value, ok := v.header(name); ok {
		return []string{value}
	}
	return nil
}

// addedHeaders are what API Gateway adds to a request or replaces in it.
var addedHeaders = []string{traceHeader, "Host", forwardedForHeader, forwardedPortHeader, forwardedProtoHeader}

// headers are all headers of a request, sorted by name: the order in which they came is not known (assumed to be of no
// importance).
func (v *invocation) headers() []parameter {
	names := make([]string, 0, len(v.request.Header)+len(addedHeaders))
	for _, name := range addedHeaders {
		if !v.isTest || len(v.request.Header[name]) > 0 {
			names = append(names, name)
		}
	}
	for canonical := range v.request.Header {
		if !hiddenHeaders[canonical] && !slices.Contains(addedHeaders, canonical) {
			names = append(names, v.headerName(canonical))
		}
	}
	slices.Sort(names)
	all := make([]parameter, 0, len(names))
	for _, name := range names {
		value, _ := v.header(name)
		all = append(all, parameter{name, value})
	}
	return all
}

// query are the parameters of the query string, in order.
func (v *invocation) query() []parameter {
	if !v.queryRead {
		v.queryRead = true
		v.queryParameters = appendQuery(v.queryParameters[:0], v.request.URL.RawQuery)
	}
	return v.queryParameters
}

// appendQuery decodes a query string. What is not well encoded stays as it is (assumed).
func appendQuery(dst []parameter, raw string) []parameter {
	for raw != "" {
		var field string
		field, raw, _ = strings.Cut(raw, "&")
		if field == "" {
			continue
		}
		name, value, _ := strings.Cut(field, "=")
		dst = append(dst, parameter{unescapeQuery(name), unescapeQuery(value)})
	}
	return dst
}

func unescapeQuery(text string) string {
	if !strings.ContainsAny(text, "%+") {
		return text
	}
	if decoded, err := url.QueryUnescape(text); err == nil {
		return strings.ToValidUTF8(decoded, "\uFFFD")
	}
	return text
}

// querystring is a parameter of the query string. Of several values the last one counts: assumed (LocalStack does so).
func (v *invocation) querystring(name string) (string, bool) {
	all := v.query()
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].name == name {
			return all[i].value, true
		}
	}
	return "", false
}

// querystringValues are all values of a parameter of the query string.
func (v *invocation) querystringValues(name string) (values []string) {
	for _, p := range v.query() {
		if p.name == name {
			values = append(values, p.value)
		}
	}
	return values
}

// pathParameter is a variable of the path.
func (v *invocation) pathParameter(name string) (string, bool) {
	for _, p := range v.pathParameters {
		if p.name == name {
			return p.value, true
		}
	}
	return "", false
}

// parameterOf is a parameter by where it stands: "header", "path" or "querystring".
func (v *invocation) parameterOf(location, name string) (string, bool) {
	switch location {
	case "header":
		return v.header(name)
	case "path":
		return v.pathParameter(name)
	default:
		return v.querystring(name)
	}
}

// parameterSource is a parameter as the value of a mapping or substitution.
func parameterSource(location, name string) variable {
	switch location {
	case "multivalueheader":
		return func(v *invocation) string { return strings.Join(v.headerValues(name), ",") }
	case "multivaluequerystring":
		return func(v *invocation) string { return strings.Join(v.querystringValues(name), ",") }
	default:
		return func(v *invocation) string {
			value, _ := v.parameterOf(location, name)
			return value
		}
	}
}
