// Package protocol reads requests and writes answers in the wire protocols of AWS: JSON 1.0 and 1.1, Query, RPC v2 CBOR (and
// the older CBOR 1.1 of Kinesis) and REST-JSON. A service lists its actions, and the package does the rest:
//
//	func (s *Service) API() protocol.Service {
//		return protocol.Service{Name: "kinesis", Target: "Kinesis_20131202", Actions: []protocol.Action{
//			protocol.Handle("GetRecords", s.getRecords),
//		}}
//	}
//
//	func (s *Service) getRecords(ctx context.Context, call *protocol.Call, in *getRecordsInput) (*getRecordsOutput, error)
//
// Input and output are plain structs whose fields are named as AWS's members (LowerCamel lowers the first letter). In an
// input a pointer, slice or map is nil where the member is absent; required members and ranges are for the action to check, as
// is call.Caller's permission. In an output nil is left out, all else is written. Fields are of the kinds of AWS's model:
// string, bool, int32, int64, float64, []byte, time.Time, and pointers, slices, maps with string keys and structs of these. A tag says where the wire
// differs, `aws:"name,option"`:
//
//	path, query, header   where the member of a REST-JSON request is; the name is that in the URI template, query or header
//	list=item, flat       how the elements of a list are named in Query (default: member), or that there is no wrapper
//	iso                   a time as text instead of seconds since 1970
//	omitempty             leave the zero value out
//
// The output of an action that has none is struct{}; one without members is a type of its own, which Query shows.
//
// An error that is an *awserr.Error is answered as such; any other is an internal failure that shows nothing.
package protocol

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"ingest-pipeline/local/aws/iam"
)

// Call is what is known of a request besides its input.
type Call struct {
	// Caller is who signed the request.
	Caller  *iam.Session
	Account iam.Account
	// RequestID is the id in the answer.
	RequestID string
	// SourceIP and UserAgent are the client's.
	SourceIP, UserAgent string
	// Closing is closed when the endpoint closes: an answer that takes long has to end.
	Closing <-chan struct{}
}

// Authorize returns nil if the caller may do the action to the resource, given by its ARN or "*".
func (c *Call) Authorize(action, resource string) error {
	return c.Caller.Authorize(iam.Request{Action: action, Resource: resource, Context: c.Context()})
}

// Context holds the condition keys that follow from the client.
func (c *Call) Context() map[string]string {
	return map[string]string{"aws:SourceIp": c.SourceIP, "aws:UserAgent": c.UserAgent}
}

// Action is one action of a service.
type Action struct {
	name  string
	input reflect.Type
	serve func(context.Context, *Call, any) (any, error)
	json  func(context.Context, *Call, []byte) (int, []byte)

	events func(context.Context, *Call, any) (Events, error)

	method, path string // of REST-JSON
	status       int
	unsigned     bool
}

// Handle has f answer an action.
func Handle[In, Out any](name string, f func(context.Context, *Call, *In) (*Out, error)) Action {
	return Action{name: name, input: reflect.TypeFor[In](), status: 200, serve: func(ctx context.Context, call *Call, in any) (any, error) {
		out, err := f(ctx, call, in.(*In))
		if err != nil {
			return nil, err
		}
		return out, nil
	}}
}

// HandleJSON has f answer an action of a JSON service; it reads and writes the bodies itself, as JSON in any protocol.
func HandleJSON(name string, f func(ctx context.Context, call *Call, body []byte) (status int, response []byte)) Action {
	return Action{name: name, json: f}
}

// At binds an action of a REST-JSON service to a method and a path such as "/restapis/{restapi_id}"; status is that of the
// answer if all is well.
func (a Action) At(method, path string, status int) Action {
	a.method, a.path, a.status = method, path, status
	return a
}

// Unsigned lets the action be called without a signature, as a link is; Call.Caller is nil then.
func (a Action) Unsigned() Action {
	a.unsigned = true
	return a
}

// Service is the API of one AWS service.
type Service struct {
	// Name is the service's name in the scope of signatures, such as "monitoring".
	Name    string
	Actions []Action
	// Target is the prefix of the header X-Amz-Target, such as "Kinesis_20131202". Empty: the service has no JSON protocol.
	Target string
	// JSONVersion is that of the JSON protocol. Default: 1.1.
	JSONVersion string
	// Version is the version of the Query API, such as "2011-06-15", Namespace that of its XML. Empty: there is none.
	Version, Namespace string
	// CBOR is the service's name in paths of RPC v2. Empty: the service does not have that protocol.
	CBOR string
	// Errors are the codes that errors have in Query, by the names of their shapes, which they have in the other protocols. A
	// service that has both may use either in its errors.
	Errors map[string]string
	// REST says that the service has the protocol REST-JSON.
	REST bool
	// LowerCamel says that members begin with a lower-case letter.
	LowerCamel bool
}

// Handler answers the requests to a service.
type Handler struct {
	service Service
	shapes  *shapes
	actions map[string]*Action
}

// New prepares a service. It panics if two actions have one name, or if an input or output has a field of a kind that no
// protocol has: a test opens all services.
func New(service Service) *Handler {
	if service.JSONVersion == "" {
		service.JSONVersion = "1.1"
	}
	h := &Handler{service: service, shapes: &shapes{lower: service.LowerCamel}, actions: map[string]*Action{}}
	for i := range service.Actions {
		a := &service.Actions[i]
		if h.actions[a.name] != nil {
			panic(fmt.Sprintf("protocol: %s has two actions %s", service.Name, a.name))
		}
		h.actions[a.name] = a
		if a.input != nil {
			h.shapes.of(a.input)
		}
	}
	return h
}

// HasUnsigned is whether there is an action of that name that needs no signature.
func (h *Handler) HasUnsigned(name string) bool {
	return h.actions[name] != nil && h.actions[name].unsigned
}

// Names lists the actions, for an error about one that is not there.
func (h *Handler) Names() string {
	names := make([]string, len(h.service.Actions))
	for i := range names {
		names[i] = h.service.Actions[i].name
	}
	return strings.Join(names, ", ")
}
