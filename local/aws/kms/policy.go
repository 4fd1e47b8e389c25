package kms

import (
	"fmt"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
)

// defaultPolicy is documented: Default key policy.
func (s *Service) defaultPolicy() string {
	return fmt.Sprintf(`{"Id":"key-default-1","Statement":[{"Action":"kms:*","Effect":"Allow","Principal":{"AWS":%q},`+
		`"Resource":"*","Sid":"Enable IAM User Permissions"}],"Version":"2012-10-17"}`, s.options.Account.ARN("iam", "root"))
}

// checkPolicy refuses a key policy that AWS refuses (documented: CreateKey, and the lockout safety check; whoever runs the
// program is the owner of the account here).
func (s *Service) checkPolicy(document string, bypassLockoutCheck bool) error {
	policy, err := iam.ParsePolicy(document)
	if err == nil {
		err = s.options.IAM.CheckPrincipals(policy)
	}
	if err != nil {
		return awserr.New("MalformedPolicyDocumentException", 400, "%s", err)
	}
	request := iam.Request{Action: "kms:PutKeyPolicy", Resource: "*"}
	if !bypassLockoutCheck && s.options.IAM.Evaluate(policy, iam.Root(s.options.Account), request) != iam.Allow {
		return awserr.New("MalformedPolicyDocumentException", 400,
			"The new key policy will not allow you to update the key policy in the future.")
	}
	return nil
}
