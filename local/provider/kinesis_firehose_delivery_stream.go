package provider

import (
	"strconv"

	"ingest-pipeline/local/aws/firehose"
	"ingest-pipeline/local/aws/iam"
)

type deliveryStreamInputs struct {
	Name                       string            `json:"name"`
	Destination                string            `json:"destination"`
	Tags                       map[string]string `json:"tags"`
	ServerSideEncryption       *enabledOnly      `json:"serverSideEncryption"`
	KinesisSourceConfiguration struct {
		KinesisStreamARN string `json:"kinesisStreamArn"`
		RoleARN          string `json:"roleArn"`
	} `json:"kinesisSourceConfiguration"`
	ExtendedS3Configuration extendedS3Inputs `json:"extendedS3Configuration"`
}

// enabledOnly is a block that says that something is off.
type enabledOnly struct {
	Enabled bool `json:"enabled"`
}

type extendedS3Inputs struct {
	BucketARN                         string       `json:"bucketArn"`
	RoleARN                           string       `json:"roleArn"`
	Prefix                            string       `json:"prefix"`
	ErrorOutputPrefix                 string       `json:"errorOutputPrefix"`
	CompressionFormat                 string       `json:"compressionFormat"`
	FileExtension                     string       `json:"fileExtension"`
	CustomTimeZone                    string       `json:"customTimeZone"`
	BufferingSize                     int          `json:"bufferingSize"`
	BufferingInterval                 int          `json:"bufferingInterval"`
	KMSKeyARN                         string       `json:"kmsKeyArn"`
	S3BackupMode                      string       `json:"s3BackupMode"`
	DynamicPartitioningConfiguration  *enabledOnly `json:"dynamicPartitioningConfiguration"`
	DataFormatConversionConfiguration *enabledOnly `json:"dataFormatConversionConfiguration"`
	CloudwatchLoggingOptions          struct {
		Enabled       bool   `json:"enabled"`
		LogGroupName  string `json:"logGroupName"`
		LogStreamName string `json:"logStreamName"`
	} `json:"cloudwatchLoggingOptions"`
	ProcessingConfiguration struct {
		Enabled    bool `json:"enabled"`
		Processors []struct {
			Type       string `json:"type"`
			Parameters []struct {
				ParameterName  string `json:"parameterName"`
				ParameterValue string `json:"parameterValue"`
			} `json:"parameters"`
		} `json:"processors"`
	} `json:"processingConfiguration"`
}

func firehoseDeliveryStream() resourceType {
	const madeByAWS = "AWS makes it"
	inputs := properties{
		"name":        text(replaces, pattern(`^[a-zA-Z0-9_.-]{1,64}$`, "1 to 64 of a-z A-Z 0-9 _ . -")),
		"destination": text(required, replaces, oneOf(destinations()...), notHere(onlyS3, otherDestinations...)),
		"kinesisSourceConfiguration": object(properties{
			"kinesisStreamArn": text(required, replaces, arn),
			"roleArn":          text(required, replaces, arn),
		}, replaces),
		"extendedS3Configuration": extendedS3(),
		"serverSideEncryption": object(properties{
			"enabled": boolean(byDefault(false), notHere("a delivery stream with a Kinesis source has no encryption of its own", true)),
			"keyArn":  rejected("a delivery stream with a Kinesis source has no encryption of its own"),
			"keyType": rejected("a delivery stream with a Kinesis source has no encryption of its own"),
		}),
		"mskSourceConfiguration": rejected("a Kinesis stream is the only source"),
		"arn":                    rejected(madeByAWS),
		"destinationId":          rejected(madeByAWS),
		"versionId":              rejected(madeByAWS),
		"tags":                   tags(),
	}
	for _, name := range []string{"elasticsearch", "httpEndpoint", "iceberg", "opensearch", "opensearchserverless",
		"redshift", "snowflake", "splunk"} {
		inputs[name+"Configuration"] = rejected(onlyS3)
	}
	return alive(resourceType{
		token:     "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
		inputs:    inputs,
		outputs:   []string{"arn", "destinationId", "versionId"},
		naming:    &naming{property: "name", longest: 64},
		validate:  deliveryStreamFits,
		persisted: true,
	}, lifeOf[deliveryStreamInputs]{
		put: func(s site, in deliveryStreamInputs, _ *record) (string, state, error) {
			arn, err := s.Firehose.CreateDeliveryStream(in.deliveryStream())
			if err != nil {
				return "", nil, err
			}
			out, err := deliveryStreamState(s, in.Name)
			return arn, out, err
		},
		update: func(s site, in deliveryStreamInputs, _ *record) (state, error) {
			if err := s.Firehose.UpdateDestination(in.deliveryStream()); err != nil {
				return nil, err
			}
			return deliveryStreamState(s, in.Name)
		},
		remove: func(s site, in deliveryStreamInputs, _ *record) error {
			return s.Firehose.DeleteDeliveryStream(in.Name)
		},
		read: func(s site, in deliveryStreamInputs, _ *record) (state, error) {
			return deliveryStreamState(s, in.Name)
		},
	})
}

// onlyS3 is why the other destinations are refused.
const onlyS3 = "S3 is the only destination (extended_s3)"

var otherDestinations = []any{
	"elasticsearch", "http_endpoint", "iceberg", "opensearch", "opensearchserverless", "redshift", "s3", "snowflake",
	"splunk",
}

func destinations() []string {
	names := []string{"extended_s3"}
	for _, name := range otherDestinations {
		names = append(names, name.(string))
	}
	return names
}

