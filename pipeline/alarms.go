package pipeline

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const alarmsType = "ingest-pipeline:index:Alarms"

// throttledMetric counts the requests that the endpoint answered 429. API Gateway only counts them among
// all 4XX, so a metric filter on the access log counts them. The namespace has the API's name, because a filter without
// dimensions from the log's lines would add up the pipelines of an account.
const throttledMetric = "ThrottledRequests"

// alarmsArgs describes what the alarms watch and their thresholds.
type alarmsArgs struct {
	// TopicArn is an existing topic. Nil: a new one.
	TopicArn pulumi.StringPtrInput
	AlarmSettings

	APIName, StageName, StreamName, DeliveryStreamName pulumi.StringInput
	AccessLogGroup, DeliveryLogGroup                   pulumi.StringInput

	// BufferIntervalSeconds is how late an event normally arrives in S3, in seconds.
	BufferIntervalSeconds int
}

// alarms notify a topic when events are refused, late or lost.
type alarms struct {
	pulumi.ResourceState

	TopicArn pulumi.StringOutput `pulumi:"topicArn"`
}

// newAlarms creates the topic, the alarms and the metric they need.
func newAlarms(ctx *pulumi.Context, name string, args alarmsArgs, opts ...pulumi.ResourceOption) (*alarms, error) {
	a := &alarms{}
	if err := ctx.RegisterComponentResource(alarmsType, name, a, opts...); err != nil {
		return nil, err
	}
	child := pulumi.Parent(a)
	if args.TopicArn != nil {
		a.TopicArn = args.TopicArn.ToStringPtrOutput().Elem()
	} else {
		// Not encrypted with alias/aws/sns: CloudWatch may not use that key, and its messages would be dropped silently.
		// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
		topic, err := sns.NewTopic(ctx, name, &sns.TopicArgs{}, child)
		if err != nil {
			return nil, err
		}
		a.TopicArn = topic.Arn
	}
	if args.Email != "" {
		if _, err := sns.NewTopicSubscription(ctx, name, &sns.TopicSubscriptionArgs{
			Topic: a.TopicArn, Protocol: pulumi.String("email"), Endpoint: pulumi.String(args.Email),
		}, child); err != nil {
			return nil, err
		}
	}
	if _, err := cloudwatch.NewLogMetricFilter(ctx, name+"-throttled", &cloudwatch.LogMetricFilterArgs{
		LogGroupName: args.AccessLogGroup,
		Pattern:      pulumi.String(`{ $.status = "429" }`),
		MetricTransformation: cloudwatch.LogMetricFilterMetricTransformationArgs{
			Namespace: throttledNamespace(args), Name: pulumi.String(throttledMetric),
			Value: pulumi.String("1"), DefaultValue: pulumi.String("0"),
		},
	}, child); err != nil {
		return nil, err
	}
	for _, row := range alarmDefinitions(args) {
		if _, err := cloudwatch.NewMetricAlarm(ctx, name+"-"+row.name, row.args(a.TopicArn), child); err != nil {
			return nil, err
		}
	}
	return a, ctx.RegisterResourceOutputs(a, pulumi.Map{"topicArn": a.TopicArn})
}

// throttledNamespace is the namespace of throttledMetric.
func throttledNamespace(args alarmsArgs) pulumi.StringInput {
	return pulumi.Sprintf("ingest-pipeline/%s", args.APIName)
}

// metric is a statistic of a metric. The dimensions have to be those that the metric is published with, or an alarm never
// has data: streams by StreamName, delivery streams by name and not by ARN, stages by the API's name and not by its id.
type metric struct {
	namespace  pulumi.StringInput
	name       string
	dimensions pulumi.StringMap
	// statistic is Average, Sum, Maximum or Minimum, or a percentile such as p99.
	statistic string
}

// alarm is a condition and how long it has to last.
type alarm struct {
	name, means string
	// metrics are one metric, or several that expression calls m1, m2 and so on.
	metrics    []metric
	expression string
	comparison string
	threshold  float64
	// seconds is the length of a datapoint, and datapoints how many consecutive ones have to breach the threshold.
	seconds, datapoints int
	// missing is what a datapoint without data means: notBreaching, or ignore, which keeps the alarm's state.
	missing string
}

const (
	above = "GreaterThanThreshold"
	below = "LessThanThreshold"

	// No traffic, no data: that is not an alarm.
	notBreaching = "notBreaching"
	ignore       = "ignore"

	minute      = 60
	fiveMinutes = 300
)

