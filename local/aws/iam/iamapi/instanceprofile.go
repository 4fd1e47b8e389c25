package iamapi

import (
	"context"
	"slices"
	"strings"
	"time"

	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/internal/constraint"
	"ingest-pipeline/local/aws/internal/protocol"
)

// instanceProfile is an instance profile as an answer shows it: recorded (LocalStack, TestInstanceProfileLifecycle).
type instanceProfile struct {
	Path, InstanceProfileName string
	InstanceProfileID         string `aws:"InstanceProfileId"`
	ARN                       string `aws:"Arn"`
	CreateDate                time.Time
	Roles                     []role
	Tags                      []tag
}

func (a *api) describeProfile(p iam.InstanceProfile) instanceProfile {
	out := instanceProfile{
		Path: p.Path, InstanceProfileName: p.Name, InstanceProfileID: p.ID, ARN: a.iam.InstanceProfileARN(p),
		CreateDate: p.CreateDate, Roles: []role{},
	}
	if r, err := a.iam.GetRole(p.Role); err == nil {
		out.Roles = append(out.Roles, describe(r))
	}
	return out
}

type getInstanceProfileInput struct{ InstanceProfileName *string }

type getInstanceProfileOutput struct{ InstanceProfile instanceProfile }

func (a *api) getInstanceProfile(_ context.Context, call *protocol.Call, in *getInstanceProfileInput) (*getInstanceProfileOutput, error) {
	var v constraint.Violations
	v.Required("instanceProfileName", in.InstanceProfileName, 1, 128)
	if err := v.Err(invalid); err != nil {
		return nil, err
	}
	found, missing := a.iam.GetInstanceProfile(*in.InstanceProfileName)
	if missing != nil {
		found = iam.InstanceProfile{Path: "/", Name: *in.InstanceProfileName}
	}
	if err := authorize(call, "GetInstanceProfile", a.iam.InstanceProfileARN(found)); err != nil {
		return nil, err
	}
	if missing != nil {
		return nil, missing
	}
	out := a.describeProfile(found)
	out.Tags = tagsOf(found.Tags)
	return &getInstanceProfileOutput{out}, nil
}

type listInstanceProfilesInput struct {
	PathPrefix *string
	paging
}

type listInstanceProfilesOutput struct {
	InstanceProfiles []instanceProfile
	page
}

func (a *api) listInstanceProfiles(_ context.Context, call *protocol.Call, in *listInstanceProfilesInput) (*listInstanceProfilesOutput, error) {
	prefix, err := pathPrefix(in.PathPrefix, in.paging)
	if err != nil {
		return nil, err
	}
	if err := authorize(call, "ListInstanceProfiles", call.Account.ARN("iam", "instance-profile"+prefix)); err != nil {
		return nil, err
	}
	return a.pageOfProfiles(in.paging, func(p iam.InstanceProfile) bool { return strings.HasPrefix(p.Path, prefix) })
}

type listInstanceProfilesForRoleInput struct {
	RoleName *string
	paging
}

func (a *api) listInstanceProfilesForRole(
	_ context.Context, call *protocol.Call, in *listInstanceProfilesForRoleInput,
) (*listInstanceProfilesOutput, error) {
	r, err := a.listedRole(call, "ListInstanceProfilesForRole", in.RoleName, in.paging)
	if err != nil {
		return nil, err
	}
	return a.pageOfProfiles(in.paging, func(p iam.InstanceProfile) bool { return strings.EqualFold(p.Role, r.Name) })
}

func (a *api) pageOfProfiles(asked paging, wanted func(iam.InstanceProfile) bool) (*listInstanceProfilesOutput, error) {
	all := slices.DeleteFunc(a.iam.ListInstanceProfiles(), func(p iam.InstanceProfile) bool { return !wanted(p) })
	profiles, next, err := pageOf(all, func(p iam.InstanceProfile) string { return strings.ToLower(p.Name) }, asked)
	out := &listInstanceProfilesOutput{InstanceProfiles: []instanceProfile{}, page: next}
	for _, p := range profiles {
		out.InstanceProfiles = append(out.InstanceProfiles, a.describeProfile(p))
	}
	return out, err
}
