package tail

import (
	"fmt"
	"strings"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/ohler55/ojg/jp"
)

// Options configures a run.
type Options struct {
	// Stream is the name of the stream.
	Stream string
	// Since is when the first events arrived. Zero: from now.
	Since time.Time
	// Filter selects events. Empty: all. It is a JSONPath, such as $.customer.id, for the events in which it finds
	// something, or a condition on the event, such as @.value > 10.
	Filter string
	// Type selects events whose member type has this value. Empty: all.
	Type string
	// Raw prints the records as they are in the stream, without columns and with envelopes.
	Raw bool
	// Count ends the run after this many events. 0: it runs until it is interrupted.
	Count int64

	// Clock tells the time and waits. Nil is the real clock.
	Clock clockwork.Clock
}

// OptionsError says that Options are invalid. Nothing was read.
type OptionsError struct {
	// Problems are all problems, each with its flag.
	Problems []string
}

func (e *OptionsError) Error() string { return strings.Join(e.Problems, "; ") }

// Check reports all problems of the options as an *OptionsError, without any input or output.
func (o Options) Check() error {
	var problems []string
	if o.Stream == "" {
		problems = append(problems, "the name of the stream is not given")
	}
	if _, err := newFilter(o); err != nil {
		problems = append(problems, fmt.Sprintf("--filter=%s: must be a JSONPath, such as $.customer.id, or a condition, such as @.value > 10: %v",
			o.Filter, err))
	}
	if o.Count < 0 {
		problems = append(problems, fmt.Sprintf("--count=%d: must be 1 or more", o.Count))
	}
	if len(problems) > 0 {
		return &OptionsError{Problems: problems}
	}
	return nil
}

// filter selects events.
type filter struct {
	// path finds something in an event, or condition something in a list of the event alone; nil: not set.
	path, condition jp.Expr
	typ             string
}

func newFilter(o Options) (f filter, err error) {
	f.typ = o.Type
	switch {
	case o.Filter == "":
	case strings.HasPrefix(o.Filter, "$"):
		f.path, err = jp.ParseString(o.Filter)
	default:
		f.condition, err = jp.ParseString("$[?(" + o.Filter + ")]")
	}
	return f, err
}

// selects reports whether an event is shown. event is nil for a record that is not JSON.
func (f filter) selects(event any) bool {
	if f.typ != "" {
		object, _ := event.(map[string]any)
		if object["type"] != f.typ {
			return false
		}
	}
	return (f.path == nil || f.path.Has(event)) && (f.condition == nil || f.condition.Has([]any{event}))
}

// ParseSince parses a time: a duration before now, such as 10m, or a time in RFC 3339. Empty: the zero time.
func ParseSince(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if age, err := time.ParseDuration(text); err == nil && age > 0 {
		return now.Add(-age), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || at.After(now) {
		return time.Time{}, fmt.Errorf("--since=%s: must be how long ago, such as 10m, or a time in the past, such as %s",
			text, now.UTC().Add(-time.Hour).Format(time.RFC3339))
	}
	return at, nil
}
