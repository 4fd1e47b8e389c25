package iam

import (
	"errors"
	"strings"
	"sync/atomic"
	"time"
)

// AccessKey is what requests to AWS's API are signed with.
type AccessKey struct{ ID, Secret string }

// AdministratorName is the name of the account's one user, who may do everything: the policy AdministratorAccess is
// attached to it. It is not the root user, since that could not assume a role.
const AdministratorName = "admin"

func (s *Service) newAdministrator() *Session {
	policy, err := parsePolicy(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`, identityPolicy)
	if err != nil {
		panic(err) // the document is the one above
	}
	all := &atomic.Pointer[grants]{}
	all.Store(&grants{policy.statements})
	return &Session{service: s, grants: all, issued: s.clock.Now(), principal: Principal{
		account: s.account.ID, arn: s.account.ARN("iam", "user/"+AdministratorName), user: AdministratorName,
		id: "AIDA" + strings.Repeat("A", 12) + "ADMIN",
	}}
}

// Administrator is the account's one user, who may do everything that no resource's policy denies.
func (s *Service) Administrator() *Session { return s.administrator }

// Why Authenticate knows no caller.
var (
	ErrUnknownKey   = errors.New("the access key or its session token is unknown")
	ErrExpiredToken = errors.New("the session token has expired")
)

// Authenticate finds out whose an access key is, and the secret that its requests are signed with. token is the session
// token that comes with temporary credentials. Errors: ErrUnknownKey, ErrExpiredToken.
func (s *Service) Authenticate(accessKeyID, token string) (caller *Session, secret string, err error) {
	if token == "" {
		if accessKeyID == "" || accessKeyID != s.accessKey.ID {
			return nil, "", ErrUnknownKey
		}
		return s.administrator, s.accessKey.Secret, nil
	}
	t, ok := s.tokens.open(token)
	if !ok || t.AccessKeyID != accessKeyID {
		return nil, "", ErrUnknownKey
	}
	if !s.clock.Now().Before(t.Expires) {
		return nil, "", ErrExpiredToken
	}
	s.mu.RLock()
	r := s.roles[strings.ToLower(t.Role)]
	s.mu.RUnlock()
	if r == nil || r.id != t.RoleID {
		return nil, "", ErrUnknownKey
	}
	return r.temporarySession(s, t), t.Secret, nil
}

// temporarySession returns the session of temporary credentials, making it at first use.
func (r *role) temporarySession(s *Service, t token) *Session {
	name := "key:" + t.AccessKeyID // which is no name that a caller can choose
	r.sessionsMu.Lock()
	defer r.sessionsMu.Unlock()
	if existing := r.sessions[name]; existing != nil {
		return existing
	}
	if len(r.sessions) >= maxSessions {
		clear(r.sessions)
	}
	session := r.newSession(s, t.Session, t.Issued)
	r.sessions[name] = session
	return session
}

// token is what a session token holds.
type token struct {
	Role, RoleID, Session string
	AccessKeyID, Secret   string
	Issued, Expires       time.Time
}
