package provider

import "ingest-pipeline/local/aws/awserr"

type topicPolicyConfig struct{ ARN, Policy string }

const topicPolicyToken = "aws:sns/topicPolicy:TopicPolicy"

func snsTopicPolicy() resourceType {
	return define(resourceType{
		token: topicPolicyToken,
		inputs: properties{
			"arn":    text(required, replaces, arn),
			"policy": document(required),
		},
		outputs: []string{"owner"},
	}, operations[topicPolicyConfig]{
		create: func(s services, c topicPolicyConfig) (string, error) {
			return c.ARN, s.SNS.SetTopicPolicy(c.ARN, c.Policy)
		},
		read: func(s services, id string, _ topicPolicyConfig) (topicPolicyConfig, state, error) {
			topic, err := s.SNS.GetTopicAttributes(id)
			if err == nil && topic.HasDefaultPolicy {
				err = awserr.New("NotFound", 404, "The topic has AWS's default policy")
			}
			return topicPolicyConfig{id, topic.Policy}, state{"owner": s.Account.ID}, err
		},
		update: func(s services, id string, c topicPolicyConfig) error { return s.SNS.SetTopicPolicy(id, c.Policy) },
		// A topic is never without a policy: AWS's default replaces it (terraform-provider-aws: aws_sns_topic_policy).
		delete: func(s services, id string, _ topicPolicyConfig) error { return s.SNS.SetTopicPolicy(id, "") },
	})
}
