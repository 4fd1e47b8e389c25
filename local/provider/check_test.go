package provider

import (
	"context"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	streamToken         = "aws:kinesis/stream:Stream"
	roleToken           = "aws:iam/role:Role"
	bucketToken         = "aws:s3/bucketV2:BucketV2"
	deliveryStreamToken = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"
	integrationToken    = "aws:apigateway/integration:Integration"
	deploymentToken     = "aws:apigateway/deployment:Deployment"
	stageToken          = "aws:apigateway/stage:Stage"
)

func TestAnUnknownTypeIsAnErrorThatNamesIt(t *testing.T) {
	e := tables(t)
	_, err := e.client.Check(context.Background(), &pulumirpc.CheckRequest{Urn: urn("aws:sqs/queue:Queue", "jobs")})
	require.Error(t, err)
	assert.Contains(t, message(err), `the local target does not emulate the type aws:sqs/queue:Queue (the program's resource "jobs")`)
	assert.Contains(t, message(err), "aws:kinesis/stream:Stream", "it says which types there are")
}

func TestAllThatIsWrongWithAResourceIsReportedAtOnce(t *testing.T) {
	e := tables(t)
	_, failures := e.check(deliveryStreamToken, "events", nil, props{
		"destination": "splunk",
		"colour":      "red",
		"kinesisSourceConfiguration": props{
			"kinesisStreamArn": "the stream",
			"roleArn":          "arn:aws:iam::123456789012:role/source",
		},
		"extendedS3Configuration": props{
			"bucketArn":         "arn:aws:s3:::bucket",
			"bufferingInterval": 901,
			"bufferingSize":     "5",
			"shape":             "round",
			"processingConfiguration": props{
				"processors": []any{props{"type": "Lambda", "parameters": []any{props{"parameterName": "A"}}}},
			},
			"s3BackupConfiguration": props{"bucketArn": "arn:aws:s3:::backup"},
		},
	})
	assert.Equal(t, []string{
		`colour: aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream has no property colour that the local target ` +
			`knows (set by the program's resource "events")`,
		`destination: destination = "splunk": is not emulated by the local target: S3 is the only destination (extended_s3)`,
		`extendedS3Configuration.bufferingInterval: extendedS3Configuration.bufferingInterval = 901: must be 0 to 900 seconds`,
		`extendedS3Configuration.bufferingSize: extendedS3Configuration.bufferingSize = "5": must be a whole number`,
		`extendedS3Configuration.processingConfiguration.processors[0].parameters[0].parameterValue: ` +
			`extendedS3Configuration.processingConfiguration.processors[0].parameters[0].parameterValue of ` +
			`aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream is required (the program's resource "events" leaves it out)`,
		`extendedS3Configuration.roleArn: extendedS3Configuration.roleArn of aws:kinesis/firehoseDeliveryStream:` +
			`FirehoseDeliveryStream is required (the program's resource "events" leaves it out)`,
		`extendedS3Configuration.s3BackupConfiguration: the property extendedS3Configuration.s3BackupConfiguration of ` +
			`aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream is not emulated by the local target: there is no ` +
			`backup bucket (set by the program's resource "events")`,
		`extendedS3Configuration.shape: aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream has no property ` +
			`extendedS3Configuration.shape that the local target knows (set by the program's resource "events")`,
		`kinesisSourceConfiguration.kinesisStreamArn: kinesisSourceConfiguration.kinesisStreamArn = "the stream": must be an ARN`,
	}, failures)
}

