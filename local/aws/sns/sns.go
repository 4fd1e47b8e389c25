package sns

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/jonboulle/clockwork"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
)

// Options are what Open needs.
type Options struct {
	// Dir is the folder of topics.json and of the files with messages; it is made if it is missing. Required.
	Dir string
	// Account is whose topics these are.
	Account iam.Account
	// Clock stamps messages. Default: the machine's.
	Clock clockwork.Clock
	// IAM evaluates topic policies. Required.
	IAM *iam.Service
	// URL returns where SNS is called, such as "http://127.0.0.1:4566", for the links in messages to http endpoints. Default:
	// there are no links.
	URL func() string
}

// Service is SNS of one account. It is safe for concurrent use.
type Service struct {
	options Options

	mu     sync.Mutex
	topics map[string]*topic // by ARN; a topic is never changed, but replaced

	deliveries  *deliveries
	undelivered atomic.Int64
}

// Close gives up what http endpoints have not been sent yet.
func (s *Service) Close() error {
	s.deliveries.close()
	return nil
}

// Undelivered counts messages that http endpoints were not sent, or did not accept, since Open.
func (s *Service) Undelivered() int64 { return s.undelivered.Load() }

// Topic is the configuration of a topic.
type Topic struct {
	// Name is 1 to 256 letters, digits, - and _. FIFO topics are not emulated.
	Name string `json:"name"`
	// DisplayName is up to 100 characters.
	DisplayName string `json:"displayName,omitempty"`
	// Policy is the topic policy. "" is AWS's default when a topic is created, and leaves the policy as it is in an update.
	Policy string `json:"policy,omitempty"`
	// KMSMasterKeyID is the key that encrypts messages: an id, ARN or alias; "" is none. Nothing is encrypted here, but
	// CloudWatch cannot publish to a topic with the AWS managed key (alias/aws/sns), as in AWS.
	KMSMasterKeyID string            `json:"kmsMasterKeyId,omitempty"`
	Tags           map[string]string `json:"tags,omitempty"`
}

// TopicAttributes are a topic as GetTopicAttributes describes it; its policy is AWS's default if it has no other.
type TopicAttributes struct {
	Topic
	ARN string
	// SubscriptionsPending and SubscriptionsConfirmed are the numbers of subscriptions.
	SubscriptionsPending, SubscriptionsConfirmed, SubscriptionsDeleted int
	// HasDefaultPolicy is whether Policy is AWS's default.
	HasDefaultPolicy bool
	// File is where messages go.
	File string
}

// Open opens the folder with the topics that are kept in it.
func Open(options Options) (*Service, error) {
	if options.Dir == "" || options.IAM == nil {
		return nil, errors.New("a folder and IAM are needed")
	}
	if options.Clock == nil {
		options.Clock = clockwork.NewRealClock()
	}
	s := &Service{options: options, topics: map[string]*topic{}, deliveries: newDeliveries()}
	if err := s.load(); err != nil {
		return nil, err
	}
	return s, nil
}

var topicName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)

// invalid is how SNS refuses a parameter (recorded: test_publish_wrong_arn_format and others).
func invalid(format string, args ...any) error {
	return awserr.New("InvalidParameter", 400, "Invalid parameter: "+format, args...)
}

// noSuchTopic is recorded (LocalStack, test_unknown_topic_publish).
func noSuchTopic() error { return awserr.New("NotFound", 404, "Topic does not exist") }

// CreateTopic creates a topic and returns its ARN. Creating it again with the same attributes returns the same ARN
// (recorded: test_create_duplicate_topic_check_idempotency). Errors: InvalidParameter.
func (s *Service) CreateTopic(config Topic) (arn string, err error) {
	arn = s.options.Account.ARN("sns", config.Name)
	policy, err := s.checkTopic(&config)
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if exists := s.topics[arn]; exists != nil {
		if !maps.Equal(exists.Tags, config.Tags) {
			// Recorded: LocalStack, test_create_duplicate_topic_with_more_tags.
			return "", invalid("Tags Reason: Topic already exists with different tags")
		}
		if !exists.same(config) {
			// Documented: CreateTopic; the sentence is assumed (quoted in error messages that users have published).
			return "", invalid("Attributes Reason: Topic already exists with different attributes")
		}
		return arn, nil
	}
	return arn, s.put(&topic{record: record{Topic: config}, arn: arn, policy: policy, file: new(sync.Mutex)})
}

