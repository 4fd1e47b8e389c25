package iam

import (
	"crypto/rand"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"ingest-pipeline/local/aws/awserr"
)

// Role is the configuration of a role.
type Role struct {
	// Name is 1 to 64 letters, digits and any of +=,.@_- ; it is unique in the account whatever its case.
	Name string `json:"name"`
	// Path starts and ends with a slash; up to 512 characters. Default "/".
	Path string `json:"path"`
	// TrustPolicy is the JSON document that says who may assume the role; up to 2,048 characters without white space.
	TrustPolicy string `json:"trustPolicy"`
	// MaxSessionSeconds is how long temporary credentials may be valid: 3,600 to 43,200. Default 3,600.
	MaxSessionSeconds int `json:"maxSessionSeconds"`
	// Description is up to 1,000 characters.
	Description string            `json:"description,omitempty"`
	Tags        map[string]string `json:"tags,omitempty"`
}

// role is a role with its policies.
type role struct {
	name, arn, id string // these never change

	// The service's lock guards these.
	record record
	trust  *Policy

	// grants is what the policies add up to, replaced as a whole by every change; nil once the role is deleted.
	grants atomic.Pointer[grants]

	sessionsMu sync.Mutex
	sessions   map[string]*Session // by session name
}

// grants are the statements of all identity policies of a role.
type grants struct{ statements []*statement }

func (s *Service) newRole(rec record) *role {
	return &role{
		name: rec.Name, arn: s.account.ARN("iam", "role"+rec.Path+rec.Name), id: rec.ID, record: rec,
		sessions: map[string]*Session{},
	}
}

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
	if err := s.checkRole(&config); err != nil {
		return "", err
	}
	r := s.newRole(record{Role: config, ID: newUniqueID("AROA"), Created: s.clock.Now().UTC().Truncate(time.Second)})
	s.roles[strings.ToLower(config.Name)] = r
	if err := s.update(r, r.record); err != nil {
		delete(s.roles, strings.ToLower(config.Name))
		return "", err
	}
	return r.arn, nil
}

// UpdateRole changes the trust policy, description, session length and tags of a role (UpdateAssumeRolePolicy,
// UpdateRole, TagRole and UntagRole in AWS). Errors: NoSuchEntity, MalformedPolicyDocument, LimitExceeded,
// ValidationError, also for another path: AWS cannot move a role either.
func (s *Service) UpdateRole(config Role) error {
	return s.EditRole(config.Name, func(r *Role) error {
		*r = config
		return nil
	})
}

// EditRole is UpdateRole with what change makes of the role, which nothing else changes meanwhile.
func (s *Service) EditRole(name string, change func(*Role) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.role(name)
	if err != nil {
		return err
	}
	config := r.record.Role
	config.Tags = maps.Clone(config.Tags)
	if err := change(&config); err != nil {
		return err
	}
	if err := s.checkRole(&config); err != nil {
		return err
	}
	if config.Path != r.record.Path || config.Name != r.name {
		return awserr.New("ValidationError", 400, "Role %s cannot be moved to %s: it needs a new role.", r.arn,
			s.account.ARN("iam", "role"+config.Path+config.Name))
	}
	next := r.record
	next.Role = config
	return s.update(r, next)
}

// DeleteRole removes a role; its sessions are refused from then on. Errors: NoSuchEntity; DeleteConflict while
// policies are embedded or attached or an instance profile has the role.
func (s *Service) DeleteRole(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.role(name)
	switch {
	case err != nil:
		return err
	case len(r.record.Attached) > 0: // sentences and order: moto's iam/models.py
		return awserr.New("DeleteConflict", 409, "Cannot delete entity, must detach all policies first.")
	case len(r.record.Policies) > 0:
		return awserr.New("DeleteConflict", 409, "Cannot delete entity, must delete policies first.")
	case s.isInProfile(name):
		return awserr.New("DeleteConflict", 409, "Cannot delete entity, must remove roles from instance profile first.")
	}
	delete(s.roles, strings.ToLower(name))
	if err := s.write(); err != nil {
		s.roles[strings.ToLower(name)] = r
		return err
	}
	r.grants.Store(nil)
	clear(s.assumed)
	return nil
}

