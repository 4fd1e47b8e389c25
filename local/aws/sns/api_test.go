package sns

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/internal/apitest"
)

// client is a service with a topic and a client of AWS's SDK.
type client struct {
	*Service
	api    *sdk.Client
	server *apitest.Server
}

func newClient(t *testing.T) *client {
	t.Helper()
	s := withTopic(t)
	c := &client{Service: s, server: apitest.Serve(t, account, apitest.NewIAM(account), s.API())}
	s.options.URL = func() string { return c.server.URL }
	c.api = sdk.NewFromConfig(c.server.Config())
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return c
}

func (c *client) attributes(t *testing.T, arn string) map[string]string {
	t.Helper()
	out, err := c.api.GetTopicAttributes(t.Context(), &sdk.GetTopicAttributesInput{TopicArn: &arn})
	require.NoError(t, err)
	return out.Attributes
}

// Recorded: LocalStack, test_create_topic_test_arn and test_create_duplicate_topic_check_idempotency.
func TestATopicIsCreatedChangedAndDeleted(t *testing.T) {
	c := newClient(t)
	in := &sdk.CreateTopicInput{
		Name: aws.String("other"), Attributes: map[string]string{"DisplayName": "TestTopic"},
		Tags: []types.Tag{{Key: aws.String("k1"), Value: aws.String("v1")}},
	}
	created, err := c.api.CreateTopic(t.Context(), in)
	require.NoError(t, err)
	again, err := c.api.CreateTopic(t.Context(), in)
	require.NoError(t, err)
	arn := *created.TopicArn
	assert.Equal(t, arn, *again.TopicArn)
	attributes := c.attributes(t, arn)
	assert.JSONEq(t, c.defaultPolicy(arn), attributes["Policy"])
	delete(attributes, "Policy")
	assert.Equal(t, map[string]string{
		"DisplayName": "TestTopic", "EffectiveDeliveryPolicy": effectiveDeliveryPolicy, "Owner": "123456789012", "TopicArn": arn,
		"SubscriptionsConfirmed": "0", "SubscriptionsDeleted": "0", "SubscriptionsPending": "0",
	}, attributes)

	set := func(name, value string) error {
		_, err := c.api.SetTopicAttributes(t.Context(), &sdk.SetTopicAttributesInput{TopicArn: &arn, AttributeName: &name, AttributeValue: &value})
		return err
	}
	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sns:Publish","Resource":"` + arn + `"}]}`
	require.NoError(t, set("Policy", policy))
	require.NoError(t, set("DisplayName", "Other"))
	require.NoError(t, set("KmsMasterKeyId", "alias/mine"))
	attributes = c.attributes(t, arn)
	assert.Equal(t, []string{policy, "Other", "alias/mine"}, []string{attributes["Policy"], attributes["DisplayName"], attributes["KmsMasterKeyId"]})
	kept, err := reopen(t, c.Service).GetTopicAttributes(arn)
	require.NoError(t, err)
	assert.Equal(t, "Other", kept.DisplayName, "it is on the disk when it is answered")
	apitest.RequireError(t, set("Colour", "blue"), "InvalidParameter", "Invalid parameter: AttributeName")
	apitest.RequireError(t, set("DeliveryPolicy", "{}"), "InvalidParameter", "DeliveryPolicy is not emulated by the local target")
	apitest.RequireError(t, set("Policy", "x"), "InvalidParameter", "Invalid parameter: Policy Error")

	for range 2 {
		_, err = c.api.DeleteTopic(t.Context(), &sdk.DeleteTopicInput{TopicArn: &arn})
		require.NoError(t, err)
	}
	_, err = c.api.GetTopicAttributes(t.Context(), &sdk.GetTopicAttributesInput{TopicArn: &arn})
	apitest.RequireError(t, err, "NotFound", "Topic does not exist")
	_, err = c.api.GetTopicAttributes(t.Context(), &sdk.GetTopicAttributesInput{TopicArn: aws.String("x")})
	apitest.RequireError(t, err, "InvalidParameter", "Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1")
}