// same compares the attributes that CreateTopic is called with to those that a topic has.
func (t Topic) same(config Topic) bool {
	return t.DisplayName == config.DisplayName && t.KMSMasterKeyID == config.KMSMasterKeyID &&
		(config.Policy == "" || t.Policy == config.Policy)
}

// UpdateTopic changes the attributes and tags of a topic (SetTopicAttributes, TagResource and UntagResource in AWS).
// Errors: InvalidParameter, NotFound.
func (s *Service) UpdateTopic(config Topic) error {
	keepPolicy := config.Policy == ""
	policy, err := s.checkTopic(&config)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t, exists := s.topics[s.options.Account.ARN("sns", config.Name)]
	if !exists {
		return noSuchTopic()
	}
	next := *t
	if keepPolicy {
		config.Policy, policy = t.Policy, t.policy
	}
	next.Topic, next.policy = config, policy
	return s.put(&next)
}

// checkTopic checks a configuration and parses its policy. It copies what the caller could change.
func (s *Service) checkTopic(config *Topic) (*iam.Policy, error) {
	switch {
	case strings.HasSuffix(config.Name, ".fifo"):
		return nil, invalid("Topic Name: FIFO topics are not emulated by the local target")
	case !topicName.MatchString(config.Name):
		return nil, invalid("Topic Name")
	case len([]rune(config.DisplayName)) > 100:
		return nil, invalid("Attributes Reason: DisplayName: The specified display name is too long")
	}
	config.Tags = maps.Clone(config.Tags)
	if config.Policy == s.defaultPolicy(s.options.Account.ARN("sns", config.Name)) {
		config.Policy = ""
	}
	return s.parsePolicy(config.Policy)
}

// DeleteTopic deletes a topic with its subscriptions and its messages. That it does not exist is no error (documented:
// DeleteTopic).
func (s *Service) DeleteTopic(arn string) error {
	s.mu.Lock()
	t := s.topics[arn]
	if t == nil {
		s.mu.Unlock()
		return nil
	}
	err := s.remove(arn)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	t.file.Lock()
	defer t.file.Unlock()
	if err := os.Remove(s.messageFile(t.Name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("deleting the topic %s: %w", t.Name, err)
	}
	return nil
}

// messageFile is where the messages of a topic are.
func (s *Service) messageFile(topic string) string {
	return filepath.Join(s.options.Dir, topic+".jsonl")
}

// ListTopics returns all topics, sorted by ARN.
func (s *Service) ListTopics() []TopicAttributes {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []TopicAttributes
	for _, arn := range slices.Sorted(maps.Keys(s.topics)) {
		all = append(all, s.attributes(s.topics[arn]))
	}
	return all
}

// GetTopicAttributes describes a topic. Errors: InvalidParameter, NotFound.
func (s *Service) GetTopicAttributes(arn string) (TopicAttributes, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.find(arn)
	if err != nil {
		return TopicAttributes{}, err
	}
	return s.attributes(t), nil
}

func (s *Service) attributes(t *topic) TopicAttributes {
	a := TopicAttributes{Topic: t.Topic, ARN: t.arn, File: s.messageFile(t.Name), SubscriptionsDeleted: t.SubscriptionsDeleted}
	for _, sub := range t.Subscriptions {
		if sub.Confirmed {
			a.SubscriptionsConfirmed++
		} else {
			a.SubscriptionsPending++
		}
	}
	a.Tags = maps.Clone(a.Tags)
	if a.Policy == "" {
		a.Policy, a.HasDefaultPolicy = s.defaultPolicy(t.arn), true
	}
	return a
}

// find returns a topic; the caller holds the lock.
func (s *Service) find(arn string) (*topic, error) {
	// Recorded: test_publish_wrong_arn_format.
	if n := strings.Count(arn, ":") + 1; n < 6 {
		return nil, invalid("TopicArn Reason: An ARN must have at least 6 elements, not %d", n)
	}
	t, exists := s.topics[arn]
	if !exists {
		return nil, noSuchTopic()
	}
	return t, nil
}
