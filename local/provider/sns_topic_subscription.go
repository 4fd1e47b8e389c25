package provider

import "ingest-pipeline/local/aws/sns"

const topicSubscriptionToken = "aws:sns/topicSubscription:TopicSubscription"

func snsTopicSubscription() resourceType {
	const everything = "an endpoint is sent every message, with the retries that AWS has by default"
	return define(resourceType{
		token: topicSubscriptionToken,
		inputs: properties{
			"topic": text(required, replaces, arn),
			"protocol": text(required, replaces, oneOf("application", "email", "email-json", "firehose", "http", "https",
				"lambda", "sms", "sqs"), notHere("http and e-mail are, of which http endpoints of this machine are sent messages",
				"application", "firehose", "lambda", "sms", "sqs")),
			"endpoint":                     text(required, replaces),
			"confirmationTimeoutInMinutes": integer(byDefault(1.0), inert("it is for endpointAutoConfirms")),
			"endpointAutoConfirms":         boolean(byDefault(false), providerOnly, notHere("nobody waits for the confirmation", true)),
			"rawMessageDelivery":           boolean(byDefault(false)),
			"deliveryPolicy":               rejected(everything),
			"filterPolicy":                 rejected(everything),
			"filterPolicyScope":            rejected(everything),
			"redrivePolicy":                rejected(everything),
			"replayPolicy":                 rejected(everything),
			"subscriptionRoleArn":          rejected("it is for delivery streams, which are no subscribers here"),
		},
		outputs: []string{"arn", "confirmationWasAuthenticated", "ownerId", "pendingConfirmation"},
	}, operations[sns.Subscription]{
		create: func(s services, c sns.Subscription) (string, error) {
			created, err := s.SNS.Subscribe(c.Topic, c.Protocol, c.Endpoint)
			if err == nil && c.RawMessageDelivery {
				err = s.SNS.SetRawMessageDelivery(created.ARN, true)
			}
			return created.ARN, err
		},
		read: func(s services, id string, _ sns.Subscription) (sns.Subscription, state, error) {
			subscription, err := s.SNS.GetSubscription(id)
			return subscription, state{
				"confirmationWasAuthenticated": subscription.ConfirmedByCaller, "ownerId": s.Account.ID,
				"pendingConfirmation": !subscription.Confirmed,
			}, err
		},
		update: func(s services, id string, c sns.Subscription) error {
			return s.SNS.SetRawMessageDelivery(id, c.RawMessageDelivery)
		},
		delete: func(s services, id string, _ sns.Subscription) error { return s.SNS.Unsubscribe(id) },
		list: func(s services) []string {
			var ids []string
			for _, subscription := range s.SNS.ListSubscriptions() {
				ids = append(ids, subscription.ARN)
			}
			return ids
		},
	})
}
