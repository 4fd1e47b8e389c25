package kinesis

import (
	"os"
	"testing"
)

// childVariable, when set, makes the test binary a producer that waits to be killed; see kill_test.go.
const childVariable = "KINESIS_TEST_CHILD_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childVariable); dir != "" {
		produceUntilKilled(dir)
		return
	}
	if dir := os.Getenv(millionVariable); dir != "" {
		putMillion(dir)
		return
	}
	os.Exit(m.Run())
}
