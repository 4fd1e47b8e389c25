package pipeline_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// watched is a metric that an alarm watches, by namespace and name.
type watched struct {
	metric     string
	dimensions map[string]any
	seconds    float64
}

// watchedBy are the metrics of an alarm, whether it watches one or an expression of several.
func watchedBy(alarm *registration) []watched {
	read := func(m map[string]any) watched {
		dimensions, _ := m["dimensions"].(map[string]any)
		return watched{m["namespace"].(string) + " " + m["metricName"].(string), dimensions, m["period"].(float64)}
	}
	queries, _ := alarm.input("metricQueries").([]any)
	var all []watched
	for _, query := range queries {
		if m, ok := query.(map[string]any)["metric"].(map[string]any); ok {
			all = append(all, read(m))
		}
	}
	if len(queries) > 0 {
		return all
	}
	return []watched{read(map[string]any{
		"namespace": alarm.input("namespace"), "metricName": alarm.input("metricName"),
		"dimensions": alarm.input("dimensions"), "period": alarm.input("period"),
	})}
}

func TestEveryAlarmWatchesAMetricThatExistsForAResourceOfTheStack(t *testing.T) {
	t.Parallel()
	for _, stack := range []string{"dev", "prod"} {
		r := run(t, stack)
		names := r.dimensionNames(t)
		filter := r.one(t, "LogMetricFilter")
		filter.wants(t, "metricTransformation.namespace", "ingest-pipeline/"+names["ApiName"][0].(string))
		own := filter.input("metricTransformation.namespace").(string) + " " + filter.input("metricTransformation.name").(string)
		alarms := r.of("MetricAlarm")
		assert.Len(t, alarms, 11)
		for _, g := range alarms {
			for _, w := range watchedBy(g) {
				if w.metric == own {
					assert.Empty(t, w.dimensions, "%s: the filter publishes without dimensions", g.label())
					continue
				}
				published, exists := publishedMetrics[w.metric]
				require.True(t, exists, "%s: no service publishes %s", g.label(), w.metric)
				var keys []string
				for key, value := range w.dimensions {
					keys = append(keys, key)
					assert.Contains(t, names[key], value, "%s: %s names nothing of this stack", g.label(), key)
				}
				assert.ElementsMatch(t, published.dimensions, keys, "%s: see docs.aws.amazon.com/%s", g.label(), published.source)
			}
		}
	}
}

// TestADatapointIsLongEnoughForItsMetric keeps alarms from waiting for datapoints that are never published: Firehose
// publishes every five minutes, and its data freshness perhaps only when it delivers.
func TestADatapointIsLongEnoughForItsMetric(t *testing.T) {
	t.Parallel()
	for _, buffer := range []string{"0", "60", "301", "900"} {
		r := run(t, "dev", with("delivery.bufferIntervalSeconds", buffer))
		seconds, err := strconv.ParseFloat(buffer, 64)
		require.NoError(t, err)
		for _, g := range r.of("MetricAlarm") {
			for _, w := range watchedBy(g) {
				assert.Zero(t, int(w.seconds)%60, "%s: CloudWatch refuses it", g.label())
				if strings.HasPrefix(w.metric, "AWS/Firehose ") {
					assert.GreaterOrEqual(t, w.seconds, 300.0, g.label())
				}
			}
		}
		late := watchedBy(r.one(t, "MetricAlarm", "ingest-delivery-late"))[0]
		assert.GreaterOrEqual(t, late.seconds, seconds+300)
		assert.Less(t, late.seconds, seconds+360)
	}
}

func TestAnIdleStackIsQuietAndEveryAlarmTellsSomebody(t *testing.T) {
	t.Parallel()
	for _, r := range []*recorder{run(t, "dev"), run(t, "prod", asPreview)} {
		topic := r.one(t, "Topic")
		for _, g := range r.of("MetricAlarm") {
			assert.Contains(t, []any{"notBreaching", "ignore"}, g.input("treatMissingData"), g.label())
			assert.Contains(t, g.DependsOn, topic.URN, g.label())
			if !r.preview {
				arn := "arn:aws:sns:ap-northeast-2:" + accountID + ":" + topic.Name + "-1a2b3c4"
				g.wants(t, "alarmActions", []any{arn})
				g.wants(t, "okActions", []any{arn})
			}
		}
	}
}

