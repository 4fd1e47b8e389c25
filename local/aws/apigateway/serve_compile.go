package apigateway

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"ingest-pipeline/local/aws/apigateway/vtl"
	"ingest-pipeline/local/aws/iam"
)

// stageRuntime is all that a stage's requests need, compiled once. It never changes: a change of the stage replaces it.
type stageRuntime struct {
	id           stageID
	name         string
	deploymentID string
	domainName   string
	endpointType string
	xray         bool
	disabled     bool
	arn          string   // of the stage: arn:aws:execute-api:<region>:<account>:<api>/<stage>
	variables    *vtl.Map // cloned for each template, which may change them
	policy       *iam.Policy
	root         *routeNode
	unmatched    *methodRuntime // for requests to a path or method that does not exist
	gateway      map[string]*gatewayRuntime
	access       *accessLog
	meters       []meters // of the API and of the stage
	executionLog string   // the log group
	logStream    string
}

// methodRuntime is a method of a stage.
type methodRuntime struct {
	key                      string // the path and the method: "/v1/POST"
	httpMethod               string
	resourceID, resourcePath string
	signed                   bool // authorization is AWS_IAM
	keyRequired              bool
	bucket                   *rate.Limiter
	level                    logLevel
	trace                    bool
	meters                   []meters // with detailed metrics
	validation               *validation
	integration              *integrationRuntime
}

// integrationRuntime is the integration of a method.
type integrationRuntime struct {
	mock            bool
	uri             string
	verb            string // of the call to the service
	service, action string
	endpoint        string // the URL that AWS would call, for the log
	backend         Backend
	role            string
	problem         string // why the integration cannot be called at all; empty: it can
	passthrough     string
	templates       map[string]*mappingTemplate
	parameters      []mapping
	timeout         time.Duration
	responses       [600]*responseRuntime // by the backend's status
	fallback        *responseRuntime      // the default, for a status out of range
}

// responseRuntime is an integration response.
type responseRuntime struct {
	status     int
	declared   bool // the method has a response with this status
	pattern    string
	templates  map[string]*mappingTemplate
	first      *mappingTemplate // used when there is none for the content type in Accept
	parameters []mapping
}

// mappingTemplate is a parsed template and what it needs.
type mappingTemplate struct {
	template    *vtl.Template
	contentType string
	variables   bool // it reads $stageVariables
}

// compile builds a stage's runtime from its deployment and settings. The caller holds s.mu.
func (s *Service) compile(api *restAPI, st *stage) (*stageRuntime, error) {
	frozen := api.deployments[st.DeploymentID]
	runtime := &stageRuntime{
		id: stageID{st.APIID, st.Name}, name: st.Name, deploymentID: st.DeploymentID,
		domainName:   st.APIID + ".execute-api." + s.options.Account.Region + "." + domainSuffix(s.options.Account),
		endpointType: frozen.API.EndpointType, xray: st.XRayTracingEnabled,
		disabled:     frozen.API.DisableExecuteAPIEndpoint,
		arn:          s.ExecutionARN(st.APIID) + "/" + st.Name,
		root:         newRouteNode(),
		meters:       s.stageMeters(api, st.Name),
		executionLog: "API-Gateway-Execution-Logs_" + st.APIID + "/" + st.Name, // documented (set-up-logging)
		logStream:    logStreamName(st.APIID, st.Name),
	}
	runtime.variables = vtl.NewMap()
	for _, name := range slices.Sorted(maps.Keys(st.Variables)) {
		runtime.variables.Put(name, st.Variables[name])
	}
	var err error
	if frozen.API.Policy != "" {
		if runtime.policy, err = parseResourcePolicy(frozen.API.Policy, s.ExecutionARN(st.APIID)); err != nil {
			return nil, err
		}
	}
	schemas, err := compileSchemas(frozen)
	if err != nil {
		return nil, err
	}
	for _, at := range frozen.Resources {
		for _, m := range at.Methods {
			compiled, err := s.compileMethod(api, st, frozen, at.Resource, m, schemas)
			if err != nil {
				return nil, err
			}
			runtime.root.add(at.Resource.Path).methods[m.Method.HTTPMethod] = compiled
		}
	}
	runtime.unmatched = &methodRuntime{}
	runtime.gateway = compileGatewayResponses(frozen.GatewayResponses, st)
	if st.AccessLogSettings != nil {
		runtime.access = compileAccessLog(*st.AccessLogSettings, st)
	}
	return runtime, nil
}

