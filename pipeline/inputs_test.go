package pipeline_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/pipeline"
	"ingest-pipeline/templates"
)

const kmsKeyArn = "arn:aws:kms:ap-northeast-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"

// TestEveryPartIsConfiguredAsItsServiceRequires has a row for each fixed input without which, or with another value of
// which, the resource would be refused or would do something else.
func TestEveryPartIsConfiguredAsItsServiceRequires(t *testing.T) {
	t.Parallel()
	r := run(t, "dev", with("access", "API_KEY"), with("corsAllowedOrigins", `["https://a.example","https://b.example"]`),
		with("kmsKeyArn", kmsKeyArn), with("lifecycle.archiveAfterDays", "30"), with("alarms.email", "ops@example.com"))
	for _, row := range []struct {
		resource, path string
		want           any
	}{
		{"RestApi ingest", "endpointConfiguration.types", "REGIONAL"},
		{"Resource ingest-v1", "pathPart", "v1"},
		{"Resource ingest-v1-batch", "pathPart", "batch"},
		{"Method ingest-event", "httpMethod", "POST"},
		{"Method ingest-batch", "httpMethod", "POST"},
		{"Method ingest-event-preflight", "httpMethod", "OPTIONS"},
		{"Integration ingest-event-preflight", "type", "MOCK"},
		{"Integration ingest-event-preflight", "httpMethod", "OPTIONS"},
		{"Integration ingest-event-preflight", "requestTemplates", map[string]any{"application/json": templates.PreflightRequest}},
		{"Integration ingest-event-preflight", "passthroughBehavior", "WHEN_NO_TEMPLATES"}, // a browser sends no Content-Type
		{"MethodResponse ingest-event-preflight", "statusCode", "204"},
		{"IntegrationResponse ingest-event-preflight", "statusCode", "204"},
		{"IntegrationResponse ingest-event-preflight", "selectionPattern", "204"},
		{"IntegrationResponse ingest-event-preflight", "httpMethod", "OPTIONS"},
		{"MethodSettings ingest", "settings.metricsEnabled", true},
		{"UsagePlanKey ingest-default", "keyType", "API_KEY"},
		{"UsagePlanKey ingest-default", "keyId", "ingest-default-id"},
		{"UsagePlanKey ingest-default", "usagePlanId", "ingest-default-id"},
		{"Stream ingest", "encryptionType", "KMS"},
		{"LogStream ingest", "name", "S3Delivery"},
		{"LogStream ingest", "logGroupName", "/aws/kinesisfirehose/class-stream-to-s3"},
		{"FirehoseDeliveryStream ingest", "destination", "extended_s3"},
		{"FirehoseDeliveryStream ingest", "extendedS3Configuration.cloudwatchLoggingOptions", map[string]any{
			"enabled": true, "logGroupName": "/aws/kinesisfirehose/class-stream-to-s3", "logStreamName": "S3Delivery"}},
		{"FirehoseDeliveryStream ingest", "kinesisSourceConfiguration", map[string]any{
			"kinesisStreamArn": "arn:aws:kinesis:ap-northeast-2:" + accountID + ":stream/class-stream",
			"roleArn":          "arn:aws:iam::" + accountID + ":role/ingest-source-1a2b3c4"}},
		{"FirehoseDeliveryStream ingest", "extendedS3Configuration.roleArn", "arn:aws:iam::" + accountID + ":role/ingest-destination-1a2b3c4"},
		{"FirehoseDeliveryStream ingest", "extendedS3Configuration.bucketArn", "arn:aws:s3:::ingest-1a2b3c4"},
		{"TopicSubscription ingest", "protocol", "email"},
		{"CatalogTable ingest", "tableType", "EXTERNAL_TABLE"},
		{"CatalogTable ingest", "databaseName", "ingest_pipeline_dev_ingest"},
		{"CatalogTable ingest", "partitionKeys", []any{map[string]any{"name": "hour", "type": "string"}}},
		{"CatalogTable ingest", "storageDescriptor.inputFormat", "org.apache.hadoop.mapred.TextInputFormat"},
		{"CatalogTable ingest", "storageDescriptor.outputFormat", "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"},
		{"CatalogTable ingest", "storageDescriptor.columns", []any{map[string]any{"name": "event", "type": "string"}}},
		{"CatalogTable ingest", "storageDescriptor.serDeInfo", map[string]any{
			"serializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
			"parameters":           map[string]any{"field.delim": "\u0001"}}}, // one that JSON never holds
	} {
		typ, name, _ := strings.Cut(row.resource, " ")
		r.one(t, typ, name).wants(t, row.path, row.want)
	}
	parameters := r.one(t, "CatalogTable").input("parameters").(map[string]any)
	for name, want := range map[string]string{
		"projection.enabled": "true", "projection.hour.type": "date", "projection.hour.range": "2024/01/01/00,NOW",
		"projection.hour.interval": "1", "projection.hour.interval.unit": "HOURS",
	} {
		assert.Equal(t, want, parameters[name], name)
	}
	for _, rule := range r.one(t, "BucketLifecycleConfigurationV2").input("rules").([]any) {
		assert.Equal(t, "Enabled", rule.(map[string]any)["status"])
		assert.NotNil(t, rule.(map[string]any)["filter"], "S3 refuses a rule without its filter")
	}
}

