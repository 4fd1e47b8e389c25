package pipeline

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// PipelineArgs describes a pipeline. Start from DefaultArgs: the zero value is not valid. The tags are the names of the
// settings in a stack file; errors name a setting of a group by its path, such as stream.shardCount. In the schema of
// component/ the comments are descriptions, and whatever has a default is optional.
type PipelineArgs struct {
	// Name of the Kinesis stream in AWS: 1–57 of a–z, A–Z, 0–9, _ . and -. Not set: Pulumi generates one, which outlives
	// a rename of the stack. The delivery stream has the same name followed by -to-s3. A change replaces both streams:
	// records that were not delivered are lost.
	StreamName pulumi.StringPtrInput `pulumi:"streamName,optional"`
	// ARN of an existing Kinesis stream to use instead of creating one. Its name has at most 57 characters; stream.mode,
	// stream.shardCount and stream.retentionHours have to describe it. Events of others in it are delivered, too. A change
	// replaces the delivery stream, which begins with the records that arrive from then on. Not set: a stream is created.
	StreamArn pulumi.StringPtrInput `pulumi:"streamArn,optional"`
	// Name of the S3 bucket, unique in all of AWS: 3–63 of a–z, 0–9, . and -. Not set: Pulumi generates one. A change
	// replaces the bucket: without protectData, its objects are deleted.
	BucketName pulumi.StringPtrInput `pulumi:"bucketName,optional"`
	// ARN of an existing S3 bucket to deliver to instead of creating one. Its policy, encryption and lifecycle rules are left
	// as they are: lifecycle cannot be set, and query results do not expire. Not set: a bucket is created.
	BucketArn pulumi.StringPtrInput `pulumi:"bucketArn,optional"`
	// ARN of the customer managed KMS key that encrypts stream and bucket, existing ones included. Its key policy has to let
	// IAM policies grant its use. Not set: the AWS managed key of Kinesis and the keys of S3 (SSE-S3). A change applies to
	// new records and objects.
	KMSKeyArn pulumi.StringPtrInput `pulumi:"kmsKeyArn,optional"`

	// Who may send events: AWS_IAM (requests signed with AWS credentials that allow execute-api:Invoke), API_KEY (clients
	// with one of apiKeys; a key identifies a client and does not authenticate it) or NONE (anyone who knows the URL, up to
	// the throttle). A change applies to the next requests.
	Access string `pulumi:"access,optional"`
	// API keys, each with its own quota and throttle. They are created with access = API_KEY, which requires at least one. The
	// throttle of the routes holds for all of them together.
	APIKeys []APIKeySettings `pulumi:"apiKeys,optional"`
	// Networks that requests may come from, in CIDR form such as 203.0.113.0/24. Empty: every network.
	AllowedSourceCIDRs []string `pulumi:"allowedSourceCidrs,optional"`
	// Web origins whose pages may send events, such as https://www.example.com, or * alone for every page. Empty: no page may.
	CORSAllowedOrigins []string `pulumi:"corsAllowedOrigins,optional"`
	// Stop the intake without losing events: valid requests are answered 429 with Retry-After, and events that were accepted
	// are delivered.
	Paused bool `pulumi:"paused,optional"`
	// Throttle of each route.
	Throttle ThrottleSettings `pulumi:"throttle"`

	// Wrap each event as {"id":…,"receivedAt":…,"event":…}, so that consumers can remove duplicates by id. With
	// access = API_KEY the envelope has the apiKeyId, too. A change applies to the next events; the query table reads those of
	// one kind.
	Envelope bool `pulumi:"envelope,optional"`
	// JSON Schema (draft-04) that every event without a type has to satisfy; others are answered 400 with the reason. In a
	// stack file, it is the path of a file, relative to Pulumi.yaml; in a program, the text of the schema. Empty: any object
	// with at least one member. A change applies to the next requests. See docs/event-schemas.md.
	EventSchema string `pulumi:"eventSchema,optional"`
	// Types of events, by name, each with a schema like eventSchema: they create the routes POST /v1/TYPE and
	// POST /v1/TYPE/batch, and the envelope has the type. A name is 1–31 of a–z, 0–9, _ and -, begins with a letter, and is
	// not batch; at most 100. It requires envelope = true.
	EventTypes map[string]string `pulumi:"eventTypes,optional"`
	// The Kinesis stream.
	Stream StreamSettings `pulumi:"stream"`
	// The delivery from the stream to the bucket.
	Delivery DeliverySettings `pulumi:"delivery"`
	// Age at which events are archived and deleted.
	Lifecycle LifecycleSettings `pulumi:"lifecycle"`
	// Protect stream, delivery stream and bucket against destroy and replacement, and retain them if they are removed from
	// the program. Without it, destroy deletes the events, too.
	ProtectData bool `pulumi:"protectData,optional"`

	// Logs of API Gateway and Firehose in CloudWatch Logs.
	Logs LogSettings `pulumi:"logs"`
	// CloudWatch alarms for events that are refused, late or lost.
	Alarms AlarmSettings `pulumi:"alarms"`
	// ARN of an existing SNS topic for the alarms instead of creating one. Its policy has to allow CloudWatch to publish.
	// Not set: a topic is created.
	AlarmTopicArn pulumi.StringPtrInput `pulumi:"alarmTopicArn,optional"`
	// Create a CloudWatch dashboard of the data path with its limits.
	Dashboard bool `pulumi:"dashboard,optional"`
	// Create a Glue table and an Athena workgroup for SQL queries over the events. Query results expire after 30 days.
	QueryTable bool `pulumi:"queryTable,optional"`
	// Create an EC2 instance that sends a sample event each second. It requires access = NONE.
	EventGenerator bool `pulumi:"eventGenerator,optional"`
	// Tags of every resource that can have any, besides the provider's default tags, which they override: at most 50, keys
	// of 1–128 and values of at most 256 letters, digits, spaces and _ . : / = + - @.
	Tags map[string]string `pulumi:"tags,optional"`
	// Traffic at peak. Shards and throttle are compared with it before anything is created; nothing else depends on it.
	ExpectedTraffic ExpectedTraffic `pulumi:"expectedTraffic"`
}

