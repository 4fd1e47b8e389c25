package iam_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/iam"
)

func TestARoleIsAssumedOnlyByWhomItTrusts(t *testing.T) {
	external := `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "firehose.amazonaws.com"},
		"Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": "123456789012"}}}]}`
	denied := `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": ["firehose.amazonaws.com"]}, "Action": "sts:*"},
		{"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Condition": {"Null": {"aws:SourceArn": "true"}}}]}`
	const arn = "arn:aws:iam::123456789012:role/deliver"
	for name, c := range map[string]struct {
		trust, service string
		context        map[string]string
		message        string // "" is allowed
	}{
		"trusted service":         {trust(`{"Service": "firehose.amazonaws.com"}`), "firehose.amazonaws.com", nil, ""},
		"one of a list":           {trust(`{"Service": ["a.amazonaws.com", "firehose.amazonaws.com"]}`), "firehose.amazonaws.com", nil, ""},
		"everyone":                {trust(`"*"`), "firehose.amazonaws.com", nil, ""},
		"everyone in AWS":         {trust(`{"AWS": "*"}`), "firehose.amazonaws.com", nil, ""},
		"another service":         {trust(`{"Service": "firehose.amazonaws.com"}`), "apigateway.amazonaws.com", nil, "User: apigateway.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: " + arn},
		"the account only":        {trust(`{"AWS": "123456789012"}`), "firehose.amazonaws.com", nil, "User: firehose.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: " + arn},
		"right external id":       {external, "firehose.amazonaws.com", map[string]string{"sts:ExternalId": "123456789012"}, ""},
		"wrong external id":       {external, "firehose.amazonaws.com", map[string]string{"sts:ExternalId": "1"}, "User: firehose.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: " + arn},
		"no external id":          {external, "firehose.amazonaws.com", nil, "User: firehose.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: " + arn},
		"explicit deny":           {denied, "firehose.amazonaws.com", nil, "User: firehose.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: " + arn + " with an explicit deny in the role trust policy"},
		"deny that does not hold": {denied, "firehose.amazonaws.com", map[string]string{"aws:SourceArn": "arn:aws:firehose:eu-west-1:1:x"}, ""},
		"deny all but the service": {`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"},
			{"Effect": "Deny", "NotPrincipal": {"Service": "firehose.amazonaws.com"}, "Action": "sts:AssumeRole"}]}`, "apigateway.amazonaws.com", nil,
			"User: apigateway.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: " + arn + " with an explicit deny in the role trust policy"},
		"only another sts action": {`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:TagSession"}]}`, "firehose.amazonaws.com", nil, "User: firehose.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: " + arn},
	} {
		t.Run(name, func(t *testing.T) {
			account := newAccount(t)
			withRole(t, account, "deliver", c.trust)
			s, err := account.AssumeRole(arn, c.service, "session", c.context)
			if c.message != "" {
				requireAWSError(t, err, "AccessDenied", c.message)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, "arn:aws:sts::123456789012:assumed-role/deliver/session", s.ARN())
			assert.Equal(t, arn, s.RoleARN())
		})
	}
}

func TestARoleThatDoesNotExistIsTheSameRefusal(t *testing.T) {
	account := newAccount(t)
	withRole(t, account, "Writer", trust(`"*"`))
	for _, arn := range []string{
		"arn:aws:iam::123456789012:role/nobody",
		"arn:aws:iam::123456789012:role/writer",
		"arn:aws:iam::123456789012:role/path/Writer",
		"arn:aws:iam::999999999999:role/Writer",
	} {
		_, err := account.AssumeRole(arn, gateway, "session", nil)
		requireAWSError(t, err, "AccessDenied", "User: "+gateway+" is not authorized to perform: sts:AssumeRole on resource: "+arn)
	}
	_, err := account.AssumeRole("Writer", gateway, "session", nil)
	requireAWSError(t, err, "ValidationError", "Writer is invalid")
	_, err = account.AssumeRole("arn:aws:iam::123456789012:role/Writer", gateway, "a session", nil)
	require.ErrorContains(t, err, "ValidationError: 1 validation error detected: Value 'a session' at 'roleSessionName'")
}

func TestASessionEndsWithItsRole(t *testing.T) {
	account := newAccount(t)
	s := assumed(t, account)
	require.NoError(t, account.DeleteRole("writer"))
	put := iam.Request{Action: "kinesis:PutRecord", Resource: stream}
	requireAWSError(t, s.Authorize(put), "UnrecognizedClientException", "The security token included in the request is invalid.")

	again := assumed(t, account, allow(`"*"`, `"*"`))
	assert.NoError(t, again.Authorize(put))
	assert.Error(t, s.Authorize(put), "a role of the same name is another role")
}

