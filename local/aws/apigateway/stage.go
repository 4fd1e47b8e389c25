package apigateway

import (
	"maps"
	"regexp"
	"strings"
	"time"
)

// Stage serves a deployment below /<Name>/.
type Stage struct {
	APIID string
	// Name is letters, digits, underscores and hyphens: at most 128.
	Name         string
	DeploymentID string
	Description  string
	// Variables are $stageVariables in templates. Names are letters, digits and underscores; values
	// match [A-Za-z0-9-._~:/?#&=,]+ and have at most 512 characters.
	Variables map[string]string
	// AccessLogSettings adds one line to a log for each request; nil: none. They need the account's logging role.
	AccessLogSettings *AccessLogSettings
	// XRayTracingEnabled fills $context.xrayTraceId, and has no other effect: X-Ray is not emulated.
	XRayTracingEnabled bool
	// CacheClusterEnabled must be false: caches are not emulated.
	CacheClusterEnabled bool
	Tags                map[string]string

	// CreatedDate and LastUpdatedDate are set by the service.
	CreatedDate, LastUpdatedDate time.Time
}

// stage is a stage with its settings for methods, by path and method: "/v1/POST", or "*/*".
type stage struct {
	Stage
	MethodSettings map[string]MethodSettings
}

var (
	stageNamePattern     = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,128}$`)
	variableNamePattern  = regexp.MustCompile(`^\w{1,64}$`)
	variableValuePattern = regexp.MustCompile(`^[A-Za-z0-9._~:/?#&=,-]{1,512}$`)
)

// CreateStage creates a stage and starts serving it.
func (s *Service) CreateStage(create Stage) error {
	create = create.clone()
	create.CreatedDate = s.now()
	create.LastUpdatedDate = create.CreatedDate
	return s.editAPI(create.APIID, func(api *restAPI) error {
		if err := s.checkStage(api, create); err != nil {
			return err
		}
		if _, ok := api.Stages[create.Name]; ok {
			return conflict("Stage already exists") // assumed: quoted in issue threads
		}
		api.Stages[create.Name] = &stage{Stage: create, MethodSettings: map[string]MethodSettings{}}
		return nil
	}, create.Name)
}

// GetStage describes a stage.
func (s *Service) GetStage(apiID, name string) (Stage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	api, err := s.find(apiID)
	if err != nil {
		return Stage{}, err
	}
	st, err := api.stage(name)
	if err != nil {
		return Stage{}, err
	}
	return st.clone(), nil
}

// UpdateStage changes a stage in place: requests that arrive afterwards see the change. Method settings stay.
func (s *Service) UpdateStage(change Stage) error {
	change = change.clone()
	return s.editAPI(change.APIID, func(api *restAPI) error {
		st, err := api.stage(change.Name)
		if err != nil {
			return err
		}
		if err := s.checkStage(api, change); err != nil {
			return err
		}
		change.CreatedDate, change.LastUpdatedDate = st.CreatedDate, s.now()
		st.Stage = change
		return nil
	}, change.Name)
}

// DeleteStage stops serving a stage and deletes it with its method settings. Its execution logs stay, as on AWS.
func (s *Service) DeleteStage(apiID, name string) error {
	return s.editAPI(apiID, func(api *restAPI) error {
		if _, err := api.stage(name); err != nil {
			return err
		}
		delete(api.Stages, name)
		return nil
	}, name)
}

func (a *restAPI) stage(name string) (*stage, error) {
	if st, ok := a.Stages[name]; ok {
		return st, nil
	}
	return nil, notFound("Invalid stage identifier specified") // assumed: the sentence is that of getmoto/moto
}

// InvokeURL is where a stage answers: "http://127.0.0.1:40001/PROD". It is empty for an API that does not exist.
func (s *Service) InvokeURL(apiID, stageName string) string {
	if base := s.BaseURL(apiID); base != "" {
		return base + "/" + stageName
	}
	return ""
}

// checkStage refuses what AWS refuses, and what is not emulated.
func (s *Service) checkStage(api *restAPI, config Stage) error {
	if !stageNamePattern.MatchString(config.Name) {
		return badRequest("Stage name only allows a-zA-Z0-9_-") // assumed: quoted in issue threads, there without the hyphen
	}
	if _, ok := api.deployments[config.DeploymentID]; !ok {
		return badRequest("Deployment id does not exist") // assumed: the sentence is LocalStack's
	}
	for name, value := range config.Variables {
		// Documented (API_CreateStage, limits); the sentences are assumed.
		if !variableNamePattern.MatchString(name) {
			return badRequest("Invalid stage variable name: %s. Only alphanumeric characters and underscores are allowed", name)
		}
		if !variableValuePattern.MatchString(value) {
			return badRequest("Invalid stage variable value: %s. Please use values with alphanumeric characters and the symbols ' ', -', '.', '_', ':', '/', '?', '&', '=', and ','.", value)
		}
	}
	if config.CacheClusterEnabled {
		return notEmulated("a cache cluster")
	}
	if config.AccessLogSettings == nil {
		return nil
	}
	if err := s.checkLogging(); err != nil {
		return err
	}
	return s.checkAccessLog(*config.AccessLogSettings)
}

func (st Stage) clone() Stage {
	st.Variables = maps.Clone(st.Variables)
	st.Tags = maps.Clone(st.Tags)
	if st.AccessLogSettings != nil {
		settings := *st.AccessLogSettings
		st.AccessLogSettings = &settings
	}
	return st
}

// substitute replaces the ${stageVariables.<name>} of an integration's URI or credentials: documented
// (amazon-api-gateway-using-stage-variables). A variable that is not set becomes nothing.
func (st *stage) substitute(text string) string {
	for {
		start := strings.Index(text, stageVariablePrefix)
		if start < 0 {
			return text
		}
		name, rest, ok := strings.Cut(text[start+len(stageVariablePrefix):], "}")
		if !ok {
			return text
		}
		text = text[:start] + st.Variables[name] + rest
	}
}
