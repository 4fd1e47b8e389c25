package provider

import (
	"strings"

	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/kinesis"
)

// streamConfig is a stream's configuration with the property that AWS derives from it.
type streamConfig struct {
	kinesis.StreamConfig
	EncryptionType string
}

// shardMetrics are the names of enhanced metrics (documented: kinesis, EnableEnhancedMonitoring).
var shardMetrics = []string{
	"ALL", "IncomingBytes", "IncomingRecords", "IteratorAgeMilliseconds", "OutgoingBytes", "OutgoingRecords",
	"ReadProvisionedThroughputExceeded", "WriteProvisionedThroughputExceeded",
}

func kinesisStream() resourceType {
	return define(resourceType{
		token: "aws:kinesis/stream:Stream",
		inputs: properties{
			"name":            text(replaces, pattern(`^[a-zA-Z0-9_.-]{1,128}$`, "1 to 128 of a-z A-Z 0-9 _ . -")),
			"shardCount":      integer(),
			"retentionPeriod": integer(byDefault(24.0), between(24, 8760, "hours"), inField("RetentionHours")),
			"encryptionType":  text(byDefault("NONE"), oneOf("NONE", "KMS")),
			"kmsKeyId":        text(),
			"streamModeDetails": object(properties{
				"streamMode": text(required, oneOf(kinesis.ModeProvisioned, kinesis.ModeOnDemand), inField("Mode")),
			}, computed, flat),
			"enforceConsumerDeletion": boolean(byDefault(false), inert("there are no registered consumers")),
			"shardLevelMetrics":       list(text(oneOf(shardMetrics...)), unordered, inert("metrics of single shards are not sent")),
			"arn":                     rejected("AWS makes it"),
			"tags":                    tags(),
		},
		outputs:  []string{"arn"},
		naming:   &naming{property: "name", longest: 255},
		validate: validateStream,
	}, operations[streamConfig]{
		create: func(s services, c streamConfig) (string, error) { return s.Kinesis.CreateStream(c.requested()) },
		read: func(s services, _ string, known streamConfig) (streamConfig, state, error) {
			stream, err := s.Kinesis.DescribeStream(known.Name)
			return streamConfig{stream.StreamConfig, stream.EncryptionType}, state{"arn": stream.ARN}, err
		},
		update: func(s services, _ string, c streamConfig) error { return s.Kinesis.UpdateStream(c.requested()) },
		delete: func(s services, _ string, known streamConfig) error { return s.Kinesis.DeleteStream(known.Name) },
		list:   func(s services) []string { return s.Kinesis.ListStreams() },
		// pulumi-aws imports a stream by its name.
		parseID: func(s services, id string) (string, streamConfig, error) {
			name := strings.TrimPrefix(id, s.Account.ARN("kinesis", "stream/"))
			return s.Account.ARN("kinesis", "stream/"+name), streamConfig{StreamConfig: kinesis.StreamConfig{Name: name}}, nil
		},
	})
}

// requested is what the service is called with.
func (c streamConfig) requested() kinesis.StreamConfig {
	if c.EncryptionType != "KMS" {
		c.KMSKeyID = ""
	}
	return c.StreamConfig
}

// validateStream checks the shard count against the capacity mode and the key against the encryption
// (terraform-provider-aws: aws_kinesis_stream, CustomizeDiff and create).
func validateStream(in state, _ iam.Account, fail func(path, reason string)) {
	mode := kinesis.ModeProvisioned
	if details, set := in["streamModeDetails"]; set {
		inner, _ := details.(state)
		mode, _ = known[string](inner, "streamMode") // "" while it is not known: nothing to compare
	}
	count, countKnown := known[float64](in, "shardCount")
	switch {
	case mode == kinesis.ModeOnDemand && isSet(in, "shardCount"):
		fail("shardCount", "shardCount must not be set when streamModeDetails.streamMode is ON_DEMAND")
	case mode == kinesis.ModeProvisioned && (!isSet(in, "shardCount") || (countKnown && count < 1)):
		fail("shardCount", "shardCount must be at least 1 when streamModeDetails.streamMode is PROVISIONED")
	}
	if encryption, ok := known[string](in, "encryptionType"); ok && encryption == "KMS" && !isSet(in, "kmsKeyId") {
		fail("kmsKeyId", "kmsKeyId is required when encryptionType is KMS")
	}
}
