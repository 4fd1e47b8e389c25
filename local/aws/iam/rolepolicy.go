package iam

import (
	"maps"
	"slices"

	"ingest-pipeline/local/aws/awserr"
)

// PutRolePolicy embeds the policy document in the role, replacing the one that has its name. Errors: NoSuchEntity,
// MalformedPolicyDocument, ValidationError, LimitExceeded (10,240 characters for all embedded policies of a role,
// white space not counted).
func (s *Service) PutRolePolicy(roleName, name, document string) error {
	if err := checkName("policyName", name, 128); err != nil {
		return err
	}
	if err := checkDocument("policyDocument", document); err != nil {
		return err
	}
	policy, err := parsePolicy(document, identityPolicy)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.role(roleName)
	if err != nil {
		return err
	}
	total := size(document)
	for other, p := range r.inline {
		if other != name {
			total += size(p.document)
		}
	}
	if total > maxInlinePolicies { // [FIELD]
		return awserr.New("LimitExceeded", 409, "Maximum policy size of %d bytes exceeded for role %s", maxInlinePolicies, r.name)
	}
	r.inline[name] = policy
	r.regrant()
	return nil
}

// GetRolePolicy returns the document of an embedded policy as it was put. Errors: NoSuchEntity.
func (s *Service) GetRolePolicy(roleName, name string) (document string, err error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	r, err := s.role(roleName)
	if err != nil {
		return "", err
	}
	policy := r.inline[name]
	if policy == nil {
		return "", noSuchRolePolicy(name)
	}
	return policy.document, nil
}

// DeleteRolePolicy removes an embedded policy. Errors: NoSuchEntity.
func (s *Service) DeleteRolePolicy(roleName, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.role(roleName)
	if err != nil {
		return err
	}
	if r.inline[name] == nil {
		return noSuchRolePolicy(name)
	}
	delete(r.inline, name)
	r.regrant()
	return nil
}

func noSuchRolePolicy(name string) error {
	return awserr.New("NoSuchEntity", 404, "The role policy with name %s cannot be found.", name)
}

// AttachRolePolicy attaches one of the AWS managed policies that the local target knows; attaching twice changes
// nothing. Errors: NoSuchEntity that names the role or policy, LimitExceeded at the 11th.
func (s *Service) AttachRolePolicy(roleName, policyARN string) error {
	policy, err := managedPolicy(s.account.Partition, policyARN)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.role(roleName)
	if err != nil {
		return err
	}
	if r.attached[policyARN] == nil && len(r.attached) >= maxManagedPolicies { // [FIELD]
		return awserr.New("LimitExceeded", 409, "Cannot exceed quota for PoliciesPerRole: %d", maxManagedPolicies)
	}
	r.attached[policyARN] = policy
	r.regrant()
	return nil
}

// DetachRolePolicy detaches a managed policy. Errors: NoSuchEntity.
func (s *Service) DetachRolePolicy(roleName, policyARN string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.role(roleName)
	if err != nil {
		return err
	}
	if r.attached[policyARN] == nil {
		return awserr.New("NoSuchEntity", 404, "Policy %s was not found.", policyARN)
	}
	delete(r.attached, policyARN)
	r.regrant()
	return nil
}

// regrant adds the policies up anew, which also forgets every cached decision; the caller holds the service's lock.
func (r *role) regrant() {
	sum := &grants{}
	for _, policies := range []map[string]*Policy{r.inline, r.attached} {
		for _, name := range slices.Sorted(maps.Keys(policies)) {
			sum.statements = append(sum.statements, policies[name].statements...)
		}
	}
	r.grants.Store(sum)
}
