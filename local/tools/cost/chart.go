package cost

import (
	"bytes"
	"fmt"
	"image/color"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// services are the parts of each bar, from the left, in colors that people with any color vision can tell apart (Okabe
// and Ito's palette).
var services = []struct {
	name  string
	color color.Color
}{
	{"API Gateway", color.RGBA{R: 0, G: 114, B: 178, A: 255}},
	{"Kinesis", color.RGBA{R: 230, G: 159, B: 0, A: 255}},
	{"Firehose", color.RGBA{R: 0, G: 158, B: 115, A: 255}},
	{"S3", color.RGBA{R: 204, G: 121, B: 167, A: 255}},
	{"CloudWatch Logs", color.RGBA{R: 150, G: 150, B: 150, A: 255}},
}

const (
	chartWidth, chartHeight = 9 * vg.Inch, 5 * vg.Inch
	barHeight               = 17
	// aboveBar is where a bar's name begins, in parts of the distance from one bar to the next.
	aboveBar = 0.29
	// legendWidth is from one name in the legend to the next, in points.
	legendWidth = 118
)

// letters are of a font that the chart library can measure. Who looks at the picture may have another one: every text
// begins at a fixed place and has room behind it, and the names of usual fonts of the same widths are added below.
func letters(points float64) font.Font {
	return font.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Points(points)}
}

const measured, shown = "font-family:Liberation Sans;", "font-family:'Liberation Sans',Arial,Helvetica,sans-serif;"

// chart draws what the stack and the other ways to run it cost in a month, as one bar each, cut into services.
func (r Report) chart() ([]byte, error) {
	bars := r.bars()
	most := 0.0
	for _, bar := range bars {
		most = max(most, bar.PerMonth)
	}
	if most == 0 {
		return nil, fmt.Errorf("drawing the chart: no price is known for %s", r.Region)
	}
	p := plot.New()
	p.Title.Text = fmt.Sprintf("%s events/s of %s bytes in %s: USD per month, %s", number(r.EventsPerSecond),
		grouped(int64(r.EventBytes)), r.Region, r.caveat(bars))
	p.Title.TextStyle.Font, p.Title.Padding = letters(11), vg.Points(6)
	p.X.Tick.Marker, p.X.Tick.Label.Font = dollars{}, letters(9)
	p.HideY()
	parts, err := r.stack(p, bars)
	if err != nil {
		return nil, fmt.Errorf("drawing the chart: %w", err)
	}
	// After the bars, which set the ranges to what they fill.
	p.X.Min, p.X.Max = 0, most*1.2 // room for the totals
	p.Y.Min, p.Y.Max = -0.4, float64(len(bars))-0.4
	canvas := vgsvg.New(chartWidth, chartHeight)
	page := draw.Crop(draw.New(canvas), vg.Points(10), -vg.Points(14), vg.Points(8), -vg.Points(8))
	legend(page, parts)
	p.Draw(draw.Crop(page, 0, 0, vg.Points(22), 0))
	var out bytes.Buffer
	if _, err := canvas.WriteTo(&out); err != nil {
		return nil, fmt.Errorf("drawing the chart: %w", err)
	}
	return bytes.ReplaceAll(out.Bytes(), []byte(measured), []byte(shown)), nil
}

// legend names the services in a line at the bottom.
func legend(page draw.Canvas, parts []*plotter.BarChart) {
	for i, part := range parts {
		entry := plot.NewLegend()
		entry.TextStyle.Font, entry.ThumbnailWidth, entry.Padding = letters(10), vg.Points(12), vg.Points(3)
		entry.Left, entry.XOffs = true, vg.Points(float64(i)*legendWidth)
		entry.Add(services[i].name, part)
		entry.Draw(page)
	}
}

// bars are the stack, the other ways to run it, and the stack without events.
func (r Report) bars() []Estimate {
	bars := []Estimate{r.Estimate}
	for _, way := range r.Ways {
		if way.name() != r.Estimate.name() || way.BatchSize != r.Estimate.BatchSize {
			bars = append(bars, way)
		}
	}
	return append(bars, r.Idle)
}

// stack adds the bars, each service behind the one before, and gives back those of each service.
func (r Report) stack(p *plot.Plot, bars []Estimate) (parts []*plotter.BarChart, err error) {
	for _, service := range services {
		values := make(plotter.Values, len(bars))
		for i, bar := range bars {
			values[len(bars)-1-i] = bar.service(service.name) // the first bar is at the top
		}
		part, err := plotter.NewBarChart(values, barHeight)
		if err != nil {
			return nil, err
		}
		part.Horizontal, part.Color, part.LineStyle.Width = true, service.color, 0
		if len(parts) > 0 {
			part.StackOn(parts[len(parts)-1])
		}
		p.Add(part)
		parts = append(parts, part)
	}
	var names, totals plotter.XYLabels
	for i, bar := range bars {
		at := float64(len(bars) - 1 - i)
		names.XYs = append(names.XYs, plotter.XY{X: 0, Y: at + aboveBar})
		names.Labels = append(names.Labels, r.barName(i, len(bars)-1, bar))
		totals.XYs = append(totals.XYs, plotter.XY{X: bar.PerMonth, Y: at})
		totals.Labels = append(totals.Labels, bar.total(2, false))
	}
	if err := write(p, names, text.YBottom, 0); err != nil {
		return nil, err
	}
	return parts, write(p, totals, text.YCenter, vg.Points(4))
}

// write adds texts that begin at their places, or so much to the right of them.
func write(p *plot.Plot, texts plotter.XYLabels, align text.YAlignment, right vg.Length) error {
	labels, err := plotter.NewLabels(texts)
	if err != nil {
		return err
	}
	labels.Offset.X = right
	for i := range labels.TextStyle {
		labels.TextStyle[i].Font, labels.TextStyle[i].YAlign = letters(10), align
	}
	p.Add(labels)
	return nil
}

func (r Report) barName(i, last int, bar Estimate) string {
	switch i {
	case 0:
		return fmt.Sprintf("stack %s: %s, %s", r.Stack, bar.name(), bar.requests())
	case last:
		return "idle: " + bar.name() + ", no event"
	}
	return bar.name() + ", " + bar.requests()
}

// caveat says which services' bars are too short, or missing.
func (r Report) caveat(bars []Estimate) string {
	var names []string
	for _, service := range services {
		missing := slices.ContainsFunc(bars, func(bar Estimate) bool {
			return slices.ContainsFunc(bar.Lines, func(l Line) bool { return l.Service == service.name && l.PerMonth == nil })
		})
		if missing {
			names = append(names, service.name)
		}
	}
	if len(names) == 0 {
		return "list prices"
	}
	return "list prices\nwithout prices that are not known, of " + strings.Join(names, ", ")
}

// dollars marks an axis in USD.
type dollars struct{}

func (dollars) Ticks(low, high float64) []plot.Tick {
	ticks := plot.DefaultTicks{}.Ticks(low, high)
	for i, tick := range ticks {
		if tick.Label != "" {
			ticks[i].Label = "$" + number(tick.Value)
		}
	}
	return ticks
}
