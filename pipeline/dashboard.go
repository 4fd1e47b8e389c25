package pipeline

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const dashboardType = "ingest-pipeline:index:Dashboard"

// dashboardArgs describes what the dashboard shows, and the limits drawn as lines.
type dashboardArgs struct {
	// Name is the dashboard's name in AWS, 1 to 255 of a–z, A–Z, 0–9, _ and -. Changing it replaces the dashboard.
	Name              string
	Partition, Region pulumi.StringInput

	APIName, StageName, StreamName, DeliveryStreamName pulumi.StringInput

	ThrottleRequestsPerSecond int
	// ShardCount is 0 for an on-demand stream, which has no fixed limit.
	ShardCount            int
	RetentionHours        int
	BufferIntervalSeconds int
}

// dashboard shows the path of the events from left to right.
type dashboard struct {
	pulumi.ResourceState

	URL pulumi.StringOutput `pulumi:"url"`
}

// newDashboard creates the dashboard.
func newDashboard(ctx *pulumi.Context, name string, args dashboardArgs, opts ...pulumi.ResourceOption) (*dashboard, error) {
	d := &dashboard{}
	if err := ctx.RegisterComponentResource(dashboardType, name, d, opts...); err != nil {
		return nil, err
	}
	body := pulumi.All(args.Region, args.APIName, args.StageName, args.StreamName, args.DeliveryStreamName).ApplyT(
		func(values []any) (string, error) {
			text := func(i int) string { return values[i].(string) }
			return dashboardBody(text(0), columns(args, text(1), text(2), text(3), text(4)))
		}).(pulumi.StringOutput)
	dashboard, err := cloudwatch.NewDashboard(ctx, name, &cloudwatch.DashboardArgs{
		DashboardName: pulumi.String(args.Name),
		DashboardBody: body,
	}, pulumi.Parent(d))
	if err != nil {
		return nil, err
	}
	d.URL = pulumi.All(args.Partition, args.Region, dashboard.DashboardName).ApplyT(func(values []any) string {
		partition, region, dashboardName := values[0].(string), values[1].(string), values[2].(string)
		return fmt.Sprintf("https://%s.%s/cloudwatch/home?region=%s#dashboards/dashboard/%s",
			region, consoleDomain(partition), region, dashboardName)
	}).(pulumi.StringOutput)
	return d, ctx.RegisterResourceOutputs(d, pulumi.Map{"url": d.URL})
}

// widget is a graph. Metrics and annotations are in the form of the dashboard body:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
type widget struct {
	title   string
	metrics []string
	stat    string
	// limit is drawn as a line, unless it is 0.
	limit      float64
	limitLabel string
}

// column is one service; its graphs are below each other.
type column struct {
	namespace  string
	dimensions []string
	widgets    []widget
}

// columns returns the columns in the order of the data path. Limits are per minute where the graph is a sum over a minute.
func columns(args dashboardArgs, api, stage, stream, delivery string) []column {
	return []column{
		{"AWS/ApiGateway", []string{"ApiName", api, "Stage", stage}, []widget{
			{"1 Requests", []string{"Count", "4XXError", "5XXError"}, "Sum", float64(args.ThrottleRequestsPerSecond) * 60, "throttle"},
			{"Time to answer, ms", []string{"Latency", "IntegrationLatency"}, "p99", 0, ""},
		}},
		{"AWS/Kinesis", []string{"StreamName", stream}, []widget{
			{"2 Events into the stream", []string{"IncomingRecords", "WriteProvisionedThroughputExceeded"}, "Sum", float64(args.ShardCount) * 1000 * 60, "shards"},
			{"Bytes into the stream", []string{"IncomingBytes"}, "Sum", float64(args.ShardCount) * 1_000_000 * 60, "shards"},
		}},
		{"AWS/Kinesis", []string{"StreamName", stream}, []widget{
			{"3 How far Firehose is behind, ms", []string{"GetRecords.IteratorAgeMilliseconds"}, "Maximum", float64(args.RetentionHours) * 3600_000, "events are lost"},
		}},
		{"AWS/Firehose", []string{"DeliveryStreamName", delivery}, []widget{
			{"4 Events into S3", []string{"DeliveryToS3.Records"}, "Sum", 0, ""},
			{"Age of the oldest event not in S3, s", []string{"DeliveryToS3.DataFreshness"}, "Maximum", float64(args.BufferIntervalSeconds), "buffer interval"},
		}},
	}
}

// dashboardBody lays the columns out on CloudWatch's grid of 24 units.
func dashboardBody(region string, columns []column) (string, error) {
	const height = 6
	width := 24 / len(columns)
	var widgets []map[string]any
	for x, c := range columns {
		for y, w := range c.widgets {
			var metrics [][]string
			for _, metric := range w.metrics {
				metrics = append(metrics, append([]string{c.namespace, metric}, c.dimensions...))
			}
			properties := map[string]any{
				"title": w.title, "region": region, "metrics": metrics, "stat": w.stat, "period": 60, "view": "timeSeries",
			}
			if w.limit > 0 {
				properties["annotations"] = map[string]any{
					"horizontal": []map[string]any{{"label": w.limitLabel, "value": w.limit}},
				}
			}
			widgets = append(widgets, map[string]any{
				"type": "metric", "x": x * width, "y": y * height, "width": width, "height": height, "properties": properties,
			})
		}
	}
	body, err := json.Marshal(map[string]any{"widgets": widgets})
	if err != nil {
		return "", fmt.Errorf("rendering the dashboard: %w", err)
	}
	return string(body), nil
}

// consoleDomain is where the console of a partition is.
func consoleDomain(partition string) string {
	switch partition {
	case "aws-cn":
		return "console.amazonaws.cn"
	case "aws-us-gov":
		return "console.amazonaws-us-gov.com"
	default:
		return "console.aws.amazon.com"
	}
}
