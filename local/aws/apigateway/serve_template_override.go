package apigateway

import (
	"fmt"
	"net/http"
	"net/textproto"

	"ingest-pipeline/local/aws/apigateway/vtl"
)

// override is $context.requestOverride or $context.responseOverride: documented
// (apigateway-override-request-response-parameters). What is overridden is applied after everything else; the same
// thing overridden twice by one template fails the request.
type override struct {
	status    int
	statusSet bool
	header    overrideMap
	path      overrideMap
	query     overrideMap
	// other is what templates set under names without a meaning. The response template can read what the request template
	// has set: recorded (LocalStack,
	// test_integration_mock_with_response_override_in_request_template).
	other map[string]vtl.Value
}

func (o *override) reset() {
	o.status, o.statusSet = 0, false
	o.header.reset()
	o.path.reset()
	o.query.reset()
	clear(o.other)
}

// nextTemplate lets a second template override again what the first has overridden (assumed; that what the request
// template sets survives to the response is recorded: LocalStack,
// test_integration_mock_with_response_override_in_request_template).
func (o *override) nextTemplate() {
	o.statusSet = false
	for _, m := range []*overrideMap{&o.header, &o.path, &o.query} {
		for i := range m.entries {
			m.entries[i].set = false
		}
	}
}

func (o *override) Property(name string) (vtl.Value, bool) {
	switch name {
	case "status":
		return int64(o.status), o.status != 0
	case "header":
		o.header.ignoreCase = true
		return &o.header, true
	case "path":
		return &o.path, true
	case "querystring":
		return &o.query, true
	default:
		value, ok := o.other[name]
		return value, ok
	}
}

func (o *override) Call(string, []vtl.Value) (vtl.Value, error) { return nil, vtl.ErrNoMethod }

// Set accepts a status from 200 to 599; anything else is ignored (assumed; a
// status below 200 is no answer in HTTP, and is ignored too).
func (o *override) Set(name string, value vtl.Value) error {
	switch name {
	case "status":
		if o.statusSet {
			return fmt.Errorf("the status is overridden twice")
		}
		o.statusSet = true
		if status, ok := value.(int64); ok && 200 <= status && status <= 599 {
			o.status = int(status)
		}
		return nil
	case "header", "path", "querystring":
		sent, ok := value.(*vtl.Map)
		if !ok {
			return nil
		}
		to, _ := o.Property(name)
		for key, value := range sent.All() {
			if err := to.(*overrideMap).Set(vtl.String(key), value); err != nil {
				return err
			}
		}
		return nil
	default:
		if o.other == nil {
			o.other = map[string]vtl.Value{}
		}
		o.other[name] = value
		return nil
	}
}

func (o *override) String() string { return "{}" }

// overrideMap is the headers, path or query string of an override. Members, brackets and put() all work: recorded (LocalStack,
// test_integration_mock_with_vtl_map_assignation).
type overrideMap struct {
	ignoreCase bool
	entries    []overrideEntry
}

type overrideEntry struct {
	name, value string
	set         bool // by the template that is running
}

func (m *overrideMap) reset() { m.entries = m.entries[:0] }

func (m *overrideMap) at(name string) *overrideEntry {
	for i := range m.entries {
		if m.entries[i].name == name {
			return &m.entries[i]
		}
		if m.ignoreCase && textproto.CanonicalMIMEHeaderKey(m.entries[i].name) == textproto.CanonicalMIMEHeaderKey(name) {
			return &m.entries[i]
		}
	}
	return nil
}

func (m *overrideMap) Property(name string) (vtl.Value, bool) {
	if entry := m.at(name); entry != nil {
		return entry.value, true
	}
	return nil, false
}

func (m *overrideMap) Set(name string, value vtl.Value) error {
	if value == nil {
		return nil
	}
	entry := m.at(name)
	if entry == nil {
		m.entries = append(m.entries, overrideEntry{name: name})
		entry = &m.entries[len(m.entries)-1]
	}
	if entry.set {
		return fmt.Errorf("%s is overridden twice", name)
	}
	entry.value, entry.set = vtl.String(value), true
	return nil
}

func (m *overrideMap) Call(method string, args []vtl.Value) (vtl.Value, error) {
	switch {
	case method == "put" && len(args) == 2:
		return nil, m.Set(vtl.String(args[0]), args[1])
	case method == "get" && len(args) == 1:
		value, _ := m.Property(vtl.String(args[0]))
		return value, nil
	case method == "containsKey" && len(args) == 1:
		_, ok := m.Property(vtl.String(args[0]))
		return ok, nil
	case method == "size" && len(args) == 0:
		return int64(len(m.entries)), nil
	case method == "isEmpty" && len(args) == 0:
		return len(m.entries) == 0, nil
	default:
		return nil, vtl.ErrNoMethod
	}
}

func (m *overrideMap) String() string {
	text := vtl.NewMap()
	for _, entry := range m.entries {
		text.Put(entry.name, entry.value)
	}
	return vtl.String(text)
}

// remapped are the headers of an answer that belong to API Gateway; one that a mapping or override sets gets another name.
// Documented (api-gateway-known-issues) and recorded (LocalStack,
// test_apigateway_header_remapping_aws).
var remapped = map[string]string{
	"Authorization":      "x-amzn-Remapped-Authorization",
	"Connection":         "x-amzn-Remapped-Connection",
	"Content-Length":     "x-amzn-Remapped-Content-Length",
	"Content-Md5":        "x-amzn-Remapped-Content-MD5",
	"Date":               "x-amzn-Remapped-Date",
	"Expect":             "x-amzn-Remapped-Expect",
	"Host":               "x-amzn-Remapped-Host",
	"Max-Forwards":       "x-amzn-Remapped-Max-Forwards",
	"Proxy-Authenticate": "x-amzn-Remapped-Proxy-Authenticate",
	"Server":             "x-amzn-Remapped-Server",
	"Trailer":            "x-amzn-Remapped-Trailer",
	"Upgrade":            "x-amzn-Remapped-Upgrade",
	"User-Agent":         "x-amzn-Remapped-User-Agent",
	"Www-Authenticate":   "x-amzn-Remapped-WWW-Authenticate",
}

// answerHeader is the name under which a header is sent; Transfer-Encoding is dropped (recorded, as remapped).
func answerHeader(name string) (sent string, ok bool) {
	canonical := http.CanonicalHeaderKey(name)
	if other, ok := remapped[canonical]; ok {
		return other, true
	}
	return canonical, canonical != "Transfer-Encoding"
}
