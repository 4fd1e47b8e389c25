package apigateway

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// keyFixture is a fixture whose method requires the key of a usage plan.
func keyFixture(t *testing.T, plan UsagePlan) (f *fixture, key APIKey, planID string) {
	t.Helper()
	f = newFixture(t)
	r := f.postV1()
	r.method.APIKeyRequired = true
	f.deploy(r)
	key, err := f.CreateAPIKey(APIKey{Name: "producer", Enabled: true})
	require.NoError(t, err)
	plan.APIStages = []UsagePlanStage{{APIID: testAPI, Stage: "PROD"}}
	created, err := f.CreateUsagePlan(plan)
	require.NoError(t, err)
	require.NoError(t, f.CreateUsagePlanKey(UsagePlanKey{UsagePlanID: created.ID, KeyID: key.ID}))
	return f, key, created.ID
}

func TestAnAPIKeyShowsItsValueOnlyIfAsked(t *testing.T) {
	f := newFixture(t)
	client, _ := f.sdkClient()
	created, err := client.CreateApiKey(t.Context(), &sdk.CreateApiKeyInput{Name: aws.String("producer"), Enabled: true})
	require.NoError(t, err)
	assert.Len(t, *created.Value, 40)
	assert.Equal(t, testMoment, *created.CreatedDate)

	got, err := client.GetApiKey(t.Context(), &sdk.GetApiKeyInput{ApiKey: created.Id})
	require.NoError(t, err)
	assert.Nil(t, got.Value)
	got, err = client.GetApiKey(t.Context(), &sdk.GetApiKeyInput{ApiKey: created.Id, IncludeValue: aws.Bool(true)})
	require.NoError(t, err)
	assert.Equal(t, created.Value, got.Value)
	listed, err := client.GetApiKeys(t.Context(), &sdk.GetApiKeysInput{NameQuery: aws.String("prod"), IncludeValues: aws.Bool(true)})
	require.NoError(t, err)
	require.Len(t, listed.Items, 1)
	assert.Equal(t, created.Value, listed.Items[0].Value)
	listed, err = client.GetApiKeys(t.Context(), &sdk.GetApiKeysInput{NameQuery: aws.String("other")})
	require.NoError(t, err)
	assert.Empty(t, listed.Items)

	_, err = client.UpdateApiKey(t.Context(), &sdk.UpdateApiKeyInput{ApiKey: created.Id, PatchOperations: []types.PatchOperation{replace("/value", "x")}})
	requireAPIError(t, err, "BadRequestException", "Invalid patch path /value")
	_, err = client.DeleteApiKey(t.Context(), &sdk.DeleteApiKeyInput{ApiKey: created.Id})
	require.NoError(t, err)
	_, err = client.GetApiKey(t.Context(), &sdk.GetApiKeyInput{ApiKey: created.Id})
	requireAPIError(t, err, "NotFoundException", "Invalid API Key identifier specified")
}

func TestAKeyThatIsDisabledIsRefused(t *testing.T) {
	f, key, _ := keyFixture(t, UsagePlan{Name: "p"})
	client, _ := f.sdkClient()
	require.Equal(t, 200, f.post(`{}`, "X-Api-Key", key.Value).status)
	got, err := client.UpdateApiKey(t.Context(), &sdk.UpdateApiKeyInput{ApiKey: &key.ID, PatchOperations: []types.PatchOperation{
		replace("/enabled", "false"), replace("/name", "old"),
	}})
	require.NoError(t, err)
	assert.False(t, got.Enabled)
	assert.Equal(t, "old", *got.Name)
	require.Equal(t, 403, f.post(`{}`, "X-Api-Key", key.Value).status)
}

