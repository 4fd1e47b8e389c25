package provider

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/apigateway"
	"ingest-pipeline/local/aws/firehose"
	"ingest-pipeline/local/aws/logs"
	"ingest-pipeline/local/aws/s3"
)

// putObject puts an object into the bucket as the role of the delivery stream.
func (w *world) putObject(bucket string) {
	w.t.Helper()
	session, err := w.cloud.IAM.AssumeRole(w.firehoseRole().text("arn"), "firehose.amazonaws.com", "test-session", nil)
	require.NoError(w.t, err)
	require.NoError(w.t, w.cloud.S3.PutObject(session, bucket, "raw/object", strings.NewReader("{}\n"), s3.PutOptions{}))
}

func TestABucketWithObjectsIsOnlyDestroyedByForce(t *testing.T) {
	w := newWorld(t)
	bucket := w.made(bucketToken, "b", props{"bucket": "precious"})
	w.putObject("precious")
	err := w.delete(bucket)
	require.Error(t, err)
	assert.Contains(t, said(err), `deleting aws:s3/bucketV2:BucketV2 "b": BucketNotEmpty`)
	assert.NotEmpty(t, w.refreshed(bucket).id, "it is still there")

	t.Run("which has to have been applied before", func(t *testing.T) {
		// The program says forceDestroy now, and nobody has run an update since.
		bucket.inputs["forceDestroy"] = propertyOf(true)
		require.Error(t, w.delete(bucket))
		w.deleted(w.updated(&instance{bucket.token, bucket.name, bucket.id, w.checked(bucketToken, "b", nil, props{"bucket": "precious"}), bucket.outputs},
			props{"bucket": "precious", "forceDestroy": true}))
		_, err := w.cloud.S3.Objects("precious", "")
		require.Error(t, err)
	})
}

func TestARoleWithPoliciesIsNotDeleted(t *testing.T) {
	w := newWorld(t)
	role := w.role("sender", "apigateway.amazonaws.com")
	policy := w.rolePolicy(role, "*", "kinesis:PutRecord")
	err := w.delete(role)
	require.Error(t, err)
	assert.Contains(t, said(err), "DeleteConflict")
	w.deleted(policy)
	w.deleted(role)

	t.Run("unless it is told to let go of them", func(t *testing.T) {
		w := newWorld(t)
		role := w.made(roleToken, "r", props{"name": "r", "assumeRolePolicy": trust("apigateway.amazonaws.com"), "forceDetachPolicies": true})
		policy := w.rolePolicy(role, "*", "kinesis:PutRecord")
		w.deleted(role)
		assert.Empty(t, w.refreshed(policy).id, "its policies went with it")
	})
}

func TestADeploymentThatAStageServesIsNotDeleted(t *testing.T) {
	w := newWorld(t)
	w.stage()
	err := w.delete(w.deployment())
	require.Error(t, err)
	assert.Contains(t, said(err), "Active stages pointing to this deployment must be moved or deleted")

	t.Run("until the stage serves another one", func(t *testing.T) {
		next := w.made(deploymentToken, "deployment", props{"restApi": w.api().id, "triggers": props{"definition": "2"}})
		w.updated(w.stage(), props{"restApi": w.api().id, "stageName": "PROD", "deployment": next.id})
		w.deleted(w.deployment())
	})
}

func TestADeploymentBeforeItsIntegrationsIsRefused(t *testing.T) {
	w := newWorld(t)
	w.method()
	assert.Contains(t, w.refused(deploymentToken, "d", props{"restApi": w.api().id}), "No integration defined for method")
}

