package pipeline

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kinesis"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const streamType = "ingest-pipeline:index:Stream"

// Who chooses the number of shards.
const (
	// StreamModeProvisioned: the program; one shard for each 1 MB/s or 1,000 records/s of writes, charged by the hour.
	StreamModeProvisioned = "PROVISIONED"
	// StreamModeOnDemand: Kinesis; 4 MB/s and 4,000 records/s at the start, later up to twice the recent peak.
	StreamModeOnDemand = "ON_DEMAND"
)

// Sources of a record's partition key, which decides its shard.
const (
	// PartitionKeyTraceID uses the request's X-Amzn-Trace-Id, which a client may set.
	PartitionKeyTraceID = "TRACE_ID"
	// PartitionKeyRequestID uses an id that API Gateway generates and no client can influence.
	PartitionKeyRequestID = "REQUEST_ID"
	// PartitionKeyEventField uses a field of the event, which keeps the events of one entity in order.
	PartitionKeyEventField = "EVENT_FIELD"
)

// streamArgs describes the Kinesis data stream.
type streamArgs struct {
	StreamSettings
	// Name is the stream's name in AWS. Nil: Pulumi generates one.
	Name pulumi.StringPtrInput
	// KMSKeyArn is the customer managed key that encrypts the records. Nil: the AWS managed key.
	KMSKeyArn pulumi.StringPtrInput
	// Protect refuses destroy and replacement of the stream, and retains it if it is removed from the program.
	Protect bool
}

// stream is the Kinesis data stream to which every accepted event is written.
type stream struct {
	pulumi.ResourceState

	Arn  pulumi.StringOutput `pulumi:"arn"`
	Name pulumi.StringOutput `pulumi:"name"`
}

// newStream creates the stream, encrypted. The AWS managed key costs nothing and needs no grants.
func newStream(ctx *pulumi.Context, name string, args streamArgs, opts ...pulumi.ResourceOption) (*stream, error) {
	s := &stream{}
	if err := ctx.RegisterComponentResource(streamType, name, s, opts...); err != nil {
		return nil, err
	}
	streamArgs := &kinesis.StreamArgs{
		Name:              args.Name,
		RetentionPeriod:   pulumi.Int(args.RetentionHours),
		StreamModeDetails: kinesis.StreamStreamModeDetailsArgs{StreamMode: pulumi.String(args.Mode)},
		EncryptionType:    pulumi.String("KMS"),
		KmsKeyId:          pulumi.String("alias/aws/kinesis"),
		// A consumer registered by hand must not make destroy fail.
		EnforceConsumerDeletion: pulumi.Bool(!args.Protect),
	}
	if args.KMSKeyArn != nil {
		streamArgs.KmsKeyId = args.KMSKeyArn
	}
	if args.Mode == StreamModeProvisioned {
		// Kinesis refuses a shard count on an on-demand stream.
		streamArgs.ShardCount = pulumi.Int(args.ShardCount)
	}
	stream, err := kinesis.NewStream(ctx, name, streamArgs,
		pulumi.Parent(s), pulumi.Protect(args.Protect), pulumi.RetainOnDelete(args.Protect))
	if err != nil {
		return nil, err
	}
	s.Arn, s.Name = stream.Arn, stream.Name
	return s, ctx.RegisterResourceOutputs(s, pulumi.Map{"arn": s.Arn, "name": s.Name})
}
