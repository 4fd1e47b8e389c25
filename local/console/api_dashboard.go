package console

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"ingest-pipeline/local/aws/cloudwatch"
)

// dashboard is a CloudWatch dashboard with the values of its graphs.
type dashboard struct {
	Name    string   `json:"name"`
	Widgets []widget `json:"widgets"`
	// Start and End are the range of the graphs.
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

// widget is a graph of the dashboard's body:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
type widget struct {
	Title  string `json:"title"`
	X      int    `json:"x"`
	Y      int    `json:"y"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Series []line `json:"series"`
	// Limits are the horizontal annotations.
	Limits []limit `json:"limits"`
	// NotDrawn says what of the widget the console cannot draw.
	NotDrawn []string `json:"notDrawn"`
}

type line struct {
	Label string `json:"label"`
	// Points are milliseconds since 1970 and values.
	Points [][2]float64 `json:"points"`
}

type limit struct {
	Label string  `json:"label"`
	Value float64 `json:"value"`
}

// body is the part of a dashboard's body that the console draws.
type body struct {
	Widgets []struct {
		Type                string
		X, Y, Width, Height int
		Properties          struct {
			Title       string
			Metrics     [][]json.RawMessage
			Stat        string
			Period      int
			Markdown    string
			Annotations struct{ Horizontal []limit }
		}
	}
}

// graphMinutes is the range of the graphs by default, and the longest for which there are values.
const (
	graphMinutes    = 60
	maxGraphMinutes = int(cloudwatch.Retention / time.Minute)
)

func (s *Server) getDashboard(r *http.Request) (any, error) {
	minutes, err := number(r, "minutes", graphMinutes, maxGraphMinutes)
	if err != nil {
		return nil, err
	}
	end := s.options.Cloud.Clock.Now()
	dashboards := []dashboard{}
	for _, name := range s.options.Cloud.CloudWatch.ListDashboards() {
		text, err := s.options.Cloud.CloudWatch.GetDashboard(name)
		if err != nil {
			continue // deleted a moment ago
		}
		var declared body
		if err := json.Unmarshal([]byte(text), &declared); err != nil {
			return nil, fmt.Errorf("reading the dashboard %s: %w", name, err)
		}
		d := dashboard{Name: name, Widgets: []widget{}, Start: end.Add(-time.Duration(minutes) * time.Minute), End: end}
		for _, w := range declared.Widgets {
			p := w.Properties
			drawn := widget{
				Title: p.Title, X: w.X, Y: w.Y, Width: w.Width, Height: w.Height, Series: []line{},
				Limits: append([]limit{}, p.Annotations.Horizontal...), NotDrawn: []string{},
			}
			if w.Type != "metric" {
				drawn.NotDrawn = append(drawn.NotDrawn, "a widget of type "+w.Type)
			}
			for i := range p.Metrics {
				s.addSeries(&drawn, p.Metrics, i, cloudwatch.Query{Start: d.Start, End: end, PeriodSeconds: p.Period, Statistic: p.Stat})
			}
			d.Widgets = append(d.Widgets, drawn)
		}
		dashboards = append(dashboards, d)
	}
	return dashboards, nil
}

// addSeries adds the values of a metric of a widget.
func (s *Server) addSeries(w *widget, metrics [][]json.RawMessage, index int, q cloudwatch.Query) {
	var rendering struct{ Label, Stat, Expression string }
	names := []string{}
	for _, part := range metrics[index] {
		var name string
		if json.Unmarshal(part, &name) == nil {
			names = append(names, name)
		} else {
			_ = json.Unmarshal(part, &rendering) // PutDashboard accepts an object only
		}
	}
	if rendering.Expression != "" || len(names) < 2 || len(names)%2 != 0 {
		w.NotDrawn = append(w.NotDrawn, "expressions and abbreviated metrics")
		return
	}
	q.MetricID = cloudwatch.MetricID{Namespace: names[0], Name: names[1], Dimensions: cloudwatch.Dimensions{}}
	for i := 2; i < len(names); i += 2 {
		q.Dimensions[names[i]] = names[i+1]
	}
	if rendering.Stat != "" {
		q.Statistic = rendering.Stat
	}
	if q.Statistic == "" {
		q.Statistic = "Average" // documented: the default of a widget
	}
	if q.PeriodSeconds == 0 {
		q.PeriodSeconds = 300 // documented: the default of a widget
	}
	drawn := line{Label: names[1], Points: [][2]float64{}}
	if rendering.Label != "" {
		drawn.Label = rendering.Label
	}
	points, err := s.options.Cloud.CloudWatch.GetMetricStatistics(q)
	if err != nil {
		w.NotDrawn = append(w.NotDrawn, names[1]+": "+err.Error())
		return
	}
	for _, p := range points {
		drawn.Points = append(drawn.Points, [2]float64{float64(p.Time.UnixMilli()), p.Value})
	}
	w.Series = append(w.Series, drawn)
}
