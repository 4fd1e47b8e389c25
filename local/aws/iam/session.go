package iam

import (
	"maps"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"ingest-pipeline/local/aws/awserr"
)

// Session is a caller with credentials: an assumed role, or the account's administrator. It is safe for concurrent use,
// and follows every change of the role's policies at once: a service may keep it. When the role is deleted the session is
// refused for good, even if a role of the same name is made again.
type Session struct {
	service   *Service
	role      *role // nil for the administrator
	principal Principal
	grants    *atomic.Pointer[grants]
	issued    time.Time

	decisions atomic.Pointer[decisions]
	adding    sync.Mutex
}

// decisions are what Authorize answered under one set of grants.
type decisions struct {
	under *grants
	by    map[decisionKey]error
}

type decisionKey struct {
	action, resource string
	policy           *Policy
}

// maxDecisions bounds the cache of a session. A caller with ever new resources (Firehose's object keys) fills it and
// starts anew; a caller with a few resources never does.
const maxDecisions = 256

// assumption is a call of AssumeRole without condition keys.
type assumption struct{ arn, service, sessionName string }

// maxAssumed bounds how many answers are cached; the services of one pipeline need fewer.
const maxAssumed = 256

// maxSessions bounds how many sessions a role caches by name; a session that was dropped from the cache stays valid.
const maxSessions = 1024

var sessionName = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)

// AssumeRole gives the service ("apigateway.amazonaws.com") a session of the role, if the role's trust policy allows it.
// context holds the condition keys of the call, such as sts:ExternalId or aws:SourceArn; nil is none. sessionName is 2
// to 64 letters, digits and any of +=,.@_- ; the same name gives the same session. Errors: ValidationError;
// AccessDenied, also for a role that does not exist, as in AWS. Every call evaluates the trust policy of that moment;
// existing sessions do not depend on it, as in AWS.
func (s *Service) AssumeRole(arn, service, sessionName string, context map[string]string) (*Session, error) {
	key := assumption{arn, service, sessionName}
	if len(context) == 0 {
		s.mu.RLock()
		session := s.assumed[key]
		s.mu.RUnlock()
		if session != nil {
			return session, nil
		}
	}
	parsed, ok := ParseRoleARN(arn)
	if !ok {
		return nil, awserr.New("ValidationError", 400, "%s is invalid", arn)
	}
	if err := checkSessionName(sessionName); err != nil {
		return nil, err
	}
	s.mu.RLock()
	r := s.roles[strings.ToLower(parsed.Name)]
	var trust *Policy
	if r != nil {
		trust = r.trust
	}
	s.mu.RUnlock()
	if r == nil || r.arn != arn {
		return nil, assumeDenied(service, arn, "")
	}
	q := &query{
		principal: ServicePrincipal(service), action: "sts:AssumeRole", resource: arn, service: s,
		context: map[string]string{"sts:RoleSessionName": sessionName},
	}
	maps.Copy(q.context, context)
	switch q.evaluate(trust.statements, namedItself) {
	case ExplicitDeny:
		return nil, assumeDenied(service, arn, " with an explicit deny in the role trust policy")
	case ImplicitDeny:
		return nil, assumeDenied(service, arn, "")
	}
	session := r.session(s, sessionName)
	if len(context) == 0 && !q.usedConditionKey {
		s.cacheAssumption(key, session, trust)
	}
	return session, nil
}

// cacheAssumption caches an answer, unless the role has changed since its trust policy was read.
func (s *Service) cacheAssumption(key assumption, session *Session, trust *Policy) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.roles[strings.ToLower(session.role.name)] != session.role || session.role.trust != trust {
		return
	}
	if len(s.assumed) >= maxAssumed {
		clear(s.assumed)
	}
	s.assumed[key] = session
}

// assumeDenied is STS's answer. The sentence for identities is documented (troubleshoot_access-denied.html);
// that a service's name stands where the identity's ARN stands is assumed: services word the refusal themselves.
func assumeDenied(service, arn, context string) error {
	return awserr.New("AccessDenied", 403, "User: %s is not authorized to perform: sts:AssumeRole on resource: %s%s",
		service, arn, context)
}

func checkSessionName(name string) error {
	if sessionName.MatchString(name) {
		return nil
	}
	return awserr.New("ValidationError", 400, "1 validation error detected: Value '%s' at 'roleSessionName' failed to "+
		`satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]{2,64}`, name)
}

