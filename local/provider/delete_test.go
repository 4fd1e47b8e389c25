package provider

import (
	"context"
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/s3"
)

// putObject puts an object into the bucket as the role of the delivery stream.
func (w *localTarget) putObject(bucket string) {
	w.t.Helper()
	session, err := w.cloud.IAM.AssumeRole(w.firehoseRole().text("arn"), "firehose.amazonaws.com", "test-session", nil)
	require.NoError(w.t, err)
	require.NoError(w.t, w.cloud.S3.PutObject(session, bucket, "raw/object", strings.NewReader("{}\n"), s3.PutOptions{}))
}

func TestABucketWithObjectsIsOnlyDeletedWithForceDestroy(t *testing.T) {
	w := newLocalTarget(t)
	bucket := w.mustCreate(bucketToken, "b", props{"bucket": "precious"})
	w.putObject("precious")
	err := w.delete(bucket)
	require.Error(t, err)
	assert.Contains(t, message(err), `deleting aws:s3/bucketV2:BucketV2 "b": BucketNotEmpty`)
	assert.NotEmpty(t, w.mustRead(bucket).id, "it is still there")

	t.Run("which must have been applied before", func(t *testing.T) {
		// The program says forceDestroy now, and nobody has run an update since.
		bucket.inputs["forceDestroy"] = propertyOf(true)
		require.Error(t, w.delete(bucket))
		w.mustDelete(w.mustUpdate(&instance{bucket.token, bucket.name, bucket.id, w.mustCheck(bucketToken, "b", nil, props{"bucket": "precious"}), bucket.outputs},
			props{"bucket": "precious", "forceDestroy": true}))
		_, err := w.cloud.S3.Objects("precious", "")
		require.Error(t, err)
	})
}

func TestARoleWithPoliciesIsNotDeleted(t *testing.T) {
	w := newLocalTarget(t)
	role := w.role("sender", "apigateway.amazonaws.com")
	policy := w.rolePolicy(role, "*", "kinesis:PutRecord")
	err := w.delete(role)
	require.Error(t, err)
	assert.Contains(t, message(err), "DeleteConflict")
	w.mustDelete(policy)
	w.mustDelete(role)

	t.Run("unless it detaches them by force", func(t *testing.T) {
		w := newLocalTarget(t)
		role := w.mustCreate(roleToken, "r", props{"name": "r", "assumeRolePolicy": trust("apigateway.amazonaws.com"), "forceDetachPolicies": true})
		policy := w.rolePolicy(role, "*", "kinesis:PutRecord")
		w.mustDelete(role)
		assert.Empty(t, w.mustRead(policy).id, "its policies are deleted with it")
	})
}

func TestADeploymentThatAStageServesIsNotDeleted(t *testing.T) {
	w := newLocalTarget(t)
	w.stage()
	err := w.delete(w.deployment())
	require.Error(t, err)
	assert.Contains(t, message(err), "Active stages pointing to this deployment must be moved or deleted")

	t.Run("until the stage serves another one", func(t *testing.T) {
		next := w.mustCreate(deploymentToken, "deployment", props{"restApi": w.api().id, "triggers": props{"definition": "2"}})
		w.mustUpdate(w.stage(), props{"restApi": w.api().id, "stageName": "PROD", "deployment": next.id})
		w.mustDelete(w.deployment())
	})
}

func TestADeploymentBeforeItsIntegrationsIsRefused(t *testing.T) {
	w := newLocalTarget(t)
	w.method()
	assert.Contains(t, w.createError(deploymentToken, "d", props{"restApi": w.api().id}), "No integration defined for method")
}

func TestLoggingBeforeTheAccountsRoleIsRefused(t *testing.T) {
	const sentence = "CloudWatch Logs role ARN must be set in account settings to enable logging"
	w := newLocalTarget(t)
	settings := props{"restApi": w.api().id, "stageName": w.stage().output("stageName"), "methodPath": "*/*",
		"settings": props{"loggingLevel": "INFO"}}
	assert.Contains(t, w.createError(methodSettingsToken, "all", settings), sentence)
	assert.Contains(t, w.createError(stageToken, "other", props{
		"restApi": w.api().id, "stageName": "other", "deployment": w.deployment().id,
		"accessLogSettings": props{"destinationArn": w.logGroup().output("arn"), "format": "$context.requestId"},
	}), sentence)
	w.account()
	w.mustCreate(methodSettingsToken, "all", settings)
}

func TestADeliveryStreamBeforeItsRolesPolicyIsRefused(t *testing.T) {
	w := newLocalTarget(t)
	inputs := w.deliveryInputs()
	w.mustDelete(w.parts[rolePolicyToken+" firehose"])
	assert.Contains(t, w.createError(deliveryStreamToken, "delivery", inputs), "InvalidArgumentException")
}

func TestDeletingAnIntegrationDeletesItsResponses(t *testing.T) {
	w := newLocalTarget(t)
	response := w.integrationResponse()
	w.mustDelete(w.integration())
	assert.Empty(t, w.mustRead(response).id)
	assert.NotEmpty(t, w.mustRead(w.methodResponse()).id, "the method's own responses stay")
}

