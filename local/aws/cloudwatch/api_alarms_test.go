package cloudwatch

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/internal/apitest"
)

// client is a fixture with a client of AWS's SDK, which speaks CBOR.
type client struct {
	*fixture
	api    *sdk.Client
	server *apitest.Server
}

func newClient(t *testing.T) *client {
	t.Helper()
	f := open(t)
	server := apitest.Serve(t, account, apitest.NewIAM(account), f.API())
	return &client{f, sdk.NewFromConfig(server.Config()), server}
}

const topic = "arn:aws:sns:ap-northeast-2:123456789012:alarms"

// exampleAlarm is that of the recording test_put_metric_alarm, with a period that the local target has.
func exampleAlarm(name string) *sdk.PutMetricAlarmInput {
	return &sdk.PutMetricAlarmInput{
		AlarmName: &name, AlarmDescription: aws.String("testing cloudwatch alarms"), MetricName: aws.String("my-metric1"),
		Namespace: aws.String("Test"), ActionsEnabled: aws.Bool(true), Period: aws.Int32(60), Threshold: aws.Float64(2),
		Dimensions: []types.Dimension{{Name: aws.String("InstanceId"), Value: aws.String("abc")}}, Unit: types.StandardUnitSeconds,
		Statistic: types.StatisticAverage, OKActions: []string{topic}, AlarmActions: []string{topic}, EvaluationPeriods: aws.Int32(1),
		ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold, TreatMissingData: aws.String("notBreaching"),
	}
}

func (c *client) putAlarm(t *testing.T, in *sdk.PutMetricAlarmInput) {
	t.Helper()
	_, err := c.api.PutMetricAlarm(t.Context(), in)
	require.NoError(t, err)
}

func (c *client) describe(t *testing.T, name string) types.MetricAlarm {
	t.Helper()
	out, err := c.api.DescribeAlarms(t.Context(), &sdk.DescribeAlarmsInput{AlarmNames: []string{name}})
	require.NoError(t, err)
	assert.Empty(t, out.CompositeAlarms)
	require.Len(t, out.MetricAlarms, 1)
	return inUTC(out.MetricAlarms[0])
}

func inUTC(a types.MetricAlarm) types.MetricAlarm {
	for _, at := range []**time.Time{&a.AlarmConfigurationUpdatedTimestamp, &a.StateUpdatedTimestamp, &a.StateTransitionedTimestamp} {
		*at = aws.Time((*at).UTC())
	}
	return a
}

