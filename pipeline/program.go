package pipeline

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Program is the one program that main.go, the tests and the local target run. It reads the stack's settings, reports
// all that is wrong with them before it creates anything, and exports what a person needs next.
func Program(ctx *pulumi.Context) error {
	args, err := Load(ctx)
	if err != nil {
		return err
	}
	// Logical names are the same in every stack, so that a stack can be renamed. pulumi:autonaming in Pulumi.yaml adds the
	// stack to the names in AWS.
	p, err := NewPipeline(ctx, "ingest", args)
	if err != nil {
		return err
	}
	ctx.Export("url", p.URL)
	ctx.Export("batchUrl", p.BatchURL)
	ctx.Export("curl", p.Curl)
	if args.Access == AccessAPIKey {
		ctx.Export("apiKeys", p.APIKeys)
		ctx.Export("apiKey", p.APIKey)
	}
	ctx.Export("streamName", p.StreamName)
	ctx.Export("deliveryStreamName", p.DeliveryStreamName)
	ctx.Export("bucketName", p.BucketName)
	ctx.Export("bucketFolder", p.BucketFolder)
	ctx.Export("errorFolder", p.ErrorFolder)
	ctx.Export("executionLogGroup", p.ExecutionLogGroup)
	ctx.Export("accessLogGroup", p.AccessLogGroup)
	ctx.Export("deliveryLogGroup", p.DeliveryLogGroup)
	if args.Dashboard {
		ctx.Export("dashboardUrl", p.DashboardURL)
	}
	if args.Alarms.Enabled {
		ctx.Export("alarmTopicArn", p.AlarmTopicArn)
	}
	if args.QueryTable {
		ctx.Export("query", p.Query)
		ctx.Export("queryWorkgroup", p.QueryWorkgroup)
	}
	if args.EventGenerator {
		ctx.Export("eventGeneratorInstanceId", p.EventGeneratorInstanceID)
	}
	return nil
}
