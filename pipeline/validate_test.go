package pipeline_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	prefixMustBe = "must be a folder, ending and not beginning with / (Firehose puts what follows right behind it); for example raw/"
	daysMustBe   = "must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653 days (CloudWatch Logs); 7 is enough for practice"
)

func TestAWrongSettingIsRefusedWithItsReason(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name  string
		given map[string]string
		want  []string // nothing: accepted
	}{
		{"a retention of 23 hours", m("stream.retentionHours", "23"), l("stream.retentionHours = 23: must be 24–8760 hours (Kinesis); 24 is the cheapest")},
		{"a retention of 24 hours", m("stream.retentionHours", "24"), nil},
		{"a retention of 8760 hours", m("stream.retentionHours", "8760"), nil},
		{"a retention of 8761 hours", m("stream.retentionHours", "8761"), l("stream.retentionHours = 8761: must be 24–8760 hours (Kinesis); 24 is the cheapest")},
		{"a word for a number", m("stream.retentionHours", "24h"), l(`stream.retentionHours = "24h": must be a whole number, in plain decimal digits; see Pulumi.dev.yaml`)},
		{"a number that looks octal", m("stream.retentionHours", "0100"), l(`stream.retentionHours = "0100": must be a whole number, in plain decimal digits; see Pulumi.dev.yaml`)},
		{"a decimal for a whole number", m("stream.retentionHours", "24.0"), l(`stream.retentionHours = 24.0: must be a whole number, in plain decimal digits; see Pulumi.dev.yaml`)},
		{"a setting of a group that is not set", m("stream.retentionHours", ""), nil},
		{"a word for a boolean", m("protectData", "yes"), l(`protectData = "yes": must be true or false; see Pulumi.dev.yaml`)},

		{"a stream name with a space", m("streamName", "class stream"), l(
			"streamName = class stream: must be 1–57 of a–z, A–Z, 0–9, _ . - (Kinesis, and Firehose's limit of 64 for the name followed by -to-s3); choose another name, or leave the line out and one is made")},
		{"a stream name of 57 characters", m("streamName", strings.Repeat("s", 57)), nil},
		{"a stream name of 58 characters", m("streamName", strings.Repeat("s", 58)), l(
			"streamName = " + strings.Repeat("s", 58) + ": must be 1–57 of a–z, A–Z, 0–9, _ . - (Kinesis, and Firehose's limit of 64 for the name followed by -to-s3); choose another name, or leave the line out and one is made")},
		{"a bucket name in capitals", m("bucketName", "Events"), l(
			"bucketName = Events: must be 3–63 of a–z, 0–9, . - (S3); choose another name, or leave the line out and one is made")},
		{"a bucket name of 2 characters", m("bucketName", "ab"), l(
			"bucketName = ab: must be 3–63 of a–z, 0–9, . - (S3); choose another name, or leave the line out and one is made")},
		{"a bucket name of 3 characters", m("bucketName", "abc"), nil},

		{"an existing stream and bucket", m("streamName", "", "streamArn", "arn:aws:kinesis:eu-west-1:111122223333:stream/s", "bucketArn", "arn:aws-cn:s3:::b-1",
			"alarmTopicArn", "arn:aws:sns:eu-west-1:111122223333:t"), nil},
		{"an existing stream with a name", m("streamArn", "arn:aws:kinesis:eu-west-1:111122223333:stream/s"), l(
			"streamName = class-stream: must not be set with streamArn (the stream has its name); remove one of the two")},
		{"an existing bucket with a name and rules", m("bucketArn", "arn:aws:s3:::b-1", "bucketName", "b-1", "lifecycle.archiveAfterDays", "7", "lifecycle.expireAfterDays", "99"), l(
			"bucketName = b-1: must not be set with bucketArn (the bucket has its name); remove one of the two",
			"lifecycle.archiveAfterDays = 7: must be 0 with bucketArn (the rules of an existing bucket are left as they are); set the rule there",
			"lifecycle.expireAfterDays = 99: must be 0 with bucketArn (the rules of an existing bucket are left as they are); set the rule there")},
		{"names for ARNs", m("streamName", "", "streamArn", "s", "bucketArn", "b-1", "alarmTopicArn", "arn:aws:sns:eu-west-1:111122223333:t.fifo"), l(
			"streamArn = s: must be the ARN of a Kinesis stream with a name of at most 57 characters (Firehose's limit of 64 for the name followed by -to-s3); for example arn:aws:kinesis:eu-west-1:111122223333:stream/events",
			"bucketArn = b-1: must be the ARN of an S3 bucket; for example arn:aws:s3:::events",
			"alarmTopicArn = arn:aws:sns:eu-west-1:111122223333:t.fifo: must be the ARN of a standard SNS topic; for example arn:aws:sns:eu-west-1:111122223333:alarms")},
		{"tags", m("tags", `{"Team":"shop & co","k":""}`), l(
			"tags.Team = shop & co: must be at most 256 letters, digits, spaces and _ . : / = + - @ (IAM); choose another value")},
		{"tags with characters of every kind", m("tags", `{"Kosten/Stelle_1.a:b=c+d-e@f g":"é 한"}`), nil},
		{"tags that AWS refuses", m("tags", `{"":"v","AWS:x":"v","team":"a","Team":"b","`+strings.Repeat("k", 129)+`":"v"}`), l(
			"tags. = : must be a key of 1–128 letters, digits, spaces and _ . : / = + - @ (IAM); choose another one",
			"tags.AWS:x = v: must not begin with aws: (AWS reserves it); choose another key",
			"tags."+strings.Repeat("k", 129)+" = "+strings.Repeat("k", 129)+": must be a key of 1–128 letters, digits, spaces and _ . : / = + - @ (IAM); choose another one",
			"tags.team = a: must differ from tags.Team in more than case (IAM ignores it); choose another key")},
		{"51 tags", m("tags", manyTags(51)), l("tags = 51: must be at most 50 (AWS); remove some")},
		{"50 tags", m("tags", manyTags(50)), nil},
		{"a number for a tag", m("tags", `{"team":1}`), l("tags.team = 1: must be one text; see Pulumi.dev.yaml")},
		{"a text for tags", m("tags", "team"), l(`tags = "team": must be keys and values, such as {key: value}; see Pulumi.dev.yaml`)},

		{"a mode in small letters", m("stream.mode", "on_demand"), l(
			"stream.mode = on_demand: must be PROVISIONED or ON_DEMAND; ON_DEMAND needs no shard count, PROVISIONED with one shard is the cheapest")},
		{"no shard", m("stream.shardCount", "0"), l(
			"stream.shardCount = 0: must be 1–500 shards with stream.mode = PROVISIONED (Kinesis; the quota is 200 in most regions); one shard accepts 1 MB/s or 1,000 events/s")},
		{"500 shards", m("stream.shardCount", "500"), nil},
		{"501 shards", m("stream.shardCount", "501"), l(
			"stream.shardCount = 501: must be 1–500 shards with stream.mode = PROVISIONED (Kinesis; the quota is 200 in most regions); one shard accepts 1 MB/s or 1,000 events/s")},
		{"shards of an on-demand stream", m("stream.mode", "ON_DEMAND"), l(
			"stream.shardCount = 1: must be 0 with stream.mode = ON_DEMAND (Kinesis chooses the shards); leave the line out")},

		{"a prefix without its slash", m("delivery.prefix", "raw"), l("delivery.prefix = raw: " + prefixMustBe)},
		{"a prefix from the root", m("delivery.prefix", "/raw/"), l("delivery.prefix = /raw/: " + prefixMustBe)},
		{"a prefix with an empty folder", m("delivery.prefix", "raw//x/"), l("delivery.prefix = raw//x/: " + prefixMustBe)},
		{"a prefix with a date", m("queryTable", "false", "delivery.prefix", "raw/year=!{timestamp:yyyy}/"), nil},
		{"a prefix that begins with a date", m("queryTable", "false", "delivery.prefix", "!{timestamp:yyyy}/"), l(
			"delivery.prefix = !{timestamp:yyyy}/: must begin with a fixed folder (the role may write nowhere else); for example raw/ before the expression")},
		{"a prefix that begins with a date, and a query table", m("delivery.prefix", "!{timestamp:yyyy}/"), l(
			"delivery.prefix = !{timestamp:yyyy}/: must begin with a fixed folder (the role may write nowhere else); for example raw/ before the expression",
			"queryTable = true: must be false with delivery.prefix = !{timestamp:yyyy}/ (the table reads the folders YYYY/MM/DD/HH/ that Firehose adds); set one of the two")},
		{"the folder of query results, and no query table", m("queryTable", "false", "delivery.prefix", "query-results/"), nil},
		{"a prefix with an expression of the error prefix", m("queryTable", "false", "delivery.prefix", "raw/!{firehose:error-output-type}/"), l(
			"delivery.prefix = raw/!{firehose:error-output-type}/: must not contain !{firehose:error-output-type} (Firehose knows !{timestamp:…}, !{firehose:random-string}… here); remove it")},
		{"an expression that is not closed", m("queryTable", "false", "delivery.prefix", "raw/!{timestamp:yyyy/"), l(
			"delivery.prefix = raw/!{timestamp:yyyy/: must not contain !{timestamp:yyyy/ (Firehose knows !{timestamp:…}, !{firehose:random-string}… here); remove it")},
		{"an expression, and errors in one folder", m("queryTable", "false", "delivery.prefix", "raw/!{timestamp:yyyy}/", "delivery.errorPrefix", "errors/"), l(
			"delivery.errorPrefix = errors/: must contain !{firehose:error-output-type} when prefix has an expression (Firehose); for example errors/!{firehose:error-output-type}/")},
		{"errors in the folder of the events", m("delivery.errorPrefix", "raw/errors/"), l(
			"delivery.errorPrefix = raw/errors/: must not share its folder with delivery.prefix = raw/ (a reader of one would find the other); for example errors/")},
		{"a buffer of 0 MiB", m("delivery.bufferSizeMiB", "0"), l("delivery.bufferSizeMiB = 0: must be 1–128 MiB (Firehose); 5 is its own default")},
		{"a buffer of 1 MiB", m("delivery.bufferSizeMiB", "1"), nil},
		{"a buffer of 128 MiB", m("delivery.bufferSizeMiB", "128"), nil},
		{"a buffer of 129 MiB", m("delivery.bufferSizeMiB", "129"), l("delivery.bufferSizeMiB = 129: must be 1–128 MiB (Firehose); 5 is its own default")},
		{"no buffering", m("delivery.bufferIntervalSeconds", "0"), nil},
		{"buffering for 900 seconds", m("delivery.bufferIntervalSeconds", "900"), nil},
		{"buffering for 901 seconds", m("delivery.bufferIntervalSeconds", "901"), l(
			"delivery.bufferIntervalSeconds = 901: must be 0–900 seconds (Firehose); 300 is its own default, 60 shows events sooner")},
		{"a negative interval", m("delivery.bufferIntervalSeconds", "-1"), l(
			"delivery.bufferIntervalSeconds = -1: must be 0–900 seconds (Firehose); 300 is its own default, 60 shows events sooner")},
		{"an unknown compression", m("delivery.compression", "ZIP"), l(
			"delivery.compression = ZIP: must be GZIP or UNCOMPRESSED; GZIP is cheaper to store, UNCOMPRESSED easier to read")},

		{"a throttle of nothing", m("throttle.requestsPerSecond", "0", "throttle.burst", "0"), l(
			"throttle.requestsPerSecond = 0: must be 1–10000 requests/s (API Gateway's quota for account and region); ask AWS for a higher quota first",
			"throttle.burst = 0: must be 1–5000 requests (API Gateway's quota for account and region); ask AWS for a higher quota first")},
		{"an unknown access", m("access", "COGNITO"), l(
			"access = COGNITO: must be NONE, API_KEY or AWS_IAM; AWS_IAM requires signed requests, API_KEY a key, NONE nothing")},
		{"access by key, and no key", m("access", "API_KEY", "apiKeys", "[]"), l(
			"apiKeys = []: must have at least one key with access = API_KEY; for example {name: default, requestsPerDay: 1000000}")},
		{"two keys", m("apiKeys", `[{"name":"a","requestsPerDay":1,"requestsPerSecond":1,"burst":200},{"name":"b-2","requestsPerDay":1000000000}]`), nil},
		{"two keys of one name", m("apiKeys", `[{"name":"a","requestsPerDay":1},{"name":"a","requestsPerDay":1}]`), l(
			"apiKeys[1].name = a: must be unique; choose another name")},
		{"a key without a name and a quota", m("apiKeys", `[{}]`), l(
			"apiKeys[0].name = : must be 1–30 of a–z, 0–9 and - (it is part of the names of resources); choose another name",
			"apiKeys[0].requestsPerDay = 0: must be 1–1000000000 requests; it bounds what a lost key can cost")},
		{"a key above the throttle", m("apiKeys", `[{"name":"a","requestsPerDay":1000000001,"requestsPerSecond":2,"burst":201}]`), l(
			"apiKeys[0].requestsPerDay = 1000000001: must be 1–1000000000 requests; it bounds what a lost key can cost",
			"apiKeys[0].requestsPerSecond = 2: must be 0–1 requests/s (throttle.requestsPerSecond allows no more); 0 is as many as that",
			"apiKeys[0].burst = 201: must be 0–200 requests (throttle.burst allows no more); 0 is as many as that")},
		{"a key's setting of another name and type", m("apiKeys", `[{"name":"a","requestsPerDay":"many","burts":1}]`), l(
			`apiKeys[0].requestsPerDay = "many": must be a whole number, in plain decimal digits; see Pulumi.dev.yaml`,
			"apiKeys[0].burts: there is no such setting; apiKeys[0] has name, requestsPerDay, requestsPerSecond, burst; see Pulumi.dev.yaml")},
		{"a group that is none", m("throttle", "5"), l(
			"throttle = 5: must be a group of settings, such as {requestsPerSecond: …}; see Pulumi.dev.yaml")},
		{"a setting that its group does not have", m("throttle.rate", "5"), l(
			"throttle.rate: there is no such setting; throttle has requestsPerSecond, burst; see Pulumi.dev.yaml")},
		{"a setting of a group without a value", m("throttle", `{"burst":null}`), l(
			"throttle.burst = null: must be a whole number, in plain decimal digits; see Pulumi.dev.yaml")},
		{"texts for numbers and booleans in a group", m("throttle", `{"burst":"7"}`, "alarms", `{"enabled":"true"}`), nil},
		{"a network with a host's bits", m("allowedSourceCidrs", `["203.0.113.7/24"]`), l(
			"allowedSourceCidrs = 203.0.113.7/24: must be a network in CIDR form with no bit set after its length (API Gateway); for example 203.0.113.0/24")},
		{"an address instead of a network", m("allowedSourceCidrs", `["203.0.113.7"]`), l(
			"allowedSourceCidrs = 203.0.113.7: must be a network in CIDR form with no bit set after its length (API Gateway); for example 203.0.113.0/24")},
		{"an address as a network, and one of IPv6", m("allowedSourceCidrs", `["203.0.113.7/32","2001:db8::/32"]`), nil},
		{"a level that does not exist", m("logs.level", "DEBUG"), l(
			"logs.level = DEBUG: must be OFF, ERROR or INFO; INFO shows every step and costs most, OFF costs nothing")},
		{"a log period that does not exist", m("logs.retentionDays", "2"), l("logs.retentionDays = 2: " + daysMustBe)},
		{"an unknown value for the logging role", m("logs.role", "mine"), l(
			"logs.role = mine: must be managed or existing; managed sets a role if the region has none, existing changes nothing")},

		{"an unknown partition key", m("stream.partitionKey", "IP"), l(
			"stream.partitionKey = IP: must be TRACE_ID, REQUEST_ID or EVENT_FIELD; REQUEST_ID cannot be chosen by a client, EVENT_FIELD keeps an entity's events in order")},
		{"a field, and no field's name", m("stream.partitionKey", "EVENT_FIELD"), l(
			"stream.partitionKeyField = : must be the path of a field, such as customer.id, with stream.partitionKey = EVENT_FIELD (the template follows plain names); name the field whose events must stay in order")},
		{"a field's name that is an expression", m("stream.partitionKey", "EVENT_FIELD", "stream.partitionKeyField", "$..id"), l(
			"stream.partitionKeyField = $..id: must be the path of a field, such as customer.id, with stream.partitionKey = EVENT_FIELD (the template follows plain names); name the field whose events must stay in order")},
		{"a field's name without a use", m("stream.partitionKeyField", "customer"), l(
			"stream.partitionKeyField = customer: must not be set with stream.partitionKey = TRACE_ID (it would have no effect); set stream.partitionKey = EVENT_FIELD, or leave the line out")},
		{"an origin with a path", m("corsAllowedOrigins", `["https://a.example/"]`), l(
			"corsAllowedOrigins = https://a.example/: must be an origin as browsers send it (scheme, host and port, in small letters, no slash at the end); for example https://www.example.com")},
		{"every origin and one more", m("corsAllowedOrigins", `["*","https://a.example"]`), l(
			"corsAllowedOrigins = [* https://a.example]: must be * alone or a list of origins (* already allows every page); remove one or the other")},
		{"origins that are no list", m("corsAllowedOrigins", "https://a.example"), l(
			`corsAllowedOrigins = "https://a.example": must be a list, such as [one, two]; see Pulumi.dev.yaml`)},
		{"more requests expected than let in", m("throttle.requestsPerSecond", "100", "expectedTraffic.eventsPerSecond", "101"), l(
			"throttle.requestsPerSecond = 100: must be at least 101 requests/s (expectedTraffic.eventsPerSecond = 101 in requests of 1); raise it, or send larger batches")},
		{"as many requests as let in", m("throttle.requestsPerSecond", "100", "expectedTraffic.eventsPerSecond", "100"), nil},
		{"more events expected than the shards take", m("expectedTraffic.eventsPerSecond", "1001", "throttle.requestsPerSecond", "101", "expectedTraffic.eventsPerRequest", "10"), l(
			"stream.shardCount = 1: must be at least 2 shards (expectedTraffic.eventsPerSecond = 1001 of 1024 bytes are 1.0 MiB/s; a shard accepts 1,000 events/s and 1 MiB/s); raise it, or set stream.mode = ON_DEMAND",
			"throttle.requestsPerSecond = 101: must be at most 100 requests/s (stream.shardCount = 1 accepts 1000 events/s, 10 in a request; Kinesis would throttle the rest); lower it, or add shards")},
		{"more bytes expected than the shards take", m("throttle.requestsPerSecond", "100", "expectedTraffic.eventsPerSecond", "50", "expectedTraffic.eventBytes", "50000"), l(
			"stream.shardCount = 1: must be at least 3 shards (expectedTraffic.eventsPerSecond = 50 of 50000 bytes are 2.4 MiB/s; a shard accepts 1,000 events/s and 1 MiB/s); raise it, or set stream.mode = ON_DEMAND")},
		{"more requests let in than the shards take", m("throttle.requestsPerSecond", "1001"), l(
			"throttle.requestsPerSecond = 1001: must be at most 1000 requests/s (stream.shardCount = 1 accepts 1000 events/s, 1 in a request; Kinesis would throttle the rest); lower it, or add shards")},
		{"an event over the limit", m("throttle.requestsPerSecond", "100", "expectedTraffic.eventsPerSecond", "10", "expectedTraffic.eventBytes", "1023999"), l(
			"expectedTraffic.eventBytes = 1023999: must be 1–1023998 bytes (Firehose accepts 1,000 KiB in a record); send larger things to S3 and their place as the event",
			"stream.shardCount = 1: must be at least 10 shards (expectedTraffic.eventsPerSecond = 10 of 1023999 bytes are 9.8 MiB/s; a shard accepts 1,000 events/s and 1 MiB/s); raise it, or set stream.mode = ON_DEMAND")},
		{"a batch of 501", m("expectedTraffic.eventsPerRequest", "501", "throttle.requestsPerSecond", "1"), l(
			"expectedTraffic.eventsPerRequest = 501: must be 1–500 events (PutRecords); 1 is the single route")},
		{"the alias of a key", m("kmsKeyArn", "alias/events"), l(
			"kmsKeyArn = alias/events: must be the ARN of a KMS key, not of an alias (a policy cannot name an alias); for example arn:aws:kms:eu-west-1:111122223333:key/…")},
		{"an archive for less than it is charged", m("lifecycle.archiveAfterDays", "30", "lifecycle.expireAfterDays", "119"), l(
			"lifecycle.expireAfterDays = 119: must be at least 120 days with lifecycle.archiveAfterDays = 30 (the archive is charged for 90 days); raise it, or set lifecycle.archiveAfterDays = 0")},
		{"an archive for as long as it is charged", m("lifecycle.archiveAfterDays", "30", "lifecycle.expireAfterDays", "120"), nil},
		{"a table over folders it cannot find", m("queryTable", "true", "delivery.prefix", "raw/!{timestamp:yyyy}/"), l(
			"queryTable = true: must be false with delivery.prefix = raw/!{timestamp:yyyy}/ (the table reads the folders YYYY/MM/DD/HH/ that Firehose adds); set one of the two")},
		{"query results among the events", m("queryTable", "true", "delivery.prefix", "query-results/"), l(
			"delivery.prefix = query-results/: must not hold query-results/ with queryTable = true (query results are not events); for example raw/")},
		{"alarms without what they count", m("alarms.enabled", "true", "logs.accessLog", "false"), l(
			"alarms.enabled = true: must be false with logs.accessLog = false (429 answers are counted from the access log); set one of the two")},
		{"an address that is none", m("alarms.email", "ops"), l("alarms.email = ops: must be an e-mail address; leave the line out to send no e-mail")},
		{"an alarm after the loss", m("alarms.iteratorAgeSeconds", "86401"), l(
			"alarms.iteratorAgeSeconds = 86401: must be 60–86400 seconds (after stream.retentionHours, events are lost); 600 leaves time to act")},
		{"an alarm at the last moment", m("alarms.iteratorAgeSeconds", "86400"), nil},
		{"more than every request", m("alarms.errorPercent", "101"), l("alarms.errorPercent = 101: must be 0–100 percent; 0 alarms at the first one")},
		{"a share below nothing", m("alarms.throttledPercent", "-1"), l(
			"alarms.throttledPercent = -1: must be 0–100 percent; 0 alarms at the first one")},
		{"slower than API Gateway waits", m("alarms.latencyMilliseconds", "29001"), l(
			"alarms.latencyMilliseconds = 29001: must be 1–29000 milliseconds (API Gateway waits no longer); 1000 is far above the usual")},
		{"a source that may not send", m("eventGenerator", "true", "access", "AWS_IAM"), l(
			"eventGenerator = true: must be false with access = AWS_IAM (its curl has neither key nor credentials); set access = NONE for practice")},
		{"several mistakes at once", m("stream.retentionHours", "x", "delivery.bufferSizeMiB", "500", "stream.mode", "BOTH"), l(
			`stream.retentionHours = "x": must be a whole number, in plain decimal digits; see Pulumi.dev.yaml`,
			"stream.mode = BOTH: must be PROVISIONED or ON_DEMAND; ON_DEMAND needs no shard count, PROVISIONED with one shard is the cheapest",
			"delivery.bufferSizeMiB = 500: must be 1–128 MiB (Firehose); 5 is its own default")},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var options []runOption
			for key, value := range row.given {
				options = append(options, with(key, value))
			}
			r, err := tryRun(t, "dev", options...)
			if row.want == nil {
				require.NoError(t, err)
				return
			}
			require.Error(t, err)
			assert.Empty(t, r.registrations, "something was created")
			_, problems, found := strings.Cut(err.Error(), "the settings of stack dev cannot be used; nothing was created:\n")
			require.True(t, found, err.Error())
			assert.Equal(t, row.want, strings.Split(strings.TrimSpace(problems), "\n"))
		})
	}
}

func m(pairs ...string) map[string]string {
	settings := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		settings[pairs[i]] = pairs[i+1]
	}
	return settings
}

func l(problems ...string) []string { return problems }

func manyTags(n int) string {
	tags := make([]string, n)
	for i := range tags {
		tags[i] = fmt.Sprintf("%q:\"v\"", fmt.Sprint(i))
	}
	return "{" + strings.Join(tags, ",") + "}"
}
