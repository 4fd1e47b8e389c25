package sns

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// received is what an endpoint was sent.
type received struct {
	header http.Header
	body   string
}

func (r received) notification(t *testing.T) (n notification) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(r.body), &n), r.body)
	return n
}

// subscriber is an http endpoint.
type subscriber struct {
	*httptest.Server
	requests chan received
	answers  chan int // the statuses of its answers; 200 if there is none
}

func newSubscriber(t *testing.T) *subscriber {
	t.Helper()
	s := &subscriber{requests: make(chan received, 100), answers: make(chan int, 100)}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		status := http.StatusOK
		select {
		case status = <-s.answers:
		default:
		}
		// Only now: the test prepares the next answer when it has seen this request.
		s.requests <- received{r.Header, string(body)}
		w.WriteHeader(status)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *subscriber) next(t *testing.T) received {
	t.Helper()
	select {
	case r := <-s.requests:
		return r
	case <-time.After(10 * time.Second):
		require.FailNow(t, "the endpoint was sent nothing")
		return received{}
	}
}

func (c *client) subscribeTo(t *testing.T, s *subscriber, attributes map[string]string) (arn string, token notification) {
	t.Helper()
	out, err := c.api.Subscribe(t.Context(), &sdk.SubscribeInput{
		TopicArn: aws.String(topicARN), Protocol: aws.String("http"), Endpoint: &s.URL, Attributes: attributes, ReturnSubscriptionArn: true,
	})
	require.NoError(t, err)
	return *out.SubscriptionArn, s.next(t).notification(t)
}

func get(t *testing.T, url string) int {
	t.Helper()
	response, err := http.Get(url)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	return response.StatusCode
}

// Documented: sns-message-and-json-formats.html.
func TestAnEndpointConfirmsAndIsSentWhatIsPublished(t *testing.T) {
	c, s := newClient(t), newSubscriber(t)
	out, err := c.api.Subscribe(t.Context(), &sdk.SubscribeInput{TopicArn: aws.String(topicARN), Protocol: aws.String("http"), Endpoint: &s.URL})
	require.NoError(t, err)
	assert.Equal(t, "pending confirmation", *out.SubscriptionArn)
	request := s.next(t)
	confirmation := request.notification(t)
	assert.Equal(t, "SubscriptionConfirmation", request.header.Get("X-Amz-Sns-Message-Type"))
	assert.Equal(t, topicARN, request.header.Get("X-Amz-Sns-Topic-Arn"))
	assert.Equal(t, confirmation.MessageID, request.header.Get("X-Amz-Sns-Message-Id"))
	assert.Equal(t, "text/plain; charset=UTF-8", request.header.Get("Content-Type"))
	assert.Equal(t, "SubscriptionConfirmation", confirmation.Type)
	assert.Equal(t, "You have chosen to subscribe to the topic "+topicARN+".\nTo confirm the subscription, visit the SubscribeURL included "+
		"in this message.", confirmation.Message)
	assert.Equal(t, "2026-11-22T12:00:00.000Z", confirmation.Timestamp)

	_, err = c.api.Publish(t.Context(), &sdk.PublishInput{TopicArn: aws.String(topicARN), Message: aws.String("before")})
	require.NoError(t, err)
	assert.Equal(t, 200, get(t, confirmation.SubscribeURL), "the link needs no signature")
	assert.Equal(t, "1", c.attributes(t, topicARN)["SubscriptionsConfirmed"])
	list, err := c.api.ListSubscriptions(t.Context(), &sdk.ListSubscriptionsInput{})
	require.NoError(t, err)
	require.Len(t, list.Subscriptions, 1)
	arn := *list.Subscriptions[0].SubscriptionArn
	attributes, err := c.api.GetSubscriptionAttributes(t.Context(), &sdk.GetSubscriptionAttributesInput{SubscriptionArn: &arn})
	require.NoError(t, err)
	assert.Equal(t, map[string]string{
		"ConfirmationWasAuthenticated": "false", "Endpoint": s.URL, "Owner": "123456789012", "PendingConfirmation": "false", "Protocol": "http",
		"RawMessageDelivery": "false", "SubscriptionArn": arn, "SubscriptionPrincipal": "arn:aws:iam::123456789012:root", "TopicArn": topicARN,
	}, attributes.Attributes)

	published, err := c.api.Publish(t.Context(), &sdk.PublishInput{
		TopicArn: aws.String(topicARN), Subject: aws.String("Hello"), Message: aws.String(`{"default":"a & <b>","http":"for http"}`),
		MessageStructure: aws.String("json"), MessageAttributes: map[string]types.MessageAttributeValue{
			"attr1": {DataType: aws.String("Number"), StringValue: aws.String("99.12")},
		},
	})
	require.NoError(t, err)
	request = s.next(t)
	assert.Equal(t, "Notification", request.header.Get("X-Amz-Sns-Message-Type"))
	assert.Equal(t, arn, request.header.Get("X-Amz-Sns-Subscription-Arn"))
	n := request.notification(t)
	assert.NotEmpty(t, n.UnsubscribeURL)
	assert.Equal(t, notification{
		Type: "Notification", MessageID: *published.MessageId, TopicARN: topicARN, Subject: "Hello", Message: "for http",
		Timestamp: "2026-11-22T12:00:00.000Z", SignatureVersion: "1", UnsubscribeURL: n.UnsubscribeURL,
		MessageAttributes: map[string]messageAttribute{"attr1": {"Number", "99.12"}},
	}, n)

	again := reopen(t, c.Service)
	sub, err := again.GetSubscription(arn)
	require.NoError(t, err)
	assert.True(t, sub.Confirmed, "it is on the disk")
	assert.Equal(t, 200, get(t, n.UnsubscribeURL))
	assert.Empty(t, c.ListSubscriptions())
	assert.Equal(t, "1", c.attributes(t, topicARN)["SubscriptionsDeleted"])
}

