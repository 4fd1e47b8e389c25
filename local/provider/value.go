package provider

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// defaultsKey names the input in which Check notes which properties it filled in itself, as pulumi-aws does: only a
// name that is noted there is kept when the program goes on leaving it out, and only it can be made anew.
const defaultsKey resource.PropertyKey = "__defaults"

// unknownValue stands for a value that is not known before the update, in plain values.
type unknownValue struct{}

// isSet reports whether a plain property is set, if only to a value that is not known yet.
func isSet(in state, name string) bool {
	_, set := in[name]
	return set
}

// known returns a plain property if its value is known and has the type.
func known[T any](in state, name string) (T, bool) {
	value, ok := in[name].(T)
	return value, ok
}

// plainValue unwraps a value: secrets and outputs. References to resources have become their ids before, as
// the provider asks for in its Handshake.
func plainValue(v resource.PropertyValue) any {
	switch {
	case v.IsSecret():
		return plainValue(v.SecretValue().Element)
	case v.IsComputed():
		return unknownValue{}
	case v.IsOutput():
		if !v.OutputValue().Known {
			return unknownValue{}
		}
		return plainValue(v.OutputValue().Element)
	case v.IsArray():
		values := []any{}
		for _, element := range v.ArrayValue() {
			values = append(values, plainValue(element))
		}
		return values
	case v.IsObject():
		return plainValues(v.ObjectValue())
	default:
		return v.Mappable()
	}
}

// plainValues is plainValue for the properties of a resource. Nulls and what pulumi keeps for itself are left out.
func plainValues(m resource.PropertyMap) state {
	values := state{}
	for key, value := range m {
		if resource.IsInternalPropertyKey(key) || value.IsNull() {
			continue
		}
		values[string(key)] = plainValue(value)
	}
	return values
}

// hasUnknown reports whether a plain value holds one that is not known yet.
func hasUnknown(value any) bool {
	switch v := value.(type) {
	case unknownValue:
		return true
	case []any:
		return slices.ContainsFunc(v, hasUnknown)
	case state:
		for _, element := range v {
			if hasUnknown(element) {
				return true
			}
		}
	}
	return false
}

// toProperties turns plain values into properties.
func toProperties(values state) resource.PropertyMap {
	m := resource.PropertyMap{}
	for key, value := range values {
		m[resource.PropertyKey(key)] = toProperty(value)
	}
	return m
}

func toProperty(value any) resource.PropertyValue {
	switch v := value.(type) {
	case unknownValue:
		return resource.MakeComputed(resource.NewStringProperty(""))
	case []any:
		elements := make([]resource.PropertyValue, len(v))
		for i, element := range v {
			elements[i] = toProperty(element)
		}
		return resource.NewArrayProperty(elements)
	case state:
		return resource.NewObjectProperty(toProperties(v))
	default:
		return resource.NewPropertyValue(v)
	}
}

// jsonValues converts values to the types that JSON has.
func jsonValues(values state) (state, error) {
	content, err := json.Marshal(values)
	if err != nil {
		return nil, fmt.Errorf("encoding properties: %w", err)
	}
	normalised := state{}
	if err := json.Unmarshal(content, &normalised); err != nil {
		return nil, fmt.Errorf("encoding properties: %w", err)
	}
	return normalised, nil
}

// pick returns the values of these names.
func pick(from state, names []string) state {
	out := state{}
	for _, name := range names {
		if value, set := from[name]; set {
			out[name] = value
		}
	}
	return out
}

// keepSecrets marks the outputs whose inputs were secret, and those that are always.
func keepSecrets(outputs, inputs resource.PropertyMap, always []string) resource.PropertyMap {
	for key, value := range outputs {
		if input, ok := inputs[key]; (ok && input.ContainsSecrets()) || slices.Contains(always, string(key)) {
			outputs[key] = resource.MakeSecret(value)
		}
	}
	return outputs
}
