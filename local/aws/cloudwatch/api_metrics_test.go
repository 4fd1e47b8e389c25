package cloudwatch

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/internal/apitest"
)

func (c *client) putData(t *testing.T, data ...types.MetricDatum) {
	t.Helper()
	_, err := c.api.PutMetricData(t.Context(), &sdk.PutMetricDataInput{Namespace: aws.String("Mine"), MetricData: data})
	require.NoError(t, err)
}

// statistics are those of a metric of the namespace Mine in the hour after noon.
func (c *client) statistics(t *testing.T, change func(*sdk.GetMetricStatisticsInput)) []types.Datapoint {
	t.Helper()
	in := sdk.GetMetricStatisticsInput{
		Namespace: aws.String("Mine"), MetricName: aws.String("m"), StartTime: aws.Time(noon), EndTime: aws.Time(noon.Add(time.Hour)),
		Period: aws.Int32(60), Statistics: []types.Statistic{"SampleCount", "Sum", "Maximum"},
	}
	if change != nil {
		change(&in)
	}
	out, err := c.api.GetMetricStatistics(t.Context(), &in)
	require.NoError(t, err)
	assert.Equal(t, "m", *out.Label)
	for _, p := range out.Datapoints {
		*p.Timestamp = p.Timestamp.UTC()
	}
	return out.Datapoints
}

// Recorded: LocalStack, test_put_metric_data_values_list and test_get_metric_statistics.
func TestValuesThatArePutAreInTheStatistics(t *testing.T) {
	c := newClient(t)
	c.putData(t, types.MetricDatum{
		MetricName: aws.String("m"), Unit: types.StandardUnitCount, Values: []float64{1, 10}, Counts: []float64{2, 4},
	})
	minute := aws.Time(noon.Truncate(time.Minute))
	assert.Equal(t, []types.Datapoint{{
		Timestamp: minute, SampleCount: aws.Float64(6), Sum: aws.Float64(42), Maximum: aws.Float64(10), Unit: types.StandardUnitCount,
	}}, c.statistics(t, nil))
	assert.Empty(t, c.statistics(t, func(in *sdk.GetMetricStatisticsInput) { in.Unit = types.StandardUnitSeconds }), "no unit is converted")
	points := c.statistics(t, func(in *sdk.GetMetricStatisticsInput) {
		in.Statistics, in.ExtendedStatistics = nil, []string{"p50", "p10"}
	})
	require.Len(t, points, 1)
	assert.Equal(t, map[string]float64{"p50": 10, "p10": 1}, points[0].ExtendedStatistics)

	c.putData(t, types.MetricDatum{MetricName: aws.String("m"), Unit: types.StandardUnitCount, StatisticValues: &types.StatisticSet{
		SampleCount: aws.Float64(3), Sum: aws.Float64(30), Minimum: aws.Float64(5), Maximum: aws.Float64(20),
	}})
	points = c.statistics(t, nil)
	require.Len(t, points, 1)
	assert.Equal(t, []float64{9, 72, 20}, []float64{*points[0].SampleCount, *points[0].Sum, *points[0].Maximum})
	assert.Empty(t, c.statistics(t, func(in *sdk.GetMetricStatisticsInput) {
		in.Statistics, in.ExtendedStatistics = nil, []string{"p50"}
	}), "of a statistic set no percentile is known (documented: PutMetricData)")
}

func TestPeriodsBeginWithTheMinuteOfTheStart(t *testing.T) {
	c := newClient(t)
	for i := range 10 {
		c.putData(t, types.MetricDatum{MetricName: aws.String("m"), Value: aws.Float64(1), Timestamp: aws.Time(noon.Add(time.Duration(i) * time.Minute))})
	}
	points := c.statistics(t, func(in *sdk.GetMetricStatisticsInput) {
		in.StartTime, in.Period = aws.Time(noon.Add(2*time.Minute)), aws.Int32(300)
	})
	require.Len(t, points, 2)
	assert.Equal(t, noon.Truncate(time.Minute).Add(2*time.Minute), *points[0].Timestamp)
	assert.Equal(t, 5.0, *points[0].Sum)
	assert.Equal(t, 3.0, *points[1].Sum)
}

