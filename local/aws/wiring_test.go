package aws

import (
	"context"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/cloudwatch"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/kinesis"
	"ingest-pipeline/local/aws/sns"
)

// producer is a session that may put records.
func producer(t *testing.T, service *iam.Service) *iam.Session {
	t.Helper()
	arn, err := service.CreateRole(iam.Role{Name: "producer", TrustPolicy: `{"Version":"2012-10-17","Statement":[{
		"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"sts:AssumeRole"}]}`})
	require.NoError(t, err)
	require.NoError(t, service.PutRolePolicy("producer", "put",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kinesis:*","Resource":"*"}]}`))
	session, err := service.AssumeRole(arn, "apigateway.amazonaws.com", "test", nil)
	require.NoError(t, err)
	return session
}

func TestAnAlarmOnAStreamReachesItsTopic(t *testing.T) {
	clock := clockwork.NewFakeClockAt(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
	changes := make(chan cloudwatch.AlarmChange, 10)
	c, err := Open(Options{Dir: t.TempDir(), Account: seoul, Clock: clock, Hooks: Hooks{
		OnAlarm: func(change cloudwatch.AlarmChange) { changes <- change },
	}})
	require.NoError(t, err)
	closed := false
	defer func() {
		if !closed {
			require.NoError(t, c.Close(context.Background()))
		}
	}()
	topic, err := c.SNS.CreateTopic(sns.Topic{Name: "alarms"})
	require.NoError(t, err)
	_, err = c.Kinesis.CreateStream(kinesis.StreamConfig{Name: "events", ShardCount: 1})
	require.NoError(t, err)
	_, err = c.CloudWatch.PutMetricAlarm(cloudwatch.Alarm{
		Name: "put-failures", Namespace: "AWS/Kinesis", MetricName: "PutRecord.Success",
		Dimensions: cloudwatch.Dimensions{"StreamName": "events"}, Statistic: "Average", PeriodSeconds: 60,
		EvaluationPeriods: 1, ComparisonOperator: "LessThanThreshold", Threshold: 1, TreatMissingData: "notBreaching",
		AlarmActions: []string{topic},
	})
	require.NoError(t, err)
	session := producer(t, c.IAM)
	record := []byte(`{"Data":"eHl6","PartitionKey":"k","StreamName":"events"}`)
	throttled := 0
	for range 1100 { // a shard takes 1,000 a second
		if status, _ := c.Kinesis.Call(context.Background(), session, "PutRecord", record); status != 200 {
			throttled++
		}
	}
	require.Equal(t, 100, throttled)
	clock.Advance(time.Minute)
	change := <-changes
	assert.Equal(t, "ALARM", change.Alarm.State)
	closed = true
	require.NoError(t, c.Close(context.Background())) // the evaluation is over then
	messages, err := c.SNS.Messages(topic)
	require.NoError(t, err)
	require.Len(t, messages, 1)
	assert.Equal(t, `ALARM: "put-failures" in Asia Pacific (Seoul)`, messages[0].Subject)
	assert.Contains(t, messages[0].Text(), "1 datapoint [0.9090909090909091 (22/11/26 12:00:00)] was less than the threshold (1.0).")
}
