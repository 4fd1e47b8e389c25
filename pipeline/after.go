package pipeline

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// after returns value, known only once everything in ready is known. What uses it is created after those resources and
// destroyed before them, without a DependsOn at every place of use.
func after(value pulumi.StringOutput, ready ...pulumi.Input) pulumi.StringOutput {
	inputs := []any{value}
	for _, input := range ready {
		inputs = append(inputs, input)
	}
	return pulumi.All(inputs...).ApplyT(func(values []any) string { return values[0].(string) }).(pulumi.StringOutput)
}

// sortedKeys returns the keys of a map in a stable order, so that every run registers and hashes the same.
func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
