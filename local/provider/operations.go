package provider

import (
	"reflect"
)

// operations are what the provider can do with the resources of a type. C is the struct of a resource's configuration:
// the service's own, or one that embeds it and adds what only the provider knows (see providerOnly).
type operations[C any] struct {
	// create creates a resource and returns its id. Required.
	create func(s services, config C) (id string, err error)
	// read returns a resource's configuration as its service has it, and those outputs that are not fields of C. known is
	// the configuration that the engine's state has, or what parseID makes of an id; its keys are always set. That the
	// resource does not exist is an error that isGone recognizes. Required.
	read func(s services, id string, known C) (config C, attributes state, err error)
	// update changes a resource's configuration to config. Nil: each change of the type is a replacement.
	update func(s services, id string, config C) error
	// delete deletes a resource whose configuration in the engine's state is known. That it does not exist is no error.
	// Required.
	delete func(s services, id string, known C) error
	// list returns the ids of all resources of the type, as parseID understands them. Nil: resources of the type are
	// settings of another resource, which creating them again replaces.
	list func(s services) []string
	// parseID turns an id as pulumi-aws documents it for `pulumi import`, or as create returned it, into the one that
	// create returned and the keys that read needs. Nil: the two are the same, and read needs no more than the id.
	parseID func(s services, id string) (engineID string, keys C, err error)
}

// implementation is operations without the type parameter: configurations are plain JSON values.
type implementation struct {
	// config is the type of the configuration.
	config  reflect.Type
	create  func(s services, in state) (id string, err error)
	read    func(s services, id string, known state) (out state, err error)
	update  func(s services, id string, in state) error
	delete  func(s services, id string, known state) error
	list    func(s services) []string
	parseID func(s services, id string) (engineID string, keys state, err error)
}

// define joins a type's table of properties to its operations.
func define[C any](r resourceType, o operations[C]) resourceType {
	if _, tagged := r.inputs["tags"]; tagged {
		r.outputs = append(r.outputs, "tagsAll")
	}
	r.implementation = implementation{config: reflect.TypeFor[C](), list: o.list}
	r.create = func(s services, in state) (string, error) {
		config, err := toConfig[C](r.inputs, in)
		if err != nil {
			return "", err
		}
		return o.create(s, config)
	}
	r.read = func(s services, id string, known state) (state, error) {
		keys, err := toConfig[C](r.inputs, known)
		if err != nil {
			return nil, err
		}
		config, attributes, err := o.read(s, id, keys)
		if err != nil {
			return nil, err
		}
		out := fromConfig(r.inputs, reflect.ValueOf(&config).Elem())
		for name, value := range outputFields(r.outputs, reflect.ValueOf(&config).Elem()) {
			out[name] = value
		}
		plainAttributes, err := jsonValues(attributes)
		return merge(out, plainAttributes), err
	}
	if o.update != nil {
		r.update = func(s services, id string, in state) error {
			config, err := toConfig[C](r.inputs, in)
			if err != nil {
				return err
			}
			return o.update(s, id, config)
		}
	}
	r.delete = func(s services, id string, known state) error {
		config, err := toConfig[C](r.inputs, known)
		if err != nil {
			return err
		}
		return o.delete(s, id, config)
	}
	r.parseID = func(s services, id string) (string, state, error) {
		if o.parseID == nil {
			return id, state{}, nil
		}
		engineID, keys, err := o.parseID(s, id)
		return engineID, fromConfig(r.inputs, reflect.ValueOf(&keys).Elem()), err
	}
	return r
}
