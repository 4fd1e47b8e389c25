// Package kinesis is Kinesis Data Streams of the local target: streams of one account whose records are on disk
// before their producer gets the answer.
//
// API answers AWS's clients with AWS's words, limits and errors. In the process a Reader reads all shards; it needs the
// permissions of the four calls that a polling consumer makes.
//
// Each behaviour of AWS is tagged where it is implemented: recorded (an answer of AWS that a project published, with its
// repository and test), documented (with the page) or assumed; docs/fidelity.md counts the recorded ones that agree.
// Where the package differs from AWS: a change takes half a second at most, a record can be read as soon as it was
// acknowledged, and encryption is a setting that shows in answers only.
package kinesis
