package main

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"ingest-pipeline/pipeline"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		args := pipeline.DefaultArgs()
		args.Access = pipeline.AccessAPIKey
		args.Throttle = pipeline.ThrottleSettings{RequestsPerSecond: 100, Burst: 100}
		args.Delivery.BufferIntervalSeconds = 60
		args.ProtectData = false // destroy deletes the events, too
		events, err := pipeline.NewPipeline(ctx, "events", args)
		if err != nil {
			return err
		}
		_, err = sns.NewTopicSubscription(ctx, "on-call", &sns.TopicSubscriptionArgs{
			Topic:    events.AlarmTopicArn,
			Protocol: pulumi.String("email"),
			Endpoint: pulumi.String("on-call@example.com"),
		})
		if err != nil {
			return err
		}
		ctx.Export("url", events.URL)
		ctx.Export("apiKey", events.APIKey)
		ctx.Export("bucketFolder", events.BucketFolder)
		return nil
	})
}
