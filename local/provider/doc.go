// Package provider is the `aws` provider of the local target: a Pulumi resource provider, in this process, that
// creates the resources of a program in the services of package aws.
//
// The Pulumi engine attaches to it over gRPC (PULUMI_DEBUG_PROVIDERS=aws:<port>) and treats it as it treats the
// official provider, pulumi-aws 6.83.0: types, properties, ids, defaults, names, and which change replaces a resource
// are that provider's. What the local target does not have is refused by name, a whole type, one property, or one
// value of it; nothing is ignored.
//
// As pulumi-aws, the provider has no state: the engine's state has ids, inputs and outputs, and the services of package
// aws have the configuration of their resources. That of resources without a service is in the provider's store (store.go).
//
// # How to write a resource type
//
// A type is a file that is named after it, such as kinesis_stream.go, and a line in registry.go. The file has one
// function, which returns define(resourceType, operations):
//
//   - inputs is the table of properties, with the names, kinds and constraints of pulumi-aws. Every property is held by
//     the field of the configuration struct C that has its name, whatever the case (kmsKeyId: KMSKeyID); inField gives
//     another name, flat spreads an object over the struct that would hold it. C is the service's own struct, or one that
//     embeds it. A property without a field is inert or rejected, or providerOnly: it then is in the engine's state only.
//     For a providerOnly property that an operation needs, such as forceDestroy of a bucket, C is a struct that embeds the
//     service's and has a field for it; what read returns there is not looked at.
//   - outputs are the properties that only AWS sets: fields of C, or what read returns as attributes.
//   - create, read, update and delete call the service, which checks, persists and answers with AWS's errors. After
//     create and update the provider calls read to make the outputs, and read has to return the whole configuration, so
//     that a refresh shows every difference. Properties that the program has not changed are passed to update as the
//     service has them, and computed ones that it leaves out, too: pulumi-aws sends only what has changed. A name that
//     the program leaves to a prefix is made before create.
//   - list returns the ids of all resources of the type, but not of those that AWS creates by itself, such as the log group
//     of a stage. After a deployment was killed, what it created and the engine's state does not have is deleted.
//   - parseID is for types that `pulumi import` finds by another id than the one that create returns, or whose read needs
//     more than the id (the API of a deployment). What create returns is an id that parseID understands if it can be.
//
// A type that no service knows gets its operations from stored (store.go). Each type has a case in the tables of
// lifecycle_test.go and import_test.go; drift_test.go then changes a resource beside the engine.
package provider
