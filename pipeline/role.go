package pipeline

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const roleType = "ingest-pipeline:index:Role"

// serviceRoleArgs describes a role: who may assume it and what it allows.
type serviceRoleArgs struct {
	// Description is the role's description in IAM.
	Description string
	// Trust is the one statement of the trust policy.
	Trust statement
	// Grants are the statements of the one inline policy. None: no inline policy.
	Grants []statement
	// ManagedPolicyArns are AWS managed policies, by logical name.
	ManagedPolicyArns map[string]pulumi.StringInput
	// Retain leaves role and policies in place when they are removed from the program.
	Retain bool
}

// serviceRole is an IAM role that an AWS service assumes, together with its policies.
type serviceRole struct {
	pulumi.ResourceState

	// Arn is known only once every policy is attached, so that what uses it has its permissions, and is destroyed first.
	Arn pulumi.StringOutput `pulumi:"arn"`
	// Name is known when Arn is.
	Name pulumi.StringOutput `pulumi:"name"`
}

// newServiceRole creates a role and its policies.
func newServiceRole(ctx *pulumi.Context, name string, args serviceRoleArgs, opts ...pulumi.ResourceOption) (*serviceRole, error) {
	r := &serviceRole{}
	if err := ctx.RegisterComponentResource(roleType, name, r, opts...); err != nil {
		return nil, err
	}
	child := []pulumi.ResourceOption{pulumi.Parent(r), pulumi.RetainOnDelete(args.Retain)}
	role, err := iam.NewRole(ctx, name, &iam.RoleArgs{
		AssumeRolePolicy: document(args.Trust),
		Description:      pulumi.String(args.Description),
	}, child...)
	if err != nil {
		return nil, err
	}
	var policies []pulumi.Input
	if len(args.Grants) > 0 {
		policy, err := iam.NewRolePolicy(ctx, name, &iam.RolePolicyArgs{
			Role:   role.Name,
			Policy: document(args.Grants...),
		}, child...)
		if err != nil {
			return nil, err
		}
		policies = append(policies, policy.ID())
	}
	for _, policyName := range sortedKeys(args.ManagedPolicyArns) {
		attachment, err := iam.NewRolePolicyAttachment(ctx, name+"-"+policyName, &iam.RolePolicyAttachmentArgs{
			Role:      role.Name,
			PolicyArn: args.ManagedPolicyArns[policyName],
		}, child...)
		if err != nil {
			return nil, err
		}
		policies = append(policies, attachment.ID())
	}
	r.Arn, r.Name = after(role.Arn, policies...), after(role.Name, policies...)
	return r, ctx.RegisterResourceOutputs(r, pulumi.Map{"arn": r.Arn, "name": r.Name})
}
