package fidelity

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/sns"
)

// snsRequest has the members of SNS's requests.
type snsRequest struct {
	Name, TopicARN, Message string
	Attributes              struct{ DisplayName string }
	Tags                    map[string]string
}

// TestSNSAnswersAsRecorded compares topics. Setup lists the requests that come first.
func TestSNSAnswersAsRecorded(t *testing.T) {
	compare(t, "sns", func(t *testing.T, r request) answer {
		service, err := sns.Open(sns.Options{Dir: t.TempDir(), Account: account, IAM: iam.New(account)})
		require.NoError(t, err)
		return sendAfterSetup(t, r, func(r request) answer { return sendSNS(t, service, r) })
	})
}

func sendSNS(t *testing.T, service *sns.Service, r request) answer {
	t.Helper()
	var q snsRequest
	require.NoError(t, json.Unmarshal(r.Request, &q))
	body := map[string]any{}
	var err error
	switch r.Action {
	case "CreateTopic":
		topic := sns.Topic{Name: q.Name, DisplayName: q.Attributes.DisplayName, Tags: q.Tags}
		body["TopicArn"], err = service.CreateTopic(topic)
	case "GetTopicAttributes":
		var got sns.TopicAttributes
		got, err = service.GetTopicAttributes(q.TopicARN)
		body["DisplayName"], body["TopicArn"] = got.DisplayName, got.ARN
		if err == nil {
			var policy any
			require.NoError(t, json.Unmarshal([]byte(got.Policy), &policy))
			body["Policy"] = policy
		}
	case "DeleteTopic":
		err = service.DeleteTopic(q.TopicARN)
	case "Publish":
		_, err = service.Publish(sns.Publisher{Principal: iam.Root(account)}, q.TopicARN, "", q.Message)
	default:
		t.Fatalf("no action %s", r.Action)
	}
	if err != nil {
		return answerError(t, err)
	}
	return answer{Status: 200, Body: body}
}
