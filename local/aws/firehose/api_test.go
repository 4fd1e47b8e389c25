package firehose

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/firehose"
	"github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/internal/apitest"
)

func (w *fixture) client() (*sdk.Client, *apitest.Server) {
	server := apitest.Serve(w.t, account, w.iam, w.API())
	return sdk.NewFromConfig(server.Config()), server
}

func requireRefused(t *testing.T, err error, code, message string) {
	t.Helper()
	var refused smithy.APIError
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, code, refused.ErrorCode())
	assert.Equal(t, message, refused.ErrorMessage())
}

func createInput(name string) *sdk.CreateDeliveryStreamInput {
	return &sdk.CreateDeliveryStreamInput{
		DeliveryStreamName: &name, DeliveryStreamType: types.DeliveryStreamTypeKinesisStreamAsSource,
		KinesisStreamSourceConfiguration: &types.KinesisStreamSourceConfiguration{
			KinesisStreamARN: aws.String(streamARN), RoleARN: aws.String(sourceRole),
		},
		ExtendedS3DestinationConfiguration: &types.ExtendedS3DestinationConfiguration{
			RoleARN: aws.String(deliverRole), BucketARN: aws.String(bucketARN), Prefix: aws.String("raw/"),
			BufferingHints:    &types.BufferingHints{SizeInMBs: aws.Int32(1), IntervalInSeconds: aws.Int32(60)},
			CompressionFormat: types.CompressionFormatGzip,
			CloudWatchLoggingOptions: &types.CloudWatchLoggingOptions{
				Enabled: aws.Bool(true), LogGroupName: aws.String("group"), LogStreamName: aws.String("stream"),
			},
			ProcessingConfiguration: &types.ProcessingConfiguration{Enabled: aws.Bool(true), Processors: []types.Processor{{
				Type: types.ProcessorTypeAppendDelimiterToRecord,
				Parameters: []types.ProcessorParameter{{
					ParameterName: types.ProcessorParameterNameDelimiter, ParameterValue: aws.String(`\n`),
				}},
			}}},
		},
		Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("data")}},
	}
}

func TestADeliveryStreamIsCreatedAndDescribedByClients(t *testing.T) {
	w, ctx := open(t, nil), context.Background()
	client, _ := w.client()

	created, err := client.CreateDeliveryStream(ctx, createInput("archive"))
	require.NoError(t, err)
	assert.Equal(t, "arn:aws:firehose:ap-northeast-2:123456789012:deliverystream/archive", *created.DeliveryStreamARN)

	got, err := client.DescribeDeliveryStream(ctx, &sdk.DescribeDeliveryStreamInput{DeliveryStreamName: aws.String("archive")})
	require.NoError(t, err)
	d := got.DeliveryStreamDescription
	assert.Equal(t, created.DeliveryStreamARN, d.DeliveryStreamARN)
	assert.Equal(t, types.DeliveryStreamStatusActive, d.DeliveryStreamStatus)
	assert.Equal(t, types.DeliveryStreamTypeKinesisStreamAsSource, d.DeliveryStreamType)
	assert.Equal(t, "1", *d.VersionId)
	assert.Equal(t, noon, *d.CreateTimestamp)
	assert.Nil(t, d.LastUpdateTimestamp)
	assert.Equal(t, streamARN, *d.Source.KinesisStreamSourceDescription.KinesisStreamARN)
	assert.Equal(t, sourceRole, *d.Source.KinesisStreamSourceDescription.RoleARN)
	require.Len(t, d.Destinations, 1)
	assert.Equal(t, "destinationId-000000000001", *d.Destinations[0].DestinationId)
	want := createInput("archive").ExtendedS3DestinationConfiguration
	assert.Equal(t, types.ExtendedS3DestinationDescription{
		RoleARN: want.RoleARN, BucketARN: want.BucketARN, Prefix: want.Prefix, BufferingHints: want.BufferingHints,
		CompressionFormat: want.CompressionFormat, CloudWatchLoggingOptions: want.CloudWatchLoggingOptions,
		ProcessingConfiguration: want.ProcessingConfiguration, CustomTimeZone: aws.String("UTC"),
		EncryptionConfiguration:           &types.EncryptionConfiguration{NoEncryptionConfig: types.NoEncryptionConfigNoEncryption},
		S3BackupMode:                      types.S3BackupModeDisabled,
		DataFormatConversionConfiguration: &types.DataFormatConversionConfiguration{Enabled: aws.Bool(false)},
	}, *d.Destinations[0].ExtendedS3DestinationDescription)
	assert.Equal(t, want.BucketARN, d.Destinations[0].S3DestinationDescription.BucketARN)

	_, err = client.CreateDeliveryStream(ctx, createInput("archive"))
	requireRefused(t, err, "ResourceInUseException", "Firehose archive under accountId 123456789012 already exists")
	_, err = client.DeleteDeliveryStream(ctx, &sdk.DeleteDeliveryStreamInput{DeliveryStreamName: aws.String("archive")})
	require.NoError(t, err)
	_, err = client.DescribeDeliveryStream(ctx, &sdk.DescribeDeliveryStreamInput{DeliveryStreamName: aws.String("archive")})
	requireRefused(t, err, "ResourceNotFoundException", "Firehose archive not found under account 123456789012.")
}

