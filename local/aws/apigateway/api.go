package apigateway

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"context"

	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/internal/protocol"
)

// API is the service's API for AWS's clients (REST-JSON). Recordings of AWS that its answers are compared with are those of
// LocalStack's tests (tests/aws/services/apigateway/*.snapshot.json) and of output that people published; paths, members
// and defaults are documented (API reference).
func (s *Service) API() protocol.Service {
	return protocol.Service{
		Name: "apigateway", REST: true, LowerCamel: true,
		Actions: slices.Concat(s.apiActions(), s.resourceActions(), s.modelActions(), s.validatorActions(), s.gatewayResponseActions(),
			s.methodActions(), s.integrationActions(), s.stageActions(), s.deploymentActions(), s.keyActions(), s.usagePlanActions(),
			s.accountActions()),
	}
}

// located is an input that knows the path of what it is about, which permissions are given for. Documented: IAM policy
// examples for API Gateway management APIs, arn:aws:apigateway:<region>::/restapis/<api>/…
type located interface{ resource() string }

// handle has f answer an action, once the caller's permission is checked.
func handle[In, Out any, L interface {
	*In
	located
}](s *Service, name, verb, path string, status int, f func(*protocol.Call, *In) (*Out, error)) protocol.Action {
	return protocol.Handle(name, func(_ context.Context, call *protocol.Call, in *In) (*Out, error) {
		if err := call.Authorize("apigateway:"+verb, s.resourceARN(L(in).resource())); err != nil {
			return nil, err
		}
		return f(call, in)
	}).At(verb, path, status)
}

// resourceARN is what permissions and tags name a path of the API by.
func (s *Service) resourceARN(path string) string {
	account := s.options.Account
	return "arn:" + account.Partition + ":apigateway:" + account.Region + "::" + path
}

// permitPassing checks that the caller may hand a role to API Gateway. Documented: id_roles_use_passrole.html of the IAM user
// guide.
func permitPassing(call *protocol.Call, roleARN string) error {
	context := call.Context()
	context["iam:PassedToService"] = servicePrincipal
	return call.Caller.Authorize(iam.Request{Action: "iam:PassRole", Resource: roleARN, Context: context})
}

// empty is an output without members.
type empty struct{}

// paging is how lists are taken apart. Documented: 25 elements by default, 500 at most.
type paging struct {
	Position *string `aws:"position,query"`
	Limit    *int    `aws:"limit,query"`
}

// pageOf cuts a list, sorted by key, to the page that is asked for, with the position of the next one. A position is the key
// of the last element before it, so that a page follows the one before although elements come and go.
func pageOf[E any](all []E, key func(E) string, asked paging) (page []E, position *string, err error) {
	most := 25
	if asked.Limit != nil {
		most = *asked.Limit
	}
	if most < 1 || most > 500 {
		return nil, nil, badRequest("Invalid limit specified: %d. Must be between 1 and 500", most) // assumed
	}
	if asked.Position != nil {
		last, err := base64.StdEncoding.DecodeString(*asked.Position)
		if err != nil {
			return nil, nil, badRequest("Invalid position parameter specified") // assumed
		}
		all = slices.DeleteFunc(slices.Clone(all), func(e E) bool { return key(e) <= string(last) })
	}
	if len(all) <= most {
		return append([]E{}, all...), nil, nil
	}
	next := base64.StdEncoding.EncodeToString([]byte(key(all[most-1])))
	return all[:most], &next, nil
}

// pageAs is pageOf with each element as an answer shows it.
func pageAs[E, Out any](all []E, key func(E) string, asked paging, show func(E) Out) (page []Out, position *string, err error) {
	elements, position, err := pageOf(all, key, asked)
	page = make([]Out, 0, len(elements))
	for _, e := range elements {
		page = append(page, show(e))
	}
	return page, position, err
}

