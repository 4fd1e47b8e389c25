package firehose

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPrefixesAreEvaluatedAsDocumented(t *testing.T) {
	oldest := time.Date(2018, 8, 27, 10, 30, 5, 123456789, time.UTC)
	for _, c := range []struct{ name, prefix, failure, want, wantFailure string }{
		// documented (s3-prefixes, examples; where the page contradicts itself its rules are followed)
		{"nothing", "", "", "2018/08/27/10/", ""},
		{"no expression", "myFirehosePrefix", "", "myFirehosePrefix2018/08/27/10/", ""},
		{"a folder", "raw/", "", "raw/2018/08/27/10/", ""},
		{"only the error prefix", "", "myFirehoseFailures/!{firehose:error-output-type}/", "2018/08/27/10/", "myFirehoseFailures/processing-failed/"},
		{"two namespaces", "myFirehose/DeliveredYear=!{timestamp:yyyy}/anyMonth/rand=!{firehose:random-string}",
			"f/!{firehose:error-output-type}/!{timestamp:yyyy}/anyMonth/!{timestamp:dd}",
			"myFirehose/DeliveredYear=2018/anyMonth/rand=00000000-00", "f/processing-failed/2018/anyMonth/27"},
		{"Hive", "myPrefix/year=!{timestamp:yyyy}/month=!{timestamp:MM}/day=!{timestamp:dd}/hour=!{timestamp:HH}/",
			"e/!{timestamp:'year='yyyy'/month='MM'/day='dd'/hour='HH}/!{firehose:error-output-type}",
			"myPrefix/year=2018/month=08/day=27/hour=10/", "e/year=2018/month=08/day=27/hour=10/processing-failed"},
		{"random without timestamp", "!{firehose:random-string}/", "!{firehose:error-output-type}", "00000000-00/2018/08/27/10/", "processing-failed"},
		{"a dollar is only a dollar", "a$b{c}/", "", "a$b{c}/2018/08/27/10/", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := parsePrefixes(c.prefix, c.failure)
			require.NoError(t, err)
			want := strings.ReplaceAll(c.want, "00000000-00", "00000000-00")
			assert.Equal(t, want, p.object.evaluate(oldest, "", zeroReader{}))
			assert.Equal(t, c.wantFailure, p.failure.evaluate(oldest, "processing-failed", zeroReader{}))
		})
	}
}

func TestPrefixesAreRefusedAtCreation(t *testing.T) {
	for _, c := range []struct{ name, prefix, failure, want string }{
		{"no error prefix", "!{timestamp:yyyy/MM/dd}", "", "ErrorOutputPrefix can't be null when Prefix contains expressions"},
		{"no error type", "", "e/!{timestamp:yyyy}/", "ErrorOutputPrefix must contain at least one instance of !{firehose:error-output-type} when it contains expressions"},
		{"an error type in the prefix", "!{firehose:error-output-type}/", "!{firehose:error-output-type}", "Prefix can't contain !{firehose:error-output-type}"},
		{"not closed", "a/!{timestamp:yyyy", "e/!{firehose:error-output-type}", "Prefix has an expression that is not closed: !{timestamp:yyyy"},
		{"an unknown namespace", "!{date:yyyy}", "", "Prefix has an expression that is not valid: !{date:yyyy}: the namespaces are timestamp and firehose"},
		{"an unknown value", "", "!{firehose:random}", "ErrorOutputPrefix has an expression that is not valid: !{firehose:random}: firehose has random-string and error-output-type"},
		{"dynamic partitioning", "!{partitionKeyFromQuery:tenant}/", "e", "Prefix has an expression that is not valid: !{partitionKeyFromQuery:tenant}: dynamic partitioning is not offered by the local target"},
		{"letters that are not offered", "!{timestamp:VV}", "e", `Prefix has an expression that is not valid: !{timestamp:VV}: the letters "VV" are not offered in a timestamp pattern`},
		{"too many letters", "!{timestamp:HHH}", "e", "Prefix has an expression that is not valid: !{timestamp:HHH}: too many pattern letters: HHH"},
		{"an open quotation", "!{timestamp:yyyy'/}", "e", "Prefix has an expression that is not valid: !{timestamp:yyyy'/}: the pattern '/ ends with an incomplete string literal"},
		{"no pattern", "!{timestamp:}", "e", "Prefix has an expression that is not valid: !{timestamp:}: the timestamp pattern is empty"},
		{"an optional section", "!{timestamp:yyyy[MM]}", "e", `Prefix has an expression that is not valid: !{timestamp:yyyy[MM]}: the character '[' is not offered in a timestamp pattern`},
		{"513 characters", strings.Repeat("p", 499), "", "Prefix can't be greater than 512 characters after it is evaluated"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := parsePrefixes(c.prefix, c.failure)
			require.EqualError(t, err, "InvalidArgumentException: "+c.want)
		})
	}
	_, err := parsePrefixes(strings.Repeat("p", 498), "")
	require.NoError(t, err, "512 characters")
}