// APIKeySettings describes an API key and its usage plan.
type APIKeySettings struct {
	// Name of the key, by which the output apiKeys lists its value: 1–30 of a–z, 0–9 and -, unique. A change replaces the key.
	Name string `pulumi:"name"`
	// Quota in requests per day, 1–1000000000, which bounds what a lost key can cost. A day begins at midnight UTC.
	RequestsPerDay int `pulumi:"requestsPerDay"`
	// Requests per second above which the key's requests are answered 429, up to throttle.requestsPerSecond. 0: as many.
	RequestsPerSecond int `pulumi:"requestsPerSecond,optional"`
	// Burst above that rate in requests, up to throttle.burst. 0: as many.
	Burst int `pulumi:"burst,optional"`
}

// ThrottleSettings are the throttle of each route: the rate at which its bucket of tokens refills, and the bucket's size.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
type ThrottleSettings struct {
	// Requests per second and route above which the answer is 429, 1–10000.
	RequestsPerSecond int `pulumi:"requestsPerSecond,optional"`
	// Burst above that rate in requests, 1–5000.
	Burst int `pulumi:"burst,optional"`
}

// StreamSettings describes the Kinesis data stream.
type StreamSettings struct {
	// Who chooses the number of shards: ON_DEMAND (Kinesis; 4 MB/s and 4,000 records/s at the start, later up to twice the
	// recent peak) or PROVISIONED (shardCount). Changed in place, at most twice in 24 hours.
	Mode string `pulumi:"mode,optional"`
	// Shards of a PROVISIONED stream, 1–500, of 1 MB/s or 1,000 events/s each; 0 with ON_DEMAND. Changed in place, at most
	// doubled or halved in one step.
	ShardCount int `pulumi:"shardCount,optional"`
	// How long a record can be read in hours, 24–8760, which is how long the delivery may fail before events are lost. A
	// lower value drops older records at once.
	RetentionHours int `pulumi:"retentionHours,optional"`
	// Source of a record's partition key, which decides its shard: TRACE_ID (the header X-Amzn-Trace-Id, which a client may
	// set), REQUEST_ID (an id that no client can choose) or EVENT_FIELD (partitionKeyField; events of one entity stay in order).
	PartitionKey string `pulumi:"partitionKey,optional"`
	// Path of the field for partitionKey = EVENT_FIELD, such as customer.id. Events without it use the request id.
	PartitionKeyField string `pulumi:"partitionKeyField,optional"`
}

// DeliverySettings describes the Firehose delivery stream. They change in place and increment the version in the names of
// the objects.
type DeliverySettings struct {
	// Folder of the events in the bucket, ending in a slash. Firehose adds YYYY/MM/DD/HH/ (UTC) to one without an expression.
	Prefix string `pulumi:"prefix,optional"`
	// Folder of the records that Firehose could not process, ending in a slash.
	ErrorPrefix string `pulumi:"errorPrefix,optional"`
	// Size at which Firehose writes an object, in MiB before compression, 1–128.
	BufferSizeMiB int `pulumi:"bufferSizeMiB,optional"`
	// Seconds after which Firehose writes an object that is smaller than bufferSizeMiB, 0–900.
	BufferIntervalSeconds int `pulumi:"bufferIntervalSeconds,optional"`
	// Compression of the objects: GZIP or UNCOMPRESSED.
	Compression string `pulumi:"compression,optional"`
}

