package firehose

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/internal/durable"
)

func TestAnUpdateMakesANewVersionAndDeliversTheBufferInTheNewWay(t *testing.T) {
	w := open(t, nil)
	w.create(config())
	w.put("one\n")
	w.awaitBuffered(1)
	c := config()
	require.NoError(t, w.UpdateDestination(c), "nothing changed")
	c.Prefix, c.CompressionFormat = "cooked/", GZIP
	require.NoError(t, w.UpdateDestination(c))
	require.NoError(t, w.Flush(t.Context()))
	d := w.awaitDelivered()
	assert.Regexp(t, `^cooked/2026/03/04/12/archive-2-2026-03-04-12-00-00-.*\.gz$`, d.Key)
	assert.Equal(t, "one\n", w.store.text(t))
	described, err := w.DescribeDeliveryStream("archive")
	require.NoError(t, err)
	assert.Equal(t, 2, described.Version)
	assert.Equal(t, c, described.Config)

	c.Tags = map[string]string{"team": "web"}
	require.NoError(t, w.UpdateDestination(c))
	w.crash()
	w.start(nil)
	assert.Equal(t, []string{"archive"}, w.ListDeliveryStreams())
	described, err = w.DescribeDeliveryStream("archive")
	require.NoError(t, err)
	assert.Equal(t, 2, described.Version, "tags make no new version")
	assert.Equal(t, c, described.Config)

	c.SourceRoleARN = deliverRole
	require.ErrorContains(t, w.UpdateDestination(c), "InvalidArgumentException: The Kinesis stream source of delivery stream archive cannot be changed.")
	c.SourceRoleARN, c.BucketARN = sourceRole, "arn:aws:s3:::nowhere"
	require.ErrorContains(t, w.UpdateDestination(c), "NoSuchBucket")
}

func TestADeletedDeliveryStreamLosesItsBufferAndItsPlace(t *testing.T) {
	w := open(t, nil)
	w.create(config())
	w.put("one\n")
	w.awaitBuffered(1)
	require.NoError(t, w.DeleteDeliveryStream("archive"))
	assert.Empty(t, w.store.keys())
	assert.NoDirExists(t, filepath.Join(w.dir, "firehose", "archive"))
	_, err := w.DescribeDeliveryStream("archive")
	require.EqualError(t, err, "ResourceNotFoundException: Firehose archive not found under account 123456789012.")
	require.ErrorContains(t, w.DeleteDeliveryStream("archive"), "ResourceNotFoundException")
	w.put("between\n")
	w.create(config())
	w.put("two\n")
	require.NoError(t, w.Flush(t.Context()))
	assert.Equal(t, "two\n", w.store.text(t), "it starts at LATEST again")
}

func TestCloseDeliversTheBufferUnlessItTakesTooLong(t *testing.T) {
	w := open(t, nil)
	w.create(config())
	w.put("one\n")
	require.NoError(t, w.Close(context.Background()))
	assert.Equal(t, "one\n", w.store.text(t))
	_, err := w.CreateDeliveryStream(config())
	require.ErrorIs(t, err, errClosed)
	require.ErrorIs(t, w.UpdateDestination(config()), errClosed)
	require.NoError(t, w.Close(context.Background()), "closing twice")
}

func TestAFlushOfNothingIsDone(t *testing.T) {
	w := open(t, nil)
	require.NoError(t, w.Flush(t.Context()))
	w.create(config())
	require.NoError(t, w.Flush(t.Context()))
	assert.Empty(t, w.store.keys())
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, w.Flush(ctx), context.Canceled)
}

func TestADamagedStateIsNamedWithAHint(t *testing.T) {
	w := open(t, nil)
	w.create(config())
	w.crash()
	path := filepath.Join(w.dir, "firehose", "archive", "delivery-stream.json")
	require.NoError(t, os.WriteFile(path, []byte("{"), 0o600))
	_, err := Open(Options{Dir: filepath.Join(w.dir, "firehose"), Account: account, IAM: w.iam, Kinesis: w.kinesis})
	require.ErrorContains(t, err, path+" is damaged: ")
	var damaged *durable.DamagedError
	require.ErrorAs(t, err, &damaged)
	assert.NotEmpty(t, damaged.Hint())
}

func TestACreationThatWasCutShortLeavesNothing(t *testing.T) {
	w := open(t, nil)
	w.crash()
	dir := filepath.Join(w.dir, "firehose", "archive")
	require.NoError(t, os.Mkdir(dir, 0o700))
	w.start(nil)
	assert.NoDirExists(t, dir)
	w.create(config())
}

func TestCreateRefusesWhatAWSRefuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(w *fixture, c *DeliveryStreamConfig)
		want   string
	}{
		{"a role that trusts another service", func(w *fixture, c *DeliveryStreamConfig) {
			c.RoleARN = "arn:aws:iam::123456789012:role/producer"
		}, "InvalidArgumentException: Firehose is unable to assume role arn:aws:iam::123456789012:role/producer. Please check the role provided."},
		{"a role that asks for another external id", func(w *fixture, _ *DeliveryStreamConfig) {
			w.trust("deliver", `{"StringEquals":{"sts:ExternalId":"999999999999"}}`)
		}, "InvalidArgumentException: Firehose is unable to assume role " + deliverRole + ". Please check the role provided."},
		{"a source role that is not there", func(_ *fixture, c *DeliveryStreamConfig) {
			c.SourceRoleARN = "arn:aws:iam::123456789012:role/nobody"
		}, "InvalidArgumentException: Firehose is unable to assume role arn:aws:iam::123456789012:role/nobody. Please check the role provided."},
		{"a source that may not be described", func(w *fixture, _ *DeliveryStreamConfig) {
			w.allow("source", streamARN, sourceActions[1:]...)
		}, "InvalidArgumentException: Role " + sourceRole + " is not authorized to perform: kinesis:DescribeStream on resource " + streamARN + "."},
		{"a stream that is not there", func(w *fixture, c *DeliveryStreamConfig) {
			w.allow("source", "*", sourceActions...)
			c.StreamARN = streamARN + "2"
		}, "ResourceNotFoundException: Stream events2 under account 123456789012 not found."},
		{"a bucket that is not there", func(_ *fixture, c *DeliveryStreamConfig) { c.BucketARN += "2" },
			"NoSuchBucket: The specified bucket does not exist: archive2"},
		{"a name that is there", func(w *fixture, c *DeliveryStreamConfig) { w.create(*c) },
			"ResourceInUseException: Firehose archive under accountId 123456789012 already exists"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := open(t, nil)
			cfg := config()
			c.change(w, &cfg)
			_, err := w.CreateDeliveryStream(cfg)
			require.EqualError(t, err, c.want)
		})
	}
}