func TestAnUpdateKeepsWhatItDoesNotName(t *testing.T) {
	w, ctx := open(t, nil), context.Background()
	client, _ := w.client()
	_, err := client.CreateDeliveryStream(ctx, createInput("archive"))
	require.NoError(t, err)
	update := func(version, destination string, to *types.ExtendedS3DestinationUpdate) error {
		_, err := client.UpdateDestination(ctx, &sdk.UpdateDestinationInput{
			DeliveryStreamName: aws.String("archive"), CurrentDeliveryStreamVersionId: &version, DestinationId: &destination,
			ExtendedS3DestinationUpdate: to,
		})
		return err
	}
	before, err := w.DescribeDeliveryStream("archive")
	require.NoError(t, err)

	require.NoError(t, update("1", destinationID, &types.ExtendedS3DestinationUpdate{Prefix: aws.String("cooked/")}))

	w.crash()
	w.start(nil)
	after, err := w.DescribeDeliveryStream("archive")
	require.NoError(t, err)
	want := before.Config
	want.Prefix = "cooked/"
	assert.Equal(t, want, after.Config)
	assert.Equal(t, 2, after.Version)
	assert.Equal(t, noon, after.Updated)

	client, _ = w.client()
	requireRefused(t, update("1", destinationID, &types.ExtendedS3DestinationUpdate{Prefix: aws.String("late/")}), "ConcurrentModificationException",
		"Cannot update firehose: archive since the current version id: 2 and specified version id: 1 do not match")
	requireRefused(t, update("2", "destinationId-2", &types.ExtendedS3DestinationUpdate{}), "InvalidArgumentException",
		"Destination Id destinationId-2 not found")
	requireRefused(t, update("2", destinationID, &types.ExtendedS3DestinationUpdate{
		BufferingHints: &types.BufferingHints{SizeInMBs: aws.Int32(129), IntervalInSeconds: aws.Int32(60)},
	}), "ValidationException", "1 validation error detected: Value '129' at 'extendedS3DestinationConfiguration.bufferingHints."+
		"sizeInMBs' failed to satisfy constraint: Member must have value less than or equal to 128")
	requireRefused(t, update("2", destinationID, &types.ExtendedS3DestinationUpdate{S3BackupMode: types.S3BackupModeEnabled}),
		"InvalidArgumentException", "A backup bucket is not emulated by the local target.")
}

func TestADeliveryStreamThatReadsAStreamTakesNoRecords(t *testing.T) {
	w, ctx := open(t, nil), context.Background()
	client, _ := w.client()
	w.create(config())
	name := aws.String("archive")
	record := types.Record{Data: []byte("x")}
	const sentence = "This operation is not permitted on KinesisStreamAsSource delivery stream type."

	_, err := client.PutRecord(ctx, &sdk.PutRecordInput{DeliveryStreamName: name, Record: &record})
	requireRefused(t, err, "InvalidArgumentException", sentence)
	_, err = client.PutRecordBatch(ctx, &sdk.PutRecordBatchInput{DeliveryStreamName: name, Records: []types.Record{record}})
	requireRefused(t, err, "InvalidArgumentException", sentence)
	_, err = client.StartDeliveryStreamEncryption(ctx, &sdk.StartDeliveryStreamEncryptionInput{DeliveryStreamName: name})
	requireRefused(t, err, "InvalidArgumentException", sentence)
	_, err = client.StopDeliveryStreamEncryption(ctx, &sdk.StopDeliveryStreamEncryptionInput{DeliveryStreamName: name})
	requireRefused(t, err, "InvalidArgumentException", sentence)
	_, err = client.PutRecord(ctx, &sdk.PutRecordInput{DeliveryStreamName: aws.String("none"), Record: &record})
	requireRefused(t, err, "ResourceNotFoundException", "Firehose none not found under account 123456789012.")
	_, err = client.PutRecordBatch(ctx, &sdk.PutRecordBatchInput{DeliveryStreamName: name, Records: slices.Repeat([]types.Record{record}, 501)})
	require.ErrorContains(t, err, "Member must have length less than or equal to 500")
}

