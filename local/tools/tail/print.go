package tail

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/ohler55/ojg/oj"

	"ingest-pipeline/local/tools/internal/envelope"
)

// printer prints the records that a filter selects. It is safe for concurrent use.
type printer struct {
	out    io.Writer
	filter filter
	raw    bool

	mu sync.Mutex
	// left is how many records are printed yet; 0: any number.
	left int64
}

// print prints a record: when it arrived, how long ago that is, its shard and its event. It returns errEnough after the
// last one.
func (p *printer) print(shard string, arrived, now time.Time, data []byte) error {
	event := envelope.Unwrap(data)
	value, err := oj.Parse(event)
	if err != nil {
		value = nil
	}
	if !p.filter.selects(value) {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.left < 0 {
		return errEnough
	}
	if p.raw {
		_, err = fmt.Fprintf(p.out, "%s\n", bytes.TrimSuffix(data, []byte("\n")))
	} else {
		_, err = fmt.Fprintf(p.out, "%s %7s %s %s\n", arrived.UTC().Format("2006-01-02T15:04:05.000Z"), formatAge(now.Sub(arrived)), shard, line(event))
	}
	if err != nil {
		return fmt.Errorf("writing an event: %w", err)
	}
	if p.left == 0 {
		return nil
	}
	if p.left--; p.left == 0 {
		p.left = -1
		return errEnough
	}
	return nil
}

// line is an event on one line: as it is, or quoted if it is not text of one line.
func line(event []byte) string {
	var compact bytes.Buffer
	if json.Compact(&compact, event) == nil {
		return compact.String()
	}
	if !utf8.Valid(event) || bytes.ContainsFunc(event, func(r rune) bool { return !strconv.IsPrint(r) }) {
		return strconv.Quote(string(event))
	}
	return string(event)
}

// formatAge formats an age with a unit that fits it.
func formatAge(age time.Duration) string {
	switch {
	case age < 0: // the clocks differ
		return "0s"
	case age < 100*time.Second:
		return fmt.Sprintf("%.1fs", age.Seconds())
	case age < 100*time.Minute:
		return fmt.Sprintf("%.0fm", age.Minutes())
	}
	return fmt.Sprintf("%.0fh", age.Hours())
}