// alarmDefinitions lists the alarms. docs/runbook.md has a section for each, by its name, with the time after which it is raised.
//
// Conditions that last are watched minute by minute: Kinesis and API Gateway publish every minute in which there are
// requests. Shares of requests are those of five minutes, so that a request every other minute is enough to raise an alarm.
// Firehose publishes only every five minutes, and some metrics only when it delivers, which is once in a buffer interval:
// shorter datapoints would be missing. An alarm evaluates every minute, whatever the length of its datapoints.
//
// https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html
// https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation-window.html
func alarmDefinitions(args alarmsArgs) []alarm {
	of := func(namespace string, dimensions pulumi.StringMap) func(name, statistic string) metric {
		return func(name, statistic string) metric {
			return metric{pulumi.String(namespace), name, dimensions, statistic}
		}
	}
	kinesis := of("AWS/Kinesis", pulumi.StringMap{"StreamName": args.StreamName})
	firehose := of("AWS/Firehose", pulumi.StringMap{"DeliveryStreamName": args.DeliveryStreamName})
	apiGateway := of("AWS/ApiGateway", pulumi.StringMap{"ApiName": args.APIName, "Stage": args.StageName})
	deliveryLog := of("AWS/Logs", pulumi.StringMap{"LogGroupName": args.DeliveryLogGroup})
	return []alarm{
		{
			"write-throttled", "the shards are over their limit: clients get 429 and send again",
			[]metric{kinesis("WriteProvisionedThroughputExceeded", "Sum")}, "", above, 0, minute, 5, notBreaching,
		}, {
			"put-failed", "Kinesis refuses events of the single route",
			[]metric{kinesis("PutRecord.Success", "Average")}, "", below, 0.99, fiveMinutes, 1, notBreaching,
		}, {
			"batch-put-failed", "Kinesis fails to store events of batches, for reasons other than throughput",
			[]metric{kinesis("PutRecords.FailedRecords", "Sum")}, "", above, 0, fiveMinutes, 1, notBreaching,
		}, {
			"reader-behind", "Firehose reads late; events older than the retention are lost",
			[]metric{kinesis("GetRecords.IteratorAgeMilliseconds", "Maximum")}, "", above,
			float64(args.IteratorAgeSeconds) * 1000, minute, 5, notBreaching,
		}, {
			// What arrived in the first datapoint is read in it or at the beginning of the second, and Firehose has
			// published that by the end of the third.
			"reader-stopped", "events arrive, and Firehose reads none; events older than the retention are lost",
			[]metric{kinesis("IncomingRecords", "Sum"), firehose("DataReadFromKinesisStream.Records", "Sum")},
			"IF(FILL(m1, 0) > 0 AND FILL(m2, 0) == 0, 1, 0)", above, 0, fiveMinutes, 3, notBreaching,
		}, {
			// Firehose tries again until it succeeds, and the alarm stays until then.
			"delivery-failed", "Firehose cannot write to the bucket",
			[]metric{firehose("DeliveryToS3.Success", "Maximum")}, "", below, 1, fiveMinutes, 1, ignore,
		}, {
			"delivery-late", "events are not in S3 after twice the buffer interval",
			[]metric{firehose("DeliveryToS3.DataFreshness", "Maximum")}, "", above,
			float64(2*args.BufferIntervalSeconds + 120), wholeMinutes(args.BufferIntervalSeconds + fiveMinutes), 1, notBreaching,
		}, {
			"delivery-errors", "Firehose has written to its error log",
			[]metric{deliveryLog("IncomingLogEvents", "Sum")}, "", above, 0, fiveMinutes, 1, notBreaching,
		}, {
			"server-errors", "the endpoint answers 5xx",
			[]metric{apiGateway("5XXError", "Average")}, "", above,
			float64(args.ErrorPercent) / 100, fiveMinutes, 1, notBreaching,
		}, {
			// A share, since what exceeds a limit is sent again: it grows as long as more arrives than the limit allows, and a
			// short peak is soon outweighed.
			"throttled", "the endpoint answers 429 to more requests than a short peak explains",
			[]metric{{throttledNamespace(args), throttledMetric, nil, "Sum"}, apiGateway("Count", "Sum")},
			"100 * m1 / m2", above, float64(args.ThrottledPercent), fiveMinutes, 1, notBreaching,
		}, {
			"slow", "Kinesis answers the endpoint slowly",
			[]metric{apiGateway("IntegrationLatency", "p99")}, "", above,
			float64(args.LatencyMilliseconds), fiveMinutes, 1, notBreaching,
		},
	}
}

// wholeMinutes rounds up, since a datapoint has a multiple of 60 seconds.
func wholeMinutes(seconds int) int { return (seconds + minute - 1) / minute * minute }

// args are those of the alarm's resource.
func (a alarm) args(topicArn pulumi.StringOutput) *cloudwatch.MetricAlarmArgs {
	args := &cloudwatch.MetricAlarmArgs{
		AlarmDescription: pulumi.String(fmt.Sprintf(
			"%s. What to do: docs/runbook.md, section %s", a.means, a.name)),
		ComparisonOperator: pulumi.String(a.comparison),
		Threshold:          pulumi.Float64(a.threshold),
		EvaluationPeriods:  pulumi.Int(a.datapoints),
		TreatMissingData:   pulumi.String(a.missing),
		AlarmActions:       pulumi.Array{topicArn},
		OkActions:          pulumi.Array{topicArn},
	}
	if a.expression != "" {
		args.MetricQueries = a.queries()
		return args
	}
	watched := a.metrics[0]
	args.Namespace, args.MetricName = watched.namespace, pulumi.String(watched.name)
	args.Dimensions, args.Period = watched.dimensions, pulumi.Int(a.seconds)
	if watched.statistic[0] == 'p' {
		args.ExtendedStatistic = pulumi.String(watched.statistic)
	} else {
		args.Statistic = pulumi.String(watched.statistic)
	}
	return args
}

// queries are the expression and its metrics.
func (a alarm) queries() cloudwatch.MetricAlarmMetricQueryArray {
	queries := cloudwatch.MetricAlarmMetricQueryArray{cloudwatch.MetricAlarmMetricQueryArgs{
		Id: pulumi.String("breach"), Label: pulumi.String(a.means),
		Expression: pulumi.String(a.expression), ReturnData: pulumi.Bool(true),
	}}
	for i, m := range a.metrics {
		queries = append(queries, cloudwatch.MetricAlarmMetricQueryArgs{
			Id: pulumi.String(fmt.Sprintf("m%d", i+1)),
			Metric: cloudwatch.MetricAlarmMetricQueryMetricArgs{
				Namespace: m.namespace, MetricName: pulumi.String(m.name), Dimensions: m.dimensions,
				Period: pulumi.Int(a.seconds), Stat: pulumi.String(m.statistic),
			},
		})
	}
	return queries
}
