package apigateway

import (
	"errors"
	"strings"

	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/internal/sigv4"
)

// authorize checks who makes the request: the signature of a method whose authorization is AWS_IAM, then the caller's
// policies and the API's resource policy. The answers are those of the AWS documentation for signed requests (documented:
// supported-gateway-response-types; reference_sigv-troubleshooting of the IAM user guide for the sentences).
func (v *invocation) authorize() bool {
	if !v.method.signed {
		return v.evaluatePolicy()
	}
	signature, err := sigv4.Parse(v.request)
	if err != nil {
		return v.failSignature(err)
	}
	account := v.service.options.Account
	if err := signature.Check(account.Region, "execute-api", v.start); err != nil {
		return v.failSignature(err)
	}
	caller, secret, err := v.service.options.IAM.Authenticate(signature.AccessKey, signature.Token)
	switch {
	case errors.Is(err, iam.ErrExpiredToken):
		return v.fail(failure{
			responseType: "EXPIRED_TOKEN", message: "The security token included in the request is expired", quiet: true,
		})
	case err != nil:
		return v.fail(failure{
			responseType: "ACCESS_DENIED", message: "The security token included in the request is invalid.",
			errorType: "UnrecognizedClientException", quiet: true,
		})
	}
	body := v.body
	if signature.InQuery {
		body = nil
	}
	if err := signature.Verify(v.request, secret, sigv4.Hash(body)); err != nil {
		return v.failSignature(err)
	}
	v.identity.accessKey, v.identity.accountID = signature.AccessKey, account.ID
	v.identity.userARN, v.identity.userID = caller.ARN(), caller.UserID()
	return v.authorizeCaller(caller)
}

func (v *invocation) failSignature(err error) bool {
	f := failure{responseType: "INVALID_SIGNATURE", message: err.Error(), quiet: true}
	var refusal *sigv4.Error
	if errors.As(err, &refusal) {
		switch refusal.Kind {
		case sigv4.Missing:
			f.responseType = "MISSING_AUTHENTICATION_TOKEN"
		case sigv4.Incomplete:
			f.errorType = "IncompleteSignatureException"
		}
	}
	return v.fail(f)
}

// authorizeCaller asks the policies of a caller who is known, and the API's: documented (apigateway-authorization-flow).
// It is enough that one of them allows the call and none denies it.
func (v *invocation) authorizeCaller(caller *iam.Session) bool {
	request := v.policyRequest()
	request.ResourcePolicy = v.stage.policy
	if err := caller.Authorize(request); err != nil {
		return v.failPolicy(v.identity.userARN, strings.Contains(err.Error(), " with an explicit deny "))
	}
	return true
}

// evaluatePolicy evaluates the API's resource policy for a request that is not signed. Without one everybody may call the
// method; with one it must allow the call: documented (apigateway-authorization-flow).
func (v *invocation) evaluatePolicy() bool {
	if v.stage.policy == nil {
		return true
	}
	decision := v.service.options.IAM.Evaluate(v.stage.policy, iam.Principal{}, v.policyRequest())
	return decision == iam.Allow || v.failPolicy("anonymous", decision == iam.ExplicitDeny)
}

func (v *invocation) policyRequest() iam.Request {
	return iam.Request{
		Action: "execute-api:Invoke", Resource: v.policyResource(),
		Context: map[string]string{"aws:SourceIp": v.sourceIP(), "aws:UserAgent": v.request.UserAgent()},
	}
}

func (v *invocation) policyResource() string { return v.stage.arn + "/" + v.request.Method + v.below }

// failPolicy refuses a request that a policy does not allow. Assumed: quoted in issue threads, with the account's id hidden
// but for its last four digits, in a member Message.
func (v *invocation) failPolicy(who string, explicit bool) bool {
	account := v.service.options.Account.ID
	message := "User: " + who + " is not authorized to perform: execute-api:Invoke on resource: " +
		strings.Replace(v.policyResource(), account, maskAccount(account), 1)
	if explicit {
		message += " with an explicit deny"
	}
	return v.fail(failure{responseType: "ACCESS_DENIED", message: message, capitalMessage: true, quiet: true})
}

func maskAccount(id string) string {
	if len(id) < 4 {
		return id
	}
	return strings.Repeat("*", len(id)-4) + id[len(id)-4:]
}
