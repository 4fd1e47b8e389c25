package pipeline

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// addMonitoring creates dashboard and alarms, each if it is enabled.
func (p *Pipeline) addMonitoring(ctx *pulumi.Context, name string, args PipelineArgs) error {
	p.DashboardURL, p.AlarmTopicArn = pulumi.String("").ToStringOutput(), pulumi.String("").ToStringOutput()
	if args.Dashboard {
		dashboard, err := NewDashboard(ctx, name, DashboardArgs{
			Name: uniqueName(ctx, name), Partition: p.partition, Region: p.region,
			APIName: p.api.Name, StageName: p.stage.Name,
			StreamName: p.stream.Name, DeliveryStreamName: p.deliveryStream.Name,
			ThrottleRequestsPerSecond: args.ThrottleRequestsPerSecond,
			ShardCount:                args.ShardCount,
			RetentionHours:            args.RetentionHours,
			BufferIntervalSeconds:     args.BufferIntervalSeconds,
		}, pulumi.Parent(p))
		if err != nil {
			return err
		}
		p.DashboardURL = dashboard.URL
	}
	if args.Alarms {
		alarms, err := NewAlarms(ctx, name, AlarmsArgs{
			Email:   args.AlarmEmail,
			APIName: p.api.Name, StageName: p.stage.Name,
			StreamName: p.stream.Name, DeliveryStreamName: p.deliveryStream.Name,
			AccessLogGroup: p.stage.AccessLogGroup, DeliveryLogGroup: p.deliveryStream.LogGroup,
			BufferIntervalSeconds: args.BufferIntervalSeconds,
			IteratorAgeSeconds:    args.AlarmIteratorAgeSeconds,
			ErrorPercent:          args.AlarmErrorPercent,
			ThrottledPercent:      args.AlarmThrottledPercent,
			LatencyMilliseconds:   args.AlarmLatencyMilliseconds,
		}, pulumi.Parent(p))
		if err != nil {
			return err
		}
		p.AlarmTopicArn = alarms.TopicArn
	}
	return nil
}
