package main

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	spec "github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"ingest-pipeline/pipeline"
)

// defaults are the values of the properties of each Go type, by its name.
type defaults map[string]property.Map

const argsType = "PipelineArgs"

// readDefaults reads those of pipeline.DefaultArgs.
func readDefaults() defaults {
	d := defaults{}
	d.add(reflect.ValueOf(pipeline.DefaultArgs()))
	return d
}

func (d defaults) add(group reflect.Value) {
	d[group.Type().Name()] = properties(group)
	for i := range group.NumField() {
		if field := group.Field(i); field.Kind() == reflect.Struct {
			d.add(field)
		}
	}
}

// properties are the fields of a struct but for Inputs: names and ARNs have no default.
func properties(group reflect.Value) property.Map {
	values := map[string]property.Value{}
	for i := range group.NumField() {
		name, _, _ := strings.Cut(group.Type().Field(i).Tag.Get("pulumi"), ",")
		if value := valueOf(group.Field(i)); !value.IsNull() {
			values[name] = value
		}
	}
	return property.NewMap(values)
}

func valueOf(field reflect.Value) property.Value {
	switch field.Kind() {
	case reflect.Struct:
		return property.New(properties(field))
	case reflect.Slice:
		var elements []property.Value
		for i := range field.Len() {
			elements = append(elements, valueOf(field.Index(i)))
		}
		return property.New(property.NewArray(elements))
	case reflect.Map: // tags, which have none
		return property.New(property.Map{})
	case reflect.String:
		return property.New(field.String())
	case reflect.Bool:
		return property.New(field.Bool())
	case reflect.Int:
		return property.New(float64(field.Int()))
	default:
		return property.Value{}
	}
}

// describe adds the default of a property to its schema, which has none for lists and groups: that of a list is said in the
// description, and the properties of a group have their own.
func (d defaults) describe(typ, name string, to *spec.PropertySpec) {
	value, _ := d[typ].GetOk(name)
	switch {
	case value.IsString():
		to.Default = value.AsString()
	case value.IsBool():
		to.Default = value.AsBool()
	case value.IsNumber():
		to.Default = value.AsNumber()
	case value.IsArray() && value.AsArray().Len() > 0:
		list, err := json.Marshal(resource.ToResourcePropertyValue(value).Mappable())
		if err == nil { // plain values can be marshalled
			to.Description += " Default: " + string(list) + "."
		}
	}
}

// required are the names without a default. (infer requires groups, since they are no pointers.)
func (d defaults) required(typ string, names []string) []string {
	return slices.DeleteFunc(names, func(name string) bool {
		_, has := d[typ].GetOk(name)
		return has
	})
}

// complete returns inputs with the defaults of what they lack, also inside of groups.
func (d defaults) complete(inputs property.Map) property.Map { return complete(inputs, d[argsType]) }

func complete(inputs, defaults property.Map) property.Map {
	for name, value := range defaults.All {
		switch given := inputs.Get(name); {
		case given.IsNull():
			inputs = inputs.Set(name, value)
		case given.IsMap() && value.IsMap():
			inputs = inputs.Set(name, property.New(complete(given.AsMap(), value.AsMap())).
				WithSecret(given.Secret()).WithDependencies(given.Dependencies()))
		}
	}
	return inputs
}
