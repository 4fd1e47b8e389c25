package provider

type topicSubscriptionInputs struct {
	Topic                        string `json:"topic"`
	Protocol                     string `json:"protocol"`
	Endpoint                     string `json:"endpoint"`
	ConfirmationTimeoutInMinutes int    `json:"confirmationTimeoutInMinutes"`
	EndpointAutoConfirms         bool   `json:"endpointAutoConfirms"`
	RawMessageDelivery           bool   `json:"rawMessageDelivery"`
}

const topicSubscriptionToken = "aws:sns/topicSubscription:TopicSubscription"

func snsTopicSubscription() resourceType {
	const nothingSent = "nothing is sent to anybody"
	return alive(resourceType{
		token:     topicSubscriptionToken,
		persisted: true,
		inputs: properties{
			"topic": text(required, replaces, arn),
			"protocol": text(required, replaces, oneOf("application", "email", "email-json", "firehose", "http", "https",
				"lambda", "sms", "sqs"), notHere("only e-mail is accepted, and "+nothingSent, "application", "firehose", "http",
				"https", "lambda", "sms", "sqs")),
			"endpoint":                     text(required, replaces),
			"confirmationTimeoutInMinutes": integer(byDefault(1.0), inert(nothingSent)),
			"endpointAutoConfirms":         boolean(byDefault(false), notHere("nobody confirms", true)),
			"rawMessageDelivery":           boolean(byDefault(false), notHere("AWS has it for no e-mail either", true)),
			"deliveryPolicy":               rejected(nothingSent),
			"filterPolicy":                 rejected(nothingSent),
			"filterPolicyScope":            rejected(nothingSent),
			"redrivePolicy":                rejected(nothingSent),
			"replayPolicy":                 rejected(nothingSent),
			"subscriptionRoleArn":          rejected("it is for delivery streams, which are no subscribers here"),
		},
		outputs: []string{"arn", "confirmationWasAuthenticated", "ownerId", "pendingConfirmation"},
	}, lifeOf[topicSubscriptionInputs]{
		put: func(s site, in topicSubscriptionInputs, _ *record) (string, state, error) {
			made, err := s.SNS.Subscribe(in.Topic, in.Protocol, in.Endpoint)
			return made.ARN, state{
				"arn": made.ARN, "confirmationWasAuthenticated": false, "ownerId": s.Account.ID, "pendingConfirmation": true,
			}, err
		},
		// What can be updated says nothing to SNS: it is how terraform-provider-aws waits.
		update: func(site, topicSubscriptionInputs, *record) (state, error) { return nil, nil },
		remove: func(s site, _ topicSubscriptionInputs, was *record) error { return s.SNS.Unsubscribe(was.ID) },
		read: func(s site, _ topicSubscriptionInputs, was *record) (state, error) {
			_, err := s.SNS.GetSubscription(was.ID)
			return nil, err
		},
	})
}
