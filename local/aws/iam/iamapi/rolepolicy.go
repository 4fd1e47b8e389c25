package iamapi

import (
	"context"
	"strings"

	"ingest-pipeline/local/aws/internal/constraint"
	"ingest-pipeline/local/aws/internal/protocol"
)

type rolePolicyInput struct{ RoleName, PolicyName *string }

// permitPolicy checks the names of a role and its inline policy, and the permission to use it.
func (a *api) permitPolicy(call *protocol.Call, action string, in rolePolicyInput) error {
	var v constraint.Violations
	v.Required("roleName", in.RoleName, 1, 64)
	v.Required("policyName", in.PolicyName, 1, 128)
	if err := v.Err(invalid); err != nil {
		return err
	}
	return a.permit(call, action, in.RoleName)
}

type putRolePolicyInput struct {
	rolePolicyInput
	PolicyDocument *string
}

func (a *api) putRolePolicy(_ context.Context, call *protocol.Call, in *putRolePolicyInput) (*none, error) {
	if err := a.permitPolicy(call, "PutRolePolicy", in.rolePolicyInput); err != nil {
		return nil, err
	}
	var v constraint.Violations
	v.Required("policyDocument", in.PolicyDocument, 1, 131072)
	if err := v.Err(invalid); err != nil {
		return nil, err
	}
	return &none{}, a.iam.PutRolePolicy(*in.RoleName, *in.PolicyName, *in.PolicyDocument)
}

type getRolePolicyOutput struct{ RoleName, PolicyName, PolicyDocument string }

func (a *api) getRolePolicy(_ context.Context, call *protocol.Call, in *rolePolicyInput) (*getRolePolicyOutput, error) {
	if err := a.permitPolicy(call, "GetRolePolicy", *in); err != nil {
		return nil, err
	}
	document, err := a.iam.GetRolePolicy(*in.RoleName, *in.PolicyName)
	if err != nil {
		return nil, err
	}
	return &getRolePolicyOutput{*in.RoleName, *in.PolicyName, encode(document)}, nil
}

type listRolePoliciesInput struct {
	RoleName *string
	paging
}

type listRolePoliciesOutput struct {
	PolicyNames []string
	page
}

func (a *api) listRolePolicies(_ context.Context, call *protocol.Call, in *listRolePoliciesInput) (*listRolePoliciesOutput, error) {
	r, err := a.listedRole(call, "ListRolePolicies", in.RoleName, in.paging)
	if err != nil {
		return nil, err
	}
	names, next, err := pageOf(r.Policies, strings.Clone, in.paging)
	return &listRolePoliciesOutput{names, next}, err
}

func (a *api) deleteRolePolicy(_ context.Context, call *protocol.Call, in *rolePolicyInput) (*none, error) {
	if err := a.permitPolicy(call, "DeleteRolePolicy", *in); err != nil {
		return nil, err
	}
	return &none{}, a.iam.DeleteRolePolicy(*in.RoleName, *in.PolicyName)
}

type roleAttachmentInput struct {
	RoleName  *string
	PolicyARN *string `aws:"PolicyArn"`
}

func (a *api) permitAttachment(call *protocol.Call, action string, in *roleAttachmentInput) error {
	var v constraint.Violations
	v.Required("roleName", in.RoleName, 1, 64)
	v.Required("policyArn", in.PolicyARN, 20, 2048)
	if in.PolicyARN != nil && !strings.HasPrefix(*in.PolicyARN, "arn:") {
		v = nil // recorded (LocalStack, test_role_managed_policy_errors): what is no ARN is refused as such
	}
	if err := v.Err(invalid); err != nil {
		return err
	}
	return a.permit(call, action, in.RoleName)
}

func (a *api) attachRolePolicy(_ context.Context, call *protocol.Call, in *roleAttachmentInput) (*none, error) {
	if err := a.permitAttachment(call, "AttachRolePolicy", in); err != nil {
		return nil, err
	}
	return &none{}, a.iam.AttachRolePolicy(*in.RoleName, *in.PolicyARN)
}

func (a *api) detachRolePolicy(_ context.Context, call *protocol.Call, in *roleAttachmentInput) (*none, error) {
	if err := a.permitAttachment(call, "DetachRolePolicy", in); err != nil {
		return nil, err
	}
	return &none{}, a.iam.DetachRolePolicy(*in.RoleName, *in.PolicyARN)
}

type listAttachedRolePoliciesInput struct {
	RoleName, PathPrefix *string
	paging
}

type attachedPolicy struct {
	PolicyName string
	PolicyARN  string `aws:"PolicyArn"`
}

type listAttachedRolePoliciesOutput struct {
	AttachedPolicies []attachedPolicy
	page
}

func (a *api) listAttachedRolePolicies(
	_ context.Context, call *protocol.Call, in *listAttachedRolePoliciesInput,
) (*listAttachedRolePoliciesOutput, error) {
	prefix, err := pathPrefix(in.PathPrefix, in.paging)
	if err != nil {
		return nil, err
	}
	r, err := a.listedRole(call, "ListAttachedRolePolicies", in.RoleName, in.paging)
	if err != nil {
		return nil, err
	}
	all := []attachedPolicy{}
	for _, arn := range r.Attached {
		_, path, _ := strings.Cut(arn, ":policy")
		if strings.HasPrefix(path, prefix) {
			all = append(all, attachedPolicy{arn[strings.LastIndexByte(arn, '/')+1:], arn})
		}
	}
	policies, next, err := pageOf(all, func(p attachedPolicy) string { return p.PolicyARN }, in.paging)
	return &listAttachedRolePoliciesOutput{policies, next}, err
}
