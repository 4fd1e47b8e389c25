package firehose

import (
	"regexp"
	"strings"
	"time"

	// CustomTimeZone has to work where the machine has no time zone database.
	_ "time/tzdata"

	"ingest-pipeline/local/aws/iam"
)

// DeliveryStreamConfig is the configuration of a delivery stream.
type DeliveryStreamConfig struct {
	// Name is 1 to 64 of the characters a-z A-Z 0-9 _ . - ; it cannot be changed.
	Name string
	// StreamARN is the Kinesis stream to read and SourceRoleARN the role to read it with; neither can be changed.
	StreamARN, SourceRoleARN string
	// RoleARN is the role to write to BucketARN with.
	RoleARN, BucketARN string
	// Prefix and ErrorOutputPrefix begin the object names. They may hold expressions such as !{timestamp:yyyy/MM/dd};
	// a Prefix without a timestamp is followed by YYYY/MM/DD/HH/ of the oldest record. A prefix without a slash at its
	// end gets none. Up to 1,024 characters, 512 when evaluated.
	Prefix, ErrorOutputPrefix string
	// CompressionFormat is "UNCOMPRESSED" (also if empty) or "GZIP".
	CompressionFormat string
	// FileExtension replaces the extension that the compression format would give, such as ".json.gz". Up to 128 of
	// the characters 0-9 a-z ! - _ . * ' ( ) after a dot.
	FileExtension string
	// CustomTimeZone is the IANA time zone of the timestamp expressions, such as "Asia/Seoul". Empty is UTC.
	CustomTimeZone string
	// BufferSizeMiB is 1 to 128, BufferIntervalSeconds 0 to 900: what comes first makes an object. Both nil are AWS's
	// defaults, 5 MiB and 300 s; one alone is refused. An object is at most one record larger than the buffer.
	BufferSizeMiB, BufferIntervalSeconds *int
	// KMSKeyARN is kept, but has no effect: objects are plain files.
	KMSKeyARN  string
	Logging    Logging
	Processing Processing
	Tags       map[string]string
}

// Logging says where a delivery stream's errors go. Group and stream have to exist: Firehose does not make them.
type Logging struct {
	Enabled             bool
	LogGroup, LogStream string
}

// Processing says what is done to the records, if it is Enabled.
type Processing struct {
	Enabled    bool
	Processors []Processor
}

// Processor is one step of a processing configuration.
type Processor struct {
	// Type is "AppendDelimiterToRecord"; the other types of AWS are refused.
	Type string
	// Parameters of AppendDelimiterToRecord: Delimiter, in which \n is a line break; a line break if it is missing.
	Parameters []ProcessorParameter
}

// ProcessorParameter is a parameter of a Processor.
type ProcessorParameter struct{ Name, Value string }

// The compression formats that are offered.
const (
	Uncompressed = "UNCOMPRESSED"
	GZIP         = "GZIP"
)

// documented (API_BufferingHints; zero buffering since December 2023).
const (
	defaultBufferMiB, minBufferMiB, maxBufferMiB             = 5, 1, 128
	defaultBufferSeconds, minBufferSeconds, maxBufferSeconds = 300, 0, 900
)

// settings is a configuration in the form that delivering needs.
type settings struct {
	config      DeliveryStreamConfig
	bucket      string // name
	prefixes    prefixes
	zone        *time.Location
	extension   string
	contentType string
	bufferBytes int
	interval    time.Duration
	delimiter   []byte
}

var (
	namePattern      = regexp.MustCompile(`^[a-zA-Z0-9_.-]+$`)
	bucketPattern    = regexp.MustCompile(`^arn:.*:s3:::([\w\.\-]{1,255})$`)
	extensionPattern = regexp.MustCompile(`^$|^\.[0-9a-z!\-_.*'()]+$`)
)

const rolePattern = `Member must satisfy regular expression pattern: arn:.*:iam::\d{12}:role/[a-zA-Z_0-9+=,.@\-_/]+`

func isRoleARN(arn string) bool {
	_, ok := iam.ParseRoleARN(arn)
	return ok
}

