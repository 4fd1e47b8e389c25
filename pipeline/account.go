package pipeline

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/apigateway"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const accountType = "ingest-pipeline:index:Account"

// How the stack treats the one CloudWatch role that API Gateway has in an account and region.
const (
	// AccountLoggingOwn: the stack sets the role and takes both away on destroy. For a region of one's own: it turns off
	// the logging of every other API there.
	AccountLoggingOwn = "own"
	// AccountLoggingRetain: the stack sets the role and leaves both behind on destroy, for the other APIs.
	AccountLoggingRetain = "retain"
	// AccountLoggingExisting: somebody else has set the role; the stack touches nothing.
	AccountLoggingExisting = "existing"
)

// AccountArgs describes the API Gateway account setting.
type AccountArgs struct {
	// Partition is the AWS partition ("aws", "aws-cn", …) of the managed policy.
	Partition pulumi.StringInput
	// Retain leaves role and setting behind on destroy.
	Retain bool
}

// Account is the setting, one for each account and region, that lets API Gateway write to CloudWatch Logs.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
type Account struct {
	pulumi.ResourceState

	// resource is what a stage that logs has to wait for; else: "CloudWatch Logs role ARN must be set in account
	// settings to enable logging".
	resource *apigateway.Account
}

// NewAccount creates the role and makes it the account's.
func NewAccount(ctx *pulumi.Context, name string, args AccountArgs, opts ...pulumi.ResourceOption) (*Account, error) {
	a := &Account{}
	if err := ctx.RegisterComponentResource(accountType, name, a, opts...); err != nil {
		return nil, err
	}
	role, err := NewRole(ctx, name, RoleArgs{
		Description: "API Gateway writes to CloudWatch Logs, for every API of the region",
		Trust:       trustAPIGateway(),
		ManagedPolicyArns: map[string]pulumi.StringInput{
			"push-to-cloudwatch-logs": pulumi.Sprintf(
				"arn:%s:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs", args.Partition),
		},
		Retain: args.Retain,
	}, pulumi.Parent(a))
	if err != nil {
		return nil, err
	}
	accountArgs := &apigateway.AccountArgs{CloudwatchRoleArn: role.Arn}
	if !args.Retain {
		// Without it the provider forgets the setting on destroy, and it would name a role that is gone.
		accountArgs.ResetOnDelete = pulumi.Bool(true) //nolint:staticcheck // SA1019: deprecated since v7 always does this.
	}
	a.resource, err = apigateway.NewAccount(ctx, name, accountArgs, pulumi.Parent(a), pulumi.RetainOnDelete(args.Retain))
	if err != nil {
		return nil, err
	}
	return a, ctx.RegisterResourceOutputs(a, pulumi.Map{})
}