// session returns the session of that name, making it at first use.
func (r *role) session(s *Service, name string) *Session {
	r.sessionsMu.Lock()
	defer r.sessionsMu.Unlock()
	if existing := r.sessions[name]; existing != nil {
		return existing
	}
	if len(r.sessions) >= maxSessions {
		clear(r.sessions)
	}
	session := r.newSession(s, name, s.clock.Now())
	r.sessions[name] = session
	return session
}

func (r *role) newSession(s *Service, name string, issued time.Time) *Session {
	return &Session{service: s, role: r, grants: &r.grants, issued: issued, principal: Principal{
		account: s.account.ID, arn: s.account.ARN("sts", "assumed-role/"+r.name+"/"+name), role: r.arn, id: r.id,
		session: name,
	}}
}

// ARN is the caller's own ARN: arn:aws:sts::<account>:assumed-role/<role>/<session>, or that of the administrator's user.
func (s *Session) ARN() string { return s.principal.arn }

// RoleARN is the ARN of the role, or empty.
func (s *Session) RoleARN() string { return s.principal.role }

// UserID is the unique id of the caller, AROA…:<session> or AIDA….
func (s *Session) UserID() string {
	id, _ := s.principal.userID()
	return id
}

// Authorize returns nil when the role's policies or the resource's allow the request and none denies it. Otherwise the
// error is an *awserr.Error AccessDeniedException in AWS's sentence, or UnrecognizedClientException when the role was
// deleted. Without a session (nil) nothing is allowed. A decision that depends on no condition key is cached until a
// policy of the role changes.
func (s *Session) Authorize(request Request) error {
	if s == nil {
		return denied(Principal{}, request, " because no identity-based policy allows the "+request.Action+" action")
	}
	grants := s.grants.Load()
	if grants == nil {
		// Assumed: the sentence, which users quote, and that a deleted role's session gets it from every service.
		return awserr.New("UnrecognizedClientException", 400, "The security token included in the request is invalid.")
	}
	key := decisionKey{request.Action, request.Resource, request.ResourcePolicy}
	if cached := s.decisions.Load(); cached != nil && cached.under == grants {
		if decision, ok := cached.by[key]; ok {
			return decision
		}
	}
	decision, cacheable := s.decide(grants, request)
	if cacheable {
		s.cacheDecision(grants, key, decision)
	}
	return decision
}

// decide evaluates the policies of the role, then the resource's. Documented: reference_policies_evaluation-logic.html,
// a request within one account.
func (s *Session) decide(grants *grants, request Request) (decision error, cacheable bool) {
	q := &query{
		principal: s.principal, action: request.Action, resource: request.Resource, context: request.Context,
		service: s.service, issued: s.issued,
	}
	byIdentity, byResource := q.evaluate(grants.statements, namedItself), ImplicitDeny
	if request.ResourcePolicy != nil && byIdentity != ExplicitDeny {
		byResource = q.evaluate(request.ResourcePolicy.statements, namedItself)
	}
	// The sentences are documented: troubleshoot_access-denied.html.
	switch {
	case byIdentity == ExplicitDeny:
		decision = denied(s.principal, request, " with an explicit deny in an identity-based policy")
	case byResource == ExplicitDeny:
		decision = denied(s.principal, request, " with an explicit deny in a resource-based policy")
	case byIdentity != Allow && byResource != Allow:
		decision = denied(s.principal, request, " because no identity-based policy allows the "+request.Action+" action")
	}
	return decision, !q.usedConditionKey
}

func denied(p Principal, request Request, why string) error {
	return awserr.New("AccessDeniedException", 400, "User: %s is not authorized to perform: %s on resource: %s%s",
		p.name(), request.Action, request.Resource, why)
}

// cacheDecision adds a decision to a copy of the cache, so that readers need no lock.
func (s *Session) cacheDecision(grants *grants, key decisionKey, decision error) {
	s.adding.Lock()
	defer s.adding.Unlock()
	next := &decisions{under: grants, by: map[decisionKey]error{key: decision}}
	if old := s.decisions.Load(); old != nil && old.under == grants && len(old.by) < maxDecisions {
		maps.Copy(next.by, old.by)
	}
	s.decisions.Store(next)
}
