package provider

import (
	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/aws/iam"
)

// resourceType describes a type of resource: its table of properties, and by define what can be done with it.
type resourceType struct {
	// token is the type's token in pulumi-aws, such as "aws:kinesis/stream:Stream".
	token string
	// inputs are the properties that a program can set.
	inputs properties
	// outputs are the names of the properties that only AWS sets. tagsAll is added to every type with tags.
	outputs []string
	// secrets are the outputs that are secret whether or not the program says so.
	secrets []string
	// naming names the property that gets a random name when the program leaves it out; nil: the type has none.
	naming *naming
	// deleteBeforeReplace: the old resource is deleted before its replacement is created.
	deleteBeforeReplace bool
	// validate says what is wrong with properties that depend on each other. It is called when each by itself is right.
	validate func(in state, account iam.Account, fail func(path, reason string))

	// order is the type's place in the registry.
	order int
	implementation
}

// state is the value of a resource's properties, as plain JSON values.
type state = map[string]any

// services are what resources are created in.
type services struct {
	*aws.Cloud
	// store has the resources that no service knows.
	store *store
}
