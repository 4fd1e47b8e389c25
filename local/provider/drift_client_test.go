package provider

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	apitypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	firehosetypes "github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	kinesistypes "github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/jonboulle/clockwork"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	localaws "ingest-pipeline/local/aws"
)

// newSignedLocalTarget is a local target whose clock agrees with that of clients, which sign the time.
func newSignedLocalTarget(t *testing.T) (*localTarget, aws.Config) {
	t.Helper()
	w, err := serveLocalTarget(t, t.TempDir(), clockwork.NewRealClock())
	require.NoError(t, err)
	w.engine = attach(t, w.server.Port())
	key := localaws.DefaultAccessKey
	return w, aws.Config{
		Region: regionName, BaseEndpoint: aws.String(w.cloud.URL()),
		Credentials: credentials.NewStaticCredentialsProvider(key.ID, key.Secret, ""),
	}
}

func TestAChangeByAnAWSClientShowsInARefresh(t *testing.T) {
	w, config := newSignedLocalTarget(t)
	ctx := t.Context()
	roles, streams, apis := iam.NewFromConfig(config), firehose.NewFromConfig(config), apigateway.NewFromConfig(config)
	set := func(path, value string) []apitypes.PatchOperation {
		return []apitypes.PatchOperation{{Op: apitypes.OpReplace, Path: &path, Value: &value}}
	}
	role, delivery := w.role("source", "ec2.amazonaws.com"), w.delivery()
	integration, plan, key := w.integration(), w.usagePlan(), w.apiKey()
	w.methodSettings()
	api, stage := aws.String(w.api().id), aws.String("PROD")

	shardClient, shards := kinesis.NewFromConfig(config), w.stream()
	for name, change := range map[string]struct {
		of     *instance
		by     func() error
		output string
		want   any
	}{
		"a stream": {shards, func() error {
			out, err := shardClient.UpdateShardCount(ctx, &kinesis.UpdateShardCountInput{
				StreamName: aws.String(shards.text("name")), TargetShardCount: aws.Int32(2), ScalingType: kinesistypes.ScalingTypeUniformScaling,
			})
			if err != nil {
				return err
			}
			waiter := kinesis.NewStreamExistsWaiter(shardClient, func(o *kinesis.StreamExistsWaiterOptions) {
				o.MinDelay, o.MaxDelay = 50*time.Millisecond, 100*time.Millisecond
			})
			return waiter.Wait(ctx, &kinesis.DescribeStreamInput{StreamName: out.StreamName}, time.Minute)
		}, "shardCount", 2.0},
		"a role": {role, func() error {
			_, err := roles.UpdateRole(ctx, &iam.UpdateRoleInput{RoleName: &role.id, MaxSessionDuration: aws.Int32(7200)})
			return err
		}, "maxSessionDuration", 7200.0},
		"a delivery stream": {delivery, func() error {
			_, err := streams.UpdateDestination(ctx, &firehose.UpdateDestinationInput{
				DeliveryStreamName: aws.String(delivery.text("name")), CurrentDeliveryStreamVersionId: aws.String("1"),
				DestinationId:               aws.String(delivery.text("destinationId")),
				ExtendedS3DestinationUpdate: &firehosetypes.ExtendedS3DestinationUpdate{Prefix: aws.String("elsewhere/")},
			})
			return err
		}, "extendedS3Configuration", map[string]any{"prefix": "elsewhere/"}},
		"an integration": {integration, func() error {
			_, err := apis.UpdateIntegration(ctx, &apigateway.UpdateIntegrationInput{
				RestApiId: api, ResourceId: aws.String(w.resource().id), HttpMethod: aws.String("POST"), PatchOperations: set("/timeoutInMillis", "1234"),
			})
			return err
		}, "timeoutMilliseconds", 1234.0},
		"a stage": {w.stage(), func() error {
			_, err := apis.UpdateStage(ctx, &apigateway.UpdateStageInput{RestApiId: api, StageName: stage, PatchOperations: set("/variables/a", "b")})
			return err
		}, "variables", map[string]any{"a": "b"}},
		"method settings": {w.methodSettings(), func() error {
			_, err := apis.UpdateStage(ctx, &apigateway.UpdateStageInput{RestApiId: api, StageName: stage, PatchOperations: set("/*/*/throttling/rateLimit", "3")})
			return err
		}, "settings", map[string]any{"throttlingRateLimit": 3.0}},
		"a usage plan": {plan, func() error {
			_, err := apis.UpdateUsagePlan(ctx, &apigateway.UpdateUsagePlanInput{UsagePlanId: &plan.id, PatchOperations: set("/throttle/burstLimit", "4")})
			return err
		}, "throttleSettings", map[string]any{"burstLimit": 4.0}},
		"an API key": {key, func() error {
			_, err := apis.UpdateApiKey(ctx, &apigateway.UpdateApiKeyInput{ApiKey: &key.id, PatchOperations: set("/enabled", "false")})
			return err
		}, "enabled", false},
	} {
		require.NoError(t, change.by(), name)
		now := w.mustRead(change.of)
		assert.True(t, includes(now.output(change.output), change.want), "%s: %v", name, now.output(change.output))
		if _, isGiven := change.of.inputs[resource.PropertyKey(change.output)]; isGiven {
			diff := w.diff(now, change.of.inputs)
			assert.Equal(t, pulumirpc.DiffResponse_DIFF_SOME, diff.GetChanges(), "%s: the program would change it back", name)
		}
	}
}