// Recorded: LocalStack, test_put_metric_alarm.
func TestAnAlarmIsDescribedAsItWasPut(t *testing.T) {
	c := newClient(t)
	c.putAlarm(t, exampleAlarm("too-many"))
	now := aws.Time(noon)
	want := types.MetricAlarm{
		AlarmName: aws.String("too-many"), AlarmArn: aws.String("arn:aws:cloudwatch:ap-northeast-2:123456789012:alarm:too-many"),
		AlarmDescription: aws.String("testing cloudwatch alarms"), ActionsEnabled: aws.Bool(true), AlarmActions: []string{topic},
		OKActions: []string{topic}, AlarmConfigurationUpdatedTimestamp: now,
		StateUpdatedTimestamp: now, StateTransitionedTimestamp: now, StateReason: aws.String("Unchecked: Initial alarm creation"),
		StateValue: types.StateValueInsufficientData, MetricName: aws.String("my-metric1"), Namespace: aws.String("Test"),
		Statistic: types.StatisticAverage, Dimensions: []types.Dimension{{Name: aws.String("InstanceId"), Value: aws.String("abc")}},
		Period: aws.Int32(60), Unit: types.StandardUnitSeconds, EvaluationPeriods: aws.Int32(1), Threshold: aws.Float64(2),
		ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold, TreatMissingData: aws.String("notBreaching"),
	}
	assert.Equal(t, want, c.describe(t, "too-many"))

	_, err := c.api.PutMetricData(t.Context(), &sdk.PutMetricDataInput{Namespace: aws.String("Test"), MetricData: []types.MetricDatum{
		{MetricName: aws.String("my-metric1"), Dimensions: want.Dimensions, Value: aws.Float64(21), Unit: types.StandardUnitSeconds},
		{MetricName: aws.String("my-metric1"), Dimensions: want.Dimensions, Value: aws.Float64(22), Unit: types.StandardUnitSeconds},
	}})
	require.NoError(t, err)
	c.tick()
	described := c.describe(t, "too-many")
	const reason = "Threshold Crossed: 1 datapoint [21.5 (22/11/26 12:00:00)] was greater than the threshold (2.0)."
	assert.Equal(t, types.StateValueAlarm, described.StateValue)
	assert.Equal(t, reason, *described.StateReason)
	assert.JSONEq(t, `{"version":"1.0","queryDate":"2026-11-22T12:01:00.000+0000","startDate":"2026-11-22T12:00:00.000+0000",
		"unit":"Seconds","statistic":"Average","period":60,"recentDatapoints":[21.5],"threshold":2.0,
		"evaluatedDatapoints":[{"timestamp":"2026-11-22T12:00:00.000+0000","sampleCount":2.0,"value":21.5}]}`, *described.StateReasonData)

	history, err := c.api.DescribeAlarmHistory(t.Context(), &sdk.DescribeAlarmHistoryInput{
		AlarmName: aws.String("too-many"), HistoryItemType: types.HistoryItemTypeStateUpdate,
	})
	require.NoError(t, err)
	require.Len(t, history.AlarmHistoryItems, 1)
	item := history.AlarmHistoryItems[0]
	assert.Equal(t, "Alarm updated from INSUFFICIENT_DATA to ALARM", *item.HistorySummary)
	assert.Equal(t, types.AlarmTypeMetricAlarm, item.AlarmType)
	var data struct {
		Version            string
		OldState, NewState struct {
			StateValue, StateReason string
			StateReasonData         json.RawMessage
		}
	}
	require.NoError(t, json.Unmarshal([]byte(*item.HistoryData), &data))
	assert.Equal(t, "Unchecked: Initial alarm creation", data.OldState.StateReason)
	assert.Empty(t, data.OldState.StateReasonData)
	assert.Equal(t, reason, data.NewState.StateReason)
	assert.JSONEq(t, *described.StateReasonData, string(data.NewState.StateReasonData))

	forMetric, err := c.api.DescribeAlarmsForMetric(t.Context(), &sdk.DescribeAlarmsForMetricInput{
		Namespace: aws.String("Test"), MetricName: aws.String("my-metric1"), Dimensions: want.Dimensions,
	})
	require.NoError(t, err)
	require.Len(t, forMetric.MetricAlarms, 1)
	assert.Equal(t, described, inUTC(forMetric.MetricAlarms[0]))
	forMetric, err = c.api.DescribeAlarmsForMetric(t.Context(), &sdk.DescribeAlarmsForMetricInput{Namespace: aws.String("Test"), MetricName: aws.String("my-metric1")})
	require.NoError(t, err)
	assert.Empty(t, forMetric.MetricAlarms, "an alarm is on a metric with all its dimensions")
}

// Recorded: LocalStack, test_breaching_alarm_actions.
func TestPeriodsWithoutDatapointsAreInTheReason(t *testing.T) {
	c := newClient(t)
	in := exampleAlarm("silent")
	in.EvaluationPeriods, in.TreatMissingData = aws.Int32(2), aws.String("breaching")
	c.putAlarm(t, in)
	c.tick()
	described := c.describe(t, "silent")
	assert.Equal(t, "Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as [Breaching].", *described.StateReason)
	assert.JSONEq(t, `{"version":"1.0","queryDate":"2026-11-22T12:01:00.000+0000","unit":"Seconds","statistic":"Average","period":60,
		"recentDatapoints":[],"threshold":2.0,"evaluatedDatapoints":[{"timestamp":"2026-11-22T12:00:00.000+0000"},
		{"timestamp":"2026-11-22T11:59:00.000+0000"}]}`, *described.StateReasonData)
}