func extendedS3() property {
	const noDynamic = "records of one delivery stream all go below one prefix"
	return object(properties{
		"bucketArn":         text(required, arn),
		"roleArn":           text(required, arn),
		"prefix":            text(),
		"errorOutputPrefix": text(length(0, 1024)),
		"bufferingSize":     integer(byDefault(5.0), between(1, 128, "MiB")),
		"bufferingInterval": integer(byDefault(300.0), between(0, 900, "seconds")),
		"compressionFormat": text(byDefault("UNCOMPRESSED"), oneOf("UNCOMPRESSED", "GZIP", "ZIP", "Snappy", "HADOOP_SNAPPY"),
			notHere("UNCOMPRESSED and GZIP are", "ZIP", "Snappy", "HADOOP_SNAPPY")),
		"fileExtension":  text(pattern(`^$|^\.[0-9a-z!\-_.*'()]+$`, "empty or a dot and some of 0-9 a-z ! - _ . * ' ( )"), length(0, 50)),
		"customTimeZone": text(byDefault("UTC"), length(0, 50)),
		"kmsKeyArn":      text(arn, inert("objects are plain files")),
		"cloudwatchLoggingOptions": object(properties{
			"enabled":       boolean(byDefault(false)),
			"logGroupName":  text(),
			"logStreamName": text(),
		}, computed),
		"processingConfiguration": object(properties{
			"enabled": boolean(),
			"processors": list(object(properties{
				"type": text(required),
				"parameters": list(object(properties{
					"parameterName":  text(required),
					"parameterValue": text(required, length(1, 5120)),
				}), unordered),
			}), unordered),
		}),
		"dynamicPartitioningConfiguration": object(properties{
			"enabled":       boolean(byDefault(false), replaces, notHere(noDynamic, true)),
			"retryDuration": rejected(noDynamic),
		}, replaces),
		"dataFormatConversionConfiguration": object(properties{
			"enabled":                   boolean(byDefault(true), notHere("records are written as they are", true)),
			"inputFormatConfiguration":  rejected("records are written as they are"),
			"outputFormatConfiguration": rejected("records are written as they are"),
			"schemaConfiguration":       rejected("records are written as they are"),
		}),
		"s3BackupMode":          text(byDefault("Disabled"), oneOf("Disabled", "Enabled"), notHere("there is no backup bucket", "Enabled")),
		"s3BackupConfiguration": rejected("there is no backup bucket"),
	})
}

// deliveryStreamFits checks what has to be there together.
func deliveryStreamFits(in state, _ iam.Account, fail func(path, reason string)) {
	if !isSet(in, "extendedS3Configuration") {
		fail("extendedS3Configuration", "extendedS3Configuration is required with the destination extended_s3")
	}
	if !isSet(in, "kinesisSourceConfiguration") {
		fail("kinesisSourceConfiguration", "a delivery stream without kinesisSourceConfiguration (Direct PUT) is not "+
			"emulated by the local target")
	}
	destination, _ := known[state](in, "extendedS3Configuration")
	logging, _ := known[state](destination, "cloudwatchLoggingOptions")
	if enabled, ok := known[bool](logging, "enabled"); ok && enabled &&
		(!isSet(logging, "logGroupName") || !isSet(logging, "logStreamName")) {
		fail("extendedS3Configuration", "extendedS3Configuration.cloudwatchLoggingOptions: logGroupName and "+
			"logStreamName are required when logging is enabled")
	}
}

func deliveryStreamState(s site, name string) (state, error) {
	description, err := s.Firehose.DescribeDeliveryStream(name)
	if err != nil {
		return nil, err
	}
	return state{
		"arn": description.ARN, "versionId": strconv.Itoa(description.Version),
		// A delivery stream has one destination (documented: firehose, DestinationDescription).
		"destinationId": "destinationId-000000000001",
	}, nil
}

func (in deliveryStreamInputs) deliveryStream() firehose.DeliveryStreamConfig {
	to := in.ExtendedS3Configuration
	config := firehose.DeliveryStreamConfig{
		Name:      in.Name,
		StreamARN: in.KinesisSourceConfiguration.KinesisStreamARN, SourceRoleARN: in.KinesisSourceConfiguration.RoleARN,
		RoleARN: to.RoleARN, BucketARN: to.BucketARN,
		Prefix: to.Prefix, ErrorOutputPrefix: to.ErrorOutputPrefix,
		CompressionFormat: to.CompressionFormat, FileExtension: to.FileExtension, CustomTimeZone: to.CustomTimeZone,
		BufferSizeMiB: &to.BufferingSize, BufferIntervalSeconds: &to.BufferingInterval,
		Logging: firehose.Logging{
			Enabled:   to.CloudwatchLoggingOptions.Enabled,
			LogGroup:  to.CloudwatchLoggingOptions.LogGroupName,
			LogStream: to.CloudwatchLoggingOptions.LogStreamName,
		},
	}
	config.Processing.Enabled = to.ProcessingConfiguration.Enabled
	for _, given := range to.ProcessingConfiguration.Processors {
		processor := firehose.Processor{Type: given.Type}
		for _, parameter := range given.Parameters {
			processor.Parameters = append(processor.Parameters,
				firehose.ProcessorParameter{Name: parameter.ParameterName, Value: parameter.ParameterValue})
		}
		config.Processing.Processors = append(config.Processing.Processors, processor)
	}
	return config
}
