package provider

import (
	"errors"
	"time"

	"ingest-pipeline/local/aws/iam"
)

type roleConfig struct {
	iam.Role
	ForceDetachPolicies bool
}

func iamRole() resourceType {
	return define(resourceType{
		token: "aws:iam/role:Role",
		inputs: properties{
			"name":                text(computed, replaces, without("namePrefix"), pattern(`^[\w+=,.@-]{1,64}$`, "1 to 64 letters, digits and + = , . @ _ -")),
			"namePrefix":          text(replaces, length(1, 38), providerOnly),
			"path":                text(byDefault("/"), replaces, length(0, 512)),
			"assumeRolePolicy":    document(required, inField("TrustPolicy")),
			"description":         text(length(0, 1000)),
			"maxSessionDuration":  integer(byDefault(3600.0), between(3600, 43200, "seconds"), inField("MaxSessionSeconds")),
			"forceDetachPolicies": boolean(byDefault(false), providerOnly),
			"permissionsBoundary": rejected("policies of a role are all that is evaluated"),
			"inlinePolicies":      rejected("deprecated by pulumi-aws; declare an iam.RolePolicy for each"),
			"managedPolicyArns":   rejected("deprecated by pulumi-aws; declare an iam.RolePolicyAttachment for each"),
			"tags":                tags(),
		},
		outputs: []string{"arn", "createDate", "uniqueId"},
		naming:  &naming{property: "name", prefix: "namePrefix", longest: 64},
	}, operations[roleConfig]{
		create: func(s services, c roleConfig) (string, error) {
			_, err := s.IAM.CreateRole(c.Role)
			return c.Name, err
		},
		read: func(s services, id string, _ roleConfig) (roleConfig, state, error) {
			role, err := s.IAM.GetRole(id)
			return roleConfig{Role: role.Role}, state{
				"arn": role.ARN, "uniqueId": role.ID, "createDate": role.Created.Format(time.RFC3339),
			}, err
		},
		update: func(s services, _ string, c roleConfig) error { return s.IAM.UpdateRole(c.Role) },
		delete: func(s services, id string, known roleConfig) error {
			if known.ForceDetachPolicies {
				if err := detachAll(s, id); err != nil {
					return err
				}
			}
			return s.IAM.DeleteRole(id)
		},
		list: func(s services) []string {
			var names []string
			for _, role := range s.IAM.ListRoles() {
				names = append(names, role.Name)
			}
			return names
		},
	})
}

// detachAll deletes the inline policies of a role and detaches the managed ones, which DeleteRole does not do.
func detachAll(s services, name string) error {
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