// LifecycleSettings are ages of events, in days since their arrival.
type LifecycleSettings struct {
	// Days until events move to Glacier Instant Retrieval, 1–36500, or 0 for never. Objects below 128 KB stay where they are.
	ArchiveAfterDays int `pulumi:"archiveAfterDays,optional"`
	// Days until events are deleted, 1–36500, or 0 for never.
	ExpireAfterDays int `pulumi:"expireAfterDays,optional"`
}

// LogSettings describes the logs.
type LogSettings struct {
	// Execution log of the stage: INFO (every step; costs about as much as the requests), ERROR or OFF.
	Level string `pulumi:"level,optional"`
	// Write one line of JSON per request, which shows why an event was not stored.
	AccessLog bool `pulumi:"accessLog,optional"`
	// Retention of the log groups in days, one of the periods of CloudWatch Logs: 1, 3, 5, 7, 14, 30, 60, 90, … 3653.
	RetentionDays int `pulumi:"retentionDays,optional"`
	// The CloudWatch Logs role of API Gateway, of which an account has one per region: managed (set one if there is none,
	// and reset it on destroy) or existing (use the one that is set, and fail without).
	Role string `pulumi:"role,optional"`
}

// AlarmSettings describes the alarms and their thresholds.
type AlarmSettings struct {
	// Create the alarms and their SNS topic. It requires logs.accessLog.
	Enabled bool `pulumi:"enabled,optional"`
	// E-mail address that receives the alarms, once its owner has confirmed. Empty: none.
	Email string `pulumi:"email,optional"`
	// Alarm when Firehose reads records later than this, in seconds, 60 up to the stream's retention.
	IteratorAgeSeconds int `pulumi:"iteratorAgeSeconds,optional"`
	// Alarm when more requests than this are answered 5xx, in percent, 0–100.
	ErrorPercent int `pulumi:"errorPercent,optional"`
	// Alarm when more requests than this are answered 429 in five minutes, in percent, 0–100.
	ThrottledPercent int `pulumi:"throttledPercent,optional"`
	// Alarm when the 99th percentile of Kinesis's latency is above this, in milliseconds, 1–29000.
	LatencyMilliseconds int `pulumi:"latencyMilliseconds,optional"`
}

// ExpectedTraffic is the traffic at peak.
type ExpectedTraffic struct {
	// Events per second, 1–1000000.
	EventsPerSecond int `pulumi:"eventsPerSecond,optional"`
	// Average size of an event as compact JSON in bytes, 1–1023998.
	EventBytes int `pulumi:"eventBytes,optional"`
	// Events per request: 1 on the single route, up to 500 on the batch route.
	EventsPerRequest int `pulumi:"eventsPerRequest,optional"`
}

// DefaultArgs is what a stack without settings has: closed to unsigned requests, with the data protected. Pulumi.yaml has
// the same defaults.
func DefaultArgs() PipelineArgs {
	return PipelineArgs{
		Access:      AccessIAM,
		APIKeys:     []APIKeySettings{{Name: "default", RequestsPerDay: 1_000_000}},
		Throttle:    ThrottleSettings{RequestsPerSecond: 1000, Burst: 1000},
		Stream:      StreamSettings{Mode: StreamModeOnDemand, RetentionHours: 168, PartitionKey: PartitionKeyTraceID},
		ProtectData: true,
		Delivery: DeliverySettings{
			Prefix:                "raw/",
			ErrorPrefix:           "errors/!{firehose:error-output-type}/",
			BufferSizeMiB:         5,
			BufferIntervalSeconds: 300,
			Compression:           "GZIP",
		},
		Logs: LogSettings{Level: "INFO", AccessLog: true, RetentionDays: 30, Role: LoggingRoleManaged},
		Alarms: AlarmSettings{
			Enabled:             true,
			IteratorAgeSeconds:  600,
			ErrorPercent:        1,
			ThrottledPercent:    5,
			LatencyMilliseconds: 1000,
		},
		Dashboard:       true,
		ExpectedTraffic: ExpectedTraffic{EventsPerSecond: 100, EventBytes: 1024, EventsPerRequest: 1},
	}
}
