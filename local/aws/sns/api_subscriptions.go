package sns

import (
	"maps"
	"slices"
	"strconv"
)

type subscribeInput struct {
	TopicArn, Protocol, Endpoint *string
	Attributes                   map[string]string
	ReturnSubscriptionArn        *bool
}

type subscriptionOutput struct{ SubscriptionArn string }

// subscribeCall returns "pending confirmation" in place of an ARN unless it is wanted (documented: Subscribe).
func (s *Service) subscribeCall(in *subscribeInput) (*subscriptionOutput, error) {
	if err := required(map[string]*string{"topicArn": in.TopicArn, "protocol": in.Protocol}); err != nil {
		return nil, err
	}
	var raw *bool
	for _, name := range slices.Sorted(maps.Keys(in.Attributes)) {
		value, err := subscriptionAttribute(name, in.Attributes[name], "Attributes Reason: ")
		if err != nil {
			return nil, err
		}
		raw = &value
	}
	sub, err := s.subscribe(*in.TopicArn, *in.Protocol, deref(in.Endpoint), raw)
	if err != nil {
		return nil, err
	}
	if !sub.Confirmed && (in.ReturnSubscriptionArn == nil || !*in.ReturnSubscriptionArn) {
		return &subscriptionOutput{"pending confirmation"}, nil
	}
	return &subscriptionOutput{sub.ARN}, nil
}

// subscriptionAttribute checks an attribute of a subscription, of which there is only RawMessageDelivery here. prefix
// begins the sentence of a refusal. Recorded: test_create_subscriptions_with_attributes, test_validate_set_sub_attributes.
func subscriptionAttribute(name, value, prefix string) (raw bool, err error) {
	switch name {
	case "RawMessageDelivery":
		if value != "true" && value != "false" {
			return false, invalid("%sRawMessageDelivery: Invalid value [%s]. Must be true or false.", prefix, value)
		}
		return value == "true", nil
	case "DeliveryPolicy", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy", "ReplayPolicy", "SubscriptionRoleArn":
		return false, invalid("%s%s is not emulated by the local target", prefix, name)
	}
	return false, invalid("AttributeName")
}

type setSubscriptionAttributesInput struct{ SubscriptionArn, AttributeName, AttributeValue *string }

func (s *Service) setSubscriptionAttributes(in *setSubscriptionAttributesInput) error {
	if err := required(map[string]*string{"subscriptionArn": in.SubscriptionArn, "attributeName": in.AttributeName}); err != nil {
		return err
	}
	raw, err := subscriptionAttribute(*in.AttributeName, deref(in.AttributeValue), "")
	if err != nil {
		return err
	}
	return s.SetRawMessageDelivery(*in.SubscriptionArn, raw)
}

type confirmSubscriptionInput struct{ TopicArn, Token, AuthenticateOnUnsubscribe *string }

func (s *Service) confirmSubscription(in *confirmSubscriptionInput, signed bool) (*subscriptionOutput, error) {
	if err := required(map[string]*string{"topicArn": in.TopicArn, "token": in.Token}); err != nil {
		return nil, err
	}
	sub, err := s.ConfirmSubscription(*in.TopicArn, *in.Token, signed, deref(in.AuthenticateOnUnsubscribe) == "true")
	return &subscriptionOutput{sub.ARN}, err
}

type subscriptionInput struct{ SubscriptionArn *string }

func (in *subscriptionInput) check() error {
	if err := required(map[string]*string{"subscriptionArn": in.SubscriptionArn}); err != nil {
		return err
	}
	return checkARN("SubscriptionArn", *in.SubscriptionArn)
}

func (s *Service) getSubscriptionAttributes(in *subscriptionInput) (*attributesOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	sub, err := s.GetSubscription(*in.SubscriptionArn)
	if err != nil {
		return nil, err
	}
	return &attributesOutput{map[string]string{
		"SubscriptionArn": sub.ARN, "TopicArn": sub.Topic, "Owner": s.options.Account.ID, "Protocol": sub.Protocol,
		"Endpoint": sub.Endpoint, "RawMessageDelivery": strconv.FormatBool(sub.RawMessageDelivery),
		"PendingConfirmation":          strconv.FormatBool(!sub.Confirmed),
		"ConfirmationWasAuthenticated": strconv.FormatBool(sub.ConfirmedByCaller),
		"SubscriptionPrincipal":        s.options.Account.ARN("iam", "root"),
	}}, nil
}

type listSubscriptionsInput struct{ NextToken *string }

type listSubscriptionsOutput struct {
	Subscriptions []subscriptionMember
	NextToken     *string
}

type subscriptionMember struct{ SubscriptionArn, Owner, Protocol, Endpoint, TopicArn string }

// listSubscriptions lists the subscriptions of all topics. One that is pending is listed without its ARN (documented:
// ListSubscriptions).
func (s *Service) listSubscriptions(in *listSubscriptionsInput) (*listSubscriptionsOutput, error) {
	return s.pageOfSubscriptions(s.ListSubscriptions(), in.NextToken)
}

type listSubscriptionsByTopicInput struct{ TopicArn, NextToken *string }

func (s *Service) listSubscriptionsByTopic(in *listSubscriptionsByTopicInput) (*listSubscriptionsOutput, error) {
	if err := required(map[string]*string{"topicArn": in.TopicArn}); err != nil {
		return nil, err
	}
	if _, err := s.GetTopicAttributes(*in.TopicArn); err != nil {
		return nil, err
	}
	all := slices.DeleteFunc(s.ListSubscriptions(), func(sub Subscription) bool { return sub.Topic != *in.TopicArn })
	return s.pageOfSubscriptions(all, in.NextToken)
}

func (s *Service) pageOfSubscriptions(all []Subscription, token *string) (*listSubscriptionsOutput, error) {
	subs, next, err := page(all, func(sub Subscription) string { return sub.ARN }, token)
	out := &listSubscriptionsOutput{Subscriptions: []subscriptionMember{}, NextToken: next}
	for _, sub := range subs {
		m := subscriptionMember{sub.ARN, s.options.Account.ID, sub.Protocol, sub.Endpoint, sub.Topic}
		if !sub.Confirmed {
			m.SubscriptionArn = PendingConfirmation
		}
		out.Subscriptions = append(out.Subscriptions, m)
	}
	return out, err
}
