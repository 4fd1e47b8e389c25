package contract_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/aws/kinesis"
	"ingest-pipeline/local/aws/sns"
	"ingest-pipeline/local/test/pipelinetest"
)

func TestEventsReachAnExistingBucketThroughAnExistingStream(t *testing.T) {
	t.Parallel()
	settings := map[string]string{"streamName": ""}
	p := pipelinetest.Start(t, pipelinetest.Options{Settings: settings, Prepare: func(cloud *aws.Cloud) {
		streamArn, err := cloud.Kinesis.CreateStream(kinesis.StreamConfig{Name: "own-stream", ShardCount: 1})
		require.NoError(t, err)
		bucketArn, err := cloud.S3.CreateBucket("own-bucket")
		require.NoError(t, err)
		topicArn, err := cloud.SNS.CreateTopic(sns.Topic{Name: "own-topic"})
		require.NoError(t, err)
		settings["streamArn"], settings["bucketArn"], settings["alarmTopicArn"] = streamArn, bucketArn, topicArn
	}})
	require.Equal(t, "own-bucket", p.Bucket)
	assert.Equal(t, "own-stream-to-s3", p.DeliveryStream)
	require.Equal(t, http.StatusOK, p.Post(t, p.URL, firstEvent).Status)
	p.Flush(t)
	assert.Equal(t, []string{firstEvent}, p.Lines(t, "raw/"))
}
