package provider

import (
	"strings"

	"ingest-pipeline/local/aws/awserr"
)

type aliasInputs struct {
	Name        string `json:"name"`
	NamePrefix  string `json:"namePrefix"`
	TargetKeyID string `json:"targetKeyId"`
}

const aliasToken = "aws:kms/alias:Alias"

func kmsAlias() resourceType {
	return alive(resourceType{
		token: aliasToken,
		inputs: properties{
			"name":        text(computed, replaces, without("namePrefix"), pattern(`^alias/[\w/-]{1,250}$`, "alias/ and 1 to 250 of a-z A-Z 0-9 _ / -"), matches(notOfAWS)),
			"namePrefix":  text(replaces, pattern(`^alias/`, "a text that begins with alias/"), matches(notOfAWS), length(1, 224)),
			"targetKeyId": text(required),
		},
		outputs: []string{"arn", "targetKeyArn"},
		naming: &naming{property: "name", prefix: "namePrefix", longest: 256, transform: func(name string) string {
			return "alias/" + name
		}},
	}, lifeOf[aliasInputs]{
		put: func(s site, in aliasInputs, was *record) (string, state, error) {
			if in.Name == "" {
				in.Name = prefixed(s, in.NamePrefix)
			}
			key, err := keyARN(s, in.TargetKeyID)
			if err == nil {
				err = vacant(s, aliasToken, in.Name, was, awserr.New("AlreadyExistsException", 400,
					"An alias with the name %s already exists", s.Account.ARN("kms", in.Name)))
			}
			return in.Name, state{"name": in.Name, "arn": s.Account.ARN("kms", in.Name), "targetKeyArn": key}, err
		},
		update: func(s site, in aliasInputs, _ *record) (state, error) {
			key, err := keyARN(s, in.TargetKeyID)
			return state{"targetKeyArn": key}, err
		},
		remove: func(site, aliasInputs, *record) error { return nil },
	})
}

func notOfAWS(value any) string {
	if strings.HasPrefix(value.(string), "alias/aws/") {
		return "must not begin with alias/aws/, which is AWS's own"
	}
	return ""
}

// keyARN finds the key of an id or ARN.
func keyARN(s site, target string) (string, error) {
	id := target
	if _, end, isARN := strings.Cut(target, ":key/"); isARN {
		id = end
	}
	key := s.resources.find(s.resources.types[keyToken], id, nil)
	if key == nil {
		return "", awserr.New("NotFoundException", 400, "Key '%s' does not exist", s.Account.ARN("kms", "key/"+id))
	}
	return key.text("arn"), nil
}