// present is a text, or nil without one.
func present(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// orEmpty is the tags of something that is shown alone: recorded (LocalStack, TestUsagePlans and TestApiGatewayApiRestApi),
// where lists and what is just created leave them out if there are none.
func orEmpty(tags map[string]string) map[string]string {
	if tags == nil {
		return map[string]string{}
	}
	return tags
}

func textOf(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func isTrue(b *bool) bool { return b != nil && *b }

// patchOperation is a change of one property. Documented: patch-operations.html of the API reference.
type patchOperation struct{ Op, Path, Value, From *string }

// patch is a property that can be changed. path has {name} where a part can be anything; ops are the operations that AWS has
// for it.
type patch[T any] struct {
	path, ops string
	apply     func(*T, patchValue) error
}

// patchValue is what an operation does to a property.
type patchValue struct {
	remove bool
	text   string
	names  []string // the parts of the path that the patch leaves open
	path   string
}

// applyPatches applies operations in their order. The sentences are recorded (LocalStack, test_update_method_validation).
func applyPatches[T any](to *T, operations []patchOperation, table []patch[T]) error {
	for _, o := range operations {
		path, op := textOf(o.Path), textOf(o.Op)
		p, names := findPatch(table, path)
		switch {
		case p == nil:
			return badRequest("Invalid patch path %s", path)
		case op == "" || !slices.Contains(strings.Fields(p.ops), op):
			return badRequest("Invalid patch operation specified. Must be one of: [%s]", strings.ReplaceAll(p.ops, " ", ", "))
		}
		if err := p.apply(to, patchValue{remove: op == "remove", text: textOf(o.Value), names: names, path: path}); err != nil {
			return err
		}
	}
	return nil
}

// findPatch finds the patch for a path, preferring parts that are written out. In a part "~1" is "/" and "~0" is "~":
// documented.
func findPatch[T any](table []patch[T], path string) (found *patch[T], names []string) {
	parts, most := strings.Split(path, "/"), -1
	for i := range table {
		template := strings.Split(table[i].path, "/")
		if len(template) != len(parts) {
			continue
		}
		literals, open := 0, []string{}
		for j, part := range template {
			switch {
			case strings.HasPrefix(part, "{"):
				open = append(open, strings.ReplaceAll(strings.ReplaceAll(parts[j], "~1", "/"), "~0", "~"))
			case part == parts[j]:
				literals++
			default:
				literals = -len(template)
			}
		}
		if literals >= 0 && literals > most {
			found, names, most = &table[i], open, literals
		}
	}
	return found, names
}

// setText is the patch of a text, which is empty when it is removed.
func setText[T any](field func(*T) *string) func(*T, patchValue) error {
	return func(to *T, v patchValue) error {
		*field(to) = v.text
		return nil
	}
}

// setEntry is the patch of an entry of a map of texts.
func setEntry[T any](field func(*T) *map[string]string) func(*T, patchValue) error {
	return func(to *T, v patchValue) error {
		entries := field(to)
		if v.remove {
			delete(*entries, v.names[0])
			return nil
		}
		if *entries == nil {
			*entries = map[string]string{}
		}
		(*entries)[v.names[0]] = v.text
		return nil
	}
}

// setFlag is setEntry for a map of booleans.
func setFlag[T any](field func(*T) *map[string]bool) func(*T, patchValue) error {
	return func(to *T, v patchValue) error {
		flags := field(to)
		if v.remove {
			delete(*flags, v.names[0])
			return nil
		}
		if *flags == nil {
			*flags = map[string]bool{}
		}
		(*flags)[v.names[0]] = v.bool()
		return nil
	}
}

func setBool[T any](field func(*T) *bool) func(*T, patchValue) error {
	return func(to *T, v patchValue) error {
		*field(to) = v.bool()
		return nil
	}
}

// bool is false for all but "true": recorded (LocalStack, test_update_method_validation, "wrong-value-type").
func (v patchValue) bool() bool { return strings.EqualFold(v.text, "true") }

// The sentences about values that are no numbers are assumed.

func (v patchValue) int() (int, error) {
	value, err := strconv.Atoi(v.text)
	if err != nil {
		return 0, badRequest("Invalid value '%s' specified for path '%s'. Must be an integer", v.text, v.path)
	}
	return value, nil
}

func (v patchValue) float() (float64, error) {
	value, err := strconv.ParseFloat(v.text, 64)
	if err != nil {
		return 0, badRequest("Invalid value '%s' specified for path '%s'. Must be a number", v.text, v.path)
	}
	return value, nil
}

// refusePatch is the patch of a property that is not emulated.
func refusePatch[T any](*T, patchValue) error { return notEmulated("this property") }
