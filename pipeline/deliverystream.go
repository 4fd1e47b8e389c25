package pipeline

import (
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kinesis"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const deliveryStreamType = "ingest-pipeline:index:DeliveryStream"

// deliveryLogStream receives Firehose's delivery errors. The service does not create it.
const deliveryLogStream = "S3Delivery"

// deliveryStreamArgs describes the Firehose delivery stream from the stream to the bucket.
type deliveryStreamArgs struct {
	DeliverySettings
	// Name is the delivery stream's name in AWS, 1 to 64 of [a-zA-Z0-9_.-]. It begins every object's name. Changing it
	// replaces the delivery stream, and the new one starts at LATEST.
	Name pulumi.StringInput
	// AccountID is the account that Firehose may act for.
	AccountID pulumi.StringInput
	// StreamArn is the source. Changing it replaces the delivery stream.
	StreamArn pulumi.StringInput
	// Region is the region in whose services KMSKeyArn is used.
	Region pulumi.StringInput
	// KMSKeyArn is the customer managed key of stream and bucket. Nil: they use AWS's own keys.
	KMSKeyArn pulumi.StringPtrInput
	BucketArn pulumi.StringInput
	// LogRetentionDays is how long delivery errors are kept, in days.
	LogRetentionDays int
	// Protect refuses destroy and replacement of the delivery stream, which would lose what it has buffered, and retains it
	// with its roles and its log if it is removed from the program.
	Protect bool
}

// deliveryStream reads the stream from its creation on (LATEST) and writes objects to the bucket. All settings but name and
// source change in place and increment the version in the objects' names.
type deliveryStream struct {
	pulumi.ResourceState

	Arn      pulumi.StringOutput `pulumi:"arn"`
	Name     pulumi.StringOutput `pulumi:"name"`
	LogGroup pulumi.StringOutput `pulumi:"logGroup"`

	// resource must exist before an event is accepted.
	resource *kinesis.FirehoseDeliveryStream
}

// newDeliveryStream creates the delivery stream with a role to read, a role to write, and a log for its errors.
func newDeliveryStream(
	ctx *pulumi.Context, name string, args deliveryStreamArgs, opts ...pulumi.ResourceOption,
) (*deliveryStream, error) {
	d := &deliveryStream{}
	if err := ctx.RegisterComponentResource(deliveryStreamType, name, d, opts...); err != nil {
		return nil, err
	}
	child := []pulumi.ResourceOption{pulumi.Parent(d), pulumi.RetainOnDelete(args.Protect)}
	logGroup, err := cloudwatch.NewLogGroup(ctx, name, &cloudwatch.LogGroupArgs{
		Name:            pulumi.Sprintf("/aws/kinesisfirehose/%s", args.Name),
		RetentionInDays: pulumi.Int(args.LogRetentionDays),
	}, child...)
	if err != nil {
		return nil, err
	}
	logStream, err := cloudwatch.NewLogStream(ctx, name, &cloudwatch.LogStreamArgs{
		Name:         pulumi.String(deliveryLogStream),
		LogGroupName: logGroup.Name,
	}, child...)
	if err != nil {
		return nil, err
	}
	readGrants := []statement{allowReadStream(args.StreamArn)}
	writeGrants := []statement{
		allowFindBucket(args.BucketArn),
		allowDeliverToFolders(args.BucketArn, literalFolder(args.Prefix), literalFolder(args.ErrorPrefix)),
		allowLogDeliveryErrors(logStream.Arn),
	}
	if args.KMSKeyArn != nil {
		key := args.KMSKeyArn.ToStringPtrOutput().Elem()
		readGrants = append(readGrants, allowDecryptStream(key, args.StreamArn, args.Region))
		writeGrants = append(writeGrants, allowEncryptObjects(key, args.BucketArn, args.Region))
	}
	source, err := newServiceRole(ctx, name+"-source", serviceRoleArgs{
		Description: "Firehose reads the stream",
		Trust:       trustFirehose(args.AccountID),
		Grants:      readGrants,
		Retain:      args.Protect,
	}, pulumi.Parent(d))
	if err != nil {
		return nil, err
	}
	destination, err := newServiceRole(ctx, name+"-destination", serviceRoleArgs{
		Description: "Firehose writes the objects and its error log",
		Trust:       trustFirehose(args.AccountID),
		Grants:      writeGrants,
		Retain:      args.Protect,
	}, pulumi.Parent(d))
	if err != nil {
		return nil, err
	}
	d.resource, err = kinesis.NewFirehoseDeliveryStream(ctx, name, &kinesis.FirehoseDeliveryStreamArgs{
		Name:        args.Name,
		Destination: pulumi.String("extended_s3"),
		KinesisSourceConfiguration: kinesis.FirehoseDeliveryStreamKinesisSourceConfigurationArgs{
			KinesisStreamArn: args.StreamArn,
			RoleArn:          source.Arn,
		},
		ExtendedS3Configuration: kinesis.FirehoseDeliveryStreamExtendedS3ConfigurationArgs{
			BucketArn:         args.BucketArn,
			RoleArn:           destination.Arn,
			Prefix:            pulumi.String(args.Prefix),
			ErrorOutputPrefix: pulumi.String(args.ErrorPrefix),
			BufferingSize:     pulumi.Int(args.BufferSizeMiB),
			BufferingInterval: pulumi.Int(args.BufferIntervalSeconds),
			CompressionFormat: pulumi.String(args.Compression),
			CloudwatchLoggingOptions: kinesis.FirehoseDeliveryStreamExtendedS3ConfigurationCloudwatchLoggingOptionsArgs{
				Enabled:       pulumi.Bool(true),
				LogGroupName:  logGroup.Name,
				LogStreamName: logStream.Name,
			},
		},
	}, append(child, pulumi.Protect(args.Protect))...)
	if err != nil {
		return nil, err
	}
	d.Arn, d.Name, d.LogGroup = d.resource.Arn, d.resource.Name, logGroup.Name
	return d, ctx.RegisterResourceOutputs(d, pulumi.Map{"arn": d.Arn, "name": d.Name, "logGroup": d.LogGroup})
}

// literalFolder returns the part of a prefix before its first expression, which is the same for every object.
func literalFolder(prefix string) string {
	folder, _, _ := strings.Cut(prefix, "!{")
	return folder
}
