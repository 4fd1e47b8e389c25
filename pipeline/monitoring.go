package pipeline

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// addMonitoring creates dashboard and alarms, each if it is enabled.
func (p *Pipeline) addMonitoring(ctx *pulumi.Context, name string, args PipelineArgs) error {
	p.DashboardURL, p.AlarmTopicArn = pulumi.String("").ToStringOutput(), pulumi.String("").ToStringOutput()
	if args.Dashboard {
		dashboard, err := newDashboard(ctx, name, dashboardArgs{
			Name: uniqueName(ctx, name), Partition: p.partition, Region: p.region,
			APIName: p.api.Name, StageName: p.StageName,
			StreamName: p.StreamName, DeliveryStreamName: p.DeliveryStreamName,
			ThrottleRequestsPerSecond: args.Throttle.RequestsPerSecond,
			ShardCount:                args.Stream.ShardCount,
			RetentionHours:            args.Stream.RetentionHours,
			BufferIntervalSeconds:     args.Delivery.BufferIntervalSeconds,
		}, pulumi.Parent(p))
		if err != nil {
			return err
		}
		p.DashboardURL = dashboard.URL
	}
	if args.Alarms.Enabled {
		alarms, err := newAlarms(ctx, name, alarmsArgs{
			AlarmSettings: args.Alarms, TopicArn: args.AlarmTopicArn,
			APIName: p.api.Name, StageName: p.StageName,
			StreamName: p.StreamName, DeliveryStreamName: p.DeliveryStreamName,
			AccessLogGroup: p.stage.AccessLogGroup, DeliveryLogGroup: p.deliveryStream.LogGroup,
			BufferIntervalSeconds: args.Delivery.BufferIntervalSeconds,
		}, pulumi.Parent(p))
		if err != nil {
			return err
		}
		p.AlarmTopicArn = alarms.TopicArn
	}
	return nil
}
