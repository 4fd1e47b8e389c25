package contract_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/jonboulle/clockwork"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/test/pipelinetest"
)

// unthrottled takes the stage's throttle away, which no setting can.
func unthrottled(typ, _ string, inputs resource.PropertyMap) {
	if typ == "MethodSettings" {
		settings := inputs["settings"].ObjectValue()
		settings["throttlingRateLimit"] = resource.NewNumberProperty(-1)
		settings["throttlingBurstLimit"] = resource.NewNumberProperty(-1)
	}
}

// withoutResource leaves one resource out.
func withoutResource(typ, nameEnd string) pipelinetest.Options {
	return pipelinetest.Options{Settings: quick, Without: func(t, name string) bool {
		return t == typ && strings.HasSuffix(name, nameEnd)
	}}
}

// withoutAction takes an action out of every policy that grants it.
func withoutAction(action string) pipelinetest.Options {
	return pipelinetest.Options{Settings: quick, Change: func(typ, _ string, inputs resource.PropertyMap) {
		if typ != "RolePolicy" {
			return
		}
		var document map[string]any
		if json.Unmarshal([]byte(inputs["policy"].StringValue()), &document) != nil {
			return
		}
		var kept []any
		for _, statement := range document["Statement"].([]any) {
			s := statement.(map[string]any)
			actions := slices.DeleteFunc(s["Action"].([]any), func(a any) bool { return a == action })
			if s["Action"] = actions; len(actions) > 0 {
				kept = append(kept, s)
			}
		}
		if len(kept) == 0 {
			kept = []any{map[string]any{"Effect": "Deny", "Action": "none:None", "Resource": "*"}}
		}
		document["Statement"] = kept
		text, _ := json.Marshal(document)
		inputs["policy"] = resource.NewStringProperty(string(text))
	}}
}

// TestAProgramWithoutOneOfItsResourcesIsRefusedAsAWSWould deploys the program with one resource left out.
func TestAProgramWithoutOneOfItsResourcesIsRefusedAsAWSWould(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ typ, nameEnd, want string }{
		{"RestApi", "", "API identifier specified"}, // which of its parts is created first is left to the engine
		{"Resource", "-v1", "NotFoundException"},
		{"Method", "-event", "NotFoundException"},
		{"Integration", "-event", "Invalid Integration identifier specified"},
		{"Account", "", "CloudWatch Logs role ARN must be set in account settings to enable logging"},
		{"RolePolicyAttachment", "", "The role ARN does not have required permissions"},
		{"RolePolicy", "-source", "InvalidArgumentException"},
		{"Stream", "", "MalformedPolicyDocument"}, // the policies need its ARN
		{"BucketV2", "", "NoSuchBucket"},
		{"Model", "-event", "Invalid model identifier specified"},
		{"RequestValidator", "", "Invalid Request Validator identifier specified"},
	} {
		t.Run(row.typ+row.nameEnd, func(t *testing.T) {
			t.Parallel()
			_, err := pipelinetest.TryStart(t, withoutResource(row.typ, row.nameEnd))
			require.ErrorContains(t, err, row.want)
		})
	}
}

func TestAMethodWithoutIntegrationCannotBeDeployed(t *testing.T) {
	t.Parallel()
	_, err := pipelinetest.TryStart(t, pipelinetest.Options{Without: func(typ, name string) bool {
		return strings.Contains(name, "-event") && (strings.HasPrefix(typ, "Integration") || typ == "MethodResponse")
	}})
	require.ErrorContains(t, err, "No integration defined for method")
}

func TestWithoutAnIntegrationResponseASuccessIsNotPassedOffAsOne(t *testing.T) {
	t.Parallel()
	p := pipelinetest.Start(t, withoutResource("IntegrationResponse", "-event-200"))
	wantRefusal(t, p.Post(t, p.URL, firstEvent), http.StatusInternalServerError, "INTERNAL")
}

func TestWithoutAMethodResponseASuccessIsNotPassedOffAsOne(t *testing.T) {
	t.Parallel()
	p := pipelinetest.Start(t, withoutResource("MethodResponse", "-event-200"))
	wantRefusal(t, p.Post(t, p.URL, firstEvent), http.StatusInternalServerError, "API_CONFIGURATION_ERROR")
}

