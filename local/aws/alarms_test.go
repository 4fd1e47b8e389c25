package aws

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/cloudwatch"
	"ingest-pipeline/local/aws/firehose"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/kinesis"
)

// A delivery stream that cannot read records nothing: only an alarm that counts missing data finds out.
func TestAnAlarmFindsThatFirehoseCannotReadAndThatItCanAgain(t *testing.T) {
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
	allow := func(action string) {
		require.NoError(t, c.IAM.PutRolePolicy("delivery", "all",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"`+action+`","Resource":"*"}]}`))
	}
	allow("*")
	_, err = c.Firehose.CreateDeliveryStream(firehose.DeliveryStreamConfig{
		Name: "delivery", StreamARN: c.Account.ARN("kinesis", "stream/events"), SourceRoleARN: role, RoleARN: role,
		BucketARN: c.Account.ARN("s3", "archive"), Prefix: "raw/",
	})
	require.NoError(t, err)
	metric := func(id, namespace, name, dimension, value string) cloudwatch.MetricQuery {
		return cloudwatch.MetricQuery{ID: id, Stat: &cloudwatch.MetricStat{
			Namespace: namespace, Name: name, Dimensions: cloudwatch.Dimensions{dimension: value}, PeriodSeconds: 60, Statistic: "Sum",
		}}
	}
	_, err = c.CloudWatch.PutMetricAlarm(cloudwatch.Alarm{
		Name: "unread", EvaluationPeriods: 5, ComparisonOperator: "GreaterThanThreshold", TreatMissingData: "notBreaching",
		Metrics: []cloudwatch.MetricQuery{
			{ID: "unread", Expression: "IF(FILL(put, 0) > 0 AND FILL(read, 0) == 0, 1, 0)", ReturnData: true},
			metric("put", "AWS/Kinesis", "IncomingRecords", "StreamName", "events"),
			metric("read", "AWS/Firehose", "DataReadFromKinesisStream.Records", "DeliveryStreamName", "delivery"),
		},
	})
	require.NoError(t, err)

	// becomes puts a record every ten seconds, or none, until the alarm has that state.
	becomes := func(state string, put bool) {
		require.Eventually(t, func() bool {
			if put {
				status, answer := c.Kinesis.Call(context.Background(), session, "PutRecord",
					[]byte(`{"Data":"eHl6","PartitionKey":"k","StreamName":"events"}`))
				require.Equal(t, http.StatusOK, status, "%s", answer)
			}
			clock.Advance(10 * time.Second)
			alarm, err := c.CloudWatch.DescribeAlarm("unread")
			require.NoError(t, err)
			return alarm.State == state
		}, 30*time.Second, 5*time.Millisecond, state)
	}
	becomes(cloudwatch.OK, false) // an idle stack
	becomes(cloudwatch.OK, true)
	allow("s3:*")
	becomes(cloudwatch.InAlarm, true)
	allow("*")
	becomes(cloudwatch.OK, true)
}