// TestEveryStatementGrantsWhatItSays is the allow-list of what the program's policies may contain.
func TestEveryStatementGrantsWhatItSays(t *testing.T) {
	t.Parallel()
	const key = kmsKeyArn
	service := func(name string) map[string]any { return map[string]any{"Service": name + ".amazonaws.com"} }
	equals := func(key, value string) map[string]map[string]any {
		return map[string]map[string]any{"StringEquals": {key: value}}
	}
	stream := "arn:aws:kinesis:ap-northeast-2:" + accountID + ":stream/class-stream"
	want := map[string]policyStatement{
		"LetAPIGatewayAssume": {Effect: "Allow", Principal: service("apigateway"), Action: []string{"sts:AssumeRole"}},
		"LetEC2Assume":        {Effect: "Allow", Principal: service("ec2"), Action: []string{"sts:AssumeRole"}},
		"LetFirehoseAssume": {Effect: "Allow", Principal: service("firehose"), Action: []string{"sts:AssumeRole"},
			Condition: equals("sts:ExternalId", accountID)},
		"EncryptStream": {Effect: "Allow", Action: []string{"kms:GenerateDataKey"}, Resource: []string{key}},
		"DecryptStream": {Effect: "Allow", Action: []string{"kms:Decrypt"}, Resource: []string{key}, Condition: map[string]map[string]any{
			"StringEquals": {"kms:ViaService": "kinesis.ap-northeast-2.amazonaws.com"},
			"StringLike":   {"kms:EncryptionContext:aws:kinesis:arn": stream},
		}},
		"EncryptObjects": {Effect: "Allow", Action: []string{"kms:Decrypt", "kms:GenerateDataKey"}, Resource: []string{key},
			Condition: map[string]map[string]any{
				"StringEquals": {"kms:ViaService": "s3.ap-northeast-2.amazonaws.com"},
				"StringLike": {"kms:EncryptionContext:aws:s3:arn": []any{
					"arn:aws:s3:::ingest-1a2b3c4", "arn:aws:s3:::ingest-1a2b3c4/*"}},
			}},
		"AllowInvoke": {Effect: "Allow", Principal: "*", Action: []string{"execute-api:Invoke"},
			Resource: []string{"arn:aws:execute-api:ap-northeast-2:" + accountID + ":abc123/*"}},
	}
	// Their resources are compared elsewhere.
	effects := map[string]string{
		"PutToStream": "Allow", "ReadStream": "Allow", "FindBucket": "Allow", "DeliverToFolders": "Allow",
		"LogDeliveryErrors": "Allow", "DenyPlainHTTP": "Deny", "DenyOtherNetworks": "Deny",
	}
	seen := map[string]bool{}
	for name, statements := range run(t, "dev", with("kmsKeyArn", key), with("eventGenerator", "true")).policies(t) {
		for _, s := range statements {
			seen[s.Sid] = true
			if effect, elsewhere := effects[s.Sid]; elsewhere {
				assert.Equal(t, effect, s.Effect, "%s: %s", name, s.Sid)
				continue
			}
			expected, known := want[s.Sid]
			require.True(t, known, "%s: %s is in no list of allowed statements", name, s.Sid)
			expected.Sid = s.Sid
			assert.Equal(t, expected, s, name)
		}
	}
	assert.Len(t, seen, len(want)+len(effects))
}