// Recorded: LocalStack, test_tags and test_create_duplicate_topic_with_more_tags.
func TestTagsOfATopicAreChanged(t *testing.T) {
	c := newClient(t)
	arn := aws.String(topicARN)
	tag := func(key, value string) types.Tag { return types.Tag{Key: &key, Value: &value} }
	tags := func() []types.Tag {
		out, err := c.api.ListTagsForResource(t.Context(), &sdk.ListTagsForResourceInput{ResourceArn: arn})
		require.NoError(t, err)
		return out.Tags
	}
	put := func(tags ...types.Tag) error {
		_, err := c.api.TagResource(t.Context(), &sdk.TagResourceInput{ResourceArn: arn, Tags: tags})
		return err
	}
	assert.Empty(t, tags())
	require.NoError(t, put(tag("k1", "v1"), tag("k2", "v2")))
	assert.Equal(t, []types.Tag{tag("k1", "v1"), tag("k2", "v2")}, tags())
	_, err := c.api.UntagResource(t.Context(), &sdk.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"k1"}})
	require.NoError(t, err)
	require.NoError(t, put(tag("k2", "v2b")))
	assert.Equal(t, []types.Tag{tag("k2", "v2b")}, tags())
	apitest.RequireError(t, put(tag("k1", "v1"), tag("k1", "v2")), "InvalidParameter", "Invalid parameter: Duplicated keys are not allowed.")
	_, err = c.api.CreateTopic(t.Context(), &sdk.CreateTopicInput{Name: aws.String("alarms"), Tags: []types.Tag{tag("k9", "v9")}})
	apitest.RequireError(t, err, "InvalidParameter", "Invalid parameter: Tags Reason: Topic already exists with different tags")
	arn = aws.String(topicARN + "x")
	apitest.RequireError(t, put(tag("a", "b")), "ResourceNotFound", "Resource does not exist")
}

func TestTopicsAndSubscriptionsAreListedPageByPage(t *testing.T) {
	c := newClient(t)
	for i := range 204 {
		_, err := c.CreateTopic(Topic{Name: fmt.Sprintf("t%03d", i)})
		require.NoError(t, err)
		_, err = c.Subscribe(topicARN, "email", fmt.Sprintf("ops%d@example.com", i))
		require.NoError(t, err)
	}
	topics := map[string]bool{}
	pages := sdk.NewListTopicsPaginator(c.api, &sdk.ListTopicsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		assert.LessOrEqual(t, len(page.Topics), 100)
		for _, topic := range page.Topics {
			topics[*topic.TopicArn] = true
		}
	}
	assert.Len(t, topics, 205)
	endpoints := map[string]bool{}
	subscriptions := sdk.NewListSubscriptionsPaginator(c.api, &sdk.ListSubscriptionsInput{})
	for subscriptions.HasMorePages() {
		page, err := subscriptions.NextPage(t.Context())
		require.NoError(t, err)
		for _, sub := range page.Subscriptions {
			assert.Equal(t, "PendingConfirmation", *sub.SubscriptionArn)
			endpoints[*sub.Endpoint] = true
		}
	}
	assert.Len(t, endpoints, 204)
	byTopic, err := c.api.ListSubscriptionsByTopic(t.Context(), &sdk.ListSubscriptionsByTopicInput{TopicArn: aws.String(topicARN)})
	require.NoError(t, err)
	assert.Len(t, byTopic.Subscriptions, 100)
	byTopic, err = c.api.ListSubscriptionsByTopic(t.Context(), &sdk.ListSubscriptionsByTopicInput{TopicArn: aws.String(topicARN[:len(topicARN)-6] + "t000")})
	require.NoError(t, err)
	assert.Empty(t, byTopic.Subscriptions)
	_, err = c.api.ListTopics(t.Context(), &sdk.ListTopicsInput{NextToken: aws.String("%")})
	apitest.RequireError(t, err, "InvalidParameter", "Invalid parameter: NextToken")
}

