package iam

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ingest-pipeline/local/internal/durable"
)

const (
	rolesFile    = "roles.json"
	profilesFile = "instance-profiles.json"
)

// record is a role as it is kept.
type record struct {
	Role
	ID      string    `json:"id"`
	Created time.Time `json:"created"`
	// Policies are the documents of the inline policies by name, Attached the ARNs of the managed ones.
	Policies map[string]string `json:"policies,omitempty"`
	Attached []string          `json:"attached,omitempty"`
}

// Open returns an account with the roles and instance profiles that are kept in the folder dir, which is created if it is missing.
func Open(dir string, account Account, options ...Option) (*Service, error) {
	s := New(account, options...)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err := s.openTokenKey(filepath.Join(dir, "tokens.json")); err != nil {
		return nil, err
	}
	s.dir = dir
	if _, err := durable.ReadJSON(filepath.Join(dir, profilesFile), &s.profiles); err != nil {
		return nil, err
	}
	file := filepath.Join(dir, rolesFile)
	var records []record
	if _, err := durable.ReadJSON(file, &records); err != nil {
		return nil, err
	}
	for _, rec := range records {
		r := s.newRole(rec)
		trust, permissions, err := s.compile(rec)
		if err != nil {
			return nil, &durable.DamagedError{Name: file, Err: fmt.Errorf("role %s: %w", rec.Name, err)}
		}
		r.trust = trust
		r.grants.Store(permissions)
		s.roles[strings.ToLower(rec.Name)] = r
	}
	return s, nil
}

// compile parses the policies of a role.
func (s *Service) compile(rec record) (trust *Policy, permissions *grants, err error) {
	if trust, err = parsePolicy(rec.TrustPolicy, trustPolicy); err != nil {
		return nil, nil, err
	}
	permissions = &grants{}
	for _, name := range slices.Sorted(maps.Keys(rec.Policies)) {
		policy, err := parsePolicy(rec.Policies[name], identityPolicy)
		if err != nil {
			return nil, nil, err
		}
		permissions.statements = append(permissions.statements, policy.statements...)
	}
	for _, arn := range rec.Attached {
		policy, err := managedPolicy(s.account.Partition, arn)
		if err != nil {
			return nil, nil, err
		}
		permissions.statements = append(permissions.statements, policy.statements...)
	}
	return trust, permissions, nil
}

// update replaces a role's record, in the file first; the caller holds the lock.
func (s *Service) update(r *role, next record) error {
	trust, permissions, err := s.compile(next)
	if err != nil {
		return err
	}
	before := r.record
	r.record = next
	if err := s.write(); err != nil {
		r.record = before
		return err
	}
	r.trust = trust
	r.grants.Store(permissions) // which also drops every cached decision
	clear(s.assumed)
	return nil
}

// write keeps all roles in the file; the caller holds the lock.
func (s *Service) write() error {
	if s.dir == "" {
		return nil
	}
	records := []record{}
	for _, name := range slices.Sorted(maps.Keys(s.roles)) {
		records = append(records, s.roles[name].record)
	}
	return durable.WriteJSON(filepath.Join(s.dir, rolesFile), records)
}
