package apigateway

import (
	"encoding/json"
	"strings"

	"ingest-pipeline/local/aws/iam"
)

// checkPolicy refuses a resource policy that is no policy; empty is none.
func (s *Service) checkPolicy(apiID, policy string) error {
	if policy == "" {
		return nil
	}
	_, err := parseResourcePolicy(policy, s.ExecutionARN(apiID))
	return err
}

// parseResourcePolicy reads a REST API's resource policy. Its resources may be written short, as
// "execute-api:/<stage>/<method>/<path>": documented (apigateway-resource-policies-examples).
func parseResourcePolicy(document, executionARN string) (*iam.Policy, error) {
	var content any
	if err := json.Unmarshal([]byte(document), &content); err != nil {
		return nil, badPolicy(err)
	}
	full, err := json.Marshal(expandResources(content, executionARN, false))
	if err != nil {
		return nil, badPolicy(err)
	}
	policy, err := iam.ParsePolicy(string(full))
	if err != nil {
		return nil, badPolicy(err)
	}
	return policy, nil
}

// badPolicy has AWS's sentence (recorded in issue threads), and what is wrong.
func badPolicy(err error) error {
	return badRequest("Invalid policy document. Please check the policy syntax and ensure that Principals are valid. (%v)", err)
}

// expandResources writes the short resources of a policy out.
func expandResources(value any, executionARN string, resource bool) any {
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			v[name] = expandResources(member, executionARN, name == "Resource" || name == "NotResource")
		}
	case []any:
		for i, element := range v {
			v[i] = expandResources(element, executionARN, resource)
		}
	case string:
		if rest, ok := strings.CutPrefix(v, "execute-api:/"); ok && resource {
			return executionARN + "/" + rest
		}
	}
	return value
}

// evaluatePolicy evaluates the API's resource policy: documented (apigateway-authorization-flow). Without one everybody
// may call a method without authorization; with one it must allow the call, unless the caller is the account's owner,
// for whom it is enough that it does not deny it.
func (v *invocation) evaluatePolicy(caller iam.Principal, owner bool) bool {
	if v.stage.policy == nil {
		return true
	}
	resource := v.stage.arn + "/" + v.request.Method + v.below
	decision := v.service.options.IAM.Evaluate(v.stage.policy, caller, iam.Request{
		Action: "execute-api:Invoke", Resource: resource,
		Context: map[string]string{"aws:SourceIp": v.sourceIP(), "aws:UserAgent": v.request.UserAgent()},
	})
	if decision == iam.Allow || decision == iam.ImplicitDeny && owner {
		return true
	}
	who := "anonymous"
	if owner {
		who = v.identity.userARN
	}
	// Recorded in issue threads, with the account's id hidden but for its last four digits.
	message := "User: " + who + " is not authorized to perform: execute-api:Invoke on resource: " +
		strings.Replace(resource, v.service.options.Account.ID, hideAccount(v.service.options.Account.ID), 1)
	if decision == iam.ExplicitDeny {
		message += " with an explicit deny"
	}
	return v.fail(failure{responseType: "ACCESS_DENIED", message: message, quiet: true})
}

func hideAccount(id string) string {
	if len(id) < 4 {
		return id
	}
	return strings.Repeat("*", len(id)-4) + id[len(id)-4:]
}
