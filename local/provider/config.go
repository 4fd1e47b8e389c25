package provider

import (
	"fmt"
	"reflect"
	"strings"
	"time"
)

// A property is held by the field of the configuration struct that has its name, whatever the case, or by the one that
// the property names with the option field. A property without a field is in the engine's state only.

// fieldOf finds the field that holds a property.
func fieldOf(config reflect.Type, name string, p property) (reflect.StructField, bool) {
	if p.field != "" {
		name = p.field
	}
	field, found := config.FieldByNameFunc(func(field string) bool { return strings.EqualFold(field, name) })
	return field, found && field.IsExported() && !field.Anonymous
}

// toConfig fills in a configuration from inputs.
func toConfig[C any](fields properties, in state) (C, error) {
	var config C
	err := setFields(reflect.ValueOf(&config).Elem(), fields, in)
	return config, err
}

func setFields(config reflect.Value, fields properties, in state) error {
	for name, value := range in {
		p, isInput := fields[name]
		if !isInput || value == nil {
			continue
		}
		if p.flat {
			if err := setValue(config, p, value); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			continue
		}
		f, held := fieldOf(config.Type(), name, p)
		if !held {
			continue
		}
		if err := setValue(config.FieldByIndex(f.Index), p, value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func setValue(v reflect.Value, p property, value any) error {
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		return setValue(v.Elem(), p, value)
	}
	switch value := value.(type) {
	case string:
		if v.Kind() == reflect.String {
			v.SetString(value)
			return nil
		}
	case bool:
		if v.Kind() == reflect.Bool {
			v.SetBool(value)
			return nil
		}
	case float64:
		switch {
		case v.CanInt():
			v.SetInt(int64(value))
			return nil
		case v.CanFloat():
			v.SetFloat(value)
			return nil
		}
	case []any:
		if v.Kind() == reflect.Slice {
			return setElements(v, p, value)
		}
	case state:
		switch v.Kind() {
		case reflect.Struct:
			return setFields(v, p.fields, value)
		case reflect.Map:
			return setEntries(v, p, value)
		}
	}
	return fmt.Errorf("a %T cannot be kept in a %s", value, v.Type())
}

func setElements(v reflect.Value, p property, values []any) error {
	v.Set(reflect.MakeSlice(v.Type(), len(values), len(values)))
	for i, value := range values {
		if err := setValue(v.Index(i), *p.element, value); err != nil {
			return fmt.Errorf("[%d]: %w", i, err)
		}
	}
	return nil
}

func setEntries(v reflect.Value, p property, values state) error {
	v.Set(reflect.MakeMapWithSize(v.Type(), len(values)))
	for key, value := range values {
		element := reflect.New(v.Type().Elem()).Elem()
		if err := setValue(element, *p.element, value); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		v.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), element)
	}
	return nil
}

// fromConfig returns the properties that a configuration holds. What is empty is left out, but for false.
func fromConfig(fields properties, config reflect.Value) state {
	out := state{}
	for name, p := range fields {
		if p.rejected != "" || p.providerOnly {
			continue
		}
		v := config
		if !p.flat {
			f, held := fieldOf(config.Type(), name, p)
			if !held {
				continue
			}
			v = config.FieldByIndex(f.Index)
		}
		if value := valueOf(p, v); value == false || !isZero(value) || (v.Kind() == reflect.Pointer && !v.IsNil()) {
			out[name] = value
		}
	}
	return out
}

// valueOf is a field's value as plain JSON.
func valueOf(p property, v reflect.Value) any {
	if at, isTime := v.Interface().(time.Time); isTime {
		return at.UTC().Format(time.RFC3339)
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return valueOf(p, v.Elem())
	case reflect.String:
		return v.String()
	case reflect.Bool:
		return v.Bool()
	case reflect.Slice:
		values := []any{}
		for i := range v.Len() {
			values = append(values, valueOf(*p.element, v.Index(i)))
		}
		return values
	case reflect.Map:
		values := state{}
		for _, key := range v.MapKeys() {
			values[key.String()] = valueOf(*p.element, v.MapIndex(key))
		}
		return values
	case reflect.Struct:
		return fromConfig(p.fields, v)
	}
	if v.CanInt() {
		return float64(v.Int())
	}
	return v.Float()
}

// outputFields returns the outputs that are fields of a configuration.
func outputFields(outputs []string, config reflect.Value) state {
	out := state{}
	for _, name := range outputs {
		if f, held := fieldOf(config.Type(), name, property{}); held {
			out[name] = valueOf(property{}, config.FieldByIndex(f.Index))
		}
	}
	return out
}

// isZero reports whether a plain value means the same as none.
func isZero(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case bool:
		return !v
	case float64:
		return v == 0
	case []any:
		return len(v) == 0
	case state:
		for _, element := range v {
			if !isZero(element) {
				return false
			}
		}
		return true
	}
	return false
}
