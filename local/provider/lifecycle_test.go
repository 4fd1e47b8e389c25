package provider

import (
	"fmt"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// lifecycleCase is a resource of a type and a change of it.
type lifecycleCase struct {
	inputs func(w *localTarget) props
	// change is what an update changes; nil: every change replaces the resource.
	change props
	// id and outputs are regular expressions.
	id      string
	outputs map[string]string
	// remains: a deletion sets it to what AWS gives to a new resource, and it is never gone.
	remains bool
}

const (
	apiID      = `[a-z0-9]{10}`
	shortID    = `[a-z0-9]{6}`
	loopback   = `^http://127\.0\.0\.1:[0-9]+`
	day        = `^2025-03-01T12:00:00Z$`
	suffix     = `[0-9]{18}[0-9a-f]{8}`
	emptyTable = `^map\[\]$`
)

// lifecycleCases has a case for every type.
var lifecycleCases = map[string]lifecycleCase{
	accountToken: {
		inputs:  func(w *localTarget) props { return props{"cloudwatchRoleArn": w.loggingRole().output("arn")} },
		change:  props{"resetOnDelete": true},
		id:      `^api-gateway-account$`,
		remains: true,
		outputs: map[string]string{"apiKeyVersion": `^4$`, "cloudwatchRoleArn": `^arn:aws:iam::123456789012:role/logging$`},
	},
	apiKeyToken: {
		inputs: func(*localTarget) props { return props{"name": "key"} },
		change: props{"enabled": false},
		id:     `^` + apiID + `$`,
		outputs: map[string]string{
			"arn": `^arn:aws:apigateway:eu-west-1::/apikeys/` + apiID + `$`, "value": `^[a-zA-Z0-9]{40}$`,
			"createdDate": day, "lastUpdatedDate": day, "description": `^Managed by Pulumi$`, "tagsAll": emptyTable,
		},
	},
	deploymentToken: {
		inputs: func(w *localTarget) props {
			w.integrationResponse()
			return props{"restApi": w.api().id, "triggers": props{"definition": "1"}}
		},
		change: props{"description": "the second"},
		id:     `^` + shortID + `$`,
		outputs: map[string]string{
			"createdDate": day, "executionArn": `^arn:aws:execute-api:eu-west-1:123456789012:` + apiID + `/$`,
			"invokeUrl": loopback + `/$`,
		},
	},
	integrationToken: {
		inputs:  func(w *localTarget) props { return w.integrationInputs() },
		change:  props{"timeoutMilliseconds": 5000},
		id:      `^agi-` + apiID + `-` + shortID + `-POST$`,
		outputs: map[string]string{"cacheNamespace": `^` + shortID + `$`, "connectionType": `^INTERNET$`},
	},
	integrationResponseToken: {
		inputs: func(w *localTarget) props {
			w.methodResponse()
			w.integration()
			return w.methodKey(props{"statusCode": "200", "selectionPattern": "200"})
		},
		change: props{"responseTemplates": props{"application/json": "{}"}},
		id:     `^agir-` + apiID + `-` + shortID + `-POST-200$`,
	},
	methodToken: {
		inputs: func(w *localTarget) props { return w.methodKey(props{"authorization": "NONE"}) },
		change: props{"apiKeyRequired": true},
		id:     `^agm-` + apiID + `-` + shortID + `-POST$`,
	},
	methodResponseToken: {
		inputs: func(w *localTarget) props {
			w.method()
			return w.methodKey(props{"statusCode": "200"})
		},
		change: props{"responseParameters": props{"method.response.header.X": true}},
		id:     `^agmr-` + apiID + `-` + shortID + `-POST-200$`,
	},
	methodSettingsToken: {
		inputs: func(w *localTarget) props {
			w.account()
			return props{
				"restApi": w.api().id, "stageName": w.stage().output("stageName"), "methodPath": "*/*",
				"settings": props{"loggingLevel": "INFO"},
			}
		},
		change:  props{"settings": props{"loggingLevel": "OFF"}},
		id:      `^` + apiID + `-PROD-\*/\*$`,
		outputs: map[string]string{"settings": `throttlingBurstLimit:-1`},
	},
	"aws:apigateway/model:Model": {
		inputs: func(w *localTarget) props {
			return props{"restApi": w.api().id, "name": "Event", "contentType": "application/json", "schema": `{"type":"object"}`}
		},
		change: props{"description": "an event"},
		id:     `^` + shortID + `$`,
	},
	"aws:apigateway/requestValidator:RequestValidator": {
		inputs: func(w *localTarget) props { return props{"restApi": w.api().id, "validateRequestBody": true} },
		change: props{"validateRequestParameters": true},
		id:     `^` + shortID + `$`,
	},
	resourceToken: {
		inputs: func(w *localTarget) props {
			return props{"restApi": w.api().id, "parentId": w.api().output("rootResourceId"), "pathPart": "v1"}
		},
		change:  props{"pathPart": "v2"},
		id:      `^` + shortID + `$`,
		outputs: map[string]string{"path": `^/v1$`},
	},
	"aws:apigateway/response:Response": {
		inputs: func(w *localTarget) props { return props{"restApiId": w.api().id, "responseType": "THROTTLED"} },
		change: props{"responseTemplates": props{"application/json": "{}"}},
		id:     `^aggr-` + apiID + `-THROTTLED$`,
	},
	restAPIToken: {
		inputs: func(*localTarget) props { return props{"endpointConfiguration": props{"types": "REGIONAL"}} },
		change: props{"description": "events come in here"},
		id:     `^` + apiID + `$`,
		outputs: map[string]string{
			"arn":          `^arn:aws:apigateway:eu-west-1::/restapis/` + apiID + `$`,
			"executionArn": `^arn:aws:execute-api:eu-west-1:123456789012:` + apiID + `$`,
			"createdDate":  day, "rootResourceId": `^[a-z0-9]{10}$`, "apiKeySource": `^HEADER$`,
			"name": `^x-[0-9a-f]{7}$`, "tagsAll": emptyTable,
		},
	},
	"aws:apigateway/restApiPolicy:RestApiPolicy": {
		inputs: func(w *localTarget) props {
			return props{"restApiId": w.api().id, "policy": props{"Version": "2012-10-17", "Statement": []any{
				props{"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"},
			}}}
		},
		change: props{"policy": props{"Version": "2012-10-17", "Statement": []any{
			props{"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/PROD/*"},
		}}},
		id: `^` + apiID + `$`,
	},
	stageToken: {
		inputs: func(w *localTarget) props {
			return props{"restApi": w.api().id, "stageName": "PROD", "deployment": w.deployment().id}
		},
		change: props{"variables": props{"stream": "events"}},
		id:     `^ags-` + apiID + `-PROD$`,
		outputs: map[string]string{
			"arn":          `^arn:aws:apigateway:eu-west-1::/restapis/` + apiID + `/stages/PROD$`,
			"executionArn": `^arn:aws:execute-api:eu-west-1:123456789012:` + apiID + `/PROD$`,
			"invokeUrl":    loopback + `/PROD$`, "tagsAll": emptyTable,
		},
	},
	usagePlanToken: {
		inputs: func(w *localTarget) props {
			return props{"apiStages": []any{props{"apiId": w.api().id, "stage": w.stage().output("stageName")}}}
		},
		change: props{"throttleSettings": props{"burstLimit": 5, "rateLimit": 10.5}},
		id:     `^` + shortID + `$`,
		outputs: map[string]string{
			"arn": `^arn:aws:apigateway:eu-west-1::/usageplans/` + shortID + `$`, "name": `^x-[0-9a-f]{7}$`, "tagsAll": emptyTable,
		},
	},
	usagePlanKeyToken: {
		inputs: func(w *localTarget) props {
			return props{"keyId": w.apiKey().id, "keyType": "API_KEY", "usagePlanId": w.usagePlan().id}
		},
		id:      `^` + apiID + `$`,
		outputs: map[string]string{"name": `^key$`, "value": `^[a-zA-Z0-9]{40}$`},
	},
	logGroupToken: {
		inputs: func(*localTarget) props { return props{"retentionInDays": 7} },
		change: props{"retentionInDays": 30},
		id:     `^x-[0-9a-f]{7}$`,
		outputs: map[string]string{
			"arn": `^arn:aws:logs:eu-west-1:123456789012:log-group:x-[0-9a-f]{7}$`, "logGroupClass": `^STANDARD$`, "tagsAll": emptyTable,
		},
	},
	logStreamToken: {
		inputs: func(w *localTarget) props {
			return props{"name": "S3Delivery", "logGroupName": w.logGroup().output("name")}
		},
		id:      `^S3Delivery$`,
		outputs: map[string]string{"arn": `^arn:aws:logs:eu-west-1:123456789012:log-group:/aws/events:log-stream:S3Delivery$`},
	},
	roleToken: {
		inputs: func(*localTarget) props { return props{"assumeRolePolicy": trust("apigateway.amazonaws.com")} },
		change: props{"description": "sends events"},
		id:     `^x-[0-9a-f]{7}$`,
		outputs: map[string]string{
			"arn": `^arn:aws:iam::123456789012:role/x-[0-9a-f]{7}$`, "uniqueId": `^AROA[A-Z0-9]{17}$`, "createDate": day, "tagsAll": emptyTable,
		},
	},
	rolePolicyToken: {
		inputs: func(w *localTarget) props {
			return props{"name": "grants", "role": w.role("sender", "apigateway.amazonaws.com").id, "policy": allow("*", "kinesis:PutRecord")}
		},
		change: props{"policy": allow("*", "kinesis:PutRecords")},
		id:     `^sender:grants$`,
	},
	rolePolicyAttachmentToken: {
		inputs: func(w *localTarget) props {
			return props{
				"role":      w.role("sender", "apigateway.amazonaws.com").id,
				"policyArn": "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs",
			}
		},
		id: `^sender-` + suffix + `$`,
	},
	deliveryStreamToken: {
		inputs: func(w *localTarget) props { return w.deliveryInputs() },
		change: props{"tags": props{"team": "data"}},
		id:     `^arn:aws:firehose:eu-west-1:123456789012:deliverystream/delivery$`,
		outputs: map[string]string{
			"arn":       `^arn:aws:firehose:eu-west-1:123456789012:deliverystream/delivery$`,
			"versionId": `^1$`, "destinationId": `^destinationId-000000000001$`,
		},
	},
	streamToken: {
		inputs: func(*localTarget) props { return props{"shardCount": 2} },
		change: props{"retentionPeriod": 48},
		id:     `^arn:aws:kinesis:eu-west-1:123456789012:stream/x-[0-9a-f]{7}$`,
		outputs: map[string]string{
			"arn":               `^arn:aws:kinesis:eu-west-1:123456789012:stream/x-[0-9a-f]{7}$`,
			"streamModeDetails": `^map\[streamMode:PROVISIONED\]$`, "tagsAll": emptyTable,
		},
	},
	"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2": {
		inputs: func(w *localTarget) props {
			return props{"bucket": w.bucket().id, "rules": []any{props{
				"id": "abort", "status": "Enabled", "filter": props{"prefix": "raw/"},
				"abortIncompleteMultipartUpload": props{"daysAfterInitiation": 1},
			}}}
		},
		change: props{"rules": []any{props{"id": "expire", "status": "Enabled", "expiration": props{"days": 30}}}},
		id:     `^archive$`,
	},
	"aws:s3/bucketOwnershipControls:BucketOwnershipControls": {
		inputs: func(w *localTarget) props {
			return props{"bucket": w.bucket().id, "rule": props{"objectOwnership": "BucketOwnerEnforced"}}
		},
		id: `^archive$`,
	},
	"aws:s3/bucketPolicy:BucketPolicy": {
		inputs: func(w *localTarget) props {
			return props{"bucket": w.bucket().id, "policy": props{"Version": "2012-10-17", "Statement": []any{props{
				"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": []any{"arn:aws:s3:::archive", "arn:aws:s3:::archive/*"},
				"Condition": props{"Bool": props{"aws:SecureTransport": "false"}},
			}}}}
		},
		change: props{"policy": props{"Version": "2012-10-17", "Statement": []any{props{
			"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::archive/*",
		}}}},
		id: `^archive$`,
	},
	"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": {
		inputs: func(w *localTarget) props { return props{"bucket": w.bucket().id, "blockPublicPolicy": true} },
		change: props{"restrictPublicBuckets": true},
		id:     `^archive$`,
	},
	"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": {
		inputs: func(w *localTarget) props {
			return props{"bucket": w.bucket().id, "expectedBucketOwner": account, "rules": []any{props{
				"applyServerSideEncryptionByDefault": props{"sseAlgorithm": "AES256"},
			}}}
		},
		change:  props{"rules": []any{props{"applyServerSideEncryptionByDefault": props{"sseAlgorithm": "aws:kms"}}}},
		id:      `^archive,123456789012$`,
		remains: true,
	},
	bucketToken: {
		inputs: func(*localTarget) props { return props{} },
		change: props{"forceDestroy": true},
		id:     `^x-[0-9a-f]{7}$`,
		outputs: map[string]string{
			"arn": `^arn:aws:s3:::x-[0-9a-f]{7}$`, "bucketDomainName": `^x-[0-9a-f]{7}\.s3\.amazonaws\.com$`,
			"bucketRegionalDomainName": `^x-[0-9a-f]{7}\.s3\.eu-west-1\.amazonaws\.com$`, "region": `^eu-west-1$`,
			"hostedZoneId": `^Z1BKCTXD74EZPE$`, "tagsAll": emptyTable,
		},
	},
	"aws:s3/bucketVersioningV2:BucketVersioningV2": {
		inputs: func(w *localTarget) props {
			return props{"bucket": w.bucket().id, "versioningConfiguration": props{"status": "Suspended"}}
		},
		id:      `^archive$`,
		remains: true,
	},
}

func TestEveryTypeIsCreatedUpdatedAndDeleted(t *testing.T) {
	for _, token := range newRegistry().tokens() {
		t.Run(token, func(t *testing.T) {
			test, described := lifecycleCases[token]
			require.True(t, described, "no case for %s", token)
			w := newLocalTarget(t)
			inputs := w.mustCheck(token, "x", nil, test.inputs(w))

			preview, err := w.create(token, "x", inputs, true)
			require.NoError(t, err)
			assert.Empty(t, preview.id, "nothing is made in a preview")
			for _, name := range newRegistry()[token].outputs {
				if name != "tagsAll" {
					assert.True(t, preview.outputs[resource.PropertyKey(name)].ContainsUnknowns(), "%s is not known in a preview", name)
				}
			}

			made, err := w.create(token, "x", inputs, false)
			require.NoError(t, err)
			assert.Regexp(t, test.id, made.id)
			for name, want := range test.outputs {
				assert.Regexp(t, want, fmt.Sprint(made.output(name)), name)
			}
			assertSettled(t, w, made)
			if test.change != nil {
				changed := test.inputs(w)
				for name, value := range test.change {
					changed[name] = value
				}
				made = assertUpdates(t, w, made, changed)
			}
			w.mustDelete(made)
			if test.remains {
				return
			}
			assert.Empty(t, w.mustRead(made).id, "it is gone")
			w.mustDelete(made) // again, which is no error
		})
	}
}

// assertSettled checks that neither a refresh nor a second update finds anything to do.
func assertSettled(t *testing.T, w *localTarget, i *instance) {
	t.Helper()
	now := w.mustRead(i)
	assert.Equal(t, i.id, now.id)
	assert.Equal(t, i.outputs, now.outputs, "a refresh changes nothing")
	assert.Equal(t, i.inputs, now.inputs, "a refresh changes nothing")
	diff := w.diff(i, i.inputs)
	assert.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, diff.GetChanges(), "%v", diff.GetDetailedDiff())
}

