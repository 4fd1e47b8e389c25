//go:build race

package kinesis

// raceDetector is whether the tests run under the race detector, which takes several times the memory.
const raceDetector = true
