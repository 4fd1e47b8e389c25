package build

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"
)

// Progress shows how far something is that takes long: on a terminal in one line that changes, elsewhere in a line
// every few seconds. It shows nothing of what takes less than two seconds.
//
// It draws its own bar: the library that would (schollz/progressbar) imports net/http, and the launcher would be
// silent for twice as long while go run compiles it.
type Progress struct {
	Out io.Writer
	// Terminal says whether Out can go back to the beginning of a line.
	Terminal bool
	// Clock tells the time. Nil is the real clock.
	Clock clockwork.Clock
}

const (
	quietFor      = 2 * time.Second
	everyTerminal = 200 * time.Millisecond
	everyPlain    = 5 * time.Second
)

// NewProgress shows progress on a file, such as os.Stderr.
func NewProgress(file *os.File) *Progress {
	info, err := file.Stat()
	terminal := err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
	return &Progress{Out: file, Terminal: terminal}
}

// Task is one thing that takes long.
type Task struct {
	progress *Progress
	clock    clockwork.Clock
	title    string
	start    time.Time
	stop     chan struct{}
	stopped  chan struct{}

	mu       sync.Mutex
	activity string
	done     int
	total    int
	shown    bool
}

// Start begins to show a task, whose title is such as "building the local target". It has to be ended with Finish or
// Abandon.
func (p *Progress) Start(title string) *Task {
	clock := p.Clock
	if clock == nil {
		clock = clockwork.NewRealClock()
	}
	t := &Task{progress: p, clock: clock, title: title, start: clock.Now(), stop: make(chan struct{}), stopped: make(chan struct{})}
	go t.show()
	return t
}

// Print writes a line of its own, above the line that changes.
func (t *Task) Print(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.clear()
	fmt.Fprintf(t.progress.Out, format+"\n", args...)
}

// Activity says what is being done now, such as "linking"; empty: work on the packages that are counted.
func (t *Task) Activity(activity string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.activity = activity
}

// Count says how much is done, and of how much; a total of 0 is not known.
func (t *Task) Count(done, total int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done, t.total = done, total
}

// Elapsed is the time since the start.
func (t *Task) Elapsed() time.Duration { return t.clock.Since(t.start) }

// Finish ends the task and, if it was shown at all, says in a line how it ended and how long it took.
func (t *Task) Finish(result string) {
	t.end()
	if t.shown {
		fmt.Fprintf(t.progress.Out, "%s in %s\n", result, Elapsed(t.Elapsed()))
	}
}

// Abandon ends the task without a word: the error will be told elsewhere.
func (t *Task) Abandon() { t.end() }

func (t *Task) end() {
	close(t.stop)
	<-t.stopped
	t.mu.Lock()
	defer t.mu.Unlock()
	t.clear()
}

func (t *Task) show() {
	defer close(t.stopped)
	every := everyPlain
	if t.progress.Terminal {
		every = everyTerminal
	}
	timer := t.clock.NewTimer(quietFor)
	defer timer.Stop()
	for {
		select {
		case <-t.stop:
			return
		case <-timer.Chan():
			t.draw()
			timer.Reset(every)
		}
	}
}

func (t *Task) draw() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.shown = true
	if t.progress.Terminal {
		fmt.Fprintf(t.progress.Out, "\r%s\x1b[K", t.line())
		return
	}
	fmt.Fprintln(t.progress.Out, t.line())
}

// clear takes the changing line away; the caller holds mu.
func (t *Task) clear() {
	if t.shown && t.progress.Terminal {
		fmt.Fprint(t.progress.Out, "\r\x1b[K")
	}
}

const (
	barWidth = 24
	// maxLine keeps the changing line from wrapping on a terminal of 80 columns: a wrapped line cannot be overwritten.
	maxLine = 79
)

func (t *Task) line() string {
	var count string
	switch {
	case t.activity != "":
		count = t.activity
	case t.total > 0:
		count = fmt.Sprintf("%d of %d packages", min(t.done, t.total), t.total)
	case t.done > 0:
		count = fmt.Sprintf("%d packages", t.done)
	default:
		count = "looking for what has changed"
	}
	elapsed := Elapsed(t.Elapsed())
	if !t.progress.Terminal {
		return fmt.Sprintf("%s: %s, %s", t.title, count, elapsed)
	}
	bar := ""
	if t.total > 0 {
		full := barWidth * min(t.done, t.total) / t.total
		bar = " [" + strings.Repeat("#", full) + strings.Repeat(".", barWidth-full) + "]"
	}
	line := fmt.Sprintf("%s%s %s %s", t.title, bar, elapsed, count)
	if len(line) > maxLine {
		line = line[:maxLine]
	}
	return line
}

// Elapsed writes a duration as people say it: 0.4s, 12s, 3m05s.
func Elapsed(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1fs", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%.0fs", d.Seconds())
	}
	d = d.Round(time.Second)
	return fmt.Sprintf("%dm%02ds", d/time.Minute, d%time.Minute/time.Second)
}
