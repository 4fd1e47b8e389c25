package pipeline_test

import (
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/pipeline"
)

// runProgram runs another program than pipeline.Program, with the settings of a stack.
func runProgram(t *testing.T, stack string, program pulumi.RunFunc, options ...runOption) (*recorder, error) {
	t.Helper()
	r, conf := newRecorder(t, stack, options...)
	err := pulumi.RunErr(program, pulumi.WithMocks(project, r.stack, r), func(info *pulumi.RunInfo) {
		info.Config, info.DryRun = conf, r.preview
	})
	return r, err
}

func TestTheDefaultsInGoAreThoseOfPulumiYaml(t *testing.T) {
	t.Parallel()
	_, err := runProgram(t, "default", func(ctx *pulumi.Context) error {
		loaded, err := pipeline.Load(ctx)
		if err != nil {
			return err
		}
		assert.Empty(t, loaded.AllowedSourceCIDRs)
		assert.Empty(t, loaded.CORSAllowedOrigins)
		loaded.AllowedSourceCIDRs, loaded.CORSAllowedOrigins = nil, nil
		assert.Equal(t, pipeline.PipelineArgs{Config: pipeline.DefaultConfig()}, loaded)
		return nil
	})
	require.NoError(t, err)
}

// TestAnotherProgramUsesThePipelineWithOutputsOfItsOwn passes a key and names that are not known before the deployment.
func TestAnotherProgramUsesThePipelineWithOutputsOfItsOwn(t *testing.T) {
	t.Parallel()
	program := func(ctx *pulumi.Context) error {
		key, err := kms.NewKey(ctx, "own", &kms.KeyArgs{})
		if err != nil {
			return err
		}
		naming, err := s3.NewBucketV2(ctx, "naming", &s3.BucketV2Args{})
		if err != nil {
			return err
		}
		for _, name := range []string{"alpha", "omega"} {
			args := pipeline.PipelineArgs{Config: pipeline.DefaultConfig(), KMSKeyArn: key.Arn}
			args.StreamName, args.BucketName = pulumi.Sprintf("%s-%s", naming.Bucket, name), pulumi.String("bucket-"+name)
			if _, err := pipeline.NewPipeline(ctx, name, args); err != nil {
				return err
			}
		}
		return nil
	}
	_, err := runProgram(t, "default", program, asPreview)
	require.NoError(t, err)
	r, err := runProgram(t, "default", program)
	require.NoError(t, err)
	const arn = "arn:aws:kms:ap-northeast-2:" + accountID + ":key/own"
	for _, name := range []string{"alpha", "omega"} {
		r.one(t, "Stream", name).wants(t, "kmsKeyId", arn)
		r.one(t, "Stream", name).wants(t, "name", "naming-1a2b3c4-"+name)
		r.one(t, "FirehoseDeliveryStream", name).wants(t, "name", "naming-1a2b3c4-"+name+"-to-s3")
		r.one(t, "BucketV2", name).wants(t, "bucket", "bucket-"+name)
		r.one(t, "BucketServerSideEncryptionConfigurationV2", name).wants(t, "rules", []any{map[string]any{
			"applyServerSideEncryptionByDefault": map[string]any{"sseAlgorithm": "aws:kms", "kmsMasterKeyId": arn}, "bucketKeyEnabled": true,
		}})
		for _, role := range []string{"-to-stream", "-source", "-destination"} {
			assert.Contains(t, r.one(t, "RolePolicy", name+role).input("policy"), arn)
		}
	}
}

func TestNamesOfAnotherProgramAreChecked(t *testing.T) {
	t.Parallel()
	r, err := runProgram(t, "default", func(ctx *pulumi.Context) error {
		args := pipeline.PipelineArgs{Config: pipeline.DefaultConfig()}
		args.StreamName, args.DeliveryStreamName = pulumi.String("a stream"), pulumi.String("a delivery stream")
		args.BucketName, args.KMSKeyArn = pulumi.String("A bucket"), pulumi.String("alias/own")
		_, err := pipeline.NewPipeline(ctx, "alpha", args)
		return err
	})
	for _, problem := range []string{
		"streamName = a stream: must be", "deliveryStreamName = a delivery stream: must be", "bucketName = A bucket: must be", "kmsKeyArn = alias/own: must be",
	} {
		require.ErrorContains(t, err, problem)
	}
	assert.Empty(t, r.registrations, "something was created")
}
