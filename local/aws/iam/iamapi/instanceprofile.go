package iamapi

import (
	"context"
	"slices"
	"strings"
	"time"

	"ingest-pipeline/local/aws/awserr"
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

type profileInput struct{ InstanceProfileName *string }

type profileOutput struct{ InstanceProfile instanceProfile }

// profile finds an instance profile, once the caller's permission is checked.
func (a *api) profile(call *protocol.Call, action string, name *string) (iam.InstanceProfile, error) {
	var v constraint.Violations
	v.Required("instanceProfileName", name, 1, 128)
	if err := v.Err(invalid); err != nil {
		return iam.InstanceProfile{}, err
	}
	found, missing := a.iam.GetInstanceProfile(*name)
	if missing != nil {
		found = iam.InstanceProfile{Path: "/", Name: *name}
	}
	if err := authorize(call, action, a.iam.InstanceProfileARN(found)); err != nil {
		return found, err
	}
	return found, missing
}

func (a *api) getInstanceProfile(_ context.Context, call *protocol.Call, in *profileInput) (*profileOutput, error) {
	found, err := a.profile(call, "GetInstanceProfile", in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	out := a.describeProfile(found)
	out.Tags = tagsOf(found.Tags)
	return &profileOutput{out}, nil
}

type createProfileInput struct {
	InstanceProfileName, Path *string
	Tags                      []tag
}

func (a *api) createInstanceProfile(_ context.Context, call *protocol.Call, in *createProfileInput) (*profileOutput, error) {
	var v constraint.Violations
	v.Required("instanceProfileName", in.InstanceProfileName, 1, 128)
	if err := v.Err(invalid); err != nil {
		return nil, err
	}
	create := iam.InstanceProfile{Name: *in.InstanceProfileName, Path: "/"}
	if in.Path != nil {
		create.Path = *in.Path
	}
	if err := authorize(call, "CreateInstanceProfile", a.iam.InstanceProfileARN(create)); err != nil {
		return nil, err
	}
	var err error
	if create.Tags, err = addTags(nil, in.Tags); err != nil {
		return nil, err
	}
	created, err := a.iam.CreateInstanceProfile(create)
	if err != nil {
		return nil, err
	}
	out := a.describeProfile(created)
	if len(created.Tags) > 0 {
		out.Tags = tagsOf(created.Tags)
	}
	return &profileOutput{out}, nil
}

func (a *api) deleteInstanceProfile(_ context.Context, call *protocol.Call, in *profileInput) (*none, error) {
	found, err := a.profile(call, "DeleteInstanceProfile", in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	return &none{}, a.iam.DeleteInstanceProfile(found.Name)
}

type profileRoleInput struct{ InstanceProfileName, RoleName *string }

// addRoleToInstanceProfile needs the permission to pass the role: documented (API_AddRoleToInstanceProfile).
func (a *api) addRoleToInstanceProfile(_ context.Context, call *protocol.Call, in *profileRoleInput) (*none, error) {
	found, err := a.profile(call, "AddRoleToInstanceProfile", in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	r, err := a.find(call, "PassRole", in.RoleName)
	if err != nil {
		return nil, err
	}
	return &none{}, a.iam.EditInstanceProfile(found.Name, func(p *iam.InstanceProfile) error {
		if p.Role != "" { // recorded: LocalStack, test_add_second_role_to_instance_profile_error
			return awserr.New("LimitExceeded", 409, "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
		}
		p.Role = r.Name
		return nil
	})
}

func (a *api) removeRoleFromInstanceProfile(_ context.Context, call *protocol.Call, in *profileRoleInput) (*none, error) {
	found, err := a.profile(call, "RemoveRoleFromInstanceProfile", in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	return &none{}, a.iam.EditInstanceProfile(found.Name, func(p *iam.InstanceProfile) error {
		if in.RoleName == nil || !strings.EqualFold(p.Role, *in.RoleName) { // the sentence is assumed
			return awserr.New("NoSuchEntity", 404, "The role with name %s cannot be found.", textOf(in.RoleName))
		}
		p.Role = ""
		return nil
	})
}

type tagProfileInput struct {
	InstanceProfileName *string
	Tags                []tag
}

func (a *api) tagInstanceProfile(_ context.Context, call *protocol.Call, in *tagProfileInput) (*none, error) {
	found, err := a.profile(call, "TagInstanceProfile", in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	return &none{}, a.iam.EditInstanceProfile(found.Name, func(p *iam.InstanceProfile) (err error) {
		p.Tags, err = addTags(p.Tags, in.Tags)
		return err
	})
}

type untagProfileInput struct {
	InstanceProfileName *string
	TagKeys             []string
}

func (a *api) untagInstanceProfile(_ context.Context, call *protocol.Call, in *untagProfileInput) (*none, error) {
	found, err := a.profile(call, "UntagInstanceProfile", in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	return &none{}, a.iam.EditInstanceProfile(found.Name, func(p *iam.InstanceProfile) error {
		removeTags(p.Tags, in.TagKeys)
		return nil
	})
}

type listProfileTagsInput struct {
	InstanceProfileName *string
	paging
}

func (a *api) listInstanceProfileTags(_ context.Context, call *protocol.Call, in *listProfileTagsInput) (*listTagsOutput, error) {
	found, err := a.profile(call, "ListInstanceProfileTags", in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	return pageOfTags(found.Tags, in.paging)
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
