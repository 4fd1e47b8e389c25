package provider

import "ingest-pipeline/local/aws/sns"

const topicSubscriptionToken = "aws:sns/topicSubscription:TopicSubscription"

func snsTopicSubscription() resourceType {
	const nothingSent = "nothing is sent to anybody"
	return define(resourceType{
		token: topicSubscriptionToken,
		inputs: properties{
			"topic": text(required, replaces, arn),
			"protocol": text(required, replaces, oneOf("application", "email", "email-json", "firehose", "http", "https",
				"lambda", "sms", "sqs"), notHere("only e-mail is accepted, and "+nothingSent, "application", "firehose", "http",
				"https", "lambda", "sms", "sqs")),
			"endpoint":                     text(required, replaces),
			"confirmationTimeoutInMinutes": integer(byDefault(1.0), inert(nothingSent)),
			"endpointAutoConfirms":         boolean(byDefault(false), providerOnly, notHere("nobody confirms", true)),
			"rawMessageDelivery":           boolean(byDefault(false), providerOnly, notHere("AWS has it for no e-mail either", true)),
			"deliveryPolicy":               rejected(nothingSent),
			"filterPolicy":                 rejected(nothingSent),
			"filterPolicyScope":            rejected(nothingSent),
			"redrivePolicy":                rejected(nothingSent),
			"replayPolicy":                 rejected(nothingSent),
			"subscriptionRoleArn":          rejected("it is for delivery streams, which are no subscribers here"),
		},
		outputs: []string{"arn", "confirmationWasAuthenticated", "ownerId", "pendingConfirmation"},
	}, operations[sns.Subscription]{
		create: func(s services, c sns.Subscription) (string, error) {
			created, err := s.SNS.Subscribe(c.Topic, c.Protocol, c.Endpoint)
			return created.ARN, err
		},
		read: func(s services, id string, _ sns.Subscription) (sns.Subscription, state, error) {
			subscription, err := s.SNS.GetSubscription(id)
			return subscription, state{
				"confirmationWasAuthenticated": false, "ownerId": s.Account.ID, "pendingConfirmation": true,
			}, err
		},
		// What can be updated is how terraform-provider-aws waits: SNS does not have it.
		update: func(services, string, sns.Subscription) error { return nil },
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
