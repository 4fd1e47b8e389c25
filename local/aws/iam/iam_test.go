package iam_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
)

const (
	stream  = "arn:aws:kinesis:eu-west-1:123456789012:stream/class-stream"
	gateway = "apigateway.amazonaws.com"
	session = "arn:aws:sts::123456789012:assumed-role/writer/test-session"
)

var (
	testAccount = iam.Account{ID: "123456789012", Region: "eu-west-1", Partition: "aws"}
	now         = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
)

func newAccount(tb testing.TB) *iam.Service {
	tb.Helper()
	return iam.New(testAccount, iam.WithClock(clockwork.NewFakeClockAt(now)))
}

func quote(s string) string { return fmt.Sprintf("%q", s) }

func trust(principal string) string {
	return `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": ` + principal +
		`, "Action": "sts:AssumeRole"}]}`
}

// allow is a policy of one statement; action and resource are JSON.
func allow(action, resource string) string {
	return `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ` + action + `, "Resource": ` + resource + `}]}`
}

func withRole(tb testing.TB, account *iam.Service, name, trustPolicy string) (arn string) {
	tb.Helper()
	arn, err := account.CreateRole(iam.Role{Name: name, TrustPolicy: trustPolicy})
	require.NoError(tb, err)
	return arn
}

// assumed gives a session of a new role "writer" with these policies.
func assumed(tb testing.TB, account *iam.Service, policies ...string) *iam.Session {
	tb.Helper()
	arn := withRole(tb, account, "writer", trust(`{"Service": "apigateway.amazonaws.com"}`))
	for i, policy := range policies {
		require.NoError(tb, account.PutRolePolicy("writer", fmt.Sprintf("policy-%d", i), policy))
	}
	s, err := account.AssumeRole(arn, gateway, "test-session", nil)
	require.NoError(tb, err)
	return s
}

// requireAWSError checks code and sentence.
func requireAWSError(tb testing.TB, err error, code, message string) {
	tb.Helper()
	var aws *awserr.Error
	require.ErrorAs(tb, err, &aws)
	assert.Equal(tb, code, aws.Code)
	assert.Equal(tb, message, aws.Message)
}

func TestAnARNLeavesOutWhatAWSLeavesOut(t *testing.T) {
	for _, c := range []struct{ service, resource, want string }{
		{"kinesis", "stream/s", "arn:aws:kinesis:eu-west-1:123456789012:stream/s"},
		{"iam", "role/r", "arn:aws:iam::123456789012:role/r"},
		{"sts", "assumed-role/r/s", "arn:aws:sts::123456789012:assumed-role/r/s"},
		{"s3", "bucket/key", "arn:aws:s3:::bucket/key"},
	} {
		assert.Equal(t, c.want, testAccount.ARN(c.service, c.resource))
	}
	china := iam.Account{ID: "123456789012", Region: "cn-north-1", Partition: "aws-cn"}
	assert.Equal(t, "arn:aws-cn:s3:::bucket", china.ARN("s3", "bucket"))
}

func TestWhatNoPolicyAllowsIsDeniedInAWSsSentence(t *testing.T) {
	s := assumed(t, newAccount(t), allow(`"kinesis:PutRecord"`, quote(stream)))
	require.NoError(t, s.Authorize(iam.Request{Action: "kinesis:PutRecord", Resource: stream}))
	requireAWSError(t, s.Authorize(iam.Request{Action: "kinesis:PutRecords", Resource: stream}), "AccessDeniedException",
		"User: "+session+" is not authorized to perform: kinesis:PutRecords on resource: "+stream+
			" because no identity-based policy allows the kinesis:PutRecords action")
}

func TestAnExplicitDenyWinsAndTheSentenceSaysSo(t *testing.T) {
	deny := `{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "kinesis:Put*", "Resource": "*"}}`
	for name, policies := range map[string][]string{
		"deny put after allow":  {allow(`"*"`, `"*"`), deny},
		"deny put before allow": {deny, allow(`"*"`, `"*"`)},
	} {
		t.Run(name, func(t *testing.T) {
			s := assumed(t, newAccount(t), policies...)
			requireAWSError(t, s.Authorize(iam.Request{Action: "kinesis:PutRecord", Resource: stream}), "AccessDeniedException",
				"User: "+session+" is not authorized to perform: kinesis:PutRecord on resource: "+stream+
					" with an explicit deny in an identity-based policy")
			assert.NoError(t, s.Authorize(iam.Request{Action: "kinesis:GetRecords", Resource: stream}))
		})
	}
}

