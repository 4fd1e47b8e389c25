package iam_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/iam"
)

const object = "arn:aws:s3:::archive/raw/a"

func resourcePolicy(t *testing.T, statements string) *iam.Policy {
	t.Helper()
	policy, err := iam.ParsePolicy(`{"Version": "2012-10-17", "Id": "of a bucket", "Statement": [` + statements + `]}`)
	require.NoError(t, err)
	return policy
}

func TestAResourcePolicyGrantsAndDeniesWithinTheAccount(t *testing.T) {
	const put = `"Action": "s3:PutObject", "Resource": "arn:aws:s3:::archive/*"}`
	deniedBy := func(why string) string {
		return "User: " + session + " is not authorized to perform: s3:PutObject on resource: " + object + why
	}
	const explicit = " with an explicit deny in a resource-based policy"
	const implicit = " because no identity-based policy allows the s3:PutObject action"
	all, none := []string{allow(`"*"`, `"*"`)}, []string(nil)
	for name, c := range map[string]struct {
		identity []string
		resource string
		message  string
	}{
		"role named":              {none, `{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/writer"}, ` + put, ""},
		"session named":           {none, `{"Effect": "Allow", "Principal": {"AWS": "` + session + `"}, ` + put, ""},
		"everyone":                {none, `{"Effect": "Allow", "Principal": "*", ` + put, ""},
		"account leaves it to us": {none, `{"Effect": "Allow", "Principal": {"AWS": "123456789012"}, ` + put, deniedBy(implicit)},
		"account and we allow":    {all, `{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, ` + put, ""},
		"another role":            {none, `{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/reader"}, ` + put, deniedBy(implicit)},
		"another account":         {none, `{"Effect": "Allow", "Principal": {"AWS": "999999999999"}, ` + put, deniedBy(implicit)},
		"a service":               {none, `{"Effect": "Allow", "Principal": {"Service": "firehose.amazonaws.com"}, ` + put, deniedBy(implicit)},
		"another object":          {none, `{"Effect": "Allow", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::other/*"}`, deniedBy(implicit)},
		"everyone denied":         {all, `{"Effect": "Deny", "Principal": "*", ` + put, deniedBy(explicit)},
		"account denied":          {all, `{"Effect": "Deny", "Principal": {"AWS": "123456789012"}, ` + put, deniedBy(explicit)},
		"deny beats its allow":    {none, `{"Effect": "Deny", "Principal": "*", ` + put + `, {"Effect": "Allow", "Principal": "*", ` + put, deniedBy(explicit)},
		"deny that needs no TLS": {all, `{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
			"Condition": {"Bool": {"aws:SecureTransport": "false"}}}`, ""},
		"deny all but us":         {all, `{"Effect": "Deny", "NotPrincipal": {"AWS": ["arn:aws:iam::123456789012:role/writer", "123456789012"]}, ` + put, ""},
		"deny all but our role":   {all, `{"Effect": "Deny", "NotPrincipal": {"AWS": "arn:aws:iam::123456789012:role/writer"}, ` + put, deniedBy(explicit)},
		"deny all but root":       {all, `{"Effect": "Deny", "NotPrincipal": {"AWS": "123456789012"}, ` + put, deniedBy(explicit)},
		"deny all but a stranger": {all, `{"Effect": "Deny", "NotPrincipal": {"AWS": "999999999999"}, ` + put, deniedBy(explicit)},
	} {
		t.Run(name, func(t *testing.T) {
			s := assumed(t, newAccount(t), c.identity...)
			request := iam.Request{Action: "s3:PutObject", Resource: object, ResourcePolicy: resourcePolicy(t, c.resource)}
			for range 2 {
				err := s.Authorize(request)
				if c.message == "" {
					assert.NoError(t, err)
				} else {
					requireAWSError(t, err, "AccessDeniedException", c.message)
				}
			}
		})
	}
}

