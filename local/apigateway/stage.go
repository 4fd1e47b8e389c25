package apigateway

// Stage serves a deployment below /<Name>/.
type Stage struct {
	APIID string
	// Name is letters, digits, underscores and hyphens: at most 128.
	Name         string
	DeploymentID string
	Description  string
	// Variables are what templates read as $stageVariables.<name>. Names are letters, digits and underscores; values
	// match [A-Za-z0-9-._~:/?#&=,]+ and have at most 512 characters.
	Variables map[string]string
	// AccessLogSettings asks for one line for each request; nil: none. It needs the account's CloudWatch role.
	AccessLogSettings *AccessLogSettings
	// XRayTracingEnabled is kept, and fills $context.xrayTraceId; there is no X-Ray here.
	XRayTracingEnabled bool
	// CacheClusterEnabled must be false: there are no caches here.
	CacheClusterEnabled bool
	CacheClusterSize    string
	// ClientCertificateID and DocumentationVersion must be empty.
	ClientCertificateID  string
	DocumentationVersion string
	Tags                 map[string]string
}

// AccessLogSettings is the access log of a stage.
type AccessLogSettings struct {
	// DestinationARN is a log group's: "arn:aws:logs:<region>:<account>:log-group:<name>", with or without ":*" at its
	// end. A delivery stream is refused.
	DestinationARN string
	// Format is one line of at most 3 KB in which $context.<name> is substituted. It must hold $context.requestId or
	// $context.extendedRequestId.
	Format string
}

// PutStage makes a stage and starts serving it.
func (s *Service) PutStage(stage Stage) (Stage, error) { return Stage{}, errNotWritten }

// UpdateStage changes a stage in place: requests that arrive afterwards see the new one. Method settings stay.
func (s *Service) UpdateStage(stage Stage) (Stage, error) { return Stage{}, errNotWritten }

// DeleteStage stops serving a stage. Its execution logs stay, as on AWS.
func (s *Service) DeleteStage(apiID, name string) error { return errNotWritten }

// Stage describes a stage.
func (s *Service) Stage(apiID, name string) (Stage, error) { return Stage{}, errNotWritten }

// InvokeURL is where a stage answers: "http://127.0.0.1:40001/PROD". It is empty for an API that does not exist.
func (s *Service) InvokeURL(apiID, stageName string) string { return "" }

// MethodSettings are settings of a stage for some or all of its methods.
type MethodSettings struct {
	APIID, StageName string
	// MethodPath is "*/*" for all methods, or a path and a method: "v1/POST", "v1~1batch/POST" or "v1/batch/POST".
	MethodPath string
	// LoggingLevel is OFF (default), ERROR or INFO. Others than OFF need the account's CloudWatch role.
	LoggingLevel string
	// DataTraceEnabled adds bodies and headers to the execution log, each cut off at 1,024 bytes.
	DataTraceEnabled bool
	// MetricsEnabled is kept; there are no metrics here.
	MetricsEnabled bool
	// ThrottlingRateLimit is in requests per second and ThrottlingBurstLimit the size of the bucket, for each method.
	// nil or -1: only the account's limit.
	ThrottlingRateLimit  *float64
	ThrottlingBurstLimit *int
	// CachingEnabled must be false: there are no caches here.
	CachingEnabled bool
}

// PutMethodSettings sets, or replaces, a stage's settings for one MethodPath. They are in force at once.
func (s *Service) PutMethodSettings(settings MethodSettings) error { return errNotWritten }

// DeleteMethodSettings removes a stage's settings for one MethodPath.
func (s *Service) DeleteMethodSettings(apiID, stageName, methodPath string) error {
	return errNotWritten
}
