package iam

import (
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTemporaryCredentialsAreValidForTheirDurationAndTheirRole(t *testing.T) {
	clock := clockwork.NewFakeClock()
	s := New(Account{ID: "123456789012", Region: "eu-west-1", Partition: "aws"}, WithClock(clock))
	create := func() string {
		arn, err := s.CreateRole(Role{Name: "r", TrustPolicy: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}]}`})
		require.NoError(t, err)
		return arn
	}
	issued, err := s.IssueCredentials(s.Administrator(), Assumption{RoleARN: create(), SessionName: "me", Duration: 15 * time.Minute})
	require.NoError(t, err)
	caller, secret, err := s.Authenticate(issued.ID, issued.SessionToken)
	require.NoError(t, err)
	assert.Equal(t, issued.Secret, secret)
	assert.Equal(t, issued.ARN, caller.ARN())

	_, _, err = s.Authenticate(issued.ID, "")
	require.ErrorIs(t, err, ErrUnknownKey, "a key without its token")
	_, _, err = s.Authenticate("ASIAOTHER", issued.SessionToken)
	require.ErrorIs(t, err, ErrUnknownKey, "another key")
	_, _, err = s.Authenticate(issued.ID, strings.Replace(issued.SessionToken, issued.SessionToken[20:22], "AA", 1))
	require.ErrorIs(t, err, ErrUnknownKey, "a token that was changed")

	clock.Advance(15*time.Minute - time.Second)
	_, _, err = s.Authenticate(issued.ID, issued.SessionToken)
	require.NoError(t, err)
	clock.Advance(time.Second)
	_, _, err = s.Authenticate(issued.ID, issued.SessionToken)
	require.ErrorIs(t, err, ErrExpiredToken)

	issued, err = s.IssueCredentials(s.Administrator(), Assumption{RoleARN: caller.RoleARN(), SessionName: "me", Duration: time.Hour})
	require.NoError(t, err)
	require.NoError(t, s.DeleteRole("r"))
	create()
	_, _, err = s.Authenticate(issued.ID, issued.SessionToken)
	require.ErrorIs(t, err, ErrUnknownKey, "another role of that name")
}

func TestARoleAssumedByARoleIsNotAssumedForLongerThanAnHour(t *testing.T) {
	s := New(Account{ID: "123456789012", Region: "eu-west-1", Partition: "aws"})
	arn, err := s.CreateRole(Role{Name: "r", MaxSessionSeconds: 43200, TrustPolicy: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}]}`})
	require.NoError(t, err)
	long := Assumption{RoleARN: arn, SessionName: "me", Duration: 2 * time.Hour}
	issued, err := s.IssueCredentials(s.Administrator(), long)
	require.NoError(t, err)
	session, _, err := s.Authenticate(issued.ID, issued.SessionToken)
	require.NoError(t, err)
	_, err = s.IssueCredentials(session, long)
	require.ErrorContains(t, err, "1 hour session limit for roles assumed by role chaining")
	long.Duration = time.Hour
	_, err = s.IssueCredentials(session, long)
	require.NoError(t, err)
}

func TestATrustPolicyThatNamesTheAccountLeavesItToTheCallersPolicies(t *testing.T) {
	s := New(Account{ID: "123456789012", Region: "eu-west-1", Partition: "aws"})
	create := func(name string) string {
		arn, err := s.CreateRole(Role{Name: name, TrustPolicy: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}]}`})
		require.NoError(t, err)
		return arn
	}
	assume := func(caller *Session, arn string) (*Session, error) {
		issued, err := s.IssueCredentials(caller, Assumption{RoleARN: arn, SessionName: "me", Duration: time.Hour})
		if err != nil {
			return nil, err
		}
		session, _, err := s.Authenticate(issued.ID, issued.SessionToken)
		return session, err
	}
	session, err := assume(s.Administrator(), create("first"))
	require.NoError(t, err)
	second := create("second")
	_, err = assume(session, second)
	require.ErrorContains(t, err, "User: arn:aws:sts::123456789012:assumed-role/first/me is not authorized to perform: sts:AssumeRole on resource: "+second)
	require.NoError(t, s.PutRolePolicy("first", "assume", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}]}`))
	_, err = assume(session, second)
	require.NoError(t, err)
	require.NoError(t, s.PutRolePolicy("first", "deny", `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"sts:*","Resource":"*"}]}`))
	_, err = assume(session, second)
	require.Error(t, err)
}