func TestAnAlarmOnAnExpressionIsDescribedAsItWasPut(t *testing.T) {
	c := newClient(t)
	metric := &types.MetricStat{
		Metric: &types.Metric{Namespace: aws.String("Test"), MetricName: aws.String("Errors"), Dimensions: []types.Dimension{{Name: aws.String("Kind"), Value: aws.String("a")}}},
		Period: aws.Int32(60), Stat: aws.String("Sum"),
	}
	in := exampleAlarm("ratio")
	in.MetricName, in.Namespace, in.Dimensions, in.Statistic, in.Period, in.Unit = nil, nil, nil, "", nil, ""
	in.Metrics = []types.MetricDataQuery{
		{Id: aws.String("errors"), MetricStat: metric, ReturnData: aws.Bool(false)},
		{Id: aws.String("ratio"), Expression: aws.String("100 * errors"), Label: aws.String("Ratio")},
	}
	c.putAlarm(t, in)
	described := c.describe(t, "ratio")
	in.Metrics[1].ReturnData = aws.Bool(true)
	assert.Equal(t, in.Metrics, described.Metrics)
	assert.Nil(t, described.MetricName)
	assert.Empty(t, described.Dimensions)
}

// Recorded: LocalStack, test_enable_disable_alarm_actions; documented: SetAlarmState, the next evaluation.
func TestAnAlarmIsSetByHandUntilItIsEvaluated(t *testing.T) {
	c := newClient(t)
	c.putAlarm(t, exampleAlarm("too-many"))
	set := func(state types.StateValue) {
		_, err := c.api.SetAlarmState(t.Context(), &sdk.SetAlarmStateInput{
			AlarmName: aws.String("too-many"), StateValue: state, StateReason: aws.String("testing alarm"), StateReasonData: aws.String(`{"a":1}`),
		})
		require.NoError(t, err)
	}
	set(types.StateValueAlarm)
	described := c.describe(t, "too-many")
	assert.Equal(t, types.StateValueAlarm, described.StateValue)
	assert.Equal(t, "testing alarm", *described.StateReason)
	assert.Equal(t, `{"a":1}`, *described.StateReasonData)
	require.Len(t, c.sent, 1)
	assert.Equal(t, topic, c.sent[0].TopicARN)

	_, err := c.api.DisableAlarmActions(t.Context(), &sdk.DisableAlarmActionsInput{AlarmNames: []string{"too-many", "none"}})
	require.NoError(t, err)
	assert.False(t, *c.describe(t, "too-many").ActionsEnabled)
	set(types.StateValueOk)
	assert.Len(t, c.sent, 1, "its actions are disabled")
	_, err = c.api.EnableAlarmActions(t.Context(), &sdk.EnableAlarmActionsInput{AlarmNames: []string{"too-many"}})
	require.NoError(t, err)
	set(types.StateValueAlarm)
	assert.Len(t, c.sent, 2)
	c.restart()
	c.tick()
	assert.Equal(t, types.StateValue("OK"), types.StateValue(c.state("too-many")), "no data is not breaching")
}

