package pipeline_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/pipeline"
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
		{"a retention of 23 hours", m("retentionHours", "23"), l("retentionHours = 23: must be 24–8760 hours (Kinesis); 24 is the cheapest")},
		{"a retention of 24 hours", m("retentionHours", "24"), nil},
		{"a retention of 8760 hours", m("retentionHours", "8760"), nil},
		{"a retention of 8761 hours", m("retentionHours", "8761"), l("retentionHours = 8761: must be 24–8760 hours (Kinesis); 24 is the cheapest")},
		{"a word for a number", m("retentionHours", "24h"), l(`retentionHours = "24h": must be a whole number, in plain decimal digits; see Pulumi.dev.yaml`)},
		{"a number that looks octal", m("retentionHours", "0100"), l(`retentionHours = "0100": must be a whole number, in plain decimal digits; see Pulumi.dev.yaml`)},
		{"a decimal for a whole number", m("retentionHours", "24.0"), l(`retentionHours = "24.0": must be a whole number, in plain decimal digits; see Pulumi.dev.yaml`)},
		{"a setting without its default", m("retentionHours", ""), l("retentionHours is not set: its default in Pulumi.yaml is gone; set it in Pulumi.dev.yaml")},
		{"a word for a boolean", m("protectData", "yes"), l(`protectData = "yes": must be true or false; see Pulumi.dev.yaml`)},

		{"a stream name with a space", m("streamName", "class stream"), l(
			"streamName = class stream: must be 1–128 of a–z, A–Z, 0–9, _ . - (Kinesis); choose another name, or leave the line out and one is made",
			"deliveryStreamName = class stream-to-s3: must be 1–64 of a–z, A–Z, 0–9, _ . - (Firehose); set deliveryStreamName, or a shorter streamName")},
		{"a stream name of 128 characters", m("streamName", strings.Repeat("s", 128), "deliveryStreamName", "d"), nil},
		{"a stream name of 129 characters", m("streamName", strings.Repeat("s", 129), "deliveryStreamName", "d"), l(
			"streamName = " + strings.Repeat("s", 129) + ": must be 1–128 of a–z, A–Z, 0–9, _ . - (Kinesis); choose another name, or leave the line out and one is made")},
		{"a delivery stream name of 64 characters", m("deliveryStreamName", strings.Repeat("d", 64)), nil},
		{"a delivery stream name of 65 characters", m("deliveryStreamName", strings.Repeat("d", 65)), l(
			"deliveryStreamName = " + strings.Repeat("d", 65) + ": must be 1–64 of a–z, A–Z, 0–9, _ . - (Firehose); set deliveryStreamName, or a shorter streamName")},
		{"a bucket name in capitals", m("bucketName", "Events"), l(
			"bucketName = Events: must be 3–63 of a–z, 0–9, . - (S3); choose another name, or leave the line out and one is made")},
		{"a bucket name of 2 characters", m("bucketName", "ab"), l(
			"bucketName = ab: must be 3–63 of a–z, 0–9, . - (S3); choose another name, or leave the line out and one is made")},
		{"a bucket name of 3 characters", m("bucketName", "abc"), nil},
		{"a stage name with a slash", m("stageName", "a/b"), l("stageName = a/b: must be 1–128 of a–z, A–Z, 0–9, _ - (API Gateway); for example PROD")},

		{"a mode in small letters", m("streamMode", "on_demand"), l(
			"streamMode = on_demand: must be PROVISIONED or ON_DEMAND; ON_DEMAND needs no shard count, PROVISIONED with one shard is the cheapest")},
		{"no shard", m("shardCount", "0"), l(
			"shardCount = 0: must be 1–500 shards with streamMode = PROVISIONED (Kinesis; the quota is 200 in most regions); one shard accepts 1 MB/s or 1,000 events/s")},
		{"500 shards", m("shardCount", "500"), nil},
		{"501 shards", m("shardCount", "501"), l(
			"shardCount = 501: must be 1–500 shards with streamMode = PROVISIONED (Kinesis; the quota is 200 in most regions); one shard accepts 1 MB/s or 1,000 events/s")},
		{"shards of an on-demand stream", m("streamMode", "ON_DEMAND"), l(
			"shardCount = 1: must be 0 with streamMode = ON_DEMAND (Kinesis chooses the shards); leave the line out")},

		{"a prefix without its slash", m("prefix", "raw"), l("prefix = raw: " + prefixMustBe)},
		{"a prefix from the root", m("prefix", "/raw/"), l("prefix = /raw/: " + prefixMustBe)},
		{"a prefix with an empty folder", m("prefix", "raw//x/"), l("prefix = raw//x/: " + prefixMustBe)},
		{"a prefix with a date", m("queryTable", "false", "prefix", "raw/year=!{timestamp:yyyy}/"), nil},
		{"a prefix that begins with a date", m("queryTable", "false", "prefix", "!{timestamp:yyyy}/"), l(
			"prefix = !{timestamp:yyyy}/: must begin with a fixed folder (the role may write nowhere else); for example raw/ before the expression")},
		{"a prefix that begins with a date, and a query table", m("prefix", "!{timestamp:yyyy}/"), l(
			"prefix = !{timestamp:yyyy}/: must begin with a fixed folder (the role may write nowhere else); for example raw/ before the expression",
			"queryTable = true: must be false with prefix = !{timestamp:yyyy}/ (the table reads the folders YYYY/MM/DD/HH/ that Firehose adds); set one of the two")},
		{"the folder of query results, and no query table", m("queryTable", "false", "prefix", "query-results/"), nil},
		{"a prefix with an expression of the error prefix", m("queryTable", "false", "prefix", "raw/!{firehose:error-output-type}/"), l(
			"prefix = raw/!{firehose:error-output-type}/: must not contain !{firehose:error-output-type} (Firehose knows !{timestamp:…}, !{firehose:random-string}… here); remove it")},
		{"an expression that is not closed", m("queryTable", "false", "prefix", "raw/!{timestamp:yyyy/"), l(
			"prefix = raw/!{timestamp:yyyy/: must not contain !{timestamp:yyyy/ (Firehose knows !{timestamp:…}, !{firehose:random-string}… here); remove it")},
		{"an expression, and errors in one folder", m("queryTable", "false", "prefix", "raw/!{timestamp:yyyy}/", "errorPrefix", "errors/"), l(
			"errorPrefix = errors/: must contain !{firehose:error-output-type} when prefix has an expression (Firehose); for example errors/!{firehose:error-output-type}/")},
		{"errors in the folder of the events", m("errorPrefix", "raw/errors/"), l(
			"errorPrefix = raw/errors/: must not share its folder with prefix = raw/ (a reader of one would find the other); for example errors/")},
		{"a buffer of 0 MiB", m("bufferSizeMiB", "0"), l("bufferSizeMiB = 0: must be 1–128 MiB (Firehose); 5 is its own default")},
		{"a buffer of 1 MiB", m("bufferSizeMiB", "1"), nil},
		{"a buffer of 128 MiB", m("bufferSizeMiB", "128"), nil},
		{"a buffer of 129 MiB", m("bufferSizeMiB", "129"), l("bufferSizeMiB = 129: must be 1–128 MiB (Firehose); 5 is its own default")},
		{"no buffering", m("bufferIntervalSeconds", "0"), nil},
		{"buffering for 900 seconds", m("bufferIntervalSeconds", "900"), nil},
		{"buffering for 901 seconds", m("bufferIntervalSeconds", "901"), l(
			"bufferIntervalSeconds = 901: must be 0–900 seconds (Firehose); 300 is its own default, 60 shows events sooner")},
		{"a negative interval", m("bufferIntervalSeconds", "-1"), l(
			"bufferIntervalSeconds = -1: must be 0–900 seconds (Firehose); 300 is its own default, 60 shows events sooner")},
		{"an unknown compression", m("compression", "ZIP"), l(
			"compression = ZIP: must be GZIP or UNCOMPRESSED; GZIP is cheaper to store, UNCOMPRESSED easier to read")},

		{"a throttle of nothing", m("throttleRequestsPerSecond", "0", "throttleBurst", "0"), l(
			"throttleRequestsPerSecond = 0: must be 1–10000 requests/s (API Gateway's quota for account and region); ask AWS for a higher quota first",
			"throttleBurst = 0: must be 1–5000 requests (API Gateway's quota for account and region); ask AWS for a higher quota first")},
		{"an unknown access", m("access", "COGNITO"), l(
			"access = COGNITO: must be NONE, API_KEY or AWS_IAM; AWS_IAM requires signed requests, API_KEY a key, NONE nothing")},
		{"a quota of no requests", m("apiKeyRequestsPerDay", "0"), l(
			"apiKeyRequestsPerDay = 0: must be 1–1000000000 requests; it bounds what a lost key can cost")},
		{"a network with a host's bits", m("allowedSourceCidrs", `["203.0.113.7/24"]`), l(
			"allowedSourceCidrs = 203.0.113.7/24: must be a network in CIDR form with no bit set after its length (API Gateway); for example 203.0.113.0/24")},
		{"an address instead of a network", m("allowedSourceCidrs", `["203.0.113.7"]`), l(
			"allowedSourceCidrs = 203.0.113.7: must be a network in CIDR form with no bit set after its length (API Gateway); for example 203.0.113.0/24")},
		{"an address as a network, and one of IPv6", m("allowedSourceCidrs", `["203.0.113.7/32","2001:db8::/32"]`), nil},
		{"a level that does not exist", m("logLevel", "DEBUG"), l(
			"logLevel = DEBUG: must be OFF, ERROR or INFO; INFO shows every step and costs most, OFF costs nothing")},
		{"a log period that does not exist", m("logRetentionDays", "2"), l("logRetentionDays = 2: " + daysMustBe)},
		{"an unknown value for the logging role", m("apiGatewayLoggingRole", "mine"), l(
			"apiGatewayLoggingRole = mine: must be managed or existing; managed sets a role if the region has none, existing changes nothing")},

		{"an unknown partition key", m("partitionKey", "IP"), l(
			"partitionKey = IP: must be TRACE_ID, REQUEST_ID or EVENT_FIELD; REQUEST_ID cannot be chosen by a client, EVENT_FIELD keeps an entity's events in order")},
		{"a field, and no field's name", m("partitionKey", "EVENT_FIELD"), l(
			"partitionKeyField = : must be the path of a field, such as customer.id, with partitionKey = EVENT_FIELD (the template follows plain names); name the field whose events must stay in order")},
		{"a field's name, and no partition key", m("partitionKey", "", "partitionKeyField", "customer"), l(
			"partitionKey is not set: its default in Pulumi.yaml is gone; set it in Pulumi.dev.yaml")},
		{"a field's name that is an expression", m("partitionKey", "EVENT_FIELD", "partitionKeyField", "$..id"), l(
			"partitionKeyField = $..id: must be the path of a field, such as customer.id, with partitionKey = EVENT_FIELD (the template follows plain names); name the field whose events must stay in order")},
		{"a field's name without a use", m("partitionKeyField", "customer"), l(
			"partitionKeyField = customer: must not be set with partitionKey = TRACE_ID (it would have no effect); set partitionKey = EVENT_FIELD, or leave the line out")},
		{"an origin with a path", m("corsAllowedOrigins", `["https://a.example/"]`), l(
			"corsAllowedOrigins = https://a.example/: must be an origin as browsers send it (scheme, host and port, in small letters, no slash at the end); for example https://www.example.com")},
		{"every origin and one more", m("corsAllowedOrigins", `["*","https://a.example"]`), l(
			"corsAllowedOrigins = [* https://a.example]: must be * alone or a list of origins (* already allows every page); remove one or the other")},
		{"origins that are no list", m("corsAllowedOrigins", "https://a.example"), l(
			"corsAllowedOrigins = https://a.example: must be a list of texts; see Pulumi.dev.yaml")},
		{"more requests expected than let in", m("throttleRequestsPerSecond", "100", "expectedEventsPerSecond", "101"), l(
			"throttleRequestsPerSecond = 100: must be at least 101 requests/s (expectedEventsPerSecond = 101 in requests of 1); raise it, or send larger batches")},
		{"as many requests as let in", m("throttleRequestsPerSecond", "100", "expectedEventsPerSecond", "100"), nil},
		{"more events expected than the shards take", m("expectedEventsPerSecond", "1001", "throttleRequestsPerSecond", "101", "expectedEventsPerRequest", "10"), l(
			"shardCount = 1: must be at least 2 shards (expectedEventsPerSecond = 1001 of 1024 bytes are 1.0 MiB/s; a shard accepts 1,000 events/s and 1 MiB/s); raise it, or set streamMode = ON_DEMAND",
			"throttleRequestsPerSecond = 101: must be at most 100 requests/s (shardCount = 1 accepts 1000 events/s, 10 in a request; Kinesis would throttle the rest); lower it, or add shards")},
		{"more bytes expected than the shards take", m("throttleRequestsPerSecond", "100", "expectedEventsPerSecond", "50", "expectedEventBytes", "50000"), l(
			"shardCount = 1: must be at least 3 shards (expectedEventsPerSecond = 50 of 50000 bytes are 2.4 MiB/s; a shard accepts 1,000 events/s and 1 MiB/s); raise it, or set streamMode = ON_DEMAND")},
		{"more requests let in than the shards take", m("throttleRequestsPerSecond", "1001"), l(
			"throttleRequestsPerSecond = 1001: must be at most 1000 requests/s (shardCount = 1 accepts 1000 events/s, 1 in a request; Kinesis would throttle the rest); lower it, or add shards")},
		{"an event over the limit", m("throttleRequestsPerSecond", "100", "expectedEventsPerSecond", "10", "expectedEventBytes", "1023999"), l(
			"expectedEventBytes = 1023999: must be 1–1023998 bytes (Firehose accepts 1,000 KiB in a record); send larger things to S3 and their place as the event",
			"shardCount = 1: must be at least 10 shards (expectedEventsPerSecond = 10 of 1023999 bytes are 9.8 MiB/s; a shard accepts 1,000 events/s and 1 MiB/s); raise it, or set streamMode = ON_DEMAND")},
		{"a batch of 501", m("expectedEventsPerRequest", "501", "throttleRequestsPerSecond", "1"), l(
			"expectedEventsPerRequest = 501: must be 1–500 events (PutRecords); 1 is the single route")},
		{"the alias of a key", m("kmsKeyArn", "alias/events"), l(
			"kmsKeyArn = alias/events: must be the ARN of a KMS key, not of an alias (a policy cannot name an alias); for example arn:aws:kms:eu-west-1:111122223333:key/…")},
		{"an archive for less than it is charged", m("archiveAfterDays", "30", "expireAfterDays", "119"), l(
			"expireAfterDays = 119: must be at least 120 days with archiveAfterDays = 30 (the archive is charged for 90 days); raise it, or set archiveAfterDays = 0")},
		{"an archive for as long as it is charged", m("archiveAfterDays", "30", "expireAfterDays", "120"), nil},
		{"a table over folders it cannot find", m("queryTable", "true", "prefix", "raw/!{timestamp:yyyy}/"), l(
			"queryTable = true: must be false with prefix = raw/!{timestamp:yyyy}/ (the table reads the folders YYYY/MM/DD/HH/ that Firehose adds); set one of the two")},
		{"query results among the events", m("queryTable", "true", "prefix", "query-results/"), l(
			"prefix = query-results/: must not hold query-results/ with queryTable = true (query results are not events); for example raw/")},
		{"alarms without what they count", m("alarms", "true", "accessLog", "false"), l(
			"alarms = true: must be false with accessLog = false (429 answers are counted from the access log); set one of the two")},
		{"an address that is none", m("alarmEmail", "ops"), l("alarmEmail = ops: must be an e-mail address; leave the line out to send no e-mail")},
		{"an alarm after the loss", m("alarmIteratorAgeSeconds", "86401"), l(
			"alarmIteratorAgeSeconds = 86401: must be 60–86400 seconds (after retentionHours, events are lost); 600 leaves time to act")},
		{"an alarm at the last moment", m("alarmIteratorAgeSeconds", "86400"), nil},
		{"more than every request", m("alarmErrorPercent", "101"), l("alarmErrorPercent = 101: must be 0–100 percent; 0 alarms at the first one")},
		{"a share below nothing", m("alarmThrottledPercent", "-1"), l(
			"alarmThrottledPercent = -1: must be 0–100 percent; 0 alarms at the first one")},
		{"slower than API Gateway waits", m("alarmLatencyMilliseconds", "29001"), l(
			"alarmLatencyMilliseconds = 29001: must be 1–29000 milliseconds (API Gateway waits no longer); 1000 is far above the usual")},
		{"a source that may not send", m("eventGenerator", "true", "access", "AWS_IAM"), l(
			"eventGenerator = true: must be false with access = AWS_IAM (its curl has neither key nor credentials); set access = NONE for practice")},
		{"several mistakes at once", m("retentionHours", "x", "bufferSizeMiB", "500", "streamMode", "BOTH"), l(
			`retentionHours = "x": must be a whole number, in plain decimal digits; see Pulumi.dev.yaml`,
			"streamMode = BOTH: must be PROVISIONED or ON_DEMAND; ON_DEMAND needs no shard count, PROVISIONED with one shard is the cheapest",
			"bufferSizeMiB = 500: must be 1–128 MiB (Firehose); 5 is its own default")},
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

