package iam

import (
	"crypto/rand"
	"maps"
	"strings"
	"time"

	"ingest-pipeline/local/aws/awserr"
)

// Assumption is a caller's request to assume a role.
type Assumption struct {
	RoleARN, SessionName string
	// Duration is how long the credentials are valid: 15 minutes to the role's MaxSessionSeconds, and one hour at most
	// if the caller is a session itself. Whole seconds.
	Duration time.Duration
	// Context holds the condition keys of the call, such as sts:ExternalId.
	Context map[string]string
}

// TemporaryCredentials are those of an assumed role.
type TemporaryCredentials struct {
	AccessKey
	SessionToken string
	Expires      time.Time
	// ARN is the session's, UserID its unique id, AROA…:<session>.
	ARN, UserID string
}

// IssueCredentials lets a caller assume a role, if the role's trust policy and the caller's own policies allow it.
// Documented: API_AssumeRole and, for role chaining, id_roles.html of the IAM user guide. Errors: ValidationError;
// AccessDenied, also for a role that does not exist.
func (s *Service) IssueCredentials(caller *Session, a Assumption) (TemporaryCredentials, error) {
	if err := checkSessionName(a.SessionName); err != nil {
		return TemporaryCredentials{}, err
	}
	parsed, ok := ParseRoleARN(a.RoleARN)
	if !ok {
		return TemporaryCredentials{}, awserr.New("ValidationError", 400, "%s is invalid", a.RoleARN)
	}
	s.mu.RLock()
	r := s.roles[strings.ToLower(parsed.Name)]
	var trust *Policy
	longest := time.Duration(0)
	if r != nil {
		trust, longest = r.trust, time.Duration(r.record.MaxSessionSeconds)*time.Second
	}
	s.mu.RUnlock()
	if r == nil || r.arn != a.RoleARN || !s.mayAssume(caller, trust, a) {
		return TemporaryCredentials{}, assumeDenied(caller.ARN(), a.RoleARN, "")
	}
	switch { // the sentences are assumed: users quote them
	case caller.role != nil && a.Duration > time.Hour:
		return TemporaryCredentials{}, awserr.New("ValidationError", 400,
			"The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
	case a.Duration > longest:
		return TemporaryCredentials{}, awserr.New("ValidationError", 400,
			"The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	now := s.clock.Now().UTC()
	t := token{
		Role: r.name, RoleID: r.id, Session: a.SessionName,
		AccessKeyID: "ASIA" + rand.Text()[:16], Secret: (rand.Text() + rand.Text())[:40],
		Issued: now, Expires: now.Add(a.Duration).Truncate(time.Second),
	}
	session := r.newSession(s, t.Session, now)
	return TemporaryCredentials{
		AccessKey: AccessKey{t.AccessKeyID, t.Secret}, SessionToken: s.tokens.seal(t), Expires: t.Expires,
		ARN: session.ARN(), UserID: session.UserID(),
	}, nil
}

// mayAssume evaluates a trust policy together with the caller's policies. Documented:
// reference_policies_evaluation-logic.html: a trust policy that names the caller is enough; one that names the account leaves
// it to the policies of the caller.
func (s *Service) mayAssume(caller *Session, trust *Policy, a Assumption) bool {
	held := caller.grants.Load()
	if held == nil {
		return false
	}
	q := &query{
		principal: caller.principal, action: "sts:AssumeRole", resource: a.RoleARN, service: s, issued: caller.issued,
		context: map[string]string{"sts:RoleSessionName": a.SessionName},
	}
	maps.Copy(q.context, a.Context)
	byCaller := q.evaluate(held.statements, namedItself)
	switch {
	case byCaller == ExplicitDeny:
		return false
	case q.evaluate(trust.statements, namedItself) == Allow:
		return true
	default:
		return byCaller == Allow && q.evaluate(trust.statements, namedByAccount) == Allow
	}
}
