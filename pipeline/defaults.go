package pipeline

// DefaultConfig is what a stack without settings has: closed to unsigned requests, with the data protected. Pulumi.yaml has the
// same defaults.
func DefaultConfig() Config {
	return Config{
		StreamMode:                StreamModeOnDemand,
		RetentionHours:            168,
		Prefix:                    "raw/",
		ErrorPrefix:               "errors/!{firehose:error-output-type}/",
		BufferSizeMiB:             5,
		BufferIntervalSeconds:     300,
		Compression:               "GZIP",
		StageName:                 "PROD",
		ThrottleRequestsPerSecond: 1000,
		ThrottleBurst:             1000,
		Access:                    AccessIAM,
		APIKeyRequestsPerDay:      1_000_000,
		LogLevel:                  "INFO",
		AccessLog:                 true,
		LogRetentionDays:          30,
		APIGatewayLoggingRole:     LoggingRoleManaged,
		PartitionKey:              PartitionKeyTraceID,
		ExpectedEventsPerSecond:   100,
		ExpectedEventBytes:        1024,
		ExpectedEventsPerRequest:  1,
		Dashboard:                 true,
		Alarms:                    true,
		AlarmIteratorAgeSeconds:   600,
		AlarmErrorPercent:         1,
		AlarmThrottledPercent:     5,
		AlarmLatencyMilliseconds:  1000,
		ProtectData:               true,
	}
}
