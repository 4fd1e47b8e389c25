package kinesis

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/windows"
)

// processorTime is what this process has used of all processors, the kernel's share included.
func processorTime(b *testing.B) time.Duration {
	var created, exited, kernel, user windows.Filetime
	require.NoError(b, windows.GetProcessTimes(windows.CurrentProcess(), &created, &exited, &kernel, &user))
	const tick = 100 * time.Nanosecond
	return tick * time.Duration(int64(kernel.HighDateTime+user.HighDateTime)<<32+int64(kernel.LowDateTime)+int64(user.LowDateTime))
}
