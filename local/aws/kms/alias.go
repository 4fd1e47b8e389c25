package kms

import (
	"maps"
	"slices"
	"strings"

	"ingest-pipeline/local/aws/awserr"
)

// CreateAlias gives a key a name that begins with alias/. target is the id or ARN of the key. Errors:
// AlreadyExistsException, NotFoundException.
func (s *Service) CreateAlias(name, target string) error {
	return s.change(func(next keysAndAliases) error {
		if _, exists := next.Aliases[name]; exists {
			return awserr.New("AlreadyExistsException", 400, "An alias with the name %s already exists", s.options.Account.ARN("kms", name))
		}
		next.Aliases[name] = target
		_, err := s.find(keyID(target))
		return err
	})
}

// UpdateAlias gives the name to another key. Errors: NotFoundException.
func (s *Service) UpdateAlias(name, target string) error {
	return s.change(func(next keysAndAliases) error {
		if _, exists := next.Aliases[name]; !exists {
			return s.noSuchAlias(name)
		}
		next.Aliases[name] = target
		_, err := s.find(keyID(target))
		return err
	})
}

// DeleteAlias deletes a name. Errors: NotFoundException.
func (s *Service) DeleteAlias(name string) error {
	return s.change(func(next keysAndAliases) error {
		if _, exists := next.Aliases[name]; !exists {
			return s.noSuchAlias(name)
		}
		delete(next.Aliases, name)
		return nil
	})
}

// DescribeAlias returns the key that has the name, by its id or ARN as it was given. Errors: NotFoundException.
func (s *Service) DescribeAlias(name string) (target string, err error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	target, exists := s.state.Aliases[name]
	if !exists {
		return "", s.noSuchAlias(name)
	}
	return target, nil
}

// ListAliases returns all names, sorted.
func (s *Service) ListAliases() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Sorted(maps.Keys(s.state.Aliases))
}

func (s *Service) noSuchAlias(name string) error {
	return awserr.New("NotFoundException", 400, "Alias %s is not found.", s.options.Account.ARN("kms", name))
}

// KeyARN is the ARN of the key that has an id, ARN or alias; "" for an AWS managed key or an alias that is not known.
func (s *Service) KeyARN(target string) string {
	if _, name, isAlias := strings.Cut(target, "alias/"); isAlias {
		s.mu.RLock()
		defer s.mu.RUnlock()
		id, exists := s.state.Aliases["alias/"+name]
		if !exists {
			return ""
		}
		target = id
	}
	if strings.HasPrefix(target, "arn:") {
		return target
	}
	return s.arn(target)
}

func (s *Service) arn(id string) string { return s.options.Account.ARN("kms", "key/"+id) }

// keyID is the id in a key's ARN, or the id itself.
func keyID(target string) string {
	if _, id, isARN := strings.Cut(target, ":key/"); isARN {
		return id
	}
	return target
}