// settingsOf checks everything about a configuration that needs no other service.
//
// documented (API_CreateDeliveryStream, API_ExtendedS3DestinationConfiguration): patterns, ranges and lengths.
func settingsOf(c DeliveryStreamConfig) (*settings, error) {
	const destination = "extendedS3DestinationConfiguration."
	switch {
	case !namePattern.MatchString(c.Name):
		return nil, violation("deliveryStreamName", c.Name, "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+")
	case len(c.Name) > 64:
		return nil, violation("deliveryStreamName", c.Name, "Member must have length less than or equal to 64")
	case !isRoleARN(c.RoleARN):
		return nil, violation(destination+"roleARN", c.RoleARN, rolePattern)
	case !isRoleARN(c.SourceRoleARN):
		return nil, violation("kinesisStreamSourceConfiguration.roleARN", c.SourceRoleARN, rolePattern)
	case !extensionPattern.MatchString(c.FileExtension):
		return nil, violation(destination+"fileExtension", c.FileExtension,
			`Member must satisfy regular expression pattern: ^$|\.[0-9a-z!\-_.*'()]+`)
	case len(c.FileExtension) > 128:
		return nil, violation(destination+"fileExtension", c.FileExtension, "Member must have length less than or equal to 128")
	case len(c.Prefix) > 1024:
		return nil, violation(destination+"prefix", c.Prefix, "Member must have length less than or equal to 1024")
	case len(c.ErrorOutputPrefix) > 1024:
		return nil, violation(destination+"errorOutputPrefix", c.ErrorOutputPrefix, "Member must have length less than or equal to 1024")
	}
	bucket := bucketPattern.FindStringSubmatch(c.BucketARN)
	if bucket == nil {
		return nil, violation(destination+"bucketARN", c.BucketARN,
			`Member must satisfy regular expression pattern: arn:.*:s3:::[\w\.\-]{1,255}`)
	}
	s := &settings{config: c, bucket: bucket[1], contentType: "application/octet-stream"}
	for _, fill := range []func(*settings) error{fillPrefixes, fillCompression, fillBuffering, fillLogging, fillProcessors} {
		if err := fill(s); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func fillPrefixes(s *settings) (err error) {
	if s.prefixes, err = parsePrefixes(s.config.Prefix, s.config.ErrorOutputPrefix); err != nil {
		return err
	}
	name := s.config.CustomTimeZone
	if name == "" {
		name = "UTC"
	}
	if s.zone, err = time.LoadLocation(name); err != nil || name == "Local" { // the sentence is assumed
		return invalidArgument("CustomTimeZone %s is not an IANA time zone", name)
	}
	return nil
}

func fillCompression(s *settings) error {
	switch format := s.config.CompressionFormat; format {
	case "", Uncompressed:
	case GZIP:
		s.extension = ".gz" // documented (create-destination): unless FileExtension overrides it
	case "ZIP", "Snappy", "HADOOP_SNAPPY":
		return invalidArgument("The compression format %s is not offered by the local target.", format)
	default:
		return violation("extendedS3DestinationConfiguration.compressionFormat", format,
			"Member must satisfy enum value set: [ZIP, Snappy, HADOOP_SNAPPY, UNCOMPRESSED, GZIP]")
	}
	if s.config.FileExtension != "" {
		s.extension = s.config.FileExtension
	}
	return nil
}

func (s *settings) gzip() bool { return s.config.CompressionFormat == GZIP }

// documented (API_BufferingHints): who gives one value has to give both. The sentence is assumed.
func fillBuffering(s *settings) error {
	const member = "extendedS3DestinationConfiguration.bufferingHints."
	size, seconds := defaultBufferMiB, defaultBufferSeconds
	switch c := s.config; {
	case (c.BufferSizeMiB == nil) != (c.BufferIntervalSeconds == nil):
		return invalidArgument("BufferingHints must have both SizeInMBs and IntervalInSeconds, or neither of them.")
	case c.BufferSizeMiB != nil:
		size, seconds = *c.BufferSizeMiB, *c.BufferIntervalSeconds
	}
	if size < minBufferMiB || size > maxBufferMiB {
		return outOfRange(member+"sizeInMBs", size, minBufferMiB, maxBufferMiB)
	}
	if seconds < minBufferSeconds || seconds > maxBufferSeconds {
		return outOfRange(member+"intervalInSeconds", seconds, minBufferSeconds, maxBufferSeconds)
	}
	s.bufferBytes, s.interval = size<<20, time.Duration(seconds)*time.Second
	return nil
}

// The sentence is assumed.
func fillLogging(s *settings) error {
	if l := s.config.Logging; l.Enabled && (l.LogGroup == "" || l.LogStream == "") {
		return invalidArgument("CloudWatchLoggingOptions must have LogGroupName and LogStreamName when it is enabled.")
	}
	return nil
}

// fillProcessors reads the processors.
//
// documented (API_Processor): the types. Field (fdmsantos/terraform-aws-kinesis-firehose): AppendDelimiterToRecord
// works without dynamic partitioning, and its Delimiter is given as \n. assumed: a line break if it is missing.
func fillProcessors(s *settings) error {
	if !s.config.Processing.Enabled {
		return nil
	}
	for _, p := range s.config.Processing.Processors {
		switch p.Type {
		case "AppendDelimiterToRecord":
		case "RecordDeAggregation", "Decompression", "CloudWatchLogProcessing", "Lambda", "MetadataExtraction":
			return invalidArgument("The processor %s is not offered by the local target.", p.Type)
		default:
			return violation("extendedS3DestinationConfiguration.processingConfiguration.processors.type", p.Type,
				"Member must satisfy enum value set: [RecordDeAggregation, Decompression, CloudWatchLogProcessing, "+
					"Lambda, MetadataExtraction, AppendDelimiterToRecord]")
		}
		delimiter := `\n`
		for _, parameter := range p.Parameters {
			if parameter.Name != "Delimiter" {
				return invalidArgument("The parameter %s of the processor %s is not offered by the local target.", parameter.Name, p.Type)
			}
			delimiter = parameter.Value
		}
		s.delimiter = append(s.delimiter, strings.NewReplacer(`\n`, "\n", `\r`, "\r", `\t`, "\t", `\\`, `\`).Replace(delimiter)...)
	}
	return nil
}
