package iam_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/iam"
)

// BenchmarkAuthorizeHot is the check that API Gateway makes for each request: the same action on the same stream.
func BenchmarkAuthorizeHot(b *testing.B) {
	session := assumed(b, newAccount(b), allow(`"kinesis:PutRecord"`, quote(stream)))
	request := iam.Request{Action: "kinesis:PutRecord", Resource: stream}
	require.NoError(b, session.Authorize(request))
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if session.Authorize(request) != nil {
				b.Fatal("denied")
			}
		}
	})
}

// BenchmarkAuthorizeCold is the same check without the cache, as for a new object key each time.
func BenchmarkAuthorizeCold(b *testing.B) {
	session := assumed(b, newAccount(b), `{"Version": "2012-10-17", "Statement": {"Effect": "Allow",
		"Action": "kinesis:PutRecord", "Resource": "`+stream+`",
		"Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}}}`)
	request := iam.Request{Action: "kinesis:PutRecord", Resource: stream}
	require.NoError(b, session.Authorize(request))
	b.ReportAllocs()
	for b.Loop() {
		if session.Authorize(request) != nil {
			b.Fatal("denied")
		}
	}
}

// BenchmarkAssumeRole is what a service pays that assumes the role for each request.
func BenchmarkAssumeRole(b *testing.B) {
	account := newAccount(b)
	arn := withRole(b, account, "writer", trust(`{"Service": "apigateway.amazonaws.com"}`))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := account.AssumeRole(arn, "apigateway.amazonaws.com", "BackplaneAssumeRoleSession", nil); err != nil {
			b.Fatal(err)
		}
	}
}
