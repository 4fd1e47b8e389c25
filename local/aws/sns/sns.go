package sns

import (
	"cmp"
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

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
)

// Options are what Open needs.
type Options struct {
	// Dir is the folder of the topics' files; it is made when something is published. Required.
	Dir string
	// Account is whose topics these are.
	Account iam.Account
	// Clock stamps messages. Default: the machine's.
	Clock clockwork.Clock
	// IAM evaluates topic policies. Required.
	IAM *iam.Service
}

// Service is SNS of one account. Topics and subscriptions are kept in memory: whoever restarts the local target creates
// them again. It is safe for concurrent use.
type Service struct {
	options Options

	mu     sync.Mutex
	topics map[string]*topic // by ARN
}

// Topic is what CreateTopic takes.
type Topic struct {
	// Name is 1 to 256 letters, digits, - and _. FIFO topics are not emulated.
	Name string
	// DisplayName is up to 100 characters.
	DisplayName string
	// KMSMasterKeyID is the key that encrypts messages: an id, ARN or alias; "" is none. Nothing is encrypted here, but a
	// topic with AWS's own key (alias/aws/sns) takes nothing from CloudWatch, as in AWS.
	KMSMasterKeyID string
}

// topic is a topic with what belongs to it.
type topic struct {
	Topic
	arn           string
	document      string      // the policy as it was put; "" is AWS's default
	policy        *iam.Policy // nil: AWS's default
	subscriptions []Subscription
	writing       sync.Mutex // held while a message is appended to the file
}

// TopicDescription is a topic as GetTopicAttributes shows it.
type TopicDescription struct {
	Topic
	ARN string
	// Policy is the topic policy, AWS's default if none was put.
	Policy string
	// Pending is the number of subscriptions that nobody has confirmed: all of them.
	Pending int
	// File is where messages go.
	File string
}

// Open opens the folder.
func Open(options Options) (*Service, error) {
	if options.Dir == "" || options.IAM == nil {
		return nil, errors.New("opening SNS: a folder and IAM are needed")
	}
	if options.Clock == nil {
		options.Clock = clockwork.NewRealClock()
	}
	return &Service{options: options, topics: map[string]*topic{}}, nil
}

var topicName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)

// wrong is how SNS refuses a parameter (recorded: test_publish_wrong_arn_format and others).
func wrong(format string, args ...any) error {
	return awserr.New("InvalidParameter", 400, "Invalid parameter: "+format, args...)
}

// noTopic is recorded (test_unknown_topic_publish).
func noTopic() error { return awserr.New("NotFound", 404, "Topic does not exist") }

// CreateTopic creates a topic and returns its ARN. Creating it again with the same attributes returns the same ARN
// (recorded: test_create_duplicate_topic_check_idempotency). Errors: InvalidParameter.
func (s *Service) CreateTopic(config Topic) (arn string, err error) {
	if err := checkTopic(config); err != nil {
		return "", err
	}
	arn = s.options.Account.ARN("sns", config.Name)
	s.mu.Lock()
	defer s.mu.Unlock()
	if exists := s.topics[arn]; exists != nil {
		if exists.Topic != config {
			// Documented: CreateTopic; the sentence is as people have met it.
			return "", wrong("Attributes Reason: Topic already exists with different attributes")
		}
		return arn, nil
	}
	s.topics[arn] = &topic{Topic: config, arn: arn}
	return arn, nil
}

// UpdateTopic changes the display name and key of a topic (SetTopicAttributes). Errors: InvalidParameter, NotFound.
func (s *Service) UpdateTopic(config Topic) error {
	if err := checkTopic(config); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t, exists := s.topics[s.options.Account.ARN("sns", config.Name)]
	if !exists {
		return noTopic()
	}
	t.Topic = config
	return nil
}

func checkTopic(config Topic) error {
	switch {
	case strings.HasSuffix(config.Name, ".fifo"):
		return wrong("Topic Name: FIFO topics are not emulated by the local target")
	case !topicName.MatchString(config.Name):
		return wrong("Topic Name")
	case len([]rune(config.DisplayName)) > 100:
		return wrong("Attributes Reason: DisplayName: The specified display name is too long")
	}
	return nil
}

