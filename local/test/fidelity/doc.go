// Package fidelity compares the local target with answers of AWS that other projects have published.
//
// testdata has a file for each of their tests: our transcription of its requests and of AWS's answers to them. What the
// comparison found is docs/fidelity.md, whose tables go test ./test/fidelity -update writes.
package fidelity
