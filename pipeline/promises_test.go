package pipeline_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// everyRun runs a promise for both stacks, as an update and as a preview, and for events with a type.
func everyRun(t *testing.T, promise func(t *testing.T, stack string, r *recorder)) {
	t.Helper()
	t.Parallel()
	for _, stack := range []string{"dev", "prod"} {
		t.Run(stack+" update", func(t *testing.T) { promise(t, stack, run(t, stack)) })
		t.Run(stack+" preview", func(t *testing.T) { promise(t, stack, run(t, stack, asPreview)) })
	}
	t.Run("types", func(t *testing.T) {
		promise(t, "dev", run(t, "dev", with("envelope", "true"), with("eventTypes", `{"order":"pipeline/testdata/order.schema.json"}`)))
	})
}

func TestEveryResourceDescendsFromThePipeline(t *testing.T) {
	t.Parallel()
	origins, email := with("corsAllowedOrigins", `["https://a.example"]`), with("alarms.email", "ops@example.com")
	for _, r := range []*recorder{
		run(t, "prod"), run(t, "prod", asPreview), run(t, "dev", with("eventGenerator", "true"), origins, email),
		run(t, "dev", with("access", "API_KEY"), with("logs.role", "existing")),
	} {
		parents := map[string]string{}
		var root string
		for _, g := range r.registrations {
			parents[g.URN] = g.Parent
			if strings.HasSuffix(g.Type, ":Pipeline") {
				root = g.URN
			}
		}
		require.NotEmpty(t, root)
		for _, g := range r.registrations {
			if g.URN == root {
				continue
			}
			top := g.URN
			for parents[top] != "" && top != root {
				top = parents[top]
			}
			assert.Equal(t, root, top, "%s has no way up to the pipeline", g.label())
			if g.Custom {
				assert.NotEqual(t, root, g.Parent, "%s belongs under the component of its noun", g.label())
			}
		}
	}
}

// TestThingsExistBeforeWhatNeedsThem has one row for each race of AWS that an order of creation cures.
func TestThingsExistBeforeWhatNeedsThem(t *testing.T) {
	rows := []struct{ why, after, before string }{
		{"no event is accepted before the delivery stream reads: it starts at LATEST", "Deployment", "FirehoseDeliveryStream"},
		{"the URL serves nothing before the delivery stream reads", "Stage", "FirehoseDeliveryStream"},
		{"API Gateway would make the log group itself, to be kept for ever", "MethodSettings", "LogGroup ingest-execution"},
		{"API Gateway would make the log group itself, to be kept for ever", "Stage", "LogGroup ingest-execution"},
		{"Firehose tries the role that reads", "FirehoseDeliveryStream", "RolePolicy ingest-source"},
		{"Firehose tries the role that writes", "FirehoseDeliveryStream", "RolePolicy ingest-destination"},
		{"Firehose does not make its log stream", "FirehoseDeliveryStream", "LogStream"},
		{"the first call may come at once", "Integration ingest-event", "RolePolicy ingest-to-stream"},
		{"the first call may come at once", "Integration ingest-batch", "RolePolicy ingest-to-stream"},
		{"S3 refuses two changes of a bucket's access at once", "BucketPolicy", "BucketPublicAccessBlock"},
		{"nothing is delivered to a bucket that is not closed yet", "FirehoseDeliveryStream", "BucketPublicAccessBlock"},
		{"nothing is delivered before plain HTTP is refused", "FirehoseDeliveryStream", "BucketPolicy"},
	}
	everyRun(t, func(t *testing.T, stack string, r *recorder) {
		find := func(spec string) *registration {
			typ, name, named := strings.Cut(strings.ReplaceAll(spec, "{stack}", stack), " ")
			if named {
				return r.one(t, typ, name)
			}
			return r.one(t, typ)
		}
		for _, row := range rows {
			assert.True(t, r.reaches(find(row.after), find(row.before)), "%s must wait for %s: %s", row.after, row.before, row.why)
		}
	})
}

