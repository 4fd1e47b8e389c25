package provider

import "ingest-pipeline/local/aws/sns"

const topicToken = "aws:sns/topic:Topic"

func snsTopic() resourceType {
	inputs := properties{
		"name":                      text(computed, replaces, without("namePrefix"), pattern(`^[\w-]{1,256}(\.fifo)?$`, "1 to 256 of a-z A-Z 0-9 _ -")),
		"namePrefix":                text(replaces, length(1, 230), providerOnly),
		"displayName":               text(length(0, 100)),
		"policy":                    document(computed),
		"kmsMasterKeyId":            text(),
		"fifoTopic":                 boolean(byDefault(false), replaces, providerOnly, notHere("messages go to a file, in their order", true)),
		"contentBasedDeduplication": boolean(byDefault(false), providerOnly, notHere("messages go to a file, each once", true)),
		"signatureVersion":          integer(computed, amongNumbers(1, 2), inert("nothing is signed")),
		"tracingConfig":             text(computed, oneOf("PassThrough", "Active"), inert("there is no X-Ray")),
		"archivePolicy":             rejected("messages go to a file, which is the archive"),
		"deliveryPolicy":            rejected("messages are sent with the retries that AWS has by default"),
		"fifoThroughputScope":       rejected("there are no FIFO topics"),
		"tags":                      tags(),
	}
	for _, protocol := range []string{"application", "firehose", "http", "lambda", "sqs"} {
		for _, feedback := range []string{"SuccessFeedbackRoleArn", "FailureFeedbackRoleArn", "SuccessFeedbackSampleRate"} {
			inputs[protocol+feedback] = rejected("the status of deliveries is not logged")
		}
	}
	return define(resourceType{
		token:   topicToken,
		inputs:  inputs,
		outputs: []string{"arn", "owner", "beginningArchiveTime"},
		naming:  &naming{property: "name", prefix: "namePrefix", longest: 256},
	}, operations[sns.Topic]{
		create: func(s services, c sns.Topic) (string, error) { return s.SNS.CreateTopic(c) },
		read: func(s services, id string, _ sns.Topic) (sns.Topic, state, error) {
			topic, err := s.SNS.GetTopicAttributes(id)
			return topic.Topic, state{"arn": id, "owner": s.Account.ID, "beginningArchiveTime": ""}, err
		},
		update: func(s services, _ string, c sns.Topic) error { return s.SNS.UpdateTopic(c) },
		delete: func(s services, id string, _ sns.Topic) error { return s.SNS.DeleteTopic(id) },
		list: func(s services) []string {
			var ids []string
			for _, topic := range s.SNS.ListTopics() {
				ids = append(ids, topic.ARN)
			}
			return ids
		},
	})
}
