package aws

import (
	"os"
	"runtime"
)

// RaiseProcessors lets Go run two more threads at once than there are processors, unless GOMAXPROCS is set. Each event
// waits for an fdatasync, and a thread that waits for the disk counts as running until the runtime takes notice: on two
// processors that is half of the machine. It is for the process as a whole, so that main calls it.
func RaiseProcessors() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 2)
	}
}
