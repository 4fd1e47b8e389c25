package cost

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"
)

// column describes a column of a table.
type column struct {
	name  string
	right bool
}

// grid writes a table. A nil row is a separator.
func grid(out io.Writer, columns []column, rows [][]string) {
	widths := make([]int, len(columns))
	for i, c := range columns {
		widths[i] = len([]rune(c.name))
		for _, row := range rows {
			if row != nil {
				widths[i] = max(widths[i], len([]rune(row[i])))
			}
		}
	}
	write := func(cells []string) {
		var line strings.Builder
		for i, cell := range cells {
			pad := strings.Repeat(" ", widths[i]-len([]rune(cell)))
			if columns[i].right {
				line.WriteString(pad + cell)
			} else {
				line.WriteString(cell + pad)
			}
			line.WriteString("  ")
		}
		fmt.Fprintln(out, strings.TrimRight(line.String(), " "))
	}
	var header, rule []string
	for i, c := range columns {
		header, rule = append(header, c.name), append(rule, strings.Repeat("-", widths[i]))
	}
	write(header)
	for _, row := range rows {
		if row == nil {
			row = rule
		}
		write(row)
	}
}

// write writes the report as text.
func (r Report) write(out io.Writer) {
	where := r.Region
	if r.Region != r.StackRegion {
		where = fmt.Sprintf("priced as if it were in %s (it is in %s)", r.Region, r.StackRegion)
	} else {
		where = "in " + where
	}
	fmt.Fprintf(out, "stack %s %s: %s events/s of %s bytes, %s; %s million events a month\n\n", r.Stack, where,
		number(r.EventsPerSecond), humanize.Comma(int64(r.EventBytes)), r.Estimate.describeRequests(), number(r.EventsPerMonth/1e6))
	r.writeEstimate(out)
	fmt.Fprintf(out, "\nshards: %d needed if they were evenly and fully used (%s by events, %s by bytes), %d with a third kept free\n",
		r.Shards.Needed, number(r.Shards.ByRecords), number(r.Shards.ByBytes), r.Shards.Advised)
	fmt.Fprintf(out, "idle: %s\n\n", r.idle())
	r.writeWays(out)
	fmt.Fprintln(out)
	for _, warning := range r.Warnings {
		fmt.Fprintf(out, "warning: %s\n", warning)
	}
	for _, note := range r.Notes {
		fmt.Fprintf(out, "- %s\n", note)
	}
	fmt.Fprintf(out, "- not counted: %s\n", strings.Join(r.NotCounted, "; "))
	r.writeSources(out)
}

func (r Report) writeEstimate(out io.Writer) {
	var rows [][]string
	for _, line := range r.Estimate.Lines {
		row := []string{line.Service, line.What, "?", "unknown", "unknown", ""}
		if line.Quantity != nil {
			row[2] = number(*line.Quantity) + " " + line.Unit
		}
		if line.PerMonth != nil {
			row[3], row[4] = usd(*line.PerMonth, 2), usd(*line.PerMillion, 3)
			if line.Least != nil {
				row[1] = fmt.Sprintf("%s, %s-%s", line.What, usd(*line.Least, 2), strings.TrimPrefix(usd(*line.Most, 2), "$"))
			}
			if len(r.Estimate.Without) == 0 {
				row[5] = share(*line.PerMonth, r.Estimate.PerMonth)
			}
		}
		rows = append(rows, row)
	}
	total := []string{"total", "", "", r.Estimate.total(2, false), r.Estimate.total(3, true), ""}
	rows = append(rows, nil, total)
	grid(out, []column{
		{"service", false}, {"what", false}, {"in a month", true}, {"per month", true}, {"per million events", true}, {"share", true},
	}, rows)
	r.writeUnknown(out)
}

// writeUnknown says what the total lacks, and what can be done about it.
func (r Report) writeUnknown(out io.Writer) {
	if len(r.Estimate.Without) == 0 {
		return
	}
	fmt.Fprintln(out)
	if r.Estimate.priced() {
		fmt.Fprintf(out, "the total is without: %s\n", strings.Join(r.Estimate.Without, ", "))
	}
	var reasons []string
	for _, line := range r.Estimate.Lines {
		if line.Unknown != "" && !slices.Contains(reasons, line.Unknown) {
			reasons = append(reasons, line.Unknown)
		}
	}
	for _, reason := range reasons {
		fmt.Fprintf(out, "unknown: %s\n", reason)
	}
	fmt.Fprintln(out, "hint: give prices of your own with --prices, or price the same amounts elsewhere with --region")
}

// total formats the sum of the known charges, marked if some are unknown.
func (e Estimate) total(decimals int, perMillion bool) string {
	amount := e.PerMonth
	if perMillion {
		amount = e.PerMillion
	}
	switch {
	case !e.priced():
		return "unknown"
	case len(e.Without) > 0:
		return "at least " + usd(amount, decimals)
	}
	return usd(amount, decimals)
}

func share(part, whole float64) string {
	if whole == 0 {
		return ""
	}
	return fmt.Sprintf("%.0f %%", 100*part/whole)
}

// idle says what the stack costs if nobody destroys it.
func (r Report) idle() string {
	what := "the stream by itself (" + r.Idle.name() + ")"
	if !r.Idle.priced() {
		return fmt.Sprintf("forgotten and without a single event, %s costs an unknown amount: %s", what, r.Idle.Lines[0].Unknown)
	}
	text := fmt.Sprintf("forgotten and without a single event, %s costs %s a month, %s a day", what, r.Idle.total(2, false),
		usd(r.Idle.PerMonth/HoursPerMonth*24, 2))
	if len(r.Idle.Without) > 0 {
		text += ", without " + strings.Join(r.Idle.Without, ", ")
	}
	return text
}

// writeWays compares the ways to run the stream and to send events.
func (r Report) writeWays(out io.Writer) {
	var rows [][]string
	for _, way := range r.Ways {
		api := "unknown"
		if amount := way.sumOf("API Gateway"); amount > 0 {
			api = usd(amount, 2)
		}
		rows = append(rows, []string{way.name(), way.describeRequests(), api, way.total(2, false), way.total(3, true)})
	}
	grid(out, []column{
		{"stream", false}, {"requests", false}, {"API Gateway", true}, {"all per month", true}, {"per million events", true},
	}, rows)
}

// writeSources says when the prices were read.
func (r Report) writeSources(out io.Writer) {
	oldest, newest := "", ""
	for _, line := range r.Estimate.Lines {
		if line.Price == nil {
			continue
		}
		if read := line.Price.Read; oldest == "" || read < oldest {
			oldest = read
		}
		newest = max(newest, line.Price.Read)
	}
	if oldest == "" {
		return
	}
	if oldest != newest {
		oldest += " to " + newest
	}
	fmt.Fprintf(out, "- list prices of %s, read %s; --json has the source of each\n", r.Region, oldest)
}
