package pipeline

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Validate checks the settings against each other and against the limits of AWS. It returns every problem there is, each
// as "key = value: must be … (why); what to do".
func (a PipelineArgs) Validate() []error {
	return a.problems(nil)
}

// literal is the text of an input. It is empty for nil, and for an output, which AWS checks.
func literal(input pulumi.StringPtrInput) string {
	text, _ := input.(pulumi.String)
	return string(text)
}

// checker collects problems, but none about a key in skip, whose value could not be read.
type checker struct {
	skip  map[string]bool
	found []error
}

func (c *checker) add(key string, value any, format string, args ...any) {
	if !c.skip[key] {
		c.found = append(c.found, fmt.Errorf("%s = %v: %s", key, value, fmt.Sprintf(format, args...)))
	}
}

func (c *checker) between(key string, value, low, high int, unitAndReason, whatToDo string) {
	if value < low || value > high {
		c.add(key, value, "must be %d–%d %s; %s", low, high, unitAndReason, whatToDo)
	}
}

func (c *checker) oneOf(key, value, whatToDo string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		c.add(key, value, "must be %s or %s; %s",
			strings.Join(allowed[:len(allowed)-1], ", "), allowed[len(allowed)-1], whatToDo)
	}
}

func (c *checker) matches(key, value string, pattern *regexp.Regexp, mustBe string) {
	if !pattern.MatchString(value) {
		c.add(key, value, "must be %s", mustBe)
	}
}

var (
	// A bucket has 63 characters, a role 64: the longest is ingest-apigateway-logging-<stack>-1a2b3c4.
	stackNamePattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?$`)
	// https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html
	streamNamePattern = regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,128}$`)
	// https://docs.aws.amazon.com/firehose/latest/APIReference/API_CreateDeliveryStream.html
	deliveryStreamNamePattern = regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,64}$`)
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
	bucketNamePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	// https://docs.aws.amazon.com/apigateway/latest/api/API_CreateStage.html
	stageNamePattern = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,128}$`)
	// A path of plain names: what the request template can follow, and a stage variable may hold.
	fieldPathPattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$`)
	// As a browser sends it in Origin: no path, no slash at the end.
	originPattern = regexp.MustCompile(`^https?://[a-z0-9.-]+(:[0-9]{1,5})?$`)
	// https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
	prefixExpression = regexp.MustCompile(`!\{[^}]*\}?`)
)

// logRetentions are the periods that CloudWatch Logs knows, in days.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
var logRetentions = []int{
	1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
}

func (a PipelineArgs) problems(skip map[string]bool) []error {
	check := &checker{skip: skip}
	a.checkStream(check)
	a.checkDelivery(check)
	a.checkStorage(check)
	a.checkEndpoint(check)
	a.checkCapacity(check)
	a.checkMonitoring(check)
	return check.found
}

func (a PipelineArgs) checkStream(check *checker) {
	if name := literal(a.StreamName); name != "" {
		check.matches(keyStreamName, name, streamNamePattern,
			"1–128 of a–z, A–Z, 0–9, _ . - (Kinesis); choose another name, or leave the line out and one is made")
	}
	check.oneOf(keyStreamMode, a.StreamMode, "ON_DEMAND needs no shard count, PROVISIONED with one shard is the cheapest",
		StreamModeProvisioned, StreamModeOnDemand)
	check.between(keyRetentionHours, a.RetentionHours, 24, 8760, "hours (Kinesis)", "24 is the cheapest")
	switch {
	case a.StreamMode == StreamModeProvisioned && (a.ShardCount < 1 || a.ShardCount > 500):
		check.add(keyShardCount, a.ShardCount,
			"must be 1–500 shards with streamMode = PROVISIONED (Kinesis; the quota is 200 in most regions); "+
				"one shard accepts 1 MB/s or 1,000 events/s")
	case a.StreamMode == StreamModeOnDemand && a.ShardCount != 0:
		check.add(keyShardCount, a.ShardCount,
			"must be 0 with streamMode = ON_DEMAND (Kinesis chooses the shards); leave the line out")
	}
}

func (a PipelineArgs) checkDelivery(check *checker) {
	name := literal(a.DeliveryStreamName)
	if a.DeliveryStreamName == nil && literal(a.StreamName) != "" {
		name = literal(a.StreamName) + deliveryStreamSuffix
	}
	if name != "" {
		check.matches(keyDeliveryStreamName, name, deliveryStreamNamePattern,
			"1–64 of a–z, A–Z, 0–9, _ . - (Firehose); set deliveryStreamName, or a shorter streamName")
	}
	if name := literal(a.BucketName); name != "" {
		check.matches(keyBucketName, name, bucketNamePattern,
			"3–63 of a–z, 0–9, . - (S3); choose another name, or leave the line out and one is made")
	}
	a.checkPrefixes(check)
	check.between(keyBufferSizeMiB, a.BufferSizeMiB, 1, 128, "MiB (Firehose)", "5 is its own default")
	check.between(keyBufferIntervalSeconds, a.BufferIntervalSeconds, 0, 900, "seconds (Firehose)",
		"300 is its own default, 60 shows events sooner")
	check.oneOf(keyCompression, a.Compression, "GZIP is cheaper to store, UNCOMPRESSED easier to read",
		"GZIP", "UNCOMPRESSED")
}

