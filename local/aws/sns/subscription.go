package sns

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"ingest-pipeline/local/aws/awserr"
)

// Subscription is an endpoint that wants the messages of a topic. It stays PendingConfirmation: confirming is a click in
// a mail that is not sent.
type Subscription struct {
	ARN   string `json:"arn"`
	Topic string `json:"topic"` // the topic's ARN
	// Protocol is "email" or "email-json"; Endpoint the address.
	Protocol string `json:"protocol"`
	Endpoint string `json:"endpoint"`
}

// PendingConfirmation is the state of a subscription that is not confirmed (documented: ListSubscriptions).
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
		return Subscription{}, invalid("the protocol %s is not emulated by the local target: email is", protocol)
	default:
		return Subscription{}, invalid("Protocol Reason: Unsupported protocol") // assumed sentence
	}
	if !address.MatchString(endpoint) {
		return Subscription{}, invalid("Email address") // assumed: quoted in error messages that users have published
	}
	for _, exists := range t.Subscriptions {
		if exists.Protocol == protocol && exists.Endpoint == endpoint {
			return exists, nil
		}
	}
	created := Subscription{
		ARN: topicARN + ":" + uuid.NewString(), Topic: topicARN, Protocol: protocol, Endpoint: endpoint,
	}
	next := *t
	next.Subscriptions = append(slices.Clone(t.Subscriptions), created)
	return created, s.put(&next)
}

// Unsubscribe deletes a subscription. In AWS one that is pending expires after 48 hours and cannot be deleted before
// (documented: SNS FAQ and Unsubscribe); here it is deleted, so that nothing is left behind. That it does not exist is no
// error.
func (s *Service) Unsubscribe(subscriptionARN string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	isIt := func(sub Subscription) bool { return sub.ARN == subscriptionARN }
	for _, t := range s.topics {
		if slices.ContainsFunc(t.Subscriptions, isIt) {
			next := *t
			next.Subscriptions = slices.DeleteFunc(slices.Clone(t.Subscriptions), isIt)
			return s.put(&next)
		}
	}
	return nil
}

// GetSubscription describes a subscription (GetSubscriptionAttributes). Errors: NotFound.
func (s *Service) GetSubscription(arn string) (Subscription, error) {
	for _, subscription := range s.ListSubscriptions() {
		if subscription.ARN == arn {
			return subscription, nil
		}
	}
	return Subscription{}, awserr.New("NotFound", 404, "Subscription does not exist")
}

// ListSubscriptions returns the subscriptions of all topics, sorted by topic and endpoint.
func (s *Service) ListSubscriptions() []Subscription {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Subscription
	for _, t := range s.topics {
		all = append(all, t.Subscriptions...)
	}
	slices.SortFunc(all, func(a, b Subscription) int {
		return cmp.Or(strings.Compare(a.Topic, b.Topic), strings.Compare(a.Endpoint, b.Endpoint))
	})
	return all
}
