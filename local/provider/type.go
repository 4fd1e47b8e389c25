package provider

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/aws/iam"
)

// resourceType describes a type of resource: its table of properties, and how it lives in the cloud.
type resourceType struct {
	// token is the type's token in pulumi-aws, such as "aws:kinesis/stream:Stream".
	token string
	// inputs are the properties that a program can set.
	inputs properties
	// outputs are the names of the properties that only AWS sets. tagsAll is added to every type with tags.
	outputs []string
	// secrets are the outputs that are secret whether or not the program says so.
	secrets []string
	// naming names the property that gets a random name when the program leaves it out; nil: the type has none.
	naming *naming
	// deleteBeforeReplace: the old resource has to go before its replacement can come.
	deleteBeforeReplace bool
	// identity are the properties that tell resources with the same id apart; usually the id is enough.
	identity []string
	// persisted: the service keeps its own configuration, so that nothing is put back when the local target starts again.
	persisted bool
	// takes tells whether other goes when gone goes: AWS deletes some things with the thing that they are part of.
	takes func(gone, other *record) bool
	// validate says what is wrong with properties that depend on each other; it is only asked when all are known.
	validate func(in state, account iam.Account, fail func(path, reason string))

	// order is the type's place in the registry.
	order int
	// implementation is what define makes of the type's operations.
	implementation *implementation

	life life
	// reads is the Go type that the inputs are decoded into.
	reads reflect.Type
}

// state is the value of a resource's properties, as plain JSON values.
type state = map[string]any

// services are what resources are created in.
type services struct {
	*aws.Cloud
	// store has the resources that no service knows.
	store *store
	// resources is the table of those types that are not defined by operations yet.
	resources *table
}

type site = services

// life is what can happen to a resource, on plain values. See lifeOf.
type life struct {
	put    func(s site, in state, was *record) (id string, out state, err error)
	update func(s site, in state, was *record) (out state, err error)
	remove func(s site, was *record) error
	read   func(s site, was *record) (out state, err error)
}

// lifeOf is a life with its inputs decoded into a Go struct, I.
type lifeOf[I any] struct {
	// put creates a resource and returns its id and the outputs that its inputs do not tell. was is nil, but when the
	// local target starts again: then put brings back the resource that was, with its id and outputs.
	put func(s site, in I, was *record) (id string, out state, err error)
	// update brings a resource's settings up to in; nil: each change of the type is a replacement.
	update func(s site, in I, was *record) (out state, err error)
	// remove deletes a resource. That it is gone already is no error.
	remove func(s site, in I, was *record) error
	// read returns the properties of which AWS keeps its own account, as they are now; an error that says the resource
	// does not exist is taken as that. nil: the resource is there as long as the one above it is.
	read func(s site, in I, was *record) (out state, err error)
}

// alive gives a resource type its life.
func alive[I any](r resourceType, l lifeOf[I]) resourceType {
	if _, tagged := r.inputs["tags"]; tagged {
		r.outputs = append(r.outputs, "tagsAll")
	}
	r.reads = reflect.TypeFor[I]()
	r.life.put = func(s site, in state, was *record) (string, state, error) {
		decoded, err := decode[I](in)
		if err != nil {
			return "", nil, err
		}
		return l.put(s, decoded, was)
	}
	r.life.remove = func(s site, was *record) error {
		decoded, err := decode[I](was.Inputs)
		if err != nil {
			return err
		}
		return l.remove(s, decoded, was)
	}
	if l.update != nil {
		r.life.update = func(s site, in state, was *record) (state, error) {
			decoded, err := decode[I](in)
			if err != nil {
				return nil, err
			}
			return l.update(s, decoded, was)
		}
	}
	if l.read != nil {
		r.life.read = func(s site, was *record) (state, error) {
			decoded, err := decode[I](was.Inputs)
			if err != nil {
				return nil, err
			}
			return l.read(s, decoded, was)
		}
	}
	return r
}

// decode puts checked inputs into the struct of their type. An input without a field there is an error: what the table
// knows and the code does not read would be ignored.
func decode[I any](in state) (I, error) {
	var decoded I
	content, err := json.Marshal(in)
	if err != nil {
		return decoded, fmt.Errorf("encoding inputs: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&decoded); err != nil {
		return decoded, fmt.Errorf("decoding inputs: %w", err)
	}
	return decoded, nil
}
