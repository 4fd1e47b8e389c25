package apigateway

import (
	"maps"
	"time"
)

// APIKey identifies a client of methods that require a key.
type APIKey struct {
	// ID is ten lower-case letters and digits. CreateAPIKey generates it.
	ID   string
	Name string
	// Value is what the client sends in X-API-Key: 20 to 128 characters. CreateAPIKey generates 40 if it is empty.
	Value       string
	Description string
	// Enabled is whether the key is accepted.
	Enabled    bool
	CustomerID string
	Tags       map[string]string

	// CreatedDate and LastUpdatedDate are set by the service.
	CreatedDate     time.Time
	LastUpdatedDate time.Time
}

// CreateAPIKey creates a key and returns it with its id and value.
func (s *Service) CreateAPIKey(key APIKey) (APIKey, error) {
	key = key.clone()
	key.ID = newID(10)
	if key.Value == "" {
		key.Value = randomText(40, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
	}
	// Documented (limits, API_CreateApiKey).
	if len(key.Value) < 20 || len(key.Value) > 128 {
		return APIKey{}, badRequest("API Key value should be at least 20 characters and at most 128 characters")
	}
	key.CreatedDate = s.now()
	key.LastUpdatedDate = key.CreatedDate
	err := s.editAccount(func(account *accountConfig) error {
		for _, other := range account.APIKeys {
			if other.ID == key.ID || other.Value == key.Value {
				return conflict("API Key already exists")
			}
		}
		account.APIKeys[key.ID] = key
		return nil
	})
	return key.clone(), err
}

// GetAPIKey describes a key, its value included.
func (s *Service) GetAPIKey(keyID string) (APIKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key, err := s.account.apiKey(keyID)
	return key.clone(), err
}

// UpdateAPIKey changes a key in place. Its value cannot be changed: another one is refused, an empty one means the same.
func (s *Service) UpdateAPIKey(change APIKey) error {
	change = change.clone()
	return s.editAccount(func(account *accountConfig) error {
		key, err := account.apiKey(change.ID)
		if err != nil {
			return err
		}
		if change.Value == "" {
			change.Value = key.Value
		}
		if change.Value != key.Value {
			return badRequest("Invalid patch path /value")
		}
		change.CreatedDate, change.LastUpdatedDate = key.CreatedDate, s.now()
		account.APIKeys[change.ID] = change
		return nil
	})
}

// DeleteAPIKey deletes a key and removes it from the usage plans that it is in.
func (s *Service) DeleteAPIKey(keyID string) error {
	return s.editAccount(func(account *accountConfig) error {
		if _, err := account.apiKey(keyID); err != nil {
			return err
		}
		delete(account.APIKeys, keyID)
		for id, plan := range account.UsagePlans {
			account.UsagePlans[id] = plan.withoutKey(keyID)
		}
		return nil
	})
}

func (c *accountConfig) apiKey(keyID string) (APIKey, error) {
	if key, ok := c.APIKeys[keyID]; ok {
		return key, nil
	}
	return APIKey{}, notFound("Invalid API Key identifier specified") // assumed: the sentence is that of getmoto/moto
}

func (k APIKey) clone() APIKey {
	k.Tags = maps.Clone(k.Tags)
	return k
}