func TestMetricsAreListedPageByPage(t *testing.T) {
	c := newClient(t)
	for i := range 1203 {
		c.Add("Many", fmt.Sprintf("m%04d", i), Dimensions{"A": "1", "B": fmt.Sprint(i % 2)}, 1)
	}
	c.Add("Few", "m0001", nil, 1)
	list := func(in sdk.ListMetricsInput) (names []string) {
		pages := sdk.NewListMetricsPaginator(c.api, &in)
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			require.NoError(t, err)
			assert.LessOrEqual(t, len(page.Metrics), 500)
			for _, m := range page.Metrics {
				names = append(names, *m.Namespace+"/"+*m.MetricName)
			}
		}
		assert.True(t, slices.IsSorted(names))
		return names
	}
	assert.Len(t, list(sdk.ListMetricsInput{RecentlyActive: types.RecentlyActivePt3h}), 1204)
	assert.Len(t, list(sdk.ListMetricsInput{Namespace: aws.String("Many"), Dimensions: []types.DimensionFilter{{Name: aws.String("B"), Value: aws.String("1")}}}), 601)
	assert.Len(t, list(sdk.ListMetricsInput{Dimensions: []types.DimensionFilter{{Name: aws.String("A")}}}), 1203)
	assert.Equal(t, []string{"Few/m0001", "Many/m0001"}, list(sdk.ListMetricsInput{MetricName: aws.String("m0001")}))
	c.clock.Advance(3*time.Hour + time.Minute)
	assert.Empty(t, list(sdk.ListMetricsInput{}))
}

// data asks for queries in the hour after noon.
func (c *client) data(t *testing.T, change func(*sdk.GetMetricDataInput), queries ...types.MetricDataQuery) (*sdk.GetMetricDataOutput, error) {
	t.Helper()
	in := sdk.GetMetricDataInput{MetricDataQueries: queries, StartTime: aws.Time(noon), EndTime: aws.Time(noon.Add(time.Hour))}
	if change != nil {
		change(&in)
	}
	return c.api.GetMetricData(t.Context(), &in)
}

func queryOf(id, name, stat string, period int32) types.MetricDataQuery {
	return types.MetricDataQuery{Id: &id, MetricStat: &types.MetricStat{
		Metric: &types.Metric{Namespace: aws.String("Mine"), MetricName: &name}, Stat: &stat, Period: &period,
	}}
}

func expressionQuery(id, expression string) types.MetricDataQuery {
	return types.MetricDataQuery{Id: &id, Expression: &expression}
}

// Recorded: LocalStack, test_label_generation and test_get_metric_data_for_multiple_metrics.
func TestResultsAreLabelled(t *testing.T) {
	c := newClient(t)
	labels := func(queries ...types.MetricDataQuery) (labels []string) {
		out, err := c.data(t, nil, queries...)
		require.NoError(t, err)
		assert.Empty(t, out.Messages)
		for _, r := range out.MetricDataResults {
			assert.Equal(t, types.StatusCodeComplete, r.StatusCode)
			assert.Empty(t, r.Values)
			labels = append(labels, *r.Label)
		}
		return labels
	}
	assert.Equal(t, []string{"metric1", "metric2"}, labels(queryOf("a", "metric1", "Sum", 60), queryOf("b", "metric2", "Sum", 60)))
	assert.Equal(t, []string{"metric1 Sum 60", "metric1 Minimum 120"}, labels(queryOf("a", "metric1", "Sum", 60), queryOf("b", "metric1", "Minimum", 120)))
	assert.Equal(t, []string{"metric1 Sum", "metric1 Minimum"}, labels(queryOf("a", "metric1", "Sum", 60), queryOf("b", "metric1", "Minimum", 60)))
	assert.Equal(t, []string{"metric1 60", "metric1 120"}, labels(queryOf("a", "metric1", "Sum", 60), queryOf("b", "metric1", "Sum", 120)))
	assert.Equal(t, []string{"metric1", "metric1"}, labels(queryOf("a", "metric1", "Sum", 60), queryOf("b", "metric1", "Sum", 60)))
	own := queryOf("a", "metric1", "Sum", 60)
	own.Label = aws.String("Mine")
	assert.Equal(t, []string{"Mine", "e1"}, labels(own, expressionQuery("e1", "a * 2")))
}

