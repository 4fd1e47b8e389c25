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

// role is a role as an answer shows it. Which members there are depends on the action, as recorded (LocalStack,
// TestRoleLifecycle and TestRoleTags).
type role struct {
	Path, RoleName           string
	RoleID                   string `aws:"RoleId"`
	ARN                      string `aws:"Arn"`
	CreateDate               time.Time
	AssumeRolePolicyDocument string
	Description              *string
	MaxSessionDuration       *int
	Tags                     []tag
	RoleLastUsed             *none
}

type roleOutput struct{ Role role }

// describe is what CreateRole, and instance profiles, show of a role.
func describe(r iam.RoleDescription) role {
	out := role{
		Path: r.Path, RoleName: r.Name, RoleID: r.ID, ARN: r.ARN, CreateDate: r.Created,
		AssumeRolePolicyDocument: encode(r.TrustPolicy),
	}
	if r.Description != "" {
		out.Description = &r.Description
	}
	return out
}

type roleInput struct{ RoleName *string }

// find checks the name of a role and the permission to use it.
func (a *api) find(call *protocol.Call, action string, name *string) (iam.RoleDescription, error) {
	if err := a.permit(call, action, name); err != nil {
		return iam.RoleDescription{}, err
	}
	return a.iam.GetRole(*name)
}

// permit checks the permission to use a role, which need not exist.
func (a *api) permit(call *protocol.Call, action string, name *string) error {
	var v constraint.Violations
	v.Required("roleName", name, 1, 64)
	if err := v.Err(invalid); err != nil {
		return err
	}
	arn := call.Account.ARN("iam", "role/"+*name)
	if r, err := a.iam.GetRole(*name); err == nil {
		arn = r.ARN
	}
	return authorize(call, action, arn)
}

type createRoleInput struct {
	RoleName, AssumeRolePolicyDocument, Path, Description, PermissionsBoundary *string
	MaxSessionDuration                                                         *int
	Tags                                                                       []tag
}

func (a *api) createRole(_ context.Context, call *protocol.Call, in *createRoleInput) (*roleOutput, error) {
	var v constraint.Violations
	v.Required("roleName", in.RoleName, 1, 64)
	v.Required("assumeRolePolicyDocument", in.AssumeRolePolicyDocument, 1, 131072)
	if err := v.Err(invalid); err != nil {
		return nil, err
	}
	config := iam.Role{
		Name: *in.RoleName, Path: "/", TrustPolicy: *in.AssumeRolePolicyDocument, Description: textOf(in.Description),
	}
	if in.Path != nil {
		config.Path = *in.Path
	}
	if in.MaxSessionDuration != nil {
		config.MaxSessionSeconds = *in.MaxSessionDuration
	}
	if err := authorize(call, "CreateRole", call.Account.ARN("iam", "role"+config.Path+config.Name)); err != nil {
		return nil, err
	}
	if in.PermissionsBoundary != nil {
		return nil, notEmulated("PermissionsBoundary")
	}
	var err error
	if config.Tags, err = addTags(nil, in.Tags); err != nil {
		return nil, err
	}
	if _, err := a.iam.CreateRole(config); err != nil {
		return nil, err
	}
	created, err := a.iam.GetRole(config.Name)
	if err != nil {
		return nil, err
	}
	out := describe(created)
	if len(created.Tags) > 0 {
		out.Tags = tagsOf(created.Tags)
	}
	return &roleOutput{out}, nil
}

func (a *api) getRole(_ context.Context, call *protocol.Call, in *roleInput) (*roleOutput, error) {
	r, err := a.find(call, "GetRole", in.RoleName)
	if err != nil {
		return nil, err
	}
	out := describe(r)
	out.MaxSessionDuration, out.RoleLastUsed = &r.MaxSessionSeconds, &none{}
	if len(r.Tags) > 0 {
		out.Tags = tagsOf(r.Tags)
	}
	return &roleOutput{out}, nil
}

type listRolesInput struct {
	PathPrefix *string
	paging
}

type listRolesOutput struct {
	Roles []role
	page
}

func (a *api) listRoles(_ context.Context, call *protocol.Call, in *listRolesInput) (*listRolesOutput, error) {
	prefix, err := pathPrefix(in.PathPrefix, in.paging)
	if err != nil {
		return nil, err
	}
	if err := authorize(call, "ListRoles", call.Account.ARN("iam", "role"+prefix)); err != nil {
		return nil, err
	}
	all := slices.DeleteFunc(a.iam.ListRoles(), func(r iam.RoleDescription) bool { return !strings.HasPrefix(r.Path, prefix) })
	roles, next, err := pageOf(all, func(r iam.RoleDescription) string { return strings.ToLower(r.Name) }, in.paging)
	if err != nil {
		return nil, err
	}
	out := &listRolesOutput{Roles: []role{}, page: next}
	for _, r := range roles {
		described := describe(r)
		described.MaxSessionDuration = &r.MaxSessionSeconds
		out.Roles = append(out.Roles, described)
	}
	return out, nil
}