// RoleDescription is a role as GetRole shows it.
type RoleDescription struct {
	Role
	ARN string
	// ID is the unique id, "AROA…": a role that is deleted and made again has another.
	ID      string
	Created time.Time
	// Policies are the names of the inline policies, sorted; Attached the ARNs of the managed ones, sorted.
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
	return r.describe(), nil
}

// ListRoles returns all roles, sorted by name.
func (s *Service) ListRoles() []RoleDescription {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var all []RoleDescription
	for _, name := range slices.Sorted(maps.Keys(s.roles)) {
		all = append(all, s.roles[name].describe())
	}
	return all
}

// describe copies what callers could change.
func (r *role) describe() RoleDescription {
	d := RoleDescription{
		Role: r.record.Role, ARN: r.arn, ID: r.id, Created: r.record.Created,
		Policies: slices.Sorted(maps.Keys(r.record.Policies)), Attached: slices.Clone(r.record.Attached),
	}
	d.Tags = maps.Clone(d.Tags)
	return d
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

func isPath(path string) bool { return len(path) <= 512 && rolePath.MatchString(path) }

var errPath = awserr.New("ValidationError", 400, "The specified value for path is invalid. It must begin and end with / "+
	"and contain only alphanumeric characters and/or / characters.")

// checkName checks the name of a role or an inline policy. Limits: documented, API_CreateRole and API_PutRolePolicy.
func checkName(what, name string, longest int) error {
	switch {
	case name == "":
		return awserr.New("ValidationError", 400, "1 validation error detected: Value '' at '%s' failed to satisfy "+
			"constraint: Member must have length greater than or equal to 1", what)
	case utf8.RuneCountInString(name) > longest:
		return awserr.New("ValidationError", 400, "1 validation error detected: Value '%s' at '%s' failed to satisfy "+
			"constraint: Member must have length less than or equal to %d", name, what, longest)
	case !entityName.MatchString(name): // assumed: quoted in error messages that users have published
		return awserr.New("ValidationError", 400, "The specified value for %s is invalid. It must contain only "+
			"alphanumeric characters and/or the following: +=,.@_-", what)
	}
	return nil
}

// checkRole checks a configuration and fills in its defaults; the caller holds the lock.
func (s *Service) checkRole(config *Role) error {
	if err := checkName("roleName", config.Name, 64); err != nil {
		return err
	}
	if config.Path == "" {
		config.Path = "/"
	}
	if config.MaxSessionSeconds == 0 {
		config.MaxSessionSeconds = 3600
	}
	config.Tags = maps.Clone(config.Tags)
	switch {
	case !isPath(config.Path):
		return errPath
	case config.MaxSessionSeconds < 3600 || config.MaxSessionSeconds > 43200:
		return awserr.New("ValidationError", 400, "1 validation error detected: Value '%d' at 'maxSessionDuration' "+
			"failed to satisfy constraint: Member must have value between 3600 and 43200", config.MaxSessionSeconds)
	case utf8.RuneCountInString(config.Description) > 1000:
		return awserr.New("ValidationError", 400, "1 validation error detected: Value at 'description' failed to "+
			"satisfy constraint: Member must have length less than or equal to 1000")
	}
	if err := checkTags(config.Tags); err != nil {
		return err
	}
	if err := checkDocument("assumeRolePolicyDocument", config.TrustPolicy); err != nil {
		return err
	}
	trust, err := parsePolicy(config.TrustPolicy, trustPolicy)
	if err != nil {
		return err
	}
	if size(config.TrustPolicy) > maxTrustPolicy { // assumed: quoted in error messages that users have published
		return awserr.New("LimitExceeded", 409, "Cannot exceed quota for ACLSizePerRole: %d", maxTrustPolicy)
	}
	return s.checkPrincipals(trust, config.Name)
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
// never match.
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
			if arn == s.administrator.ARN() {
				continue
			}
			if r == nil && name == creating || r != nil && r.arn == arn {
				continue
			}
			return malformed(fmt.Sprintf(`Invalid principal in policy: "AWS":%q`, arn), st.place+".Principal",
				"no such role or user in the account")
		}
	}
	return nil
}

// newUniqueID returns a new unique id. Documented: reference_identifiers.html, a prefix such as "AROA" and 17 letters and
// digits.
func newUniqueID(prefix string) string { return prefix + rand.Text()[:17] }
