package fidelity

import (
	"encoding/json"
	"maps"
	"testing"

	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/logs"
)

// logsRequest has the members of CloudWatch Logs' requests.
type logsRequest struct {
	LogGroupName, LogStreamName string
	KMSKeyID                    string `json:"kmsKeyId"`
	RetentionInDays             int
	Tags                        map[string]string
}

// TestCloudWatchLogsAnswersAsRecorded compares log groups and log streams. Setup lists the requests that come first.
func TestCloudWatchLogsAnswersAsRecorded(t *testing.T) {
	compare(t, "logs", func(t *testing.T, r request) answer {
		service, err := logs.Open(logs.Options{Dir: t.TempDir(), Account: account})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, service.Close()) })
		return sendAfterSetup(t, r, func(r request) answer { return sendLogs(t, service, r) })
	})
}

func sendLogs(t *testing.T, service *logs.Service, r request) answer {
	t.Helper()
	var q logsRequest
	require.NoError(t, json.Unmarshal(r.Request, &q))
	var body map[string]any
	var err error
	switch r.Action {
	case "CreateLogGroup":
		err = service.CreateLogGroup(logs.Group{Name: q.LogGroupName, KMSKeyID: q.KMSKeyID, Tags: q.Tags})
	case "PutRetentionPolicy", "DeleteRetentionPolicy":
		err = service.UpdateLogGroup(logs.Group{Name: q.LogGroupName, RetentionInDays: q.RetentionInDays})
	case "DescribeLogGroups":
		body = describeGroup(t, service, q.LogGroupName)
	case "DeleteLogGroup":
		err = service.DeleteLogGroup(q.LogGroupName)
	case "CreateLogStream":
		err = service.CreateLogStream(q.LogGroupName, q.LogStreamName)
	case "DescribeLogStreams":
		body = map[string]any{"arn": service.StreamARN(q.LogGroupName, q.LogStreamName)}
	default:
		t.Fatalf("no action %s", r.Action)
	}
	if err != nil {
		return answerError(t, err)
	}
	return answer{Status: 200, Body: body}
}

// describeGroup is the one log group that the name selects, with its tags, or nothing.
func describeGroup(t *testing.T, service *logs.Service, name string) map[string]any {
	t.Helper()
	for _, g := range service.DescribeLogGroups() {
		if g.Name != name {
			continue
		}
		tags := map[string]any{}
		for key, value := range maps.All(g.Tags) {
			tags[key] = value
		}
		return map[string]any{
			"logGroups": float64(1), "logGroupName": g.Name, "logGroupArn": service.GroupARN(name), "logGroupClass": g.LogGroupClass,
			"kmsKeyId": g.KMSKeyID, "retentionInDays": float64(g.RetentionInDays), "tags": tags,
		}
	}
	return map[string]any{"logGroups": float64(0)}
}
