package apigateway

import (
	"maps"
)

// APIKey identifies a client of methods that require a key.
type APIKey struct {
	// ID is ten lower-case letters and digits. Empty on PutAPIKey: one is made.
	ID   string
	Name string
	// Value is what the client sends in X-API-Key: 20 to 128 characters. Empty on PutAPIKey: 40 are made.
	Value       string
	Description string
	// Enabled is whether the key is accepted.
	Enabled    bool
	CustomerID string
	Tags       map[string]string
}

// PutAPIKey makes a key and answers it with its id and value.
func (s *Service) PutAPIKey(put APIKey) (APIKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if put.ID == "" {
		put.ID = newID(10)
	}
	if put.Value == "" {
		put.Value = randomText(40, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
	}
	// Documented (limits, API_CreateApiKey).
	if len(put.Value) < 20 || len(put.Value) > 128 {
		return APIKey{}, badRequest("API Key value should be at least 20 characters and at most 128 characters")
	}
	for _, other := range s.keys {
		if other.ID == put.ID || other.Value == put.Value {
			return APIKey{}, conflict("API Key already exists")
		}
	}
	put.Tags = maps.Clone(put.Tags)
	s.keys[put.ID] = put
	s.publishUsage()
	return put, nil
}

// UpdateAPIKey changes a key in place. Its value cannot be changed: one that differs is refused, an empty one stays.
func (s *Service) UpdateAPIKey(change APIKey) (APIKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.findKey(change.ID)
	if err != nil {
		return APIKey{}, err
	}
	if change.Value == "" {
		change.Value = found.Value
	}
	if change.Value != found.Value {
		return APIKey{}, badRequest("Invalid patch path /value")
	}
	change.Tags = maps.Clone(change.Tags)
	s.keys[change.ID] = change
	s.publishUsage()
	return change, nil
}

// DeleteAPIKey removes a key, from usage plans too.
func (s *Service) DeleteAPIKey(keyID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.findKey(keyID); err != nil {
		return err
	}
	delete(s.keys, keyID)
	for _, plan := range s.plans {
		delete(plan.keys, keyID)
	}
	s.publishUsage()
	return nil
}

func (s *Service) findKey(keyID string) (APIKey, error) {
	if found, ok := s.keys[keyID]; ok {
		return found, nil
	}
	return APIKey{}, notFound("Invalid API Key identifier specified") // recorded (moto)
}