func TestTheStageLogsAndThrottlesAsSet(t *testing.T) {
	everyRun(t, func(t *testing.T, stack string, r *recorder) {
		want := map[string]struct {
			level       string
			rate, burst int
			days        int
		}{
			"dev":  {"INFO", 1, 200, 1},
			"prod": {"ERROR", 2000, 2000, 90},
		}[stack]
		settings := r.one(t, "MethodSettings")
		settings.wants(t, "methodPath", "*/*")
		settings.wants(t, "stageName", "PROD")
		settings.wants(t, "settings.loggingLevel", want.level)
		settings.wants(t, "settings.dataTraceEnabled", false)
		settings.wants(t, "settings.throttlingRateLimit", want.rate)
		settings.wants(t, "settings.throttlingBurstLimit", want.burst)
		for _, group := range r.of("LogGroup") {
			group.wants(t, "retentionInDays", want.days)
		}
		if !r.preview {
			r.one(t, "LogGroup", "ingest-execution").
				wants(t, "name", "API-Gateway-Execution-Logs_"+"ingest-id/PROD")
		}
	})
}

func TestTheTemplatesGetTheirSettingsAsStageVariables(t *testing.T) {
	t.Parallel()
	r := run(t, "dev", with("stream.partitionKey", "EVENT_FIELD"), with("stream.partitionKeyField", "customer.id"), with("envelope", "true"))
	r.one(t, "Stage").wants(t, "variables", map[string]any{
		"streamName": "class-stream", "partitionKey": "EVENT_FIELD", "partitionKeyField": "customer.id", "envelope": "true",
	})
}

func TestDevLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	r := run(t, "dev")
	for _, g := range r.registrations {
		assert.False(t, g.Protect, "%s is protected", g.label())
		assert.False(t, g.Retain, "%s is retained", g.label())
	}
	r.one(t, "BucketV2").wants(t, "forceDestroy", true)
	r.one(t, "Stream").wants(t, "enforceConsumerDeletion", true)
}

func TestProdKeepsDeliveringWhatIsAcknowledgedOnDestroy(t *testing.T) {
	t.Parallel()
	r := run(t, "prod")
	kept := []string{
		"Stream ingest", "FirehoseDeliveryStream ingest", "BucketV2 ingest",
	}
	for _, spec := range kept {
		typ, name, _ := strings.Cut(spec, " ")
		assert.True(t, r.one(t, typ, name).Protect, "%s must be protected", spec)
	}
	for _, spec := range append(kept,
		"BucketPublicAccessBlock ingest", "BucketPolicy ingest", "BucketOwnershipControls ingest",
		"BucketServerSideEncryptionConfigurationV2 ingest", "BucketLifecycleConfigurationV2 ingest",
		"Role ingest-source", "RolePolicy ingest-source", "Role ingest-destination", "RolePolicy ingest-destination",
		"LogGroup ingest", "LogStream ingest",
	) {
		typ, name, _ := strings.Cut(spec, " ")
		assert.True(t, r.one(t, typ, name).Retain, "without %s, nothing would be delivered any more", spec)
	}
	r.one(t, "BucketV2").wants(t, "forceDestroy", false)
	r.one(t, "Stream").wants(t, "enforceConsumerDeletion", false)
	for _, g := range r.registrations {
		if g.Protect {
			assert.Contains(t, kept, g.label(), "destroy --exclude-protected must delete the rest")
		}
	}
}

func TestAWorkgroupThatWasUsedCanBeDeleted(t *testing.T) {
	everyRun(t, func(t *testing.T, _ string, r *recorder) {
		r.one(t, "Workgroup").wants(t, "forceDestroy", true)
	})
}