func TestAMessageIsPublished(t *testing.T) {
	c := newClient(t)
	out, err := c.api.Publish(t.Context(), &sdk.PublishInput{
		TopicArn: aws.String(topicARN), Subject: aws.String("Hello"), Message: aws.String("a & <b>"),
		MessageAttributes: map[string]types.MessageAttributeValue{
			"attr1": {DataType: aws.String("Number"), StringValue: aws.String("99.12")},
			"store": {DataType: aws.String("Binary"), BinaryValue: []byte{2, 3, 4}},
		},
	})
	require.NoError(t, err)
	_, err = c.api.Publish(t.Context(), &sdk.PublishInput{
		TargetArn: aws.String(topicARN), MessageStructure: aws.String("json"), Message: aws.String(`{"default": "x", "email": "for mail"}`),
	})
	require.NoError(t, err)
	messages, err := c.Messages(topicARN)
	require.NoError(t, err)
	require.Len(t, messages, 2)
	assert.Equal(t, *out.MessageId, messages[0].MessageID)
	assert.Equal(t, "a & <b>", messages[0].Text())
	assert.Equal(t, map[string]Attribute{"attr1": {"Number", "99.12"}, "store": {"Binary", "AgME"}}, messages[0].Attributes)
	assert.Equal(t, "for mail", messages[1].Text())
}

// Recorded, but where another source is named: LocalStack, tests/aws/services/sns/test_sns.py.
func TestWhatSNSRefusesOfCallsIsRefused(t *testing.T) {
	c := newClient(t)
	publish := func(change func(*sdk.PublishInput)) error {
		in := &sdk.PublishInput{TopicArn: aws.String(topicARN), Message: aws.String("m")}
		change(in)
		_, err := c.api.Publish(t.Context(), in)
		return err
	}
	structured := func(message string) error {
		return publish(func(in *sdk.PublishInput) { in.MessageStructure, in.Message = aws.String("json"), &message })
	}
	attribute := func(name string, value types.MessageAttributeValue) error {
		return publish(func(in *sdk.PublishInput) { in.MessageAttributes = map[string]types.MessageAttributeValue{name: value} })
	}
	text := func(kind, value string) types.MessageAttributeValue {
		return types.MessageAttributeValue{DataType: &kind, StringValue: &value}
	}
	subscribe := func(protocol, endpoint string, attributes map[string]string) error {
		_, err := c.api.Subscribe(t.Context(), &sdk.SubscribeInput{
			TopicArn: aws.String(topicARN), Protocol: &protocol, Endpoint: &endpoint, Attributes: attributes,
		})
		return err
	}
	confirm := func(arn, token string) error {
		_, err := c.api.ConfirmSubscription(t.Context(), &sdk.ConfirmSubscriptionInput{TopicArn: &arn, Token: &token})
		return err
	}
	subscription := func(arn string) error {
		_, err := c.api.GetSubscriptionAttributes(t.Context(), &sdk.GetSubscriptionAttributesInput{SubscriptionArn: &arn})
		return err
	}
	long := strings.Repeat("x", maxMessageBytes)
	unknown := strings.Repeat("51b2ff3edb475b7d", 14)
	for name, e := range map[string]struct {
		err           error
		code, message string
	}{
		"no such topic":    {publish(func(in *sdk.PublishInput) { in.TopicArn = aws.String(topicARN + "x") }), "NotFound", "Topic does not exist"},
		"an empty subject": {publish(func(in *sdk.PublishInput) { in.Subject = aws.String("") }), "InvalidParameter", "Invalid parameter: Subject"},
		"an empty message": {publish(func(in *sdk.PublishInput) { in.Message = aws.String("") }), "InvalidParameter", "Invalid parameter: Empty message"},
		"a long message":   {publish(func(in *sdk.PublishInput) { in.Message = aws.String(long + "x") }), "InvalidParameter", "Invalid parameter: Message too long"},
		"a message long with attributes": {publish(func(in *sdk.PublishInput) {
			in.Message, in.MessageAttributes = &long, map[string]types.MessageAttributeValue{"a": text("String", "b")}
		}), "InvalidParameter", "Invalid parameter: Message too long"},
		"no default":                       {structured(`{"email": "x"}`), "InvalidParameter", "Invalid parameter: Message Structure - No default entry in JSON message body"},
		"no JSON":                          {structured("{x"), "InvalidParameter", "Invalid parameter: Message Structure - JSON message body failed to parse"},
		"a default that is no text":        {structured(`{"default": {}}`), "InvalidParameter", "No default entry in JSON message body"},
		"an attribute's type (LocalStack)": {attribute("a", text("Text", "x")), "ParameterValueInvalid", "The message attribute 'a' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String."},
		"an empty value (LocalStack)":      {attribute("a", text("String", "")), "ParameterValueInvalid", "The message attribute 'a' must contain non-empty message attribute value for message attribute type 'String'."},
		"a text in a Binary (LocalStack)":  {attribute("a", text("Binary", "x")), "ParameterValueInvalid", "The message attribute 'a' with type 'Binary' must use field 'Binary'."},
		"a Number that is none (moto)":     {attribute("a", text("Number", "x")), "ParameterValueInvalid", "Could not cast message attribute 'a' value to number."},
		"an unknown protocol":              {subscribe("test-protocol", "x", nil), "InvalidParameter", "Invalid parameter: Amazon SNS does not support this protocol string: test-protocol"},
		"a queue":                          {subscribe("sqs", "arn:aws:sqs:ap-northeast-2:123456789012:q", nil), "InvalidParameter", "not emulated by the local target"},
		"an https URL for http (assumed)":  {subscribe("http", "https://127.0.0.1/", nil), "InvalidParameter", "Invalid parameter: Endpoint must match the specified protocol"},
		"raw delivery of wrongvalue":       {subscribe("http", "http://127.0.0.1/", map[string]string{"RawMessageDelivery": "wrongvalue"}), "InvalidParameter", "Invalid parameter: Attributes Reason: RawMessageDelivery: Invalid value [wrongvalue]. Must be true or false."},
		"a filter policy":                  {subscribe("http", "http://127.0.0.1/", map[string]string{"FilterPolicy": "{}"}), "InvalidParameter", "FilterPolicy is not emulated by the local target"},
		"a token of no topic":              {confirm(topicARN+"x", unknown), "InvalidParameter", "Invalid parameter: Token"},
		"a token that is none":             {confirm(topicARN, "randomtoken"), "InvalidParameter", "Invalid token"},
		"an unknown token":                 {confirm(topicARN, unknown), "InvalidParameter", "Invalid parameter: Token"},
		"no such subscription":             {subscription(topicARN + ":none"), "NotFound", "Subscription does not exist"},
	} {
		t.Run(name, func(t *testing.T) { apitest.RequireError(t, e.err, e.code, e.message) })
	}
	messages, err := c.Messages(topicARN)
	require.NoError(t, err)
	assert.Empty(t, messages)
	_, err = c.api.Unsubscribe(t.Context(), &sdk.UnsubscribeInput{SubscriptionArn: aws.String(topicARN + ":none")})
	require.NoError(t, err, "recorded: test_unsubscribe_from_non_existing_subscription")
}

