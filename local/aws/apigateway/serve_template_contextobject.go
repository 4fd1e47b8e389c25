package apigateway

import (
	"slices"
	"strings"

	"ingest-pipeline/local/aws/apigateway/vtl"
)

// contextObject is $context in a mapping template, or one of its groups such as $context.identity. It is a map (assumed,
// as $context.responseOverride is one: LocalStack, test_integration_mock_with_vtl_map_assignation).
type contextObject struct {
	of     *invocation
	prefix string
}

// Property is a variable of $context; one without a value is undefined.
func (c *contextObject) Property(name string) (vtl.Value, bool) {
	if c.prefix == "" {
		switch name {
		case "responseOverride":
			return &c.of.responseOverride, true
		case "requestOverride":
			return &c.of.requestOverride, true
		case "requestTimeEpoch":
			return c.of.start.UnixMilli(), true
		}
	}
	if c.of.contextSet != nil {
		if value, ok := c.of.contextSet[c.prefix+name]; ok {
			return value, true
		}
	}
	full := name
	if c.prefix != "" {
		full = c.prefix + name
	}
	if value := contextVariable(full, inTemplates); value != nil {
		text := value(c.of)
		return text, text != ""
	}
	if contextGroups[full] {
		return &contextObject{of: c.of, prefix: full + "."}, true
	}
	return nil, false
}

func (c *contextObject) Call(method string, args []vtl.Value) (vtl.Value, error) {
	if method == "keySet" && len(args) == 0 {
		return c.keys(), nil
	}
	if len(args) != 1 {
		return nil, vtl.ErrNoMethod
	}
	value, ok := c.Property(vtl.String(args[0]))
	if _, isGroup := value.(*contextObject); isGroup {
		value, ok = nil, false // assumed: $context.get('identity') is nothing, although $context.identity.sourceIp is there
	}
	switch method {
	case "get":
		return value, nil
	case "containsKey":
		return ok, nil
	default:
		return nil, vtl.ErrNoMethod
	}
}

// keys are the names of the variables that have a value, and of the overrides. That $context has keys, which they
// are, and their order, is assumed.
func (c *contextObject) keys() *vtl.List {
	var names []string
	for name, variable := range contextVariables {
		if name, ok := strings.CutPrefix(name, c.prefix); ok && variable.from == inTemplates && variable.value(c.of) != "" {
			name, _, _ = strings.Cut(name, ".")
			names = append(names, name)
		}
	}
	if c.prefix == "" {
		names = append(names, "requestOverride", "responseOverride")
	}
	slices.Sort(names)
	list := vtl.NewList()
	for _, name := range slices.Compact(names) {
		list.Append(name)
	}
	return list
}

// Set stores what a template sets for the rest of the request; it changes nothing else (assumed). The overrides
// themselves are set by their members.
func (c *contextObject) Set(name string, value vtl.Value) error {
	if c.of.contextSet == nil {
		c.of.contextSet = map[string]vtl.Value{}
	}
	c.of.contextSet[c.prefix+name] = value
	return nil
}

func (c *contextObject) String() string { return "$context" }