// DeleteTopic deletes a topic with its subscriptions and its file. That it is gone already is no error (documented:
// DeleteTopic).
func (s *Service) DeleteTopic(arn string) error {
	s.mu.Lock()
	t := s.topics[arn]
	delete(s.topics, arn)
	s.mu.Unlock()
	if t == nil {
		return nil
	}
	t.writing.Lock()
	defer t.writing.Unlock()
	if err := os.Remove(s.file(t.Name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("deleting the topic %s: %w", t.Name, err)
	}
	_ = os.Remove(s.options.Dir) // it is not empty while there are other topics with messages
	return nil
}

// file is where the messages of a topic are.
func (s *Service) file(topic string) string { return filepath.Join(s.options.Dir, topic+".jsonl") }

// Topics are all topics, sorted by ARN.
func (s *Service) Topics() []TopicDescription {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []TopicDescription
	for _, arn := range slices.Sorted(maps.Keys(s.topics)) {
		all = append(all, s.describe(s.topics[arn]))
	}
	return all
}

// Topic describes a topic. Errors: InvalidParameter, NotFound.
func (s *Service) Topic(arn string) (TopicDescription, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.find(arn)
	if err != nil {
		return TopicDescription{}, err
	}
	return s.describe(t), nil
}

func (s *Service) describe(t *topic) TopicDescription {
	policy := t.document
	if policy == "" {
		policy = s.defaultPolicy(t.arn)
	}
	return TopicDescription{Topic: t.Topic, ARN: t.arn, Policy: policy, Pending: len(t.subscriptions), File: s.file(t.Name)}
}

// find finds a topic, with mu held.
func (s *Service) find(arn string) (*topic, error) {
	// Recorded: test_publish_wrong_arn_format.
	if n := strings.Count(arn, ":") + 1; n < 6 {
		return nil, wrong("TopicArn Reason: An ARN must have at least 6 elements, not %d", n)
	}
	t, exists := s.topics[arn]
	if !exists {
		return nil, noTopic()
	}
	return t, nil
}

// Subscription is an endpoint that wants the messages of a topic.
type Subscription struct {
	// ARN is the subscription's; TopicARN the topic's.
	ARN, TopicARN string
	// Protocol is "email" or "email-json"; Endpoint the address.
	Protocol, Endpoint string
	// State is PendingConfirmation, for ever: confirming is a click in a mail that is not sent.
	State string
}

// PendingConfirmation is the state of a subscription that nobody has confirmed (documented: ListSubscriptions).
const PendingConfirmation = "PendingConfirmation"

// address is all that is checked of an e-mail address: SNS's own rule is not documented.
var address = regexp.MustCompile(`^[^\s@]+@[^\s@]+\.[^\s@]+$`)

// Subscribe adds a subscription; one of the same protocol and endpoint is returned as it is (documented: Subscribe).
// Errors: InvalidParameter, also for protocols that the local target does not have; NotFound.
func (s *Service) Subscribe(topicARN, protocol, endpoint string) (Subscription, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.find(topicARN)
	if err != nil {
		return Subscription{}, err
	}
	switch protocol {
	case "email", "email-json":
	case "http", "https", "sms", "sqs", "application", "lambda", "firehose":
		return Subscription{}, wrong("the protocol %s is not emulated by the local target: email is", protocol)
	default:
		return Subscription{}, wrong("Protocol Reason: Unsupported protocol") // assumed sentence
	}
	if !address.MatchString(endpoint) {
		return Subscription{}, wrong("Email address") // seen: published messages
	}
	for _, exists := range t.subscriptions {
		if exists.Protocol == protocol && exists.Endpoint == endpoint {
			return exists, nil
		}
	}
	made := Subscription{
		ARN: topicARN + ":" + subscriptionID(topicARN, protocol, endpoint), TopicARN: topicARN, Protocol: protocol, Endpoint: endpoint,
		State: PendingConfirmation,
	}
	t.subscriptions = append(t.subscriptions, made)
	return made, nil
}

// subscriptionID is random in AWS. Here a subscription that is made again after a restart has the id that it had.
func subscriptionID(parts ...string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(strings.Join(parts, "\n"))).String()
}

// Unsubscribe removes a subscription. In AWS one that is pending goes by itself after 48 hours and cannot be removed
// before (documented: SNS FAQ and Unsubscribe); here it goes, so that nothing is left behind. That it is gone already is
// no error.
func (s *Service) Unsubscribe(subscriptionARN string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.topics {
		t.subscriptions = slices.DeleteFunc(t.subscriptions, func(sub Subscription) bool { return sub.ARN == subscriptionARN })
	}
	return nil
}

// Subscriptions are those of a topic, or of all ("" as the ARN), sorted by topic and endpoint.
func (s *Service) Subscriptions(topicARN string) []Subscription {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Subscription
	for arn, t := range s.topics {
		if topicARN == "" || arn == topicARN {
			all = append(all, t.subscriptions...)
		}
	}
	slices.SortFunc(all, func(a, b Subscription) int {
		return cmp.Or(strings.Compare(a.TopicARN, b.TopicARN), strings.Compare(a.Endpoint, b.Endpoint))
	})
	return all
}
