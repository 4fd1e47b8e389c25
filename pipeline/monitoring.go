package pipeline

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// addMonitoring creates dashboard and alarms, each if it is enabled.
func (p *Pipeline) addMonitoring(ctx *pulumi.Context, name string, cfg Config) error {
	p.DashboardURL, p.AlarmTopicArn = pulumi.String("").ToStringOutput(), pulumi.String("").ToStringOutput()
	if cfg.Dashboard {
		dashboard, err := NewDashboard(ctx, name, DashboardArgs{
			Name: uniqueName(ctx, name), Partition: p.partition, Region: p.region,
			APIName: p.api.Name, StageName: p.stage.Name,
			StreamName: p.stream.Name, DeliveryStreamName: p.deliveryStream.Name,
			ThrottleRequestsPerSecond: cfg.ThrottleRequestsPerSecond,
			ShardCount:                cfg.ShardCount,
			RetentionHours:            cfg.RetentionHours,
			BufferIntervalSeconds:     cfg.BufferIntervalSeconds,
		}, pulumi.Parent(p))
		if err != nil {
			return err
		}
		p.DashboardURL = dashboard.URL
	}
	if cfg.Alarms {
		alarms, err := NewAlarms(ctx, name, AlarmsArgs{
			Email:   cfg.AlarmEmail,
			APIName: p.api.Name, StageName: p.stage.Name,
			StreamName: p.stream.Name, DeliveryStreamName: p.deliveryStream.Name,
			AccessLogGroup: p.stage.AccessLogGroup, DeliveryLogGroup: p.deliveryStream.LogGroup,
			BufferIntervalSeconds: cfg.BufferIntervalSeconds,
			IteratorAgeSeconds:    cfg.AlarmIteratorAgeSeconds,
			ErrorPercent:          cfg.AlarmErrorPercent,
			ThrottledPercent:      cfg.AlarmThrottledPercent,
			LatencyMilliseconds:   cfg.AlarmLatencyMilliseconds,
		}, pulumi.Parent(p))
		if err != nil {
			return err
		}
		p.AlarmTopicArn = alarms.TopicArn
	}
	return nil
}
