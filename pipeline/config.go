package pipeline

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

// Keys of the settings. Pulumi.yaml has the type, unit, default and description of each.
const (
	keyStreamName                = "streamName"
	keyStreamMode                = "streamMode"
	keyShardCount                = "shardCount"
	keyRetentionHours            = "retentionHours"
	keyDeliveryStreamName        = "deliveryStreamName"
	keyBucketName                = "bucketName"
	keyPrefix                    = "prefix"
	keyErrorPrefix               = "errorPrefix"
	keyBufferSizeMiB             = "bufferSizeMiB"
	keyBufferIntervalSeconds     = "bufferIntervalSeconds"
	keyCompression               = "compression"
	keyStageName                 = "stageName"
	keyThrottleRequestsPerSecond = "throttleRequestsPerSecond"
	keyThrottleBurst             = "throttleBurst"
	keyPaused                    = "paused"
	keyAccess                    = "access"
	keyAPIKeyRequestsPerDay      = "apiKeyRequestsPerDay"
	keyAllowedSourceCIDRs        = "allowedSourceCidrs"
	keyLogLevel                  = "logLevel"
	keyAccessLog                 = "accessLog"
	keyLogRetentionDays          = "logRetentionDays"
	keyAPIGatewayLoggingRole     = "apiGatewayLoggingRole"
	keyPartitionKey              = "partitionKey"
	keyPartitionKeyField         = "partitionKeyField"
	keyEnvelope                  = "envelope"
	keyCORSAllowedOrigins        = "corsAllowedOrigins"
	keyExpectedEventsPerSecond   = "expectedEventsPerSecond"
	keyExpectedEventBytes        = "expectedEventBytes"
	keyExpectedEventsPerRequest  = "expectedEventsPerRequest"
	keyKMSKeyArn                 = "kmsKeyArn"
	keyArchiveAfterDays          = "archiveAfterDays"
	keyExpireAfterDays           = "expireAfterDays"
	keyQueryTable                = "queryTable"
	keyDashboard                 = "dashboard"
	keyAlarms                    = "alarms"
	keyAlarmEmail                = "alarmEmail"
	keyAlarmIteratorAgeSeconds   = "alarmIteratorAgeSeconds"
	keyAlarmErrorPercent         = "alarmErrorPercent"
	keyAlarmThrottledPercent     = "alarmThrottledPercent"
	keyAlarmLatencyMilliseconds  = "alarmLatencyMilliseconds"
	keyEventGenerator            = "eventGenerator"
	keyProtectData               = "protectData"
)

// Sources of a record's partition key, which decides its shard.
const (
	// PartitionKeyTraceID uses the request's X-Amzn-Trace-Id, which a client may set.
	PartitionKeyTraceID = "TRACE_ID"
	// PartitionKeyRequestID uses an id that API Gateway generates and no client can influence.
	PartitionKeyRequestID = "REQUEST_ID"
	// PartitionKeyEventField uses a field of the event, which keeps the events of one entity in order.
	PartitionKeyEventField = "EVENT_FIELD"
)

// Config holds the settings that have to be known before anything is created, since they are checked against each other.
// The fields are documented in the args of the components that use them.
type Config struct {
	StreamMode     string
	ShardCount     int
	RetentionHours int

	Prefix                string
	ErrorPrefix           string
	BufferSizeMiB         int
	BufferIntervalSeconds int
	Compression           string

	StageName                 string
	ThrottleRequestsPerSecond int
	ThrottleBurst             int
	// Paused stops intake: requests that are valid are answered 429, and events that were accepted are delivered.
	Paused                bool
	Access                string
	APIKeyRequestsPerDay  int
	AllowedSourceCIDRs    []string
	LogLevel              string
	AccessLog             bool
	LogRetentionDays      int
	APIGatewayLoggingRole string

	PartitionKey      string
	PartitionKeyField string
	Envelope          bool

	// CORSAllowedOrigins are the web origins whose pages may send events. None: no page may. "*": every page may.
	CORSAllowedOrigins []string

	// ExpectedEventsPerSecond, ExpectedEventBytes and ExpectedEventsPerRequest are the traffic that shards and throttle are
	// checked against.
	ExpectedEventsPerSecond  int
	ExpectedEventBytes       int
	ExpectedEventsPerRequest int

	ArchiveAfterDays int
	ExpireAfterDays  int
	// QueryTable creates a Glue table over the folder of the events and an Athena workgroup.
	QueryTable bool

	Dashboard                bool
	Alarms                   bool
	AlarmEmail               string
	AlarmIteratorAgeSeconds  int
	AlarmErrorPercent        int
	AlarmThrottledPercent    int
	AlarmLatencyMilliseconds int

	// EventGenerator creates an EC2 instance that sends sample events.
	EventGenerator bool

	// ProtectData protects stream, delivery stream and bucket, and retains them if they are removed from the program nevertheless.
	ProtectData bool
}