func TestAlarmsAreDescribedPageByPage(t *testing.T) {
	c := newClient(t)
	for i := range 7 {
		in := exampleAlarm(fmt.Sprintf("a%d", i))
		if i == 3 {
			in.AlarmActions = []string{topic + "-other"}
		}
		c.putAlarm(t, in)
	}
	c.putAlarm(t, exampleAlarm("b"))
	names := func(in sdk.DescribeAlarmsInput) (names []string) {
		pages := sdk.NewDescribeAlarmsPaginator(c.api, &in)
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			require.NoError(t, err)
			for _, a := range page.MetricAlarms {
				names = append(names, *a.AlarmName)
			}
		}
		return names
	}
	for limit := int32(1); limit < 10; limit += 2 {
		assert.Equal(t, strings.Fields("a0 a1 a2 a3 a4 a5 a6 b"), names(sdk.DescribeAlarmsInput{MaxRecords: &limit}))
		assert.Equal(t, strings.Fields("a0 a1 a2 a3 a4 a5 a6"), names(sdk.DescribeAlarmsInput{MaxRecords: &limit, AlarmNamePrefix: aws.String("a")}))
	}
	assert.Equal(t, []string{"a3"}, names(sdk.DescribeAlarmsInput{ActionPrefix: aws.String(topic + "-")}))
	assert.Empty(t, names(sdk.DescribeAlarmsInput{StateValue: types.StateValueAlarm}))
	assert.Empty(t, names(sdk.DescribeAlarmsInput{AlarmTypes: []types.AlarmType{types.AlarmTypeCompositeAlarm}}))

	_, err := c.api.DeleteAlarms(t.Context(), &sdk.DeleteAlarmsInput{AlarmNames: []string{"a0", "none"}})
	apitest.RequireError(t, err, "ResourceNotFound", "")
	assert.Len(t, names(sdk.DescribeAlarmsInput{}), 8, "none is deleted when one does not exist")
	_, err = c.api.DeleteAlarms(t.Context(), &sdk.DeleteAlarmsInput{AlarmNames: []string{"a0", "b"}})
	require.NoError(t, err)
	assert.Len(t, names(sdk.DescribeAlarmsInput{}), 6)

	for _, scan := range []types.ScanBy{types.ScanByTimestampAscending, types.ScanByTimestampDescending} {
		var summaries []string
		pages := sdk.NewDescribeAlarmHistoryPaginator(c.api, &sdk.DescribeAlarmHistoryInput{ScanBy: scan, MaxRecords: aws.Int32(3)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			require.NoError(t, err)
			for _, item := range page.AlarmHistoryItems {
				summaries = append(summaries, *item.HistorySummary)
			}
		}
		require.Len(t, summaries, 10)
		first, last := `Alarm "a0" created`, `Alarm "b" deleted`
		if scan == types.ScanByTimestampDescending {
			first, last = last, first
		}
		assert.Equal(t, []string{first, last}, []string{summaries[0], summaries[9]})
	}
}

// Recorded: LocalStack, test_store_tags; documented: PutMetricAlarm, the tags of an alarm that exists are ignored.
func TestTagsOfAnAlarmAreChanged(t *testing.T) {
	c := newClient(t)
	in := exampleAlarm("too-many")
	in.Tags = []types.Tag{{Key: aws.String("tag1"), Value: aws.String("foo")}, {Key: aws.String("tag2"), Value: aws.String("bar")}}
	c.putAlarm(t, in)
	arn := c.describe(t, "too-many").AlarmArn
	tags := func() []types.Tag {
		out, err := c.api.ListTagsForResource(t.Context(), &sdk.ListTagsForResourceInput{ResourceARN: arn})
		require.NoError(t, err)
		return out.Tags
	}
	assert.Equal(t, in.Tags, tags())
	_, err := c.api.UntagResource(t.Context(), &sdk.UntagResourceInput{ResourceARN: arn, TagKeys: []string{"tag1"}})
	require.NoError(t, err)
	assert.Equal(t, in.Tags[1:], tags())
	c.putAlarm(t, in)
	assert.Equal(t, in.Tags[1:], tags())
	_, err = c.api.TagResource(t.Context(), &sdk.TagResourceInput{ResourceARN: arn, Tags: []types.Tag{{Key: aws.String("tag2"), Value: aws.String("x")}}})
	require.NoError(t, err)
	assert.Equal(t, []types.Tag{{Key: aws.String("tag2"), Value: aws.String("x")}}, tags())
	_, err = c.api.ListTagsForResource(t.Context(), &sdk.ListTagsForResourceInput{ResourceARN: aws.String(*arn + "x")})
	apitest.RequireError(t, err, "ResourceNotFoundException", "")
}

