package firehose

import (
	"context"
	"strconv"
	"time"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/internal/constraint"
	"ingest-pipeline/local/aws/internal/protocol"
)

// The types of delivery streams. Documented: API_CreateDeliveryStream.
const kinesisAsSource = "KinesisStreamAsSource"

var streamTypes = []string{"DirectPut", kinesisAsSource, "MSKAsSource", "DatabaseAsSource"}

// destinationID is the id of the only destination that a delivery stream can have. Its form is documented
// (API_DestinationDescription).
const destinationID = "destinationId-000000000001"

// otherDestinations are those that are not emulated.
type otherDestinations struct {
	S3DestinationConfiguration, RedshiftDestinationConfiguration, ElasticsearchDestinationConfiguration any
	AmazonopensearchserviceDestinationConfiguration, AmazonOpenSearchServerlessDestinationConfiguration any
	SplunkDestinationConfiguration, SnowflakeDestinationConfiguration, IcebergDestinationConfiguration  any
	HTTPEndpointDestinationConfiguration                                                                any `aws:"HttpEndpointDestinationConfiguration"`
	MSKSourceConfiguration, DatabaseSourceConfiguration                                                 any
}

func (o otherDestinations) refuse() error {
	for _, given := range []struct {
		name  string
		value any
	}{
		{"S3DestinationConfiguration", o.S3DestinationConfiguration},
		{"RedshiftDestinationConfiguration", o.RedshiftDestinationConfiguration},
		{"ElasticsearchDestinationConfiguration", o.ElasticsearchDestinationConfiguration},
		{"AmazonopensearchserviceDestinationConfiguration", o.AmazonopensearchserviceDestinationConfiguration},
		{"AmazonOpenSearchServerlessDestinationConfiguration", o.AmazonOpenSearchServerlessDestinationConfiguration},
		{"SplunkDestinationConfiguration", o.SplunkDestinationConfiguration},
		{"HttpEndpointDestinationConfiguration", o.HTTPEndpointDestinationConfiguration},
		{"SnowflakeDestinationConfiguration", o.SnowflakeDestinationConfiguration},
		{"IcebergDestinationConfiguration", o.IcebergDestinationConfiguration},
		{"MSKSourceConfiguration", o.MSKSourceConfiguration},
		{"DatabaseSourceConfiguration", o.DatabaseSourceConfiguration},
	} {
		if given.value != nil {
			return notEmulated(given.name)
		}
	}
	return nil
}

type kinesisSource struct{ KinesisStreamARN, RoleARN *string }

type createDeliveryStreamInput struct {
	DeliveryStreamName, DeliveryStreamType     *string
	KinesisStreamSourceConfiguration           *kinesisSource
	ExtendedS3DestinationConfiguration         *extendedS3
	DeliveryStreamEncryptionConfigurationInput any
	Tags                                       []tag
	otherDestinations
}

type createDeliveryStreamOutput struct{ DeliveryStreamARN string }

func (s *Service) createDeliveryStream(_ context.Context, call *protocol.Call, in *createDeliveryStreamInput) (*createDeliveryStreamOutput, error) {
	if err := s.permit(call, "CreateDeliveryStream", in.DeliveryStreamName); err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	source := in.KinesisStreamSourceConfiguration
	c := DeliveryStreamConfig{
		Name: *in.DeliveryStreamName, StreamARN: textOf(source.KinesisStreamARN), SourceRoleARN: textOf(source.RoleARN),
		Tags: map[string]string{},
	}
	if err := addTags(c.Tags, in.Tags); err != nil {
		return nil, err
	}
	if err := in.ExtendedS3DestinationConfiguration.mergeInto(&c); err != nil {
		return nil, err
	}
	for _, role := range []string{c.SourceRoleARN, c.RoleARN} {
		if err := permitPassing(call, role); err != nil {
			return nil, err
		}
	}
	arn, err := s.CreateDeliveryStream(c)
	return &createDeliveryStreamOutput{arn}, err
}

func (in *createDeliveryStreamInput) check() error {
	var v constraint.Violations
	v.OneOf("deliveryStreamType", in.DeliveryStreamType, streamTypes...)
	if source := in.KinesisStreamSourceConfiguration; source != nil {
		v.Required("kinesisStreamSourceConfiguration.kinesisStreamARN", source.KinesisStreamARN, 1, 512)
		v.Required("kinesisStreamSourceConfiguration.roleARN", source.RoleARN, 1, 512)
	}
	if destination := in.ExtendedS3DestinationConfiguration; destination != nil {
		v.Required("extendedS3DestinationConfiguration.roleARN", destination.RoleARN, 1, 512)
		v.Required("extendedS3DestinationConfiguration.bucketARN", destination.BucketARN, 1, 2048)
	}
	if err := v.Err(validationException); err != nil {
		return err
	}
	if err := in.refuse(); err != nil {
		return err
	}
	switch {
	case in.DeliveryStreamType == nil || *in.DeliveryStreamType != kinesisAsSource: // documented: DirectPut is the default
		return notEmulated("A delivery stream of another type than " + kinesisAsSource)
	case in.DeliveryStreamEncryptionConfigurationInput != nil:
		return invalidArgument("This operation is not permitted on %s delivery stream type.", kinesisAsSource)
	case in.KinesisStreamSourceConfiguration == nil: // the sentence is assumed
		return invalidArgument("KinesisStreamSourceConfiguration is required for the delivery stream type %s.", kinesisAsSource)
	case in.ExtendedS3DestinationConfiguration == nil: // the sentence is assumed
		return invalidArgument("Exactly one destination configuration is supported for a Firehose.")
	}
	return nil
}

