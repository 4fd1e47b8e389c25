package pipeline_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/pipeline"
)

const firstEvent = `curl -d "{\"value\":\"30\",\"type\":\"Tip 3\"}" -H "Content-Type: application/json" `

// outputs returns the outputs of the pipeline.
func outputs(t *testing.T, stack string, options ...runOption) map[string]string {
	t.Helper()
	_, registered := runOutputs(t, stack, options...)
	got := map[string]string{}
	for name, value := range registered.Inputs {
		if secret, ok := value.(*resource.Secret); ok {
			value = secret.Element.V
		}
		if text, isText := value.(string); isText {
			got[name] = text
		}
	}
	return got
}

// runOutputs runs the pipeline and registers a resource whose inputs are the outputs: RunErr returns only after its
// registration, while a callback of ApplyT may still be running then.
func runOutputs(t *testing.T, stack string, options ...runOption) (*recorder, *registration) {
	t.Helper()
	r, conf := newRecorder(t, stack, options...)
	require.NoError(t, pulumi.RunErr(func(ctx *pulumi.Context) error {
		args, err := pipeline.Load(ctx)
		if err != nil {
			return err
		}
		p, err := pipeline.NewPipeline(ctx, "ingest", args)
		if err != nil {
			return err
		}
		outputs, fields := pulumi.Map{}, reflect.ValueOf(p).Elem()
		for i := range fields.NumField() {
			if name := fields.Type().Field(i).Tag.Get("pulumi"); name != "" {
				outputs[name] = fields.Field(i).Interface().(pulumi.Input)
			}
		}
		return ctx.RegisterResource("test:index:Outputs", "outputs", outputs, &pulumi.CustomResourceState{})
	}, pulumi.WithMocks(project, stack, r), func(info *pulumi.RunInfo) { info.Config = conf }))
	return r, r.one(t, "Outputs")
}

func TestThePipelineSaysWhereEverythingIs(t *testing.T) {
	t.Parallel()
	const url = "https://abc123.execute-api.ap-northeast-2.amazonaws.com/PROD/v1"
	assert.Equal(t, map[string]string{
		"url": url, "batchUrl": url + "/batch", "curl": firstEvent + "-X POST " + url, "apiKey": "",
		"apiId": "ingest-id", "stageName": "PROD", "stageArn": "arn:aws:apigateway:ap-northeast-2::/restapis/abc123/stages/PROD",
		"streamArn":         "arn:aws:kinesis:ap-northeast-2:" + accountID + ":stream/class-stream",
		"deliveryStreamArn": "arn:aws:firehose:ap-northeast-2:" + accountID + ":deliverystream/class-stream-to-s3",
		"bucketArn":         "arn:aws:s3:::ingest-1a2b3c4",
		"streamName":        "class-stream", "deliveryStreamName": "class-stream-to-s3",
		"bucketName": "ingest-1a2b3c4", "bucketFolder": "s3://ingest-1a2b3c4/raw/", "errorFolder": "s3://ingest-1a2b3c4/errors/",
		"executionLogGroup": "API-Gateway-Execution-Logs_ingest-id/PROD",
		"accessLogGroup":    "/aws/apigateway/ingest-1a2b3c4/PROD/access",
		"deliveryLogGroup":  "/aws/kinesisfirehose/class-stream-to-s3",
		"dashboardUrl":      "", "alarmTopicArn": "", "query": "", "queryWorkgroup": "", "eventGeneratorInstanceId": "",
	}, outputs(t, "dev", with("dashboard", "false"), with("alarms.enabled", "false"), with("queryTable", "false")))
	all := outputs(t, "dev", with("eventGenerator", "true"))
	assert.Equal(t, "arn:aws:sns:ap-northeast-2:"+accountID+":ingest-1a2b3c4", all["alarmTopicArn"])
	assert.Equal(t, "ingest-1a2b3c4", all["queryWorkgroup"])
	assert.Equal(t, "ingest-event-generator-id", all["eventGeneratorInstanceId"])
}

