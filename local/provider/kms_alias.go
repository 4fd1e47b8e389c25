package provider

import "strings"

type aliasConfig struct {
	Name        string
	TargetKeyID string
}

const aliasToken = "aws:kms/alias:Alias"

func kmsAlias() resourceType {
	return define(resourceType{
		token: aliasToken,
		inputs: properties{
			"name":        text(computed, replaces, without("namePrefix"), pattern(`^alias/[\w/-]{1,250}$`, "alias/ and 1 to 250 of a-z A-Z 0-9 _ / -"), matches(notOfAWS)),
			"namePrefix":  text(replaces, providerOnly, pattern(`^alias/`, "a text that begins with alias/"), matches(notOfAWS), length(1, 224)),
			"targetKeyId": text(required),
		},
		outputs: []string{"arn", "targetKeyArn"},
		naming: &naming{property: "name", prefix: "namePrefix", longest: 256, transform: func(name string) string {
			return "alias/" + name
		}},
	}, operations[aliasConfig]{
		create: func(s services, c aliasConfig) (string, error) {
			return c.Name, s.KMS.CreateAlias(c.Name, c.TargetKeyID)
		},
		read: func(s services, name string, _ aliasConfig) (aliasConfig, state, error) {
			target, err := s.KMS.DescribeAlias(name)
			return aliasConfig{Name: name, TargetKeyID: target}, state{
				"arn": s.Account.ARN("kms", name), "targetKeyArn": s.KMS.KeyARN(target),
			}, err
		},
		update: func(s services, name string, c aliasConfig) error { return s.KMS.UpdateAlias(name, c.TargetKeyID) },
		delete: func(s services, name string, _ aliasConfig) error { return s.KMS.DeleteAlias(name) },
		list:   func(s services) []string { return s.KMS.ListAliases() },
	})
}

func notOfAWS(value any) string {
	if strings.HasPrefix(value.(string), "alias/aws/") {
		return "must not begin with alias/aws/, which AWS managed keys have"
	}
	return ""
}
