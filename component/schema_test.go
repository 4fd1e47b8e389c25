package main

import (
	"context"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	provider "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/cmd/local/commandline"
	"ingest-pipeline/pipeline"
)

const resourceToken = "ingest-pipeline:index:Pipeline"

// readSchema is the schema that the provider serves.
func readSchema(t *testing.T) schema.PackageSpec {
	t.Helper()
	served, err := newProvider()
	require.NoError(t, err)
	server, err := provider.RawServer(packageName, version, served)(nil)
	require.NoError(t, err)
	response, err := server.GetSchema(context.Background(), nil)
	require.NoError(t, err)
	var spec schema.PackageSpec
	require.NoError(t, json.Unmarshal([]byte(response.GetSchema()), &spec))
	return spec
}

func TestThePackageIsOneComponent(t *testing.T) {
	spec := readSchema(t)
	assert.Equal(t, []string{resourceToken}, slices.Collect(maps.Keys(spec.Resources)))
	resource := spec.Resources[resourceToken]
	assert.True(t, resource.IsComponent)
	assert.Empty(t, resource.RequiredInputs, "everything has a default")
	for token, typ := range spec.Types {
		assert.True(t, strings.HasPrefix(token, "ingest-pipeline:index:"), token)
		assert.Equal(t, "object", typ.Type, token)
	}
}

func TestEveryPropertyIsDescribed(t *testing.T) {
	spec := readSchema(t)
	resource := spec.Resources[resourceToken]
	described := 0
	check := func(of string, properties map[string]schema.PropertySpec) {
		for name, property := range properties {
			assert.Regexp(t, `(?s)^[A-Z].*\.$`, property.Description, "%s.%s", of, name)
			described++
		}
	}
	assert.NotEmpty(t, resource.Description)
	check("inputs", resource.InputProperties)
	check("outputs", resource.Properties)
	for token, typ := range spec.Types {
		assert.NotEmpty(t, typ.Description, token)
		check(token, typ.Properties)
	}
	assert.Greater(t, described, 60)
}

// The defaults of an SDK are those of its schema, and those of a program in YAML are added by the component.
func TestTheDefaultsAreThoseOfTheGoComponent(t *testing.T) {
	spec := readSchema(t)
	want := reflect.ValueOf(pipeline.DefaultArgs())
	compared := 0
	var check func(group reflect.Value, properties map[string]schema.PropertySpec)
	check = func(group reflect.Value, properties map[string]schema.PropertySpec) {
		for i := range group.NumField() {
			name, _, _ := strings.Cut(group.Type().Field(i).Tag.Get("pulumi"), ",")
			property, exists := properties[name]
			require.True(t, exists, name)
			switch field := group.Field(i); field.Kind() {
			case reflect.Struct:
				assert.Nil(t, property.Default, name)
				check(field, spec.Types["ingest-pipeline:index:"+field.Type().Name()].Properties)
			case reflect.Slice:
				assert.Equal(t, field.Len() > 0, strings.Contains(property.Description, "Default: ["), "%s: %s", name, property.Description)
			case reflect.Map:
				assert.Zero(t, field.Len(), "%s has a default that the schema cannot express", name)
			case reflect.Interface:
				assert.Contains(t, property.Description, "Not set:", name)
			default:
				assert.EqualValues(t, field.Interface(), property.Default, name)
				compared++
			}
		}
	}
	check(want, spec.Resources[resourceToken].InputProperties)
	assert.Greater(t, compared, 25)
}

func TestOnlyNamesAndARNsMayBeOutputsOfOtherResources(t *testing.T) {
	for name, property := range readSchema(t).Resources[resourceToken].InputProperties {
		field, found := reflect.TypeFor[pipeline.PipelineArgs]().FieldByNameFunc(func(candidate string) bool {
			return strings.EqualFold(candidate, name)
		})
		require.True(t, found, name)
		assert.Equal(t, field.Type.Kind() != reflect.Interface, property.Plain, name)
	}
}

func TestKeysAreSecrets(t *testing.T) {
	for name, property := range readSchema(t).Resources[resourceToken].Properties {
		assert.Equal(t, name == "apiKey" || name == "apiKeys", property.Secret, name)
	}
}

func TestWhatAProgramDoesNotSetHasItsDefault(t *testing.T) {
	group := func(values map[string]property.Value) property.Value { return property.New(values) }
	inputs := property.NewMap(map[string]property.Value{
		"access":   property.New("NONE"),
		"throttle": group(map[string]property.Value{"burst": property.New(7.0)}),
	})
	complete := readDefaults().complete(inputs)
	assert.Equal(t, "NONE", complete.Get("access").AsString())
	assert.True(t, complete.Get("protectData").AsBool())
	throttle := complete.Get("throttle").AsMap()
	assert.EqualValues(t, 7, throttle.Get("burst").AsNumber())
	assert.EqualValues(t, pipeline.DefaultArgs().Throttle.RequestsPerSecond, throttle.Get("requestsPerSecond").AsNumber())
	assert.Equal(t, pipeline.DefaultArgs().Logs.Level, complete.Get("logs").AsMap().Get("level").AsString())
	assert.True(t, complete.Get("streamName").IsNull(), "Pulumi generates it")
}

func TestAGroupOfUnknownValuesIsRefused(t *testing.T) {
	inputs := property.NewMap(map[string]property.Value{
		"streamName": property.New(property.Computed), // it may be the output of another resource
		"access":     property.New(property.Computed),
		"throttle":   property.New(map[string]property.Value{"burst": property.New(property.Computed)}),
	})
	_, err := (&component{defaults: readDefaults()}).Construct(context.Background(), provider.ConstructRequest{Inputs: inputs})
	require.Error(t, err)
	assert.Regexp(t, `^access: must be known when the pipeline is planned .*\nthrottle: must be known [^\n]*$`, err.Error())
}

func TestThePackageHasTheVersionOfTheProgram(t *testing.T) {
	assert.Equal(t, commandline.Version, readSchema(t).Version)
}
