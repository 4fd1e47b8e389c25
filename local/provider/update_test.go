package provider

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/apigateway"
	"ingest-pipeline/local/aws/firehose"
	"ingest-pipeline/local/aws/logs"
)

func TestARefusedUpdateLeavesTheResourceAsItWas(t *testing.T) {
	w := newLocalTarget(t)
	stream := w.stream()
	news := w.mustCheck(streamToken, "events", stream.inputs, props{"name": "events", "shardCount": 3})
	_, err := w.update(stream, news, false)
	require.Error(t, err, "AWS at most doubles the shards in one step")
	assert.Contains(t, message(err), `updating aws:kinesis/stream:Stream "events"`)
	assert.Equal(t, stream.outputs, w.mustRead(stream).outputs)
}

func TestARefreshShowsWhatChangedOutsideTheProgram(t *testing.T) {
	w := newLocalTarget(t)
	group, stream := w.logGroup(), w.logStream()
	require.NoError(t, w.cloud.Logs.UpdateLogGroup(logs.Group{Name: "/aws/events", RetentionInDays: 30}))
	now := w.mustRead(group)
	assert.InDelta(t, 30, now.output("retentionInDays"), 0)
	assert.InDelta(t, 30, plainValue(now.inputs["retentionInDays"]), 0)
	diff := w.diff(now, group.inputs)
	assert.Equal(t, []string{"retentionInDays"}, diff.GetDiffs(), "and the next update restores it")
	require.NoError(t, w.cloud.Logs.DeleteLogGroup("/aws/events"))
	assert.Empty(t, w.mustRead(group).id)
	assert.Empty(t, w.mustRead(stream).id)
}

func TestARefreshShowsWhatHasChangedInAPIGateway(t *testing.T) {
	w := newLocalTarget(t)
	integration := w.integration()
	id := apigateway.MethodID{APIID: w.api().id, ResourceID: integration.text("resourceId"), HTTPMethod: "POST"}
	changed, err := w.cloud.APIGateway.GetIntegration(id)
	require.NoError(t, err)
	changed.TimeoutMillis, changed.RequestTemplates = 1000, map[string]string{"application/json": "{}"}
	require.NoError(t, w.cloud.APIGateway.UpdateIntegration(changed))
	now := w.mustRead(integration)
	for _, properties := range []resource.PropertyMap{now.inputs, now.outputs} {
		assert.Equal(t, 1000.0, plainValue(properties["timeoutMilliseconds"]))
		assert.Equal(t, state{"application/json": "{}"}, plainValue(properties["requestTemplates"]))
	}
}
func TestUpdatingAnAPIKeepsThePolicyOfItsRestApiPolicy(t *testing.T) {
	policy := func(effect string) props {
		return props{"Version": "2012-10-17", "Statement": []any{
			props{"Effect": effect, "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"},
		}}
	}
	w := newLocalTarget(t)
	api := w.mustCreate(restAPIToken, "api", props{"name": "ingest", "policy": policy("Allow")})
	w.mustCreate("aws:apigateway/restApiPolicy:RestApiPolicy", "p", props{"restApiId": api.id, "policy": policy("Deny")})
	described := w.mustUpdate(api, props{"name": "ingest", "policy": policy("Allow"), "description": "new"})
	now, err := w.cloud.APIGateway.GetRestAPI(api.id)
	require.NoError(t, err)
	assert.Contains(t, now.Policy, "Deny", "pulumi-aws sends what has changed, and the API's own policy has not")
	assert.Equal(t, "new", now.Description)

	changed := policy("Allow")
	changed["Id"] = "changed"
	w.mustUpdate(described, props{"name": "ingest", "policy": changed, "description": "new"})
	now, err = w.cloud.APIGateway.GetRestAPI(api.id)
	require.NoError(t, err)
	assert.Contains(t, now.Policy, "Allow", "now the API's own policy has changed")
}

func TestAStreamIsEncryptedAsDeclared(t *testing.T) {
	w := newLocalTarget(t)
	inputs := props{"name": "events", "shardCount": 1, "encryptionType": "KMS", "kmsKeyId": "alias/aws/kinesis"}
	stream := w.mustCreate(streamToken, "events", inputs)
	description, err := w.cloud.Kinesis.DescribeStream("events")
	require.NoError(t, err)
	assert.Equal(t, "alias/aws/kinesis", description.KMSKeyID)
	inputs["encryptionType"] = "NONE"
	w.mustUpdate(stream, inputs)
	description, err = w.cloud.Kinesis.DescribeStream("events")
	require.NoError(t, err)
	assert.Equal(t, "NONE", description.EncryptionType)
}

