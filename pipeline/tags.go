package pipeline

import (
	"reflect"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// tagResource adds tags to every resource that can have any.
func tagResource(tags map[string]string) pulumi.ResourceTransformation {
	return func(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
		if ec2, untyped := args.Props.(pulumi.Map); untyped { // see eventgenerator.go
			ec2["tags"] = pulumi.ToStringMap(tags)
		} else if props := reflect.ValueOf(args.Props); props.Kind() == reflect.Pointer && !props.IsNil() {
			if field := props.Elem().FieldByName("Tags"); field.IsValid() && field.Type() == reflect.TypeFor[pulumi.StringMapInput]() {
				field.Set(reflect.ValueOf(pulumi.ToStringMap(tags)))
			}
		}
		return nil // the props are changed in place
	}
}
