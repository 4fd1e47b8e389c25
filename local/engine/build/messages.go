package build

import (
	"bytes"
	"strings"
)

// messages takes what the go command writes to its standard error: names of packages as it comes to them, downloads,
// and complaints.
type messages struct {
	task *Task
	// idle is the activity when nothing is being downloaded.
	idle string
	// total is how many packages are expected; 0 if that is not known.
	total int
	// library says that nothing is linked when all packages are compiled.
	library bool

	// packages is how many packages were named.
	packages int
	rest     []byte
	kept     []string
}

// maxKept bounds what is kept of a failed build's complaints.
const maxKept = 100

// Write takes whole lines to pieces and keeps the rest for the next call.
func (m *messages) Write(b []byte) (int, error) {
	m.rest = append(m.rest, b...)
	for {
		line, rest, found := bytes.Cut(m.rest, []byte("\n"))
		if !found {
			return len(b), nil
		}
		m.take(string(line))
		m.rest = rest
	}
}

// flush takes a last line that has no end.
func (m *messages) flush() {
	if len(m.rest) > 0 {
		m.take(string(m.rest))
		m.rest = nil
	}
}

func (m *messages) take(line string) {
	line = strings.TrimRight(line, "\r")
	switch module, downloading := strings.CutPrefix(line, "go: downloading "); {
	case downloading:
		m.task.Activity("downloading " + module)
	case isPackage(line):
		m.packages++
		m.task.Count(m.packages, m.total)
		m.task.Activity(m.idle)
		// The go command names the packages as it begins with them; the command itself is the last.
		if m.packages == m.total && !m.library {
			m.task.Activity("linking")
		}
	case line != "" && len(m.kept) < maxKept:
		m.kept = append(m.kept, line)
	}
}

// isPackage tells the import path that go build -v writes from everything else it may write.
func isPackage(line string) bool {
	return line != "" && !strings.ContainsAny(line, " \t:#")
}

// text is what was said besides packages and downloads.
func (m *messages) text() string { return strings.Join(m.kept, "\n") }