func TestOnlyTheseManagedPoliciesAreAttached(t *testing.T) {
	t.Parallel()
	attached := map[any][]any{}
	for _, g := range run(t, "dev", with("eventGenerator", "true"), withLoggingRole("")).of("RolePolicyAttachment") {
		attached[g.input("role")] = append(attached[g.input("role")], g.input("policyArn"))
	}
	assert.Equal(t, map[any][]any{
		"ingest-apigateway-logging-1a2b3c4": {"arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"},
		"ingest-event-generator-1a2b3c4":    {"arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"},
	}, attached)
}

func TestThePolicyOfAnyInputIsTheSameInEveryRun(t *testing.T) {
	t.Parallel()
	policies := func() map[string]string {
		found := map[string]string{}
		for _, g := range run(t, "dev", with("kmsKeyArn", kmsKeyArn)).of("RolePolicy") {
			found[g.Name] = g.input("policy").(string)
		}
		return found
	}
	first := policies()
	for range 5 { // a map in Go has another order each time
		assert.Equal(t, first, policies())
	}
}

func TestTheConsoleIsThatOfThePartition(t *testing.T) {
	t.Parallel()
	for partition, want := range map[string]struct{ region, host string }{
		"aws":        {"eu-west-1", "eu-west-1.console.aws.amazon.com"},
		"aws-cn":     {"cn-north-1", "cn-north-1.console.amazonaws.cn"},
		"aws-us-gov": {"us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"},
	} {
		assert.Equal(t, "https://"+want.host+"/cloudwatch/home?region="+want.region+"#dashboards/dashboard/ingest-pipeline-dev-ingest",
			outputs(t, "dev", inRegion(partition, want.region))["dashboardUrl"])
	}
}

// TestTheDashboardIsLaidOutOnItsGrid: a widget that lacks a property, or lies on another one, is refused or not seen.
func TestTheDashboardIsLaidOutOnItsGrid(t *testing.T) {
	t.Parallel()
	var body struct{ Widgets []map[string]any }
	require.NoError(t, json.Unmarshal([]byte(run(t, "dev").one(t, "Dashboard").input("dashboardBody").(string)), &body))
	require.NotEmpty(t, body.Widgets)
	taken := map[[2]float64]bool{}
	for _, w := range body.Widgets {
		assert.Equal(t, "metric", w["type"])
		x, y, width, height := w["x"].(float64), w["y"].(float64), w["width"].(float64), w["height"].(float64)
		assert.Equal(t, []float64{6, 6}, []float64{width, height})
		for _, corner := range [][2]float64{{x, y}, {x + width - 1, y}, {x, y + height - 1}, {x + width - 1, y + height - 1}} {
			assert.False(t, taken[corner], "two graphs at %v", corner)
			taken[corner] = true
		}
		properties := w["properties"].(map[string]any)
		assert.EqualValues(t, 60, properties["period"])
		assert.Equal(t, "timeSeries", properties["view"])
		assert.Contains(t, []any{"Sum", "Maximum", "p99"}, properties["stat"])
		annotations, _ := properties["annotations"].(map[string]any)
		for _, line := range slices.Concat([]any{}, annotationLines(annotations)) {
			assert.Contains(t, []any{"throttle", "shards", "events are lost", "buffer interval"}, line.(map[string]any)["label"])
		}
	}
	assert.True(t, taken[[2]float64{23, 0}], "the columns fill the width of 24")
}

func annotationLines(annotations map[string]any) []any {
	lines, _ := annotations["horizontal"].([]any)
	return lines
}

