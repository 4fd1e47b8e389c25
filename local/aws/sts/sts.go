// Package sts is the AWS Security Token Service of the local target: it says who signed a request, and lets the administrator
// and sessions assume roles. Documented: the STS API reference.
package sts

import (
	"context"
	"regexp"
	"time"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/internal/constraint"
	"ingest-pipeline/local/aws/internal/protocol"
)

// Service is STS over the roles of an IAM service.
type Service struct{ iam *iam.Service }

// New returns the service.
func New(roles *iam.Service) *Service { return &Service{roles} }

// API is what AWS's clients can do.
func (s *Service) API() protocol.Service {
	return protocol.Service{
		Name: "sts", Version: "2011-06-15", Namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
		Actions: []protocol.Action{
			protocol.Handle("GetCallerIdentity", s.getCallerIdentity),
			protocol.Handle("AssumeRole", s.assumeRole),
		},
	}
}

type callerIdentity struct{ Arn, UserId, Account string }

// getCallerIdentity needs no permission. Documented: API_GetCallerIdentity.
func (s *Service) getCallerIdentity(_ context.Context, call *protocol.Call, _ *struct{}) (*callerIdentity, error) {
	return &callerIdentity{Arn: call.Caller.ARN(), UserId: call.Caller.UserID(), Account: call.Account.ID}, nil
}

type assumeRoleInput struct {
	RoleArn, RoleSessionName, ExternalId *string
	DurationSeconds                      *int

	// These narrow a session or describe it; none of them can be left out without a word.
	Policy, SerialNumber, TokenCode, SourceIdentity *string
	PolicyArns, Tags, ProvidedContexts              []struct{}
	TransitiveTagKeys                               []string
}

type assumeRoleOutput struct {
	Credentials struct {
		AccessKeyId, SecretAccessKey, SessionToken string
		Expiration                                 time.Time
	}
	AssumedRoleUser struct{ AssumedRoleId, Arn string }
}

const defaultDuration = 3600

var (
	sessionName = regexp.MustCompile(`^[\w+=,.@-]*$`)
	externalID  = regexp.MustCompile(`^[\w+=,.@:/-]*$`)
)

// assumeRole checks the members (documented: API_AssumeRole) and lets IAM decide.
func (s *Service) assumeRole(_ context.Context, call *protocol.Call, in *assumeRoleInput) (*assumeRoleOutput, error) {
	var v constraint.Violations
	v.Required("roleArn", in.RoleArn, 20, 2048)
	v.Required("roleSessionName", in.RoleSessionName, 2, 64)
	v.Matches("roleSessionName", in.RoleSessionName, sessionName, `[\w+=,.@-]*`)
	v.Between("durationSeconds", in.DurationSeconds, 900, 43200)
	v.Length("externalId", in.ExternalId, 2, 1224)
	v.Matches("externalId", in.ExternalId, externalID, `[\w+=,.@:\/-]*`)
	if err := v.Err("ValidationError"); err != nil {
		return nil, err
	}
	for _, member := range []struct {
		name  string
		isSet bool
	}{
		{"Policy", in.Policy != nil}, {"PolicyArns", in.PolicyArns != nil}, {"Tags", in.Tags != nil},
		{"TransitiveTagKeys", in.TransitiveTagKeys != nil}, {"SerialNumber", in.SerialNumber != nil},
		{"TokenCode", in.TokenCode != nil}, {"SourceIdentity", in.SourceIdentity != nil},
		{"ProvidedContexts", in.ProvidedContexts != nil},
	} {
		if member.isSet {
			return nil, awserr.New("ValidationError", 400, "The member %s of AssumeRole is not emulated by the local target.", member.name)
		}
	}
	assumption := iam.Assumption{
		RoleARN: *in.RoleArn, SessionName: *in.RoleSessionName, Duration: defaultDuration * time.Second, Context: call.Context(),
	}
	if in.DurationSeconds != nil {
		assumption.Duration = time.Duration(*in.DurationSeconds) * time.Second
	}
	if in.ExternalId != nil {
		assumption.Context["sts:ExternalId"] = *in.ExternalId
	}
	issued, err := s.iam.IssueCredentials(call.Caller, assumption)
	if err != nil {
		return nil, err
	}
	out := &assumeRoleOutput{}
	out.Credentials.AccessKeyId, out.Credentials.SecretAccessKey = issued.ID, issued.Secret
	out.Credentials.SessionToken, out.Credentials.Expiration = issued.SessionToken, issued.Expires
	out.AssumedRoleUser.AssumedRoleId, out.AssumedRoleUser.Arn = issued.UserID, issued.ARN
	return out, nil
}
