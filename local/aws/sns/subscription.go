package sns

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"ingest-pipeline/local/aws/awserr"
)

// Subscription is an endpoint that is sent the messages of a topic once it is confirmed.
//
// Only an http endpoint on this machine (127.0.0.1, [::1] or localhost) is ever sent anything, and can be confirmed. Others
// stay PendingConfirmation.
type Subscription struct {
	ARN   string `json:"arn"`
	Topic string `json:"topic"` // the topic's ARN
	// Protocol is "http", "https", "email" or "email-json"; Endpoint the URL or address.
	Protocol string `json:"protocol"`
	Endpoint string `json:"endpoint"`
	// RawMessageDelivery is whether an http endpoint is sent the message alone.
	RawMessageDelivery bool `json:"rawMessageDelivery,omitempty"`
	// Confirmed is whether the endpoint has confirmed the subscription; ConfirmedByCaller whether that was a signed call.
	Confirmed         bool `json:"confirmed,omitempty"`
	ConfirmedByCaller bool `json:"confirmedByCaller,omitempty"`
	// AuthenticateOnUnsubscribe is whether only a signed call may delete it.
	AuthenticateOnUnsubscribe bool `json:"authenticateOnUnsubscribe,omitempty"`
	// Token confirms the subscription until TokenExpires.
	Token        string    `json:"token,omitempty"`
	TokenExpires time.Time `json:"tokenExpires,omitzero"`
}

// PendingConfirmation is the state of a subscription that is not confirmed (documented: ListSubscriptions).
const PendingConfirmation = "PendingConfirmation"

// tokenValidity is how long a token confirms a subscription (documented: ConfirmSubscription, "valid for two days").
const tokenValidity = 48 * time.Hour

// address is all that is checked of an e-mail address: SNS's own rule is not documented.
var address = regexp.MustCompile(`^[^\s@]+@[^\s@]+\.[^\s@]+$`)

// checkEndpoint checks the endpoint of a subscription. Assumed: the sentences about endpoints, which are quoted in error
// messages that users have published.
func checkEndpoint(protocol, endpoint string) error {
	switch protocol {
	case "email", "email-json":
		if !address.MatchString(endpoint) {
			return invalid("Email address")
		}
	case "http", "https":
		if u, err := url.Parse(endpoint); err != nil || u.Scheme != protocol {
			return invalid("Endpoint must match the specified protocol")
		} else if u.Host == "" {
			return invalid("Endpoint Reason: the URL has no host")
		}
	case "sms", "sqs", "application", "lambda", "firehose":
		return invalid("the protocol %s is not emulated by the local target: http and email are", protocol)
	default:
		// Recorded: test_subscribe_with_invalid_protocol.
		return invalid("Amazon SNS does not support this protocol string: %s", protocol)
	}
	return nil
}

