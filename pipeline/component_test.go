package pipeline_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kinesis"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
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
		assert.Equal(t, pipeline.DefaultArgs(), loaded)
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
			args := pipeline.DefaultArgs()
			args.KMSKeyArn = key.Arn
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

func TestAProviderOfAnotherRegionIsUsedForEverything(t *testing.T) {
	t.Parallel()
	r, err := runProgram(t, "default", func(ctx *pulumi.Context) error {
		tokyo, err := aws.NewProvider(ctx, "tokyo", &aws.ProviderArgs{Region: pulumi.String("ap-northeast-1")})
		if err != nil {
			return err
		}
		_, err = pipeline.NewPipeline(ctx, "alpha", everything(), pulumi.Providers(tokyo))
		return err
	})
	require.NoError(t, err)
	for _, g := range r.registrations {
		if g.Custom && g.Type != "pulumi:providers:aws" {
			assert.Contains(t, g.Provider, "::tokyo::", g.label())
		}
	}
	require.NotEmpty(t, r.callProviders)
	for _, provider := range r.callProviders {
		assert.Contains(t, provider, "::tokyo::")
	}
}

func TestTransformationsReachEveryResource(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	var mu sync.Mutex
	r, err := runProgram(t, "default", func(ctx *pulumi.Context) error {
		_, err := pipeline.NewPipeline(ctx, "alpha", everything(), pulumi.Transformations([]pulumi.ResourceTransformation{
			func(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
				mu.Lock()
				defer mu.Unlock()
				seen[args.Type+" "+args.Name] = true
				return nil
			},
		}))
		return err
	})
	require.NoError(t, err)
	for _, g := range r.registrations {
		assert.True(t, seen[g.Type+" "+g.Name], g.label())
	}
}

// TestTagsReachEveryResourceThatCanHaveAny: a transformation of the caller sees which args have a field for tags.
func TestTagsReachEveryResourceThatCanHaveAny(t *testing.T) {
	t.Parallel()
	taggable := map[string]bool{}
	var mu sync.Mutex
	r, err := runProgram(t, "default", func(ctx *pulumi.Context) error {
		args := everything()
		args.Tags = map[string]string{"team": "shop"}
		_, err := pipeline.NewPipeline(ctx, "alpha", args, pulumi.Transformations([]pulumi.ResourceTransformation{
			func(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
				mu.Lock()
				defer mu.Unlock()
				if _, untyped := args.Props.(pulumi.Map); untyped { // EC2
					taggable[args.Type+" "+args.Name] = true
				} else if props := reflect.ValueOf(args.Props); props.Kind() == reflect.Pointer && !props.IsNil() {
					taggable[args.Type+" "+args.Name] = props.Elem().FieldByName("Tags").IsValid()
				}
				return nil
			},
		}))
		return err
	}, withLoggingRole(""))
	require.NoError(t, err)
	tagged := map[string]bool{}
	for _, g := range r.registrations {
		if taggable[g.Type+" "+g.Name] {
			assert.Equal(t, map[string]any{"team": "shop"}, g.Inputs["tags"], g.label())
			tagged[g.Type[strings.LastIndex(g.Type, ":")+1:]] = true
		}
	}
	assert.Equal(t, []string{
		"BucketV2", "CatalogDatabase", "FirehoseDeliveryStream", "Instance", "InstanceProfile", "LogGroup", "MetricAlarm", "RestApi", "Role",
		"SecurityGroup", "Stage", "Stream", "Topic", "Workgroup",
	}, slices.Sorted(maps.Keys(tagged)))
}