func TestLoggingBeforeTheAccountsRoleIsRefused(t *testing.T) {
	const sentence = "CloudWatch Logs role ARN must be set in account settings to enable logging"
	w := newWorld(t)
	settings := props{"restApi": w.api().id, "stageName": w.stage().output("stageName"), "methodPath": "*/*",
		"settings": props{"loggingLevel": "INFO"}}
	assert.Contains(t, w.refused(methodSettingsToken, "all", settings), sentence)
	assert.Contains(t, w.refused(stageToken, "other", props{
		"restApi": w.api().id, "stageName": "other", "deployment": w.deployment().id,
		"accessLogSettings": props{"destinationArn": w.logGroup().output("arn"), "format": "$context.requestId"},
	}), sentence)
	w.account()
	w.made(methodSettingsToken, "all", settings)
}

func TestADeliveryStreamBeforeItsRolesPolicyIsRefused(t *testing.T) {
	w := newWorld(t)
	inputs := w.deliveryInputs()
	w.deleted(w.parts[rolePolicyToken+" firehose"])
	assert.Contains(t, w.refused(deliveryStreamToken, "delivery", inputs), "InvalidArgumentException")
}

func TestAnIntegrationTakesItsResponsesWithIt(t *testing.T) {
	w := newWorld(t)
	response := w.integrationResponse()
	w.deleted(w.integration())
	assert.Empty(t, w.refreshed(response).id)
	assert.NotEmpty(t, w.refreshed(w.methodResponse()).id, "the method's own responses stay")
}

func TestAnIntegrationThatIsPutOverAnotherTakesItsResponses(t *testing.T) {
	w := newWorld(t)
	response := w.integrationResponse()
	again := w.made(integrationToken, "again", w.integrationInputs())
	require.Equal(t, w.integration().id, again.id, "AWS knows one integration of a method")
	assert.Empty(t, w.refreshed(response).id)
	assert.NotEmpty(t, w.refreshed(again).id)
}

func TestAResourceTakesEverythingBelowItAlong(t *testing.T) {
	w := newWorld(t)
	below := w.made(resourceToken, "batch", props{"restApi": w.api().id, "parentId": w.resource().id, "pathPart": "batch"})
	method := w.made(methodToken, "batch", props{
		"restApi": w.api().id, "resourceId": below.id, "httpMethod": "POST", "authorization": "NONE",
	})
	w.deleted(w.resource())
	assert.Empty(t, w.refreshed(below).id)
	assert.Empty(t, w.refreshed(method).id)
	assert.NotEmpty(t, w.refreshed(w.api()).id)
}

func TestWhatIsPartOfAnAPIGoesWithIt(t *testing.T) {
	w := newWorld(t)
	stage, settings := w.stage(), w.methodSettings()
	for _, part := range []*instance{w.api()} {
		w.deleted(part)
	}
	for _, part := range []*instance{stage, settings, w.deployment(), w.integrationResponse(), w.methodResponse(), w.method(), w.resource()} {
		assert.Empty(t, w.refreshed(part).id, part.token)
		w.deleted(part)
	}
	resources, err := w.server.Resources()
	require.NoError(t, err)
	for _, r := range resources {
		assert.NotContains(t, r.Type, "apigateway/stage")
	}
}

func TestAReplacedSettingIsGoneWhenItsPredecessorIsDeletedAfterIt(t *testing.T) {
	// Without deleteBeforeReplace: the new one takes the place of the old one, whose deletion then deletes it.
	w := newWorld(t)
	w.stage()
	w.account()
	inputs := props{"restApi": w.api().id, "stageName": "PROD", "methodPath": "*/*", "settings": props{"loggingLevel": "INFO"}}
	old := w.made(methodSettingsToken, "all", inputs)
	replacement := w.made(methodSettingsToken, "all", inputs)
	w.deleted(old)
	assert.Empty(t, w.refreshed(replacement).id)
}

func TestTheAccountsSettingOutlivesItsResource(t *testing.T) {
	w := newWorld(t)
	account := w.account()
	w.deleted(account)
	assert.Equal(t, w.loggingRole().output("arn"), w.cloud.APIGateway.GetAccount().CloudWatchRoleARN)

	t.Run("unless it is told to reset it", func(t *testing.T) {
		again := w.made(accountToken, "account", props{"cloudwatchRoleArn": w.loggingRole().output("arn"), "resetOnDelete": true})
		w.deleted(again)
		assert.Empty(t, w.cloud.APIGateway.GetAccount().CloudWatchRoleARN)
	})
}

