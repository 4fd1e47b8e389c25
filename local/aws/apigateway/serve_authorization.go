package apigateway

import (
	"ingest-pipeline/local/aws/iam"
)

// authorize checks who makes the request: the signature of a method whose authorization is AWS_IAM, then the API's
// resource policy. The answers are those of the AWS documentation for signed requests (documented:
// supported-gateway-response-types; reference_sigv-troubleshooting of the IAM user guide for the sentences).
func (v *invocation) authorize() bool {
	if !v.method.signed {
		return v.evaluatePolicy(iam.Principal{}, false)
	}
	signer, refusal := v.service.signers.verify(v.request, v.body, v.start)
	if refusal != nil {
		return v.fail(*refusal)
	}
	account := v.service.options.Account
	v.identity.accessKey, v.identity.accountID = signer, account.ID
	v.identity.userARN = account.ARN("iam", "root")
	return v.evaluatePolicy(iam.Root(account), true)
}
