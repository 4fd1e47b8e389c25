package pipeline_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/templates"
)

// everyRun runs a promise for both stacks, as an update and as a preview.
func everyRun(t *testing.T, promise func(t *testing.T, stack string, r *recorder)) {
	t.Helper()
	t.Parallel()
	for _, stack := range []string{"dev", "prod"} {
		t.Run(stack+" update", func(t *testing.T) { promise(t, stack, run(t, stack)) })
		t.Run(stack+" preview", func(t *testing.T) { promise(t, stack, run(t, stack, asPreview)) })
	}
}

func TestEveryResourceDescendsFromThePipeline(t *testing.T) {
	everyRun(t, func(t *testing.T, _ string, r *recorder) {
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
	})
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

func TestTheDeploymentWaitsForEveryPartOfTheAPI(t *testing.T) {
	everyRun(t, func(t *testing.T, _ string, r *recorder) {
		deployment := r.one(t, "Deployment")
		parts := 0
		for _, typ := range []string{
			"Resource", "Method", "Integration", "MethodResponse", "IntegrationResponse", "Model", "RequestValidator", "Response",
		} {
			for _, part := range r.of(typ) {
				parts++
				assert.Contains(t, deployment.DependsOn, part.URN, "the snapshot would lack %s", part.label())
			}
		}
		assert.Greater(t, parts, 30)
	})
}

func TestResponsesFollowTheirIntegrationWhenItIsReplaced(t *testing.T) {
	everyRun(t, func(t *testing.T, stack string, r *recorder) {
		for _, route := range []string{"event", "batch"} {
			integration := r.one(t, "Integration", "ingest-"+route)
			for _, typ := range []string{"MethodResponse", "IntegrationResponse"} {
				for _, status := range []string{"200", "500", "503"} {
					response := r.one(t, typ, "ingest-"+route+"-"+status)
					assert.Contains(t, response.DependsOn, integration.URN)
				}
			}
		}
	})
}

func TestPartsWhoseIdIsTheirPathAreDeletedBeforeTheyAreReplaced(t *testing.T) {
	everyRun(t, func(t *testing.T, _ string, r *recorder) {
		for _, typ := range []string{"Method", "Integration", "MethodResponse", "IntegrationResponse", "Response", "MethodSettings"} {
			for _, g := range r.of(typ) {
				assert.True(t, g.ReplaceByDelete, "the new %s would collide with the old", g.label())
			}
		}
		assert.False(t, r.one(t, "Deployment").ReplaceByDelete, "a stage points at the old deployment until the new one is there")
	})
}

func TestOnlyA200OfKinesisBecomesA200(t *testing.T) {
	everyRun(t, func(t *testing.T, _ string, r *recorder) {
		defaults := map[string]int{}
		for _, g := range r.of("IntegrationResponse") {
			pattern, status := g.input("selectionPattern"), g.input("statusCode")
			template := g.input("responseTemplates.application/json")
			if status == "200" {
				assert.Equal(t, "200", pattern, "%s", g.label())
				continue
			}
			assert.NotContains(t, []any{templates.PutRecordResponse, templates.PutRecordsResponse}, template, "%s", g.label())
			if pattern == nil {
				defaults[g.Parent]++
				assert.Equal(t, "500", status, "what no pattern matches is an error")
				continue
			}
			matches := regexp.MustCompile(`^(?:` + pattern.(string) + `)$`)
			for _, success := range []string{"200", "201", "202", "204", "301"} {
				assert.False(t, matches.MatchString(success), "%s matches %s", g.label(), success)
			}
		}
		for method, count := range defaults {
			assert.Equal(t, 1, count, "defaults of %s", method)
		}
		assert.Len(t, defaults, 2)
	})
}

func TestEveryIntegrationResponseHasItsMethodResponse(t *testing.T) {
	everyRun(t, func(t *testing.T, _ string, r *recorder) {
		for _, g := range r.of("IntegrationResponse") {
			methodResponse := r.one(t, "MethodResponse", g.Name)
			assert.Contains(t, g.DependsOn, methodResponse.URN)
			methodResponse.wants(t, "statusCode", g.input("statusCode"))
		}
	})
}

func TestTheIntegrationsCallKinesisAndNothingElse(t *testing.T) {
	everyRun(t, func(t *testing.T, stack string, r *recorder) {
		for route, want := range map[string]struct{ action, template string }{
			"event": {"PutRecord", templates.PutRecordRequest},
			"batch": {"PutRecords", templates.PutRecordsRequest},
		} {
			g := r.one(t, "Integration", "ingest-"+route)
			g.wants(t, "type", "AWS")
			g.wants(t, "httpMethod", "POST")
			g.wants(t, "integrationHttpMethod", "POST")
			g.wants(t, "passthroughBehavior", "NEVER")
			g.wants(t, "requestParameters", map[string]any{
				"integration.request.header.Content-Type": "'application/x-amz-json-1.1'",
			})
			g.wants(t, "requestTemplates", map[string]any{"application/json": want.template})
			g.wants(t, "uri", "arn:aws:apigateway:ap-northeast-2:kinesis:action/"+want.action)
			if !r.preview {
				g.wants(t, "credentials", "arn:aws:iam::"+accountID+":role/ingest-to-stream-1a2b3c4")
			}
		}
	})
}

func TestWhilePausedTheMethodsCallNothing(t *testing.T) {
	t.Parallel()
	r := run(t, "dev", with("paused", "true"))
	for _, g := range r.of("Integration") {
		g.wants(t, "type", "MOCK")
		g.wants(t, "httpMethod", "POST")
		g.wants(t, "passthroughBehavior", "NEVER")
		g.wants(t, "requestTemplates", map[string]any{"application/json": templates.PausedRequest})
		for _, ofKinesis := range []string{"uri", "credentials", "integrationHttpMethod", "requestParameters"} {
			assert.Nil(t, g.input(ofKinesis), "%s: %s", g.label(), ofKinesis)
		}
	}
	responses := r.of("IntegrationResponse")
	assert.Len(t, responses, 2)
	for _, g := range responses {
		g.wants(t, "statusCode", "429")
		assert.Nil(t, g.input("selectionPattern"), "whatever the mock integration answers")
		g.wants(t, "responseTemplates", map[string]any{"application/json": templates.PausedResponse})
	}
}

func TestEveryMethodChecksItsBodyFirst(t *testing.T) {
	everyRun(t, func(t *testing.T, stack string, r *recorder) {
		validator := r.one(t, "RequestValidator")
		validator.wants(t, "validateRequestBody", true)
		for route, schema := range map[string]string{"event": templates.EventSchema, "batch": templates.BatchSchema} {
			method, model := r.one(t, "Method", "ingest-"+route), r.one(t, "Model", "ingest-"+route)
			model.wants(t, "schema", schema)
			method.wants(t, "requestModels", map[string]any{"application/json": model.input("name")})
			assert.Contains(t, method.DependsOn, validator.URN)
		}
	})
}

func TestGatewayResponsesKeepTheirStatusAndTheOneErrorShape(t *testing.T) {
	everyRun(t, func(t *testing.T, _ string, r *recorder) {
		types := map[any]bool{}
		for _, g := range r.of("Response") {
			types[g.input("responseType")] = true
			assert.Nil(t, g.input("statusCode"), "%s must keep the status of its type", g.label())
			var body struct {
				Error struct{ Code, Message, RequestID string }
			}
			template := g.input("responseTemplates.application/json").(string)
			require.NoError(t, json.Unmarshal([]byte(template), &body), "%s", g.label())
			assert.Equal(t, "$context.error.responseType", body.Error.Code)
			assert.Equal(t, "$context.requestId", body.Error.RequestID)
			assert.NotEmpty(t, body.Error.Message)
			assert.NotContains(t, body.Error.Message, "$", "API Gateway's own messages can hold ARNs")
		}
		for _, needed := range []string{"DEFAULT_4XX", "DEFAULT_5XX", "THROTTLED", "BAD_REQUEST_BODY", "UNSUPPORTED_MEDIA_TYPE"} {
			assert.True(t, types[needed], needed)
		}
	})
}

func TestARetryableGatewayResponseHasARetryAfterAndNoOtherHas(t *testing.T) {
	everyRun(t, func(t *testing.T, _ string, r *recorder) {
		want := map[string]string{
			"THROTTLED": "'1'", "QUOTA_EXCEEDED": "'3600'",
			"DEFAULT_5XX": "'1'", "INTEGRATION_FAILURE": "'1'", "INTEGRATION_TIMEOUT": "'1'",
		}
		got := map[string]string{}
		for _, g := range r.of("Response") {
			parameters, _ := g.input("responseParameters").(map[string]any)
			if value, ok := parameters["gatewayresponse.header.Retry-After"].(string); ok {
				got[g.input("responseType").(string)] = value
			}
		}
		assert.Equal(t, want, got)
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
	r := run(t, "dev", with("partitionKey", "EVENT_FIELD"), with("partitionKeyField", "customer.id"), with("envelope", "true"))
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
		r := run(t, "dev", with("apiGatewayLoggingRole", "managed"), withLoggingRole(row.current))
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
	existing := with("apiGatewayLoggingRole", "existing")
	r := run(t, "dev", existing)
	assert.Empty(t, r.of("Account"))
	assert.Empty(t, r.of("RolePolicyAttachment"))
	_, err := tryRun(t, "dev", existing, withLoggingRole(""))
	require.ErrorContains(t, err, "the account must have a CloudWatch Logs role for API Gateway in this region")
	_, err = tryRun(t, "dev", existing, withLoggingRole(""), asPreview)
	require.Error(t, err, "a preview tells already")
	run(t, "dev", existing, withLoggingRole(""), with("logLevel", "OFF"), with("accessLog", "false"), with("alarms", "false"))
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

func TestWithoutOriginsThereIsNoCORS(t *testing.T) {
	everyRun(t, func(t *testing.T, stack string, r *recorder) {
		for _, g := range r.of("Method") {
			g.wants(t, "httpMethod", "POST")
		}
		assert.NotContains(t, r.inventory(t), "Access-Control", stack)
	})
}

func TestEveryAnswerAllowsTheOriginsThatAreSet(t *testing.T) {
	t.Parallel()
	for origins, want := range map[string]struct{ answers, variable string }{
		`["https://a.example"]`:                         {"'https://a.example'", "https://a.example"},
		`["https://a.example","http://localhost:8080"]`: {"'*'", "https://a.example,http://localhost:8080"},
		`["*"]`: {"'*'", "any"},
	} {
		r := run(t, "dev", with("corsAllowedOrigins", origins))
		r.one(t, "Stage").wants(t, "variables.corsAllowedOrigins", want.variable)
		preflights := 0
		for _, g := range r.of("IntegrationResponse") {
			if g.input("httpMethod") == "OPTIONS" {
				preflights++
				g.wants(t, "statusCode", "204")
				continue
			}
			assert.Equal(t, want.answers, g.input("responseParameters").(map[string]any)["method.response.header.Access-Control-Allow-Origin"])
		}
		assert.Equal(t, 2, preflights)
		for _, g := range r.of("Response") {
			assert.Equal(t, want.answers, g.input("responseParameters").(map[string]any)["gatewayresponse.header.Access-Control-Allow-Origin"], g.label())
		}
	}
}