// pathPrefix checks the input of an action that lists what is below a path. Default: "/".
func pathPrefix(prefix *string, asked paging) (string, error) {
	var v constraint.Violations
	v.Length("pathPrefix", prefix, 1, 512)
	asked.check(&v)
	if prefix == nil {
		return "/", v.Err(invalid)
	}
	return *prefix, v.Err(invalid)
}

type updateRoleInput struct {
	RoleName, Description *string
	MaxSessionDuration    *int
}

// updateRoleOutput has no members, but unlike those of other actions it is there: SDKs expect the element UpdateRoleResult.
type updateRoleOutput struct{ _ none }

// updateRole changes what the request has. Recorded (LocalStack, test_update_role): the rest stays.
func (a *api) updateRole(_ context.Context, call *protocol.Call, in *updateRoleInput) (*updateRoleOutput, error) {
	var v constraint.Violations
	v.Between("maxSessionDuration", in.MaxSessionDuration, 3600, 43200)
	if err := v.Err(invalid); err != nil {
		return nil, err
	}
	if err := a.permit(call, "UpdateRole", in.RoleName); err != nil {
		return nil, err
	}
	return &updateRoleOutput{}, a.iam.EditRole(*in.RoleName, func(r *iam.Role) error {
		if in.Description != nil {
			r.Description = *in.Description
		}
		if in.MaxSessionDuration != nil {
			r.MaxSessionSeconds = *in.MaxSessionDuration
		}
		return nil
	})
}

type updateRoleDescriptionInput struct{ RoleName, Description *string }

func (a *api) updateRoleDescription(_ context.Context, call *protocol.Call, in *updateRoleDescriptionInput) (*roleOutput, error) {
	if err := a.permit(call, "UpdateRoleDescription", in.RoleName); err != nil {
		return nil, err
	}
	var v constraint.Violations
	v.Required("description", in.Description, 0, 1000)
	if err := v.Err(invalid); err != nil {
		return nil, err
	}
	err := a.iam.EditRole(*in.RoleName, func(r *iam.Role) error {
		r.Description = *in.Description
		return nil
	})
	if err != nil {
		return nil, err
	}
	r, err := a.iam.GetRole(*in.RoleName)
	return &roleOutput{describe(r)}, err
}

type updateAssumeRolePolicyInput struct{ RoleName, PolicyDocument *string }

func (a *api) updateAssumeRolePolicy(_ context.Context, call *protocol.Call, in *updateAssumeRolePolicyInput) (*none, error) {
	if err := a.permit(call, "UpdateAssumeRolePolicy", in.RoleName); err != nil {
		return nil, err
	}
	var v constraint.Violations
	v.Required("policyDocument", in.PolicyDocument, 1, 131072)
	if err := v.Err(invalid); err != nil {
		return nil, err
	}
	return &none{}, a.iam.EditRole(*in.RoleName, func(r *iam.Role) error {
		r.TrustPolicy = *in.PolicyDocument
		return nil
	})
}

func (a *api) deleteRole(_ context.Context, call *protocol.Call, in *roleInput) (*none, error) {
	if err := a.permit(call, "DeleteRole", in.RoleName); err != nil {
		return nil, err
	}
	return &none{}, a.iam.DeleteRole(*in.RoleName)
}

type tagRoleInput struct {
	RoleName *string
	Tags     []tag
}

func (a *api) tagRole(_ context.Context, call *protocol.Call, in *tagRoleInput) (*none, error) {
	if err := a.permit(call, "TagRole", in.RoleName); err != nil {
		return nil, err
	}
	if in.Tags == nil {
		var v constraint.Violations
		v.Null("tags")
		return nil, v.Err(invalid)
	}
	return &none{}, a.iam.EditRole(*in.RoleName, func(r *iam.Role) (err error) {
		r.Tags, err = addTags(r.Tags, in.Tags)
		return err
	})
}

type untagRoleInput struct {
	RoleName *string
	TagKeys  []string
}

func (a *api) untagRole(_ context.Context, call *protocol.Call, in *untagRoleInput) (*none, error) {
	if err := a.permit(call, "UntagRole", in.RoleName); err != nil {
		return nil, err
	}
	return &none{}, a.iam.EditRole(*in.RoleName, func(r *iam.Role) error {
		removeTags(r.Tags, in.TagKeys)
		return nil
	})
}

type listRoleTagsInput struct {
	RoleName *string
	paging
}

func (a *api) listRoleTags(_ context.Context, call *protocol.Call, in *listRoleTagsInput) (*listTagsOutput, error) {
	r, err := a.listedRole(call, "ListRoleTags", in.RoleName, in.paging)
	if err != nil {
		return nil, err
	}
	return pageOfTags(r.Tags, in.paging)
}

// listedRole is find for an action that lists what belongs to the role.
func (a *api) listedRole(call *protocol.Call, action string, name *string, asked paging) (iam.RoleDescription, error) {
	var v constraint.Violations
	asked.check(&v)
	if err := v.Err(invalid); err != nil {
		return iam.RoleDescription{}, err
	}
	return a.find(call, action, name)
}