// TestEachAlarmIsRaisedByItsConditionOnly has the metrics of each alarm with their statistics, the side of the threshold,
// the length and number of datapoints, and what missing data mean.
func TestEachAlarmIsRaisedByItsConditionOnly(t *testing.T) {
	t.Parallel()
	const above, below = "GreaterThanThreshold", "LessThanThreshold"
	r := run(t, "dev", with("delivery.bufferIntervalSeconds", "60"))
	for name, want := range map[string]struct {
		metrics             []string
		expression          any
		comparison          string
		seconds, datapoints int
		missing             string
	}{
		"write-throttled":  {[]string{"WriteProvisionedThroughputExceeded Sum"}, nil, above, 60, 5, "notBreaching"},
		"put-failed":       {[]string{"PutRecord.Success Average"}, nil, below, 300, 1, "notBreaching"},
		"batch-put-failed": {[]string{"PutRecords.FailedRecords Sum"}, nil, above, 300, 1, "notBreaching"},
		"reader-behind":    {[]string{"GetRecords.IteratorAgeMilliseconds Maximum"}, nil, above, 60, 5, "notBreaching"},
		"reader-stopped": {[]string{"IncomingRecords Sum", "DataReadFromKinesisStream.Records Sum"},
			"IF(FILL(m1, 0) > 0 AND FILL(m2, 0) == 0, 1, 0)", above, 300, 3, "notBreaching"},
		"delivery-failed": {[]string{"DeliveryToS3.Success Maximum"}, nil, below, 300, 1, "ignore"},
		"delivery-late":   {[]string{"DeliveryToS3.DataFreshness Maximum"}, nil, above, 360, 1, "notBreaching"},
		"delivery-errors": {[]string{"IncomingLogEvents Sum"}, nil, above, 300, 1, "notBreaching"},
		"server-errors":   {[]string{"5XXError Average"}, nil, above, 300, 1, "notBreaching"},
		"throttled":       {[]string{"ThrottledRequests Sum", "Count Sum"}, "100 * m1 / m2", above, 300, 1, "notBreaching"},
		"slow":            {[]string{"IntegrationLatency p99"}, nil, above, 300, 1, "notBreaching"},
	} {
		g := r.one(t, "MetricAlarm", "ingest-"+name)
		metrics, expression := metricsOf(g)
		assert.Equal(t, want.metrics, metrics, name)
		assert.Equal(t, want.expression, expression, name)
		g.wants(t, "comparisonOperator", want.comparison)
		g.wants(t, "evaluationPeriods", want.datapoints)
		g.wants(t, "treatMissingData", want.missing)
		for _, w := range watchedBy(g) {
			assert.Equal(t, want.seconds, int(w.seconds), name)
		}
	}
}

// metricsOf are an alarm's metrics with their statistics, in the order of m1, m2 and so on, and its expression, if it has one.
func metricsOf(alarm *registration) (metrics []string, expression any) {
	queries, _ := alarm.input("metricQueries").([]any)
	for i, query := range queries {
		q := query.(map[string]any)
		if m, ok := q["metric"].(map[string]any); ok {
			metrics = append(metrics, fmt.Sprint(m["metricName"], " ", m["stat"]))
			if q["id"] != fmt.Sprintf("m%d", i) || q["returnData"] == true {
				return nil, nil
			}
			continue
		}
		if q["returnData"] == true {
			expression = q["expression"]
		}
	}
	if len(queries) > 0 {
		return metrics, expression
	}
	statistic := alarm.input("statistic")
	if statistic == nil {
		statistic = alarm.input("extendedStatistic")
	}
	return []string{fmt.Sprint(alarm.input("metricName"), " ", statistic)}, nil
}

func TestAlarmThresholdsFollowTheSettings(t *testing.T) {
	t.Parallel()
	r := run(t, "dev", with("delivery.bufferIntervalSeconds", "90"), with("alarms.iteratorAgeSeconds", "120"), with("alarms.errorPercent", "3"),
		with("alarms.throttledPercent", "7"), with("alarms.latencyMilliseconds", "250"), with("alarms.email", "ops@example.com"))
	for name, want := range map[string]float64{
		"reader-behind": 120_000, "delivery-late": 300, "server-errors": 0.03, "throttled": 7, "slow": 250,
		"reader-stopped": 0, "write-throttled": 0, "put-failed": 0.99, "batch-put-failed": 0, "delivery-failed": 1, "delivery-errors": 0,
	} {
		r.one(t, "MetricAlarm", "ingest-"+name).wants(t, "threshold", want)
	}
	r.one(t, "TopicSubscription").wants(t, "endpoint", "ops@example.com")
	filter := r.one(t, "LogMetricFilter")
	filter.wants(t, "pattern", `{ $.status = "429" }`)
	filter.wants(t, "logGroupName", r.one(t, "LogGroup", "ingest-access").input("name"))
	filter.wants(t, "metricTransformation.value", "1")
	filter.wants(t, "metricTransformation.defaultValue", "0") // a share needs the minutes in which nothing was refused
	assert.Contains(t, r.one(t, "Stage").input("accessLogSettings.format"), `"status":"$context.status"`, "what the filter looks for")
}

func TestTheRunbookHasASectionForEveryAlarm(t *testing.T) {
	t.Parallel()
	runbook, err := os.ReadFile(filepath.Join("..", "docs", "runbook.md"))
	require.NoError(t, err)
	for _, g := range run(t, "prod").of("MetricAlarm") {
		name := strings.TrimPrefix(g.Name, "ingest-")
		assert.Contains(t, string(runbook), "\n## "+name+"\n")
		assert.Contains(t, g.input("alarmDescription"), "docs/runbook.md, section "+name)
	}
}
