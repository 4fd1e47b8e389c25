package pipeline

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const alarmsType = "ingest-pipeline:index:Alarms"

// throttledMetric counts the requests that the endpoint answered 429. API Gateway only counts them among
// all 4XX, so that a metric filter on the access log counts them, in a namespace of the stack.
const throttledMetric = "ThrottledRequests"

// AlarmsArgs describes what the alarms watch and their thresholds.
type AlarmsArgs struct {
	// Stack names the namespace of the metrics that this program makes itself.
	Stack string
	// Email receives the alarms once its owner has confirmed the subscription. Empty: no subscription.
	Email string

	APIName, StageName, StreamName, DeliveryStreamName pulumi.StringInput
	AccessLogGroup, DeliveryLogGroup                   pulumi.StringInput

	// BufferIntervalSeconds is how late an event normally arrives in S3, in seconds.
	BufferIntervalSeconds int
	// IteratorAgeSeconds, ErrorPercent, ThrottledRequestsPerMinute and LatencyMilliseconds are thresholds.
	IteratorAgeSeconds         int
	ErrorPercent               int
	ThrottledRequestsPerMinute int
	LatencyMilliseconds        int
}

// Alarms notify a topic when events are refused, late or lost.
type Alarms struct {
	pulumi.ResourceState

	TopicArn pulumi.StringOutput `pulumi:"topicArn"`
}

// NewAlarms creates the topic, the alarms and the metric they need.
func NewAlarms(ctx *pulumi.Context, name string, args AlarmsArgs, opts ...pulumi.ResourceOption) (*Alarms, error) {
	a := &Alarms{}
	if err := ctx.RegisterComponentResource(alarmsType, name, a, opts...); err != nil {
		return nil, err
	}
	child := pulumi.Parent(a)
	// Not encrypted with alias/aws/sns: CloudWatch may not use that key, and its messages would be dropped silently.
	// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
	topic, err := sns.NewTopic(ctx, name, &sns.TopicArgs{}, child)
	if err != nil {
		return nil, err
	}
	if args.Email != "" {
		if _, err := sns.NewTopicSubscription(ctx, name, &sns.TopicSubscriptionArgs{
			Topic: topic.Arn, Protocol: pulumi.String("email"), Endpoint: pulumi.String(args.Email),
		}, child); err != nil {
			return nil, err
		}
	}
	if _, err := cloudwatch.NewLogMetricFilter(ctx, name+"-throttled", &cloudwatch.LogMetricFilterArgs{
		LogGroupName: args.AccessLogGroup,
		Pattern:      pulumi.String(`{ $.status = "429" }`),
		MetricTransformation: cloudwatch.LogMetricFilterMetricTransformationArgs{
			Namespace: pulumi.String(ownNamespace(args.Stack)), Name: pulumi.String(throttledMetric), Value: pulumi.String("1"),
		},
	}, child); err != nil {
		return nil, err
	}
	for _, row := range alarms(args) {
		alarmArgs := &cloudwatch.MetricAlarmArgs{
			AlarmDescription: pulumi.String(fmt.Sprintf(
				"%s. What to do: docs/runbook.md, section %s", row.means, row.name)),
			Namespace:          pulumi.String(row.namespace),
			MetricName:         pulumi.String(row.metric),
			Dimensions:         row.dimensions,
			ComparisonOperator: pulumi.String(row.comparison),
			Threshold:          pulumi.Float64(row.threshold),
			Period:             pulumi.Int(60),
			EvaluationPeriods:  pulumi.Int(row.minutes),
			// No traffic, no data: that is not an alarm.
			TreatMissingData: pulumi.String("notBreaching"),
			AlarmActions:     pulumi.Array{topic.Arn},
			OkActions:        pulumi.Array{topic.Arn},
		}
		if row.statistic[0] == 'p' {
			alarmArgs.ExtendedStatistic = pulumi.String(row.statistic)
		} else {
			alarmArgs.Statistic = pulumi.String(row.statistic)
		}
		if _, err := cloudwatch.NewMetricAlarm(ctx, name+"-"+row.name, alarmArgs, child); err != nil {
			return nil, err
		}
	}
	a.TopicArn = topic.Arn
	return a, ctx.RegisterResourceOutputs(a, pulumi.Map{"topicArn": a.TopicArn})
}

// alarm is a metric with its threshold.
type alarm struct {
	name, means       string
	namespace, metric string
	dimensions        pulumi.StringMap
	// statistic is Average, Sum, Maximum or Minimum, or a percentile such as p99.
	statistic  string
	comparison string
	threshold  float64
	// minutes is how many consecutive minutes have to breach the threshold.
	minutes int
}

const (
	above = "GreaterThanThreshold"
	below = "LessThanThreshold"
)

// alarms lists the alarms. docs/runbook.md has a section for each, by its name.
//
// The dimensions have to be those that the metric is published with, or an alarm never fires: streams by StreamName,
// delivery streams by name and not by ARN, stages by the API's name and not by its id.
//
// https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html
// https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html
func alarms(args AlarmsArgs) []alarm {
	stream := pulumi.StringMap{"StreamName": args.StreamName}
	delivery := pulumi.StringMap{"DeliveryStreamName": args.DeliveryStreamName}
	stage := pulumi.StringMap{"ApiName": args.APIName, "Stage": args.StageName}
	return []alarm{
		{
			"write-throttled", "the shards are over their limit: clients get 429 and send again",
			"AWS/Kinesis", "WriteProvisionedThroughputExceeded", stream, "Sum", above, 0, 5,
		}, {
			"put-failed", "Kinesis refuses events of the single route",
			"AWS/Kinesis", "PutRecord.Success", stream, "Average", below, 0.99, 5,
		}, {
			"batch-put-failed", "Kinesis fails to store events of batches, for reasons other than throughput",
			"AWS/Kinesis", "PutRecords.FailedRecords", stream, "Sum", above, 0, 5,
		}, {
			"reader-behind", "Firehose reads late; events older than the retention are lost",
			"AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds", stream, "Maximum", above,
			float64(args.IteratorAgeSeconds) * 1000, 5,
		}, {
			"delivery-failed", "Firehose cannot write to the bucket",
			"AWS/Firehose", "DeliveryToS3.Success", delivery, "Average", below, 1, 5,
		}, {
			"delivery-late", "events are not in S3 after twice the buffer interval",
			"AWS/Firehose", "DeliveryToS3.DataFreshness", delivery, "Maximum", above,
			float64(2*args.BufferIntervalSeconds + 120), 5,
		}, {
			"delivery-errors", "Firehose has written to its error log",
			"AWS/Logs", "IncomingLogEvents", pulumi.StringMap{"LogGroupName": args.DeliveryLogGroup}, "Sum", above, 0, 1,
		}, {
			"server-errors", "the endpoint answers 5xx",
			"AWS/ApiGateway", "5XXError", stage, "Average", above, float64(args.ErrorPercent) / 100, 5,
		}, {
			"throttled", "the endpoint answers 429",
			ownNamespace(args.Stack), throttledMetric, nil, "Sum", above, float64(args.ThrottledRequestsPerMinute), 5,
		}, {
			"slow", "Kinesis answers the endpoint slowly",
			"AWS/ApiGateway", "IntegrationLatency", stage, "p99", above, float64(args.LatencyMilliseconds), 5,
		},
	}
}

func ownNamespace(stack string) string { return "ingest-pipeline/" + stack }
