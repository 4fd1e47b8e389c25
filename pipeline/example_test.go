package pipeline_test

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"ingest-pipeline/pipeline"
)

// Another program uses the pipeline as a component, here with a key of its own.
func ExampleNewPipeline() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		key, err := kms.NewKey(ctx, "events", &kms.KeyArgs{EnableKeyRotation: pulumi.Bool(true)})
		if err != nil {
			return err
		}
		args := pipeline.DefaultArgs()
		args.KMSKeyArn = key.Arn
		args.Lifecycle.ExpireAfterDays = 365
		events, err := pipeline.NewPipeline(ctx, "events", args)
		if err != nil {
			return err
		}
		ctx.Export("url", events.URL)
		return nil
	})
}
