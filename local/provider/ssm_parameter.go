package provider

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
)

func ssmParameterArguments() properties {
	return properties{
		"name":           text(required),
		"withDecryption": boolean(inert("public parameters are not encrypted")),
	}
}

// amazonLinux are the public parameters with the newest Amazon Linux images (documented: ec2, Amazon Linux 2023 user
// guide, ec2.html; systems-manager, parameter-store-public-parameters-ami.html).
var amazonLinux = regexp.MustCompile(`^/aws/service/ami-amazon-linux-latest/(` +
	`al2023-ami-(minimal-)?kernel-(default|\d+\.\d+)-(x86_64|arm64)|` +
	`amzn2-ami-(minimal-)?(kernel-\d+\.\d+-)?hvm-(x86_64|arm64)-(gp2|ebs))$`)

// ssmParameter answers getParameter for public parameters of Amazon Linux. The image id is made up, the same for the
// same Region and name: no image is behind it.
func ssmParameter(account iam.Account, in state) (state, error) {
	name, _ := known[string](in, "name")
	if !amazonLinux.MatchString(name) {
		return nil, awserr.New("ParameterNotFound", 400, "%s (the local target has the public parameters below "+
			"/aws/service/ami-amazon-linux-latest, and no others)", name)
	}
	sum := sha256.Sum256([]byte(account.Region + name))
	image := "ami-" + hex.EncodeToString(sum[:])[:17]
	out := state{
		"id": name, "name": name, "type": "String", "value": image, "insecureValue": image, "version": 1.0,
		"arn": "arn:" + account.Partition + ":ssm:" + account.Region + "::parameter" + name,
	}
	if decrypt, set := in["withDecryption"]; set {
		out["withDecryption"] = decrypt
	}
	return out, nil
}