// Load reads the settings of the stack that ctx runs for, and reports everything that is wrong with them at once.
func Load(ctx *pulumi.Context) (PipelineArgs, error) {
	r := &settingsReader{ctx: ctx, conf: config.New(ctx, ""), file: fmt.Sprintf("Pulumi.%s.yaml", ctx.Stack())}
	cfg := Config{
		StreamMode:                r.text(keyStreamMode),
		ShardCount:                r.number(keyShardCount),
		RetentionHours:            r.number(keyRetentionHours),
		Prefix:                    r.text(keyPrefix),
		ErrorPrefix:               r.text(keyErrorPrefix),
		BufferSizeMiB:             r.number(keyBufferSizeMiB),
		BufferIntervalSeconds:     r.number(keyBufferIntervalSeconds),
		Compression:               r.text(keyCompression),
		StageName:                 r.text(keyStageName),
		ThrottleRequestsPerSecond: r.number(keyThrottleRequestsPerSecond),
		ThrottleBurst:             r.number(keyThrottleBurst),
		Paused:                    r.boolean(keyPaused),
		Access:                    r.text(keyAccess),
		APIKeyRequestsPerDay:      r.number(keyAPIKeyRequestsPerDay),
		AllowedSourceCIDRs:        r.list(keyAllowedSourceCIDRs),
		LogLevel:                  r.text(keyLogLevel),
		AccessLog:                 r.boolean(keyAccessLog),
		LogRetentionDays:          r.number(keyLogRetentionDays),
		APIGatewayLoggingRole:     r.text(keyAPIGatewayLoggingRole),
		PartitionKey:              r.text(keyPartitionKey),
		PartitionKeyField:         r.text(keyPartitionKeyField),
		Envelope:                  r.boolean(keyEnvelope),
		CORSAllowedOrigins:        r.list(keyCORSAllowedOrigins),
		ExpectedEventsPerSecond:   r.number(keyExpectedEventsPerSecond),
		ExpectedEventBytes:        r.number(keyExpectedEventBytes),
		ExpectedEventsPerRequest:  r.number(keyExpectedEventsPerRequest),
		ArchiveAfterDays:          r.number(keyArchiveAfterDays),
		ExpireAfterDays:           r.number(keyExpireAfterDays),
		QueryTable:                r.boolean(keyQueryTable),
		Dashboard:                 r.boolean(keyDashboard),
		Alarms:                    r.boolean(keyAlarms),
		AlarmEmail:                r.text(keyAlarmEmail),
		AlarmIteratorAgeSeconds:   r.number(keyAlarmIteratorAgeSeconds),
		AlarmErrorPercent:         r.number(keyAlarmErrorPercent),
		AlarmThrottledPercent:     r.number(keyAlarmThrottledPercent),
		AlarmLatencyMilliseconds:  r.number(keyAlarmLatencyMilliseconds),
		EventGenerator:            r.boolean(keyEventGenerator),
		ProtectData:               r.boolean(keyProtectData),
	}
	args := PipelineArgs{
		Config:             cfg,
		StreamName:         r.name(keyStreamName),
		DeliveryStreamName: r.name(keyDeliveryStreamName),
		BucketName:         r.name(keyBucketName),
		KMSKeyArn:          r.name(keyKMSKeyArn),
	}
	problems := append(r.unknownKeys(ctx.Project()), r.problems...)
	if !stackNamePattern.MatchString(ctx.Stack()) {
		problems = append(problems, fmt.Errorf("stack %s: must be 1–30 of a–z, 0–9 and - (it is part of the names of buckets and roles); "+
			"rename it with pulumi stack rename", ctx.Stack()))
	}
	problems = append(problems, args.problems(r.unread)...)
	if len(problems) > 0 {
		return PipelineArgs{}, fmt.Errorf("the settings of stack %s cannot be used; nothing was created:\n%w",
			ctx.Stack(), errors.Join(problems...))
	}
	return args, nil
}