func TestAManagedLoggingRoleIsSetOnlyWhereThereIsNone(t *testing.T) {
	t.Parallel()
	const own = "arn:aws:iam::" + accountID + ":role/ingest-apigateway-logging-1a2b3c4"
	for name, row := range map[string]struct {
		current, want string
		reset         bool
	}{
		"none is set":               {"", own, true},
		"the stack's own is set":    {own, own, true},
		"the role of others is set": {existingLoggingRole, existingLoggingRole, false},
	} {
		r := run(t, "dev", with("logs.role", "managed"), withLoggingRole(row.current))
		account := r.one(t, "Account")
		assert.True(t, r.reaches(account, r.one(t, "RolePolicyAttachment")), "AWS tries the role with its policy")
		assert.True(t, r.reaches(r.one(t, "Stage"), account), "a stage that logs is refused before")
		assert.True(t, r.reaches(r.one(t, "MethodSettings"), account), "a stage that logs is refused before")
		assert.Equal(t, row.want, account.input("cloudwatchRoleArn"), name)
		assert.Equal(t, row.reset, account.input("resetOnDelete"), "%s: destroy must restore what was before", name)
		assert.False(t, account.Retain, name)
	}
}

func TestAnExistingLoggingRoleIsRequiredAndNotChanged(t *testing.T) {
	t.Parallel()
	existing := with("logs.role", "existing")
	r := run(t, "dev", existing)
	assert.Empty(t, r.of("Account"))
	assert.Empty(t, r.of("RolePolicyAttachment"))
	_, err := tryRun(t, "dev", existing, withLoggingRole(""))
	require.ErrorContains(t, err, "the account must have a CloudWatch Logs role for API Gateway in this region")
	_, err = tryRun(t, "dev", existing, withLoggingRole(""), asPreview)
	require.Error(t, err, "a preview reports it already")
	run(t, "dev", existing, withLoggingRole(""), with("logs.level", "OFF"), with("logs.accessLog", "false"), with("alarms.enabled", "false"))
}

func TestAStreamHasAShardCountOnlyWhenProvisioned(t *testing.T) {
	t.Parallel()
	dev, prod := run(t, "dev").one(t, "Stream"), run(t, "prod").one(t, "Stream")
	dev.wants(t, "shardCount", 1)
	dev.wants(t, "streamModeDetails.streamMode", "PROVISIONED")
	dev.wants(t, "retentionPeriod", 24)
	prod.wants(t, "streamModeDetails.streamMode", "ON_DEMAND")
	prod.wants(t, "retentionPeriod", 168)
	assert.Nil(t, prod.input("shardCount"))
}

func TestTheBucketIsPrivateEncryptedAndTidied(t *testing.T) {
	everyRun(t, func(t *testing.T, _ string, r *recorder) {
		block := r.one(t, "BucketPublicAccessBlock")
		for _, setting := range []string{"blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"} {
			block.wants(t, setting, true)
		}
		r.one(t, "BucketOwnershipControls").wants(t, "rule.objectOwnership", "BucketOwnerEnforced")
		rules := r.one(t, "BucketServerSideEncryptionConfigurationV2").input("rules").([]any)
		assert.Equal(t, map[string]any{"sseAlgorithm": "AES256"}, rules[0].(map[string]any)["applyServerSideEncryptionByDefault"])
		lifecycle := r.one(t, "BucketLifecycleConfigurationV2").input("rules").([]any)[0].(map[string]any)
		assert.Equal(t, "Enabled", lifecycle["status"])
		assert.Equal(t, map[string]any{"prefix": ""}, lifecycle["filter"], "everywhere")
		assert.Equal(t, map[string]any{"daysAfterInitiation": float64(1)}, lifecycle["abortIncompleteMultipartUpload"])
	})
}

func TestNoARNIsWrittenForOnePartitionOrRegion(t *testing.T) {
	t.Parallel()
	for _, stack := range []string{"dev", "prod"} {
		text := run(t, stack, inRegion("aws-cn", "cn-north-1")).inventory(t)
		assert.NotContains(t, strings.ReplaceAll(text, existingLoggingRole, ""), "arn:aws:")
		assert.NotContains(t, text, "ap-northeast-2")
		assert.Contains(t, text, "arn:aws-cn:apigateway:cn-north-1:kinesis:action/PutRecord")
		assert.Contains(t, text, "arn:aws-cn:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs")
	}
}
