package progress

import (
	"bytes"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// record is what a task writes when script is what happens, on a clock that passes while script sleeps.
func record(t *testing.T, terminal bool, script func(task *Task)) string {
	t.Helper()
	var out bytes.Buffer
	synctest.Test(t, func(*testing.T) {
		script((&Display{Out: &out, Terminal: terminal}).Start("building the thing"))
	})
	return out.String()
}

// pass lets time pass, and a line that is due then be written.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestWithoutATerminalThereIsALineEveryFewSeconds(t *testing.T) {
	got := record(t, false, func(task *Task) {
		pass(2 * time.Second)
		task.Update("12 packages")
		pass(4 * time.Second)
		task.UpdateFunc(func() string { return "13 packages" })
		task.Printf("a module is %s", "large")
		pass(55 * time.Second)
		task.Done("built the thing")
	})
	assert.Equal(t, "building the thing: 2.0s\na module is large\nbuilding the thing: 13 packages, 7.0s\n", strings.Join(strings.SplitAfter(got, "\n")[:3], ""))
	assert.Equal(t, "built the thing in 1m01s\n", got[strings.LastIndex(strings.TrimSpace(got), "\n")+1:])
	assert.Equal(t, 1+1+11+1, strings.Count(got, "\n"), "one after 2 s, a print, one every 5 s, and the end:\n%s", got)
}

func TestOnATerminalOneLineIsOverwritten(t *testing.T) {
	got := record(t, true, func(task *Task) {
		task.Update("150 packages")
		pass(2 * time.Second)
		task.Update(strings.Repeat("längst ", 30))
		pass(200 * time.Millisecond)
		task.Done("built the thing")
	})
	lines := strings.Split(got, "\r")
	require.Len(t, lines, 4)
	assert.Equal(t, "building the thing: 150 packages, 2.0s\x1b[K", lines[1])
	assert.Len(t, []rune(strings.TrimSuffix(lines[2], "\x1b[K")), 79, "a line that wraps cannot be overwritten")
	assert.Equal(t, "\x1b[Kbuilt the thing in 2.2s\n", lines[3])
}

func TestWorkThatIsQuickIsNotShown(t *testing.T) {
	got := record(t, true, func(task *Task) {
		pass(1900 * time.Millisecond)
		task.Done("built the thing")
	})
	assert.Empty(t, got)
}

func TestAnAbandonedTaskLeavesNoLineOnATerminal(t *testing.T) {
	got := record(t, true, func(task *Task) {
		pass(2 * time.Second)
		task.Abandon()
	})
	assert.True(t, strings.HasSuffix(got, "\r\x1b[K"), "%q", got)
}

func TestElapsedTimeIsShort(t *testing.T) {
	for _, test := range []struct {
		given time.Duration
		want  string
	}{
		{140 * time.Millisecond, "0.1s"}, {9940 * time.Millisecond, "9.9s"}, {9960 * time.Millisecond, "10s"},
		{12400 * time.Millisecond, "12s"}, {59 * time.Second, "59s"}, {59600 * time.Millisecond, "1m00s"},
		{185 * time.Second, "3m05s"}, {3700 * time.Second, "61m40s"},
	} {
		assert.Equal(t, test.want, Elapsed(test.given))
	}
}
