package provider

import (
	"strings"

	"github.com/google/uuid"

	"ingest-pipeline/local/aws/awserr"
)

type instanceProfileInputs struct {
	Name       string            `json:"name"`
	NamePrefix string            `json:"namePrefix"`
	Path       string            `json:"path"`
	Role       string            `json:"role"`
	Tags       map[string]string `json:"tags"`
}

const instanceProfileToken = "aws:iam/instanceProfile:InstanceProfile"

func iamInstanceProfile() resourceType {
	return alive(resourceType{
		token: instanceProfileToken,
		inputs: properties{
			"name":       text(computed, replaces, without("namePrefix"), pattern(`^[\w+=,.@-]{1,128}$`, "1 to 128 letters, digits and + = , . @ _ -")),
			"namePrefix": text(replaces, length(1, 102)),
			"path":       text(byDefault("/"), replaces, length(0, 512)),
			"role":       text(inert(noInstances)),
			"tags":       tags(),
		},
		outputs: []string{"arn", "createDate", "uniqueId"},
		naming:  &naming{property: "name", prefix: "namePrefix", longest: 128},
	}, lifeOf[instanceProfileInputs]{
		put: func(s site, in instanceProfileInputs, was *record) (string, state, error) {
			if in.Name == "" {
				in.Name = prefixed(s, in.NamePrefix)
			}
			if err := in.check(s); err != nil {
				return "", nil, err
			}
			err := vacant(s, instanceProfileToken, in.Name, was, awserr.New("EntityAlreadyExists", 409,
				"Instance Profile %s already exists.", in.Name))
			if err != nil || was != nil {
				return in.Name, nil, err // uniqueId and createDate stay what they were
			}
			return in.Name, state{
				"name": in.Name, "arn": s.Account.ARN("iam", "instance-profile"+in.Path+in.Name), "createDate": now(s),
				"uniqueId": "AIPA" + strings.ToUpper(strings.ReplaceAll(uuid.NewString(), "-", "")[:17]),
			}, nil
		},
		update: func(s site, in instanceProfileInputs, _ *record) (state, error) { return nil, in.check(s) },
		remove: func(site, instanceProfileInputs, *record) error { return nil },
	})
}

// check looks for the role.
func (in instanceProfileInputs) check(s site) error {
	if in.Role == "" {
		return nil
	}
	_, err := s.IAM.GetRole(in.Role)
	return err
}
