package iam

import (
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"ingest-pipeline/local/aws/awserr"
)

// Role is what CreateRole and PutRole take.
type Role struct {
	// Name is 1 to 64 letters, digits and any of +=,.@_- ; it is unique in the account whatever its case.
	Name string
	// Path starts and ends with a slash; up to 512 characters. Default "/".
	Path string
	// TrustPolicy is the JSON document that says who may assume the role; up to 2,048 characters without white space.
	TrustPolicy string
	// MaxSessionSeconds is 3,600 to 43,200. Default 3,600. Kept, but sessions of the local target do not expire.
	MaxSessionSeconds int
	// Description is up to 1,000 characters.
	Description string
}

// role is a role with its policies.
type role struct {
	name, arn, id string // these never change

	// The service's lock guards these.
	config   Role
	trust    *Policy
	inline   map[string]*Policy
	attached map[string]*Policy

	// grants is what the policies add up to, replaced as a whole by every change; nil once the role is deleted.
	grants atomic.Pointer[grants]

	sessionsMu sync.Mutex
	sessions   map[string]*Session // by session name
}

// grants are the statements of all identity policies of a role.
type grants struct{ statements []*statement }

// Quotas. Documented: reference_iam-quotas.html (the defaults).
const (
	maxTrustPolicy     = 2048
	maxInlinePolicies  = 10240
	maxManagedPolicies = 10
	maxDocument        = 131072
)

// CreateRole adds a role and returns its ARN. Errors: EntityAlreadyExists, MalformedPolicyDocument, ValidationError,
// LimitExceeded.
func (s *Service) CreateRole(config Role) (arn string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if existing := s.roles[strings.ToLower(config.Name)]; existing != nil {
		return "", awserr.New("EntityAlreadyExists", 409, "Role with name %s already exists.", config.Name)
	}
	trust, err := s.checkRole(&config)
	if err != nil {
		return "", err
	}
	r := &role{
		name: config.Name, arn: s.account.ARN("iam", "role"+config.Path+config.Name), id: newRoleID(),
		config: config, trust: trust, inline: map[string]*Policy{}, attached: map[string]*Policy{},
		sessions: map[string]*Session{},
	}
	r.grants.Store(&grants{})
	s.roles[strings.ToLower(config.Name)] = r
	return r.arn, nil
}