func TestInvalidInputsAreRefusedBeforeAnythingIsCreated(t *testing.T) {
	const trust = `{"Version":"2012-10-17","Statement":[]}`
	stream := func(more props) props {
		in := props{"name": "events", "shardCount": 1}
		for key, value := range more {
			in[key] = value
		}
		return in
	}
	for name, test := range map[string]struct {
		token  string
		inputs props
		want   string
	}{
		"retention below a day":            {streamToken, stream(props{"retentionPeriod": 23}), `retentionPeriod: retentionPeriod = 23: must be 24 to 8760 hours`},
		"retention above a year":           {streamToken, stream(props{"retentionPeriod": 8761}), `retentionPeriod: retentionPeriod = 8761: must be 24 to 8760 hours`},
		"half a shard":                     {streamToken, stream(props{"shardCount": 1.5}), `shardCount: shardCount = 1.5: must be a whole number`},
		"no shard":                         {streamToken, stream(props{"shardCount": 0}), `shardCount: shardCount must be at least 1 when streamModeDetails.streamMode is PROVISIONED`},
		"a provisioned stream without":     {streamToken, props{"name": "events"}, `shardCount: shardCount must be at least 1 when streamModeDetails.streamMode is PROVISIONED`},
		"an on-demand stream with shards":  {streamToken, stream(props{"streamModeDetails": props{"streamMode": "ON_DEMAND"}}), `shardCount: shardCount must not be set when streamModeDetails.streamMode is ON_DEMAND`},
		"a mode in lower case":             {streamToken, stream(props{"streamModeDetails": props{"streamMode": "on_demand"}}), `streamModeDetails.streamMode: streamModeDetails.streamMode = "on_demand": must be one of PROVISIONED, ON_DEMAND`},
		"KMS without a key":                {streamToken, stream(props{"encryptionType": "KMS"}), `kmsKeyId: kmsKeyId is required when encryptionType is KMS`},
		"a stream name with a slash":       {streamToken, stream(props{"name": "a/b"}), `name: name = "a/b": must be 1 to 128 of a-z A-Z 0-9 _ . -`},
		"a trust policy that is not JSON":  {roleToken, props{"assumeRolePolicy": "{"}, `assumeRolePolicy: assumeRolePolicy = "{": must be a JSON document`},
		"a session below an hour":          {roleToken, props{"assumeRolePolicy": trust, "maxSessionDuration": 3599}, `maxSessionDuration: maxSessionDuration = 3599: must be 3600 to 43200 seconds`},
		"a name and a prefix":              {roleToken, props{"assumeRolePolicy": trust, "name": "a", "namePrefix": "b"}, `name: name: must not be set together with namePrefix`},
		"inline policies":                  {roleToken, props{"assumeRolePolicy": trust, "inlinePolicies": []any{props{"name": "a"}}}, `inlinePolicies: the property inlinePolicies of aws:iam/role:Role is not emulated by the local target: deprecated by pulumi-aws; declare an iam.RolePolicy for each (set by the program's resource "x")`},
		"an unusual retention of logs":     {"aws:cloudwatch/logGroup:LogGroup", props{"retentionInDays": 2}, `retentionInDays: retentionInDays = 2: must be one of 0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653`},
		"an unknown log level":             {methodSettingsToken, props{"restApi": "a", "stageName": "s", "methodPath": "*/*", "settings": props{"loggingLevel": "DEBUG"}}, `settings.loggingLevel: settings.loggingLevel = "DEBUG": must be one of OFF, ERROR, INFO`},
		"an integration with a Lambda":     {integrationToken, props{"restApi": "a", "resourceId": "r", "httpMethod": "POST", "type": "AWS_PROXY"}, `type: type = "AWS_PROXY": is not emulated by the local target: integrations call AWS services (AWS) or nothing (MOCK)`},
		"a method that HTTP does not have": {integrationToken, props{"restApi": "a", "resourceId": "r", "httpMethod": "post", "type": "AWS"}, `httpMethod: httpMethod = "post": must be one of ANY, DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT`},
		"a deployment with a stage":        {deploymentToken, props{"restApi": "a", "stageName": "PROD"}, `stageName: the property stageName of aws:apigateway/deployment:Deployment is not emulated by the local target: a deployment creates no stage; declare an apigateway.Stage (set by the program's resource "x")`},
		"a quota that starts too late":     {"aws:apigateway/usagePlan:UsagePlan", props{"quotaSettings": props{"limit": 10, "offset": 7, "period": "WEEK"}}, `quotaSettings: quotaSettings.offset = 7: must be 0 to 6 with the period WEEK`},
		"somebody else's bucket":           {"aws:s3/bucketVersioningV2:BucketVersioningV2", props{"bucket": "b", "expectedBucketOwner": "210987654321", "versioningConfiguration": props{"status": "Suspended"}}, `expectedBucketOwner: expectedBucketOwner = 210987654321: AccessDenied, the bucket's owner is 123456789012`},
		"two encryption rules":             {"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2", props{"bucket": "b", "rules": []any{props{}, props{}}}, `rules: rules = [{},{}]: must have 1 to 1 elements, has 2`},
		"a tag of AWS's own":               {bucketToken, props{"tags": props{"aws:a": "b"}}, `tags: tags = {"aws:a":"b"}: has the key "aws:a": must have 1 to 128 characters and not begin with aws:`},
		"a list for a text":                {bucketToken, props{"bucket": []any{"a"}}, `bucket: bucket = ["a"]: must be a string`},
		"a secret that is wrong":           {streamToken, stream(props{"name": secret("top/secret")}), `name: name = [secret]: must be 1 to 128 of a-z A-Z 0-9 _ . -`},
		"direct put":                       {deliveryStreamToken, props{"destination": "extended_s3", "extendedS3Configuration": props{"bucketArn": "arn:aws:s3:::b", "roleArn": "arn:aws:iam::123456789012:role/r"}}, `kinesisSourceConfiguration: a delivery stream without kinesisSourceConfiguration (Direct PUT) is not emulated by the local target`},
	} {
		t.Run(name, func(t *testing.T) {
			_, failures := tables(t).check(test.token, "x", nil, test.inputs)
			assert.Equal(t, []string{test.want}, failures)
		})
	}
}

