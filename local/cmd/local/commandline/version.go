package commandline

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// Version is the version of the program and the local target, which are released together.
const Version = "0.1.0"

// describeVersion is what --version prints: the version, the commit if the go command has recorded it, and what the binary
// was built with and for.
func describeVersion() string {
	text := "ingest-pipeline " + Version
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				text += ", commit " + setting.Value
			}
		}
	}
	return fmt.Sprintf("%s, %s, %s/%s", text, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
