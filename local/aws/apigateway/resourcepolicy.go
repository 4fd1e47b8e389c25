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

// badPolicy has AWS's sentence (assumed; quoted in issue threads), and what is wrong.
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