func TestReplacingAnIntegrationDeletesItsResponses(t *testing.T) {
	w := newLocalTarget(t)
	response := w.integrationResponse()
	again := w.mustCreate(integrationToken, "again", w.integrationInputs())
	require.Equal(t, w.integration().id, again.id, "AWS knows one integration of a method")
	assert.Empty(t, w.mustRead(response).id)
	assert.NotEmpty(t, w.mustRead(again).id)
}

func TestDeletingAResourceDeletesEverythingBelowIt(t *testing.T) {
	w := newLocalTarget(t)
	below := w.mustCreate(resourceToken, "batch", props{"restApi": w.api().id, "parentId": w.resource().id, "pathPart": "batch"})
	method := w.mustCreate(methodToken, "batch", props{
		"restApi": w.api().id, "resourceId": below.id, "httpMethod": "POST", "authorization": "NONE",
	})
	w.mustDelete(w.resource())
	assert.Empty(t, w.mustRead(below).id)
	assert.Empty(t, w.mustRead(method).id)
	assert.NotEmpty(t, w.mustRead(w.api()).id)
}

func TestDeletingAnAPIDeletesItsParts(t *testing.T) {
	w := newLocalTarget(t)
	stage, settings := w.stage(), w.methodSettings()
	for _, part := range []*instance{w.api()} {
		w.mustDelete(part)
	}
	for _, part := range []*instance{stage, settings, w.deployment(), w.integrationResponse(), w.methodResponse(), w.method(), w.resource()} {
		assert.Empty(t, w.mustRead(part).id, part.token)
		w.mustDelete(part)
	}
	resources, err := w.server.Resources()
	require.NoError(t, err)
	for _, r := range resources {
		assert.NotContains(t, r.Type, "apigateway/stage")
	}
}

func TestASettingCreatedBeforeItsPredecessorIsDeletedIsDeletedWithIt(t *testing.T) {
	// Without deleteBeforeReplace: the new one replaces the old one, whose deletion then deletes both.
	w := newLocalTarget(t)
	w.stage()
	w.account()
	inputs := props{"restApi": w.api().id, "stageName": "PROD", "methodPath": "*/*", "settings": props{"loggingLevel": "INFO"}}
	old := w.mustCreate(methodSettingsToken, "all", inputs)
	replacement := w.mustCreate(methodSettingsToken, "all", inputs)
	w.mustDelete(old)
	assert.Empty(t, w.mustRead(replacement).id)
}

func TestTheAccountsSettingOutlivesItsResource(t *testing.T) {
	w := newLocalTarget(t)
	account := w.account()
	w.mustDelete(account)
	assert.Equal(t, w.loggingRole().output("arn"), w.cloud.APIGateway.GetAccount().CloudWatchRoleARN)

	t.Run("unless resetOnDelete is set", func(t *testing.T) {
		again := w.mustCreate(accountToken, "account", props{"cloudwatchRoleArn": w.loggingRole().output("arn"), "resetOnDelete": true})
		w.mustDelete(again)
		assert.Empty(t, w.cloud.APIGateway.GetAccount().CloudWatchRoleARN)
	})
}

func TestALogGroupWithSkipDestroyStays(t *testing.T) {
	w := newLocalTarget(t)
	group := w.mustCreate(logGroupToken, "log", props{"name": "kept", "skipDestroy": true})
	w.mustDelete(group)
	assert.Len(t, w.cloud.Logs.DescribeLogGroups(), 1)
	assert.Contains(t, w.createError(logGroupToken, "log", props{"name": "kept"}), "ResourceAlreadyExistsException")
}

func TestAnExplicitNameTwiceIsRefused(t *testing.T) {
	w := newLocalTarget(t)
	w.stream()
	assert.Contains(t, w.createError(streamToken, "other", props{"name": "events", "shardCount": 1}),
		`creating aws:kinesis/stream:Stream "other": ResourceInUseException`)
}

func TestLogStreamsOfTwoGroupsMayHaveOneName(t *testing.T) {
	w := newLocalTarget(t)
	other := w.mustCreate(logGroupToken, "other", props{"name": "other"})
	one := w.logStream()
	two := w.mustCreate(logStreamToken, "two", props{"name": "S3Delivery", "logGroupName": other.id})
	require.Equal(t, one.id, two.id, "their ids do not tell them apart")
	w.mustDelete(two)
	assert.NotEmpty(t, w.mustRead(one).id)
	assert.Empty(t, w.mustRead(two).id)
}

func TestDeletingAResourceThatNeverExistedSucceeds(t *testing.T) {
	w := newLocalTarget(t)
	_, err := w.client.Delete(context.Background(), &pulumirpc.DeleteRequest{Id: "nothing", Urn: urn(streamToken, "x")})
	require.NoError(t, err, "as AWS providers do")
}

func TestDeletingAResourceThatIsGoneSucceeds(t *testing.T) {
	w := newLocalTarget(t)
	stream := w.stream()
	require.NoError(t, w.cloud.Kinesis.DeleteStream("events"))
	w.mustDelete(stream)
	resources, err := w.server.Resources()
	require.NoError(t, err)
	assert.Empty(t, resources)
}