func TestARoleMayDoWithTopicsWhatItsPolicyAndTheirsSay(t *testing.T) {
	c := newClient(t)
	role := sdk.NewFromConfig(c.server.ConfigOf(t, `{"Effect":"Allow","Action":"sns:Publish","Resource":"`+topicARN+`"}`))
	publish := func() error {
		_, err := role.Publish(t.Context(), &sdk.PublishInput{TopicArn: aws.String(topicARN), Message: aws.String("m")})
		return err
	}
	subscribe := func() error {
		_, err := role.Subscribe(t.Context(), &sdk.SubscribeInput{TopicArn: aws.String(topicARN), Protocol: aws.String("email"), Endpoint: aws.String("a@example.com")})
		return err
	}
	require.NoError(t, publish())
	apitest.RequireError(t, subscribe(), "AuthorizationError", "User: arn:aws:sts::123456789012:assumed-role/limited/test is not authorized to perform: "+
		"SNS:Subscribe on resource: "+topicARN+" because no identity-based policy allows the SNS:Subscribe action")
	statement := func(effect, action string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"` + effect + `","Principal":"*","Action":"` + action + `","Resource":"` + topicARN + `"}]}`
	}
	require.NoError(t, c.SetTopicPolicy(topicARN, statement("Allow", "sns:Subscribe")))
	require.NoError(t, subscribe())
	require.NoError(t, c.SetTopicPolicy(topicARN, statement("Deny", "sns:Publish")))
	apitest.RequireError(t, publish(), "AuthorizationError", "with an explicit deny in a resource-based policy")
}
