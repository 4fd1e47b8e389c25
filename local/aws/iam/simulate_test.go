package iam

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The policy, the context and the place are those of an example of the AWS CLI (examples/iam/simulate-custom-policy.rst).
func TestTheSimulatorPlacesAStatementAsAWSDoes(t *testing.T) {
	const document = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*",` +
		`"Condition":{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}`
	policy, err := ParseIdentityPolicy(document)
	require.NoError(t, err)
	s := New(Account{ID: "123456789012", Region: "eu-west-1", Partition: "aws"})
	simulation := Simulation{
		Action: "dynamodb:CreateBackup", Resource: "*", Policies: []*Policy{policy},
		Context: map[string]string{"aws:CurrentTime": "2019-04-25T11:00:00Z"},
	}

	assert.Equal(t, SimulationResult{Decision: Allow, Matched: []MatchedStatement{
		{PolicyID: "PolicyInputList.1", Start: Position{1, 38}, End: Position{1, 167}},
	}}, s.SimulateCustom(simulation))

	simulation.Context["aws:CurrentTime"] = "2014-04-25T11:00:00Z"
	assert.Equal(t, SimulationResult{Decision: ImplicitDeny}, s.SimulateCustom(simulation))
}

func TestTheSimulatorCountsLinesAndTheStatementsBefore(t *testing.T) {
	policy, err := ParseIdentityPolicy(`{
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"},
        {
            "Effect": "Allow", "Action": "s3:*", "Resource": "*"
        }
    ]
}`)
	require.NoError(t, err)
	s := New(Account{ID: "123456789012", Region: "eu-west-1", Partition: "aws"})

	result := s.SimulateCustom(Simulation{Action: "s3:GetObject", Resource: "*", Policies: []*Policy{policy}})

	assert.Equal(t, []MatchedStatement{
		{"PolicyInputList.1", Position{3, 19}, Position{4, 71}},
		{"PolicyInputList.1", Position{4, 71}, Position{7, 10}},
	}, result.Matched)
}

func TestADenyIsTheOnlyStatementThatTheSimulatorShows(t *testing.T) {
	s, name := simulatedRole(t)

	result, err := s.SimulatePrincipal(name, Simulation{Action: "kinesis:DeleteStream", Resource: "*"})
	require.NoError(t, err)

	assert.Equal(t, ExplicitDeny, result.Decision)
	require.Len(t, result.Matched, 1)
	assert.Equal(t, "role_worker_guard", result.Matched[0].PolicyID)
}

func TestTheSimulatorNamesThePoliciesOfARole(t *testing.T) {
	s, name := simulatedRole(t)

	result, err := s.SimulatePrincipal(name, Simulation{Action: "kinesis:PutRecord", Resource: "*"})
	require.NoError(t, err)

	assert.Equal(t, Allow, result.Decision)
	require.Len(t, result.Matched, 1)
	assert.Equal(t, "AmazonKinesisFullAccess", result.Matched[0].PolicyID)
}

func TestTheSimulatorNamesTheContextKeysThatAreMissing(t *testing.T) {
	policy, err := ParseIdentityPolicy(`{"Version":"2012-10-17","Statement":[` +
		`{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:SourceIp}/*","Condition":{"Bool":{"aws:SecureTransport":"true"}}},` +
		`{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"StringLike":{"aws:Referer":"${aws:UserAgent}"},` +
		`"ArnLike":{"aws:PrincipalArn":"${aws:username, 'nobody'}"}}}]}`)
	require.NoError(t, err)
	s, name := simulatedRole(t)
	simulation := Simulation{
		Action: "s3:GetObject", Resource: "arn:aws:s3:::b/192.0.2.1/k", Policies: []*Policy{policy},
		Context: map[string]string{"aws:sourceip": "192.0.2.1"},
	}

	result, err := s.SimulatePrincipal(name, simulation)
	require.NoError(t, err)
	assert.Equal(t, []string{"aws:referer", "aws:securetransport", "aws:useragent"}, result.MissingContextKeys)
	assert.Equal(t, ImplicitDeny, result.Decision, "unlike in a request, nothing says that the transport is secure")

	simulation.Context = map[string]string{
		"aws:SourceIp": "192.0.2.1", "AWS:SecureTransport": "true", "aws:UserAgent": "a", "aws:Referer": "b",
	}
	result, err = s.SimulatePrincipal(name, simulation)
	require.NoError(t, err)
	assert.Empty(t, result.MissingContextKeys)
	assert.Equal(t, Allow, result.Decision)
}

// simulatedRole is a role that may do everything in Kinesis but delete a stream.
func simulatedRole(t *testing.T) (s *Service, name string) {
	t.Helper()
	s = New(Account{ID: "123456789012", Region: "eu-west-1", Partition: "aws"})
	_, err := s.CreateRole(Role{Name: "worker", TrustPolicy: `{"Version":"2012-10-17","Statement":{"Effect":"Allow",` +
		`"Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}`})
	require.NoError(t, err)
	require.NoError(t, s.AttachRolePolicy("worker", "arn:aws:iam::aws:policy/AmazonKinesisFullAccess"))
	require.NoError(t, s.PutRolePolicy("worker", "guard",
		`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"kinesis:Delete*","Resource":"*"}}`))
	return s, "worker"
}
