package provider

import (
	"slices"

	"ingest-pipeline/local/aws/awserr"
)

const (
	rolePolicyToken           = "aws:iam/rolePolicy:RolePolicy"
	rolePolicyAttachmentToken = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
)

type rolePolicyInputs struct {
	Name       string `json:"name"`
	NamePrefix string `json:"namePrefix"`
	Role       string `json:"role"`
	Policy     string `json:"policy"`
}

func iamRolePolicy() resourceType {
	return alive(resourceType{
		token:     rolePolicyToken,
		persisted: true,
		inputs: properties{
			"name":       text(computed, replaces, without("namePrefix"), pattern(`^[\w+=,.@-]{1,128}$`, "1 to 128 letters, digits and + = , . @ _ -")),
			"namePrefix": text(replaces, length(1, 102)),
			"role":       text(required, replaces),
			"policy":     document(required),
		},
		naming: &naming{property: "name", prefix: "namePrefix", longest: 255},
	}, lifeOf[rolePolicyInputs]{
		put: func(s site, in rolePolicyInputs, _ *record) (string, state, error) {
			if in.Name == "" {
				in.Name = prefixed(s, in.NamePrefix)
			}
			return in.Role + ":" + in.Name, state{"name": in.Name}, s.IAM.PutRolePolicy(in.Role, in.Name, in.Policy)
		},
		update: func(s site, in rolePolicyInputs, _ *record) (state, error) {
			return nil, s.IAM.PutRolePolicy(in.Role, in.Name, in.Policy)
		},
		remove: func(s site, in rolePolicyInputs, _ *record) error { return s.IAM.DeleteRolePolicy(in.Role, in.Name) },
		read: func(s site, in rolePolicyInputs, _ *record) (state, error) {
			policy, err := s.IAM.GetRolePolicy(in.Role, in.Name)
			return state{"policy": policy}, err
		},
	})
}

type rolePolicyAttachmentInputs struct {
	Role      string `json:"role"`
	PolicyARN string `json:"policyArn"`
}

func iamRolePolicyAttachment() resourceType {
	return alive(resourceType{
		token:     rolePolicyAttachmentToken,
		persisted: true,
		inputs: properties{
			"role":      text(required, replaces),
			"policyArn": text(required, replaces, arn),
		},
	}, lifeOf[rolePolicyAttachmentInputs]{
		put: func(s site, in rolePolicyAttachmentInputs, was *record) (string, state, error) {
			err := s.IAM.AttachRolePolicy(in.Role, in.PolicyARN)
			if was != nil {
				return was.ID, nil, err
			}
			return prefixed(s, in.Role+"-"), nil, err
		},
		remove: func(s site, in rolePolicyAttachmentInputs, _ *record) error {
			return s.IAM.DetachRolePolicy(in.Role, in.PolicyARN)
		},
		read: func(s site, in rolePolicyAttachmentInputs, _ *record) (state, error) {
			role, err := s.IAM.GetRole(in.Role)
			if err != nil {
				return nil, err
			}
			if slices.Contains(role.Attached, in.PolicyARN) {
				return nil, nil
			}
			return nil, awserr.New("NoSuchEntity", 404, "Policy %s was not found.", in.PolicyARN)
		},
	})
}