func TestMetricDataComesInPages(t *testing.T) {
	c := newClient(t)
	for i := range 5 {
		at := aws.Time(noon.Add(time.Duration(i) * time.Minute))
		c.putData(t, types.MetricDatum{MetricName: aws.String("m"), Value: aws.Float64(float64(i)), Timestamp: at},
			types.MetricDatum{MetricName: aws.String("n"), Value: aws.Float64(10), Timestamp: at})
	}
	hidden := queryOf("n", "n", "Sum", 60)
	hidden.ReturnData = aws.Bool(false)
	queries := []types.MetricDataQuery{
		queryOf("m", "m", "Sum", 60), hidden, expressionQuery("total", "m + n"), queryOf("wide", "m", "Sum", 3600), expressionQuery("twice", "total * 2"),
	}
	for _, limit := range []int32{1, 2, 3, 100} {
		values, times := map[string][]float64{}, map[string][]time.Time{}
		pages := sdk.NewGetMetricDataPaginator(c.api, &sdk.GetMetricDataInput{
			MetricDataQueries: queries, StartTime: aws.Time(noon), EndTime: aws.Time(noon.Add(5 * time.Minute)), MaxDatapoints: &limit,
			ScanBy: types.ScanByTimestampAscending,
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			require.NoError(t, err)
			n := 0
			for _, r := range page.MetricDataResults {
				values[*r.Id], times[*r.Id] = append(values[*r.Id], r.Values...), append(times[*r.Id], r.Timestamps...)
				n += len(r.Values)
			}
			assert.LessOrEqual(t, n, int(limit))
		}
		assert.Equal(t, map[string][]float64{
			"m": {0, 1, 2, 3, 4}, "total": {10, 11, 12, 13, 14}, "wide": {10}, "twice": {20, 22, 24, 26, 28},
		}, values)
		assert.Equal(t, noon.Truncate(time.Minute).Add(4*time.Minute), times["m"][4].UTC())
	}
	out, err := c.data(t, nil, queries[0])
	require.NoError(t, err)
	assert.Equal(t, []float64{4, 3, 2, 1, 0}, out.MetricDataResults[0].Values, "the newest is first (documented: ScanBy)")
	out, err = c.data(t, func(in *sdk.GetMetricDataInput) { in.MaxDatapoints = aws.Int32(2) }, queries[0])
	require.NoError(t, err)
	assert.Equal(t, types.StatusCodePartialData, out.MetricDataResults[0].StatusCode)
}

// The source of each sentence is with the code.
func TestWhatCloudWatchRefusesOfMetricsIsRefused(t *testing.T) {
	c := newClient(t)
	c.putData(t, types.MetricDatum{MetricName: aws.String("m"), Value: aws.Float64(1), Unit: types.StandardUnitCount})
	put := func(namespace string, d types.MetricDatum) error {
		_, err := c.api.PutMetricData(t.Context(), &sdk.PutMetricDataInput{Namespace: &namespace, MetricData: []types.MetricDatum{d}})
		return err
	}
	one := func(change func(*types.MetricDatum)) error {
		d := types.MetricDatum{MetricName: aws.String("other"), Value: aws.Float64(1)}
		change(&d)
		return put("Mine", d)
	}
	statistics := func(change func(*sdk.GetMetricStatisticsInput)) error {
		in := sdk.GetMetricStatisticsInput{
			Namespace: aws.String("Mine"), MetricName: aws.String("m"), StartTime: aws.Time(noon), EndTime: aws.Time(noon.Add(time.Hour)),
			Period: aws.Int32(60), Statistics: []types.Statistic{"Sum"},
		}
		change(&in)
		_, err := c.api.GetMetricStatistics(t.Context(), &in)
		return err
	}
	data := func(change func(*sdk.GetMetricDataInput), queries ...types.MetricDataQuery) error {
		_, err := c.data(t, change, queries...)
		return err
	}
	m := queryOf("m", "m", "Sum", 60)
	dynamic := queryOf("d", "m", "Sum", 60)
	dynamic.Label = aws.String("${LAST}")
	for name, e := range map[string]struct {
		err           error
		code, message string
	}{
		"a namespace of AWS's":     {put("AWS/Kinesis", types.MetricDatum{MetricName: aws.String("m"), Value: aws.Float64(1)}), "InvalidParameterValue", "The value AWS/Kinesis for parameter Namespace is invalid."},
		"another unit":             {put("Mine", types.MetricDatum{MetricName: aws.String("m"), Value: aws.Float64(1), Unit: types.StandardUnitSeconds}), "InvalidParameterValue", "several units of one metric are not emulated"},
		"no value":                 {one(func(d *types.MetricDatum) { d.Value = nil }), "MissingParameter", "Value is required"},
		"a value and values":       {one(func(d *types.MetricDatum) { d.Values = []float64{1} }), "InvalidParameterCombination", "mutually exclusive"},
		"a time too late":          {one(func(d *types.MetricDatum) { d.Timestamp = aws.Time(noon.Add(3 * time.Hour)) }), "InvalidParameterValue", "Timestamp"},
		"a time too early":         {one(func(d *types.MetricDatum) { d.Timestamp = aws.Time(noon.AddDate(0, 0, -15)) }), "InvalidParameterValue", "Timestamp"},
		"high resolution":          {one(func(d *types.MetricDatum) { d.StorageResolution = aws.Int32(1) }), "InvalidParameterValue", "not emulated by the local target"},
		"a number beyond 2^360":    {one(func(d *types.MetricDatum) { d.Value = aws.Float64(1e300) }), "InvalidParameterValue", "1e+300"},
		"too many datapoints":      {statistics(func(in *sdk.GetMetricStatisticsInput) { in.EndTime = aws.Time(noon.Add(25 * time.Hour)) }), "InvalidParameterCombination", "You have requested up to 1,501 datapoints, which exceeds the limit of 1,440. You may reduce the datapoints requested by increasing Period, or decreasing the time range."},
		"an end before the start":  {statistics(func(in *sdk.GetMetricStatisticsInput) { in.EndTime = aws.Time(noon.Add(-time.Hour)) }), "InvalidParameterCombination", "The parameter StartTime must be less than the parameter EndTime."},
		"no statistic":             {statistics(func(in *sdk.GetMetricStatisticsInput) { in.Statistics = nil }), "InvalidParameterCombination", "At least one of the parameters Statistics and ExtendedStatistics must be specified."},
		"the same times":           {data(func(in *sdk.GetMetricDataInput) { in.EndTime = in.StartTime }, m), "ValidationError", "The parameter StartTime must not equal parameter EndTime."},
		"data before its start":    {data(func(in *sdk.GetMetricDataInput) { in.EndTime = aws.Time(noon.Add(-time.Hour)) }, m), "ValidationError", "The parameter EndTime must be greater than StartTime."},
		"an unknown id":            {data(nil, m, expressionQuery("e", "m + x")), "ValidationError", "Error in expression 'e': The id 'x' does not exist"},
		"periods in an expression": {data(nil, m, queryOf("n", "n", "Sum", 120), expressionQuery("e", "m + n")), "ValidationError", "Period must be the same for all metrics."},
		"one id twice":             {data(nil, m, m), "ValidationError", "not unique"},
		"a dynamic label":          {data(nil, dynamic), "ValidationError", "not emulated by the local target"},
		"501 queries":              {data(nil, slices.Repeat([]types.MetricDataQuery{m}, 501)...), "ValidationError", "The collection MetricDataQueries must not have a size greater than 500."},
		"a token of nobody":        {data(func(in *sdk.GetMetricDataInput) { in.NextToken = aws.String("x") }, m), "InvalidNextToken", ""},
	} {
		t.Run(name, func(t *testing.T) { apitest.RequireError(t, e.err, e.code, e.message) })
	}
}
