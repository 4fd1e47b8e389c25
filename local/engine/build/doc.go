// Package build builds the programs that the local target consists of, its own binary and the Pulumi CLI, from Go modules,
// and shows the progress: with an empty build cache that takes minutes, in which `go run` and `go build` print nothing.
//
// The binaries are kept in the project's .local/bin. Both are built with the same flags, so that they share what is
// compiled, and with flags that make the first build short rather than the programs fast to debug.
package build
