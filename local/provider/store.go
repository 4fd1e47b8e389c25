package provider

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/internal/durable"
)

// storeName is the store's file in the state folder.
const storeName = "provider.json"

// nothingThere is why properties of resources in the store have no effect.
const nothingThere = "the resource is checked and kept, and nothing more"

// store keeps the configuration of resources that belong to no service of the local target, such as KMS keys and Glue
// tables: they are validated and stored without any effect. It is safe for concurrent use.
type store struct {
	file string

	mu sync.Mutex
	// resources are the configurations by type token and id. Replaced, never written to.
	resources map[string]map[string]json.RawMessage
}

// openStore reads the store in the state folder dir. A configuration that its type cannot hold is damage.
func openStore(dir string, types registry) (*store, error) {
	s := &store{file: filepath.Join(dir, storeName), resources: map[string]map[string]json.RawMessage{}}
	if _, err := durable.ReadJSON(s.file, &s.resources); err != nil {
		return nil, fmt.Errorf("opening the provider's store: %w", err)
	}
	for token, ofType := range s.resources {
		for id, content := range ofType {
			if err := checkStored(types[token], content); err != nil {
				return nil, fmt.Errorf("opening the provider's store: %w", &durable.DamagedError{
					Name: s.file, Err: fmt.Errorf("%s %s: %w", token, id, err),
				})
			}
		}
	}
	return s, nil
}

func checkStored(r *resourceType, content []byte) error {
	if r == nil {
		return errors.New("the type is unknown")
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	return decoder.Decode(reflect.New(r.config).Interface())
}

// ids are the ids of a type's resources, sorted.
func (s *store) ids(token string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.resources[token]))
}

// has reports whether there is a resource of that type and id.
func (s *store) has(token, id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, found := s.resources[token][id]
	return found
}

// add keeps a new resource's configuration, unless there is one of that type and id.
func (s *store) add(token, id string, config any) (added bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, exists := s.resources[token][id]; exists {
		return false, nil
	}
	return true, s.write(token, id, config)
}

// replace keeps a resource's configuration in place of its last one; nil removes it.
func (s *store) replace(token, id string, config any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.write(token, id, config)
}

// write is durable when it returns.
func (s *store) write(token, id string, config any) error {
	changed := maps.Clone(s.resources)
	ofType := maps.Clone(changed[token])
	if ofType == nil {
		ofType = map[string]json.RawMessage{}
	}
	if config == nil {
		delete(ofType, id)
	} else {
		content, err := json.Marshal(config)
		if err != nil {
			return fmt.Errorf("keeping %s %s: %w", token, id, err)
		}
		ofType[id] = content
	}
	changed[token] = ofType
	if err := durable.WriteJSON(s.file, changed); err != nil {
		return fmt.Errorf("keeping %s %s: %w", token, id, err)
	}
	s.resources = changed
	return nil
}

// load returns a resource's configuration; found is false if there is none.
func load[C any](s *store, token, id string) (config C, found bool, err error) {
	s.mu.Lock()
	content, found := s.resources[token][id]
	s.mu.Unlock()
	if !found {
		return config, false, nil
	}
	if err := json.Unmarshal(content, &config); err != nil {
		return config, false, fmt.Errorf("reading %s %s: %w", token, id, &durable.DamagedError{Name: s.file, Err: err})
	}
	return config, true, nil
}

// deleteStored removes the resources of a type that match.
func deleteStored[C any](s *store, token string, match func(C) bool) error {
	for _, id := range s.ids(token) {
		config, found, err := load[C](s, token, id)
		if err == nil && found && match(config) {
			err = s.replace(token, id, nil)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// stored completes the operations of a type whose resources are in the provider's store. create and update check a
// configuration and complete it; nil accepts every one. notFound is the code of AWS's error for a missing resource.
type stored[C any] struct {
	token, notFound string
	// create returns the id of a new resource and its configuration. An id that exists already is the error taken.
	create func(s services, config C) (id string, complete C, err error)
	taken  func(s services, id string) error
	update func(s services, id string, config C) error
	delete func(s services, id string, config C) error
	// attributes are the outputs that are not in the configuration.
	attributes func(s services, id string, config C) (state, error)
	parseID    func(s services, id string) (engineID string, keys C, err error)
}

func (t stored[C]) operations() operations[C] {
	return operations[C]{
		create: func(s services, config C) (string, error) {
			id, complete, err := t.create(s, config)
			if err != nil {
				return "", err
			}
			added, err := s.store.add(t.token, id, complete)
			if err == nil && !added {
				err = t.taken(s, id)
			}
			return id, err
		},
		read: func(s services, id string, _ C) (C, state, error) {
			config, err := t.find(s, id)
			if err != nil || t.attributes == nil {
				return config, nil, err
			}
			out, err := t.attributes(s, id, config)
			return config, out, err
		},
		update: func(s services, id string, config C) error {
			if _, err := t.find(s, id); err != nil {
				return err
			}
			if t.update != nil {
				if err := t.update(s, id, config); err != nil {
					return err
				}
			}
			return s.store.replace(t.token, id, config)
		},
		delete: func(s services, id string, _ C) error {
			config, err := t.find(s, id)
			if err == nil && t.delete != nil {
				err = t.delete(s, id, config)
			}
			if err != nil {
				return err
			}
			return s.store.replace(t.token, id, nil)
		},
		list:    func(s services) []string { return s.store.ids(t.token) },
		parseID: t.parseID,
	}
}

func (t stored[C]) find(s services, id string) (C, error) {
	config, found, err := load[C](s.store, t.token, id)
	if err == nil && !found {
		err = awserr.New(t.notFound, 404, "%s does not exist.", id)
	}
	return config, err
}

// newID makes an id as EC2 does: a prefix and 17 hexadecimal digits.
func newID(prefix string) string {
	return prefix + strings.ReplaceAll(uuid.NewString(), "-", "")[:17]
}
