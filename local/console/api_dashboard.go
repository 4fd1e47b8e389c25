package console

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
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

// widget is what a widget of a dashboard shows.
type widget struct {
	Title string `json:"title"`
	// X and Y are nil for the next place that is free.
	X      *int   `json:"x"`
	Y      *int   `json:"y"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Series []line `json:"series"`
	// Limits are the horizontal annotations.
	Limits []limit `json:"limits"`
	// Markdown is the content of a text widget.
	Markdown string `json:"markdown"`
	// Alarms are those of an alarm widget.
	Alarms []alarmStatus `json:"alarms"`
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

type alarmStatus struct {
	Name string `json:"name"`
	// State is empty for an alarm that does not exist.
	State string `json:"state"`
}

// declaredWidget is the part of a widget that the console draws:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
type declaredWidget struct {
	Type          string
	X, Y          *int
	Width, Height int
	Properties    struct {
		Title       string
		Metrics     [][]json.RawMessage
		Region      string
		View        string
		Stat        string
		Period      int
		Markdown    string
		Alarms      []string
		Annotations struct {
			Horizontal       []limit
			Vertical, Alarms []json.RawMessage
		}
	}
}

// widgetSide is the width and height of a widget by default (documented).
const widgetSide = 6

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
		var body struct{ Widgets []declaredWidget }
		if err := json.Unmarshal([]byte(text), &body); err != nil {
			return nil, fmt.Errorf("reading the dashboard %s: %w", name, err)
		}
		d := dashboard{Name: name, Widgets: []widget{}, Start: end.Add(-time.Duration(minutes) * time.Minute), End: end}
		for _, declared := range body.Widgets {
			d.Widgets = append(d.Widgets, s.drawWidget(declared, d.Start, d.End))
		}
		dashboards = append(dashboards, d)
	}
	return dashboards, nil
}

func (s *Server) drawWidget(declared declaredWidget, start, end time.Time) widget {
	p := declared.Properties
	w := widget{
		Title: p.Title, X: declared.X, Y: declared.Y, Width: cmp.Or(declared.Width, widgetSide), Height: cmp.Or(declared.Height, widgetSide),
		Series: []line{}, Limits: append([]limit{}, p.Annotations.Horizontal...), Alarms: []alarmStatus{}, NotDrawn: []string{},
	}
	switch declared.Type {
	case "metric":
		s.drawGraph(&w, declared, start, end)
	case "text":
		w.Markdown = p.Markdown
	case "alarm":
		for _, arn := range p.Alarms {
			w.Alarms = append(w.Alarms, s.alarmStatus(arn))
		}
	case "log":
		w.NotDrawn = append(w.NotDrawn, "a query of CloudWatch Logs Insights; the view Logs finds text in the same log groups")
	default:
		w.NotDrawn = append(w.NotDrawn, "a widget of type "+declared.Type)
	}
	return w
}

func (s *Server) alarmStatus(arn string) alarmStatus {
	_, name, _ := strings.Cut(arn, ":alarm:")
	for _, a := range s.options.Cloud.CloudWatch.DescribeAlarms() {
		if a.ARN == arn {
			return alarmStatus{name, a.State}
		}
	}
	return alarmStatus{Name: name}
}

func (s *Server) drawGraph(w *widget, declared declaredWidget, start, end time.Time) {
	p := declared.Properties
	if p.View != "" && p.View != "timeSeries" {
		w.NotDrawn = append(w.NotDrawn, "the view "+p.View+", but lines")
	}
	if len(p.Annotations.Vertical) > 0 {
		w.NotDrawn = append(w.NotDrawn, "vertical annotations")
	}
	if len(p.Annotations.Alarms) > 0 {
		w.NotDrawn = append(w.NotDrawn, "the metric of an alarm that is an annotation")
	}
	queries, problems := declared.queries(s.options.Cloud.Account.Region)
	w.NotDrawn = append(w.NotDrawn, problems...)
	if len(queries) == 0 {
		return
	}
	data, err := s.options.Cloud.CloudWatch.GetMetricData(queries, start, end)
	if err != nil {
		w.NotDrawn = append(w.NotDrawn, err.Error())
		return
	}
	for _, d := range data {
		drawn := line{Label: d.Label, Points: [][2]float64{}}
		for i, at := range d.Timestamps {
			drawn.Points = append(drawn.Points, [2]float64{float64(at.UnixMilli()), d.Values[i]})
		}
		w.Series = append(w.Series, drawn)
	}
}
