package build

import (
	"bytes"
	"fmt"
	"strings"

	"ingest-pipeline/local/internal/progress"
)

// messages is what the go command writes to its standard error: the packages that it compiles, the modules that it
// downloads, and errors.
type messages struct {
	task *progress.Task
	// packages is how many packages were compiled.
	packages int
	rest     []byte
	errors   []string
}

// maxErrors bounds how many lines of errors are kept.
const maxErrors = 100

// Write handles whole lines, and keeps the rest for the next call.
func (m *messages) Write(b []byte) (int, error) {
	m.rest = append(m.rest, b...)
	for {
		line, rest, found := bytes.Cut(m.rest, []byte("\n"))
		if !found {
			return len(b), nil
		}
		m.line(string(line))
		m.rest = rest
	}
}

// flush handles a last line that has no end.
func (m *messages) flush() {
	if len(m.rest) > 0 {
		m.line(string(m.rest))
		m.rest = nil
	}
}

func (m *messages) line(line string) {
	line = strings.TrimRight(line, "\r")
	switch module, downloading := strings.CutPrefix(line, "go: downloading "); {
	case downloading:
		m.task.Update("downloading " + module)
	case isPackage(line):
		m.packages++
		m.task.Update(fmt.Sprintf("%d packages", m.packages))
	case line != "" && len(m.errors) < maxErrors:
		m.errors = append(m.errors, line)
	}
}

// isPackage distinguishes the import paths that go build -v prints from everything else.
func isPackage(line string) bool {
	return line != "" && !strings.ContainsAny(line, " \t:#")
}

// text is everything but packages and downloads.
func (m *messages) text() string { return strings.Join(m.errors, "\n") }