// Recorded: LocalStack, test_set_alarm_invalid_input; else as the sentence is known, see validation.go.
func TestWhatCloudWatchRefusesOfAlarmsIsRefused(t *testing.T) {
	c := newClient(t)
	c.putAlarm(t, exampleAlarm("too-many"))
	put := func(change func(*sdk.PutMetricAlarmInput)) error {
		in := exampleAlarm("other")
		change(in)
		_, err := c.api.PutMetricAlarm(t.Context(), in)
		return err
	}
	set := func(name, state string) error {
		_, err := c.api.SetAlarmState(t.Context(), &sdk.SetAlarmStateInput{AlarmName: &name, StateValue: types.StateValue(state), StateReason: aws.String("x")})
		return err
	}
	describe := func(in sdk.DescribeAlarmsInput) error { _, err := c.api.DescribeAlarms(t.Context(), &in); return err }
	for name, e := range map[string]struct {
		err           error
		code, message string
	}{
		"an unknown state":     {set("too-many", "INVALID"), "ValidationError", "1 validation error detected: Value 'INVALID' at 'stateValue' failed to satisfy constraint: Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]"},
		"no such alarm":        {set("none", "OK"), "ResourceNotFound", ""},
		"no threshold":         {put(func(in *sdk.PutMetricAlarmInput) { in.Threshold = nil }), "ValidationError", "PutMetricAlarm request should have valid Threshold parameter"},
		"a period of 61":       {put(func(in *sdk.PutMetricAlarmInput) { in.Period = aws.Int32(61) }), "ValidationError", "Period must be 10, 20, 30 or a multiple of 60"},
		"an anomaly detector":  {put(func(in *sdk.PutMetricAlarmInput) { in.ThresholdMetricId = aws.String("ad1") }), "ValidationError", "ThresholdMetricId is not emulated by the local target"},
		"101 alarms":           {describe(sdk.DescribeAlarmsInput{MaxRecords: aws.Int32(101)}), "ValidationError", "Value '101' at 'maxRecords' failed to satisfy constraint: Member must have value less than or equal to 100"},
		"a token of nobody":    {describe(sdk.DescribeAlarmsInput{NextToken: aws.String("x")}), "InvalidNextToken", ""},
		"names and a prefix":   {describe(sdk.DescribeAlarmsInput{AlarmNames: []string{"a"}, AlarmNamePrefix: aws.String("a")}), "ValidationError", "mutually exclusive"},
		"children of an alarm": {describe(sdk.DescribeAlarmsInput{ChildrenOfAlarmName: aws.String("a")}), "ValidationError", "not emulated by the local target"},
	} {
		t.Run(name, func(t *testing.T) { apitest.RequireError(t, e.err, e.code, e.message) })
	}
}

func TestARoleMayDoWithCloudWatchWhatItsPolicySays(t *testing.T) {
	c := newClient(t)
	c.putAlarm(t, exampleAlarm("mine"))
	c.putAlarm(t, exampleAlarm("yours"))
	role := sdk.NewFromConfig(c.server.ConfigOf(t, `{"Effect":"Allow","Action":"cloudwatch:DeleteAlarms",`+
		`"Resource":"arn:aws:cloudwatch:*:*:alarm:mine"},{"Effect":"Allow","Action":"cloudwatch:ListMetrics","Resource":"*"},`+
		`{"Effect":"Allow","Action":"cloudwatch:PutMetricData","Resource":"*","Condition":{"StringEquals":{"cloudwatch:namespace":"Mine"}}}`))
	_, err := role.DeleteAlarms(t.Context(), &sdk.DeleteAlarmsInput{AlarmNames: []string{"mine", "yours"}})
	apitest.RequireError(t, err, "AccessDenied", "User: arn:aws:sts::123456789012:assumed-role/limited/test is not authorized to perform: "+
		"cloudwatch:DeleteAlarms on resource: arn:aws:cloudwatch:ap-northeast-2:123456789012:alarm:yours")
	assert.Len(t, c.DescribeAlarms(), 2)
	_, err = role.DeleteAlarms(t.Context(), &sdk.DeleteAlarmsInput{AlarmNames: []string{"mine"}})
	require.NoError(t, err)
	_, err = role.ListMetrics(t.Context(), &sdk.ListMetricsInput{})
	require.NoError(t, err)
	_, err = role.GetMetricStatistics(t.Context(), &sdk.GetMetricStatisticsInput{
		Namespace: aws.String("Test"), MetricName: aws.String("a"), StartTime: aws.Time(noon), EndTime: aws.Time(noon.Add(time.Hour)), Period: aws.Int32(60),
	})
	apitest.RequireError(t, err, "AccessDenied", "cloudwatch:GetMetricStatistics")
	for namespace, allowed := range map[string]bool{"Mine": true, "Yours": false} {
		_, err = role.PutMetricData(t.Context(), &sdk.PutMetricDataInput{
			Namespace: &namespace, MetricData: []types.MetricDatum{{MetricName: aws.String("m"), Value: aws.Float64(1)}},
		})
		assert.Equal(t, allowed, err == nil, namespace)
	}
}
