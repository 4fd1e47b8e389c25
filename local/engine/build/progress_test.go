package build

import (
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// shown runs a task on a fake clock: script is what happens, with advance to let time pass until the next drawing.
func shown(t *testing.T, terminal bool, script func(task *Task, advance func(time.Duration))) string {
	t.Helper()
	clock := clockwork.NewFakeClock()
	out := &output{}
	task := (&Progress{Out: out, Terminal: terminal, Clock: clock}).Start("building the thing")
	script(task, func(d time.Duration) {
		require.NoError(t, clock.BlockUntilContext(t.Context(), 1))
		before := len(out.String())
		clock.Advance(d)
		require.Eventually(t, func() bool { return len(out.String()) > before }, 5*time.Second, time.Millisecond)
	})
	return out.String()
}

func TestWithoutATerminalThereIsALineEveryFewSeconds(t *testing.T) {
	got := shown(t, false, func(task *Task, advance func(time.Duration)) {
		advance(2 * time.Second)
		task.Count(12, 300)
		advance(5 * time.Second)
		task.Activity("downloading example.com/m v1.0.0")
		advance(5 * time.Second)
		task.Activity("linking")
		advance(90 * time.Second)
		task.Finish("built the thing, 300 packages,")
	})
	assert.Equal(t, strings.Join([]string{
		"building the thing: looking for what has changed, 2.0s",
		"building the thing: 12 of 300 packages, 7.0s",
		"building the thing: downloading example.com/m v1.0.0, 12s",
		"building the thing: linking, 1m42s",
		"built the thing, 300 packages, in 1m42s",
		"",
	}, "\n"), got)
}

func TestOnATerminalOneLineChanges(t *testing.T) {
	got := shown(t, true, func(task *Task, advance func(time.Duration)) {
		task.Count(150, 300)
		advance(2 * time.Second)
		task.Activity(strings.Repeat("long ", 30))
		advance(200 * time.Millisecond)
		task.Finish("built the thing,")
	})
	lines := strings.Split(got, "\r")
	require.Len(t, lines, 4)
	assert.Equal(t, "building the thing [############............] 2.0s 150 of 300 packages\x1b[K", lines[1])
	assert.Len(t, strings.TrimSuffix(lines[2], "\x1b[K"), 79, "a line that wraps cannot be taken back")
	assert.Equal(t, "\x1b[Kbuilt the thing, in 2.2s\n", lines[3])
}

func TestWhatIsQuickIsNotShown(t *testing.T) {
	got := shown(t, true, func(task *Task, _ func(time.Duration)) { task.Finish("built the thing,") })
	assert.Empty(t, got)
}

func TestElapsedTimeReadsAsPeopleSayIt(t *testing.T) {
	for _, test := range []struct {
		given time.Duration
		want  string
	}{
		{140 * time.Millisecond, "0.1s"}, {9940 * time.Millisecond, "9.9s"}, {12400 * time.Millisecond, "12s"},
		{59 * time.Second, "59s"}, {185 * time.Second, "3m05s"}, {3700 * time.Second, "61m40s"},
	} {
		assert.Equal(t, test.want, Elapsed(test.given))
	}
}