func TestWithoutADefaultResponseAnUnmatchedAnswerIsAConfigurationError(t *testing.T) {
	t.Parallel()
	options := withoutResource("IntegrationResponse", "-event-500")
	without := options.Without
	options.Without = func(typ, name string) bool {
		return without(typ, name) || typ == "IntegrationResponse" && strings.HasSuffix(name, "-event-200")
	}
	p := pipelinetest.Start(t, options)
	wantRefusal(t, p.Post(t, p.URL, firstEvent), http.StatusInternalServerError, "API_CONFIGURATION_ERROR")
}

func TestWithoutTheDeliveryStreamNothingReachesS3(t *testing.T) {
	t.Parallel()
	p := pipelinetest.Start(t, withoutResource("FirehoseDeliveryStream", ""))
	require.Equal(t, http.StatusOK, p.Post(t, p.URL, firstEvent).Status)
	p.Flush(t)
	assert.Empty(t, p.Lines(t, ""))
}

func TestWithoutAPermissionToPutTheEndpointFails(t *testing.T) {
	t.Parallel()
	for action, route := range map[string]func(*pipelinetest.Pipeline) string{
		"kinesis:PutRecord":  func(p *pipelinetest.Pipeline) string { return p.URL },
		"kinesis:PutRecords": func(p *pipelinetest.Pipeline) string { return p.BatchURL },
	} {
		p := pipelinetest.Start(t, withoutAction(action))
		for _, url := range []string{p.URL, p.BatchURL} {
			body := map[bool]string{true: "[" + firstEvent + "]", false: firstEvent}[url == p.BatchURL]
			answer := p.Post(t, url, body)
			if url == route(p) {
				wantRefusal(t, answer, http.StatusInternalServerError, "INTERNAL")
			} else {
				assert.Equal(t, http.StatusOK, answer.Status, "%s without %s", url, action)
			}
		}
	}
}

func TestWithoutAPermissionToReadFirehoseIsRefused(t *testing.T) {
	t.Parallel()
	for _, action := range []string{"kinesis:DescribeStream", "kinesis:GetShardIterator", "kinesis:ListShards"} {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			_, err := pipelinetest.TryStart(t, withoutAction(action))
			require.ErrorContains(t, err, "InvalidArgumentException")
		})
	}
}

func TestWithoutPermissionToReadRecordsNothingReachesS3(t *testing.T) {
	t.Parallel()
	options := withoutAction("kinesis:GetRecords")
	options.CannotDeliver = true
	p := pipelinetest.Start(t, options)
	require.Equal(t, http.StatusOK, p.Post(t, p.URL, firstEvent).Status)
	require.ErrorContains(t, p.Cloud.Firehose.Flush(t.Context()), "kinesis:GetRecords")
	assert.Empty(t, p.Lines(t, ""))
}

func TestWithoutPermissionToWriteNothingReachesS3AndTheLogSaysWhy(t *testing.T) {
	t.Parallel()
	options := withoutAction("s3:PutObject")
	options.Clock, options.CannotDeliver = clockwork.NewFakeClock(), true
	p := pipelinetest.Start(t, options)
	require.Equal(t, http.StatusOK, p.Post(t, p.URL, firstEvent).Status)
	require.Error(t, p.Cloud.Firehose.Flush(t.Context()))
	assert.Empty(t, p.Lines(t, ""))
	entries, err := p.Cloud.Logs.Read("/aws/kinesisfirehose/"+p.DeliveryStream, "S3Delivery")
	require.NoError(t, err)
	require.NotEmpty(t, entries)
	assert.Contains(t, entries[0].Message, "S3.AccessDenied")
}

func TestWithoutPermissionToLogThereIsNoDeliveryLog(t *testing.T) {
	t.Parallel()
	noPut, noLog := withoutAction("s3:PutObject"), withoutAction("logs:PutLogEvents")
	p := pipelinetest.Start(t, pipelinetest.Options{
		Settings: quick, Clock: clockwork.NewFakeClock(), CannotDeliver: true,
		Change: func(typ, name string, inputs resource.PropertyMap) {
			noPut.Change(typ, name, inputs)
			noLog.Change(typ, name, inputs)
		},
	})
	require.Equal(t, http.StatusOK, p.Post(t, p.URL, firstEvent).Status)
	require.Error(t, p.Cloud.Firehose.Flush(t.Context()))
	entries, err := p.Cloud.Logs.Read("/aws/kinesisfirehose/"+p.DeliveryStream, "S3Delivery")
	require.NoError(t, err)
	assert.Empty(t, entries)
}
