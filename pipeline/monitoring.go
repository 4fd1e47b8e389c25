package pipeline

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// operation is what stands beside the way of the events: all of it can be left out without an event noticing.
type operation struct {
	partition, region pulumi.StringInput
	bucket            *Bucket
	stream            *Stream
	delivery          *DeliveryStream
	api               *RestAPI
	stage             *Stage
}

// addOperation makes what the settings ask for. An output of what they do not ask for is empty.
func (p *Pipeline) addOperation(ctx *pulumi.Context, name string, cfg Config, o operation) error {
	none, child := pulumi.String("").ToStringOutput(), pulumi.Parent(p)
	p.DashboardURL, p.AlarmTopicArn, p.Query, p.QueryWorkgroup, p.EventGeneratorInstanceID = none, none, none, none, none
	if cfg.Dashboard {
		dashboard, err := NewDashboard(ctx, name, DashboardArgs{
			Name: name, Partition: o.partition, Region: o.region,
			APIName: o.api.Name, StageName: o.stage.Name, StreamName: o.stream.Name, DeliveryStreamName: o.delivery.Name,
			ThrottleRequestsPerSecond: cfg.ThrottleRequestsPerSecond,
			ShardCount:                cfg.ShardCount,
			RetentionHours:            cfg.RetentionHours,
			BufferIntervalSeconds:     cfg.BufferIntervalSeconds,
		}, child)
		if err != nil {
			return err
		}
		p.DashboardURL = dashboard.URL
	}
	if cfg.Alarms {
		alarms, err := NewAlarms(ctx, name, AlarmsArgs{
			Stack: ctx.Stack(), Email: cfg.AlarmEmail,
			APIName: o.api.Name, StageName: o.stage.Name, StreamName: o.stream.Name, DeliveryStreamName: o.delivery.Name,
			AccessLogGroup: o.stage.AccessLog, DeliveryLogGroup: o.delivery.LogGroup,
			BufferIntervalSeconds:      cfg.BufferIntervalSeconds,
			IteratorAgeSeconds:         cfg.AlarmIteratorAgeSeconds,
			ErrorPercent:               cfg.AlarmErrorPercent,
			ThrottledRequestsPerMinute: cfg.AlarmThrottledPerMinute,
			LatencyMilliseconds:        cfg.AlarmLatencyMilliseconds,
		}, child)
		if err != nil {
			return err
		}
		p.AlarmTopicArn = alarms.TopicArn
	}
	if cfg.QueryTable {
		table, err := NewQueryTable(ctx, name, QueryTableArgs{
			DatabaseName: databaseName(name), BucketName: o.bucket.Name, Prefix: cfg.Prefix, ForceDestroy: !cfg.ProtectData,
		}, child)
		if err != nil {
			return err
		}
		p.Query, p.QueryWorkgroup = table.Query, table.WorkgroupName
	}
	if cfg.EventGenerator {
		source, err := NewEventGenerator(ctx, name+"-event-generator", EventGeneratorArgs{Partition: o.partition, URL: p.URL}, child)
		if err != nil {
			return err
		}
		p.EventGeneratorInstanceID = source.InstanceID
	}
	return nil
}