func TestAUsagePlanIsPatched(t *testing.T) {
	f, key, planID := keyFixture(t, UsagePlan{Name: "p"})
	client, _ := f.sdkClient()
	patch := func(operations ...types.PatchOperation) (*sdk.UpdateUsagePlanOutput, error) {
		return client.UpdateUsagePlan(t.Context(), &sdk.UpdateUsagePlanInput{UsagePlanId: &planID, PatchOperations: operations})
	}
	got, err := patch(replace("/throttle/rateLimit", "2.5"), replace("/throttle/burstLimit", "5"),
		replace("/quota/limit", "1"), replace("/quota/period", "DAY"),
		replace("/apiStages/"+testAPI+":PROD/throttle/~1v1~1POST/rateLimit", "1"), replace("/apiStages/"+testAPI+":PROD/throttle/~1v1~1POST/burstLimit", "3"))
	require.NoError(t, err)
	assert.Equal(t, types.ThrottleSettings{RateLimit: 2.5, BurstLimit: 5}, *got.Throttle)
	assert.Equal(t, types.QuotaSettings{Limit: 1, Period: types.QuotaPeriodTypeDay}, *got.Quota)
	assert.Equal(t, map[string]types.ThrottleSettings{"/v1/POST": {RateLimit: 1, BurstLimit: 3}}, got.ApiStages[0].Throttle)
	assert.Equal(t, 200, f.post(`{}`, "X-Api-Key", key.Value).status)
	assert.Equal(t, 429, f.post(`{}`, "X-Api-Key", key.Value).status, "the quota is used up")

	got, err = patch(remove("/quota"), remove("/throttle"), remove("/apiStages/"+testAPI+":PROD/throttle/~1v1~1POST"))
	require.NoError(t, err)
	assert.Nil(t, got.Quota)
	assert.Nil(t, got.Throttle)
	assert.Empty(t, got.ApiStages[0].Throttle)
	assert.Equal(t, 200, f.post(`{}`, "X-Api-Key", key.Value).status)
	got, err = patch(types.PatchOperation{Op: types.OpRemove, Path: aws.String("/apiStages"), Value: aws.String(testAPI + ":PROD")})
	require.NoError(t, err)
	assert.Empty(t, got.ApiStages)
	assert.Equal(t, 403, f.post(`{}`, "X-Api-Key", key.Value).status)

	_, err = patch(types.PatchOperation{Op: types.OpAdd, Path: aws.String("/apiStages"), Value: aws.String("none:PROD")})
	requireAPIError(t, err, "NotFoundException", "API Stage not found: none:PROD")
	_, err = patch(replace("/quota/limit", "many"))
	requireAPIError(t, err, "BadRequestException", "Invalid value 'many' specified for path '/quota/limit'. Must be an integer")
}

func TestTheKeysOfAPlanAreListedAddedAndRemoved(t *testing.T) {
	f, key, planID := keyFixture(t, UsagePlan{Name: "p"})
	client, _ := f.sdkClient()
	other, err := f.CreateAPIKey(APIKey{Name: "other", Enabled: true})
	require.NoError(t, err)

	added, err := client.CreateUsagePlanKey(t.Context(), &sdk.CreateUsagePlanKeyInput{UsagePlanId: &planID, KeyId: &other.ID, KeyType: aws.String("API_KEY")})
	require.NoError(t, err)
	assert.Equal(t, other.Value, *added.Value)
	keys, err := client.GetUsagePlanKeys(t.Context(), &sdk.GetUsagePlanKeysInput{UsagePlanId: &planID})
	require.NoError(t, err)
	assert.Len(t, keys.Items, 2)
	_, err = client.DeleteUsagePlanKey(t.Context(), &sdk.DeleteUsagePlanKeyInput{UsagePlanId: &planID, KeyId: &other.ID})
	require.NoError(t, err)
	one, err := client.GetUsagePlanKey(t.Context(), &sdk.GetUsagePlanKeyInput{UsagePlanId: &planID, KeyId: &key.ID})
	require.NoError(t, err)
	assert.Equal(t, "producer", *one.Name)
	plans, err := client.GetUsagePlans(t.Context(), &sdk.GetUsagePlansInput{KeyId: &other.ID})
	require.NoError(t, err)
	assert.Empty(t, plans.Items)
	plans, err = client.GetUsagePlans(t.Context(), &sdk.GetUsagePlansInput{KeyId: &key.ID})
	require.NoError(t, err)
	assert.Len(t, plans.Items, 1)
}

func TestUsageIsShownByDay(t *testing.T) {
	f, key, planID := keyFixture(t, UsagePlan{Name: "p", Quota: &Quota{Limit: 10, Offset: 2, Period: "WEEK"}})
	client, _ := f.sdkClient()
	usage := func(from, to string) map[string][][]int64 {
		t.Helper()
		got, err := client.GetUsage(t.Context(), &sdk.GetUsageInput{UsagePlanId: &planID, StartDate: &from, EndDate: &to})
		require.NoError(t, err)
		assert.Equal(t, from, *got.StartDate)
		return got.Items
	}
	send := func(times int) {
		for range times {
			require.Equal(t, 200, f.post(`{}`, "X-Api-Key", key.Value).status)
		}
	}
	send(3) // on Wednesday
	f.clock.Advance(24 * time.Hour)
	send(1)
	f.clock.Advance(3 * 24 * time.Hour) // to the Sunday of the next week
	send(2)

	assert.Equal(t, map[string][][]int64{key.ID: {{0, 8}, {3, 5}, {1, 4}, {0, 4}, {0, 4}, {2, 8}}}, usage("2026-03-03", "2026-03-08"))
	assert.Equal(t, map[string][][]int64{key.ID: {{2, 8}}}, usage("2026-03-08", "2026-03-31"), "there is nothing to tell of the future")

	_, err := client.GetUsage(t.Context(), &sdk.GetUsageInput{UsagePlanId: &planID, StartDate: aws.String("8.3."), EndDate: aws.String("2026-03-08")})
	requireAPIError(t, err, "BadRequestException", "Invalid startDate specified: '8.3.'. Must have the form yyyy-MM-dd")
}
