package provider

import "ingest-pipeline/local/aws/sns"

type topicInputs struct {
	Name                      string            `json:"name"`
	NamePrefix                string            `json:"namePrefix"`
	DisplayName               string            `json:"displayName"`
	Policy                    string            `json:"policy"`
	KMSMasterKeyID            string            `json:"kmsMasterKeyId"`
	FIFOTopic                 bool              `json:"fifoTopic"`
	ContentBasedDeduplication bool              `json:"contentBasedDeduplication"`
	SignatureVersion          int               `json:"signatureVersion"`
	TracingConfig             string            `json:"tracingConfig"`
	Tags                      map[string]string `json:"tags"`
}

const topicToken = "aws:sns/topic:Topic"

func snsTopic() resourceType {
	inputs := properties{
		"name":                      text(computed, replaces, without("namePrefix"), pattern(`^[\w-]{1,256}(\.fifo)?$`, "1 to 256 of a-z A-Z 0-9 _ -")),
		"namePrefix":                text(replaces, length(1, 230)),
		"displayName":               text(length(0, 100)),
		"policy":                    document(computed),
		"kmsMasterKeyId":            text(),
		"fifoTopic":                 boolean(byDefault(false), replaces, notHere("messages go to a file, in their order", true)),
		"contentBasedDeduplication": boolean(byDefault(false), notHere("messages go to a file, each once", true)),
		"signatureVersion":          integer(computed, amongNumbers(1, 2), inert("nothing is sent to anybody")),
		"tracingConfig":             text(computed, oneOf("PassThrough", "Active"), inert("there is no X-Ray")),
		"archivePolicy":             rejected("messages go to a file, which is the archive"),
		"deliveryPolicy":            rejected("nothing is sent to anybody"),
		"fifoThroughputScope":       rejected("there are no FIFO topics"),
		"tags":                      tags(),
	}
	for _, protocol := range []string{"application", "firehose", "http", "lambda", "sqs"} {
		for _, feedback := range []string{"SuccessFeedbackRoleArn", "FailureFeedbackRoleArn", "SuccessFeedbackSampleRate"} {
			inputs[protocol+feedback] = rejected("nothing is sent to anybody")
		}
	}
	return alive(resourceType{
		token:     topicToken,
		persisted: true,
		inputs:    inputs,
		outputs:   []string{"arn", "owner", "beginningArchiveTime"},
		naming:    &naming{property: "name", prefix: "namePrefix", longest: 256},
		takes: func(gone, other *record) bool {
			return (other.Type == topicSubscriptionToken && other.text("topic") == gone.ID) ||
				(other.Type == topicPolicyToken && other.ID == gone.ID)
		},
	}, lifeOf[topicInputs]{
		put: putTopic,
		update: func(s site, in topicInputs, was *record) (state, error) {
			topic := in.topic()
			if topic.Policy == was.text("policy") {
				topic.Policy = "" // one that the program leaves out may be a TopicPolicy's by now
			}
			if err := s.SNS.UpdateTopic(topic); err != nil {
				return nil, err
			}
			return topicState(s, was.ID)
		},
		remove: func(s site, _ topicInputs, was *record) error { return s.SNS.DeleteTopic(was.ID) },
		read:   func(s site, _ topicInputs, was *record) (state, error) { return topicState(s, was.ID) },
	})
}

func putTopic(s site, in topicInputs, _ *record) (string, state, error) {
	if in.Name == "" {
		in.Name = prefixed(s, in.NamePrefix)
	}
	arn, err := s.SNS.CreateTopic(in.topic())
	if err != nil {
		return "", nil, err
	}
	out, err := topicState(s, arn)
	return arn, merged(out, state{"name": in.Name}), err
}

// topicState is what AWS tells of a topic. A policy that a TopicPolicy has put is left to that: pulumi-aws would show it
// as a change of the topic at each refresh.
func topicState(s site, arn string) (state, error) {
	topic, err := s.SNS.GetTopicAttributes(arn)
	out := state{"arn": arn, "owner": s.Account.ID, "beginningArchiveTime": ""}
	if s.resources.find(s.resources.types[topicPolicyToken], arn, nil) == nil {
		out["policy"] = topic.Policy
	}
	return out, err
}

func (in topicInputs) topic() sns.Topic {
	return sns.Topic{
		Name: in.Name, DisplayName: in.DisplayName, Policy: in.Policy, KMSMasterKeyID: in.KMSMasterKeyID, Tags: in.Tags,
	}
}