func TestActionsAndResourcesMatchAsIAMMatchesThem(t *testing.T) {
	const object = "arn:aws:s3:::archive/raw/2026/a.gz"
	for name, c := range map[string]struct {
		statement        string
		action, resource string
		allowed          bool
	}{
		"exact":                       {`"Action": "s3:PutObject", "Resource": "` + object + `"`, "s3:PutObject", object, true},
		"actions ignore case":         {`"Action": "S3:putOBJECT", "Resource": "*"`, "s3:PutObject", object, true},
		"resources do not":            {`"Action": "*", "Resource": "arn:aws:s3:::Archive/*"`, "s3:PutObject", object, false},
		"star in the action":          {`"Action": "s3:*Object", "Resource": "*"`, "s3:PutObject", object, true},
		"question mark is one":        {`"Action": "s3:?utObject", "Resource": "*"`, "s3:PutObject", object, true},
		"question mark is not none":   {`"Action": "s3:PutObject?", "Resource": "*"`, "s3:PutObject", object, false},
		"star crosses slashes":        {`"Action": "*", "Resource": "arn:aws:s3:::archive/raw/*"`, "s3:PutObject", object, true},
		"prefix without star":         {`"Action": "*", "Resource": "arn:aws:s3:::archive/raw/"`, "s3:PutObject", object, false},
		"bucket is not its objects":   {`"Action": "*", "Resource": "arn:aws:s3:::archive"`, "s3:PutObject", object, false},
		"one of a list":               {`"Action": ["a:b", "s3:PutObject"], "Resource": ["arn:aws:s3:::x", "*"]`, "s3:PutObject", object, true},
		"NotAction spares its own":    {`"NotAction": "s3:Put*", "Resource": "*"`, "s3:PutObject", object, false},
		"NotAction takes the rest":    {`"NotAction": "s3:Put*", "Resource": "*"`, "s3:GetObject", object, true},
		"NotResource spares its own":  {`"Action": "*", "NotResource": "arn:aws:s3:::archive/*"`, "s3:PutObject", object, false},
		"NotResource takes the rest":  {`"Action": "*", "NotResource": "arn:aws:s3:::other/*"`, "s3:PutObject", object, true},
		"many stars are no trap":      {`"Action": "*", "Resource": "arn:aws:s3:::a*a*a*a*a*a*a*a*b"`, "s3:PutObject", "arn:aws:s3:::" + fmt.Sprintf("%0200d", 0), false},
		"variable in the resource":    {`"Action": "*", "Resource": "arn:aws:s3:::archive/${aws:PrincipalAccount}/*"`, "s3:PutObject", "arn:aws:s3:::archive/123456789012/x", true},
		"variable without a value":    {`"Action": "*", "Resource": "arn:aws:s3:::archive/${aws:username}*"`, "s3:PutObject", object, false},
		"not even in a NotResource":   {`"Action": "*", "NotResource": "arn:aws:s3:::archive/${aws:username}"`, "s3:PutObject", object, false},
		"variable with a default":     {`"Action": "*", "Resource": "arn:aws:s3:::archive/${aws:username, 'raw'}/*"`, "s3:PutObject", object, true},
		"escaped star is a character": {`"Action": "*", "Resource": "arn:aws:s3:::archive/${*}"`, "s3:PutObject", object, false},
		"escaped star matches a star": {`"Action": "*", "Resource": "arn:aws:s3:::archive/${*}"`, "s3:PutObject", "arn:aws:s3:::archive/*", true},
	} {
		t.Run(name, func(t *testing.T) {
			s := assumed(t, newAccount(t), `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", `+c.statement+`}]}`)
			for range 2 { // the second answer may come from the cache
				err := s.Authorize(iam.Request{Action: c.action, Resource: c.resource})
				assert.Equal(t, c.allowed, err == nil, "%v", err)
			}
		})
	}
}

func TestVariablesArePlainTextInTheOlderPolicyVersion(t *testing.T) {
	s := assumed(t, newAccount(t), `{"Version": "2008-10-17", "Statement": [{"Effect": "Allow", "Action": "*",
		"Resource": "arn:aws:s3:::archive/${aws:PrincipalAccount}"}]}`)
	assert.NoError(t, s.Authorize(iam.Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::archive/${aws:PrincipalAccount}"}))
	assert.Error(t, s.Authorize(iam.Request{Action: "s3:GetObject", Resource: "arn:aws:s3:::archive/123456789012"}))
}

func TestEveryChangeOfAPolicyCountsAtOnce(t *testing.T) {
	account := newAccount(t)
	s := assumed(t, account)
	put := iam.Request{Action: "kinesis:PutRecord", Resource: stream}
	const full = "arn:aws:iam::aws:policy/AmazonKinesisFullAccess"
	require.Error(t, s.Authorize(put))
	for _, change := range []struct {
		name    string
		do      func() error
		allowed bool
	}{
		{"embedding", func() error { return account.PutRolePolicy("writer", "p", allow(`"kinesis:*"`, `"*"`)) }, true},
		{"replacing", func() error { return account.PutRolePolicy("writer", "p", allow(`"s3:*"`, `"*"`)) }, false},
		{"attaching", func() error { return account.AttachRolePolicy("writer", full) }, true},
		{"detaching", func() error { return account.DetachRolePolicy("writer", full) }, false},
		{"embedding again", func() error { return account.PutRolePolicy("writer", "q", allow(`"kinesis:*"`, `"*"`)) }, true},
		{"removing", func() error { return account.DeleteRolePolicy("writer", "q") }, false},
	} {
		require.NoError(t, change.do(), change.name)
		err := s.Authorize(put)
		assert.Equal(t, change.allowed, err == nil, "after %s: %v", change.name, err)
	}
}

func TestTheCacheStaysBoundedAndRight(t *testing.T) {
	s := assumed(t, newAccount(t), allow(`"s3:PutObject"`, `"arn:aws:s3:::archive/*7"`))
	for round := range 2 {
		for i := range 1000 {
			err := s.Authorize(iam.Request{Action: "s3:PutObject", Resource: fmt.Sprintf("arn:aws:s3:::archive/%d", i)})
			assert.Equal(t, i%10 == 7, err == nil, "round %d, object %d", round, i)
			assert.LessOrEqual(t, s.CachedDecisions(), 256)
		}
	}
}

func TestWithoutASessionNothingIsAllowed(t *testing.T) {
	var none *iam.Session
	err := none.Authorize(iam.Request{Action: "kinesis:PutRecord", Resource: stream})
	requireAWSError(t, err, "AccessDeniedException", "User: anonymous is not authorized to perform: kinesis:PutRecord on "+
		"resource: "+stream+" because no identity-based policy allows the kinesis:PutRecord action")
}
