package provider

type topicPolicyInputs struct {
	ARN    string `json:"arn"`
	Policy string `json:"policy"`
}

const topicPolicyToken = "aws:sns/topicPolicy:TopicPolicy"

func snsTopicPolicy() resourceType {
	return alive(resourceType{
		token:     topicPolicyToken,
		persisted: true,
		inputs: properties{
			"arn":    text(required, replaces, arn),
			"policy": document(required),
		},
		outputs: []string{"owner"},
	}, lifeOf[topicPolicyInputs]{
		put: func(s site, in topicPolicyInputs, _ *record) (string, state, error) {
			return in.ARN, state{"owner": s.Account.ID}, s.SNS.SetTopicPolicy(in.ARN, in.Policy)
		},
		update: func(s site, in topicPolicyInputs, _ *record) (state, error) {
			return nil, s.SNS.SetTopicPolicy(in.ARN, in.Policy)
		},
		// A topic is never without a policy: AWS's default comes back (terraform-provider-aws: aws_sns_topic_policy).
		remove: func(s site, in topicPolicyInputs, _ *record) error { return s.SNS.SetTopicPolicy(in.ARN, "") },
		read: func(s site, in topicPolicyInputs, _ *record) (state, error) {
			topic, err := s.SNS.GetTopicAttributes(in.ARN)
			return state{"policy": topic.Policy}, err
		},
	})
}