func TestALogGroupThatSkipsDestroyStays(t *testing.T) {
	w := newWorld(t)
	group := w.made(logGroupToken, "log", props{"name": "kept", "skipDestroy": true})
	w.deleted(group)
	assert.Len(t, w.cloud.Logs.DescribeLogGroups(), 1)
	assert.Contains(t, w.refused(logGroupToken, "log", props{"name": "kept"}), "ResourceAlreadyExistsException")
}

func TestAnExplicitNameTwiceIsRefused(t *testing.T) {
	w := newWorld(t)
	w.stream()
	assert.Contains(t, w.refused(streamToken, "other", props{"name": "events", "shardCount": 1}),
		`creating aws:kinesis/stream:Stream "other": ResourceInUseException`)
}

func TestARefusedUpdateLeavesTheResourceAsItWas(t *testing.T) {
	w := newWorld(t)
	stream := w.stream()
	news := w.checked(streamToken, "events", stream.inputs, props{"name": "events", "shardCount": 3})
	_, err := w.update(stream, news, false)
	require.Error(t, err, "AWS at most doubles the shards in one step")
	assert.Contains(t, said(err), `updating aws:kinesis/stream:Stream "events"`)
	assert.Equal(t, stream.outputs, w.refreshed(stream).outputs)
}

func TestARefreshShowsWhatChangedBehindThePrograms(t *testing.T) {
	w := newWorld(t)
	group, stream := w.logGroup(), w.logStream()
	require.NoError(t, w.cloud.Logs.UpdateLogGroup(logs.Group{Name: "/aws/events", RetentionInDays: 30}))
	now := w.refreshed(group)
	assert.InDelta(t, 30, now.output("retentionInDays"), 0)
	assert.InDelta(t, 30, plainValue(now.inputs["retentionInDays"]), 0)
	diff := w.diff(now, group.inputs)
	assert.Equal(t, []string{"retentionInDays"}, diff.GetDiffs(), "and the next update puts it back")
	require.NoError(t, w.cloud.Logs.DeleteLogGroup("/aws/events"))
	assert.Empty(t, w.refreshed(group).id)
	assert.Empty(t, w.refreshed(stream).id)
}

func TestAnAPIsPolicyIsNotTakenAwayByAnUpdateOfTheAPI(t *testing.T) {
	policy := func(effect string) props {
		return props{"Version": "2012-10-17", "Statement": []any{
			props{"Effect": effect, "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"},
		}}
	}
	w := newWorld(t)
	api := w.made(restAPIToken, "api", props{"name": "ingest", "policy": policy("Allow")})
	w.made("aws:apigateway/restApiPolicy:RestApiPolicy", "p", props{"restApiId": api.id, "policy": policy("Deny")})
	described := w.updated(api, props{"name": "ingest", "policy": policy("Allow"), "description": "new"})
	now, err := w.cloud.APIGateway.GetRestAPI(api.id)
	require.NoError(t, err)
	assert.Contains(t, now.Policy, "Deny", "pulumi-aws sends what has changed, and the API's own policy has not")
	assert.Equal(t, "new", now.Description)

	changed := policy("Allow")
	changed["Id"] = "changed"
	w.updated(described, props{"name": "ingest", "policy": changed, "description": "new"})
	now, err = w.cloud.APIGateway.GetRestAPI(api.id)
	require.NoError(t, err)
	assert.Contains(t, now.Policy, "Allow", "now it has")
}

