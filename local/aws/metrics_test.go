package aws

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/cloudwatch"
	"ingest-pipeline/local/aws/firehose"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/kinesis"
	"ingest-pipeline/local/aws/logs"
)

// TestEveryMetricThatIsRecordedHasItsUnit sends an event through and compares what was recorded with the table of units.
func TestEveryMetricThatIsRecordedHasItsUnit(t *testing.T) {
	clock := clockwork.NewFakeClockAt(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
	c, err := Open(Options{Dir: t.TempDir(), Account: seoul, Clock: clock})
	require.NoError(t, err)
	defer func() { require.NoError(t, c.Close(context.Background())) }()
	session := producer(t, c.IAM)
	_, err = c.Kinesis.CreateStream(kinesis.StreamConfig{Name: "events", ShardCount: 1})
	require.NoError(t, err)
	_, err = c.S3.CreateBucket("archive")
	require.NoError(t, err)
	role, err := c.IAM.CreateRole(iam.Role{Name: "delivery", TrustPolicy: `{"Version":"2012-10-17","Statement":[{
		"Effect":"Allow","Principal":{"Service":"firehose.amazonaws.com"},"Action":"sts:AssumeRole"}]}`})
	require.NoError(t, err)
	require.NoError(t, c.IAM.PutRolePolicy("delivery", "all",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`))
	_, err = c.Firehose.CreateDeliveryStream(firehose.DeliveryStreamConfig{
		Name: "delivery", StreamARN: c.Account.ARN("kinesis", "stream/events"), SourceRoleARN: role, RoleARN: role,
		BucketARN: c.Account.ARN("s3", "archive"), Prefix: "raw/",
	})
	require.NoError(t, err)
	for action, body := range map[string]string{
		"PutRecord":  `{"Data":"eHl6","PartitionKey":"k","StreamName":"events"}`,
		"PutRecords": `{"Records":[{"Data":"eHl6","PartitionKey":"k"}],"StreamName":"events"}`,
	} {
		status, answer := c.Kinesis.Call(context.Background(), session, action, []byte(body))
		require.Equal(t, http.StatusOK, status, "%s", answer)
	}
	require.NoError(t, c.Firehose.Flush(context.Background()))

	require.NoError(t, c.Logs.CreateLogGroup(logs.Group{Name: "access", RetentionInDays: 7}))
	require.NoError(t, c.Logs.CreateLogStream("access", "s"))
	require.NoError(t, c.IAM.PutRolePolicy("producer", "log",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"logs:*","Resource":"*"}]}`))
	require.NoError(t, c.Logs.PutMetricFilter(logs.MetricFilter{
		Name: "throttled", LogGroupName: "access", Pattern: `{ $.status = 429 }`, Namespace: "events", MetricName: "Throttled",
		Value: "1",
	}))
	require.NoError(t, c.Logs.PutLogEvents(session, "access", "s", logs.Event{Time: clock.Now(), Message: `{"status":429}`}))

	sent := map[string]bool{}
	for _, id := range c.CloudWatch.ListMetrics() {
		sent[id.Namespace+" "+id.Name] = true
	}
	assert.True(t, sent["events Throttled"], "the metric filter has seen the event")
	delete(sent, "events Throttled")
	documented := map[string]bool{}
	for _, namespace := range []string{"AWS/Kinesis", "AWS/Firehose", "AWS/Logs"} { // API Gateway's are tested with its requests
		for name := range cloudwatch.ServiceMetrics(namespace) {
			documented[namespace+" "+name] = true
		}
	}
	assert.Equal(t, documented, sent)
}
