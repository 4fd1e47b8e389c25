package apigateway

import (
	"ingest-pipeline/local/aws/apigateway/vtl"
)

// input is $input: the body of a request or of a backend's answer, and the request's parameters. Documented
// (api-gateway-mapping-template-reference); for what is recorded of odd bodies see each method.
type input struct {
	of   *invocation
	text string

	parsed   bool
	document vtl.Value
	notJSON  bool // document is the text as it came

	params *vtl.Map
}

func (in *input) reset(of *invocation, text string) { *in = input{of: of, text: text} }

// Property is $input.body: the body as it came, or "{}" for an empty one: recorded (LocalStack,
// test_input_body_formatting). It is a text: $input.body.name is
// nothing (recorded: test_input_path_template_formatting).
func (in *input) Property(name string) (vtl.Value, bool) {
	if name != "body" {
		return nil, false
	}
	if in.text == "" {
		return "{}", true
	}
	return in.text, true
}

func (in *input) Call(method string, args []vtl.Value) (vtl.Value, error) {
	switch {
	case method == "json" && len(args) == 1:
		return in.json(args[0])
	case method == "path" && len(args) == 1:
		value, _, err := in.find(args[0])
		return value, err
	case method == "params" && len(args) == 0:
		return in.allParams(), nil
	case method == "params" && len(args) == 1:
		return in.param(vtl.String(args[0])), nil
	default:
		return nil, vtl.ErrNoMethod
	}
}

func (in *input) String() string { return "$input" }

// json is $input.json(path): what the path leads to, written as JSON on one line. A path that leads nowhere gives ""
// with its quotes (assumed: LocalStack's unit tests say that the AWS console shows it).
func (in *input) json(path vtl.Value) (vtl.Value, error) {
	value, ok, err := in.find(path)
	if err != nil {
		return nil, err
	}
	if !ok {
		return `""`, nil
	}
	scratch := in.of.scratch[:0]
	scratch = vtl.AppendJSON(scratch, value)
	in.of.scratch = scratch
	return string(scratch), nil
}

// find is what a JSONPath leads to, and whether it leads anywhere.
func (in *input) find(path vtl.Value) (vtl.Value, bool, error) {
	expression, ok := path.(string)
	if !ok {
		expression = vtl.String(path)
	}
	if expression == "$" {
		return in.value(), true, nil
	}
	parsed, err := parsePath(expression)
	if err != nil {
		return nil, false, err
	}
	value, ok := parsed.find(in.value())
	return value, ok, nil
}

// value is the body as JSON. An empty one is {} (recorded for $input.body: LocalStack, test_input_body_formatting; seen in
// dumps for $input.json); one that is
// not JSON is its own text (seen in AWS's own templates, which take it back out of $input.json('$')).
func (in *input) value() vtl.Value {
	if in.parsed {
		return in.document
	}
	in.parsed = true
	if in.text == "" {
		in.document = vtl.NewMap()
		return in.document
	}
	document, err := vtl.ParseJSON([]byte(in.text))
	if err != nil {
		document, in.notJSON = in.text, true
	}
	in.document = document
	return in.document
}

// param is $input.params(name), searched in path, query string and headers, in this order (documented); "" if it is
// nowhere.
func (in *input) param(name string) string {
	if value, ok := in.of.pathParameter(name); ok {
		return value
	}
	if value, ok := in.of.querystring(name); ok {
		return value
	}
	value, _ := in.of.header(name)
	return value
}

// allParams is $input.params(): a map of the three.
func (in *input) allParams() *vtl.Map {
	if in.params == nil {
		in.params = vtl.NewMap()
		in.params.Grow(3)
		in.params.Put("path", parameterMap(in.of.pathParameters))
		in.params.Put("querystring", parameterMap(in.of.query()))
		in.params.Put("header", parameterMap(in.of.headers()))
	}
	return in.params
}

func parameterMap(parameters []parameter) *vtl.Map {
	list := vtl.NewMap()
	list.Grow(len(parameters))
	for _, p := range parameters {
		list.Put(p.name, p.value)
	}
	return list
}