func TestAChangedResourcePolicyIsAnotherDecision(t *testing.T) {
	s := assumed(t, newAccount(t), allow(`"*"`, `"*"`))
	ask := func(policy *iam.Policy) error {
		return s.Authorize(iam.Request{Action: "s3:PutObject", Resource: object, ResourcePolicy: policy})
	}
	open := resourcePolicy(t, `{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}`)
	closed := resourcePolicy(t, `{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}`)
	assert.NoError(t, ask(nil))
	assert.NoError(t, ask(open))
	assert.Error(t, ask(closed))
	assert.NoError(t, ask(open))
}

func TestAPolicyIsEvaluatedForACallerWithoutASession(t *testing.T) {
	account := newAccount(t)
	policy := resourcePolicy(t, `{"Effect": "Allow", "Principal": {"AWS": "123456789012", "Service": "firehose.amazonaws.com"},
			"Action": "s3:Get*", "Resource": "*"},
		{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::archive/secret/*"},
		{"Effect": "Allow", "Principal": "*", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::archive"},
		{"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "s3:ListBucket", "Resource": "*",
			"Condition": {"NotIpAddress": {"aws:SourceIp": "127.0.0.1"}}}`)
	root, stranger := iam.Root(testAccount), iam.Principal{}
	local := map[string]string{"aws:SourceIp": "127.0.0.1"}
	for name, c := range map[string]struct {
		who     iam.Principal
		request iam.Request
		want    iam.Decision
	}{
		"root reads":             {root, iam.Request{Action: "s3:GetObject", Resource: object}, iam.Allow},
		"root writes":            {root, iam.Request{Action: "s3:PutObject", Resource: object}, iam.ImplicitDeny},
		"root reads a secret":    {root, iam.Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::archive/secret/a"}, iam.ExplicitDeny},
		"service reads":          {iam.ServicePrincipal("firehose.amazonaws.com"), iam.Request{Action: "s3:GetObject", Resource: object}, iam.Allow},
		"another service reads":  {iam.ServicePrincipal("apigateway.amazonaws.com"), iam.Request{Action: "s3:GetObject", Resource: object}, iam.ImplicitDeny},
		"stranger reads":         {stranger, iam.Request{Action: "s3:GetObject", Resource: object}, iam.ImplicitDeny},
		"stranger lists":         {stranger, iam.Request{Action: "s3:ListBucket", Resource: "arn:aws:s3:::archive", Context: local}, iam.Allow},
		"stranger from far away": {stranger, iam.Request{Action: "s3:ListBucket", Resource: "arn:aws:s3:::archive"}, iam.ExplicitDeny},
		"another account's root": {iam.Root(iam.Account{ID: "999999999999", Partition: "aws"}), iam.Request{Action: "s3:GetObject", Resource: object}, iam.ImplicitDeny},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, c.want, account.Evaluate(policy, c.who, c.request)) })
	}
}

func TestStatementsTellTheirOwnerWhatIsInThem(t *testing.T) {
	policy := resourcePolicy(t, `{"Sid": "any text", "Effect": "Deny", "Principal": {"AWS": ["*", "123456789012"], "CanonicalUser": "79a5"},
		"NotAction": ["s3:GetObject"], "Resource": ["arn:aws:s3:::a", "arn:aws:s3:::a/*"], "Condition": {"Bool": {"aws:SecureTransport": false}}}`)
	assert.Equal(t, []iam.StatementInfo{{
		Place: "Statement[0]", Deny: true, HasPrincipal: true, Everyone: true, CanonicalUsers: []string{"79a5"},
		AWS: []string{"123456789012"}, Actions: []string{"s3:GetObject"}, NotAction: true,
		Resources: []string{"arn:aws:s3:::a", "arn:aws:s3:::a/*"}, HasResource: true,
		Conditions: []iam.ConditionInfo{{Operator: "Bool", Key: "aws:securetransport", Values: []string{"false"}}},
	}}, policy.Statements())
}
