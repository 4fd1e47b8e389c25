package apigateway

import (
	"strings"

	"golang.org/x/time/rate"
)

// MethodSettings are settings of a stage for some or all of its methods.
type MethodSettings struct {
	APIID, StageName string
	// MethodPath is "*/*" for all methods, or a path and a method: "v1/POST", "v1~1batch/POST" or "v1/batch/POST".
	// The settings of a path and a method take the place of those of "*/*" as a whole.
	MethodPath string
	// LoggingLevel is OFF (default), ERROR or INFO. Others than OFF need the account's CloudWatch role.
	LoggingLevel string
	// DataTraceEnabled adds bodies and headers to the execution log, each cut off at 1,024 bytes.
	DataTraceEnabled bool
	// MetricsEnabled sends the metrics of each method besides those of the API and the stage.
	MetricsEnabled bool
	// ThrottlingRateLimit is in requests per second and ThrottlingBurstLimit the size of the bucket, for each method.
	// nil or -1: only the account's limit.
	ThrottlingRateLimit  *float64
	ThrottlingBurstLimit *int
	// CachingEnabled must be false: there are no caches here.
	CachingEnabled bool
}

const everyMethod = "*/*"

// PutMethodSettings sets, or replaces, a stage's settings for one MethodPath. They are in force at once.
func (s *Service) PutMethodSettings(put MethodSettings) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	api, st, err := s.findStage(put.APIID, put.StageName)
	if err != nil {
		return err
	}
	path, err := settingsPath(api, st, put.MethodPath)
	if err != nil {
		return err
	}
	if err := s.checkMethodSettings(&put); err != nil {
		return err
	}
	before, had := st.settings[path]
	st.settings[path] = put
	if err := s.publish(api, st); err != nil {
		delete(st.settings, path)
		if had {
			st.settings[path] = before
		}
		return err
	}
	return nil
}

// DeleteMethodSettings removes a stage's settings for one MethodPath.
func (s *Service) DeleteMethodSettings(apiID, stageName, methodPath string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	api, st, err := s.findStage(apiID, stageName)
	if err != nil {
		return err
	}
	path, err := normalPath(methodPath)
	if err != nil {
		return err
	}
	if _, ok := st.settings[path]; !ok {
		// Recorded (LocalStack's snapshot of UpdateStage).
		return badRequest("Cannot remove method setting %s because there is no method setting for this method ", methodPath)
	}
	delete(st.settings, path)
	return s.publish(api, st)
}

func (s *Service) checkMethodSettings(put *MethodSettings) error {
	switch put.LoggingLevel {
	case "":
		put.LoggingLevel = levelOff
	case levelOff:
	case levelError, levelInfo:
		if err := s.checkLogging(); err != nil {
			return err
		}
	default:
		return badRequest("Invalid logging level: %s. Must be one of: [ERROR, INFO, OFF]", put.LoggingLevel)
	}
	switch {
	case put.CachingEnabled:
		return notEmulated("caching")
	case put.ThrottlingRateLimit != nil && *put.ThrottlingRateLimit < 0 && *put.ThrottlingRateLimit != -1:
		return badRequest("Invalid throttling rate limit: %v", *put.ThrottlingRateLimit)
	case put.ThrottlingBurstLimit != nil && *put.ThrottlingBurstLimit < -1:
		return badRequest("Invalid throttling burst limit: %d", *put.ThrottlingBurstLimit)
	}
	return nil
}

// settingsPath is the key of a MethodPath, for a method that the API or what the stage serves has.
func settingsPath(api *restAPI, st *stage, methodPath string) (string, error) {
	path, err := normalPath(methodPath)
	if err != nil || path == everyMethod {
		return path, err
	}
	for _, at := range api.resources {
		for verb := range at.methods {
			if settingsKey(at.Path, verb) == path {
				return path, nil
			}
		}
	}
	for _, at := range api.deployments[st.DeploymentID].Resources {
		for _, m := range at.Methods {
			if settingsKey(at.Resource.Path, m.Method.HTTPMethod) == path {
				return path, nil
			}
		}
	}
	return "", notFound("Invalid method setting path: %s", methodPath) // assumed
}

// normalPath writes a MethodPath the way the settings are kept. Documented (API_UpdateStage): "/" is "~1" in a path.
func normalPath(methodPath string) (string, error) {
	if strings.Trim(methodPath, "/") == everyMethod {
		return everyMethod, nil
	}
	decoded := strings.ReplaceAll(strings.ReplaceAll(methodPath, "~1", "/"), "~0", "~")
	cut := strings.LastIndexByte(decoded, '/')
	if cut < 0 || cut == len(decoded)-1 {
		return "", badRequest("Invalid method setting path: %s", methodPath)
	}
	return settingsKey("/"+strings.Trim(decoded[:cut], "/"), decoded[cut+1:]), nil
}

func settingsKey(path, verb string) string {
	if path == "/" {
		return "/" + verb
	}
	return path + "/" + verb
}

// settingsOf are the settings in force for a method.
func (st *stage) settingsOf(key string) MethodSettings {
	if own, ok := st.settings[key]; ok {
		return own
	}
	return st.settings[everyMethod]
}

// bucketOf is the bucket of a method, or nil if it has no limit of its own. Settings of "*/*" give each method a bucket
// of its own: documented (api-gateway-request-throttling). A bucket lives on as long as its limits stay as they are.
func (st *stage) bucketOf(key string, settings MethodSettings) *rate.Limiter {
	limit, burst := rate.Limit(-1), -1
	if settings.ThrottlingRateLimit != nil {
		limit = rate.Limit(*settings.ThrottlingRateLimit)
	}
	if settings.ThrottlingBurstLimit != nil {
		burst = *settings.ThrottlingBurstLimit
	}
	if limit < 0 && burst < 0 {
		delete(st.buckets, key)
		return nil
	}
	if limit < 0 {
		limit = defaultThrottleRate
	}
	if burst < 0 {
		burst = defaultThrottleBurst
	}
	bucket := st.buckets[key]
	if bucket == nil || bucket.Limit() != limit || bucket.Burst() != burst {
		bucket = rate.NewLimiter(limit, burst)
		st.buckets[key] = bucket
	}
	return bucket
}
