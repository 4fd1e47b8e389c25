package build

import (
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"testing"
)

// The test binary stands in for the go command when these are set: the first chooses what it does, the second is a file
// that it writes down its calls in.
const (
	fakeGo    = "BUILD_TEST_FAKE_GO"
	fakeGoLog = "BUILD_TEST_FAKE_GO_LOG"
)

func TestMain(m *testing.M) {
	if scenario := os.Getenv(fakeGo); scenario != "" {
		runFakeGo(scenario, os.Args[1:])
		return
	}
	os.Exit(m.Run())
}

// runFakeGo does what go build does, as far as Builder can tell.
func runFakeGo(scenario string, args []string) {
	if scenario == "downloads" {
		writeDown(strings.Join(args, " "))
		waitForInterrupt()
	}
	output := args[slices.Index(args, "-o")+1]
	binary := "absent"
	if exists(output) {
		binary = "present"
	}
	writeDown(fmt.Sprintf("%s GOFLAGS=%s GOWORK=%s binary=%s", strings.Join(args, " "), os.Getenv("GOFLAGS"), os.Getenv("GOWORK"), binary))
	fmt.Fprintln(os.Stderr, "go: downloading example.com/m v1.0.0")
	fmt.Fprintln(os.Stderr, "example.com/m")
	fmt.Fprintln(os.Stderr, "internal/thing")
	switch scenario {
	case "offline":
		fail("go: example.com/m@v1.0.0: Get \"https://proxy.example.com/…\": dial tcp: lookup proxy.example.com: no such host")
	case "broken":
		fmt.Fprintln(os.Stderr, "# example.com/m/cmd")
		fail("cmd/main.go:3:1: syntax error: unexpected }")
	case "full":
		fail("write $WORK/b001/x: no space left on device")
	case "interrupted":
		_ = os.WriteFile(output, []byte("half"), 0o755)
		fmt.Fprintln(os.Stderr, "example.com/m/cmd")
		waitForInterrupt()
	}
	fmt.Fprintln(os.Stderr, "example.com/m/cmd")
	if err := os.WriteFile(output, []byte("whole"), 0o755); err != nil {
		fail(err.Error())
	}
}

func waitForInterrupt() {
	interrupt := make(chan os.Signal, 1)
	signal.Notify(interrupt, os.Interrupt)
	writeDown("waiting")
	<-interrupt
	os.Exit(1)
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, message)
	os.Exit(1)
}

func writeDown(line string) {
	log, err := os.OpenFile(os.Getenv(fakeGoLog), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		fail(err.Error())
	}
	defer log.Close()
	fmt.Fprintln(log, line)
}
