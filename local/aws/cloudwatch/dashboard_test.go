package cloudwatch

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// graph is recorded: localstack, test_dashboard_lifecycle.
const graph = `{"type":"metric","x":0,"y":0,"width":6,"height":6,"properties":{"metrics":[["AWS/EC2","CPUUtilization",` +
	`"InstanceId","i-12345678"]],"region":"eu-west-1","view":"timeSeries","stacked":false}}`

func TestADashboardIsCreatedUpdatedAndDeleted(t *testing.T) {
	f := open(t)
	arn, err := f.PutDashboard("pipeline-dev", `{"widgets":[`+graph+`]}`)
	require.NoError(t, err)
	assert.Equal(t, "arn:aws:cloudwatch::123456789012:dashboard/pipeline-dev", arn)
	_, err = f.PutDashboard("pipeline-dev", `{"widgets":[{"type":"metric","properties":{"region":"eu-west-1","metrics":[`+
		`["AWS/EC2","CPUUtilization","InstanceId","i-1"],["...",{"stat":"p90"}],["...","i-2"],[".","NetworkIn",".","."]]}}]}`)
	require.NoError(t, err, "abbreviated metrics")
	_, err = f.PutDashboard("pipeline-dev", `{"widgets":[]}`)
	require.NoError(t, err)
	body, err := f.GetDashboard("pipeline-dev")
	require.NoError(t, err)
	assert.Equal(t, `{"widgets":[]}`, body)
	require.NoError(t, f.DeleteDashboards("pipeline-dev"))
	require.ErrorContains(t, f.DeleteDashboards("pipeline-dev"), "DashboardNotFoundError: Dashboard pipeline-dev does not exist")
	_, err = f.GetDashboard("pipeline-dev")
	require.ErrorContains(t, err, "DashboardNotFoundError")
}

func TestADashboardThatCannotBeDrawnIsRefused(t *testing.T) {
	f := open(t)
	metric := func(properties string) string {
		return `{"widgets":[{"type":"metric","properties":` + properties + `}]}`
	}
	for name, c := range map[string]struct{ body, want string }{
		"no JSON":              {`{"widgets":[}`, "The field DashboardBody must be a valid JSON object"},
		"a list":               {`[]`, "The field DashboardBody must be a valid JSON object"},
		"nothing":              {``, "The field DashboardBody must be a valid JSON object"},
		"more than one":        {`{"widgets":[]}{}`, "The field DashboardBody must be a valid JSON object"},
		"no widgets":           {`{}`, `/: The dashboard body must have the property "widgets"`},
		"a text as widgets":    {`{"widgets":"x"}`, "must be a valid JSON object"},
		"501 widgets":          {`{"widgets":[` + strings.Repeat(graph+",", 500) + graph + `]}`, "/widgets: There are 501 widgets, 500 are allowed"},
		"an unknown type":      {`{"widgets":[{"type":"chart","properties":{}}]}`, `/widgets/0/type: "chart" is none of metric, text, log, alarm, explorer`},
		"too wide":             {strings.Replace(`{"widgets":[`+graph+`]}`, `"width":6`, `"width":25`, 1), "/widgets/0/width: 25 is not 1 to 24"},
		"x without y":          {`{"widgets":[{"type":"text","x":1,"properties":{"markdown":"a"}}]}`, "/widgets/0: x and y go together"},
		"no properties":        {`{"widgets":[{"type":"text"}]}`, "/widgets/0/properties: must be an object"},
		"no markdown":          {`{"widgets":[{"type":"text","properties":{}}]}`, "/widgets/0/properties: must have the property markdown"},
		"no region":            {metric(`{"metrics":[]}`), "/widgets/0/properties: must have the property region"},
		"no metrics":           {metric(`{"region":"eu-west-1"}`), "/widgets/0/properties: must have the property metrics"},
		"half a dimension":     {metric(`{"region":"r","metrics":[["AWS/Kinesis","IncomingRecords","StreamName"]]}`), "/widgets/0/properties/metrics/0: must be a namespace, a name, and dimensions"},
		"a number in a metric": {metric(`{"region":"r","metrics":[["AWS/Kinesis",5]]}`), "/widgets/0/properties/metrics/0/1: must be a string"},
		"an empty metric":      {metric(`{"region":"r","metrics":[[]]}`), "/widgets/0/properties/metrics/0: must be a namespace"},
		"options alone":        {metric(`{"region":"r","metrics":[[{"stat":"Sum"}]]}`), "/widgets/0/properties/metrics/0: must be a namespace"},
		"a bad view":           {metric(`{"region":"r","metrics":[],"view":"lines"}`), `/widgets/0/properties/view: "lines" is not known`},
		"a bad period":         {metric(`{"region":"r","metrics":[],"period":61}`), "/widgets/0/properties/period: 61 is not"},
		"no alarms":            {`{"widgets":[{"type":"alarm","properties":{}}]}`, "/widgets/0/properties: must have the property alarms"},
		"no query":             {`{"widgets":[{"type":"log","properties":{"region":"r"}}]}`, "/widgets/0/properties: must have the property query"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.PutDashboard("d", c.body)
			require.ErrorContains(t, err, "InvalidParameterInput: ")
			require.ErrorContains(t, err, c.want)
		})
	}
	for _, name := range []string{"", "a b", "a.b", strings.Repeat("x", 256)} {
		_, err := f.PutDashboard(name, `{"widgets":[]}`)
		require.ErrorContains(t, err, "InvalidParameterValue: ", name)
	}
}

func TestEveryKindOfWidgetIsAccepted(t *testing.T) {
	f := open(t)
	for i, widget := range []string{
		graph,
		`{"type":"text","properties":{"markdown":"# the path"}}`,
		`{"type":"alarm","properties":{"alarms":["arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a"],"title":"x"}}`,
		`{"type":"log","x":1,"y":2,"properties":{"query":"SOURCE 'g' | fields @message","region":"eu-west-1"}}`,
		`{"type":"explorer","properties":{"metrics":[]}}`,
		`{"type":"metric","properties":{"region":"r","period":60,"metrics":[["AWS/Kinesis","IncomingRecords","StreamName","s",` +
			`{"stat":"Sum","id":"m1"}],["...","t"],[{"expression":"m1/60","label":"records/s"}]],` +
			`"annotations":{"horizontal":[{"value":1000,"label":"limit"}]}}}`,
		`{"type":"metric","properties":{"region":"r","annotations":{"alarms":["arn"]}}}`,
	} {
		_, err := f.PutDashboard(fmt.Sprintf("d%d", i), `{"start":"-PT3H","widgets":[`+widget+`]}`)
		require.NoError(t, err, widget)
	}
}
