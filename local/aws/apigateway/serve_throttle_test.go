package apigateway

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const testKey = "a-key-of-at-least-twenty-characters"

// keyed deploys POST /v1 with a required key, and gives the key a plan.
func keyedFixture(t testing.TB, plan UsagePlan) (*fixture, UsagePlan, APIKey) {
	t.Helper()
	f := newFixture(t)
	r := f.postV1()
	r.method.APIKeyRequired = true
	r.integration.RequestTemplates["application/json"] = "$context.identity.apiKeyId $context.identity.apiKey"
	f.deploy(r)
	key, err := f.CreateAPIKey(APIKey{Name: "client", Value: testKey, Enabled: true})
	require.NoError(t, err)
	for i := range plan.APIStages {
		plan.APIStages[i].APIID, plan.APIStages[i].Stage = testAPI, "PROD"
	}
	plan, err = f.CreateUsagePlan(plan)
	require.NoError(t, err)
	require.NoError(t, f.CreateUsagePlanKey(UsagePlanKey{UsagePlanID: plan.ID, KeyID: key.ID}))
	return f, plan, key
}

func TestAMethodWithAKeyAnswersOnlyToKeysOfAPlan(t *testing.T) {
	f, plan, key := keyedFixture(t, UsagePlan{APIStages: []UsagePlanStage{{}}})
	refused := func(why string, headers ...string) {
		t.Helper()
		got := f.post("{}", headers...)
		require.Equal(t, 403, got.status, why)
		got.wantBody(t, `{"message":"Forbidden"}`)
		require.Equal(t, "ForbiddenException", got.header.Get("X-Amzn-Errortype"), why)
	}
	refused("no key")
	refused("another key", "X-API-Key", "another-key-of-twenty-characters")
	require.Equal(t, 200, f.post("{}", "X-API-Key", testKey).status)
	require.Equal(t, key.ID+" "+testKey, f.backend.last(t))

	key.Enabled = false
	require.NoError(t, f.UpdateAPIKey(key))
	refused("a key that is disabled", "X-API-Key", testKey)
	key.Enabled = true
	require.NoError(t, f.UpdateAPIKey(key))
	require.Equal(t, 200, f.post("{}", "X-API-Key", testKey).status)

	require.NoError(t, f.DeleteUsagePlanKey(plan.ID, key.ID))
	refused("a key without a plan", "X-API-Key", testKey)
	require.NoError(t, f.CreateUsagePlanKey(UsagePlanKey{UsagePlanID: plan.ID, KeyID: key.ID}))
	plan.APIStages = nil
	require.NoError(t, f.UpdateUsagePlan(plan))
	refused("a plan without the stage", "X-API-Key", testKey)
	require.NoError(t, f.DeleteAPIKey(key.ID))
	require.NoError(t, f.DeleteUsagePlan(plan.ID))
}

func TestAKeyOverItsRateIsThrottled(t *testing.T) {
	for _, c := range []struct {
		name string
		plan UsagePlan
	}{
		{"by the plan", UsagePlan{APIStages: []UsagePlanStage{{}}, Throttle: &Throttle{RateLimit: 1, BurstLimit: 2}}},
		{"by the method", UsagePlan{
			APIStages: []UsagePlanStage{{Throttles: []MethodThrottle{{Path: "/v1/POST", Throttle: Throttle{RateLimit: 1, BurstLimit: 2}}}}},
			Throttle:  &Throttle{RateLimit: 100, BurstLimit: 100},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, _, _ := keyedFixture(t, c.plan)
			require.Equal(t, []int{200, 200, 429}, f.postTimes(3, "X-API-Key", testKey))
			f.clock.Advance(time.Second)
			require.Equal(t, []int{200, 429}, f.postTimes(2, "X-API-Key", testKey))
		})
	}
}

// postTimes are the statuses of so many requests.
func (f *fixture) postTimes(times int, headers ...string) (statuses []int) {
	f.t.Helper()
	for range times {
		statuses = append(statuses, f.post("{}", headers...).status)
	}
	return statuses
}