func domainSuffix(account iam.Account) string {
	if account.Partition == "aws-cn" {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

func (s *Service) compileMethod(
	api *restAPI, st *stage, frozen *snapshot, at Resource, m deployedMethod, schemas map[string]*schema,
) (*methodRuntime, error) {
	key := settingsKey(at.Path, m.Method.HTTPMethod)
	settings := st.settingsOf(key)
	runtime := &methodRuntime{
		key: key, httpMethod: m.Method.HTTPMethod, resourceID: at.ID, resourcePath: at.Path,
		signed: m.Method.Authorization == "AWS_IAM", keyRequired: m.Method.APIKeyRequired,
		bucket: api.server.bucket(bucketKey{st.Name, key}, settings), level: logLevels[settings.LoggingLevel], trace: settings.DataTraceEnabled,
		validation: compileValidation(frozen, m.Method, schemas),
		meters:     s.methodMeters(api, st.Name, at.Path, m.Method.HTTPMethod, settings),
	}
	var err error
	runtime.integration, err = s.compileIntegration(st, m)
	return runtime, err
}

func (s *Service) compileIntegration(st *stage, m deployedMethod) (*integrationRuntime, error) {
	put := m.Integration
	runtime := &integrationRuntime{
		mock: put.Type == "MOCK", verb: put.IntegrationHTTPMethod, passthrough: put.PassthroughBehavior,
		parameters: compileMappings(put.RequestParameters, st),
		timeout:    time.Duration(put.TimeoutMillis) * time.Millisecond,
	}
	for _, m := range runtime.parameters {
		if m.location == "header" && slices.Contains(brokenHeaders, strings.ToLower(m.name)) {
			runtime.problem = "Unable to set header " + m.name // the sentence is assumed
		}
	}
	if !runtime.mock {
		s.compileServiceCall(runtime, st.substitute(put.URI), st.substitute(put.Credentials))
	}
	var err error
	if runtime.templates, err = compileTemplates(put.RequestTemplates); err != nil {
		return nil, err
	}
	responses := make([]*responseRuntime, 0, len(m.IntegrationResponses))
	for _, response := range m.IntegrationResponses {
		compiled, err := compileResponse(response, m.Responses, st)
		if err != nil {
			return nil, err
		}
		responses = append(responses, compiled)
	}
	return runtime, runtime.selectResponses(responses)
}

// compileServiceCall fills in which action an integration calls. With stage variables in it, it may turn out only now
// that it can call none: such a request fails.
func (s *Service) compileServiceCall(runtime *integrationRuntime, uri, credentials string) {
	runtime.uri, runtime.role = uri, credentials
	service, action, err := s.parseIntegrationURI(uri)
	if err == nil {
		err = s.checkRole(credentials)
	}
	if err != nil {
		runtime.problem = err.Error()
		return
	}
	runtime.service, runtime.action, runtime.backend = service, action, s.options.Services[service]
	runtime.endpoint = "https://" + service + "." + s.options.Account.Region + "." + domainSuffix(s.options.Account) +
		"/?Action=" + action
}

// selectResponses decides for each status which response a backend's answer gets: patterns before the default, and of
// several patterns the one with the lowest status code (assumed).
func (i *integrationRuntime) selectResponses(responses []*responseRuntime) error {
	for _, response := range responses {
		if response.pattern == "" {
			i.fallback = response
		}
	}
	for status := range i.responses {
		i.responses[status] = i.fallback
	}
	for _, response := range slices.Backward(responses) {
		if response.pattern == "" {
			continue
		}
		matches, err := selectionOf(response.pattern)
		if err != nil {
			return badRequest("Invalid selection pattern specified: %s", response.pattern)
		}
		for status := 100; status < len(i.responses); status++ {
			if matches(strconv.Itoa(status)) {
				i.responses[status] = response
			}
		}
	}
	return nil
}

func compileResponse(put IntegrationResponse, declared []MethodResponse, st *stage) (*responseRuntime, error) {
	status, err := strconv.Atoi(put.StatusCode)
	if err != nil {
		return nil, badRequest("Invalid status code specified")
	}
	runtime := &responseRuntime{
		status: status, pattern: put.SelectionPattern, parameters: compileMappings(put.ResponseParameters, st),
		declared: slices.ContainsFunc(declared, func(r MethodResponse) bool { return r.StatusCode == put.StatusCode }),
	}
	if runtime.templates, err = compileTemplates(put.ResponseTemplates); err != nil {
		return nil, err
	}
	runtime.first = runtime.templates[jsonType]
	for _, contentType := range slices.Sorted(maps.Keys(runtime.templates)) {
		if runtime.first == nil {
			runtime.first = runtime.templates[contentType]
		}
	}
	return runtime, nil
}

func compileTemplates(sources map[string]string) (map[string]*mappingTemplate, error) {
	runtime := make(map[string]*mappingTemplate, len(sources))
	for contentType, source := range sources {
		parsed, err := vtl.Parse(contentType, source)
		if err != nil {
			return nil, badRequest("Invalid mapping template for content type %s: %v", contentType, err)
		}
		runtime[strings.ToLower(contentType)] = &mappingTemplate{
			template: parsed, contentType: contentType, variables: strings.Contains(source, "stageVariables"),
		}
	}
	return runtime, nil
}