// TestASettingThatCannotBeReadIsOneProblem: what depends on it is not checked with a value that nobody set.
func TestASettingThatCannotBeReadIsOneProblem(t *testing.T) {
	t.Parallel()
	proj, err := declarations()
	require.NoError(t, err)
	for key, declared := range proj.Config {
		if strings.HasPrefix(key, "pulumi:") {
			continue
		}
		for _, stack := range []string{"dev", "prod"} {
			value := ""
			if *declared.Type != "string" {
				value = "x"
			}
			_, err := tryRun(t, stack, with(key, value))
			require.Error(t, err, key)
			_, problems, _ := strings.Cut(err.Error(), "nothing was created:\n")
			assert.Len(t, strings.Split(strings.TrimSpace(problems), "\n"), 1, "%s of %s: %s", key, stack, problems)
		}
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

func TestAPipelineWithoutCheckedSettingsIsRefused(t *testing.T) {
	t.Parallel()
	r, _ := newRecorder(t, "dev")
	err := pulumi.RunErr(func(ctx *pulumi.Context) error {
		_, err := pipeline.NewPipeline(ctx, "ingest", pipeline.PipelineArgs{})
		return err
	}, pulumi.WithMocks(project, "dev", r))
	require.ErrorContains(t, err, "stageName = : must be 1–128 of a–z")
	require.ErrorContains(t, err, "access = : must be NONE, API_KEY or AWS_IAM")
	assert.Empty(t, r.registrations, "something was created")
}

func TestASecretSettingIsRefused(t *testing.T) {
	t.Parallel()
	r, conf := newRecorder(t, "dev", with("alarmEmail", "ops@example.com"))
	err := pulumi.RunErr(pipeline.Program, pulumi.WithMocks(project, "dev", r), func(info *pulumi.RunInfo) {
		info.Config, info.ConfigSecretKeys = conf, []string{project + ":alarmEmail"}
	})
	require.ErrorContains(t, err, "alarmEmail = [secret]: must not be a secret (the stack's state holds settings in clear text); "+
		"set it again without --secret; see Pulumi.dev.yaml")
	assert.NotContains(t, err.Error(), "ops@example.com")
	assert.Empty(t, r.registrations, "something was created")
}

func TestAStackNameThatAWSWouldRefuseIsRefused(t *testing.T) {
	t.Parallel()
	for name, accepted := range map[string]bool{
		"d": true, strings.Repeat("s", 30): true, strings.Repeat("s", 31): false, "my_stack": false, "Dev": false, "dev-": false,
	} {
		r, err := tryRun(t, "dev", asStack(name))
		if accepted {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorContains(t, err, "stack "+name+": must be 1–30 of a–z, 0–9 and -")
		assert.Empty(t, r.registrations, "something was created")
	}
}

func TestARenamedStackKeepsItsResources(t *testing.T) {
	t.Parallel()
	names := func(r *recorder) (names []string) {
		for _, g := range r.registrations {
			names = append(names, g.Type+" "+g.Name)
		}
		slices.Sort(names)
		return names
	}
	// What has the stack in its name is replaced, but holds nothing that could be lost.
	for stack, replaced := range map[string][]string{"dev": {"CatalogDatabase", "CatalogTable", "Dashboard"}, "default": {"Dashboard"}} {
		before, after := run(t, stack), run(t, stack, asStack("renamed"))
		assert.Equal(t, names(before), names(after))
		assert.Equal(t, replaced, changedTypes(t, before, after), stack)
	}
}

// TestTheCLIChangesNothingInAStackFileThatNobodySet keeps the files in the form in which the CLI writes them, numbers as
// texts: stack init and config set write the whole file.
func TestTheCLIChangesNothingInAStackFileThatNobodySet(t *testing.T) {
	t.Parallel()
	for _, stack := range []string{"dev", "prod"} {
		tracked, err := os.ReadFile(filepath.Join("..", "Pulumi."+stack+".yaml"))
		require.NoError(t, err)
		written := filepath.Join(t.TempDir(), "Pulumi.yaml")
		require.NoError(t, stackFile(t, stack).Save(written))
		content, err := os.ReadFile(written)
		require.NoError(t, err)
		assert.Equal(t, string(tracked), string(content))
	}
}

func TestAMisspeltSettingIsRefused(t *testing.T) {
	t.Setenv("PULUMI_CONFIG", `{"ingest-pipeline:retentionHour":"48","aws:region":"eu-west-1"}`)
	_, err := tryRun(t, "dev")
	require.ErrorContains(t, err, "retentionHour: there is no such setting; Pulumi.yaml lists them; see Pulumi.dev.yaml")
	assert.NotContains(t, err.Error(), "region")
}

func TestAStackWithoutSettingsUsesTheSafeDefaults(t *testing.T) {
	t.Parallel()
	r := run(t, "default")
	stream, bucket := r.one(t, "Stream"), r.one(t, "BucketV2")
	assert.Nil(t, stream.input("name"), "Pulumi generates it")
	stream.wants(t, "streamModeDetails.streamMode", "ON_DEMAND")
	assert.True(t, stream.Protect)
	assert.True(t, bucket.Protect)
	r.one(t, "FirehoseDeliveryStream").wants(t, "name", "ingest-1a2b3c4-to-s3")
}

// TestPulumiYamlAndTheProgramKnowTheSameSettings compares the declarations with the constants in config.go.
func TestPulumiYamlAndTheProgramKnowTheSameSettings(t *testing.T) {
	t.Parallel()
	proj, err := declarations()
	require.NoError(t, err)
	var declared []string
	for key, setting := range proj.Config {
		if strings.HasPrefix(key, "pulumi:") {
			continue
		}
		declared = append(declared, key)
		assert.NotNil(t, setting.Type, "%s has no type", key)
		assert.NotEmpty(t, setting.Description, "%s has no description", key)
		assert.NotNil(t, setting.Default, "%s has no default: the engine would ask for it in every stack", key)
	}
	file, err := parser.ParseFile(token.NewFileSet(), "config.go", nil, 0)
	require.NoError(t, err)
	var read []string
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(spec.Names[0].Name, "key") {
			key, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			require.NoError(t, err)
			read = append(read, key)
		}
		return true
	})
	assert.ElementsMatch(t, declared, read)
}

// TestStackFilesSetOnlyDeclaredSettings catches a misspelt key in a file of ours.
func TestStackFilesSetOnlyDeclaredSettings(t *testing.T) {
	t.Parallel()
	proj, err := declarations()
	require.NoError(t, err)
	for _, stack := range []string{"dev", "prod"} {
		for key := range stackConfig(t, stack) {
			name, ours := strings.CutPrefix(key, project+":")
			_, declared := proj.Config[name]
			assert.True(t, !ours || declared, "Pulumi.%s.yaml: %s", stack, key)
		}
	}
}

// TestTheReadmeTableIsPulumiYaml keeps the README's table of settings equal to the declarations; -update rewrites it.
func TestTheReadmeTableIsPulumiYaml(t *testing.T) {
	t.Parallel()
	const begin, end = "<!-- settings: written by go test ./pipeline -update -->\n", "<!-- end of settings -->"
	file := filepath.Join("..", "README.md")
	readme, err := os.ReadFile(file)
	require.NoError(t, err)
	head, rest, found := strings.Cut(string(readme), begin)
	require.True(t, found, "README.md has no place for the settings")
	table, tail, found := strings.Cut(rest, end)
	require.True(t, found)
	want := settingsTable(t)
	if *update {
		require.NoError(t, os.WriteFile(file, []byte(head+begin+want+end+tail), 0o644))
		return
	}
	assert.Equal(t, want, table, "run go test ./pipeline -update")
}

func settingsTable(t *testing.T) string {
	t.Helper()
	proj, err := declarations()
	require.NoError(t, err)
	text, err := os.ReadFile(filepath.Join("..", "Pulumi.yaml"))
	require.NoError(t, err)
	keys := make([]string, 0, len(proj.Config))
	for key := range proj.Config {
		if strings.HasPrefix(key, "pulumi:") {
			continue
		}
		keys = append(keys, key)
	}
	// In the order of the file, which goes along the data path.
	slices.SortFunc(keys, func(a, b string) int {
		return strings.Index(string(text), "\n  "+a+":") - strings.Index(string(text), "\n  "+b+":")
	})
	dev, prod, defaults := stackConfig(t, "dev"), stackConfig(t, "prod"), stackConfig(t, "default")
	cell := func(value string) string {
		if value == "" {
			return ""
		}
		return "`" + value + "`"
	}
	var table strings.Builder
	table.WriteString("| setting | default | dev | prod | what it does |\n|---|---|---|---|---|\n")
	for _, key := range keys {
		full := project + ":" + key
		table.WriteString("| `" + key + "` | " + cell(defaults[full]) + " | " + cell(dev[full]) + " | " + cell(prod[full]) +
			" | " + proj.Config[key].Description + " |\n")
	}
	return table.String()
}
