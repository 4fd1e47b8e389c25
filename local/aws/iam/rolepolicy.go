package iam

import (
	"maps"
	"slices"
	"strings"

	"ingest-pipeline/local/aws/awserr"
)

// PutRolePolicy adds an inline policy to the role, replacing the one that has its name. Errors: NoSuchEntity,
// MalformedPolicyDocument, ValidationError, LimitExceeded (10,240 characters for all inline policies of a role,
// white space not counted).
func (s *Service) PutRolePolicy(roleName, name, document string) error {
	if err := checkName("policyName", name, 128); err != nil {
		return err
	}
	if err := checkDocument("policyDocument", document); err != nil {
		return err
	}
	if _, err := parsePolicy(document, identityPolicy); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.role(roleName)
	if err != nil {
		return err
	}
	total := size(document)
	for other, document := range r.record.Policies {
		if other != name {
			total += size(document)
		}
	}
	if total > maxInlinePolicies { // assumed: quoted in error messages that users have published
		return awserr.New("LimitExceeded", 409, "Maximum policy size of %d bytes exceeded for role %s", maxInlinePolicies, r.name)
	}
	next := r.record
	next.Policies = maps.Clone(next.Policies)
	if next.Policies == nil {
		next.Policies = map[string]string{}
	}
	next.Policies[name] = document
	return s.update(r, next)
}

// GetRolePolicy returns the document of an inline policy as it was put. Errors: NoSuchEntity.
func (s *Service) GetRolePolicy(roleName, name string) (document string, err error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	r, err := s.role(roleName)
	if err != nil {
		return "", err
	}
	document, exists := r.record.Policies[name]
	if !exists {
		return "", noSuchRolePolicy(name)
	}
	return document, nil
}

// DeleteRolePolicy removes an inline policy. Errors: NoSuchEntity.
func (s *Service) DeleteRolePolicy(roleName, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.role(roleName)
	if err != nil {
		return err
	}
	if _, exists := r.record.Policies[name]; !exists {
		return noSuchRolePolicy(name)
	}
	next := r.record
	next.Policies = maps.Clone(next.Policies)
	delete(next.Policies, name)
	return s.update(r, next)
}

func noSuchRolePolicy(name string) error {
	return awserr.New("NoSuchEntity", 404, "The role policy with name %s cannot be found.", name)
}

// AttachRolePolicy attaches one of the AWS managed policies that the local target knows; attaching twice changes
// nothing. Errors: NoSuchEntity that names the role or policy, LimitExceeded at the 11th.
func (s *Service) AttachRolePolicy(roleName, policyARN string) error {
	if _, err := managedPolicy(s.account.Partition, policyARN); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.role(roleName)
	if err != nil {
		return err
	}
	if slices.Contains(r.record.Attached, policyARN) {
		return nil
	}
	if len(r.record.Attached) >= maxManagedPolicies { // assumed: quoted in error messages that users have published
		return awserr.New("LimitExceeded", 409, "Cannot exceed quota for PoliciesPerRole: %d", maxManagedPolicies)
	}
	next := r.record
	next.Attached = append(slices.Clone(next.Attached), policyARN)
	slices.Sort(next.Attached)
	return s.update(r, next)
}

// DetachRolePolicy detaches a managed policy. Errors: NoSuchEntity, ValidationError.
func (s *Service) DetachRolePolicy(roleName, policyARN string) error {
	if !strings.HasPrefix(policyARN, "arn:") {
		return errARN(policyARN)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.role(roleName)
	if err != nil {
		return err
	}
	if !slices.Contains(r.record.Attached, policyARN) {
		return awserr.New("NoSuchEntity", 404, "Policy %s was not found.", policyARN)
	}
	next := r.record
	next.Attached = slices.DeleteFunc(slices.Clone(next.Attached), func(arn string) bool { return arn == policyARN })
	return s.update(r, next)
}