// TestExistingResourcesAreUsedInsteadOfNewOnes passes ARNs that are not known before the deployment.
func TestExistingResourcesAreUsedInsteadOfNewOnes(t *testing.T) {
	t.Parallel()
	program := func(ctx *pulumi.Context) error {
		stream, err := kinesis.NewStream(ctx, "own-stream", &kinesis.StreamArgs{})
		if err != nil {
			return err
		}
		bucket, err := s3.NewBucketV2(ctx, "own-bucket", &s3.BucketV2Args{})
		if err != nil {
			return err
		}
		topic, err := sns.NewTopic(ctx, "own-topic", &sns.TopicArgs{})
		if err != nil {
			return err
		}
		args := everything()
		args.StreamArn, args.BucketArn, args.AlarmTopicArn = stream.Arn, bucket.Arn, topic.Arn
		_, err = pipeline.NewPipeline(ctx, "alpha", args)
		return err
	}
	_, err := runProgram(t, "default", program, asPreview)
	require.NoError(t, err)
	r, err := runProgram(t, "default", program)
	require.NoError(t, err)
	streamArn, bucketArn := "arn:aws:kinesis:ap-northeast-2:"+accountID+":stream/own-stream-1a2b3c4", "arn:aws:s3:::own-bucket-1a2b3c4"
	for _, typ := range []string{"Stream", "BucketV2", "Topic"} {
		r.one(t, typ) // the caller's
	}
	assert.Empty(t, r.of("BucketPolicy"))
	assert.Empty(t, r.of("BucketLifecycleConfigurationV2"))
	delivery := r.one(t, "FirehoseDeliveryStream")
	delivery.wants(t, "name", "own-stream-1a2b3c4-to-s3")
	delivery.wants(t, "kinesisSourceConfiguration.kinesisStreamArn", streamArn)
	delivery.wants(t, "extendedS3Configuration.bucketArn", bucketArn)
	r.one(t, "Stage").wants(t, "variables.streamName", "own-stream-1a2b3c4")
	assert.Contains(t, r.one(t, "RolePolicy", "alpha-to-stream").input("policy"), streamArn)
	for _, alarm := range r.of("MetricAlarm") {
		alarm.wants(t, "alarmActions", []any{"arn:aws:sns:ap-northeast-2:" + accountID + ":own-topic-1a2b3c4"})
	}
	r.one(t, "TopicSubscription").wants(t, "topic", "arn:aws:sns:ap-northeast-2:"+accountID+":own-topic-1a2b3c4")
}

// everything has what is off by default.
func everything() pipeline.PipelineArgs {
	args := pipeline.DefaultArgs()
	args.Access, args.EventGenerator, args.QueryTable = pipeline.AccessNone, true, true
	args.CORSAllowedOrigins, args.Alarms.Email = []string{"https://a.example"}, "ops@example.com"
	return args
}

func TestNamesOfAnotherProgramAreChecked(t *testing.T) {
	t.Parallel()
	r, err := runProgram(t, "default", func(ctx *pulumi.Context) error {
		args := pipeline.DefaultArgs()
		args.StreamName, args.BucketName, args.KMSKeyArn = pulumi.String("a stream"), pulumi.String("A bucket"), pulumi.String("alias/own")
		_, err := pipeline.NewPipeline(ctx, "alpha", args)
		return err
	})
	for _, problem := range []string{
		"streamName = a stream: must be", "bucketName = A bucket: must be", "kmsKeyArn = alias/own: must be",
	} {
		require.ErrorContains(t, err, problem)
	}
	assert.Empty(t, r.registrations, "something was created")
}

func TestAnEmptyNameOfAnotherProgramIsRefused(t *testing.T) {
	t.Parallel()
	r, err := runProgram(t, "default", func(ctx *pulumi.Context) error {
		args := pipeline.DefaultArgs()
		args.StreamName, args.BucketArn = pulumi.String(""), pulumi.String("")
		_, err := pipeline.NewPipeline(ctx, "alpha", args)
		return err
	})
	require.ErrorContains(t, err, "streamName = : must be")
	require.ErrorContains(t, err, "bucketArn = : must be")
	assert.Empty(t, r.registrations, "something was created")
}