func TestBoundariesAreInside(t *testing.T) {
	e := tables(t)
	for _, inputs := range []props{
		{"name": "events", "shardCount": 1, "retentionPeriod": 24},
		{"name": "events", "shardCount": 1, "retentionPeriod": 8760},
		{"name": "events", "streamModeDetails": props{"streamMode": "ON_DEMAND"}},
		{"name": "events", "shardCount": unknown, "retentionPeriod": unknown},
		{"name": "events", "shardCount": 1, "encryptionType": "KMS", "kmsKeyId": unknown},
		{"name": "events", "shardCount": 1, "streamModeDetails": unknown},
		{"name": "events", "shardCount": 1, "shardLevelMetrics": []any{}},
	} {
		e.mustCheck(streamToken, "events", nil, inputs)
	}
}

func TestDefaultsAreFilledInAndNoted(t *testing.T) {
	inputs := tables(t).mustCheck(streamToken, "events", nil, props{"name": "events", "shardCount": 1})
	assert.Equal(t, state{
		"name": "events", "shardCount": 1.0, "retentionPeriod": 24.0, "encryptionType": "NONE",
		"enforceConsumerDeletion": false,
	}, plainValues(inputs))
	assert.Equal(t, []any{"encryptionType", "enforceConsumerDeletion", "retentionPeriod"}, plainValue(inputs[defaultsKey]))
}

func TestAMissingNameIsGeneratedFromTheSeed(t *testing.T) {
	e := tables(t)
	first := e.mustCheck(streamToken, "events", nil, props{"shardCount": 1})
	name := plainValue(first["name"]).(string)
	assert.Regexp(t, `^events-[0-9a-f]{7}$`, name)
	assert.Contains(t, plainValue(first[defaultsKey]), "name")
	assert.Equal(t, name, plainValue(e.mustCheck(streamToken, "events", nil, props{"shardCount": 1})["name"]), "the same seed")

	t.Run("and kept from then on", func(t *testing.T) {
		old := first.Copy()
		old["name"] = resource.NewStringProperty("events-0000000")
		kept := e.mustCheck(streamToken, "events", old, props{"shardCount": 2})
		assert.Equal(t, "events-0000000", plainValue(kept["name"]))
	})
	t.Run("but not when it was the program's before", func(t *testing.T) {
		old := e.mustCheck(streamToken, "events", nil, props{"name": "mine", "shardCount": 1})
		assert.Equal(t, name, plainValue(e.mustCheck(streamToken, "events", old, props{"shardCount": 1})["name"]))
	})
	t.Run("in lower case for a bucket", func(t *testing.T) {
		assert.Regexp(t, `^archive-[0-9a-f]{7}$`, plainValue(e.mustCheck(bucketToken, "Archive", nil, props{})["bucket"]))
	})
	t.Run("not when a prefix asks AWS for it", func(t *testing.T) {
		inputs := e.mustCheck(bucketToken, "archive", nil, props{"bucketPrefix": "data-"})
		assert.NotContains(t, inputs, resource.PropertyKey("bucket"))
	})
	t.Run("and an error when it would be too long", func(t *testing.T) {
		long := "a-name-in-the-program-that-is-by-far-too-long-for-a-role-in-iam"
		_, failures := e.check(roleToken, long, nil, props{"assumeRolePolicy": "{}"})
		require.Len(t, failures, 1)
		assert.Contains(t, failures[0], "longer than maximum length 64")
	})
}

