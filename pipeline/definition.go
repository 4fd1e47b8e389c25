package pipeline

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// definition is what an API consists of: every resource that a deployment is a snapshot of, with its inputs.
//
// So a deployment has to be created after all these resources, and again whenever an input of one of them changes. Both
// follow from this list.
type definition struct {
	resources []pulumi.Resource
	inputs    []any
}

// add puts a resource into the definition, with the args that it was made from, but for outputs of other parts that Pulumi
// deletes before it replaces them. With those, it would delete the deployment first, while the stage still serves it, which
// API Gateway refuses.
func (d *definition) add(resource pulumi.Resource, args pulumi.Input) {
	d.resources = append(d.resources, resource)
	d.inputs = append(d.inputs, args)
}

func (d *definition) addAll(other *definition) {
	d.resources = append(d.resources, other.resources...)
	d.inputs = append(d.inputs, other.inputs...)
}

// hash changes when the contents of the API do: it is over every input of every resource, never over ids alone.
func (d *definition) hash() pulumi.StringOutput {
	return pulumi.All(d.inputs...).ApplyT(func(inputs []any) (string, error) {
		text, err := json.Marshal(inputs)
		if err != nil {
			return "", fmt.Errorf("hashing the definition of the API: %w", err)
		}
		sum := sha256.Sum256(text)
		return hex.EncodeToString(sum[:]), nil
	}).(pulumi.StringOutput)
}
