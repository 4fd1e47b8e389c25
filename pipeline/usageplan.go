package pipeline

import (
	"cmp"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/apigateway"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const usagePlanType = "ingest-pipeline:index:UsagePlan"

// usagePlanArgs describes the quota and throttle of the API key.
type usagePlanArgs struct {
	API       *restAPI
	StageName pulumi.StringInput
	Key       APIKeySettings
	// Throttle is that of the stage, for a key without its own.
	Throttle ThrottleSettings
}

// usagePlan gives one API key access to the stage.
type usagePlan struct {
	pulumi.ResourceState

	// APIKey is the value of the header x-api-key. It is a secret, and known once the key is part of the plan.
	APIKey pulumi.StringOutput `pulumi:"apiKey"`
}

// newUsagePlan creates the key and its plan.
func newUsagePlan(ctx *pulumi.Context, name string, args usagePlanArgs, opts ...pulumi.ResourceOption) (*usagePlan, error) {
	u := &usagePlan{}
	if err := ctx.RegisterComponentResource(usagePlanType, name, u, opts...); err != nil {
		return nil, err
	}
	plan, err := apigateway.NewUsagePlan(ctx, name, &apigateway.UsagePlanArgs{
		ApiStages: apigateway.UsagePlanApiStageArray{apigateway.UsagePlanApiStageArgs{
			ApiId: args.API.ID.ToStringOutput(), Stage: args.StageName,
		}},
		QuotaSettings: apigateway.UsagePlanQuotaSettingsArgs{
			Limit: pulumi.Int(args.Key.RequestsPerDay), Period: pulumi.String("DAY"),
		},
		ThrottleSettings: apigateway.UsagePlanThrottleSettingsArgs{
			RateLimit:  pulumi.Float64(float64(cmp.Or(args.Key.RequestsPerSecond, args.Throttle.RequestsPerSecond))),
			BurstLimit: pulumi.Int(cmp.Or(args.Key.Burst, args.Throttle.Burst)),
		},
	}, pulumi.Parent(u))
	if err != nil {
		return nil, err
	}
	key, err := apigateway.NewApiKey(ctx, name, &apigateway.ApiKeyArgs{}, pulumi.Parent(u))
	if err != nil {
		return nil, err
	}
	planKey, err := apigateway.NewUsagePlanKey(ctx, name, &apigateway.UsagePlanKeyArgs{
		KeyId: key.ID().ToStringOutput(), KeyType: pulumi.String("API_KEY"), UsagePlanId: plan.ID().ToStringOutput(),
	}, pulumi.Parent(u))
	if err != nil {
		return nil, err
	}
	u.APIKey = pulumi.ToSecret(after(key.Value, planKey.ID())).(pulumi.StringOutput)
	return u, ctx.RegisterResourceOutputs(u, pulumi.Map{"apiKey": u.APIKey})
}
