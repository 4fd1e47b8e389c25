package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	provider "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/infer"
	"github.com/pulumi/pulumi-go-provider/middleware/schema"
	spec "github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
)

// component is the inferred component with what infer cannot know, since package pipeline does not import it: descriptions,
// which are the doc comments, and defaults, which are those of pipeline.DefaultArgs.
type component struct {
	infer.InferredComponent
	descriptions descriptions
	defaults     defaults
}

// GetSchema adds descriptions and defaults to the inferred types.
func (c *component) GetSchema(register schema.RegisterDerivativeType) (spec.ResourceSpec, error) {
	resource, err := c.InferredComponent.GetSchema(func(token tokens.Type, typ spec.ComplexTypeSpec) bool {
		name := string(token.Name())
		typ.Description = c.descriptions[name]
		c.describe(name, typ.Properties)
		typ.Required = c.defaults.required(name, typ.Required)
		return register(token, typ)
	})
	if err != nil {
		return spec.ResourceSpec{}, fmt.Errorf("inferring the schema: %w", err)
	}
	resource.Description = c.descriptions["Pipeline"]
	c.describe("Pipeline", resource.Properties)
	c.describe(argsType, resource.InputProperties)
	markPlain(resource.InputProperties)
	resource.RequiredInputs = c.defaults.required(argsType, resource.RequiredInputs)
	return resource, nil
}

// describe completes the properties of a Go type.
func (c *component) describe(typ string, properties map[string]spec.PropertySpec) {
	for name, p := range properties {
		p.Description = c.descriptions[typ+"."+name]
		c.defaults.describe(typ, name, &p)
		properties[name] = p
	}
}

// markPlain says of groups, lists and maps, of which infer says it only for the values in them, that they have to be known when the
// pipeline is planned.
func markPlain(properties map[string]spec.PropertySpec) {
	for name, p := range properties {
		if p.Items != nil && p.Items.Ref != "" {
			p.Items.Plain = true
		}
		if strings.HasPrefix(p.Ref, "#/types/") || p.Items != nil && p.Items.Plain || p.AdditionalProperties != nil && p.AdditionalProperties.Plain {
			p.Plain = true
		}
		properties[name] = p
	}
}

// Construct creates a pipeline whose missing inputs have the defaults: infer would set them to zero, as it does with those
// that are not known yet.
func (c *component) Construct(ctx context.Context, request provider.ConstructRequest) (provider.ConstructResponse, error) {
	var problems []error
	for name, value := range request.Inputs.AllStable {
		if _, plain := c.defaults[argsType].GetOk(name); plain && value.HasComputed() {
			problems = append(problems, fmt.Errorf("%s: must be known when the pipeline is planned "+
				"(it decides which resources there are); do not take it from an output of another resource", name))
		}
	}
	if len(problems) > 0 {
		return provider.ConstructResponse{}, errors.Join(problems...)
	}
	request.Inputs = c.defaults.complete(request.Inputs)
	return c.InferredComponent.Construct(ctx, request)
}
