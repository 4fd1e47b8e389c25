package apigateway

import (
	"maps"
	"regexp"
	"strings"

	"golang.org/x/time/rate"
)

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

// stage is a stage with its settings for methods, and the buckets of those.
type stage struct {
	Stage
	settings map[string]MethodSettings // by path and method: "/v1/POST", or "*/*"
	buckets  map[string]*rate.Limiter  // by path and method, for the methods that have a limit
}

var (
	stageNamePattern     = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,128}$`)
	variableNamePattern  = regexp.MustCompile(`^\w{1,64}$`)
	variableValuePattern = regexp.MustCompile(`^[A-Za-z0-9._~:/?#&=,-]{1,512}$`)
)

// PutStage makes a stage and starts serving it.
func (s *Service) PutStage(put Stage) (Stage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	api, err := s.find(put.APIID)
	if err != nil {
		return Stage{}, err
	}
	if err := s.checkStage(api, put); err != nil {
		return Stage{}, err
	}
	if _, ok := api.stages[put.Name]; ok {
		return Stage{}, conflict("Stage already exists") // recorded in issue threads
	}
	made := &stage{Stage: put.clone(), settings: map[string]MethodSettings{}, buckets: map[string]*rate.Limiter{}}
	api.stages[put.Name] = made
	if err := s.publish(api, made); err != nil {
		delete(api.stages, put.Name)
		return Stage{}, err
	}
	return put, nil
}

// UpdateStage changes a stage in place: requests that arrive afterwards see the new one. Method settings stay.
func (s *Service) UpdateStage(change Stage) (Stage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	api, found, err := s.findStage(change.APIID, change.Name)
	if err != nil {
		return Stage{}, err
	}
	if err := s.checkStage(api, change); err != nil {
		return Stage{}, err
	}
	before := found.Stage
	found.Stage = change.clone()
	if err := s.publish(api, found); err != nil {
		found.Stage = before
		return Stage{}, err
	}
	return change, nil
}

// DeleteStage stops serving a stage. Its execution logs stay, as on AWS.
func (s *Service) DeleteStage(apiID, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	api, _, err := s.findStage(apiID, name)
	if err != nil {
		return err
	}
	delete(api.stages, name)
	api.server.withdraw(name)
	return nil
}

// Stage describes a stage.
func (s *Service) Stage(apiID, name string) (Stage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, found, err := s.findStage(apiID, name)
	if err != nil {
		return Stage{}, err
	}
	return found.clone(), nil
}

// InvokeURL is where a stage answers: "http://127.0.0.1:40001/PROD". It is empty for an API that does not exist.
func (s *Service) InvokeURL(apiID, stageName string) string {
	if base := s.BaseURL(apiID); base != "" {
		return base + "/" + stageName
	}
	return ""
}

// publish compiles a stage and serves it from now on. The caller holds s.mu.
func (s *Service) publish(api *restAPI, st *stage) error {
	compiled, err := s.compile(api, st)
	if err != nil {
		return err
	}
	api.server.publish(st.Name, compiled)
	return nil
}

func (s *Service) findStage(apiID, name string) (*restAPI, *stage, error) {
	api, err := s.find(apiID)
	if err != nil {
		return nil, nil, err
	}
	found, ok := api.stages[name]
	if !ok {
		return nil, nil, notFound("Invalid stage identifier specified") // recorded (LocalStack, moto)
	}
	return api, found, nil
}

// checkStage refuses what AWS refuses, and what is not emulated.
func (s *Service) checkStage(api *restAPI, put Stage) error {
	if !stageNamePattern.MatchString(put.Name) {
		return badRequest("Stage name only allows a-zA-Z0-9_-") // recorded in issue threads, there without the hyphen
	}
	if _, ok := api.deployments[put.DeploymentID]; !ok {
		return badRequest("Deployment id does not exist") // recorded (LocalStack's snapshot of UpdateStage)
	}
	for name, value := range put.Variables {
		// Documented (API_CreateStage, limits); the sentences are assumed.
		if !variableNamePattern.MatchString(name) {
			return badRequest("Invalid stage variable name: %s. Only alphanumeric characters and underscores are allowed", name)
		}
		if !variableValuePattern.MatchString(value) {
			return badRequest("Invalid stage variable value: %s. Please use values with alphanumeric characters and the symbols ' ', -', '.', '_', ':', '/', '?', '&', '=', and ','.", value)
		}
	}
	switch {
	case put.CacheClusterEnabled || put.CacheClusterSize != "":
		return notEmulated("a cache cluster")
	case put.ClientCertificateID != "":
		return notEmulated("a client certificate")
	case put.DocumentationVersion != "":
		return notEmulated("a documentation version")
	}
	if put.AccessLogSettings == nil {
		return nil
	}
	if err := s.checkLogging(); err != nil {
		return err
	}
	return s.checkAccessLog(*put.AccessLogSettings)
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
