package apigateway

import (
	"strings"
)

// MethodSettings are settings of a stage for some or all of its methods.
type MethodSettings struct {
	APIID, StageName string
	// MethodPath is "*/*" for all methods, or a path and a method: "v1/POST", "v1~1batch/POST" or "v1/batch/POST".
	// The settings of a path and a method replace those of "*/*" as a whole.
	MethodPath string
	// LoggingLevel is OFF, ERROR or INFO; empty is OFF, too. ERROR and INFO need the account's logging role.
	LoggingLevel string
	// DataTraceEnabled adds bodies and headers to the execution log, each cut off at 1,024 bytes.
	DataTraceEnabled bool
	// MetricsEnabled sends the metrics of each method besides those of the API and the stage.
	MetricsEnabled bool
	// ThrottlingRateLimit is in requests per second and ThrottlingBurstLimit the size of the token bucket, for each
	// method. nil or -1: only the account's limit.
	ThrottlingRateLimit  *float64
	ThrottlingBurstLimit *int
	// CachingEnabled must be false: caches are not emulated.
	CachingEnabled bool
}

const everyMethod = "*/*"

// UpdateMethodSettings sets, or replaces, a stage's settings for one MethodPath. They are in force at once. The action of
// AWS for it, and for DeleteMethodSettings, is UpdateStage.
func (s *Service) UpdateMethodSettings(change MethodSettings) error {
	return s.editAPI(change.APIID, func(api *restAPI) error {
		st, err := api.stage(change.StageName)
		if err != nil {
			return err
		}
		path, err := settingsPath(api, st, change.MethodPath)
		if err != nil {
			return err
		}
		if err := s.checkMethodSettings(change); err != nil {
			return err
		}
		st.MethodSettings[path] = change
		st.LastUpdatedDate = s.now()
		return nil
	}, change.StageName)
}

// GetMethodSettings describes a stage's settings for one MethodPath. The action of AWS for it is GetStage.
func (s *Service) GetMethodSettings(apiID, stageName, methodPath string) (MethodSettings, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	api, err := s.find(apiID)
	if err != nil {
		return MethodSettings{}, err
	}
	st, err := api.stage(stageName)
	if err != nil {
		return MethodSettings{}, err
	}
	path, err := canonicalMethodPath(methodPath)
	if err != nil {
		return MethodSettings{}, err
	}
	settings, ok := st.MethodSettings[path]
	if !ok {
		return MethodSettings{}, notFound("Invalid method setting path: %s", methodPath)
	}
	return settings, nil
}

// DeleteMethodSettings deletes a stage's settings for one MethodPath.
func (s *Service) DeleteMethodSettings(apiID, stageName, methodPath string) error {
	return s.editAPI(apiID, func(api *restAPI) error {
		st, err := api.stage(stageName)
		if err != nil {
			return err
		}
		st.LastUpdatedDate = s.now()
		return st.deleteMethodSettings(methodPath, methodPath)
	}, stageName)
}

// deleteMethodSettings deletes settings; shown is the MethodPath as an error shows it.
func (st *stage) deleteMethodSettings(methodPath, shown string) error {
	path, err := canonicalMethodPath(methodPath)
	if err != nil {
		return err
	}
	if _, ok := st.MethodSettings[path]; !ok {
		// Recorded (LocalStack, test_update_stage_remove_wildcard).
		return badRequest("Cannot remove method setting %s because there is no method setting for this method ", shown)
	}
	delete(st.MethodSettings, path)
	return nil
}

func (s *Service) checkMethodSettings(settings MethodSettings) error {
	switch settings.LoggingLevel {
	case "", levelOff:
	case levelError, levelInfo:
		if err := s.checkLogging(); err != nil {
			return err
		}
	default:
		return badRequest("Invalid logging level: %s. Must be one of: [ERROR, INFO, OFF]", settings.LoggingLevel)
	}
	switch {
	case settings.CachingEnabled:
		return notEmulated("caching")
	case settings.ThrottlingRateLimit != nil && *settings.ThrottlingRateLimit < 0 && *settings.ThrottlingRateLimit != -1:
		return badRequest("Invalid throttling rate limit: %v", *settings.ThrottlingRateLimit)
	case settings.ThrottlingBurstLimit != nil && *settings.ThrottlingBurstLimit < -1:
		return badRequest("Invalid throttling burst limit: %d", *settings.ThrottlingBurstLimit)
	}
	return nil
}

// settingsPath is the key of a MethodPath, for a method that the API or what the stage serves has.
func settingsPath(api *restAPI, st *stage, methodPath string) (string, error) {
	path, err := canonicalMethodPath(methodPath)
	if err != nil || path == everyMethod {
		return path, err
	}
	for _, at := range api.Resources {
		for verb := range at.Methods {
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

// canonicalMethodPath is a MethodPath as the key of a stage's settings. Documented (API_UpdateStage): "/" is "~1" in a path.
func canonicalMethodPath(methodPath string) (string, error) {
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
	if own, ok := st.MethodSettings[key]; ok {
		return own
	}
	return st.MethodSettings[everyMethod]
}