func assertUpdates(t *testing.T, w *localTarget, i *instance, changed props) *instance {
	t.Helper()
	news := w.mustCheck(i.token, i.name, i.inputs, changed)
	preview, err := w.update(i, news, true)
	require.NoError(t, err)
	for key, value := range news {
		if key != defaultsKey {
			assert.True(t, includes(plainValue(preview.outputs[key]), plainValue(value)), "the preview of the update shows %s", key)
		}
	}
	assert.Equal(t, i.outputs, w.mustRead(i).outputs, "a preview changes nothing")
	now := w.mustUpdate(i, changed)
	for key, value := range news {
		if key != defaultsKey {
			assert.True(t, includes(plainValue(now.outputs[key]), plainValue(value)), "the update changes %s", key)
		}
	}
	assertSettled(t, w, now)
	return now
}

// includes reports whether all of an input is in an output, in which AWS may have filled in more.
func includes(output, input any) bool {
	if wanted, isList := input.([]any); isList {
		got, both := output.([]any)
		return both && len(got) == len(wanted) && !slices.ContainsFunc(wanted, func(element any) bool {
			return !slices.ContainsFunc(got, func(o any) bool { return includes(o, element) })
		})
	}
	in, isObject := input.(state)
	out, both := output.(state)
	if !isObject || !both {
		return assert.ObjectsAreEqual(input, output)
	}
	for key := range in {
		if !includes(out[key], in[key]) {
			return false
		}
	}
	return true
}