func TestTimestampsAreThoseOfJava(t *testing.T) {
	seoul, err := time.LoadLocation("Asia/Seoul")
	require.NoError(t, err)
	morning := time.Date(2026, 1, 4, 0, 5, 9, 87_000_000, time.UTC)  // a Sunday
	evening := time.Date(2026, 12, 31, 23, 59, 59, 0, time.UTC)      // a Thursday
	abroad := time.Date(2026, 3, 4, 20, 0, 0, 0, time.UTC).In(seoul) // the next day there
	kolkata, err := time.LoadLocation("Asia/Kolkata")
	require.NoError(t, err)
	halfHour := morning.In(kolkata)
	for _, c := range []struct {
		pattern string
		at      time.Time
		want    string
	}{
		// The values are those of java.time.format.DateTimeFormatter in the locale en_US, by its documentation.
		{"yyyy-MM-dd HH:mm:ss", morning, "2026-01-04 00:05:09"},
		{"y/M/d H:m:s", morning, "2026/1/4 0:5:9"},
		{"yy MMM MMMM E EEE EEEE", morning, "26 Jan January Sun Sun Sunday"},
		{"uuuu D DD DDD Q", morning, "2026 4 04 004 1"},
		{"h hh K kk a", morning, "12 12 0 24 AM"},
		{"h K k a", evening, "11 11 23 PM"},
		{"S SSS nnnnnnnnn", morning, "0 087 087000000"},
		{"yyyy YYYY w ww e", evening, "2026 2027 1 01 5"},
		{"yyyy YYYY w ww e", morning, "2026 2026 2 02 1"},
		{"X XX XXX x xx Z", morning, "Z Z Z +00 +0000 +0000"},
		{"yyyy/MM/dd/HH XXX xx", abroad, "2026/03/05/05 +09:00 +0900"},
		{"X XX XXX x xx Z", halfHour, "+0530 +0530 +05:30 +0530 +0530 +0530"},
		{"X x", abroad, "+09 +09"},
		{"'it''s' ''HH''", morning, "it's '00'"},
		{"''''", morning, "'"},
		{"'''HH'", morning, "'HH"},
		{"yyyy'年'", morning, "2026年"},
	} {
		format, err := parseTimestampFormat(c.pattern)
		require.NoError(t, err, c.pattern)
		assert.Equal(t, c.want, string(format.append(nil, c.at)), c.pattern)
	}
}

func TestTheTimeZoneChangesThePrefixButNotTheName(t *testing.T) {
	w := open(t, nil)
	c := config()
	c.CustomTimeZone = "Asia/Seoul"
	c.Prefix, c.ErrorOutputPrefix = "raw/!{timestamp:yyyy-MM-dd-HH}/", "failed/!{firehose:error-output-type}/"
	w.create(c)
	w.put("one\n")
	require.NoError(t, w.Flush(t.Context()))
	assert.Regexp(t, `^raw/2026-03-04-21/archive-1-2026-03-04-12-00-00-`, w.awaitDelivered().Key)
	elsewhere := noon.In(time.FixedZone("", 9*3600))
	assert.Equal(t, "n-3-2026-03-04-12-00-00-00000000-0000-4000-8000-000000000000.gz", objectName("n", 3, elsewhere, ".gz", zeroReader{}))
}

// The words that most sentences have.
const pre = "ValidationException: 1 validation error detected: "
const at = "' at 'extendedS3DestinationConfiguration."