func TestAStreamIsEncryptedAsDeclared(t *testing.T) {
	w := newWorld(t)
	inputs := props{"name": "events", "shardCount": 1, "encryptionType": "KMS", "kmsKeyId": "alias/aws/kinesis"}
	stream := w.made(streamToken, "events", inputs)
	description, err := w.cloud.Kinesis.DescribeStream("events")
	require.NoError(t, err)
	assert.Equal(t, "alias/aws/kinesis", description.KMSKeyID)
	inputs["encryptionType"] = "NONE"
	w.updated(stream, inputs)
	description, err = w.cloud.Kinesis.DescribeStream("events")
	require.NoError(t, err)
	assert.Equal(t, "NONE", description.EncryptionType)
}

func TestSecretsComeOutSecret(t *testing.T) {
	w := newWorld(t)
	key := w.apiKey()
	assert.True(t, key.outputs["value"].IsSecret(), "always")
	assert.False(t, key.outputs["name"].IsSecret())
	group := w.made(logGroupToken, "log", props{"name": secret("hidden")})
	assert.True(t, group.outputs["name"].IsSecret(), "because the program says so")
	assert.Equal(t, "hidden", group.output("name"))
}

func TestAPreviewShowsWhatIsKnown(t *testing.T) {
	w := newWorld(t)
	inputs := w.checked(restAPIToken, "api", nil, props{"description": unknown, "tags": props{"a": "b"},
		"endpointConfiguration": props{"types": "REGIONAL"}})
	preview, err := w.create(restAPIToken, "api", inputs, true)
	require.NoError(t, err)
	assert.Equal(t, plainValue(inputs["name"]), preview.output("name"))
	assert.Equal(t, state{"a": "b"}, preview.output("tagsAll"))
	for _, name := range []string{"description", "arn", "rootResourceId", "policy", "apiKeySource"} {
		assert.Equal(t, unknownValue{}, preview.output(name), name)
	}
	assert.Equal(t, state{"types": "REGIONAL", "ipAddressType": unknownValue{}}, preview.output("endpointConfiguration"))
	resources, err := w.server.Resources()
	require.NoError(t, err)
	assert.Empty(t, resources, "and makes nothing")

	t.Run("and an update needs everything known", func(t *testing.T) {
		_, err := w.create(restAPIToken, "api", inputs, false)
		require.Error(t, err)
		assert.Contains(t, said(err), "a property is not known")
	})
}

func TestNamesWithAPrefixAreMadeWhenTheResourceIs(t *testing.T) {
	w := newWorld(t)
	inputs := props{"namePrefix": "app-", "assumeRolePolicy": trust("apigateway.amazonaws.com")}
	role := w.made(roleToken, "r", inputs)
	assert.Regexp(t, `^app-`+suffix+`$`, role.id)
	assert.Equal(t, role.id, role.output("name"))
	inputs["description"] = "kept by its name"
	again := w.updated(role, inputs)
	assert.Equal(t, role.id, again.output("name"))
	w.deleted(again)
	_, err := w.cloud.IAM.GetRole(role.id)
	require.Error(t, err)
}

func TestAnUpdateOfADeliveryStreamIsANewVersion(t *testing.T) {
	w := newWorld(t)
	inputs := w.deliveryInputs()
	delivery := w.made(deliveryStreamToken, "delivery", inputs)
	inputs["extendedS3Configuration"].(props)["prefix"] = "cooked/"
	assert.Equal(t, "2", w.updated(delivery, inputs).output("versionId"))
	description, err := w.cloud.Firehose.DescribeDeliveryStream("delivery")
	require.NoError(t, err)
	assert.Equal(t, "cooked/", description.Config.Prefix)
	assert.Equal(t, "GZIP", description.Config.CompressionFormat)
	assert.Equal(t, 60, *description.Config.BufferIntervalSeconds)
}

