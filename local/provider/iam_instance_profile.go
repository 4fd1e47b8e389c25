package provider

import (
	"strings"
	"time"

	"github.com/google/uuid"

	"ingest-pipeline/local/aws/awserr"
)

type instanceProfile struct {
	Name       string
	Path       string
	Role       string
	UniqueID   string
	CreateDate time.Time
	Tags       map[string]string
}

const instanceProfileToken = "aws:iam/instanceProfile:InstanceProfile"

func iamInstanceProfile() resourceType {
	return define(resourceType{
		token: instanceProfileToken,
		inputs: properties{
			"name":       text(computed, replaces, without("namePrefix"), pattern(`^[\w+=,.@-]{1,128}$`, "1 to 128 letters, digits and + = , . @ _ -")),
			"namePrefix": text(replaces, providerOnly, length(1, 102)),
			"path":       text(byDefault("/"), replaces, length(0, 512)),
			"role":       text(inert(noInstances)),
			"tags":       tags(),
		},
		outputs: []string{"arn", "createDate", "uniqueId"},
		naming:  &naming{property: "name", prefix: "namePrefix", longest: 128},
	}, stored[instanceProfile]{
		token: instanceProfileToken, notFound: "NoSuchEntity",
		create: func(s services, p instanceProfile) (string, instanceProfile, error) {
			p.CreateDate = s.Clock.Now()
			p.UniqueID = "AIPA" + strings.ToUpper(strings.ReplaceAll(uuid.NewString(), "-", "")[:17])
			return p.Name, p, p.checkRole(s)
		},
		taken: func(_ services, name string) error {
			return awserr.New("EntityAlreadyExists", 409, "Instance Profile %s already exists.", name)
		},
		update: func(s services, name string, p instanceProfile) error { return p.checkRole(s) },
		attributes: func(s services, name string, p instanceProfile) (state, error) {
			return state{"arn": s.Account.ARN("iam", "instance-profile"+p.Path+name)}, nil
		},
	}.operations())
}

// checkRole refuses a role that does not exist.
func (p instanceProfile) checkRole(s services) error {
	if p.Role == "" {
		return nil
	}
	_, err := s.IAM.GetRole(p.Role)
	return err
}