func (a PipelineArgs) checkPrefixes(check *checker) {
	const errorType = "!{firehose:error-output-type}"
	for _, folder := range []struct {
		key, value string
		allowed    []string
	}{
		{keyPrefix, a.Prefix, []string{"!{timestamp:", "!{firehose:random-string}"}},
		{keyErrorPrefix, a.ErrorPrefix, []string{"!{timestamp:", "!{firehose:random-string}", errorType}},
	} {
		literal := prefixExpression.ReplaceAllString(folder.value, "x")
		switch {
		case !strings.HasSuffix(folder.value, "/") || strings.HasPrefix(folder.value, "/") || strings.Contains(literal, "//"):
			check.add(folder.key, folder.value,
				"must be a folder, ending and not beginning with / (Firehose puts what follows right behind it); for example raw/")
		case literalFolder(folder.value) == "":
			check.add(folder.key, folder.value,
				"must begin with a fixed folder (the role may write nowhere else); for example raw/ before the expression")
		case len(folder.value) > 512:
			check.add(folder.key, folder.value, "must have at most 512 characters (Firehose); shorten it")
		}
		for _, expression := range prefixExpression.FindAllString(folder.value, -1) {
			known := slices.ContainsFunc(folder.allowed, func(a string) bool { return strings.HasPrefix(expression, a) })
			if !known || !strings.HasSuffix(expression, "}") {
				check.add(folder.key, folder.value, "must not contain %s (Firehose knows %s… here); remove it",
					expression, strings.Join(folder.allowed, "…}, "))
			}
		}
	}
	if strings.Contains(a.Prefix, "!{") && !strings.Contains(a.ErrorPrefix, errorType) {
		check.add(keyErrorPrefix, a.ErrorPrefix,
			"must contain %s when prefix has an expression (Firehose); for example errors/%s/", errorType, errorType)
	}
	data, failed := literalFolder(a.Prefix), literalFolder(a.ErrorPrefix)
	if data != "" && failed != "" && (strings.HasPrefix(data, failed) || strings.HasPrefix(failed, data)) {
		check.add(keyErrorPrefix, a.ErrorPrefix,
			"must not share its folder with prefix = %s (a reader of one would find the other); for example errors/", a.Prefix)
	}
}

func (a PipelineArgs) checkEndpoint(check *checker) {
	check.matches(keyStageName, a.StageName, stageNamePattern,
		"1–128 of a–z, A–Z, 0–9, _ - (API Gateway); for example PROD")
	check.between(keyThrottleRequestsPerSecond, a.ThrottleRequestsPerSecond, 1, 10000,
		"requests/s (API Gateway's quota for account and region)", "ask AWS for a higher quota first")
	check.between(keyThrottleBurst, a.ThrottleBurst, 1, 5000,
		"requests (API Gateway's quota for account and region)", "ask AWS for a higher quota first")
	check.oneOf(keyAccess, a.Access, "AWS_IAM requires signed requests, API_KEY a key, NONE nothing",
		AccessNone, AccessAPIKey, AccessIAM)
	check.between(keyAPIKeyRequestsPerDay, a.APIKeyRequestsPerDay, 1, 1_000_000_000, "requests", "it bounds what a lost key can cost")
	for _, cidr := range a.AllowedSourceCIDRs {
		if prefix, err := netip.ParsePrefix(cidr); err != nil || prefix != prefix.Masked() {
			check.add(keyAllowedSourceCIDRs, cidr,
				"must be a network in CIDR form with no bit set after its length (API Gateway); for example 203.0.113.0/24")
		}
	}
	check.oneOf(keyLogLevel, a.LogLevel, "INFO shows every step and costs most, OFF costs nothing", LogLevelOff, "ERROR", "INFO")
	if !slices.Contains(logRetentions, a.LogRetentionDays) {
		check.add(keyLogRetentionDays, a.LogRetentionDays, "must be one of %s days (CloudWatch Logs); 7 is enough for practice",
			strings.Trim(strings.ReplaceAll(fmt.Sprint(logRetentions), " ", ", "), "[]"))
	}
	check.oneOf(keyAPIGatewayLoggingRole, a.APIGatewayLoggingRole,
		"managed sets a role if the region has none, existing changes nothing",
		LoggingRoleManaged, LoggingRoleExisting)
	check.oneOf(keyPartitionKey, a.PartitionKey, "REQUEST_ID cannot be chosen by a client, EVENT_FIELD keeps an entity's events in order",
		PartitionKeyTraceID, PartitionKeyRequestID, PartitionKeyEventField)
	for _, origin := range a.CORSAllowedOrigins {
		switch {
		case origin == "*" && len(a.CORSAllowedOrigins) > 1:
			check.add(keyCORSAllowedOrigins, a.CORSAllowedOrigins,
				"must be * alone or a list of origins (* already allows every page); remove one or the other")
		case origin != "*" && !originPattern.MatchString(origin):
			check.add(keyCORSAllowedOrigins, origin,
				"must be an origin as browsers send it (scheme, host and port, in small letters, no slash at the end); "+
					"for example https://www.example.com")
		}
	}
	switch {
	case check.skip[keyPartitionKey]:
	case a.PartitionKey == PartitionKeyEventField:
		check.matches(keyPartitionKeyField, a.PartitionKeyField, fieldPathPattern,
			"the path of a field, such as customer.id, with partitionKey = EVENT_FIELD (the template follows plain names); "+
				"name the field whose events must stay in order")
	case a.PartitionKeyField != "":
		check.add(keyPartitionKeyField, a.PartitionKeyField,
			"must not be set with partitionKey = %s (it would have no effect); set partitionKey = EVENT_FIELD, or leave the line out",
			a.PartitionKey)
	}
	if a.EventGenerator && a.Access != AccessNone && !check.skip[keyAccess] && !check.skip[keyEventGenerator] {
		check.add(keyEventGenerator, a.EventGenerator,
			"must be false with access = %s (its curl has neither key nor credentials); set access = NONE for practice", a.Access)
	}
}
