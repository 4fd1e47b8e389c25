// Package build makes the programs that the local target consists of, its own binary and the Pulumi CLI, from Go
// modules, and shows how far it is: cold, that takes minutes, and `go run` and `go build` say nothing meanwhile.
//
// What is built is kept in the project's .local/bin. Both programs are built with the flags that go run, go test and
// go vet use, so that all of them share what was compiled in Go's build cache.
package build
