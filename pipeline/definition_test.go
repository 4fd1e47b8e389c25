package pipeline

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/apigateway"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// hashRecorder remembers the hash that a resource is registered with.
type hashRecorder struct{ hash string }

func (h *hashRecorder) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	h.hash = args.Inputs["hash"].StringValue()
	return args.Name, args.Inputs, nil
}

func (*hashRecorder) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	return nil, fmt.Errorf("unexpected call of %s", args.Token)
}

// hashOf returns the hash of a definition with one resource's args.
func hashOf(t *testing.T, args pulumi.Input) string {
	t.Helper()
	recorder := &hashRecorder{}
	require.NoError(t, pulumi.RunErr(func(ctx *pulumi.Context) error {
		hash := (&definition{inputs: []any{args}}).hash()
		return ctx.RegisterResource("test:index:Hash", "hash", pulumi.Map{"hash": hash}, &pulumi.CustomResourceState{})
	}, pulumi.WithMocks("p", "s", recorder)))
	require.NotEmpty(t, recorder.hash)
	return recorder.hash
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
