package pipeline

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// literal is the text of an input. It is empty for nil, and for an output, which AWS checks.
func literal(input pulumi.StringPtrInput) string {
	text, _ := input.(pulumi.String)
	return string(text)
}

// checker collects problems, but none about a path in skip, whose value could not be read.
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
	// https://docs.aws.amazon.com/firehose/latest/APIReference/API_CreateDeliveryStream.html
	streamNamePattern = regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,57}$`)
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
	bucketNamePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	// A part of the names of resources.
	apiKeyNamePattern = regexp.MustCompile(`^[a-z0-9-]{1,30}$`)
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

// problems checks the settings against each other and against the limits of AWS, but for those at the paths in skip. It returns
// every problem there is, each as "path = value: must be … (why); what to do".
func (a PipelineArgs) problems(skip map[string]bool) []error {
	check := &checker{skip: skip}
	a.checkExisting(check)
	a.checkStream(check)
	a.checkDelivery(check)
	a.checkStorage(check)
	a.checkEndpoint(check)
	a.checkEvents(check)
	a.checkCapacity(check)
	a.checkMonitoring(check)
	a.checkTags(check)
	return check.found
}

func (a PipelineArgs) checkStream(check *checker) {
	if name := literal(a.StreamName); name != "" {
		check.matches("streamName", name, streamNamePattern,
			"1–57 of a–z, A–Z, 0–9, _ . - (Kinesis, and Firehose's limit of 64 for the name followed by -to-s3); "+
				"choose another name, or leave the line out and one is made")
	}
	check.oneOf("stream.mode", a.Stream.Mode, "ON_DEMAND needs no shard count, PROVISIONED with one shard is the cheapest",
		StreamModeProvisioned, StreamModeOnDemand)
	check.between("stream.retentionHours", a.Stream.RetentionHours, 24, 8760, "hours (Kinesis)", "24 is the cheapest")
	switch {
	case a.Stream.Mode == StreamModeProvisioned && (a.Stream.ShardCount < 1 || a.Stream.ShardCount > 500):
		check.add("stream.shardCount", a.Stream.ShardCount,
			"must be 1–500 shards with stream.mode = PROVISIONED (Kinesis; the quota is 200 in most regions); "+
				"one shard accepts 1 MB/s or 1,000 events/s")
	case a.Stream.Mode == StreamModeOnDemand && a.Stream.ShardCount != 0:
		check.add("stream.shardCount", a.Stream.ShardCount,
			"must be 0 with stream.mode = ON_DEMAND (Kinesis chooses the shards); leave the line out")
	}
}

func (a PipelineArgs) checkDelivery(check *checker) {
	if name := literal(a.BucketName); name != "" {
		check.matches("bucketName", name, bucketNamePattern,
			"3–63 of a–z, 0–9, . - (S3); choose another name, or leave the line out and one is made")
	}
	a.checkPrefixes(check)
	check.between("delivery.bufferSizeMiB", a.Delivery.BufferSizeMiB, 1, 128, "MiB (Firehose)", "5 is its own default")
	check.between("delivery.bufferIntervalSeconds", a.Delivery.BufferIntervalSeconds, 0, 900, "seconds (Firehose)",
		"300 is its own default, 60 shows events sooner")
	check.oneOf("delivery.compression", a.Delivery.Compression, "GZIP is cheaper to store, UNCOMPRESSED easier to read",
		"GZIP", "UNCOMPRESSED")
}

func (a PipelineArgs) checkPrefixes(check *checker) {
	const errorType = "!{firehose:error-output-type}"
	for _, folder := range []struct {
		key, value string
		allowed    []string
	}{
		{"delivery.prefix", a.Delivery.Prefix, []string{"!{timestamp:", "!{firehose:random-string}"}},
		{"delivery.errorPrefix", a.Delivery.ErrorPrefix, []string{"!{timestamp:", "!{firehose:random-string}", errorType}},
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
	if strings.Contains(a.Delivery.Prefix, "!{") && !strings.Contains(a.Delivery.ErrorPrefix, errorType) {
		check.add("delivery.errorPrefix", a.Delivery.ErrorPrefix,
			"must contain %s when prefix has an expression (Firehose); for example errors/%s/", errorType, errorType)
	}
	data, failed := literalFolder(a.Delivery.Prefix), literalFolder(a.Delivery.ErrorPrefix)
	if data != "" && failed != "" && (strings.HasPrefix(data, failed) || strings.HasPrefix(failed, data)) {
		check.add("delivery.errorPrefix", a.Delivery.ErrorPrefix,
			"must not share its folder with delivery.prefix = %s (a reader of one would find the other); for example errors/", a.Delivery.Prefix)
	}
}

func (a PipelineArgs) checkAPIKeys(check *checker) {
	if a.Access == AccessAPIKey && len(a.APIKeys) == 0 {
		check.add("apiKeys", "[]", "must have at least one key with access = API_KEY; for example {name: default, requestsPerDay: 1000000}")
	}
	names := map[string]bool{}
	for i, key := range a.APIKeys {
		path := fmt.Sprintf("apiKeys[%d].", i)
		check.matches(path+"name", key.Name, apiKeyNamePattern, "1–30 of a–z, 0–9 and - (it is part of the names of resources); choose another name")
		if names[key.Name] && key.Name != "" {
			check.add(path+"name", key.Name, "must be unique; choose another name")
		}
		names[key.Name] = true
		check.between(path+"requestsPerDay", key.RequestsPerDay, 1, 1_000_000_000, "requests", "it bounds what a lost key can cost")
		check.between(path+"requestsPerSecond", key.RequestsPerSecond, 0, a.Throttle.RequestsPerSecond,
			"requests/s (throttle.requestsPerSecond allows no more)", "0 is as many as that")
		check.between(path+"burst", key.Burst, 0, a.Throttle.Burst, "requests (throttle.burst allows no more)", "0 is as many as that")
	}
}

func (a PipelineArgs) checkEndpoint(check *checker) {
	check.between("throttle.requestsPerSecond", a.Throttle.RequestsPerSecond, 1, 10000,
		"requests/s (API Gateway's quota for account and region)", "ask AWS for a higher quota first")
	check.between("throttle.burst", a.Throttle.Burst, 1, 5000,
		"requests (API Gateway's quota for account and region)", "ask AWS for a higher quota first")
	check.oneOf("access", a.Access, "AWS_IAM requires signed requests, API_KEY a key, NONE nothing",
		AccessNone, AccessAPIKey, AccessIAM)
	a.checkAPIKeys(check)
	for _, cidr := range a.AllowedSourceCIDRs {
		if prefix, err := netip.ParsePrefix(cidr); err != nil || prefix != prefix.Masked() {
			check.add("allowedSourceCidrs", cidr,
				"must be a network in CIDR form with no bit set after its length (API Gateway); for example 203.0.113.0/24")
		}
	}
	check.oneOf("logs.level", a.Logs.Level, "INFO shows every step and costs most, OFF costs nothing", logLevelOff, "ERROR", "INFO")
	if !slices.Contains(logRetentions, a.Logs.RetentionDays) {
		check.add("logs.retentionDays", a.Logs.RetentionDays, "must be one of %s days (CloudWatch Logs); 7 is enough for practice",
			strings.Trim(strings.ReplaceAll(fmt.Sprint(logRetentions), " ", ", "), "[]"))
	}
	check.oneOf("logs.role", a.Logs.Role,
		"managed sets a role if the region has none, existing changes nothing",
		LoggingRoleManaged, LoggingRoleExisting)
	check.oneOf("stream.partitionKey", a.Stream.PartitionKey, "REQUEST_ID cannot be chosen by a client, EVENT_FIELD keeps an entity's events in order",
		PartitionKeyTraceID, PartitionKeyRequestID, PartitionKeyEventField)
	for _, origin := range a.CORSAllowedOrigins {
		switch {
		case origin == "*" && len(a.CORSAllowedOrigins) > 1:
			check.add("corsAllowedOrigins", a.CORSAllowedOrigins,
				"must be * alone or a list of origins (* already allows every page); remove one or the other")
		case origin != "*" && !originPattern.MatchString(origin):
			check.add("corsAllowedOrigins", origin,
				"must be an origin as browsers send it (scheme, host and port, in small letters, no slash at the end); "+
					"for example https://www.example.com")
		}
	}
	switch {
	case check.skip["stream.partitionKey"]:
	case a.Stream.PartitionKey == PartitionKeyEventField:
		check.matches("stream.partitionKeyField", a.Stream.PartitionKeyField, fieldPathPattern,
			"the path of a field, such as customer.id, with stream.partitionKey = EVENT_FIELD (the template follows plain names); "+
				"name the field whose events must stay in order")
	case a.Stream.PartitionKeyField != "":
		check.add("stream.partitionKeyField", a.Stream.PartitionKeyField,
			"must not be set with stream.partitionKey = %s (it would have no effect); set stream.partitionKey = EVENT_FIELD, or leave the line out",
			a.Stream.PartitionKey)
	}
	if a.EventGenerator && a.Access != AccessNone && !check.skip["access"] && !check.skip["eventGenerator"] {
		check.add("eventGenerator", a.EventGenerator,
			"must be false with access = %s (its curl has neither key nor credentials); set access = NONE for practice", a.Access)
	}
}
