package sns

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/internal/durable"
)

const storeFile = "topics.json"

// record is a topic as it is kept.
type record struct {
	Topic
	Subscriptions []Subscription `json:"subscriptions,omitempty"`
	// SubscriptionsDeleted is how many there were besides.
	SubscriptionsDeleted int `json:"subscriptionsDeleted,omitempty"`
}

// topic is a topic in memory.
type topic struct {
	record
	arn    string
	policy *iam.Policy // nil: AWS's default
	file   *sync.Mutex // held while the file with messages is written
}

// load reads the topics that are kept.
func (s *Service) load() error {
	if err := os.MkdirAll(s.options.Dir, 0o700); err != nil {
		return err
	}
	name := filepath.Join(s.options.Dir, storeFile)
	var records []record
	if _, err := durable.ReadJSON(name, &records); err != nil {
		return err
	}
	for _, rec := range records {
		t := &topic{record: rec, arn: s.options.Account.ARN("sns", rec.Name), file: new(sync.Mutex)}
		if rec.Policy != "" {
			policy, err := iam.ParsePolicy(rec.Policy)
			if err != nil {
				return &durable.DamagedError{Name: name, Err: fmt.Errorf("topic %s: %w", rec.Name, err)}
			}
			t.policy = policy
		}
		s.topics[t.arn] = t
	}
	return nil
}

// put adds a topic, or replaces the one of its ARN, in the file first; the caller holds the lock.
func (s *Service) put(t *topic) error {
	topics := maps.Clone(s.topics)
	topics[t.arn] = t
	return s.replace(topics)
}

// remove deletes a topic; the caller holds the lock.
func (s *Service) remove(arn string) error {
	topics := maps.Clone(s.topics)
	delete(topics, arn)
	return s.replace(topics)
}

func (s *Service) replace(topics map[string]*topic) error {
	records := []record{}
	for _, arn := range slices.Sorted(maps.Keys(topics)) {
		records = append(records, topics[arn].record)
	}
	if err := durable.WriteJSON(filepath.Join(s.options.Dir, storeFile), records); err != nil {
		return err
	}
	s.topics = topics
	return nil
}
