package apigateway

import (
	"strings"
	"time"

	"ingest-pipeline/local/aws/internal/protocol"
)

func (s *Service) stageActions() []protocol.Action {
	const stages, stage = "/restapis/{restapi_id}/stages", "/restapis/{restapi_id}/stages/{stage_name}"
	return []protocol.Action{
		handle(s, "CreateStage", "POST", stages, 201, s.apiCreateStage),
		handle(s, "GetStages", "GET", stages, 200, s.apiGetStages),
		handle(s, "GetStage", "GET", stage, 200, s.apiGetStage),
		handle(s, "UpdateStage", "PATCH", stage, 200, s.apiUpdateStage),
		handle(s, "DeleteStage", "DELETE", stage, 202, s.apiDeleteStage),
		handle(s, "FlushStageCache", "DELETE", stage+"/cache/data", 202, s.apiFlushStageCache),
	}
}

type stagesInput struct {
	apiInput
	DeploymentID *string `aws:"deploymentId,query"`
}

func (in *stagesInput) resource() string { return in.apiInput.resource() + "/stages" }

type stageInput struct {
	apiInput
	StageName string `aws:"stage_name,path"`
}

func (in *stageInput) resource() string { return in.apiInput.resource() + "/stages/" + in.StageName }

// stageShape is a stage as answers show it: recorded (LocalStack, TestStages::test_create_update_stages).
type stageShape struct {
	DeploymentID                 string `aws:"deploymentId"`
	StageName                    string
	Description                  *string
	CacheClusterEnabled          bool
	CacheClusterStatus           string
	MethodSettings               map[string]methodSettingShape
	Variables                    map[string]string
	AccessLogSettings            *accessLogShape
	TracingEnabled               bool
	Tags                         map[string]string
	CreatedDate, LastUpdatedDate time.Time
}

type accessLogShape struct {
	Format         string
	DestinationARN string `aws:"destinationArn"`
}

type methodSettingShape struct {
	MetricsEnabled                         bool
	LoggingLevel                           *string
	DataTraceEnabled                       bool
	ThrottlingBurstLimit                   int
	ThrottlingRateLimit                    float64
	CachingEnabled                         bool
	CacheTTLInSeconds                      int `aws:"cacheTtlInSeconds"`
	CacheDataEncrypted                     bool
	RequireAuthorizationForCacheControl    bool
	UnauthorizedCacheControlHeaderStrategy string
}

func showStage(st *stage) stageShape {
	config := st.clone()
	shape := stageShape{
		DeploymentID: config.DeploymentID, StageName: config.Name, Description: present(config.Description),
		CacheClusterStatus: "NOT_AVAILABLE", MethodSettings: map[string]methodSettingShape{}, Variables: unlessEmpty(config.Variables),
		TracingEnabled: config.XRayTracingEnabled, Tags: unlessEmpty(config.Tags),
		CreatedDate: config.CreatedDate, LastUpdatedDate: config.LastUpdatedDate,
	}
	if log := config.AccessLogSettings; log != nil {
		shape.AccessLogSettings = &accessLogShape{log.Format, log.DestinationARN}
	}
	for key, settings := range st.MethodSettings {
		shape.MethodSettings[shownMethodPath(key)] = showMethodSettings(settings)
	}
	return shape
}

// shownMethodPath is a key of settings as AWS shows it: "~1v1~1batch/POST".
func shownMethodPath(key string) string {
	if key == everyMethod {
		return key
	}
	cut := strings.LastIndexByte(key, '/')
	path := key[:cut]
	if path == "" {
		path = "/"
	}
	return strings.ReplaceAll(path, "/", "~1") + key[cut:]
}

// showMethodSettings shows the account's limits where a method has none, and the defaults of caches.
func showMethodSettings(settings MethodSettings) methodSettingShape {
	shape := methodSettingShape{
		MetricsEnabled: settings.MetricsEnabled, LoggingLevel: present(settings.LoggingLevel), DataTraceEnabled: settings.DataTraceEnabled,
		ThrottlingBurstLimit: defaultThrottleBurst, ThrottlingRateLimit: defaultThrottleRate,
		CacheTTLInSeconds: 300, RequireAuthorizationForCacheControl: true,
		UnauthorizedCacheControlHeaderStrategy: "SUCCEED_WITH_RESPONSE_HEADER",
	}
	if settings.ThrottlingBurstLimit != nil {
		shape.ThrottlingBurstLimit = *settings.ThrottlingBurstLimit
	}
	if settings.ThrottlingRateLimit != nil {
		shape.ThrottlingRateLimit = *settings.ThrottlingRateLimit
	}
	return shape
}

type stages struct{ Item []stageShape }