func TestAKeyOverItsQuotaIsRefusedUntilTheNextPeriod(t *testing.T) {
	for _, c := range []struct {
		period string
		last   time.Time // in the period of the test's moment, a Wednesday
		next   time.Time
	}{
		{"DAY", time.Date(2026, 3, 4, 23, 59, 59, 0, time.UTC), time.Date(2026, 3, 5, 0, 0, 0, 0, time.UTC)},
		{"WEEK", time.Date(2026, 3, 7, 23, 59, 59, 0, time.UTC), time.Date(2026, 3, 8, 0, 0, 0, 0, time.UTC)},
		{"MONTH", time.Date(2026, 3, 31, 23, 59, 59, 0, time.UTC), time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)},
	} {
		t.Run(c.period, func(t *testing.T) {
			f, _, _ := keyedFixture(t, UsagePlan{APIStages: []UsagePlanStage{{}}, Quota: &Quota{Limit: 2, Period: c.period}})
			require.Equal(t, []int{200, 200, 429}, f.postTimes(3, "X-API-Key", testKey))
			f.clock.Advance(c.last.Sub(f.clock.Now()))
			got := f.post("{}", "X-API-Key", testKey)
			require.Equal(t, 429, got.status)
			got.wantBody(t, `{"message":"Limit Exceeded"}`)
			require.Equal(t, "LimitExceededException", got.header.Get("X-Amzn-Errortype"))
			f.clock.Advance(c.next.Sub(f.clock.Now()))
			require.Equal(t, []int{200, 200, 429}, f.postTimes(3, "X-API-Key", testKey))
		})
	}
}

func TestAQuotasOffsetCountsInTheFirstPeriod(t *testing.T) {
	f, _, _ := keyedFixture(t, UsagePlan{APIStages: []UsagePlanStage{{}}, Quota: &Quota{Limit: 3, Offset: 2, Period: "WEEK"}})
	require.Equal(t, []int{200, 429}, f.postTimes(2, "X-API-Key", testKey))
	f.clock.Advance(7 * 24 * time.Hour)
	require.Equal(t, []int{200, 200, 200, 429}, f.postTimes(4, "X-API-Key", testKey))
}

func TestQuotasAreCountedOnAfterARestart(t *testing.T) {
	f, _, _ := keyedFixture(t, UsagePlan{APIStages: []UsagePlanStage{{}}, Quota: &Quota{Limit: 3, Period: "DAY"}})
	require.Equal(t, []int{200, 200}, f.postTimes(2, "X-API-Key", testKey))
	require.NoError(t, f.Close(context.Background()))
	f.open()
	require.Equal(t, []int{200, 429}, f.postTimes(2, "X-API-Key", testKey))
}

func TestUsagePlansAreRefusedInAWSsWords(t *testing.T) {
	plan := func(change func(*UsagePlan)) func(*fixture) error {
		return func(f *fixture) error {
			f.deploy(f.postV1())
			put := UsagePlan{Name: "plan", APIStages: []UsagePlanStage{{APIID: testAPI, Stage: "PROD"}}}
			change(&put)
			_, err := f.CreateUsagePlan(put)
			return err
		}
	}
	runRefusals(t, []refusalCase{
		{"a stage that is not there", plan(func(p *UsagePlan) { p.APIStages[0].Stage = "dev" }), notFoundCode, 404, "API Stage not found: " + testAPI + ":dev"},
		{"a stage twice", plan(func(p *UsagePlan) { p.APIStages = append(p.APIStages, p.APIStages[0]) }), badRequestCode, 400, "API Stage " + testAPI + ":PROD is in the usage plan twice"},
		{"a negative rate", plan(func(p *UsagePlan) { p.Throttle = &Throttle{RateLimit: -1} }), badRequestCode, 400, "Usage Plan throttle must be at least 0, not a rate of -1 and a burst of 0"},
		{"another period", plan(func(p *UsagePlan) { p.Quota = &Quota{Limit: 1, Period: "YEAR"} }), badRequestCode, 400, "Invalid Quota Period YEAR. Must be one of: [DAY, WEEK, MONTH]"},
		{"an offset that a day cannot have", plan(func(p *UsagePlan) { p.Quota = &Quota{Limit: 1, Offset: 1, Period: "DAY"} }), badRequestCode, 400, "Usage Plan quota offset must be between 0 and 0 for DAY, not 1"},
		{"a key that is too short", func(f *fixture) error {
			_, err := f.CreateAPIKey(APIKey{Value: strings.Repeat("x", 19)})
			return err
		}, badRequestCode, 400, "API Key value should be at least 20 characters and at most 128 characters"},
		{"a key that exists", func(f *fixture) error {
			for range 2 {
				if _, err := f.CreateAPIKey(APIKey{Value: testKey}); err != nil {
					return err
				}
			}
			return nil
		}, conflictCode, 409, "API Key already exists"},
		{"another value for a key", func(f *fixture) error {
			key, err := f.CreateAPIKey(APIKey{})
			if err != nil {
				return err
			}
			key.Value = testKey
			err = f.UpdateAPIKey(key)
			return err
		}, badRequestCode, 400, "Invalid patch path /value"},
	})
}