func TestTheStacksAutonamingIsFollowed(t *testing.T) {
	e := tables(t)
	ask := func(options *pulumirpc.CheckRequest_AutonamingOptions) *pulumirpc.CheckResponse {
		answer, err := e.client.Check(context.Background(), &pulumirpc.CheckRequest{
			Urn: urn(streamToken, "events"), News: e.marshal(props{"shardCount": 1}.properties()), RandomSeed: seed,
			Autonaming: options,
		})
		require.NoError(t, err)
		return answer
	}
	proposed := ask(&pulumirpc.CheckRequest_AutonamingOptions{ProposedName: "dev-events"})
	assert.Equal(t, "dev-events", plainValue(e.unmarshal(proposed.GetInputs())["name"]))
	enforced := ask(&pulumirpc.CheckRequest_AutonamingOptions{
		ProposedName: "dev-events", Mode: pulumirpc.CheckRequest_AutonamingOptions_ENFORCE,
	})
	assert.Equal(t, "dev-events", plainValue(e.unmarshal(enforced.GetInputs())["name"]))
	off := ask(&pulumirpc.CheckRequest_AutonamingOptions{Mode: pulumirpc.CheckRequest_AutonamingOptions_DISABLE})
	require.Len(t, off.GetFailures(), 1)
	assert.Equal(t, "name is required: the stack's settings switch automatic names off", off.GetFailures()[0].GetReason())
}

func TestSecretsStaySecretAndUnknownsUnknown(t *testing.T) {
	e := tables(t)
	inputs := e.mustCheck(streamToken, "events", nil, props{
		"name": secret("events"), "shardCount": unknown, "tags": props{"a": secret("b"), "c": unknown},
	})
	assert.Equal(t, secret("events"), inputs["name"])
	assert.True(t, inputs["shardCount"].IsComputed())
	assert.Equal(t, secret("b"), inputs["tags"].ObjectValue()["a"])
	assert.True(t, inputs["tags"].ObjectValue()["c"].IsComputed())
}

func TestAResourceGivenForItsIDIsItsID(t *testing.T) {
	e := tables(t)
	reference := resource.MakeCustomResourceReference(
		resource.URN(urn(restAPIToken, "api")), resource.ID("abcde12345"), "6.83.0")
	inputs := e.mustCheck("aws:apigateway/requestValidator:RequestValidator", "v", nil, props{"restApi": reference})
	assert.Equal(t, "abcde12345", plainValue(inputs["restApi"]))
}

func TestADocumentMayBeGivenAsAnObject(t *testing.T) {
	e := tables(t)
	policy := props{"Version": "2012-10-17", "Statement": []any{props{"Effect": "Allow", "Action": "s3:*"}}}
	inputs := e.mustCheck("aws:s3/bucketPolicy:BucketPolicy", "p", nil, props{"bucket": "b", "policy": policy})
	assert.JSONEq(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*"}]}`,
		plainValue(inputs["policy"]).(string))
	t.Run("with a part that is not known yet", func(t *testing.T) {
		policy["Statement"] = []any{props{"Resource": unknown}}
		inputs := e.mustCheck("aws:s3/bucketPolicy:BucketPolicy", "p", nil, props{"bucket": "b", "policy": policy})
		assert.True(t, inputs["policy"].IsComputed())
	})
	t.Run("with a secret in it", func(t *testing.T) {
		policy["Statement"] = []any{props{"Resource": secret("arn")}}
		inputs := e.mustCheck("aws:s3/bucketPolicy:BucketPolicy", "p", nil, props{"bucket": "b", "policy": policy})
		require.True(t, inputs["policy"].IsSecret())
		assert.Contains(t, plainValue(inputs["policy"]), "arn")
	})
}
