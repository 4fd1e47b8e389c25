package provider

import (
	"strings"

	"ingest-pipeline/local/aws/awserr"
)

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
	}, stored[aliasConfig]{
		token: aliasToken, notFound: "NotFoundException",
		create: func(s services, c aliasConfig) (string, aliasConfig, error) {
			_, err := keyARN(s, c.TargetKeyID)
			return c.Name, c, err
		},
		taken: func(s services, name string) error {
			return awserr.New("AlreadyExistsException", 400, "An alias with the name %s already exists", s.Account.ARN("kms", name))
		},
		update: func(s services, _ string, c aliasConfig) error {
			_, err := keyARN(s, c.TargetKeyID)
			return err
		},
		attributes: func(s services, name string, c aliasConfig) (state, error) {
			key, err := keyARN(s, c.TargetKeyID)
			return state{"arn": s.Account.ARN("kms", name), "targetKeyArn": key}, err
		},
	}.operations())
}

func notOfAWS(value any) string {
	if strings.HasPrefix(value.(string), "alias/aws/") {
		return "must not begin with alias/aws/, which AWS managed keys have"
	}
	return ""
}

// keyARN returns the ARN of the key that has an id or ARN.
func keyARN(s services, target string) (string, error) {
	arn := s.Account.ARN("kms", "key/"+keyID(target))
	if !s.store.has(keyToken, keyID(target)) {
		return "", awserr.New("NotFoundException", 400, "Key '%s' does not exist", arn)
	}
	return arn, nil
}

// keyID is the id in a key's ARN, or the id itself.
func keyID(target string) string {
	if _, id, isARN := strings.Cut(target, ":key/"); isARN {
		return id
	}
	return target
}
