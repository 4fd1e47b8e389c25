// Package progress shows that work which takes long goes on. It imports the standard library only: the launcher uses it,
// and has to compile in seconds.
package progress

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"
	"unicode/utf8"
)

// Display shows tasks. On a terminal a task has one line, which is overwritten; elsewhere it has a new line every few
// seconds. Both say the same. Work that takes less than two seconds is not shown.
type Display struct {
	Out io.Writer
	// Terminal says that Out can go back to the beginning of a line.
	Terminal bool
}

const (
	quietFor      = 2 * time.Second
	everyTerminal = 200 * time.Millisecond
	everyPlain    = 5 * time.Second
)

// New shows progress on a file, such as os.Stderr.
func New(file *os.File) *Display {
	info, err := file.Stat()
	terminal := err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
	return &Display{Out: file, Terminal: terminal}
}

// Task is work that takes long. Its methods can be called from any goroutine; it is ended once, by Done or Abandon.
type Task struct {
	display *Display
	title   string
	start   time.Time
	stop    chan struct{}
	stopped chan struct{}

	mu    sync.Mutex
	text  func() string
	shown bool
}

// Start starts a task, whose title is such as "building the local target".
func (d *Display) Start(title string) *Task {
	t := &Task{display: d, title: title, start: time.Now(), stop: make(chan struct{}), stopped: make(chan struct{})}
	go t.run()
	return t
}

// Update sets the text behind the title, such as "120 packages". It is shown the next time that the line is due.
func (t *Task) Update(text string) { t.UpdateFunc(func() string { return text }) }

// UpdateFunc sets a function that returns the text, for work with steps too short to format a text for each. It must not
// use the task.
func (t *Task) UpdateFunc(text func() string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = text
}

// Printf writes a line of its own.
func (t *Task) Printf(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.clear()
	fmt.Fprintf(t.display.Out, format+"\n", args...)
}

// Elapsed is the time since the start.
func (t *Task) Elapsed() time.Duration { return time.Since(t.start) }

// Done ends the task. If it was shown, a line with the text and the time that it took remains.
func (t *Task) Done(text string) {
	t.end()
	if t.shown {
		fmt.Fprintf(t.display.Out, "%s in %s\n", text, Elapsed(t.Elapsed()))
	}
}

// Abandon ends the task without a line.
func (t *Task) Abandon() { t.end() }

func (t *Task) end() {
	close(t.stop)
	<-t.stopped
	t.clear()
}

func (t *Task) run() {
	defer close(t.stopped)
	every := everyPlain
	if t.display.Terminal {
		every = everyTerminal
	}
	timer := time.NewTimer(quietFor)
	defer timer.Stop()
	for {
		select {
		case <-t.stop:
			return
		case <-timer.C:
			t.show()
			timer.Reset(every)
		}
	}
}

func (t *Task) show() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.shown = true
	if t.display.Terminal {
		fmt.Fprintf(t.display.Out, "\r%s\x1b[K", truncate(t.line()))
		return
	}
	fmt.Fprintln(t.display.Out, t.line())
}

// clear removes the line that is overwritten.
func (t *Task) clear() {
	if t.shown && t.display.Terminal {
		fmt.Fprint(t.display.Out, "\r\x1b[K")
	}
}

func (t *Task) line() string {
	if t.text == nil {
		return fmt.Sprintf("%s: %s", t.title, Elapsed(t.Elapsed()))
	}
	return fmt.Sprintf("%s: %s, %s", t.title, t.text(), Elapsed(t.Elapsed()))
}

// maxLine keeps the line from wrapping on a terminal of 80 columns: a wrapped line cannot be overwritten.
const maxLine = 79

func truncate(line string) string {
	if utf8.RuneCountInString(line) <= maxLine {
		return line
	}
	return string([]rune(line)[:maxLine])
}

// Elapsed formats a duration: 0.4s, 12s, 3m05s.
func Elapsed(d time.Duration) string {
	switch {
	case d < 9950*time.Millisecond:
		return fmt.Sprintf("%.1fs", d.Seconds())
	case d < 59500*time.Millisecond:
		return fmt.Sprintf("%.0fs", d.Seconds())
	}
	d = d.Round(time.Second)
	return fmt.Sprintf("%dm%02ds", d/time.Minute, d%time.Minute/time.Second)
}