func TestASubscriptionThatWasConfirmedByASignedCallCanNeedOneToBeDeleted(t *testing.T) {
	c, s := newClient(t), newSubscriber(t)
	arn, confirmation := c.subscribeTo(t, s, map[string]string{"RawMessageDelivery": "true"})
	_, err := c.api.ConfirmSubscription(t.Context(), &sdk.ConfirmSubscriptionInput{
		TopicArn: aws.String(topicARN), Token: &confirmation.Token, AuthenticateOnUnsubscribe: aws.String("true"),
	})
	require.NoError(t, err)
	_, err = c.api.Publish(t.Context(), &sdk.PublishInput{TopicArn: aws.String(topicARN), Message: aws.String("raw")})
	require.NoError(t, err)
	request := s.next(t)
	assert.Equal(t, "raw", request.body)
	assert.Equal(t, "true", request.header.Get("X-Amz-Sns-Rawdelivery"))
	assert.Equal(t, 403, get(t, c.server.URL+"/?Action=Unsubscribe&SubscriptionArn="+arn))
	assert.Len(t, c.ListSubscriptions(), 1)
	_, err = c.api.SetSubscriptionAttributes(t.Context(), &sdk.SetSubscriptionAttributesInput{
		SubscriptionArn: &arn, AttributeName: aws.String("RawMessageDelivery"), AttributeValue: aws.String("false"),
	})
	require.NoError(t, err)
	sub, err := c.GetSubscription(arn)
	require.NoError(t, err)
	assert.False(t, sub.RawMessageDelivery)
	_, err = c.api.Unsubscribe(t.Context(), &sdk.UnsubscribeInput{SubscriptionArn: &arn})
	require.NoError(t, err)
	assert.Empty(t, c.ListSubscriptions())
}

func TestATokenIsValidForTwoDays(t *testing.T) {
	c, s := newClient(t), newSubscriber(t)
	_, confirmation := c.subscribeTo(t, s, nil)
	clock := c.options.Clock.(*clockwork.FakeClock)
	clock.Advance(48*time.Hour + time.Second)
	assert.Equal(t, 400, get(t, confirmation.SubscribeURL))
	_, again := c.subscribeTo(t, s, nil)
	assert.NotEqual(t, confirmation.Token, again.Token)
	assert.Equal(t, 200, get(t, again.SubscribeURL))
}

// Documented: sns-message-delivery-retries.html.
func TestAMessageIsSentAgainAfterAFailureOfTheEndpoint(t *testing.T) {
	c, s := newClient(t), newSubscriber(t)
	_, confirmation := c.subscribeTo(t, s, nil)
	require.Equal(t, 200, get(t, confirmation.SubscribeURL))
	clock := c.options.Clock.(*clockwork.FakeClock)
	wait := func() {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		require.NoError(t, clock.BlockUntilContext(ctx, 1))
		clock.Advance(20 * time.Second)
	}
	publish := func(message string, answers ...int) {
		for _, status := range answers {
			s.answers <- status
		}
		_, err := c.api.Publish(t.Context(), &sdk.PublishInput{TopicArn: aws.String(topicARN), Message: &message})
		require.NoError(t, err)
		assert.Equal(t, message, s.next(t).notification(t).Message)
	}
	publish("in the end", 503, 429, 302)
	for range 3 {
		wait()
		assert.Equal(t, "in the end", s.next(t).notification(t).Message)
	}
	publish("never", 500, 500, 500, 500)
	for range 3 {
		wait()
		assert.Equal(t, "never", s.next(t).notification(t).Message)
	}
	publish("refused", 404)
	require.Eventually(t, func() bool { return c.Undelivered() == 2 }, 10*time.Second, time.Millisecond)
	publish("next")
}

func TestNobodyWaitsForAnEndpoint(t *testing.T) {
	c := newClient(t)
	release := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	defer slow.Close()
	defer close(release)
	sub, err := c.Subscribe(topicARN, "http", slow.URL)
	require.NoError(t, err)
	_, err = c.ConfirmSubscription(topicARN, sub.Token+c.token(t, sub.ARN), true, false)
	require.Error(t, err)
	_, err = c.ConfirmSubscription(topicARN, c.token(t, sub.ARN), true, false)
	require.NoError(t, err)
	for range maxDeliveries + 50 {
		_, err := c.Publish(Owner(account), topicARN, "", "x")
		require.NoError(t, err)
	}
	assert.GreaterOrEqual(t, c.Undelivered(), int64(50), "what waits is bounded")
	require.NoError(t, c.Close())
	messages, err := c.Messages(topicARN)
	require.NoError(t, err)
	assert.Len(t, messages, maxDeliveries+50)
}

func (c *client) token(t *testing.T, arn string) string {
	t.Helper()
	sub, err := c.GetSubscription(arn)
	require.NoError(t, err)
	return sub.Token
}

func TestOnlyEndpointsOfThisMachineAreSentAnything(t *testing.T) {
	for endpoint, local := range map[string]bool{
		"http://127.0.0.1:8080/x": true, "http://[::1]/": true, "http://localhost:1/": true, "http://127.1.2.3/": true,
		"http://10.0.0.1/": false, "http://example.com/": false, "http://localhost.example.com/": false, "http://0.0.0.0/": false,
	} {
		assert.Equal(t, local, Subscription{Protocol: "http", Endpoint: endpoint}.isLocal(), endpoint)
	}
	assert.False(t, Subscription{Protocol: "https", Endpoint: "https://127.0.0.1/"}.isLocal())
}