func TestAUsagePlanWithAStageIsNotDeleted(t *testing.T) {
	f, plan, _ := keyedFixture(t, UsagePlan{APIStages: []UsagePlanStage{{}}})
	requireRefusal(t, f.DeleteUsagePlan(plan.ID), badRequestCode, 400,
		"Cannot delete Usage Plan '"+plan.ID+"' because there are API Stages associated with the Usage Plan")
}

func TestAKeyHasOnePlanForAStage(t *testing.T) {
	f, plan, key := keyedFixture(t, UsagePlan{APIStages: []UsagePlanStage{{}}})
	second, err := f.CreateUsagePlan(UsagePlan{Name: "second", APIStages: plan.APIStages})
	require.NoError(t, err)
	requireRefusal(t, f.CreateUsagePlanKey(UsagePlanKey{UsagePlanID: second.ID, KeyID: key.ID}), conflictCode, 409,
		"API Key "+key.ID+" cannot be added to usage plan "+second.ID+" because it is already in usage plan "+plan.ID+
			" with API Stage "+testAPI+":PROD")
}

func TestAMethodOverItsRateIsThrottled(t *testing.T) {
	f := newFixture(t)
	batch := f.addResource(f.v1, "batch")
	f.deploy(f.postV1(), f.route(batch, "POST"))
	rate, burst := 2.0, 3
	require.NoError(t, f.UpdateMethodSettings(MethodSettings{
		APIID: testAPI, StageName: "PROD", MethodPath: "*/*", ThrottlingRateLimit: &rate, ThrottlingBurstLimit: &burst,
	}))
	require.Equal(t, []int{200, 200, 200, 429}, f.postTimes(4))
	got := f.post("{}")
	got.wantBody(t, `{"message":"Too Many Requests"}`)
	require.Equal(t, "TooManyRequestsException", got.header.Get("X-Amzn-Errortype"))
	require.Equal(t, 200, f.send("POST /PROD/v1/batch", "{}").status, "each method has a bucket of its own")
	f.clock.Advance(time.Second)
	require.Equal(t, []int{200, 200, 429}, f.postTimes(3))

	f.change(func(s *Stage) { s.Description = "other" })
	require.Equal(t, []int{429}, f.postTimes(1), "a change of the stage does not fill its buckets")

	wide := 5
	require.NoError(t, f.UpdateMethodSettings(MethodSettings{
		APIID: testAPI, StageName: "PROD", MethodPath: "v1/POST", ThrottlingRateLimit: &rate, ThrottlingBurstLimit: &wide,
	}))
	require.Equal(t, []int{200, 200, 200, 200, 200, 429}, f.postTimes(6), "a method's own settings go before those of all")
	require.NoError(t, f.DeleteMethodSettings(testAPI, "PROD", "/v1/POST"))
	require.NoError(t, f.DeleteMethodSettings(testAPI, "PROD", "*/*"))
	require.Equal(t, []int{200, 200, 200, 200}, f.postTimes(4), "without settings there is only the account's limit")
}

func TestARateOfMinusOneIsNoLimit(t *testing.T) {
	f := newFixture(t)
	f.deploy(f.postV1())
	rate, burst := -1.0, -1
	require.NoError(t, f.UpdateMethodSettings(MethodSettings{
		APIID: testAPI, StageName: "PROD", MethodPath: "*/*", ThrottlingRateLimit: &rate, ThrottlingBurstLimit: &burst,
	}))
	require.Equal(t, []int{200, 200, 200}, f.postTimes(3))
}

func TestTheAccountIsThrottledAcrossItsAPIs(t *testing.T) {
	f := newFixture(t, func(o *Options) { o.ThrottleRate, o.ThrottleBurst = 1, 2 })
	f.deploy(f.postV1())
	require.Equal(t, []int{200, 200, 429}, f.postTimes(3))
	f.clock.Advance(time.Second)
	require.Equal(t, []int{200, 429}, f.postTimes(2))
	require.Len(t, f.backend.received(), 3, "a request that is throttled does not reach the backend")
}