// isLocal is whether an endpoint is sent messages: one of this machine.
func (s Subscription) isLocal() bool {
	u, err := url.Parse(s.Endpoint)
	if err != nil || s.Protocol != "http" {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
}

// Subscribe adds a subscription; one of the same protocol and endpoint is returned as it is (documented: Subscribe), and
// its endpoint is sent another confirmation message if it is pending. Errors: InvalidParameter, also for protocols that
// the local target does not have; NotFound.
func (s *Service) Subscribe(topicARN, protocol, endpoint string) (Subscription, error) {
	return s.subscribe(topicARN, protocol, endpoint, nil)
}

// subscribe is Subscribe with RawMessageDelivery, which is compared with a subscription that exists if it is given.
func (s *Service) subscribe(topicARN, protocol, endpoint string, raw *bool) (Subscription, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.find(topicARN)
	if err != nil {
		return Subscription{}, err
	}
	if err := checkEndpoint(protocol, endpoint); err != nil {
		return Subscription{}, err
	}
	sub := Subscription{
		ARN: topicARN + ":" + uuid.NewString(), Topic: topicARN, Protocol: protocol, Endpoint: endpoint,
		RawMessageDelivery: raw != nil && *raw,
	}
	for _, exists := range t.Subscriptions {
		if exists.Protocol == protocol && exists.Endpoint == endpoint {
			if raw != nil && exists.RawMessageDelivery != *raw {
				// Assumed: quoted in error messages that users have published.
				return Subscription{}, invalid("Attributes Reason: Subscription already exists with different attributes")
			}
			sub = exists
		}
	}
	if sub.Confirmed || !sub.isLocal() && slices.ContainsFunc(t.Subscriptions, sub.is) {
		return sub, nil
	}
	if sub.isLocal() {
		if sub.Token, err = newToken(); err != nil {
			return Subscription{}, err
		}
		sub.TokenExpires = s.options.Clock.Now().UTC().Add(tokenValidity)
	}
	if err := s.putSubscription(t, sub); err != nil {
		return Subscription{}, err
	}
	if sub.isLocal() {
		s.send(s.confirmation(sub))
	}
	return sub, nil
}

// is is whether it is the same subscription.
func (s Subscription) is(other Subscription) bool { return s.ARN == other.ARN }

// newToken is a token of the length of AWS's.
func newToken() (string, error) {
	random := make([]byte, 112)
	if _, err := rand.Read(random); err != nil {
		return "", err
	}
	return hex.EncodeToString(random), nil
}

// putSubscription adds a subscription to a topic or replaces it; the caller holds the lock.
func (s *Service) putSubscription(t *topic, sub Subscription) error {
	next := *t
	next.Subscriptions = slices.Clone(t.Subscriptions)
	if i := slices.IndexFunc(next.Subscriptions, sub.is); i >= 0 {
		next.Subscriptions[i] = sub
	} else {
		next.Subscriptions = append(next.Subscriptions, sub)
	}
	return s.put(&next)
}

var tokenForm = regexp.MustCompile(`^[0-9a-f]{64,}$`)

// ConfirmSubscription confirms the subscription that was sent the token. byCaller is whether the call was signed;
// authenticate makes that necessary to delete it. Errors: InvalidParameter (recorded: test_sns_confirm_subscription_wrong_token).
func (s *Service) ConfirmSubscription(topicARN, token string, byCaller, authenticate bool) (Subscription, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.find(topicARN)
	switch {
	case err != nil:
		return Subscription{}, invalid("Token")
	case !tokenForm.MatchString(token):
		return Subscription{}, awserr.New("InvalidParameter", 400, "Invalid token")
	}
	i := slices.IndexFunc(t.Subscriptions, func(sub Subscription) bool { return sub.Token == token })
	if i < 0 || s.options.Clock.Now().After(t.Subscriptions[i].TokenExpires) {
		return Subscription{}, invalid("Token")
	}
	sub := t.Subscriptions[i]
	if sub.Confirmed {
		return sub, nil
	}
	sub.Confirmed, sub.ConfirmedByCaller, sub.AuthenticateOnUnsubscribe = true, byCaller, authenticate
	return sub, s.putSubscription(t, sub)
}

// SetRawMessageDelivery changes an attribute of a subscription (SetSubscriptionAttributes). Errors: NotFound,
// InvalidParameter.
func (s *Service) SetRawMessageDelivery(arn string, raw bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.topics {
		for _, sub := range t.Subscriptions {
			if sub.ARN == arn {
				if raw && !strings.HasPrefix(sub.Protocol, "http") { // assumed sentence
					return invalid("Delivery protocol [%s] does not support raw message delivery.", sub.Protocol)
				}
				sub.RawMessageDelivery = raw
				return s.putSubscription(t, sub)
			}
		}
	}
	return noSubscription()
}

// noSubscription is recorded (test_create_subscriptions_with_attributes).
func noSubscription() error { return awserr.New("NotFound", 404, "Subscription does not exist") }

// Unsubscribe deletes a subscription. In AWS one that is pending expires after 48 hours and cannot be deleted before
// (documented: SNS FAQ and Unsubscribe); here it is deleted, so that nothing is left behind. That it does not exist is no
// error (recorded: test_unsubscribe_from_non_existing_subscription).
func (s *Service) Unsubscribe(subscriptionARN string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	isIt := func(sub Subscription) bool { return sub.ARN == subscriptionARN }
	for _, t := range s.topics {
		if slices.ContainsFunc(t.Subscriptions, isIt) {
			next := *t
			next.Subscriptions = slices.DeleteFunc(slices.Clone(t.Subscriptions), isIt)
			next.SubscriptionsDeleted++
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
	return Subscription{}, noSubscription()
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
		return cmp.Or(strings.Compare(a.Topic, b.Topic), strings.Compare(a.Endpoint, b.Endpoint), strings.Compare(a.ARN, b.ARN))
	})
	return all
}
