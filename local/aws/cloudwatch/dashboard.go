package cloudwatch

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"ingest-pipeline/local/aws/awserr"
)

// maxWidgets is how many widgets a dashboard can have (documented: cloudwatch_limits.html).
const maxWidgets = 500

// maxDashboardBytes is how long its body can be, in bytes. Assumed: the API reference gives no limit.
const maxDashboardBytes = 1 << 20

// dashboard is a dashboard as it is kept.
type dashboard struct {
	Body     string    `json:"body"`
	Modified time.Time `json:"modified"`
}

var dashboardName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)

// widgetTypes are those that a dashboard can have (documented: CloudWatch-Dashboard-Body-Structure.html).
var widgetTypes = []string{"metric", "text", "log", "alarm", "explorer"}

// PutDashboard creates a dashboard, or overwrites the one of its name. body is checked to be a JSON object with widgets
// of known types, each at a place of the grid and with properties; package console draws it. Errors: InvalidParameterValue,
// InvalidParameterInput (whose sentence has a line for each thing that is wrong).
func (s *Service) PutDashboard(name, body string) (arn string, err error) {
	if !dashboardName.MatchString(name) {
		return "", awserr.New("InvalidParameterValue", 400, "The value %s for field DashboardName contains invalid "+
			"characters. It can only contain alphanumerics, dash (-) and underscore (_).", name)
	}
	if err := checkDashboard(body); err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	dashboards := maps.Clone(s.dashboards)
	dashboards[name] = dashboard{Body: body, Modified: s.options.Clock.Now().UTC().Truncate(time.Millisecond)}
	return s.DashboardARN(name), s.replaceDashboards(dashboards)
}

// DashboardARN is the ARN of a dashboard, which has no Region (recorded: test_dashboard_lifecycle).
func (s *Service) DashboardARN(name string) string {
	account := s.options.Account
	return fmt.Sprintf("arn:%s:cloudwatch::%s:dashboard/%s", account.Partition, account.ID, name)
}

// GetDashboard returns the body of a dashboard. Errors: ResourceNotFound.
func (s *Service) GetDashboard(name string) (body string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, exists := s.dashboards[name]
	if !exists {
		return "", noDashboard(name)
	}
	return d.Body, nil
}

// ListDashboards returns the names of all dashboards, sorted.
func (s *Service) ListDashboards() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.dashboards))
}

// DeleteDashboards deletes dashboards: all of them, or none if one does not exist (documented: DeleteDashboards). Errors:
// ResourceNotFound.
func (s *Service) DeleteDashboards(names ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	dashboards := maps.Clone(s.dashboards)
	for _, name := range names {
		if _, exists := dashboards[name]; !exists {
			return noDashboard(name)
		}
	}
	maps.DeleteFunc(dashboards, func(name string, _ dashboard) bool { return slices.Contains(names, name) })
	return s.replaceDashboards(dashboards)
}

func noDashboard(name string) error {
	return awserr.New("DashboardNotFoundError", 404, "Dashboard %s does not exist", name)
}

// widget is what is checked of a widget.
type widget struct {
	Type       string           `json:"type"`
	X          *int             `json:"x"`
	Y          *int             `json:"y"`
	Width      *int             `json:"width"`
	Height     *int             `json:"height"`
	Properties *json.RawMessage `json:"properties"`
}

func checkDashboard(body string) error {
	var document struct {
		Widgets *[]json.RawMessage `json:"widgets"`
	}
	if len(body) > maxDashboardBytes || !isObject([]byte(body)) || json.Unmarshal([]byte(body), &document) != nil {
		return awserr.New("InvalidParameterInput", 400, "The field DashboardBody must be a valid JSON object")
	}
	var wrong []string
	switch {
	case document.Widgets == nil:
		wrong = append(wrong, `/: The dashboard body must have the property "widgets"`)
	case len(*document.Widgets) > maxWidgets:
		wrong = append(wrong, fmt.Sprintf("/widgets: There are %d widgets, %d are allowed", len(*document.Widgets), maxWidgets))
	default:
		for i, content := range *document.Widgets {
			for _, problem := range checkWidget(content) {
				wrong = append(wrong, fmt.Sprintf("/widgets/%d%s", i, problem))
			}
		}
	}
	if len(wrong) > 0 {
		return awserr.New("InvalidParameterInput", 400, "The dashboard body is invalid, there are %d validation errors:\n%s",
			len(wrong), strings.Join(wrong, "\n"))
	}
	return nil
}

