package pipeline

import (
	"errors"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/apigateway"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const loggingRoleType = "ingest-pipeline:index:LoggingRole"

// Who sets the CloudWatch Logs role of API Gateway, of which an account has one per region.
const (
	// LoggingRoleManaged: the stack sets its own role if the region has none, and resets it on destroy. A role that is set
	// already is used and left as it is.
	LoggingRoleManaged = "managed"
	// LoggingRoleExisting: the stack uses the role that the region has, and fails if there is none.
	LoggingRoleExisting = "existing"
)

// loggingRoleArgs describes the logging role.
type loggingRoleArgs struct {
	// Partition is the AWS partition ("aws", "aws-cn", …) of the managed policy.
	Partition pulumi.StringInput
	// Source is LoggingRoleManaged or LoggingRoleExisting.
	Source string
}

// loggingRole is the role with which API Gateway writes to CloudWatch Logs, for every API of the account and region.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
type loggingRole struct {
	pulumi.ResourceState

	// Arn is known once the role is set for the region. A stage that logs cannot be created before.
	Arn pulumi.StringOutput `pulumi:"arn"`
}

// newLoggingRole makes sure that the region has a logging role.
func newLoggingRole(
	ctx *pulumi.Context, name string, args loggingRoleArgs, opts ...pulumi.ResourceOption,
) (*loggingRole, error) {
	l := &loggingRole{}
	if err := ctx.RegisterComponentResource(loggingRoleType, name, l, opts...); err != nil {
		return nil, err
	}
	child := pulumi.Parent(l)
	account, err := apigateway.GetAccount(ctx, name+"-current", pulumi.ID("api-gateway-account"), nil, child)
	if err != nil {
		return nil, err
	}
	if args.Source == LoggingRoleExisting {
		l.Arn = account.CloudwatchRoleArn.ApplyT(requireLoggingRole).(pulumi.StringOutput)
		return l, ctx.RegisterResourceOutputs(l, pulumi.Map{"arn": l.Arn})
	}
	role, err := newServiceRole(ctx, name, serviceRoleArgs{
		Description: "API Gateway writes to CloudWatch Logs, for every API of the region",
		Trust:       trustAPIGateway(),
		ManagedPolicyArns: map[string]pulumi.StringInput{
			"push-to-cloudwatch-logs": pulumi.Sprintf(
				"arn:%s:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs", args.Partition),
		},
	}, child)
	if err != nil {
		return nil, err
	}
	// An Account with the role that is set already changes nothing, and leaves it in place on destroy.
	arn := pulumi.All(account.CloudwatchRoleArn, role.Arn).ApplyT(func(arns []any) string {
		if current := arns[0].(string); current != "" {
			return current
		}
		return arns[1].(string)
	}).(pulumi.StringOutput)
	own := pulumi.All(arn, role.Arn).ApplyT(func(arns []any) bool { return arns[0] == arns[1] }).(pulumi.BoolOutput)
	managed, err := apigateway.NewAccount(ctx, name, &apigateway.AccountArgs{
		CloudwatchRoleArn: arn,
		// Version 6 of the provider otherwise leaves the setting in place on destroy, naming a role that no longer exists.
		ResetOnDelete: own,
	}, child)
	if err != nil {
		return nil, err
	}
	l.Arn = managed.CloudwatchRoleArn
	return l, ctx.RegisterResourceOutputs(l, pulumi.Map{"arn": l.Arn})
}

func requireLoggingRole(arn string) (string, error) {
	if arn == "" {
		return "", errors.New("logs.role = existing: the account must have a CloudWatch Logs role for API Gateway in this region " +
			"(a stage that logs needs one); set it as docs/runbook.md describes, or set logs.role = managed")
	}
	return arn, nil
}
