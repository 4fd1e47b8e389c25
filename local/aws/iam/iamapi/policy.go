package iamapi

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/internal/constraint"
	"ingest-pipeline/local/aws/internal/protocol"
)

// policy is an AWS managed policy as an answer shows it: recorded (LocalStack, TestGetAwsManagedPolicy), without the dates,
// which the local target does not know.
type policy struct {
	PolicyName                    string
	PolicyID                      string `aws:"PolicyId"`
	ARN                           string `aws:"Arn"`
	Path                          string
	DefaultVersionID              string `aws:"DefaultVersionId"`
	AttachmentCount               int
	PermissionsBoundaryUsageCount int
	IsAttachable                  bool
	Tags                          []tag
}

func describePolicy(p iam.ManagedPolicy) policy {
	return policy{
		PolicyName: p.Name, PolicyID: p.ID, ARN: p.ARN, Path: p.Path, DefaultVersionID: p.Version,
		AttachmentCount: p.Attachments, IsAttachable: true,
	}
}

// managedPolicy finds an AWS managed policy; there are no others.
func (a *api) managedPolicy(call *protocol.Call, action string, arn *string) (iam.ManagedPolicy, error) {
	var v constraint.Violations
	v.Required("policyArn", arn, 20, 2048)
	if err := v.Err(invalid); err != nil {
		return iam.ManagedPolicy{}, err
	}
	if err := authorize(call, action, *arn); err != nil {
		return iam.ManagedPolicy{}, err
	}
	for _, p := range a.iam.ManagedPolicies() {
		if p.ARN == *arn {
			return p, nil
		}
	}
	// Recorded: LocalStack, test_iam_policies.
	return iam.ManagedPolicy{}, awserr.New("NoSuchEntity", 404, "Policy %s was not found.", *arn)
}

type policyInput struct {
	PolicyARN *string `aws:"PolicyArn"`
}

type getPolicyOutput struct{ Policy policy }

func (a *api) getPolicy(_ context.Context, call *protocol.Call, in *policyInput) (*getPolicyOutput, error) {
	found, err := a.managedPolicy(call, "GetPolicy", in.PolicyARN)
	out := describePolicy(found)
	out.Tags = []tag{}
	return &getPolicyOutput{out}, err
}

type policyVersion struct {
	Document         *string
	VersionID        string `aws:"VersionId"`
	IsDefaultVersion bool
}

type getPolicyVersionInput struct {
	policyInput
	VersionID *string `aws:"VersionId"`
}

type getPolicyVersionOutput struct{ PolicyVersion policyVersion }

var versionID = regexp.MustCompile(`^v[1-9][0-9]*(\.[A-Za-z0-9-]*)?$`)

func (a *api) getPolicyVersion(_ context.Context, call *protocol.Call, in *getPolicyVersionInput) (*getPolicyVersionOutput, error) {
	found, err := a.managedPolicy(call, "GetPolicyVersion", in.PolicyARN)
	switch {
	case err != nil:
		return nil, err
	case in.VersionID == nil:
		var v constraint.Violations
		v.Null("versionId")
		return nil, v.Err(invalid)
	case !versionID.MatchString(*in.VersionID): // recorded: LocalStack, test_get_aws_managed_policy_version
		return nil, awserr.New(invalid, 400, "1 validation error detected: Value at 'versionId' failed to satisfy constraint: "+
			`Member must satisfy regular expression pattern: v[1-9][0-9]*(\.[A-Za-z0-9-]*)?`)
	case *in.VersionID != found.Version: // assumed: quoted in issue threads
		return nil, awserr.New("NoSuchEntity", 404, "Policy %s version %s does not exist or is not attachable.", found.ARN, *in.VersionID)
	}
	document := encode(found.Document)
	return &getPolicyVersionOutput{policyVersion{&document, found.Version, true}}, nil
}

type listPolicyVersionsInput struct {
	policyInput
	paging
}

type listPolicyVersionsOutput struct {
	Versions []policyVersion
	page
}

func (a *api) listPolicyVersions(_ context.Context, call *protocol.Call, in *listPolicyVersionsInput) (*listPolicyVersionsOutput, error) {
	found, err := a.managedPolicy(call, "ListPolicyVersions", in.PolicyARN)
	if err != nil {
		return nil, err
	}
	return &listPolicyVersionsOutput{Versions: []policyVersion{{VersionID: found.Version, IsDefaultVersion: true}}}, nil
}

type listPoliciesInput struct {
	Scope, PathPrefix, PolicyUsageFilter *string
	OnlyAttached                         *bool
	paging
}

type listPoliciesOutput struct {
	Policies []policy
	page
}

func (a *api) listPolicies(_ context.Context, call *protocol.Call, in *listPoliciesInput) (*listPoliciesOutput, error) {
	var v constraint.Violations
	v.OneOf("scope", in.Scope, "All", "AWS", "Local")
	v.OneOf("policyUsageFilter", in.PolicyUsageFilter, "PermissionsPolicy", "PermissionsBoundary")
	if err := v.Err(invalid); err != nil {
		return nil, err
	}
	prefix, err := pathPrefix(in.PathPrefix, in.paging)
	if err != nil {
		return nil, err
	}
	if err := authorize(call, "ListPolicies", call.Account.ARN("iam", "policy"+prefix)); err != nil {
		return nil, err
	}
	all := slices.DeleteFunc(a.iam.ManagedPolicies(), func(p iam.ManagedPolicy) bool {
		return !strings.HasPrefix(p.Path, prefix) || isTrue(in.OnlyAttached) && p.Attachments == 0
	})
	if textOf(in.Scope) == "Local" || textOf(in.PolicyUsageFilter) == "PermissionsBoundary" {
		all = nil
	}
	policies, next, err := pageOf(all, func(p iam.ManagedPolicy) string { return p.ARN }, in.paging)
	out := &listPoliciesOutput{Policies: []policy{}, page: next}
	for _, p := range policies {
		out.Policies = append(out.Policies, describePolicy(p))
	}
	return out, err
}

type listEntitiesForPolicyInput struct {
	policyInput
	EntityFilter, PathPrefix, PolicyUsageFilter *string
	paging
}

type policyRole struct {
	RoleName string
	RoleID   string `aws:"RoleId"`
}

type listEntitiesForPolicyOutput struct {
	PolicyRoles               []policyRole
	PolicyUsers, PolicyGroups []none
	page
}

func (a *api) listEntitiesForPolicy(_ context.Context, call *protocol.Call, in *listEntitiesForPolicyInput) (*listEntitiesForPolicyOutput, error) {
	var v constraint.Violations
	v.OneOf("entityFilter", in.EntityFilter, "User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy")
	if err := v.Err(invalid); err != nil {
		return nil, err
	}
	prefix, err := pathPrefix(in.PathPrefix, in.paging)
	if err != nil {
		return nil, err
	}
	found, err := a.managedPolicy(call, "ListEntitiesForPolicy", in.PolicyARN)
	if err != nil {
		return nil, err
	}
	all := []policyRole{}
	for _, r := range a.iam.ListRoles() {
		wanted := in.EntityFilter == nil || *in.EntityFilter == "Role"
		if wanted && strings.HasPrefix(r.Path, prefix) && slices.Contains(r.Attached, found.ARN) {
			all = append(all, policyRole{r.Name, r.ID})
		}
	}
	roles, next, err := pageOf(all, func(r policyRole) string { return strings.ToLower(r.RoleName) }, in.paging)
	return &listEntitiesForPolicyOutput{PolicyRoles: roles, PolicyUsers: []none{}, PolicyGroups: []none{}, page: next}, err
}