func TestProcessorsReachTheDeliveryStream(t *testing.T) {
	w := newWorld(t)
	inputs := w.deliveryInputs()
	processing := props{"enabled": true, "processors": []any{props{"type": "AppendDelimiterToRecord", "parameters": []any{
		props{"parameterName": "Delimiter", "parameterValue": "\\n"},
	}}}}
	inputs["extendedS3Configuration"].(props)["processingConfiguration"] = processing
	delivery := w.made(deliveryStreamToken, "delivery", inputs)
	description, err := w.cloud.Firehose.DescribeDeliveryStream("delivery")
	require.NoError(t, err)
	want := firehose.Processing{Enabled: true, Processors: []firehose.Processor{{
		Type: "AppendDelimiterToRecord", Parameters: []firehose.ProcessorParameter{{Name: "Delimiter", Value: `\n`}},
	}}}
	assert.Equal(t, want, description.Config.Processing)
	processing["enabled"] = false
	w.updated(delivery, inputs)
	description, err = w.cloud.Firehose.DescribeDeliveryStream("delivery")
	require.NoError(t, err)
	want.Enabled = false
	assert.Equal(t, want, description.Config.Processing)
}

func TestLogStreamsOfTwoGroupsMayHaveOneName(t *testing.T) {
	w := newWorld(t)
	other := w.made(logGroupToken, "other", props{"name": "other"})
	one := w.logStream()
	two := w.made(logStreamToken, "two", props{"name": "S3Delivery", "logGroupName": other.id})
	require.Equal(t, one.id, two.id, "their ids do not tell them apart")
	w.deleted(two)
	assert.NotEmpty(t, w.refreshed(one).id)
	assert.Empty(t, w.refreshed(two).id)
}

func TestAnEventGoesThroughWhatTheProviderMade(t *testing.T) {
	w := newWorld(t)
	w.delivery()
	stage := w.stage()
	answer, err := http.Post(stage.text("invokeUrl")+"/v1", "application/json", strings.NewReader(`{"value":"30"}`))
	require.NoError(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, answer.StatusCode, "%s", body)
	assert.Contains(t, string(body), "SequenceNumber")
}

func TestResourcesAreListedAfterWhatTheyDependOn(t *testing.T) {
	w := newWorld(t)
	w.logStream()
	resources, err := w.server.Resources()
	require.NoError(t, err)
	require.Len(t, resources, 2)
	assert.Equal(t, Resource{Type: logStreamToken, ID: "S3Delivery", ByEngine: true, Outputs: map[string]any{
		"name": "S3Delivery", "logGroupName": "/aws/events",
		"arn": "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/events:log-stream:S3Delivery",
	}}, resources[1])
}

func TestOneDeletionIsEnough(t *testing.T) {
	w := newWorld(t)
	_, err := w.client.Delete(context.Background(), &pulumirpc.DeleteRequest{Id: "nothing", Urn: urn(streamToken, "x")})
	require.NoError(t, err, "what is not there is deleted")
}

func TestWhatIsGoneAlreadyIsDeleted(t *testing.T) {
	w := newWorld(t)
	stream := w.stream()
	require.NoError(t, w.cloud.Kinesis.DeleteStream("events"))
	w.deleted(stream)
	resources, err := w.server.Resources()
	require.NoError(t, err)
	assert.Empty(t, resources)
}

func TestARefreshShowsWhatHasChangedInAPIGateway(t *testing.T) {
	w := newWorld(t)
	integration := w.integration()
	id := apigateway.MethodID{APIID: w.api().id, ResourceID: integration.text("resourceId"), HTTPMethod: "POST"}
	changed, err := w.cloud.APIGateway.GetIntegration(id)
	require.NoError(t, err)
	changed.TimeoutMillis, changed.RequestTemplates = 1000, map[string]string{"application/json": "{}"}
	require.NoError(t, w.cloud.APIGateway.UpdateIntegration(changed))
	now := w.refreshed(integration)
	for _, properties := range []resource.PropertyMap{now.inputs, now.outputs} {
		assert.Equal(t, 1000.0, plainValue(properties["timeoutMilliseconds"]))
		assert.Equal(t, state{"application/json": "{}"}, plainValue(properties["requestTemplates"]))
	}
}
