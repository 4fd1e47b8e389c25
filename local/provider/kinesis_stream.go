package provider

import (
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/kinesis"
)

type streamInputs struct {
	Name                    string            `json:"name"`
	ShardCount              int               `json:"shardCount"`
	RetentionPeriod         int               `json:"retentionPeriod"`
	EncryptionType          string            `json:"encryptionType"`
	KMSKeyID                string            `json:"kmsKeyId"`
	EnforceConsumerDeletion bool              `json:"enforceConsumerDeletion"`
	ShardLevelMetrics       []string          `json:"shardLevelMetrics"`
	Tags                    map[string]string `json:"tags"`
	StreamModeDetails       struct {
		StreamMode string `json:"streamMode"`
	} `json:"streamModeDetails"`
}

// shardMetrics are the names of enhanced metrics (documented: kinesis, EnableEnhancedMonitoring).
var shardMetrics = []string{
	"ALL", "IncomingBytes", "IncomingRecords", "IteratorAgeMilliseconds", "OutgoingBytes", "OutgoingRecords",
	"ReadProvisionedThroughputExceeded", "WriteProvisionedThroughputExceeded",
}

func kinesisStream() resourceType {
	return alive(resourceType{
		token: "aws:kinesis/stream:Stream",
		inputs: properties{
			"name":            text(replaces, pattern(`^[a-zA-Z0-9_.-]{1,128}$`, "1 to 128 of a-z A-Z 0-9 _ . -")),
			"shardCount":      integer(),
			"retentionPeriod": integer(byDefault(24.0), between(24, 8760, "hours")),
			"encryptionType":  text(byDefault("NONE"), oneOf("NONE", "KMS")),
			"kmsKeyId":        text(),
			"streamModeDetails": object(properties{
				"streamMode": text(required, oneOf(kinesis.ModeProvisioned, kinesis.ModeOnDemand)),
			}, computed),
			"enforceConsumerDeletion": boolean(byDefault(false), inert("there are no registered consumers")),
			"shardLevelMetrics":       list(text(oneOf(shardMetrics...)), unordered, inert("metrics of single shards are not sent")),
			"arn":                     rejected("AWS makes it"),
			"tags":                    tags(),
		},
		outputs:   []string{"arn"},
		naming:    &naming{property: "name", longest: 255},
		agree:     streamFits,
		persisted: true,
	}, lifeOf[streamInputs]{
		put: func(s site, in streamInputs, _ *record) (string, state, error) {
			arn, err := s.Kinesis.CreateStream(in.stream())
			return arn, streamState(in, arn), err
		},
		update: func(s site, in streamInputs, was *record) (state, error) {
			return streamState(in, was.ID), s.Kinesis.UpdateStream(in.stream())
		},
		remove: func(s site, in streamInputs, _ *record) error { return s.Kinesis.DeleteStream(in.Name) },
		read: func(s site, in streamInputs, _ *record) (state, error) {
			stream, err := s.Kinesis.DescribeStream(in.Name)
			if err != nil {
				return nil, err
			}
			now := state{
				"retentionPeriod": stream.RetentionHours, "encryptionType": stream.EncryptionType,
				"streamModeDetails": state{"streamMode": stream.Mode},
			}
			if stream.Mode == kinesis.ModeProvisioned {
				now["shardCount"] = stream.OpenShardCount
			}
			return now, nil
		},
	})
}

// streamState is what AWS fills in.
func streamState(in streamInputs, arn string) state {
	return state{"arn": arn, "streamModeDetails": state{"streamMode": in.mode()}}
}

// mode is the capacity mode: provisioned unless the program says otherwise.
func (in streamInputs) mode() string {
	if in.StreamModeDetails.StreamMode == "" {
		return kinesis.ModeProvisioned
	}
	return in.StreamModeDetails.StreamMode
}

// streamFits checks the shard count against the capacity mode and the key against the encryption
// (terraform-provider-aws: aws_kinesis_stream, CustomizeDiff and create).
func streamFits(in state, _ iam.Account, fail func(path, reason string)) {
	mode := kinesis.ModeProvisioned
	if details, set := in["streamModeDetails"]; set {
		inner, _ := details.(state)
		mode, _ = known[string](inner, "streamMode") // "" while it is not known: nothing to compare
	}
	count, countKnown := known[float64](in, "shardCount")
	switch {
	case mode == kinesis.ModeOnDemand && given(in, "shardCount"):
		fail("shardCount", "shardCount must not be set when streamModeDetails.streamMode is ON_DEMAND")
	case mode == kinesis.ModeProvisioned && (!given(in, "shardCount") || (countKnown && count < 1)):
		fail("shardCount", "shardCount must be at least 1 when streamModeDetails.streamMode is PROVISIONED")
	}
	if encryption, ok := known[string](in, "encryptionType"); ok && encryption == "KMS" && !given(in, "kmsKeyId") {
		fail("kmsKeyId", "kmsKeyId is required when encryptionType is KMS")
	}
}

func (in streamInputs) stream() kinesis.StreamConfig {
	config := kinesis.StreamConfig{
		Name: in.Name, Mode: in.mode(), ShardCount: in.ShardCount, RetentionHours: in.RetentionPeriod,
	}
	if in.EncryptionType == "KMS" {
		config.KMSKeyID = in.KMSKeyID
	}
	return config
}
