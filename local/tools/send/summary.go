package send

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/dustin/go-humanize/english"
)

// table writes rows of a name and a value.
type table struct{ rows *tabwriter.Writer }

func newTable(out io.Writer) *table {
	return &table{tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)}
}

func (t *table) row(name, format string, args ...any) {
	fmt.Fprintf(t.rows, "%s\t%s\n", name, fmt.Sprintf(format, args...))
}

// write is the summary of the sending.
func (t *tally) write(out io.Writer, url string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	rows := newTable(out)
	rows.row("sent", "%s to %s", plural(t.Attempted, "event"), url)
	rows.row("accepted", "%s", humanize.Comma(t.Accepted))
	rows.row("refused", "%s", reasons(t.Refused))
	rows.row("given up", "%s", reasons(t.GaveUp))
	if t.Skipped > 0 {
		rows.row("sent before", "%s, skipped", humanize.Comma(t.Skipped))
	}
	if t.BadLines > 0 {
		rows.row("bad lines", "%s, not sent", humanize.Comma(t.BadLines))
	}
	if t.Unsent > 0 {
		rows.row("not sent", "%s", humanize.Comma(t.Unsent))
	}
	rows.row("sent again", "%s", reasons(t.RetriedFor))
	rows.row("duplicates", "%s possible", humanize.Comma(t.PossibleDuplicates))
	rows.row("requests", "%s, %s of them repeated", humanize.Comma(t.Requests), humanize.Comma(t.Retried))
	rows.row("took", "%s: %s events/s accepted", short(t.Elapsed), perSecond(t.Accepted, t.Elapsed))
	if t.latency.count > 0 {
		rows.row("latency", "p50 %s, p90 %s, p99 %s, max %s", short(t.latency.quantile(.5)), short(t.latency.quantile(.9)),
			short(t.latency.quantile(.99)), short(t.latency.longest))
	}
	return rows.rows.Flush()
}

// failure says what is wrong after sending; empty if every event was accepted.
func (t *tally) failure() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var parts []string
	if n := t.Attempted - t.Accepted; n > 0 {
		parts = append(parts, fmt.Sprintf("%s of %s not accepted", humanize.Comma(n), plural(t.Attempted, "event")))
	}
	if t.BadLines > 0 {
		parts = append(parts, plural(t.BadLines, "bad line"))
	}
	if t.Unsent > 0 {
		parts = append(parts, plural(t.Unsent, "event")+" not sent")
	}
	return strings.Join(parts, ", ")
}

// write is the summary of the verifying.
func (a Verification) write(out io.Writer) error {
	rows := newTable(out)
	rows.row("found", "%s of %s in %s below %s", humanize.Comma(a.Found), plural(a.Accepted, "accepted event"),
		plural(a.Objects, "new object"), a.Place)
	rows.row("missing", "%s", humanize.Comma(a.Accepted-a.Found))
	rows.row("duplicated", "%s", humanize.Comma(a.Duplicated))
	rows.row("malformed", "%s", plural(a.Malformed, "line"))
	rows.row("altered", "%s", humanize.Comma(a.Altered))
	rows.row("unexpected", "%s", humanize.Comma(a.Unexpected))
	if a.Unanswered > 0 {
		rows.row("unanswered", "%s found without ever having been accepted: the response was lost", humanize.Comma(a.Unanswered))
	}
	if a.Foreign > 0 {
		rows.row("others'", "%s of other senders", plural(a.Foreign, "event"))
	}
	if err := rows.rows.Flush(); err != nil {
		return err
	}
	for _, name := range a.Missing {
		fmt.Fprintf(out, "missing: %s\n", name)
	}
	for _, example := range a.Examples {
		fmt.Fprintf(out, "%s\n", example)
	}
	return nil
}

// failure says what is wrong in S3; empty if nothing is.
func (a Verification) failure() string {
	var parts []string
	for _, part := range []struct {
		count int64
		what  string
	}{
		{a.Accepted - a.Found, "missing"}, {a.Malformed, "malformed"}, {a.Altered, "altered"}, {a.Unexpected, "unexpected"},
	} {
		if part.count > 0 {
			parts = append(parts, humanize.Comma(part.count)+" "+part.what)
		}
	}
	return strings.Join(parts, ", ")
}

// reasons formats counts by reason, the most frequent first.
func reasons(counts map[string]int64) string {
	text := humanize.Comma(sum(counts))
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		if counts[a] != counts[b] {
			return int(counts[b] - counts[a])
		}
		return strings.Compare(a, b)
	})
	for i, name := range names {
		text += fmt.Sprintf("%s%s: %s", [2]string{" (", ", "}[min(i, 1)], name, humanize.Comma(counts[name]))
	}
	if len(names) > 0 {
		text += ")"
	}
	return text
}

func plural(n int64, what string) string {
	return humanize.Comma(n) + " " + english.PluralWord(int(n), what, "")
}

// short formats a duration with about three digits.
func short(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return d.Round(time.Microsecond).String()
	case d < time.Second:
		return d.Round(10 * time.Microsecond).String()
	default:
		return d.Round(10 * time.Millisecond).String()
	}
}

func perSecond(n int64, d time.Duration) string {
	if d <= 0 {
		return "-"
	}
	rate := float64(n) / d.Seconds()
	if rate < 10 {
		return fmt.Sprintf("%.1f", rate)
	}
	return humanize.Comma(int64(rate + .5))
}
