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

func TestTheDeploymentWaitsForEveryPartOfTheAPI(t *testing.T) {
	t.Parallel()
	for _, r := range []*recorder{
		run(t, "dev"), run(t, "prod", asPreview), run(t, "dev", with("corsAllowedOrigins", `["https://a.example"]`)),
	} {
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
	}
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
		assert.Len(t, defaults, len(r.of("Method")))
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

func TestEveryHeaderOfAnIntegrationResponseIsDeclared(t *testing.T) {
	t.Parallel()
	for _, r := range []*recorder{run(t, "dev"), run(t, "dev", with("corsAllowedOrigins", `["https://a.example"]`))} {
		for _, g := range r.of("IntegrationResponse") {
			mapped, _ := g.input("responseParameters").(map[string]any)
			declared, _ := r.one(t, "MethodResponse", g.Name).input("responseParameters").(map[string]any)
			assert.Len(t, declared, len(mapped), g.label())
			for header := range mapped {
				assert.Equal(t, true, declared[header], "%s: %s", g.label(), header)
			}
		}
	}
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
		r.one(t, "Model", "ingest-event").wants(t, "schema", templates.EventSchema)
		r.one(t, "Model", "ingest-batch").wants(t, "schema", templates.BatchSchema)
		methods := r.of("Method")
		require.NotEmpty(t, methods)
		for _, method := range methods {
			model := r.one(t, "Model", method.Name)
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
			message := strings.TrimSuffix(body.Error.Message, ": $context.error.validationErrorString")
			assert.Equal(t, g.input("responseType") == "BAD_REQUEST_BODY", message != body.Error.Message, "%s says why", g.label())
			assert.NotContains(t, message, "$", "API Gateway's own messages can hold ARNs")
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
