package firehose

import (
	"slices"
)

// extendedS3 is a destination as requests and answers have it. A member that is nil in a request is absent.
type extendedS3 struct {
	RoleARN, BucketARN                *string
	Prefix, ErrorOutputPrefix         *string
	BufferingHints                    *bufferingHints
	CompressionFormat                 *string
	EncryptionConfiguration           *encryption
	CloudWatchLoggingOptions          *loggingOptions
	ProcessingConfiguration           *processing
	S3BackupMode                      *string
	DataFormatConversionConfiguration *switched
	DynamicPartitioningConfiguration  *switched
	FileExtension, CustomTimeZone     *string
	// There is no backup.
	S3BackupConfiguration, S3BackupUpdate any
}

type bufferingHints struct {
	SizeInMBs         *int
	IntervalInSeconds *int
}

type encryption struct {
	NoEncryptionConfig  *string
	KMSEncryptionConfig *kmsKey
}

type kmsKey struct{ AWSKMSKeyARN *string }

type loggingOptions struct {
	Enabled                     *bool
	LogGroupName, LogStreamName *string
}

type processing struct {
	Enabled    *bool
	Processors []processor
}

type processor struct {
	Type       *string
	Parameters []parameter
}

type parameter struct{ ParameterName, ParameterValue *string }

type switched struct{ Enabled *bool }

func isOn(enabled *bool) bool { return enabled != nil && *enabled }

// mergeInto changes those parts of a configuration that the request has: documented (API_UpdateDestination), "if any of
// the parameters are not specified in the call, existing values are retained".
func (e *extendedS3) mergeInto(c *DeliveryStreamConfig) error {
	switch {
	case e.S3BackupMode != nil && *e.S3BackupMode != "Disabled", e.S3BackupConfiguration != nil, e.S3BackupUpdate != nil:
		return notEmulated("A backup bucket")
	case e.DataFormatConversionConfiguration != nil && isOn(e.DataFormatConversionConfiguration.Enabled):
		return notEmulated("Data format conversion")
	case e.DynamicPartitioningConfiguration != nil && isOn(e.DynamicPartitioningConfiguration.Enabled):
		return notEmulated("Dynamic partitioning")
	}
	for to, from := range map[*string]*string{
		&c.RoleARN: e.RoleARN, &c.BucketARN: e.BucketARN, &c.Prefix: e.Prefix, &c.ErrorOutputPrefix: e.ErrorOutputPrefix,
		&c.CompressionFormat: e.CompressionFormat, &c.FileExtension: e.FileExtension, &c.CustomTimeZone: e.CustomTimeZone,
	} {
		if from != nil {
			*to = *from
		}
	}
	if h := e.BufferingHints; h != nil {
		c.BufferSizeMiB, c.BufferIntervalSeconds = h.SizeInMBs, h.IntervalInSeconds
	}
	if err := e.EncryptionConfiguration.mergeInto(c); err != nil {
		return err
	}
	if l := e.CloudWatchLoggingOptions; l != nil {
		c.Logging = Logging{Enabled: isOn(l.Enabled), LogGroup: textOf(l.LogGroupName), LogStream: textOf(l.LogStreamName)}
	}
	if p := e.ProcessingConfiguration; p != nil {
		c.Processing = Processing{Enabled: isOn(p.Enabled)}
		for _, from := range p.Processors {
			made := Processor{Type: textOf(from.Type)}
			for _, parameter := range from.Parameters {
				made.Parameters = append(made.Parameters, ProcessorParameter{textOf(parameter.ParameterName), textOf(parameter.ParameterValue)})
			}
			c.Processing.Processors = append(c.Processing.Processors, made)
		}
	}
	return nil
}

func (e *encryption) mergeInto(c *DeliveryStreamConfig) error {
	switch {
	case e == nil:
	case e.NoEncryptionConfig != nil && *e.NoEncryptionConfig != noEncryption:
		return violation("extendedS3DestinationConfiguration.encryptionConfiguration.noEncryptionConfig", *e.NoEncryptionConfig,
			"Member must satisfy enum value set: [NoEncryption]")
	case e.KMSEncryptionConfig != nil:
		c.KMSKeyARN = textOf(e.KMSEncryptionConfig.AWSKMSKeyARN)
	default:
		c.KMSKeyARN = ""
	}
	return nil
}

const noEncryption = "NoEncryption"

func textOf(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// describeDestination shows a destination with the defaults of AWS: documented (API_ExtendedS3DestinationDescription).
func describeDestination(c DeliveryStreamConfig) extendedS3 {
	size, interval := defaultBufferMiB, defaultBufferSeconds
	if c.BufferSizeMiB != nil {
		size, interval = *c.BufferSizeMiB, *c.BufferIntervalSeconds
	}
	compression, zone, backup, off := c.CompressionFormat, c.CustomTimeZone, "Disabled", false
	if compression == "" {
		compression = Uncompressed
	}
	if zone == "" {
		zone = "UTC"
	}
	out := extendedS3{
		RoleARN: &c.RoleARN, BucketARN: &c.BucketARN, Prefix: present(c.Prefix), ErrorOutputPrefix: present(c.ErrorOutputPrefix),
		BufferingHints: &bufferingHints{&size, &interval}, CompressionFormat: &compression,
		EncryptionConfiguration:           describeEncryption(c.KMSKeyARN),
		CloudWatchLoggingOptions:          &loggingOptions{Enabled: &c.Logging.Enabled, LogGroupName: present(c.Logging.LogGroup), LogStreamName: present(c.Logging.LogStream)},
		ProcessingConfiguration:           &processing{Enabled: &c.Processing.Enabled, Processors: []processor{}},
		S3BackupMode:                      &backup,
		DataFormatConversionConfiguration: &switched{&off},
		FileExtension:                     present(c.FileExtension), CustomTimeZone: &zone,
	}
	for _, p := range slices.Clone(c.Processing.Processors) {
		made := processor{Type: &p.Type, Parameters: []parameter{}}
		for _, q := range p.Parameters {
			made.Parameters = append(made.Parameters, parameter{&q.Name, &q.Value})
		}
		out.ProcessingConfiguration.Processors = append(out.ProcessingConfiguration.Processors, made)
	}
	return out
}

func describeEncryption(keyARN string) *encryption {
	if keyARN != "" {
		return &encryption{KMSEncryptionConfig: &kmsKey{&keyARN}}
	}
	none := noEncryption
	return &encryption{NoEncryptionConfig: &none}
}

// present is a text, or nil without one.
func present(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// basic is the part of a destination that S3DestinationDescription has, too.
func (e extendedS3) basic() *extendedS3 {
	return &extendedS3{
		RoleARN: e.RoleARN, BucketARN: e.BucketARN, Prefix: e.Prefix, ErrorOutputPrefix: e.ErrorOutputPrefix,
		BufferingHints: e.BufferingHints, CompressionFormat: e.CompressionFormat,
		EncryptionConfiguration: e.EncryptionConfiguration, CloudWatchLoggingOptions: e.CloudWatchLoggingOptions,
	}
}