// refusedConfigurations are refused before any other service is asked.
var refusedConfigurations = []struct {
	name   string
	change func(c *DeliveryStreamConfig)
	want   string
}{
	{"a name with a blank", func(c *DeliveryStreamConfig) { c.Name = "a b" }, pre + "Value 'a b' at 'deliveryStreamName' " +
		"failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"},
	{"a name of 65 characters", func(c *DeliveryStreamConfig) { c.Name = strings.Repeat("n", 65) }, pre + "Value '" + strings.Repeat("n", 65) +
		"' at 'deliveryStreamName' failed to satisfy constraint: Member must have length less than or equal to 64"},
	{"a role that is no ARN", func(c *DeliveryStreamConfig) { c.RoleARN = "role" }, pre + "Value 'role" + at + "roleARN' " +
		`failed to satisfy constraint: Member must satisfy regular expression pattern: arn:.*:iam::\d{12}:role/[a-zA-Z_0-9+=,.@\-_/]+`},
	{"a bucket that is no ARN", func(c *DeliveryStreamConfig) { c.BucketARN = "archive" }, pre + "Value 'archive" + at + "bucketARN' " +
		`failed to satisfy constraint: Member must satisfy regular expression pattern: arn:.*:s3:::[\w\.\-]{1,255}`},
	{"0 MiB", func(c *DeliveryStreamConfig) { c.BufferSizeMiB, c.BufferIntervalSeconds = ptr(0), ptr(60) }, pre + "Value '0" + at +
		"bufferingHints.sizeInMBs' failed to satisfy constraint: Member must have value greater than or equal to 1"},
	{"129 MiB", func(c *DeliveryStreamConfig) { c.BufferSizeMiB, c.BufferIntervalSeconds = ptr(129), ptr(60) }, pre + "Value '129" + at +
		"bufferingHints.sizeInMBs' failed to satisfy constraint: Member must have value less than or equal to 128"},
	{"901 s", func(c *DeliveryStreamConfig) { c.BufferSizeMiB, c.BufferIntervalSeconds = ptr(5), ptr(901) }, pre + "Value '901" + at +
		"bufferingHints.intervalInSeconds' failed to satisfy constraint: Member must have value less than or equal to 900"},
	{"-1 s", func(c *DeliveryStreamConfig) { c.BufferSizeMiB, c.BufferIntervalSeconds = ptr(5), ptr(-1) }, pre + "Value '-1" + at +
		"bufferingHints.intervalInSeconds' failed to satisfy constraint: Member must have value greater than or equal to 0"},
	{"half of the hints", func(c *DeliveryStreamConfig) { c.BufferSizeMiB = ptr(5) },
		"InvalidArgumentException: BufferingHints must have both SizeInMBs and IntervalInSeconds, or neither of them."},
	{"an unknown compression", func(c *DeliveryStreamConfig) { c.CompressionFormat = "gzip" }, pre + "Value 'gzip" + at +
		"compressionFormat' failed to satisfy constraint: Member must satisfy enum value set: [ZIP, Snappy, HADOOP_SNAPPY, UNCOMPRESSED, GZIP]"},
	{"a compression that is not offered", func(c *DeliveryStreamConfig) { c.CompressionFormat = "ZIP" },
		"InvalidArgumentException: The compression format ZIP is not offered by the local target."},
	{"an extension without dot", func(c *DeliveryStreamConfig) { c.FileExtension = "json" }, pre + "Value 'json" + at +
		`fileExtension' failed to satisfy constraint: Member must satisfy regular expression pattern: ^$|\.[0-9a-z!\-_.*'()]+`},
	{"an unknown time zone", func(c *DeliveryStreamConfig) { c.CustomTimeZone = "Mars/Base" },
		"InvalidArgumentException: CustomTimeZone Mars/Base is not an IANA time zone"},
	{"this machine's time zone", func(c *DeliveryStreamConfig) { c.CustomTimeZone = "Local" },
		"InvalidArgumentException: CustomTimeZone Local is not an IANA time zone"},
	{"a processor that is not offered", func(c *DeliveryStreamConfig) {
		c.Processing = Processing{Enabled: true, Processors: []Processor{{Type: "Lambda"}}}
	},
		"InvalidArgumentException: The processor Lambda is not offered by the local target."},
	{"a processor that there is not", func(c *DeliveryStreamConfig) {
		c.Processing = Processing{Enabled: true, Processors: []Processor{{Type: "Upper"}}}
	}, pre + "Value 'Upper" + at +
		"processingConfiguration.processors.type' failed to satisfy constraint: Member must satisfy enum value set: " +
		"[RecordDeAggregation, Decompression, CloudWatchLogProcessing, Lambda, MetadataExtraction, AppendDelimiterToRecord]"},
	{"a parameter that is not offered", func(c *DeliveryStreamConfig) {
		c.Processing = Processing{Enabled: true, Processors: []Processor{{Type: "AppendDelimiterToRecord", Parameters: []ProcessorParameter{{"RoleArn", "x"}}}}}
	}, "InvalidArgumentException: The parameter RoleArn of the processor AppendDelimiterToRecord is not offered by the local target."},
	{"logging to nowhere", func(c *DeliveryStreamConfig) { c.Logging = Logging{Enabled: true} },
		"InvalidArgumentException: CloudWatchLoggingOptions must have LogGroupName and LogStreamName when it is enabled."},
	{"a prefix without error prefix", func(c *DeliveryStreamConfig) { c.Prefix = "!{timestamp:yyyy}/" },
		"InvalidArgumentException: ErrorOutputPrefix can't be null when Prefix contains expressions"},
}

func TestConfigurationsAreRefusedAtCreation(t *testing.T) {
	for _, c := range refusedConfigurations {
		t.Run(c.name, func(t *testing.T) {
			cfg := config()
			c.change(&cfg)
			_, err := settingsOf(cfg)
			require.EqualError(t, err, c.want)
		})
	}
	for _, hints := range [][2]int{{1, 0}, {128, 900}} {
		cfg := config()
		cfg.BufferSizeMiB, cfg.BufferIntervalSeconds = ptr(hints[0]), ptr(hints[1])
		_, err := settingsOf(cfg)
		require.NoError(t, err)
	}
}