// PutRole creates the role, or changes the trust policy, description and session length of the one that has its name
// (UpdateAssumeRolePolicy and UpdateRole in AWS); policies stay. A changed path is a ValidationError: AWS cannot move
// a role either.
func (s *Service) PutRole(config Role) (arn string, err error) {
	s.mu.RLock()
	_, exists := s.roles[strings.ToLower(config.Name)]
	s.mu.RUnlock()
	if !exists {
		return s.CreateRole(config)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.role(config.Name)
	if err != nil {
		return "", err
	}
	trust, err := s.checkRole(&config)
	if err != nil {
		return "", err
	}
	if config.Path != r.config.Path || config.Name != r.name {
		return "", awserr.New("ValidationError", 400, "Role %s cannot be moved to %s: it needs a new role.", r.arn,
			s.account.ARN("iam", "role"+config.Path+config.Name))
	}
	r.config, r.trust = config, trust
	clear(s.granted)
	return r.arn, nil
}

// DeleteRole removes a role; its sessions are refused from then on. Errors: NoSuchEntity; DeleteConflict while
// policies are embedded or attached.
func (s *Service) DeleteRole(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.role(name)
	switch {
	case err != nil:
		return err
	case len(r.attached) > 0: // sentences and order: moto's iam/models.py
		return awserr.New("DeleteConflict", 409, "Cannot delete entity, must detach all policies first.")
	case len(r.inline) > 0:
		return awserr.New("DeleteConflict", 409, "Cannot delete entity, must delete policies first.")
	}
	r.grants.Store(nil)
	delete(s.roles, strings.ToLower(name))
	clear(s.granted)
	return nil
}

// RoleDescription is a role as GetRole shows it.
type RoleDescription struct {
	Role
	ARN string
	// ID is the unique id, "AROA…": a role that is deleted and made again has another.
	ID string
	// Policies are the names of the embedded policies, sorted; Attached the ARNs of the managed ones, sorted.
	Policies, Attached []string
}

// GetRole describes a role. Errors: NoSuchEntity.
func (s *Service) GetRole(name string) (RoleDescription, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	r, err := s.role(name)
	if err != nil {
		return RoleDescription{}, err
	}
	return RoleDescription{
		Role: r.config, ARN: r.arn, ID: r.id,
		Policies: slices.Sorted(maps.Keys(r.inline)), Attached: slices.Sorted(maps.Keys(r.attached)),
	}, nil
}

// role finds a role by its name; the caller holds the lock.
func (s *Service) role(name string) (*role, error) {
	if r := s.roles[strings.ToLower(name)]; r != nil {
		return r, nil
	}
	return nil, awserr.New("NoSuchEntity", 404, "The role with name %s cannot be found.", name)
}

var (
	entityName = regexp.MustCompile(`^[\w+=,.@-]+$`)
	rolePath   = regexp.MustCompile("^/(?:[\u0021-\u007e]+/)?$")
)

// checkName checks the name of a role or an embedded policy. Limits: documented, API_CreateRole and API_PutRolePolicy.
func checkName(what, name string, longest int) error {
	switch {
	case name == "":
		return awserr.New("ValidationError", 400, "1 validation error detected: Value '' at '%s' failed to satisfy "+
			"constraint: Member must have length greater than or equal to 1", what)
	case utf8.RuneCountInString(name) > longest:
		return awserr.New("ValidationError", 400, "1 validation error detected: Value '%s' at '%s' failed to satisfy "+
			"constraint: Member must have length less than or equal to %d", name, what, longest)
	case !entityName.MatchString(name): // [FIELD]
		return awserr.New("ValidationError", 400, "The specified value for %s is invalid. It must contain only "+
			"alphanumeric characters and/or the following: +=,.@_-", what)
	}
	return nil
}

// checkRole fills in defaults and returns the parsed trust policy; the caller holds the lock.
func (s *Service) checkRole(config *Role) (*Policy, error) {
	if err := checkName("roleName", config.Name, 64); err != nil {
		return nil, err
	}
	if config.Path == "" {
		config.Path = "/"
	}
	if config.MaxSessionSeconds == 0 {
		config.MaxSessionSeconds = 3600
	}
	switch {
	case len(config.Path) > 512 || !rolePath.MatchString(config.Path):
		return nil, awserr.New("ValidationError", 400, "The specified value for path is invalid. It must begin and end with / "+
			"and contain only alphanumeric characters and/or / characters.")
	case config.MaxSessionSeconds < 3600 || config.MaxSessionSeconds > 43200:
		return nil, awserr.New("ValidationError", 400, "1 validation error detected: Value '%d' at 'maxSessionDuration' "+
			"failed to satisfy constraint: Member must have value between 3600 and 43200", config.MaxSessionSeconds)
	case utf8.RuneCountInString(config.Description) > 1000:
		return nil, awserr.New("ValidationError", 400, "1 validation error detected: Value at 'description' failed to "+
			"satisfy constraint: Member must have length less than or equal to 1000")
	}
	if err := checkDocument("assumeRolePolicyDocument", config.TrustPolicy); err != nil {
		return nil, err
	}
	trust, err := parsePolicy(config.TrustPolicy, trustPolicy)
	if err != nil {
		return nil, err
	}
	if size(config.TrustPolicy) > maxTrustPolicy { // [FIELD]
		return nil, awserr.New("LimitExceeded", 409, "Cannot exceed quota for ACLSizePerRole: %d", maxTrustPolicy)
	}
	return trust, s.checkPrincipals(trust, config.Name)
}

func checkDocument(what, document string) error {
	if document == "" || utf8.RuneCountInString(document) > maxDocument {
		return awserr.New("ValidationError", 400, "1 validation error detected: Value at '%s' failed to satisfy constraint: "+
			"Member must have length between 1 and %d", what, maxDocument)
	}
	return nil
}

// size counts a document as the quotas do. Documented: white space is not counted.
func size(document string) int {
	count := 0
	for _, r := range document {
		if !unicode.IsSpace(r) {
			count++
		}
	}
	return count
}

// CheckPrincipals refuses a policy that names a role or user of this account that does not exist, as AWS does when it
// turns the ARN into the identity's unique id. Identities of other accounts cannot be looked up: they are accepted and
// match nobody.
func (s *Service) CheckPrincipals(policy *Policy) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.checkPrincipals(policy, "")
}

// checkPrincipals does the work of CheckPrincipals under the caller's lock; a role may name itself when it is created.
func (s *Service) checkPrincipals(policy *Policy, creating string) error {
	for _, st := range policy.statements {
		if st.principals == nil {
			continue
		}
		for _, arn := range st.principals.aws {
			path, ours := strings.CutPrefix(arn, s.account.ARN("iam", ""))
			if !ours {
				continue
			}
			name := path[strings.LastIndexByte(path, '/')+1:]
			r := s.roles[strings.ToLower(name)]
			if r == nil && name == creating || r != nil && r.arn == arn {
				continue
			}
			return malformed(fmt.Sprintf(`Invalid principal in policy: "AWS":%q`, arn), st.place+".Principal",
				"no such role or user in the account")
		}
	}
	return nil
}

// newRoleID makes a unique id. Documented: reference_identifiers.html, "AROA" and 17 letters and digits.
func newRoleID() string {
	var random [11]byte
	if _, err := rand.Read(random[:]); err != nil {
		panic(err) // crypto/rand does not fail
	}
	return "AROA" + base32.StdEncoding.EncodeToString(random[:])[:17]
}