func TestDeliveryStreamsAndTagsComeInPages(t *testing.T) {
	w, ctx := open(t, nil), context.Background()
	client, _ := w.client()
	for i := range 3 {
		_, err := client.CreateDeliveryStream(ctx, createInput(fmt.Sprintf("archive-%d", i)))
		require.NoError(t, err)
	}

	first, err := client.ListDeliveryStreams(ctx, &sdk.ListDeliveryStreamsInput{Limit: aws.Int32(2)})
	require.NoError(t, err)
	assert.Equal(t, []string{"archive-0", "archive-1"}, first.DeliveryStreamNames)
	assert.True(t, *first.HasMoreDeliveryStreams)
	rest, err := client.ListDeliveryStreams(ctx, &sdk.ListDeliveryStreamsInput{ExclusiveStartDeliveryStreamName: aws.String("archive-1")})
	require.NoError(t, err)
	assert.Equal(t, []string{"archive-2"}, rest.DeliveryStreamNames)
	assert.False(t, *rest.HasMoreDeliveryStreams)
	none, err := client.ListDeliveryStreams(ctx, &sdk.ListDeliveryStreamsInput{DeliveryStreamType: types.DeliveryStreamTypeDirectPut})
	require.NoError(t, err)
	assert.Empty(t, none.DeliveryStreamNames)

	name := aws.String("archive-0")
	_, err = client.TagDeliveryStream(ctx, &sdk.TagDeliveryStreamInput{DeliveryStreamName: name, Tags: []types.Tag{{Key: aws.String("cost"), Value: aws.String("1")}, {Key: aws.String("z")}}})
	require.NoError(t, err)
	_, err = client.UntagDeliveryStream(ctx, &sdk.UntagDeliveryStreamInput{DeliveryStreamName: name, TagKeys: []string{"z"}})
	require.NoError(t, err)
	tags, err := client.ListTagsForDeliveryStream(ctx, &sdk.ListTagsForDeliveryStreamInput{DeliveryStreamName: name, Limit: aws.Int32(1)})
	require.NoError(t, err)
	assert.Equal(t, []types.Tag{{Key: aws.String("cost"), Value: aws.String("1")}}, tags.Tags)
	assert.True(t, *tags.HasMoreTags)
	described, err := w.DescribeDeliveryStream("archive-0")
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"cost": "1", "team": "data"}, described.Config.Tags)
	assert.Equal(t, 1, described.Version)
}

func TestWhatIsNotEmulatedIsRefusedByName(t *testing.T) {
	w, ctx := open(t, nil), context.Background()
	client, _ := w.client()
	input := createInput("archive")
	input.DeliveryStreamType = types.DeliveryStreamTypeDirectPut
	_, err := client.CreateDeliveryStream(ctx, input)
	requireRefused(t, err, "InvalidArgumentException", "A delivery stream of another type than KinesisStreamAsSource is not emulated by the local target.")
	input = createInput("archive")
	input.SplunkDestinationConfiguration = &types.SplunkDestinationConfiguration{
		HECEndpoint: aws.String("e"), HECEndpointType: types.HECEndpointTypeRaw,
		S3Configuration: &types.S3DestinationConfiguration{RoleARN: aws.String(deliverRole), BucketARN: aws.String(bucketARN)},
	}
	_, err = client.CreateDeliveryStream(ctx, input)
	requireRefused(t, err, "InvalidArgumentException", "SplunkDestinationConfiguration is not emulated by the local target.")
	_, err = client.DescribeDeliveryStream(ctx, &sdk.DescribeDeliveryStreamInput{DeliveryStreamName: aws.String(strings.Repeat("n", 65))})
	require.ErrorContains(t, err, "at 'deliveryStreamName' failed to satisfy constraint: Member must have length less than or equal to 64")
}

func TestACallerNeedsThePermissionToChangeAndToPassARole(t *testing.T) {
	w, ctx := open(t, nil), context.Background()
	_, server := w.client()
	limited := sdk.NewFromConfig(server.ConfigOf(t, `{"Effect":"Allow","Action":"firehose:*","Resource":"arn:aws:firehose:*:*:deliverystream/archive"},`+
		`{"Effect":"Allow","Action":"iam:PassRole","Resource":"`+sourceRole+`","Condition":{"StringEquals":{"iam:PassedToService":"firehose.amazonaws.com"}}}`))
	const user = "User: arn:aws:sts::123456789012:assumed-role/limited/test is not authorized to perform: "

	_, err := limited.CreateDeliveryStream(ctx, createInput("archive"))
	requireRefused(t, err, "AccessDeniedException", user+"iam:PassRole on resource: "+deliverRole+
		" because no identity-based policy allows the iam:PassRole action")
	_, err = limited.DescribeDeliveryStream(ctx, &sdk.DescribeDeliveryStreamInput{DeliveryStreamName: aws.String("other")})
	requireRefused(t, err, "AccessDeniedException", user+"firehose:DescribeDeliveryStream on resource: "+
		"arn:aws:firehose:ap-northeast-2:123456789012:deliverystream/other because no identity-based policy allows the firehose:DescribeDeliveryStream action")
}