func TestBrowsersAreToldWhatTheyMaySend(t *testing.T) {
	t.Parallel()
	r := run(t, "dev", with("corsAllowedOrigins", `["https://a.example","https://b.example"]`))
	for _, route := range []string{"event", "batch"} {
		name := "ingest-" + route + "-preflight"
		r.one(t, "IntegrationResponse", name).wants(t, "responseParameters", map[string]any{
			"method.response.header.Access-Control-Allow-Methods": "'POST,OPTIONS'",
			"method.response.header.Access-Control-Allow-Headers": "'Content-Type,X-Api-Key,Authorization,X-Amz-Date,X-Amz-Security-Token,X-Amzn-Trace-Id'",
			"method.response.header.Access-Control-Max-Age":       "'600'",
			"method.response.header.Vary":                         "'Origin'", // or a cache gives one origin's answer to another
		})
		for parameter := range r.one(t, "IntegrationResponse", name).input("responseParameters").(map[string]any) {
			assert.Contains(t, r.one(t, "MethodResponse", name).input("responseParameters"), parameter)
		}
	}
}

// TestTwoPipelinesInOneProgramShareNothing: a resource of one that names a resource of the other would mix their events.
func TestTwoPipelinesInOneProgramShareNothing(t *testing.T) {
	t.Parallel()
	r, err := runProgram(t, "dev", func(ctx *pulumi.Context) error {
		args, err := pipeline.Load(ctx)
		if err != nil {
			return err
		}
		args.StreamName = nil // generated
		for _, name := range []string{"alpha", "omega"} {
			if _, err := pipeline.NewPipeline(ctx, name, args); err != nil {
				return err
			}
		}
		return nil
	}, with("eventGenerator", "true"))
	require.NoError(t, err)
	seen := map[string]int{}
	physical := map[string]string{}
	for _, g := range r.registrations {
		own, other := "alpha", "omega"
		if strings.Contains(g.Name, other) {
			own, other = other, own
		}
		assert.Contains(t, g.Name, own)
		seen[own]++
		text, err := json.Marshal(g.Inputs)
		require.NoError(t, err)
		assert.NotContains(t, string(text), other, g.label())
		for _, key := range []string{"name", "dashboardName", "bucket"} {
			name, ok := g.Inputs[key].(string)
			if !ok || !strings.Contains("Stream FirehoseDeliveryStream Dashboard CatalogDatabase LogGroup", g.Type[strings.LastIndex(g.Type, ":")+1:]) {
				continue
			}
			assert.Empty(t, physical[g.Type+name], "%s and %s have the same name in AWS", physical[g.Type+name], g.label())
			physical[g.Type+name] = g.label()
		}
	}
	assert.Equal(t, seen["alpha"], seen["omega"])
	assert.NotEmpty(t, physical)
}

func TestTheDatabasesNameNeedsNoQuotesInSQL(t *testing.T) {
	t.Parallel()
	r, err := runProgram(t, "dev", func(ctx *pulumi.Context) error {
		args, err := pipeline.Load(ctx)
		if err != nil {
			return err
		}
		_, err = pipeline.NewPipeline(ctx, "az-AZ~é.09@[`{/:", args)
		return err
	})
	require.NoError(t, err)
	r.one(t, "CatalogDatabase").wants(t, "name", "ingest_pipeline_dev_az_az___09______")
}

func TestAPreflightsPartsBelongToItsRoute(t *testing.T) {
	t.Parallel()
	r := run(t, "dev", with("corsAllowedOrigins", `["https://a.example"]`))
	for _, route := range []string{"event", "batch"} {
		post := r.one(t, "Method", "ingest-"+route)
		for _, typ := range []string{"Method", "Integration", "MethodResponse", "IntegrationResponse"} {
			part := r.one(t, typ, "ingest-"+route+"-preflight")
			part.wants(t, "resourceId", post.input("resourceId"))
			part.wants(t, "restApi", post.input("restApi"))
			part.wants(t, "httpMethod", "OPTIONS")
			if typ == "MethodResponse" || typ == "IntegrationResponse" {
				assert.Contains(t, part.DependsOn, r.one(t, "Integration", "ingest-"+route+"-preflight").URN, "it follows a replaced integration")
			}
		}
	}
}