func TestAccessIsTheSameOnBothRoutesAndTheCurlCommandFits(t *testing.T) {
	t.Parallel()
	const url = "https://abc123.execute-api.ap-northeast-2.amazonaws.com/PROD/v1"
	for access, want := range map[string]struct {
		authorization string
		keyRequired   bool
		curl          string
	}{
		"NONE":    {"NONE", false, firstEvent + "-X POST " + url},
		"API_KEY": {"NONE", true, firstEvent + `-H "x-api-key: key-of-ingest-default" -X POST ` + url},
		"AWS_IAM": {"AWS_IAM", false, firstEvent + `-H "x-amz-security-token: $AWS_SESSION_TOKEN" ` +
			`--aws-sigv4 "aws:amz:ap-northeast-2:execute-api" --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" -X POST ` + url},
	} {
		r := run(t, "dev", with("access", access), with("corsAllowedOrigins", `["*"]`))
		methods := 0
		for _, g := range r.of("Method") {
			if g.input("httpMethod") == "OPTIONS" {
				g.wants(t, "authorization", "NONE") // a browser sends no credentials with a preflight
				continue
			}
			methods++
			g.wants(t, "authorization", want.authorization)
			g.wants(t, "apiKeyRequired", want.keyRequired)
		}
		assert.Equal(t, 2, methods)
		assert.Equal(t, want.curl, outputs(t, "dev", with("access", access))["curl"])
		assert.Len(t, r.of("ApiKey"), map[bool]int{true: 1}[want.keyRequired])
	}
}

func TestAnAPIKeyHasAQuotaAndAThrottle(t *testing.T) {
	t.Parallel()
	r := run(t, "dev", with("access", "API_KEY"), with("apiKeys", `[{"name":"default","requestsPerDay":5000}]`))
	plan := r.one(t, "UsagePlan")
	plan.wants(t, "quotaSettings", map[string]any{"limit": 5000.0, "period": "DAY"})
	plan.wants(t, "throttleSettings", map[string]any{"rateLimit": 1.0, "burstLimit": 200.0})
	stage := plan.input("apiStages").([]any)[0].(map[string]any)
	assert.Equal(t, "PROD", stage["stage"])
	assert.True(t, r.reaches(plan, r.one(t, "Stage")), "a usage plan opens a stage that exists")
	assert.True(t, r.reaches(r.one(t, "UsagePlanKey"), r.one(t, "ApiKey")))
}

func TestEachAPIKeyHasItsOwnPlan(t *testing.T) {
	t.Parallel()
	options := []runOption{
		with("access", "API_KEY"), with("throttle.requestsPerSecond", "500"),
		with("apiKeys", `[{"name":"shop","requestsPerDay":7,"requestsPerSecond":5,"burst":6},{"name":"app","requestsPerDay":8}]`),
	}
	r, registered := runOutputs(t, "dev", options...)
	for name, want := range map[string]struct{ quota, rate, burst float64 }{"shop": {7, 5, 6}, "app": {8, 500, 200}} {
		plan, key := r.one(t, "UsagePlan", "ingest-"+name), r.one(t, "UsagePlanKey", "ingest-"+name)
		plan.wants(t, "quotaSettings.limit", want.quota)
		plan.wants(t, "throttleSettings", map[string]any{"rateLimit": want.rate, "burstLimit": want.burst})
		key.wants(t, "keyId", "ingest-"+name+"-id")
		key.wants(t, "usagePlanId", "ingest-"+name+"-id")
	}
	keys := registered.Inputs["apiKeys"].(*resource.Secret).Element.V
	assert.Equal(t, map[string]string{"shop": "key-of-ingest-shop", "app": "key-of-ingest-app"}, texts(keys))
	assert.Equal(t, "key-of-ingest-shop", registered.Inputs["apiKey"].(*resource.Secret).Element.V, "the first one")
}

func texts(value any) map[string]string {
	texts := map[string]string{}
	for key, text := range value.(resource.PropertyMap) {
		for text.IsSecret() {
			text = text.SecretValue().Element
		}
		texts[string(key)] = text.StringValue()
	}
	return texts
}

