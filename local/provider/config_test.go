package provider

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// unmapped are fields of configurations that are no properties of pulumi-aws, by token, with the reason.
var unmapped = map[string]map[string]string{
	"aws:apigateway/stage:Stage": {
		"CreatedDate": "only GetStage of API Gateway shows it", "LastUpdatedDate": "only GetStage of API Gateway shows it",
	},
	"aws:sns/topicSubscription:TopicSubscription": {
		"Confirmed": "read makes pendingConfirmation of it", "ConfirmedByCaller": "read makes confirmationWasAuthenticated of it",
		"AuthenticateOnUnsubscribe": "ConfirmSubscription sets it",
		"Token":                     "the endpoint is sent it to confirm the subscription", "TokenExpires": "as Token",
	},
}

// TestEveryPropertyIsHeldByTheConfiguration keeps a property from being accepted and then forgotten, and a field of a
// configuration from being out of a program's reach.
func TestEveryPropertyIsHeldByTheConfiguration(t *testing.T) {
	for token, r := range newRegistry() {
		t.Run(token, func(t *testing.T) {
			config := r.config
			held := map[string]bool{"ID": true} // of the resource
			assertHeld(t, "", r.inputs, config, held)
			for _, name := range r.outputs {
				if f, isField := fieldOf(config, name, property{}); isField {
					held[f.Name] = true
				}
			}
			for name := range unmapped[token] {
				assert.False(t, held[name], "%s is a property", name)
				held[name] = true
			}
			assertNoOtherFields(t, config, held)
		})
	}
}

func TestEveryArgumentOfAPolicyDocumentIsHeld(t *testing.T) {
	config := reflect.TypeFor[policyDocumentConfig]()
	held := map[string]bool{}
	assertHeld(t, "", policyDocumentArguments(), config, held)
	assertNoOtherFields(t, config, held)
}

// assertHeld checks that each property that has an effect has a field of its kind, and notes the fields.
func assertHeld(t *testing.T, path string, table properties, config reflect.Type, held map[string]bool) {
	t.Helper()
	for name, p := range table {
		at := path + name
		if p.rejected != "" {
			continue
		}
		if p.flat {
			assert.Equal(t, kindObject, p.kind, "%s is flat", at)
			assertHeld(t, at+".", p.fields, config, held)
			continue
		}
		f, isHeld := fieldOf(config, name, p)
		if !isHeld {
			assert.True(t, p.inert != "" || p.providerOnly, "no field of %s holds %s", config, at)
			assert.Empty(t, p.field, "%s names a field that %s does not have", at, config)
			continue
		}
		held[f.Name] = true
		assertHolds(t, at, p, f.Type)
	}
}

func assertHolds(t *testing.T, path string, p property, field reflect.Type) {
	t.Helper()
	if field.Kind() == reflect.Pointer {
		field = field.Elem()
	}
	switch p.kind {
	case kindString, kindJSON:
		assert.Equal(t, reflect.String, field.Kind(), path)
	case kindBool:
		assert.Equal(t, reflect.Bool, field.Kind(), path)
	case kindInteger:
		assert.True(t, reflect.Zero(field).CanInt(), path)
	case kindNumber:
		assert.True(t, reflect.Zero(field).CanFloat(), path)
	case kindList:
		require.Equal(t, reflect.Slice, field.Kind(), path)
		assertHolds(t, path+"[]", *p.element, field.Elem())
	case kindMap:
		require.Equal(t, reflect.Map, field.Kind(), path)
		assertHolds(t, path+"[]", *p.element, field.Elem())
	case kindObject:
		require.Equal(t, reflect.Struct, field.Kind(), path)
		held := map[string]bool{}
		assertHeld(t, path+".", p.fields, field, held)
		assertNoOtherFields(t, field, held)
	}
}

func assertNoOtherFields(t *testing.T, config reflect.Type, held map[string]bool) {
	t.Helper()
	for _, f := range reflect.VisibleFields(config) {
		if f.IsExported() && !f.Anonymous {
			assert.True(t, held[f.Name], "%s.%s is no property", config, f.Name)
		}
	}
}

// TestEveryConfigurationSurvivesARoundTrip fills in every property of every type, each with a value of its own.
func TestEveryConfigurationSurvivesARoundTrip(t *testing.T) {
	for token, r := range newRegistry() {
		t.Run(token, func(t *testing.T) {
			count := 0
			in := filledIn(r.inputs, r.config, &count)
			config := reflect.New(r.config).Elem()
			require.NoError(t, setFields(config, r.inputs, in))
			assert.Equal(t, in, fromConfig(r.inputs, config))
		})
	}
}

// filledIn has a value for every property that a configuration holds.
func filledIn(table properties, config reflect.Type, count *int) state {
	in := state{}
	for name, p := range table {
		f, held := fieldOf(config, name, p)
		switch {
		case p.rejected != "" || p.providerOnly:
		case p.flat:
			in[name] = filledIn(p.fields, config, count)
		case held:
			in[name] = filledInValue(p, f.Type, count)
		}
	}
	return in
}

func filledInValue(p property, field reflect.Type, count *int) any {
	if field.Kind() == reflect.Pointer {
		field = field.Elem()
	}
	*count++
	switch p.kind {
	case kindBool:
		return true
	case kindInteger, kindNumber:
		return float64(*count)
	case kindList:
		return []any{filledInValue(*p.element, field.Elem(), count), filledInValue(*p.element, field.Elem(), count)}
	case kindMap:
		return state{fmt.Sprint("key ", *count): filledInValue(*p.element, field.Elem(), count)}
	case kindObject:
		return filledIn(p.fields, field, count)
	}
	return fmt.Sprint("value ", *count)
}

func TestAValueOfAnotherKindIsAnError(t *testing.T) {
	_, err := toConfig[streamConfig](newRegistry()[streamToken].inputs, state{"shardCount": "two"})
	require.EqualError(t, err, "shardCount: a string cannot be kept in a int")
}