type updateDestinationInput struct {
	DeliveryStreamName             *string
	CurrentDeliveryStreamVersionID *string `aws:"CurrentDeliveryStreamVersionId"`
	DestinationID                  *string `aws:"DestinationId"`
	ExtendedS3DestinationUpdate    *extendedS3
}

func (s *Service) updateDestination(_ context.Context, call *protocol.Call, in *updateDestinationInput) (*none, error) {
	if err := s.permit(call, "UpdateDestination", in.DeliveryStreamName); err != nil {
		return nil, err
	}
	var v constraint.Violations
	v.Required("currentDeliveryStreamVersionId", in.CurrentDeliveryStreamVersionID, 1, 50)
	v.Required("destinationId", in.DestinationID, 1, 100)
	if err := v.Err(validationException); err != nil {
		return nil, err
	}
	d, err := s.find(*in.DeliveryStreamName)
	if err != nil {
		return nil, err
	}
	update := in.ExtendedS3DestinationUpdate
	if update == nil { // the sentence is assumed
		return nil, invalidArgument("The destination of delivery stream %s can only be changed with ExtendedS3DestinationUpdate.", d.name)
	}
	if update.RoleARN != nil {
		if err := permitPassing(call, *update.RoleARN); err != nil {
			return nil, err
		}
	}
	return &none{}, d.edit(func(now DeliveryStreamDescription) (DeliveryStreamConfig, error) {
		switch c := now.Config; { // the sentences are those of getmoto/moto
		case *in.CurrentDeliveryStreamVersionID != strconv.Itoa(now.Version):
			return c, awserr.New("ConcurrentModificationException", 400, "Cannot update firehose: %s since the current version "+
				"id: %d and specified version id: %s do not match", d.name, now.Version, *in.CurrentDeliveryStreamVersionID)
		case *in.DestinationID != destinationID:
			return c, invalidArgument("Destination Id %s not found", *in.DestinationID)
		default:
			return c, update.mergeInto(&c)
		}
	})
}

type describeDeliveryStreamInput struct {
	DeliveryStreamName          *string
	ExclusiveStartDestinationID *string `aws:"ExclusiveStartDestinationId"`
	Limit                       *int
}

type describeDeliveryStreamOutput struct{ DeliveryStreamDescription deliveryStreamDescription }

type deliveryStreamDescription struct {
	DeliveryStreamName, DeliveryStreamARN, DeliveryStreamStatus, DeliveryStreamType string
	DeliveryStreamEncryptionConfiguration                                           encryptionStatus
	VersionID                                                                       string `aws:"VersionId"`
	CreateTimestamp                                                                 time.Time
	LastUpdateTimestamp                                                             *time.Time
	Source                                                                          sourceDescription
	Destinations                                                                    []destinationDescription
	HasMoreDestinations                                                             bool
}

type encryptionStatus struct{ Status string }

type sourceDescription struct {
	KinesisStreamSourceDescription kinesisSourceDescription
}

type kinesisSourceDescription struct {
	KinesisStreamARN, RoleARN string
	DeliveryStartTimestamp    time.Time
}

type destinationDescription struct {
	DestinationID                    string `aws:"DestinationId"`
	S3DestinationDescription         *extendedS3
	ExtendedS3DestinationDescription *extendedS3
}

func (s *Service) describeDeliveryStream(_ context.Context, call *protocol.Call, in *describeDeliveryStreamInput) (*describeDeliveryStreamOutput, error) {
	var v constraint.Violations
	v.Between("limit", in.Limit, 1, 10_000)
	if err := v.Err(validationException); err != nil {
		return nil, err
	}
	if err := s.permit(call, "DescribeDeliveryStream", in.DeliveryStreamName); err != nil {
		return nil, err
	}
	d, err := s.DescribeDeliveryStream(*in.DeliveryStreamName)
	if err != nil {
		return nil, err
	}
	out := deliveryStreamDescription{
		DeliveryStreamName: d.Config.Name, DeliveryStreamARN: d.ARN, DeliveryStreamStatus: d.Status, DeliveryStreamType: kinesisAsSource,
		DeliveryStreamEncryptionConfiguration: encryptionStatus{"DISABLED"}, VersionID: strconv.Itoa(d.Version),
		CreateTimestamp: d.Created, Destinations: []destinationDescription{},
		Source: sourceDescription{kinesisSourceDescription{d.Config.StreamARN, d.Config.SourceRoleARN, d.Created}},
	}
	if !d.Updated.IsZero() {
		out.LastUpdateTimestamp = &d.Updated
	}
	if in.ExclusiveStartDestinationID == nil {
		destination := describeDestination(d.Config)
		out.Destinations = append(out.Destinations, destinationDescription{destinationID, destination.basic(), &destination})
	}
	return &describeDeliveryStreamOutput{out}, nil
}
