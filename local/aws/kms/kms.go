// Package kms is AWS KMS of one account: keys with their states, and aliases.
//
// Nothing is encrypted. Services refuse what AWS refuses with a key that is disabled or about to be deleted, or that the
// caller may not use. What the package knows of AWS is documented in the KMS developer guide and API reference.
package kms

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/internal/durable"
)

// Options are what Open needs.
type Options struct {
	// Dir is the folder of keys.json; it is made if it is missing. Required.
	Dir string
	// Account is whose keys these are.
	Account iam.Account
	// Clock ends the waiting period of a deletion. Default: the machine's.
	Clock clockwork.Clock
	// IAM checks key policies. Required.
	IAM *iam.Service
}

// Service is KMS of one account. It is safe for concurrent use.
type Service struct {
	options Options

	mu    sync.RWMutex
	state keysAndAliases // its maps are never changed, but replaced
}

// keysAndAliases is what keys.json has.
type keysAndAliases struct {
	Keys map[string]key `json:"keys"`
	// Aliases have the ids or ARNs of their keys by name.
	Aliases map[string]string `json:"aliases"`
}

type key struct {
	Key
	// DeletionDate is when the waiting period ends; zero for a key that is not to be deleted.
	DeletionDate time.Time `json:"deletionDate,omitzero"`
}

// Key is the configuration of a key.
type Key struct {
	Description string `json:"description,omitempty"`
	// KeyUsage is such as ENCRYPT_DECRYPT, CustomerMasterKeySpec such as SYMMETRIC_DEFAULT.
	KeyUsage              string `json:"keyUsage"`
	CustomerMasterKeySpec string `json:"customerMasterKeySpec"`
	EnableKeyRotation     bool   `json:"enableKeyRotation,omitempty"`
	// RotationPeriodInDays is 90 to 2560.
	RotationPeriodInDays int  `json:"rotationPeriodInDays,omitempty"`
	IsEnabled            bool `json:"isEnabled"`
	MultiRegion          bool `json:"multiRegion,omitempty"`
	// Policy is the key policy. "" is AWS's default when a key is created.
	Policy string            `json:"policy"`
	Tags   map[string]string `json:"tags,omitempty"`
}

// Open opens the folder with the keys that are kept in it.
func Open(options Options) (*Service, error) {
	if options.Dir == "" || options.IAM == nil {
		return nil, errors.New("a folder and IAM are needed")
	}
	if options.Clock == nil {
		options.Clock = clockwork.NewRealClock()
	}
	s := &Service{options: options, state: keysAndAliases{map[string]key{}, map[string]string{}}}
	if err := os.MkdirAll(options.Dir, 0o700); err != nil {
		return nil, err
	}
	_, err := durable.ReadJSON(s.file(), &s.state)
	return s, err
}

func (s *Service) file() string { return filepath.Join(s.options.Dir, "keys.json") }

// CreateKey creates a key and returns its id. bypassLockoutCheck accepts a policy that nobody could change again.
// Errors: MalformedPolicyDocumentException.
func (s *Service) CreateKey(config Key, bypassLockoutCheck bool) (id string, err error) {
	if config.Policy == "" {
		config.Policy = s.defaultPolicy()
	}
	if err := s.checkPolicy(config.Policy, bypassLockoutCheck); err != nil {
		return "", err
	}
	id = uuid.NewString()
	return id, s.change(func(next keysAndAliases) error {
		next.Keys[id] = key{Key: config}
		return nil
	})
}

// DescribeKey returns the configuration of a key. One that is to be deleted is a NotFoundException, as for pulumi-aws.
func (s *Service) DescribeKey(id string) (Key, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.find(id)
}

// find returns a key that is not to be deleted; the caller holds the lock.
func (s *Service) find(id string) (Key, error) {
	found, exists := s.state.Keys[id]
	if !exists || !found.DeletionDate.IsZero() {
		return Key{}, s.noSuchKey(id)
	}
	found.Tags = maps.Clone(found.Tags)
	return found.Key, nil
}

func (s *Service) noSuchKey(id string) error {
	return awserr.New("NotFoundException", 400, "Key '%s' does not exist", s.arn(id))
}

// ListKeys returns the ids of the keys that are not to be deleted, sorted.
func (s *Service) ListKeys() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	ids := slices.Sorted(maps.Keys(s.state.Keys))
	return slices.DeleteFunc(ids, func(id string) bool { return !s.state.Keys[id].DeletionDate.IsZero() })
}

// UpdateKey changes a key, as EnableKey, DisableKey, PutKeyPolicy, UpdateKeyDescription, Enable- and DisableKeyRotation,
// TagResource and UntagResource do. Errors: NotFoundException, MalformedPolicyDocumentException.
func (s *Service) UpdateKey(id string, config Key, bypassLockoutCheck bool) error {
	if err := s.checkPolicy(config.Policy, bypassLockoutCheck); err != nil {
		return err
	}
	return s.change(func(next keysAndAliases) error {
		_, err := s.find(id)
		next.Keys[id] = key{Key: config}
		return err
	})
}

// ScheduleKeyDeletion deletes a key after a waiting period of 7 to 30 days, in which it cannot be used. Its aliases are
// deleted at once, not with the key. Errors: NotFoundException.
func (s *Service) ScheduleKeyDeletion(id string, days int) error {
	return s.change(func(next keysAndAliases) error {
		config, err := s.find(id)
		next.Keys[id] = key{Key: config, DeletionDate: s.options.Clock.Now().AddDate(0, 0, days)}
		maps.DeleteFunc(next.Aliases, func(_, target string) bool { return keyID(target) == id })
		return err
	})
}

// change makes a change, in the file first. Nothing is changed if it fails.
func (s *Service) change(apply func(next keysAndAliases) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := keysAndAliases{map[string]key{}, map[string]string{}}
	maps.Copy(next.Keys, s.state.Keys)
	maps.Copy(next.Aliases, s.state.Aliases)
	if err := apply(next); err != nil {
		return err
	}
	if err := durable.WriteJSON(s.file(), next); err != nil {
		return fmt.Errorf("writing the keys: %w", err)
	}
	s.state = next
	return nil
}
