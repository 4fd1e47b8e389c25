package provider

import (
	"strconv"
	"strings"

	"ingest-pipeline/local/aws/firehose"
	"ingest-pipeline/local/aws/iam"
)

// deliveryStreamConfig is the configuration of a delivery stream with the properties of which the service has one value.
type deliveryStreamConfig struct {
	firehose.DeliveryStreamConfig
	Destination, S3BackupMode string
}

func firehoseDeliveryStream() resourceType {
	const madeByAWS = "AWS makes it"
	inputs := properties{
		"name":        text(replaces, pattern(`^[a-zA-Z0-9_.-]{1,64}$`, "1 to 64 of a-z A-Z 0-9 _ . -")),
		"destination": text(required, replaces, oneOf(destinations()...), notHere(onlyS3, otherDestinations...)),
		"kinesisSourceConfiguration": object(properties{
			"kinesisStreamArn": text(required, replaces, arn, inField("StreamARN")),
			"roleArn":          text(required, replaces, arn, inField("SourceRoleARN")),
		}, replaces, flat),
		"extendedS3Configuration": extendedS3(),
		"serverSideEncryption": object(properties{
			"enabled": boolean(byDefault(false), notHere("a delivery stream with a Kinesis source cannot be encrypted itself", true)),
			"keyArn":  rejected("a delivery stream with a Kinesis source cannot be encrypted itself"),
			"keyType": rejected("a delivery stream with a Kinesis source cannot be encrypted itself"),
		}, providerOnly),
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
	return define(resourceType{
		token:    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream",
		inputs:   inputs,
		outputs:  []string{"arn", "destinationId", "versionId"},
		naming:   &naming{property: "name", longest: 64},
		validate: validateDeliveryStream,
	}, operations[deliveryStreamConfig]{
		create: func(s services, c deliveryStreamConfig) (string, error) {
			return s.Firehose.CreateDeliveryStream(c.DeliveryStreamConfig)
		},
		read: func(s services, id string, _ deliveryStreamConfig) (deliveryStreamConfig, state, error) {
			d, err := s.Firehose.DescribeDeliveryStream(deliveryStreamName(s, id))
			return deliveryStreamConfig{DeliveryStreamConfig: d.Config, Destination: "extended_s3", S3BackupMode: "Disabled"}, state{
				"arn": d.ARN, "versionId": strconv.Itoa(d.Version),
				// A delivery stream has one destination (documented: firehose, DestinationDescription).
				"destinationId": "destinationId-000000000001",
			}, err
		},
		update: func(s services, _ string, c deliveryStreamConfig) error {
			return s.Firehose.UpdateDestination(c.DeliveryStreamConfig)
		},
		delete: func(s services, id string, _ deliveryStreamConfig) error {
			return s.Firehose.DeleteDeliveryStream(deliveryStreamName(s, id))
		},
		list: func(s services) []string {
			var ids []string
			for _, name := range s.Firehose.ListDeliveryStreams() {
				ids = append(ids, deliveryStreamARN(s, name))
			}
			return ids
		},
	})
}

func deliveryStreamARN(s services, name string) string {
	return s.Account.ARN("firehose", "deliverystream/"+name)
}

func deliveryStreamName(s services, arn string) string {
	return strings.TrimPrefix(arn, deliveryStreamARN(s, ""))
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
		"bufferingSize":     integer(byDefault(5.0), between(1, 128, "MiB"), inField("BufferSizeMiB")),
		"bufferingInterval": integer(byDefault(300.0), between(0, 900, "seconds"), inField("BufferIntervalSeconds")),
		"compressionFormat": text(byDefault("UNCOMPRESSED"), oneOf("UNCOMPRESSED", "GZIP", "ZIP", "Snappy", "HADOOP_SNAPPY"),
			notHere("UNCOMPRESSED and GZIP are", "ZIP", "Snappy", "HADOOP_SNAPPY")),
		"fileExtension":  text(pattern(`^$|^\.[0-9a-z!\-_.*'()]+$`, "empty or a dot and some of 0-9 a-z ! - _ . * ' ( )"), length(0, 50)),
		"customTimeZone": text(byDefault("UTC"), length(0, 50)),
		"kmsKeyArn":      text(arn, inert("objects are plain files")),
		"cloudwatchLoggingOptions": object(properties{
			"enabled":       boolean(byDefault(false)),
			"logGroupName":  text(inField("LogGroup")),
			"logStreamName": text(inField("LogStream")),
		}, computed, inField("Logging")),
		"processingConfiguration": object(properties{
			"enabled": boolean(),
			"processors": list(object(properties{
				"type": text(required),
				"parameters": list(object(properties{
					"parameterName":  text(required, inField("Name")),
					"parameterValue": text(required, length(1, 5120), inField("Value")),
				}), unordered),
			}), unordered),
		}, inField("Processing")),
		"dynamicPartitioningConfiguration": object(properties{
			"enabled":       boolean(byDefault(false), replaces, notHere(noDynamic, true)),
			"retryDuration": rejected(noDynamic),
		}, replaces, providerOnly),
		"dataFormatConversionConfiguration": object(properties{
			"enabled":                   boolean(byDefault(true), notHere("records are written as they are", true)),
			"inputFormatConfiguration":  rejected("records are written as they are"),
			"outputFormatConfiguration": rejected("records are written as they are"),
			"schemaConfiguration":       rejected("records are written as they are"),
		}, providerOnly),
		"s3BackupMode":          text(byDefault("Disabled"), oneOf("Disabled", "Enabled"), notHere("there is no backup bucket", "Enabled")),
		"s3BackupConfiguration": rejected("there is no backup bucket"),
	}, flat)
}

// validateDeliveryStream checks what has to be there together.
func validateDeliveryStream(in state, _ iam.Account, fail func(path, reason string)) {
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
