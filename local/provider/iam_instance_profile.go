package provider

import "ingest-pipeline/local/aws/iam"

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
	}, operations[iam.InstanceProfile]{
		create: func(s services, p iam.InstanceProfile) (string, error) {
			_, err := s.IAM.CreateInstanceProfile(p)
			return p.Name, err
		},
		read: func(s services, name string, _ iam.InstanceProfile) (iam.InstanceProfile, state, error) {
			p, err := s.IAM.GetInstanceProfile(name)
			return p, state{
				"arn": s.IAM.InstanceProfileARN(p), "uniqueId": p.ID,
			}, err
		},
		update: func(s services, name string, p iam.InstanceProfile) error {
			p.Name = name
			return s.IAM.UpdateInstanceProfile(p)
		},
		// pulumi-aws removes the role first (terraform-provider-aws: resourceInstanceProfileDelete).
		delete: func(s services, name string, known iam.InstanceProfile) error {
			known.Name, known.Role = name, ""
			if err := s.IAM.UpdateInstanceProfile(known); err != nil {
				return err
			}
			return s.IAM.DeleteInstanceProfile(name)
		},
		list: func(s services) []string {
			var names []string
			for _, p := range s.IAM.ListInstanceProfiles() {
				names = append(names, p.Name)
			}
			return names
		},
	})
}