func (s *Service) apiGetStages(_ *protocol.Call, in *stagesInput) (*stages, error) {
	all, err := listIn(s, in.APIID, func(api *restAPI) []stageShape { return describeAll(api.Stages, showStage) })
	out := &stages{Item: []stageShape{}}
	for _, shape := range all {
		if in.DeploymentID == nil || *in.DeploymentID == shape.DeploymentID {
			out.Item = append(out.Item, shape)
		}
	}
	return out, err
}

func (s *Service) apiGetStage(_ *protocol.Call, in *stageInput) (*stageShape, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	api, err := s.find(in.APIID)
	if err != nil {
		return nil, err
	}
	st, err := api.stage(in.StageName)
	if err != nil {
		return nil, err
	}
	shape := showStage(st)
	return &shape, nil
}

type createStageInput struct {
	apiInput
	StageName, Description, DocumentationVersion *string
	DeploymentID                                 *string `aws:"deploymentId"`
	Variables, Tags                              map[string]string
	TracingEnabled, CacheClusterEnabled          *bool
	CanarySettings                               any
}

func (in *createStageInput) resource() string { return in.apiInput.resource() + "/stages" }

func (s *Service) apiCreateStage(_ *protocol.Call, in *createStageInput) (*stageShape, error) {
	switch {
	case in.CanarySettings != nil:
		return nil, notEmulated("a canary")
	case in.DocumentationVersion != nil:
		return nil, notEmulated("documentationVersion")
	}
	err := s.CreateStage(Stage{
		APIID: in.APIID, Name: textOf(in.StageName), DeploymentID: textOf(in.DeploymentID), Description: textOf(in.Description),
		Variables: in.Variables, Tags: in.Tags, XRayTracingEnabled: isTrue(in.TracingEnabled), CacheClusterEnabled: isTrue(in.CacheClusterEnabled),
	})
	if err != nil {
		return nil, err
	}
	return s.apiGetStage(nil, &stageInput{in.apiInput, textOf(in.StageName)})
}

func (s *Service) apiDeleteStage(_ *protocol.Call, in *stageInput) (*empty, error) {
	return &empty{}, s.DeleteStage(in.APIID, in.StageName)
}

type stagePatch struct {
	stageInput
	PatchOperations []patchOperation
}

// stageEdit is a stage that is being changed.
type stageEdit struct {
	service *Service
	api     *restAPI
	*stage
}

func (e *stageEdit) accessLog() *AccessLogSettings {
	if e.AccessLogSettings == nil {
		e.AccessLogSettings = &AccessLogSettings{}
	}
	return e.AccessLogSettings
}

var stagePatches = []patch[stageEdit]{
	{"/deploymentId", "replace", setText(func(e *stageEdit) *string { return &e.DeploymentID })},
	{"/description", "add replace remove", setText(func(e *stageEdit) *string { return &e.Description })},
	{"/variables/{name}", "add replace remove", setEntry(func(e *stageEdit) *map[string]string { return &e.Variables })},
	{"/accessLogSettings/format", "add replace", setText(func(e *stageEdit) *string { return &e.accessLog().Format })},
	{"/accessLogSettings/destinationArn", "add replace", setText(func(e *stageEdit) *string { return &e.accessLog().DestinationARN })},
	{"/accessLogSettings", "remove", func(e *stageEdit, _ patchValue) error { e.AccessLogSettings = nil; return nil }},
	{"/tracingEnabled", "replace", setBool(func(e *stageEdit) *bool { return &e.XRayTracingEnabled })},
	{"/cacheClusterEnabled", "replace", setBool(func(e *stageEdit) *bool { return &e.CacheClusterEnabled })},
	{"/cacheClusterSize", "replace", refusePatch[stageEdit]},
	{"/clientCertificateId", "replace", refusePatch[stageEdit]},
	{"/documentationVersion", "replace", refusePatch[stageEdit]},
	{"/canarySettings/{setting}", "add replace remove", refusePatch[stageEdit]},
	{"/{resource}/{method}", "remove", (*stageEdit).removeMethodSettings},
	{"/{resource}/{method}/metrics/enabled", "replace", methodSetting(setBool(func(m *MethodSettings) *bool { return &m.MetricsEnabled }))},
	{"/{resource}/{method}/logging/dataTrace", "replace", methodSetting(setBool(func(m *MethodSettings) *bool { return &m.DataTraceEnabled }))},
	{"/{resource}/{method}/logging/loglevel", "replace", methodSetting(setText(func(m *MethodSettings) *string { return &m.LoggingLevel }))},
	{"/{resource}/{method}/caching/enabled", "replace", methodSetting(setBool(func(m *MethodSettings) *bool { return &m.CachingEnabled }))},
	{"/{resource}/{method}/caching/{setting}", "replace", refusePatch[stageEdit]},
	{"/{resource}/{method}/throttling/burstLimit", "replace", methodSetting(func(m *MethodSettings, v patchValue) error {
		burst, err := v.int()
		m.ThrottlingBurstLimit = &burst
		return err
	})},
	{"/{resource}/{method}/throttling/rateLimit", "replace", methodSetting(func(m *MethodSettings, v patchValue) error {
		rate, err := v.float()
		m.ThrottlingRateLimit = &rate
		return err
	})},
}