func TestSecretsStaySecretInOutputs(t *testing.T) {
	w := newLocalTarget(t)
	key := w.apiKey()
	assert.True(t, key.outputs["value"].IsSecret(), "always")
	assert.False(t, key.outputs["name"].IsSecret())
	group := w.mustCreate(logGroupToken, "log", props{"name": secret("hidden")})
	assert.True(t, group.outputs["name"].IsSecret(), "because the program says so")
	assert.Equal(t, "hidden", group.output("name"))
}

func TestAPreviewShowsWhatIsKnown(t *testing.T) {
	w := newLocalTarget(t)
	inputs := w.mustCheck(restAPIToken, "api", nil, props{"description": unknown, "tags": props{"a": "b"},
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
	assert.Empty(t, resources, "and creates nothing")

	t.Run("and an update needs everything known", func(t *testing.T) {
		_, err := w.create(restAPIToken, "api", inputs, false)
		require.Error(t, err)
		assert.Contains(t, message(err), "a property is not known")
	})
}

func TestANamePrefixGetsItsSuffixAtCreation(t *testing.T) {
	w := newLocalTarget(t)
	inputs := props{"namePrefix": "app-", "assumeRolePolicy": trust("apigateway.amazonaws.com")}
	role := w.mustCreate(roleToken, "r", inputs)
	assert.Regexp(t, `^app-`+suffix+`$`, role.id)
	assert.Equal(t, role.id, role.output("name"))
	inputs["description"] = "the name stays"
	again := w.mustUpdate(role, inputs)
	assert.Equal(t, role.id, again.output("name"))
	w.mustDelete(again)
	_, err := w.cloud.IAM.GetRole(role.id)
	require.Error(t, err)
}

func TestUpdatingADeliveryStreamIncrementsItsVersion(t *testing.T) {
	w := newLocalTarget(t)
	inputs := w.deliveryInputs()
	delivery := w.mustCreate(deliveryStreamToken, "delivery", inputs)
	inputs["extendedS3Configuration"].(props)["prefix"] = "cooked/"
	assert.Equal(t, "2", w.mustUpdate(delivery, inputs).output("versionId"))
	description, err := w.cloud.Firehose.DescribeDeliveryStream("delivery")
	require.NoError(t, err)
	assert.Equal(t, "cooked/", description.Config.Prefix)
	assert.Equal(t, "GZIP", description.Config.CompressionFormat)
	assert.Equal(t, 60, *description.Config.BufferIntervalSeconds)
}

func TestProcessorsReachTheDeliveryStream(t *testing.T) {
	w := newLocalTarget(t)
	inputs := w.deliveryInputs()
	processing := props{"enabled": true, "processors": []any{props{"type": "AppendDelimiterToRecord", "parameters": []any{
		props{"parameterName": "Delimiter", "parameterValue": "\\n"},
	}}}}
	inputs["extendedS3Configuration"].(props)["processingConfiguration"] = processing
	delivery := w.mustCreate(deliveryStreamToken, "delivery", inputs)
	description, err := w.cloud.Firehose.DescribeDeliveryStream("delivery")
	require.NoError(t, err)
	want := firehose.Processing{Enabled: true, Processors: []firehose.Processor{{
		Type: "AppendDelimiterToRecord", Parameters: []firehose.ProcessorParameter{{Name: "Delimiter", Value: `\n`}},
	}}}
	assert.Equal(t, want, description.Config.Processing)
	processing["enabled"] = false
	w.mustUpdate(delivery, inputs)
	description, err = w.cloud.Firehose.DescribeDeliveryStream("delivery")
	require.NoError(t, err)
	want.Enabled = false
	assert.Equal(t, want, description.Config.Processing)
}

func TestAnEventPassesThroughTheCreatedResources(t *testing.T) {
	w := newLocalTarget(t)
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
	w := newLocalTarget(t)
	w.logStream()
	resources, err := w.server.Resources()
	require.NoError(t, err)
	require.Len(t, resources, 2)
	assert.Equal(t, Resource{Type: logStreamToken, ID: "S3Delivery", ByEngine: true, Outputs: map[string]any{
		"name": "S3Delivery", "logGroupName": "/aws/events",
		"arn": "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/events:log-stream:S3Delivery",
	}}, resources[1])
}