// checkWidget says what is wrong with a widget (documented: CloudWatch-Dashboard-Body-Structure.html).
func checkWidget(content json.RawMessage) (wrong []string) {
	var w widget
	if err := json.Unmarshal(content, &w); err != nil {
		return []string{": " + err.Error()}
	}
	if !slices.Contains(widgetTypes, w.Type) {
		wrong = append(wrong, fmt.Sprintf("/type: %q is none of %s", w.Type, strings.Join(widgetTypes, ", ")))
	}
	for _, side := range []struct {
		name        string
		value       *int
		least, most int
	}{{"width", w.Width, 1, 24}, {"height", w.Height, 1, 1000}, {"x", w.X, 0, 23}, {"y", w.Y, 0, 1 << 30}} {
		if side.value != nil && (*side.value < side.least || *side.value > side.most) {
			wrong = append(wrong, fmt.Sprintf("/%s: %d is not %d to %d", side.name, *side.value, side.least, side.most))
		}
	}
	if (w.X == nil) != (w.Y == nil) {
		wrong = append(wrong, ": x and y go together")
	}
	if w.Properties == nil || !isObject(*w.Properties) {
		return append(wrong, "/properties: must be an object")
	}
	return append(wrong, checkWidgetProperties(w.Type, *w.Properties)...)
}

// checkWidgetProperties says what the properties of a widget lack.
func checkWidgetProperties(kind string, content json.RawMessage) (wrong []string) {
	var properties struct {
		Metrics  *[][]json.RawMessage `json:"metrics"`
		Region   *string              `json:"region"`
		Markdown *string              `json:"markdown"`
		Query    *string              `json:"query"`
		Alarms   *[]string            `json:"alarms"`
		Annotate *json.RawMessage     `json:"annotations"`
		View     *string              `json:"view"`
		Period   *int                 `json:"period"`
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	if err := decoder.Decode(&properties); err != nil {
		return []string{"/properties: " + err.Error()}
	}
	missing := func(name string) { wrong = append(wrong, "/properties: must have the property "+name) }
	switch kind {
	case "metric":
		if properties.Region == nil {
			missing("region")
		}
		if properties.Metrics == nil && properties.Annotate == nil {
			missing("metrics")
		}
		if properties.Metrics != nil {
			wrong = append(wrong, checkMetricLines(*properties.Metrics)...)
		}
	case "text":
		if properties.Markdown == nil {
			missing("markdown")
		}
	case "log":
		if properties.Query == nil {
			missing("query")
		}
		if properties.Region == nil {
			missing("region")
		}
	case "alarm":
		if properties.Alarms == nil {
			missing("alarms")
		}
	}
	if v := properties.View; v != nil && !slices.Contains([]string{"timeSeries", "singleValue", "gauge", "bar", "pie", "table"}, *v) {
		wrong = append(wrong, fmt.Sprintf("/properties/view: %q is not known", *v))
	}
	if p := properties.Period; p != nil && *p != 1 && *p != 5 && *p != 10 && *p != 30 && (*p < 60 || *p%60 != 0) {
		wrong = append(wrong, fmt.Sprintf("/properties/period: %d is not 1, 5, 10, 30 or a multiple of 60", *p))
	}
	return wrong
}

// checkMetricLines checks that each metric of a graph is a namespace, a name and pairs of dimensions, then perhaps an
// object; or an object with an expression alone. "..." stands for how the metric before begins.
func checkMetricLines(lines [][]json.RawMessage) (wrong []string) {
	for i, line := range lines {
		texts := 0
		for j, part := range line {
			last := j == len(line)-1
			switch {
			case isObject(part) && last:
			case isText(part):
				texts++
			default:
				wrong = append(wrong, fmt.Sprintf("/properties/metrics/%d/%d: must be a string", i, j))
			}
		}
		abbreviated := len(line) > 0 && string(line[0]) == `"..."`
		if !abbreviated && texts%2 == 1 || len(line) == 0 || (texts == 0 && !bytes.Contains(line[0], []byte(`"expression"`))) {
			wrong = append(wrong, fmt.Sprintf("/properties/metrics/%d: must be a namespace, a name, and dimensions with "+
				"their values", i))
		}
	}
	return wrong
}

func isObject(content []byte) bool { return delimiter(content) == json.Delim('{') }

func isText(content []byte) bool {
	var text string
	return json.Unmarshal(content, &text) == nil
}

// delimiter is the first token of a JSON document.
func delimiter(content []byte) json.Token {
	token, err := json.NewDecoder(io.LimitReader(bytes.NewReader(content), maxDashboardBytes+1)).Token()
	if err != nil {
		return nil
	}
	return token
}
