package sns

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// The delivery policy of http endpoints (recorded: test_create_topic_test_arn, EffectiveDeliveryPolicy; documented:
// sns-message-delivery-retries.html): an answer of 2xx is a success, 400 to 499 but 429 is final, and after anything else
// the message is sent three times more, 20 seconds apart.
const (
	deliveryRetries = 3
	deliveryDelay   = 20 * time.Second
	// deliveryTimeout is how long an endpoint may take (documented: sns-http-https-endpoint-as-subscriber.html, 15 seconds).
	deliveryTimeout = 15 * time.Second
	// maxDeliveries bounds how many messages wait for their endpoints; the local target drops what comes then.
	maxDeliveries = 1000
	// maxConnections bounds how many are sent at one time.
	maxConnections = 16
)

// notification is what an http endpoint is sent (documented: sns-message-and-json-formats.html). Nothing is signed.
type notification struct {
	Type              string
	MessageID         string `json:"MessageId"`
	Token             string `json:",omitempty"`
	TopicARN          string `json:"TopicArn"`
	Subject           string `json:",omitempty"`
	Message           string
	SubscribeURL      string `json:",omitempty"`
	Timestamp         string
	SignatureVersion  string
	Signature         string
	SigningCertURL    string
	UnsubscribeURL    string                      `json:",omitempty"`
	MessageAttributes map[string]messageAttribute `json:",omitempty"`
}

type messageAttribute struct{ Type, Value string }

// outgoing is one message to one subscription.
type outgoing struct {
	to   Subscription
	body notification
}

// timestampLayout is that of notifications (documented: sns-message-and-json-formats.html).
const timestampLayout = "2006-01-02T15:04:05.000Z"

// confirmation is what a new subscription is sent.
func (s *Service) confirmation(sub Subscription) outgoing {
	confirm := url.Values{"Action": {"ConfirmSubscription"}, "TopicArn": {sub.Topic}, "Token": {sub.Token}}
	return outgoing{sub, notification{
		Type: "SubscriptionConfirmation", MessageID: uuid.NewString(), Token: sub.Token, TopicARN: sub.Topic,
		Message: "You have chosen to subscribe to the topic " + sub.Topic + ".\nTo confirm the subscription, visit the " +
			"SubscribeURL included in this message.",
		SubscribeURL: s.callURL(confirm), Timestamp: s.options.Clock.Now().UTC().Format(timestampLayout), SignatureVersion: "1",
	}}
}

// message is what a confirmed subscription is sent of a publication.
func (s *Service) message(sub Subscription, m Message, text string) outgoing {
	unsubscribe := url.Values{"Action": {"Unsubscribe"}, "SubscriptionArn": {sub.ARN}}
	n := notification{
		Type: "Notification", MessageID: m.MessageID, TopicARN: m.TopicARN, Subject: m.Subject, Message: text,
		Timestamp: m.Time.UTC().Format(timestampLayout), SignatureVersion: "1", UnsubscribeURL: s.callURL(unsubscribe),
	}
	for name, a := range m.Attributes {
		if n.MessageAttributes == nil {
			n.MessageAttributes = map[string]messageAttribute{}
		}
		n.MessageAttributes[name] = messageAttribute(a)
	}
	return outgoing{sub, n}
}

// callURL is the URL of a call of SNS that needs no signature.
func (s *Service) callURL(parameters url.Values) string {
	if s.options.URL == nil {
		return ""
	}
	return s.options.URL() + "/?" + parameters.Encode()
}

// deliveries are the messages that are being sent to http endpoints. Only close waits for them.
type deliveries struct {
	client  *http.Client
	ctx     context.Context
	cancel  context.CancelFunc
	slots   chan struct{}
	waiting atomic.Int64
	running sync.WaitGroup
}

func newDeliveries() *deliveries {
	d := &deliveries{slots: make(chan struct{}, maxConnections), client: &http.Client{
		Timeout: deliveryTimeout,
		// A redirect is no success (documented: the endpoint answers 200), and could lead off this machine.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{MaxIdleConnsPerHost: maxConnections}, // without the proxies of the environment
	}}
	d.ctx, d.cancel = context.WithCancel(context.Background())
	return d
}

// close gives up what is not delivered yet.
func (d *deliveries) close() {
	d.cancel()
	d.running.Wait()
	d.client.CloseIdleConnections()
}

// send delivers a message in the background.
func (s *Service) send(m outgoing) {
	d := s.deliveries
	if d.waiting.Add(1) > maxDeliveries || d.ctx.Err() != nil {
		d.waiting.Add(-1)
		s.undelivered.Add(1)
		return
	}
	d.running.Go(func() {
		defer d.waiting.Add(-1)
		if !s.deliver(m) {
			s.undelivered.Add(1)
		}
	})
}

// deliver sends a message until it is delivered or given up.
func (s *Service) deliver(m outgoing) bool {
	d := s.deliveries
	for retries := 0; ; retries++ {
		select {
		case d.slots <- struct{}{}:
		case <-d.ctx.Done():
			return false
		}
		status := d.post(m)
		<-d.slots
		switch {
		case status >= 200 && status < 300:
			return true
		case status >= 400 && status < 500 && status != http.StatusTooManyRequests, retries == deliveryRetries:
			return false
		}
		select {
		case <-s.options.Clock.After(deliveryDelay):
		case <-d.ctx.Done():
			return false
		}
	}
}

// post sends a message once and returns the status of the answer; 0: there was none.
func (d *deliveries) post(m outgoing) int {
	body, err := encode(m.body)
	raw := m.body.Type == "Notification" && m.to.RawMessageDelivery
	if raw {
		body = []byte(m.body.Message)
	}
	if err != nil {
		return 0
	}
	request, err := http.NewRequestWithContext(d.ctx, http.MethodPost, m.to.Endpoint, bytes.NewReader(body))
	if err != nil {
		return 0
	}
	// Documented: sns-message-and-json-formats.html, HTTP/HTTPS headers.
	request.Header = http.Header{
		"X-Amz-Sns-Message-Type": {m.body.Type}, "X-Amz-Sns-Message-Id": {m.body.MessageID}, "X-Amz-Sns-Topic-Arn": {m.body.TopicARN},
		"Content-Type": {"text/plain; charset=UTF-8"}, "User-Agent": {"Amazon Simple Notification Service Agent"},
	}
	if m.body.Type == "Notification" {
		request.Header.Set("X-Amz-Sns-Subscription-Arn", m.to.ARN)
	}
	if raw {
		request.Header.Set("X-Amz-Sns-Rawdelivery", "true")
	}
	response, err := d.client.Do(request)
	if err != nil {
		return 0
	}
	defer response.Body.Close()
	_, _ = io.CopyN(io.Discard, response.Body, 64<<10) // so that the connection can be used again
	return response.StatusCode
}
