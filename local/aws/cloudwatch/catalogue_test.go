package cloudwatch

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/internal/metric"
)

func TestTheCatalogueIsWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, info := range Catalogue() {
		name := info.Namespace + " " + info.Name
		assert.False(t, seen[name], "%s is there twice", name)
		seen[name] = true
		assert.Contains(t, metric.Units, info.Unit, name)
		assert.True(t, strings.HasPrefix(info.Source, "docs.aws.amazon.com/"), name)
		assert.NotEmpty(t, info.Dimensions, name)
		for _, names := range info.Dimensions {
			assert.True(t, slices.IsSorted(names), name)
		}
	}
	Catalogue()[0].Dimensions[0][0] = "changed"
	assert.NotEqual(t, "changed", Catalogue()[0].Dimensions[0][0])
}

// The first two are mistakes of published alarms, which stay in INSUFFICIENT_DATA for ever.
func TestAMetricThatNeverGetsDataIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		id   MetricID
		want string
	}{
		"no dimensions": {MetricID{"AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds", nil},
			"AWS/Kinesis GetRecords.IteratorAgeMilliseconds is not sent with the dimensions [], but with [StreamName] (docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html)"},
		"the id of an API": {MetricID{"AWS/ApiGateway", "5XXError", Dimensions{"ApiId": "a1b2c3", "Stage": "v1"}},
			"is not sent with the dimensions [ApiId Stage], but with [ApiName] or [ApiName Stage] or [ApiName Method Resource Stage]"},
		"a metric of HTTP APIs": {MetricID{"AWS/ApiGateway", "5xx", Dimensions{"ApiName": "events"}}, "AWS/ApiGateway has no metric 5xx"},
		"another namespace":     {MetricID{"AWS/Lambda", "Errors", Dimensions{"FunctionName": "f"}}, "AWS/Lambda has no metric Errors"},
		"a good one":            {MetricID{"AWS/Firehose", "DeliveryToS3.DataFreshness", Dimensions{"DeliveryStreamName": "d"}}, ""},
		"one's own":             {MetricID{"events", "Throttled", nil}, ""},
		"of all log groups":     {MetricID{"AWS/Logs", "IncomingLogEvents", nil}, ""},
		"of a shard":            {MetricID{"AWS/Kinesis", "IncomingRecords", Dimensions{"StreamName": "s", "ShardId": "shardId-000000000000"}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := CheckMetric(c.id)
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.want)
		})
	}
}