func TestARoleIsDeletedOnlyWithoutPolicies(t *testing.T) {
	account := newAccount(t)
	withRole(t, account, "writer", trust(`"*"`))
	const full = "arn:aws:iam::aws:policy/AmazonKinesisFullAccess"
	require.NoError(t, account.PutRolePolicy("writer", "p", allow(`"*"`, `"*"`)))
	require.NoError(t, account.AttachRolePolicy("writer", full))
	requireAWSError(t, account.DeleteRole("writer"), "DeleteConflict", "Cannot delete entity, must detach all policies first.")
	require.NoError(t, account.DetachRolePolicy("writer", full))
	requireAWSError(t, account.DeleteRole("writer"), "DeleteConflict", "Cannot delete entity, must delete policies first.")
	require.NoError(t, account.DeleteRolePolicy("writer", "p"))
	require.NoError(t, account.DeleteRole("writer"))
	requireAWSError(t, account.DeleteRole("writer"), "NoSuchEntity", "The role with name writer cannot be found.")
}

func TestAMissingRoleIsNoSuchEntity(t *testing.T) {
	account := newAccount(t)
	const message = "The role with name writer cannot be found."
	requireAWSError(t, account.PutRolePolicy("writer", "p", allow(`"*"`, `"*"`)), "NoSuchEntity", message)
	requireAWSError(t, account.DeleteRolePolicy("writer", "p"), "NoSuchEntity", message)
	requireAWSError(t, account.AttachRolePolicy("writer", "arn:aws:iam::aws:policy/AmazonS3FullAccess"), "NoSuchEntity", message)
	requireAWSError(t, account.DetachRolePolicy("writer", "arn:aws:iam::aws:policy/AmazonS3FullAccess"), "NoSuchEntity", message)
	_, err := account.GetRole("writer")
	requireAWSError(t, err, "NoSuchEntity", message)
	_, err = account.GetRolePolicy("writer", "p")
	requireAWSError(t, err, "NoSuchEntity", message)

	withRole(t, account, "writer", trust(`"*"`))
	requireAWSError(t, account.DeleteRolePolicy("writer", "p"), "NoSuchEntity", "The role policy with name p cannot be found.")
	_, err = account.GetRolePolicy("writer", "p")
	requireAWSError(t, err, "NoSuchEntity", "The role policy with name p cannot be found.")
	requireAWSError(t, account.DetachRolePolicy("writer", "arn:x"), "NoSuchEntity", "Policy arn:x was not found.")
}

func TestNamesAndSizesHaveAWSsLimits(t *testing.T) {
	account := newAccount(t)
	long := strings.Repeat("n", 65)
	padded := strings.Replace(trust(`"*"`), "[", "["+strings.Repeat(" ", 3000), 1)
	big := trust(`{"Service": "` + strings.Repeat("a", 2048) + `.amazonaws.com"}`)
	for name, c := range map[string]struct {
		role          iam.Role
		code, message string
	}{
		"good":             {iam.Role{Name: "Role+=,.@_-1", Path: "/team/x/", TrustPolicy: trust(`"*"`)}, "", ""},
		"white space":      {iam.Role{Name: "padded", TrustPolicy: padded}, "", ""},
		"no name":          {iam.Role{TrustPolicy: trust(`"*"`)}, "ValidationError", "1 validation error detected: Value '' at 'roleName' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		"long name":        {iam.Role{Name: long, TrustPolicy: trust(`"*"`)}, "ValidationError", "1 validation error detected: Value '" + long + "' at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64"},
		"odd name":         {iam.Role{Name: "a/b", TrustPolicy: trust(`"*"`)}, "ValidationError", "The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"},
		"odd path":         {iam.Role{Name: "r", Path: "team", TrustPolicy: trust(`"*"`)}, "ValidationError", "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters."},
		"short session":    {iam.Role{Name: "r", MaxSessionSeconds: 60, TrustPolicy: trust(`"*"`)}, "ValidationError", "1 validation error detected: Value '60' at 'maxSessionDuration' failed to satisfy constraint: Member must have value between 3600 and 43200"},
		"long description": {iam.Role{Name: "r", Description: strings.Repeat("d", 1001), TrustPolicy: trust(`"*"`)}, "ValidationError", "1 validation error detected: Value at 'description' failed to satisfy constraint: Member must have length less than or equal to 1000"},
		"no trust policy":  {iam.Role{Name: "r"}, "ValidationError", "1 validation error detected: Value at 'assumeRolePolicyDocument' failed to satisfy constraint: Member must have length between 1 and 131072"},
		"big trust policy": {iam.Role{Name: "r", TrustPolicy: big}, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := account.CreateRole(c.role)
			if c.code == "" {
				require.NoError(t, err)
				return
			}
			requireAWSError(t, err, c.code, c.message)
		})
	}
}

