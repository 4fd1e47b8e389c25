package iam

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/internal/durable"
)

// InstanceProfile hands a role to EC2 instances.
type InstanceProfile struct {
	// Name is 1 to 128 letters, digits and any of +=,.@_- ; it is unique in the account whatever its case.
	Name string `json:"name"`
	// Path starts and ends with a slash; up to 512 characters. Default "/".
	Path string `json:"path"`
	// Role is the name of the role; empty: none.
	Role string            `json:"role,omitempty"`
	Tags map[string]string `json:"tags,omitempty"`

	// ID is the unique id, "AIPA…". It and CreateDate are set by the service.
	ID         string    `json:"id"`
	CreateDate time.Time `json:"createDate"`
}

// InstanceProfileARN is the ARN of an instance profile.
func (s *Service) InstanceProfileARN(p InstanceProfile) string {
	return s.account.ARN("iam", "instance-profile"+p.Path+p.Name)
}

// CreateInstanceProfile adds an instance profile. Errors: EntityAlreadyExists, ValidationError, and NoSuchEntity for a
// role that does not exist.
func (s *Service) CreateInstanceProfile(p InstanceProfile) (InstanceProfile, error) {
	if err := checkName("instanceProfileName", p.Name, 128); err != nil {
		return InstanceProfile{}, err
	}
	if p.Path == "" {
		p.Path = "/"
	}
	if !isPath(p.Path) {
		return InstanceProfile{}, errPath
	}
	if err := checkTags(p.Tags); err != nil {
		return InstanceProfile{}, err
	}
	p.ID, p.CreateDate = newUniqueID("AIPA"), s.clock.Now().UTC().Truncate(time.Second)
	err := s.editProfiles(func(profiles map[string]InstanceProfile) error {
		if _, exists := profiles[strings.ToLower(p.Name)]; exists {
			return awserr.New("EntityAlreadyExists", 409, "Instance Profile %s already exists.", p.Name)
		}
		return s.putProfile(profiles, p)
	})
	return p, err
}

// GetInstanceProfile describes an instance profile. Errors: NoSuchEntity.
func (s *Service) GetInstanceProfile(name string) (InstanceProfile, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return findProfile(s.profiles, name)
}

// ListInstanceProfiles returns all instance profiles, sorted by name.
func (s *Service) ListInstanceProfiles() []InstanceProfile {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := make([]InstanceProfile, 0, len(s.profiles))
	for _, name := range slices.Sorted(maps.Keys(s.profiles)) {
		all = append(all, s.profiles[name])
	}
	return all
}

// UpdateInstanceProfile changes the role and the tags of an instance profile (AddRoleToInstanceProfile,
// RemoveRoleFromInstanceProfile, TagInstanceProfile and UntagInstanceProfile in AWS). Errors: NoSuchEntity,
// ValidationError.
func (s *Service) UpdateInstanceProfile(change InstanceProfile) error {
	return s.EditInstanceProfile(change.Name, func(p *InstanceProfile) error {
		p.Role, p.Tags = change.Role, change.Tags
		return nil
	})
}

// EditInstanceProfile is UpdateInstanceProfile with what change makes of the instance profile, which nothing else changes
// meanwhile.
func (s *Service) EditInstanceProfile(name string, change func(*InstanceProfile) error) error {
	return s.editProfiles(func(profiles map[string]InstanceProfile) error {
		p, err := findProfile(profiles, name)
		if err != nil {
			return err
		}
		if err := change(&p); err != nil {
			return err
		}
		if err := checkTags(p.Tags); err != nil {
			return err
		}
		return s.putProfile(profiles, p)
	})
}

// DeleteInstanceProfile removes an instance profile. Errors: NoSuchEntity; DeleteConflict while it has a role.
func (s *Service) DeleteInstanceProfile(name string) error {
	return s.editProfiles(func(profiles map[string]InstanceProfile) error {
		p, err := findProfile(profiles, name)
		switch {
		case err != nil:
			return err
		case p.Role != "": // recorded: LocalStack, test_delete_instance_profile_with_role_error
			return awserr.New("DeleteConflict", 409, "Cannot delete entity, must remove roles from instance profile first.")
		}
		delete(profiles, strings.ToLower(name))
		return nil
	})
}

// editProfiles changes the instance profiles, in the file first.
func (s *Service) editProfiles(change func(profiles map[string]InstanceProfile) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	edited := maps.Clone(s.profiles)
	if err := change(edited); err != nil {
		return err
	}
	if s.dir != "" {
		if err := durable.WriteJSON(filepath.Join(s.dir, profilesFile), edited); err != nil {
			return err
		}
	}
	s.profiles = edited
	return nil
}

func (s *Service) putProfile(profiles map[string]InstanceProfile, p InstanceProfile) error {
	if p.Role != "" {
		if _, err := s.role(p.Role); err != nil {
			return err
		}
	}
	p.Tags = maps.Clone(p.Tags)
	profiles[strings.ToLower(p.Name)] = p
	return nil
}

// The sentence is recorded: LocalStack, test_instance_profile_errors.
func findProfile(profiles map[string]InstanceProfile, name string) (InstanceProfile, error) {
	p, exists := profiles[strings.ToLower(name)]
	if !exists {
		return p, awserr.New("NoSuchEntity", 404, "Instance Profile %s cannot be found.", name)
	}
	p.Tags = maps.Clone(p.Tags)
	return p, nil
}

// isInProfile reports whether an instance profile has the role; the caller holds the lock.
func (s *Service) isInProfile(role string) bool {
	for _, p := range s.profiles {
		if strings.EqualFold(p.Role, role) {
			return true
		}
	}
	return false
}
