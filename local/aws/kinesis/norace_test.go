//go:build !race

package kinesis

const raceDetector = false