func TestARoleHoldsSoManyPoliciesAndNoMore(t *testing.T) {
	account := newAccount(t)
	withRole(t, account, "writer", trust(`"*"`))
	half := allow(`"a:`+strings.Repeat("b", 5000)+`"`, `"*"`)
	require.NoError(t, account.PutRolePolicy("writer", "one", half))
	require.NoError(t, account.PutRolePolicy("writer", "two", half))
	require.NoError(t, account.PutRolePolicy("writer", "two", half), "a policy does not count against its own successor")
	requireAWSError(t, account.PutRolePolicy("writer", "three", half), "LimitExceeded",
		"Maximum policy size of 10240 bytes exceeded for role writer")
	require.ErrorContains(t, account.PutRolePolicy("writer", "a b", half), "The specified value for policyName is invalid.")
	document, err := account.GetRolePolicy("writer", "one")
	require.NoError(t, err)
	assert.Equal(t, half, document)
}

func TestUpdateRoleChangesTrustAndKeepsPolicies(t *testing.T) {
	account := newAccount(t)
	s := assumed(t, account, allow(`"*"`, `"*"`))
	before, err := account.GetRole("writer")
	require.NoError(t, err)
	_, err = account.CreateRole(iam.Role{Name: "WRITER", TrustPolicy: trust(`"*"`)})
	requireAWSError(t, err, "EntityAlreadyExists", "Role with name WRITER already exists.")

	arn := before.ARN
	err = account.UpdateRole(iam.Role{Name: "writer", Description: "new", TrustPolicy: trust(`{"Service": "firehose.amazonaws.com"}`)})
	require.NoError(t, err)
	after, err := account.GetRole("writer")
	require.NoError(t, err)
	assert.Equal(t, before.ID, after.ID)
	assert.Equal(t, []string{"policy-0"}, after.Policies)
	assert.Equal(t, "new", after.Description)
	_, err = account.AssumeRole(arn, gateway, "session", nil)
	require.Error(t, err)
	assert.NoError(t, s.Authorize(iam.Request{Action: "a:b", Resource: "*"}), "a session outlives its trust")

	err = account.UpdateRole(iam.Role{Name: "writer", Path: "/other/", TrustPolicy: trust(`"*"`)})
	require.ErrorContains(t, err, "ValidationError: Role "+arn+" cannot be moved")
	err = account.UpdateRole(iam.Role{Name: "nobody", TrustPolicy: trust(`"*"`)})
	require.ErrorContains(t, err, "NoSuchEntity")
}

func TestAnAnswerIsRememberedOnlyAsLongAsTheRoleIsTheSame(t *testing.T) {
	account := newAccount(t)
	arn := withRole(t, account, "writer", trust(`"*"`))
	assume := func() (*iam.Session, error) { return account.AssumeRole(arn, gateway, "session", nil) }
	first, err := assume()
	require.NoError(t, err)
	again, err := assume()
	require.NoError(t, err)
	assert.Same(t, first, again)

	require.NoError(t, account.UpdateRole(iam.Role{Name: "writer", TrustPolicy: trust(`{"Service": "firehose.amazonaws.com"}`)}))
	_, err = assume()
	require.Error(t, err, "the trust is gone")

	require.NoError(t, account.UpdateRole(iam.Role{Name: "writer", TrustPolicy: trust(`"*"`)}))
	_, err = assume()
	require.NoError(t, err)
	require.NoError(t, account.DeleteRole("writer"))
	_, err = assume()
	require.Error(t, err, "the role is gone")

	withRole(t, account, "writer", trust(`"*"`))
	fresh, err := assume()
	require.NoError(t, err)
	assert.NotSame(t, first, fresh, "another role of the same name")
}

func TestPoliciesChangeWhileTheyAreEvaluated(t *testing.T) {
	account := newAccount(t)
	s := assumed(t, account)
	var wait sync.WaitGroup
	for worker := range 4 {
		wait.Go(func() {
			for i := range 200 {
				_ = s.Authorize(iam.Request{Action: "kinesis:PutRecord", Resource: fmt.Sprint(stream, i%7)})
				if worker == 0 {
					assert.NoError(t, account.PutRolePolicy("writer", "p", allow(`"kinesis:*"`, `"*"`)))
					assert.NoError(t, account.UpdateRole(iam.Role{Name: "writer", TrustPolicy: trust(`"*"`)}))
				}
				_, err := account.AssumeRole(s.RoleARN(), gateway, fmt.Sprintf("session-%d", i), nil)
				assert.NoError(t, err)
			}
		})
	}
	wait.Wait()
	assert.NoError(t, s.Authorize(iam.Request{Action: "kinesis:PutRecord", Resource: stream}))
}
