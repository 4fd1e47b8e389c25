package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"ingest-pipeline/local/engine"
	"ingest-pipeline/local/internal/progress"
)

// terminal writes whole lines, from any goroutine.
type terminal struct {
	started time.Time

	mu  sync.Mutex
	out io.Writer
	// color says whether out shows colors.
	color bool
	// diffed are the resources whose differences were shown in this operation.
	diffed map[string]bool
}

func newTerminal(file *os.File, started time.Time) *terminal {
	info, err := file.Stat()
	isTerminal := err == nil && info.Mode()&os.ModeCharDevice != 0
	return &terminal{started: started, out: file, color: isTerminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb", diffed: map[string]bool{}}
}

// printf writes a line.
func (c *terminal) printf(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	fmt.Fprintf(c.out, format+"\n", args...)
}

// timedf writes a line that begins with the time since the start.
func (c *terminal) timedf(format string, args ...any) {
	c.printf("%6s  %s", progress.Elapsed(time.Since(c.started)), fmt.Sprintf(format, args...))
}

// ANSI colors of the marks, as the Pulumi CLI has them.
const (
	green, yellow, red, magenta, plain = "\x1b[32m", "\x1b[33m", "\x1b[31m", "\x1b[35m", "\x1b[0m"
)

// marks are the engine's operations as they are shown.
var marks = map[string]struct{ mark, color, done string }{
	"create":             {"+", green, "created"},
	"create-replacement": {"++", green, "replacement created"},
	"replace":            {"+-", magenta, "replaced"},
	"delete-replaced":    {"--", red, "old one deleted"},
	"update":             {"~", yellow, "updated"},
	"delete":             {"-", red, "deleted"},
	"discard":            {"<", red, "discarded"},
	"import":             {"=", green, "imported"},
}

// step shows what the engine has done to one resource. Resources that stay as they are, are not shown.
func (c *terminal) step(s engine.Step) {
	if s.State == engine.Begun || !s.Changes() || s.Component || strings.HasPrefix(s.Type, "pulumi:") {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	mark, known := marks[s.Op]
	if !known {
		mark.mark, mark.done = "*", s.Op
	}
	note := mark.done
	switch {
	case s.State == engine.Failed:
		note = "failed"
	case s.Op == "delete" && s.Retained:
		note = "retained"
	}
	if s.Took >= 100*time.Millisecond {
		note += " in " + progress.Elapsed(s.Took)
	}
	text := mark.mark
	if c.color {
		text = mark.color + mark.mark + plain
	}
	fmt.Fprintf(c.out, "  %s%s %-50s %-34s %s\n", text, strings.Repeat(" ", max(0, 2-len(mark.mark))), s.ShortType(), s.Name(), note)
	if c.diffed[s.URN] {
		return
	}
	for _, d := range s.Diffs {
		c.diffed[s.URN] = true
		fmt.Fprintf(c.out, "       %s\n", d)
	}
}

// beginOperation has the differences of each resource shown once more.
func (c *terminal) beginOperation() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.diffed = map[string]bool{}
}

// message shows a message of the engine, the program or a provider.
func (c *terminal) message(m engine.Message) {
	prefix := ""
	if m.Severity == engine.Warning {
		prefix = "warning: "
	}
	c.printf("  %s%s", prefix, strings.ReplaceAll(m.Text, "\n", "\n    "))
}

// summary is a result in a line: "44 created, 1 updated in 1.6s".
func summary(r engine.Result) string {
	counts := map[string]int{}
	for _, s := range r.Steps {
		if s.Component || strings.HasPrefix(s.Type, "pulumi:") || s.State == engine.Failed {
			continue
		}
		switch s.Op {
		case "same", "read", "refresh":
			counts["unchanged"]++
		case "create-replacement", "delete-replaced": // a replacement is shown once, as "replace"
		default:
			if s.Op == "delete" && s.Retained {
				counts["kept"]++
			} else if mark, known := marks[s.Op]; known {
				counts[mark.done]++
			} else {
				counts[s.Op]++
			}
		}
	}
	if counts["unchanged"] > 0 && len(counts) == 1 {
		return fmt.Sprintf("no changes: all %d resources are as the program declares them (%s)", counts["unchanged"], progress.Elapsed(r.Took))
	}
	var parts []string
	for _, word := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d %s", counts[word], word))
	}
	if len(parts) == 0 {
		parts = []string{"nothing to do"}
	}
	return fmt.Sprintf("%s in %s", strings.Join(parts, ", "), progress.Elapsed(r.Took))
}
