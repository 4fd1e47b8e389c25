package provider

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestEveryInputReachesTheService changes each input by itself and looks whether the service is told another thing.
// What is not told is listed, with the reason why it need not be.
func TestEveryInputReachesTheService(t *testing.T) {
	for name, test := range map[string]struct {
		told func(t *testing.T, leftOut []string)
		// leftOut are the inputs that no service is told.
		leftOut []string
	}{
		"api":                  {told(restAPIInputs.api), []string{"EndpointConfiguration.IPAddressType"}},
		"resource":             {told(resourceInputs.resource), nil},
		"method":               {told(methodInputs.declared), nil},
		"method response":      {told(methodResponseInputs.declared), nil},
		"integration":          {told(integrationInputs.declared), nil},
		"integration response": {told(integrationResponseInputs.declared), nil},
		"model":                {told(modelInputs.model), nil},
		"request validator":    {told(requestValidatorInputs.validator), nil},
		"gateway response":     {told(gatewayResponseInputs.declared), nil},
		"stage":                {told(stageInputs.stage), nil},
		"method settings":      {told(methodSettingsInputs.declared), nil},
		"usage plan":           {told(usagePlanInputs.plan), nil},
		"api key":              {told(apiKeyInputs.key), nil},
	} {
		t.Run(name, func(t *testing.T) { test.told(t, test.leftOut) })
	}
}

// told checks what a service is told of inputs.
func told[I, C any](convert func(I) C) func(*testing.T, []string) { return toldWith("a text", convert) }

// toldWith is told for inputs of which one means something only with a certain text.
func toldWith[I, C any](usual string, convert func(I) C) func(*testing.T, []string) {
	return func(t *testing.T, leftOut []string) {
		t.Helper()
		var paths []string
		leaves(reflect.ValueOf(filled[I](usual, -1)), "", func(path string) { paths = append(paths, path) })
		base := convert(filled[I](usual, -1))
		for i, path := range paths {
			reaches := !reflect.DeepEqual(base, convert(filled[I](usual, i)))
			assert.Equal(t, !slices.Contains(leftOut, path), reaches, "%s reaches the service", path)
		}
	}
}

// filled is inputs in which nothing is empty; all texts are usual. The leaf with that number is another one.
func filled[I any](usual string, other int) I {
	var in I
	count := -1
	fill(reflect.ValueOf(&in).Elem(), usual, func() bool {
		count++
		return count == other
	})
	return in
}

func fill(v reflect.Value, usual string, isOther func() bool) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), usual, isOther)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), usual, isOther)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0), usual, isOther)
	case reflect.Map:
		element := reflect.New(v.Type().Elem()).Elem()
		fill(element, usual, isOther)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("key"), element)
	case reflect.String:
		v.SetString(map[bool]string{false: usual, true: "other"}[isOther()])
	case reflect.Bool:
		v.SetBool(!isOther())
	case reflect.Int:
		v.SetInt(map[bool]int64{false: 1, true: 2}[isOther()])
	case reflect.Float64:
		v.SetFloat(map[bool]float64{false: 1, true: 2}[isOther()])
	default:
		panic(fmt.Sprintf("inputs have a field of kind %s", v.Kind()))
	}
}

// leaves visits the paths of all values in the order in which fill makes them.
func leaves(v reflect.Value, path string, visit func(string)) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			next := path + "." + field.Name
			if field.Anonymous {
				next = path
			}
			leaves(v.Field(i), next, visit)
		}
	case reflect.Pointer:
		leaves(v.Elem(), path, visit)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Struct {
			path += "[0]"
		}
		leaves(v.Index(0), path, visit)
	default:
		visit(path[1:])
	}
}
