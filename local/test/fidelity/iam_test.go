package fidelity

import (
	"cmp"
	"encoding/json"
	"maps"
	"testing"

	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/iam"
)

// iamRequest has the members of IAM's requests. Policies are documents, or a string that is none.
type iamRequest struct {
	RoleName, Path, Description, PolicyName, PolicyARN string
	MaxSessionDuration                                 int
	PolicyDocument                                     json.RawMessage
	Tags                                               map[string]string
}

const ec2Trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`

// document is the policy of a request.
func (r iamRequest) document() string {
	var text string
	if json.Unmarshal(r.PolicyDocument, &text) == nil {
		return text
	}
	return string(r.PolicyDocument)
}

// TestIAMAnswersAsRecorded compares roles, which EC2 may assume. Setup lists the requests that come first.
func TestIAMAnswersAsRecorded(t *testing.T) {
	compare(t, "iam", func(t *testing.T, r request) answer {
		service := iam.New(account)
		return sendAfterSetup(t, r, func(r request) answer { return sendIAM(t, service, r) })
	})
}

func sendIAM(t *testing.T, service *iam.Service, r request) answer {
	t.Helper()
	var q iamRequest
	require.NoError(t, json.Unmarshal(r.Request, &q))
	var body map[string]any
	var err error
	switch r.Action {
	case "CreateRole":
		_, err = service.CreateRole(iam.Role{
			Name: q.RoleName, Path: cmp.Or(q.Path, "/"), Description: q.Description, TrustPolicy: ec2Trust, Tags: q.Tags,
		})
		if err == nil {
			body, err = describeRole(t, service, q.RoleName)
		}
	case "GetRole", "ListRoleTags":
		body, err = describeRole(t, service, q.RoleName)
	case "UpdateRole":
		err = service.UpdateRole(iam.Role{
			Name: q.RoleName, Path: "/", Description: q.Description, MaxSessionSeconds: q.MaxSessionDuration, TrustPolicy: ec2Trust,
		})
	case "UpdateAssumeRolePolicy":
		err = service.UpdateRole(iam.Role{Name: q.RoleName, Path: "/", TrustPolicy: q.document()})
	case "DeleteRole":
		err = service.DeleteRole(q.RoleName)
	case "PutRolePolicy":
		err = service.PutRolePolicy(q.RoleName, q.PolicyName, q.document())
	case "GetRolePolicy":
		var text string
		if text, err = service.GetRolePolicy(q.RoleName, q.PolicyName); err == nil {
			body = map[string]any{"PolicyDocument": parsed(t, text)}
		}
	case "DeleteRolePolicy":
		err = service.DeleteRolePolicy(q.RoleName, q.PolicyName)
	case "ListRolePolicies", "ListAttachedRolePolicies":
		body, err = describeRole(t, service, q.RoleName)
	case "AttachRolePolicy":
		err = service.AttachRolePolicy(q.RoleName, q.PolicyARN)
	case "DetachRolePolicy":
		err = service.DetachRolePolicy(q.RoleName, q.PolicyARN)
	default:
		t.Fatalf("no action %s", r.Action)
	}
	if err != nil {
		return answerError(t, err)
	}
	return answer{Status: 200, Body: body}
}

// describeRole has the members of the answers to GetRole, ListRolePolicies and ListAttachedRolePolicies.
func describeRole(t *testing.T, service *iam.Service, name string) (map[string]any, error) {
	t.Helper()
	role, err := service.GetRole(name)
	if err != nil {
		return nil, err
	}
	tags := map[string]any{}
	for key, value := range maps.All(role.Tags) {
		tags[key] = value
	}
	return map[string]any{
		"Arn": role.ARN, "Path": role.Path, "RoleName": role.Name, "Description": role.Description, "Tags": tags,
		"MaxSessionDuration": float64(role.MaxSessionSeconds), "AssumeRolePolicyDocument": parsed(t, role.TrustPolicy),
		"PolicyNames": list(role.Policies), "AttachedPolicies": list(role.Attached),
	}, nil
}

func parsed(t *testing.T, text string) (value any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(text), &value))
	return value
}

// list is a list as JSON has it.
func list(texts []string) []any {
	values := []any{}
	for _, text := range texts {
		values = append(values, text)
	}
	return values
}