// methodSetting is the patch of one of a stage's settings for a method, or for all with "*/*". Others keep their value.
func methodSetting(set func(*MethodSettings, patchValue) error) func(*stageEdit, patchValue) error {
	return func(e *stageEdit, v patchValue) error {
		methodPath := strings.Trim(v.names[0], "/") + "/" + v.names[1]
		key, err := settingsPath(e.api, e.stage, methodPath)
		if err != nil {
			return err
		}
		settings, ok := e.MethodSettings[key]
		if !ok {
			settings = MethodSettings{APIID: e.APIID, StageName: e.Name, MethodPath: methodPath}
		}
		if err := set(&settings, v); err != nil {
			return err
		}
		if err := e.service.checkMethodSettings(settings); err != nil {
			return err
		}
		e.MethodSettings[key] = settings
		return nil
	}
}

func (e *stageEdit) removeMethodSettings(v patchValue) error {
	return e.deleteMethodSettings(strings.Trim(v.names[0], "/")+"/"+v.names[1], strings.TrimPrefix(v.path, "/"))
}

// stagePaths are the paths of UpdateStage as AWS lists them, commas left out where it does: recorded (LocalStack,
// TestStages::test_create_update_stages).
const stagePaths = "/deploymentId, /description, /cacheClusterEnabled, /cacheClusterSize, /clientCertificateId, " +
	"/accessLogSettings, /accessLogSettings/destinationArn, /accessLogSettings/format, " +
	"/{resourcePath}/{httpMethod}/metrics/enabled, /{resourcePath}/{httpMethod}/logging/dataTrace, " +
	"/{resourcePath}/{httpMethod}/logging/loglevel, /{resourcePath}/{httpMethod}/throttling/burstLimit" +
	"/{resourcePath}/{httpMethod}/throttling/rateLimit/{resourcePath}/{httpMethod}/caching/ttlInSeconds, " +
	"/{resourcePath}/{httpMethod}/caching/enabled, /{resourcePath}/{httpMethod}/caching/dataEncrypted, " +
	"/{resourcePath}/{httpMethod}/caching/requireAuthorizationForCacheControl, " +
	"/{resourcePath}/{httpMethod}/caching/unauthorizedCacheControlHeaderStrategy, /*/*/metrics/enabled, " +
	"/*/*/logging/dataTrace, /*/*/logging/loglevel, /*/*/throttling/burstLimit /*/*/throttling/rateLimit " +
	"/*/*/caching/ttlInSeconds, /*/*/caching/enabled, /*/*/caching/dataEncrypted, " +
	"/*/*/caching/requireAuthorizationForCacheControl, /*/*/caching/unauthorizedCacheControlHeaderStrategy, " +
	"/variables/{variable_name}, /tracingEnabled"

// checkStagePaths refuses paths that no patch has. A path of two parts is that of settings only if they are removed.
func checkStagePaths(operations []patchOperation) error {
	for _, o := range operations {
		p, _ := findPatch(stagePatches, textOf(o.Path))
		if p == nil || p.path == "/{resource}/{method}" && textOf(o.Op) != "remove" {
			return badRequest("Invalid method setting path: %s. Must be one of: [%s]", textOf(o.Path), stagePaths)
		}
	}
	return nil
}

func (s *Service) apiUpdateStage(_ *protocol.Call, in *stagePatch) (*stageShape, error) {
	err := s.editAPI(in.APIID, func(api *restAPI) error {
		st, err := api.stage(in.StageName)
		if err != nil {
			return err
		}
		if err := checkStagePaths(in.PatchOperations); err != nil {
			return err
		}
		st.Stage = st.clone()
		if err := applyPatches(&stageEdit{s, api, st}, in.PatchOperations, stagePatches); err != nil {
			return err
		}
		st.LastUpdatedDate = s.now()
		return s.checkStage(api, st.Stage)
	}, in.StageName)
	if err != nil {
		return nil, err
	}
	return s.apiGetStage(nil, &in.stageInput)
}

type stageCacheInput struct{ stageInput }

func (in *stageCacheInput) resource() string { return in.stageInput.resource() + "/cache/data" }

func (s *Service) apiFlushStageCache(*protocol.Call, *stageCacheInput) (*empty, error) {
	return nil, notEmulated("FlushStageCache: a stage's cache")
}
