package apigateway

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheAccountIsPatched(t *testing.T) {
	f := newFixture(t, func(o *Options) { o.ThrottleRate, o.ThrottleBurst = 10_000, 5_000 })
	client, _ := f.sdkClient()
	f.allowLogs()
	got, err := client.GetAccount(t.Context(), &sdk.GetAccountInput{})
	require.NoError(t, err)
	assert.Equal(t, testLogRole, *got.CloudwatchRoleArn)
	assert.Equal(t, types.ThrottleSettings{BurstLimit: 5000, RateLimit: 10000}, *got.ThrottleSettings)
	assert.Equal(t, "4", *got.ApiKeyVersion)
	_, err = client.UpdateAccount(t.Context(), &sdk.UpdateAccountInput{PatchOperations: []types.PatchOperation{replace("/cloudwatchRoleArn", "arn:aws:iam::123456789012:role/none")}})
	requireAPIError(t, err, "BadRequestException", "The role ARN does not have required permissions configured. Please grant trust permission for API Gateway and add the required role policy.")
	changed, err := client.UpdateAccount(t.Context(), &sdk.UpdateAccountInput{PatchOperations: []types.PatchOperation{replace("/cloudwatchRoleArn", "")}})
	require.NoError(t, err)
	assert.Nil(t, changed.CloudwatchRoleArn)
	assert.Empty(t, f.GetAccount().CloudWatchRoleARN)
}

func TestTagsOfAPIsStagesKeysAndPlans(t *testing.T) {
	f := newFixture(t)
	client, _ := f.sdkClient()
	f.deploy(f.postV1())
	key, err := f.CreateAPIKey(APIKey{Name: "k"})
	require.NoError(t, err)
	plan, err := f.CreateUsagePlan(UsagePlan{Name: "p"})
	require.NoError(t, err)
	for _, path := range []string{"/restapis/" + testAPI, "/restapis/" + testAPI + "/stages/PROD", "/apikeys/" + key.ID, "/usageplans/" + plan.ID} {
		arn := aws.String("arn:aws:apigateway:eu-west-1::" + path)
		_, err := client.TagResource(t.Context(), &sdk.TagResourceInput{ResourceArn: arn, Tags: map[string]string{"a": "1", "b": "2"}})
		require.NoError(t, err, path)
		_, err = client.UntagResource(t.Context(), &sdk.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"a"}})
		require.NoError(t, err, path)
		tags, err := client.GetTags(t.Context(), &sdk.GetTagsInput{ResourceArn: arn})
		require.NoError(t, err, path)
		assert.Equal(t, map[string]string{"b": "2"}, tags.Tags, path)
	}
	_, err = client.GetTags(t.Context(), &sdk.GetTagsInput{ResourceArn: aws.String("arn:aws:apigateway:eu-west-1::/vpclinks/x")})
	requireAPIError(t, err, "BadRequestException", "Invalid ARN specified in the request: arn:aws:apigateway:eu-west-1::/vpclinks/x")
}

func TestACallerNeedsThePermissionForEachPath(t *testing.T) {
	f := newFixture(t)
	_, server := f.sdkClient()
	f.putRoute(f.postV1())
	limited := sdk.NewFromConfig(server.ConfigOf(t, `{"Effect":"Allow","Action":"apigateway:GET","Resource":"arn:aws:apigateway:eu-west-1::/restapis/`+testAPI+`"},`+
		`{"Effect":"Allow","Action":"apigateway:PATCH","Resource":"*"}`))
	const user = "User: arn:aws:sts::123456789012:assumed-role/limited/test is not authorized to perform: "

	_, err := limited.GetRestApi(t.Context(), &sdk.GetRestApiInput{RestApiId: api})
	require.NoError(t, err)
	_, err = limited.GetResources(t.Context(), &sdk.GetResourcesInput{RestApiId: api})
	requireAPIError(t, err, "AccessDeniedException", user+"apigateway:GET on resource: arn:aws:apigateway:eu-west-1::/restapis/"+testAPI+
		"/resources because no identity-based policy allows the apigateway:GET action")
	_, err = limited.UpdateIntegration(t.Context(), &sdk.UpdateIntegrationInput{
		RestApiId: api, ResourceId: &f.v1, HttpMethod: aws.String("POST"),
		PatchOperations: []types.PatchOperation{replace("/credentials", "arn:aws:iam::123456789012:role/other")},
	})
	requireAPIError(t, err, "AccessDeniedException", user+"iam:PassRole on resource: arn:aws:iam::123456789012:role/other "+
		"because no identity-based policy allows the iam:PassRole action")
}
