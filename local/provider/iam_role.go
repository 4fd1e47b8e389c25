package provider

import (
	"errors"

	"ingest-pipeline/local/aws/iam"
)

type roleInputs struct {
	Name                string            `json:"name"`
	NamePrefix          string            `json:"namePrefix"`
	Path                string            `json:"path"`
	AssumeRolePolicy    string            `json:"assumeRolePolicy"`
	Description         string            `json:"description"`
	MaxSessionDuration  int               `json:"maxSessionDuration"`
	ForceDetachPolicies bool              `json:"forceDetachPolicies"`
	Tags                map[string]string `json:"tags"`
}

func iamRole() resourceType {
	return alive(resourceType{
		token:     "aws:iam/role:Role",
		persisted: true,
		inputs: properties{
			"name":                text(computed, replaces, without("namePrefix"), pattern(`^[\w+=,.@-]{1,64}$`, "1 to 64 letters, digits and + = , . @ _ -")),
			"namePrefix":          text(replaces, length(1, 38)),
			"path":                text(byDefault("/"), replaces, length(0, 512)),
			"assumeRolePolicy":    document(required),
			"description":         text(length(0, 1000)),
			"maxSessionDuration":  integer(byDefault(3600.0), between(3600, 43200, "seconds"), inert("sessions do not expire")),
			"forceDetachPolicies": boolean(byDefault(false)),
			"permissionsBoundary": rejected("policies of a role are all that is evaluated"),
			"inlinePolicies":      rejected("deprecated by pulumi-aws; declare an iam.RolePolicy for each"),
			"managedPolicyArns":   rejected("deprecated by pulumi-aws; declare an iam.RolePolicyAttachment for each"),
			"tags":                tags(),
		},
		outputs: []string{"arn", "createDate", "uniqueId"},
		naming:  &naming{property: "name", prefix: "namePrefix", longest: 64},
		takes: func(gone, other *record) bool {
			return (other.Type == rolePolicyToken || other.Type == rolePolicyAttachmentToken) &&
				other.text("role") == gone.ID
		},
	}, lifeOf[roleInputs]{
		put: putRole,
		update: func(s site, in roleInputs, _ *record) (state, error) {
			if err := s.IAM.UpdateRole(in.role()); err != nil {
				return nil, err
			}
			role, err := s.IAM.GetRole(in.Name)
			return roleState(role), err
		},
		remove: func(s site, in roleInputs, _ *record) error {
			if in.ForceDetachPolicies {
				if err := detachAll(s, in.Name); err != nil {
					return err
				}
			}
			return s.IAM.DeleteRole(in.Name)
		},
		read: func(s site, in roleInputs, _ *record) (state, error) {
			role, err := s.IAM.GetRole(in.Name)
			return roleState(role), err
		},
	})
}

func putRole(s site, in roleInputs, was *record) (string, state, error) {
	wanted := in.role()
	if wanted.Name == "" {
		wanted.Name = prefixed(s, in.NamePrefix)
	}
	arn, err := s.IAM.CreateRole(wanted)
	if err != nil || was != nil {
		// uniqueId and createDate stay what they were.
		return wanted.Name, nil, err
	}
	role, err := s.IAM.GetRole(wanted.Name)
	return wanted.Name, merged(roleState(role), state{
		"name": wanted.Name, "arn": arn, "uniqueId": role.ID, "createDate": now(s),
	}), err
}

// roleState is what AWS tells of a role.
func roleState(role iam.RoleDescription) state {
	return state{
		"assumeRolePolicy": role.TrustPolicy, "description": role.Description,
		"maxSessionDuration": role.MaxSessionSeconds, "path": role.Path,
	}
}

func (in roleInputs) role() iam.Role {
	return iam.Role{
		Name: in.Name, Path: in.Path, TrustPolicy: in.AssumeRolePolicy, Description: in.Description,
		MaxSessionSeconds: in.MaxSessionDuration, Tags: in.Tags,
	}
}

// detachAll takes all policies from a role, which AWS does not do by itself.
func detachAll(s site, name string) error {
	role, err := s.IAM.GetRole(name)
	if err != nil {
		return err
	}
	var failures []error
	for _, policy := range role.Policies {
		failures = append(failures, s.IAM.DeleteRolePolicy(name, policy))
	}
	for _, policy := range role.Attached {
		failures = append(failures, s.IAM.DetachRolePolicy(name, policy))
	}
	return errors.Join(failures...)
}
