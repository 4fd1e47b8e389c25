// Package provider is the `aws` provider of the local target: a Pulumi resource provider, in this process, that makes
// the resources of a program come alive in the services of package aws.
//
// The Pulumi engine attaches to it over gRPC (PULUMI_DEBUG_PROVIDERS=aws:<port>) and treats it as it treats the
// official provider, pulumi-aws 6.83.0: types, properties, ids, defaults, names, and which change replaces a resource
// are that provider's. What the local target does not have is refused by name, a whole type, one property, or one
// value of it; nothing is ignored.
//
// Each AWS noun has a file of its own, such as kinesis_stream.go. It describes the type in one table and says how it
// is created, updated, deleted and read; a new noun is a new file and a line in registry.go. The rest of the package
// does what is the same for all: checking, defaults and names, what differs, the table of resources that is kept in the
// state folder, and putting the resources back when the local target starts again.
package provider