func TestAResourcePolicyDecidesWhoMayCall(t *testing.T) {
	statement := func(effect, resource, condition string) string {
		return fmt.Sprintf(`{"Effect":%q,"Principal":"*","Action":"execute-api:Invoke","Resource":%q%s}`, effect, resource, condition)
	}
	policy := func(statements ...string) string {
		return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
	}
	const here = `,"Condition":{"IpAddress":{"aws:SourceIp":"127.0.0.0/8"}}`
	const elsewhere = `,"Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`
	const arn = "arn:aws:execute-api:eu-west-1:********9012:" + testAPI + "/PROD/POST/v1"
	for _, c := range []struct {
		name, policy string
		status       int
		message      string
	}{
		{"one that allows", policy(statement("Allow", "execute-api:/*", "")), 200, ""},
		{"one that allows this method by its ARN", policy(statement("Allow", "arn:aws:execute-api:eu-west-1:123456789012:"+testAPI+"/PROD/POST/v1", "")), 200, ""},
		{"one that allows another method", policy(statement("Allow", "execute-api:/PROD/GET/*", "")), 403, "User: anonymous is not authorized to perform: execute-api:Invoke on resource: " + arn},
		{"one that allows this address", policy(statement("Allow", "execute-api:/*", here)), 200, ""},
		{"one that allows another address", policy(statement("Allow", "execute-api:/*", elsewhere)), 403, "User: anonymous is not authorized to perform: execute-api:Invoke on resource: " + arn},
		{"one that denies this address", policy(statement("Allow", "execute-api:/*", ""), statement("Deny", "execute-api:/*", here)), 403, "User: anonymous is not authorized to perform: execute-api:Invoke on resource: " + arn + " with an explicit deny"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			require.NoError(t, f.UpdateRestAPIPolicy(testAPI, c.policy))
			f.deploy(f.postV1())
			got := f.post("{}")
			require.Equal(t, c.status, got.status)
			if c.message != "" {
				require.Equal(t, `{"Message":"`+c.message+`"}`, got.body)
			}

			require.NoError(t, f.UpdateRestAPIPolicy(testAPI, ""))
			require.Equal(t, c.status, f.post("{}").status, "a policy that is removed is in force until the next deployment")
			f.deploy()
			require.Equal(t, 200, f.post("{}").status)
		})
	}
	t.Run("one that is none", func(t *testing.T) {
		require.ErrorContains(t, newFixture(t).UpdateRestAPIPolicy(testAPI, `{"Statement":1}`),
			"BadRequestException: Invalid policy document. Please check the policy syntax and ensure that Principals are valid.")
	})
}

func TestASignedMethodAnswersOnlyToTheOwner(t *testing.T) {
	f := newFixture(t)
	r := f.postV1()
	r.method.Authorization = "AWS_IAM"
	r.integration.RequestTemplates["application/json"] = "$context.identity.accessKey $context.identity.accountId $context.identity.userArn"
	f.deploy(r)
	f.post("{}").wantBody(t, `{"message":"Missing Authentication Token"}`)

	send := func(body, signedBody string) reply {
		request, err := http.NewRequest("POST", f.BaseURL(testAPI)+"/PROD/v1?a=b", strings.NewReader(body))
		require.NoError(t, err)
		sign(t, request, signedBody, "eu-west-1", f.clock.Now())
		return f.do(request)
	}
	require.Equal(t, 200, send(`{"a":1}`, `{"a":1}`).status)
	require.Equal(t, adminKey.ID+" 123456789012 arn:aws:iam::123456789012:user/admin", f.backend.last(t))

	got := send(`{"a":1}`, `{"a":2}`)
	require.Equal(t, 403, got.status)
	require.Equal(t, "InvalidSignatureException", got.header.Get("X-Amzn-Errortype"))
	require.Len(t, f.backend.received(), 1)
}

func TestAPolicyCanDenyTheOwner(t *testing.T) {
	f := newFixture(t)
	r := f.postV1()
	r.method.Authorization = "AWS_IAM"
	policy := func(effect, path string) string {
		return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":%q,"Principal":"*","Action":"execute-api:Invoke","Resource":"execute-api:/PROD/POST/%s"}]}`, effect, path)
	}
	require.NoError(t, f.UpdateRestAPIPolicy(testAPI, policy("Allow", "elsewhere")))
	f.deploy(r)
	send := func() reply {
		request, err := http.NewRequest("POST", f.BaseURL(testAPI)+"/PROD/v1", strings.NewReader("{}"))
		require.NoError(t, err)
		sign(t, request, "{}", "eu-west-1", f.clock.Now())
		return f.do(request)
	}
	require.Equal(t, 200, send().status, "for the account's owner it is enough that nothing denies it")
	require.NoError(t, f.UpdateRestAPIPolicy(testAPI, policy("Deny", "v1")))
	f.deploy()
	require.Equal(t, 403, send().status)
}