func TestTheAPIKeyIsASecretThatIsKnownOnceItWorks(t *testing.T) {
	t.Parallel()
	r, registered := runOutputs(t, "dev", with("access", "API_KEY"))
	for _, name := range []string{"apiKeys", "apiKey", "curl"} {
		assert.IsType(t, &resource.Secret{}, registered.Inputs[name], name)
	}
	assert.True(t, r.reaches(registered, r.one(t, "UsagePlanKey")), "before it is part of the plan, the key is refused")
}

func TestOnlyTheAllowedNetworksGetIn(t *testing.T) {
	t.Parallel()
	const api = "arn:aws:execute-api:ap-northeast-2:" + accountID + ":abc123/*"
	for access, wantAllow := range map[string]bool{"NONE": true, "API_KEY": true, "AWS_IAM": false} {
		r := run(t, "dev", with("access", access), with("allowedSourceCidrs", `["203.0.113.0/24","198.51.100.7/32"]`))
		policy := r.one(t, "RestApiPolicy")
		assert.Contains(t, r.one(t, "Deployment").DependsOn, policy.URN, "the snapshot would lack the policy")
		var document struct{ Statement []map[string]any }
		require.NoError(t, json.Unmarshal([]byte(policy.input("policy").(string)), &document))
		deny := document.Statement[0]
		assert.Equal(t, "Deny", deny["Effect"])
		assert.Equal(t, "*", deny["Principal"])
		assert.Equal(t, []any{api}, deny["Resource"])
		assert.Equal(t, map[string]any{"NotIpAddress": map[string]any{"aws:SourceIp": []any{"203.0.113.0/24", "198.51.100.7/32"}}},
			deny["Condition"])
		// With AWS_IAM an allowance for everybody would stand in for the caller's own permission.
		assert.Equal(t, wantAllow, len(document.Statement) == 2, access)
	}
}

func TestWithoutNetworksThePolicyDeniesNone(t *testing.T) {
	everyRun(t, func(t *testing.T, stack string, r *recorder) {
		policy := r.one(t, "RestApiPolicy")
		assert.Contains(t, r.one(t, "Deployment").DependsOn, policy.URN)
		if r.preview {
			return
		}
		var document struct{ Statement []map[string]any }
		require.NoError(t, json.Unmarshal([]byte(policy.input("policy").(string)), &document))
		assert.Equal(t, map[string]any{"NotIpAddress": map[string]any{"aws:SourceIp": []any{"0.0.0.0/0", "::/0"}}},
			document.Statement[0]["Condition"])
		assert.Len(t, document.Statement, map[string]int{"dev": 2, "prod": 1}[stack])
	})
}

func TestTheAccessLogStaysJSONWhateverTheClientSends(t *testing.T) {
	everyRun(t, func(t *testing.T, _ string, r *recorder) {
		format := r.one(t, "Stage").input("accessLogSettings.format").(string)
		assert.NotContains(t, format, "\n")
		assert.Less(t, len(format), 3*1024)
		var fields map[string]string
		require.NoError(t, json.Unmarshal([]byte(format), &fields), "every value is quoted")
		for _, needed := range []string{
			"$context.requestId", "$context.status", "$context.error.responseType",
			"$context.integration.status", "$context.integration.latency",
		} {
			assert.Contains(t, format, needed)
		}
		for name, variable := range fields {
			assert.True(t, strings.HasPrefix(variable, "$context."), name)
			for _, clients := range []string{"userAgent", ".path", "message", "validationErrorString", "customDomain", "authorizer", "caller"} {
				assert.NotContains(t, variable, clients, "a client writes this one, quotes included")
			}
		}
	})
}

func TestTheAccessLogIsASwitch(t *testing.T) {
	t.Parallel()
	r := run(t, "dev", with("logs.accessLog", "false"), with("alarms.enabled", "false"))
	assert.Nil(t, r.one(t, "Stage").input("accessLogSettings"))
	assert.Len(t, r.of("LogGroup"), 2)
	assert.Len(t, run(t, "dev").of("LogGroup"), 3)
}
