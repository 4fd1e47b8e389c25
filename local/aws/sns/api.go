package sns

import (
	"context"
	"errors"
	"strings"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/internal/protocol"
)

// API is what AWS's clients can call. Documented: SNS API reference; who may call which action to what, in the service
// authorization reference, list_amazonsns.html.
func (s *Service) API() protocol.Service {
	return protocol.Service{
		Name: "sns", Version: "2010-03-31", Namespace: "http://sns.amazonaws.com/doc/2010-03-31/",
		Actions: []protocol.Action{
			answer(s, "CreateTopic", func(in *createTopicInput) string { return s.options.Account.ARN("sns", deref(in.Name)) }, s.createTopic),
			change(s, "DeleteTopic", topicOf, s.deleteTopic),
			answer(s, "ListTopics", func(*listTopicsInput) string { return "*" }, s.listTopics),
			answer(s, "GetTopicAttributes", topicOf, s.getTopicAttributes),
			change(s, "SetTopicAttributes", func(in *setTopicAttributesInput) string { return deref(in.TopicArn) }, s.setTopicAttributes),

			answer(s, "Subscribe", func(in *subscribeInput) string { return deref(in.TopicArn) }, s.subscribeCall),
			protocol.Handle("ConfirmSubscription", func(_ context.Context, call *protocol.Call, in *confirmSubscriptionInput) (*subscriptionOutput, error) {
				return s.confirmSubscription(in, call.Caller != nil)
			}).Unsigned(),
			protocol.Handle("Unsubscribe", s.unsubscribe).Unsigned(),
			answer(s, "ListSubscriptions", func(*listSubscriptionsInput) string { return "*" }, s.listSubscriptions),
			answer(s, "ListSubscriptionsByTopic", func(in *listSubscriptionsByTopicInput) string { return deref(in.TopicArn) }, s.listSubscriptionsByTopic),
			answer(s, "GetSubscriptionAttributes", topicOfSubscription, s.getSubscriptionAttributes),
			change(s, "SetSubscriptionAttributes", func(in *setSubscriptionAttributesInput) string {
				return topicIn(deref(in.SubscriptionArn))
			}, s.setSubscriptionAttributes),

			protocol.Handle("Publish", s.publishCall),

			answer(s, "TagResource", func(in *tagResourceInput) string { return deref(in.ResourceArn) }, s.tagResource),
			answer(s, "UntagResource", func(in *untagResourceInput) string { return deref(in.ResourceArn) }, s.untagResource),
			answer(s, "ListTagsForResource", func(in *listTagsForResourceInput) string { return deref(in.ResourceArn) }, s.listTagsForResource),
		},
	}
}

func topicOf(in *topicInput) string { return deref(in.TopicArn) }

func topicOfSubscription(in *subscriptionInput) string { return topicIn(deref(in.SubscriptionArn)) }

// topicIn is the ARN of the topic in the ARN of a subscription.
func topicIn(arn string) string {
	if strings.Count(arn, ":") < 6 {
		return arn
	}
	return arn[:strings.LastIndex(arn, ":")]
}

// allow authorizes the caller by its own policies and the topic's. Assumed: the code and sentence, which are quoted in error
// messages that users have published.
func (s *Service) allow(call *protocol.Call, action, resource string) error {
	request := iam.Request{Action: "SNS:" + action, Resource: resource, Context: call.Context()}
	s.mu.Lock()
	if t := s.topics[resource]; t != nil {
		request.ResourcePolicy = t.policy
	}
	s.mu.Unlock()
	err := call.Caller.Authorize(request)
	var refused *awserr.Error
	if errors.As(err, &refused) && refused.Code == "AccessDeniedException" {
		return awserr.New("AuthorizationError", 403, "%s", refused.Message)
	}
	return err
}

// answer is an action that authorizes its caller for a topic.
func answer[In, Out any](s *Service, name string, resource func(*In) string, serve func(*In) (*Out, error)) protocol.Action {
	return protocol.Handle(name, func(_ context.Context, call *protocol.Call, in *In) (*Out, error) {
		if err := s.allow(call, name, resource(in)); err != nil {
			return nil, err
		}
		return serve(in)
	})
}

// change is answer for an action without output.
func change[In any](s *Service, name string, resource func(*In) string, serve func(*In) error) protocol.Action {
	return answer(s, name, resource, func(in *In) (*struct{}, error) { return &struct{}{}, serve(in) })
}

func (s *Service) publishCall(_ context.Context, call *protocol.Call, in *publishInput) (*publishOutput, error) {
	p, err := in.publication()
	if err != nil {
		return nil, err
	}
	if err := s.allow(call, "Publish", p.TopicARN); err != nil {
		return nil, err
	}
	id, err := s.publish(p, func(*topic) error { return nil })
	return &publishOutput{id}, err
}

// unsubscribe needs no signature unless the subscription was confirmed so (documented: Unsubscribe).
func (s *Service) unsubscribe(_ context.Context, call *protocol.Call, in *subscriptionInput) (*struct{}, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	sub, err := s.GetSubscription(*in.SubscriptionArn)
	switch {
	case err != nil:
		return &struct{}{}, nil
	case call.Caller != nil:
		err = s.allow(call, "Unsubscribe", sub.Topic)
	case sub.AuthenticateOnUnsubscribe || !sub.Confirmed:
		err = awserr.New("AuthorizationError", 403, "Unauthenticated access not allowed for this subscription") // assumed sentence
	default:
		err = nil
	}
	if err != nil {
		return nil, err
	}
	return &struct{}{}, s.Unsubscribe(sub.ARN)
}
