package pipeline

import (
	"fmt"
	"reflect"
	"sync"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/apigateway"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type noResources struct{}

func (noResources) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	return args.Name, args.Inputs, nil
}
func (noResources) Call(pulumi.MockCallArgs) (resource.PropertyMap, error) { return nil, nil }

// hashOf waits for the hash of a definition with one resource's args.
func hashOf(t *testing.T, args pulumi.Input) string {
	t.Helper()
	var hash string
	require.NoError(t, pulumi.RunErr(func(*pulumi.Context) error {
		var wait sync.WaitGroup
		wait.Add(1)
		(&definition{inputs: []any{args}}).hash().ApplyT(func(h string) string {
			defer wait.Done()
			hash = h
			return h
		})
		wait.Wait()
		return nil
	}, pulumi.WithMocks("p", "s", noResources{})))
	require.NotEmpty(t, hash)
	return hash
}

// TestEveryInputOfEveryPartOfTheAPIChangesTheHash sets each field of each args type, one at a time.
func TestEveryInputOfEveryPartOfTheAPIChangesTheHash(t *testing.T) {
	t.Parallel()
	values := []any{
		pulumi.String("changed"),
		pulumi.Bool(true),
		pulumi.Int(7),
		pulumi.StringMap{"changed": pulumi.String("changed")},
		pulumi.BoolMap{"changed": pulumi.Bool(true)},
		pulumi.StringArray{pulumi.String("changed")},
		apigateway.IntegrationTlsConfigArgs{InsecureSkipVerification: pulumi.Bool(true)},
	}
	for _, empty := range []pulumi.Input{
		&apigateway.ResourceArgs{}, &apigateway.MethodArgs{}, &apigateway.IntegrationArgs{}, &apigateway.MethodResponseArgs{},
		&apigateway.IntegrationResponseArgs{}, &apigateway.ModelArgs{}, &apigateway.RequestValidatorArgs{}, &apigateway.ResponseArgs{},
	} {
		typ := reflect.TypeOf(empty).Elem()
		before := hashOf(t, empty)
		for i := range typ.NumField() {
			name := fmt.Sprintf("%s.%s", typ.Name(), typ.Field(i).Name)
			changed := reflect.New(typ)
			settable := false
			for _, value := range values {
				if reflect.TypeOf(value).AssignableTo(typ.Field(i).Type) {
					changed.Elem().Field(i).Set(reflect.ValueOf(value))
					settable = true
					break
				}
			}
			require.True(t, settable, "no value to set %s to", name)
			assert.NotEqual(t, before, hashOf(t, changed.Interface().(pulumi.Input)), name)
		}
	}
}
