package pipeline

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/apigateway"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const loggingRoleType = "ingest-pipeline:index:LoggingRole"

// Who sets the CloudWatch Logs role of API Gateway, of which an account has one per region.
const (
	// LoggingRoleManaged: the stack sets the role, and resets it on destroy. Both affect every other API of the region.
	LoggingRoleManaged = "managed"
	// LoggingRoleRetained: the stack sets the role and leaves it in place on destroy.
	LoggingRoleRetained = "retained"
	// LoggingRoleExisting: the stack relies on the role that the region has and changes nothing.
	LoggingRoleExisting = "existing"
)

// LoggingRoleArgs describes the logging role.
type LoggingRoleArgs struct {
	// Partition is the AWS partition ("aws", "aws-cn", …) of the managed policy.
	Partition pulumi.StringInput
	// Retain leaves the role and the account setting in place on destroy.
	Retain bool
}

// LoggingRole is the role with which API Gateway writes to CloudWatch Logs, for every API of the account and region.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
type LoggingRole struct {
	pulumi.ResourceState

	// account is what a stage that logs has to wait for. Without it: "CloudWatch Logs role ARN must be set in account
	// settings to enable logging".
	account *apigateway.Account
}

// NewLoggingRole creates the role and sets it for the account and region.
func NewLoggingRole(
	ctx *pulumi.Context, name string, args LoggingRoleArgs, opts ...pulumi.ResourceOption,
) (*LoggingRole, error) {
	l := &LoggingRole{}
	if err := ctx.RegisterComponentResource(loggingRoleType, name, l, opts...); err != nil {
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
	}, pulumi.Parent(l))
	if err != nil {
		return nil, err
	}
	accountArgs := &apigateway.AccountArgs{CloudwatchRoleArn: role.Arn}
	if !args.Retain {
		// Version 6 of the provider otherwise leaves the setting in place on destroy, naming a role that no longer exists.
		accountArgs.ResetOnDelete = pulumi.Bool(true) //nolint:staticcheck // SA1019: deprecated since v7 always does this.
	}
	l.account, err = apigateway.NewAccount(ctx, name, accountArgs, pulumi.Parent(l), pulumi.RetainOnDelete(args.Retain))
	if err != nil {
		return nil, err
	}
	return l, ctx.RegisterResourceOutputs(l, pulumi.Map{})
}
