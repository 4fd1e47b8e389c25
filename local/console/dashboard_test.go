package console_test

import (
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/cloudwatch"
	"ingest-pipeline/local/test/pipelinetest"
)

// widget is what the page draws of a widget.
type widget struct {
	Title  string
	Series []struct {
		Label  string
		Points [][2]float64
	}
	Markdown string
	Alarms   []struct{ Name, State string }
	NotDrawn []string
}

func TestADashboardShowsItsExpressionsTextsAndAlarms(t *testing.T) {
	t.Parallel()
	clock := clockwork.NewFakeClockAt(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC))
	f := start(t, pipelinetest.Options{Clock: clock, Settings: map[string]string{"dashboard": "false"}})
	service := f.Cloud.CloudWatch
	service.Add("Shop", "Orders", cloudwatch.Dimensions{"Country": "kr"}, 6)
	service.Add("Shop", "Failures", cloudwatch.Dimensions{"Country": "kr"}, 3)
	service.Add("Shop", "Failures", cloudwatch.Dimensions{"Country": "de"}, 4)
	clock.Advance(time.Minute)
	alarm := service.DescribeAlarms()[0]
	_, err := service.PutDashboard("own", `{"widgets":[
		{"type":"text","properties":{"markdown":"# Orders\nof *today*"}},
		{"type":"metric","properties":{"region":"ap-northeast-2","stat":"Sum","period":60,"title":"graph","metrics":[
			["Shop","Orders","Country","kr",{"id":"orders","visible":false}],
			[".","Failures",".",".",{"id":"failed","label":"failed"}],
			["...","de"],
			["...",{"stat":"Maximum","label":"most"}],
			[{"expression":"100*failed/orders","label":"failed, %","id":"share"}],
			[{"expression":"orders+failed"}],
			["Shop","Orders",{"region":"eu-west-1"}]]}},
		{"type":"metric","properties":{"region":"ap-northeast-2","view":"pie","metrics":[["Shop","Orders","Country","kr"]],"annotations":{"vertical":[{"value":"2026-11-22T09:00:00Z"}]}}},
		{"type":"metric","properties":{"region":"ap-northeast-2","metrics":[[{"expression":"SEARCH('{Shop} Orders', 'Sum')"}]]}},
		{"type":"alarm","properties":{"alarms":["`+alarm.ARN+`","arn:aws:cloudwatch:ap-northeast-2:111122223333:alarm:none"]}},
		{"type":"log","properties":{"region":"ap-northeast-2","query":"SOURCE '/aws/x' | fields @message"}}]}`)
	require.NoError(t, err)

	var dashboards []struct{ Widgets []widget }
	f.get("/api/dashboard", &dashboards)
	require.Len(t, dashboards, 1)
	widgets := dashboards[0].Widgets
	require.Len(t, widgets, 6)
	assert.Equal(t, "# Orders\nof *today*", widgets[0].Markdown)

	values := map[string]float64{}
	for _, s := range widgets[1].Series {
		require.Len(t, s.Points, 1, s.Label)
		values[s.Label] = s.Points[0][1]
	}
	assert.Equal(t, map[string]float64{"failed": 3, "Failures Sum": 4, "most": 4, "failed, %": 50, "orders+failed": 9}, values)
	assert.Equal(t, []string{"a metric of another Region or account"}, widgets[1].NotDrawn)

	assert.Equal(t, "Orders", widgets[2].Series[0].Label)
	assert.Equal(t, []string{"the view pie, but lines", "vertical annotations"}, widgets[2].NotDrawn)
	assert.Contains(t, widgets[3].NotDrawn[0], "the function SEARCH is not emulated by the local target")
	assert.Equal(t, alarm.Name, widgets[4].Alarms[0].Name)
	assert.NotEmpty(t, widgets[4].Alarms[0].State)
	assert.Equal(t, "none", widgets[4].Alarms[1].Name)
	assert.Empty(t, widgets[4].Alarms[1].State)
	assert.Contains(t, widgets[5].NotDrawn[0], "CloudWatch Logs Insights")
}
