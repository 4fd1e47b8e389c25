package fidelity

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/kinesis"
)

var account = iam.Account{ID: "123456789012", Region: "us-east-1", Partition: "aws"}

// allowedRole makes a role that a service may assume to do everything.
func allowedRole(t *testing.T, service string) (roles *iam.Service, arn string) {
	t.Helper()
	roles = iam.New(account)
	arn, err := roles.CreateRole(iam.Role{Name: "client", TrustPolicy: `{"Version":"2012-10-17","Statement":[{
		"Effect":"Allow","Principal":{"Service":"` + service + `"},"Action":"sts:AssumeRole"}]}`})
	require.NoError(t, err)
	require.NoError(t, roles.PutRolePolicy("client", "all",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`))
	return roles, arn
}

// TestKinesisAnswersAsRecorded compares with a stream "events"; Setup gives its configuration, by default three shards.
func TestKinesisAnswersAsRecorded(t *testing.T) {
	const service = "apigateway.amazonaws.com"
	roles, arn := allowedRole(t, service)
	caller, err := roles.AssumeRole(arn, service, "fidelity", nil)
	require.NoError(t, err)
	compare(t, "kinesis", func(t *testing.T, r request) answer {
		service, err := kinesis.Open(kinesis.Options{Dir: t.TempDir(), Account: account})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, service.Close()) })
		config := kinesis.StreamConfig{Name: "events", ShardCount: 3}
		if r.Setup != nil {
			require.NoError(t, json.Unmarshal(r.Setup, &config))
		}
		_, err = service.CreateStream(config)
		require.NoError(t, err)
		switch r.Action {
		case "PutRecord", "PutRecords":
			status, body := service.Call(t.Context(), caller, r.Action, r.Request)
			return kinesisAnswer(t, status, body)
		}
		return changeStream(t, service, config, r)
	})
}

func kinesisAnswer(t *testing.T, status int, body []byte) answer {
	t.Helper()
	a := answer{Status: status}
	require.NoError(t, json.Unmarshal(body, &a.Body))
	text := func(member string) string { s, _ := a.Body[member].(string); return s }
	if status != 200 {
		return answer{Status: status, Error: text("__type"), Message: text("message") + text("Message")}
	}
	return a
}

// changeStream creates a stream or changes one, as the Pulumi provider does.
func changeStream(t *testing.T, service *kinesis.Service, config kinesis.StreamConfig, r request) answer {
	t.Helper()
	var asked struct {
		StreamName                                         string
		ShardCount, TargetShardCount, RetentionPeriodHours int
	}
	require.NoError(t, json.Unmarshal(r.Request, &asked))
	config.Name = asked.StreamName
	var err error
	switch r.Action {
	case "CreateStream":
		config.ShardCount = asked.ShardCount
		_, err = service.CreateStream(config)
	case "UpdateShardCount":
		config.ShardCount = asked.TargetShardCount
		err = service.UpdateStream(config)
	case "IncreaseStreamRetentionPeriod", "DecreaseStreamRetentionPeriod":
		config.RetentionHours = asked.RetentionPeriodHours
		err = service.UpdateStream(config)
	case "DeleteStream":
		err = service.DeleteStream(asked.StreamName)
	default:
		t.Fatalf("no action %s", r.Action)
	}
	if err != nil {
		return answerError(t, err)
	}
	return answer{Status: 200, Body: describeStream(t, service, asked.StreamName)}
}

// describeStream is what DescribeStream says of a stream that the requests can change.
func describeStream(t *testing.T, service *kinesis.Service, name string) map[string]any {
	t.Helper()
	d, err := service.DescribeStream(name)
	if err != nil {
		return nil
	}
	closed := 0
	var ranges []any
	for _, shard := range d.Shards {
		if !shard.Open() {
			closed++
		}
		ranges = append(ranges, shard.StartingHashKey+"-"+shard.EndingHashKey)
	}
	return map[string]any{
		"RetentionPeriodHours": float64(d.RetentionHours),
		"Shards":               float64(len(d.Shards)), "ClosedShards": float64(closed), "HashKeyRanges": ranges,
	}
}
