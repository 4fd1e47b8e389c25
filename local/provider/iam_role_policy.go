package provider

import (
	"fmt"
	"slices"
	"strings"

	"ingest-pipeline/local/aws/awserr"
)

const (
	rolePolicyToken           = "aws:iam/rolePolicy:RolePolicy"
	rolePolicyAttachmentToken = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
)

type rolePolicyConfig struct{ Name, Role, Policy string }

func iamRolePolicy() resourceType {
	return define(resourceType{
		token: rolePolicyToken,
		inputs: properties{
			"name":       text(computed, replaces, without("namePrefix"), pattern(`^[\w+=,.@-]{1,128}$`, "1 to 128 letters, digits and + = , . @ _ -")),
			"namePrefix": text(replaces, length(1, 102), providerOnly),
			"role":       text(required, replaces),
			"policy":     document(required),
		},
		naming: &naming{property: "name", prefix: "namePrefix", longest: 255},
	}, operations[rolePolicyConfig]{
		create: func(s services, c rolePolicyConfig) (string, error) {
			return c.Role + ":" + c.Name, s.IAM.PutRolePolicy(c.Role, c.Name, c.Policy)
		},
		read: func(s services, id string, _ rolePolicyConfig) (c rolePolicyConfig, _ state, err error) {
			c.Role, c.Name, _ = strings.Cut(id, ":")
			c.Policy, err = s.IAM.GetRolePolicy(c.Role, c.Name)
			return c, nil, err
		},
		update: func(s services, _ string, c rolePolicyConfig) error {
			return s.IAM.PutRolePolicy(c.Role, c.Name, c.Policy)
		},
		delete: func(s services, _ string, known rolePolicyConfig) error {
			return s.IAM.DeleteRolePolicy(known.Role, known.Name)
		},
		list: func(s services) []string {
			var ids []string
			for _, role := range s.IAM.ListRoles() {
				for _, policy := range role.Policies {
					ids = append(ids, role.Name+":"+policy)
				}
			}
			return ids
		},
	})
}

type rolePolicyAttachmentConfig struct{ Role, PolicyARN string }

func iamRolePolicyAttachment() resourceType {
	return define(resourceType{
		token: rolePolicyAttachmentToken,
		inputs: properties{
			"role":      text(required, replaces),
			"policyArn": text(required, replaces, arn),
		},
	}, operations[rolePolicyAttachmentConfig]{
		create: func(s services, c rolePolicyAttachmentConfig) (string, error) {
			return prefixed(s, c.Role+"-"), s.IAM.AttachRolePolicy(c.Role, c.PolicyARN)
		},
		read: func(s services, _ string, known rolePolicyAttachmentConfig) (rolePolicyAttachmentConfig, state, error) {
			role, err := s.IAM.GetRole(known.Role)
			if err == nil && !slices.Contains(role.Attached, known.PolicyARN) {
				err = awserr.New("NoSuchEntity", 404, "Policy %s was not found.", known.PolicyARN)
			}
			return known, nil, err
		},
		delete: func(s services, _ string, known rolePolicyAttachmentConfig) error {
			return s.IAM.DetachRolePolicy(known.Role, known.PolicyARN)
		},
		list: func(s services) []string {
			var ids []string
			for _, role := range s.IAM.ListRoles() {
				for _, policy := range role.Attached {
					ids = append(ids, role.Name+"/"+policy)
				}
			}
			return ids
		},
		// The id is random; pulumi-aws imports an attachment by what it attaches (terraform-provider-aws:
		// resourceRolePolicyAttachmentImport).
		parseID: func(_ services, id string) (string, rolePolicyAttachmentConfig, error) {
			role, policy, found := strings.Cut(id, "/")
			if !found {
				return "", rolePolicyAttachmentConfig{}, fmt.Errorf("%q: must be ROLE/POLICY-ARN", id)
			}
			return role + "-" + policy, rolePolicyAttachmentConfig{Role: role, PolicyARN: policy}, nil
		},
	})
}
