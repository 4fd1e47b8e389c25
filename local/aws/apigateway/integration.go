package apigateway

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"ingest-pipeline/local/aws/apigateway/vtl"
	"ingest-pipeline/local/aws/iam"
)

// Integration is what a method calls.
type Integration struct {
	MethodID
	// Type is AWS (an action of an AWS service) or MOCK; others are refused.
	Type string
	// IntegrationHTTPMethod is the method of the call to the service: POST for actions of Kinesis. Required for AWS.
	IntegrationHTTPMethod string
	// URI is "arn:<partition>:apigateway:<region>:<service>:action/<Action>". Required for AWS; the service must be one
	// of Options.Services. ${stageVariables.<name>} may stand in it.
	URI string
	// Credentials is the ARN of the role that the call is made with. Required for AWS. ${stageVariables.<name>} may
	// stand in it.
	Credentials string
	// PassthroughBehavior says what happens to a body without a template for its content type: WHEN_NO_MATCH (default),
	// WHEN_NO_TEMPLATES or NEVER.
	PassthroughBehavior string
	// RequestTemplates are mapping templates (VTL) by content type, at most 300 KB each.
	RequestTemplates map[string]string
	// RequestParameters are "integration.request.{header,path,querystring}.<name>", each with a literal in single
	// quotes or "method.request.{header,path,querystring,multivalueheader,multivaluequerystring}.<name>",
	// "method.request.body[.<JSONPath>]", "stageVariables.<name>" or "context.<name>".
	RequestParameters map[string]string
	// ContentHandling must be empty or CONVERT_TO_TEXT: binary bodies are not emulated.
	ContentHandling string
	// TimeoutMillis is how long the service may take, in milliseconds: 50 to 29,000, default 29,000. A REGIONAL API may
	// have up to 300,000.
	TimeoutMillis int
	// CacheNamespace has no effect: caches are not emulated. Default: ResourceID.
	CacheNamespace string
	// ConnectionType is INTERNET (default); VPC_LINK is refused.
	ConnectionType string
}

type integration struct {
	Integration
	Responses map[string]IntegrationResponse
}

const (
	passWhenNoMatch     = "WHEN_NO_MATCH"
	passWhenNoTemplates = "WHEN_NO_TEMPLATES"
	passNever           = "NEVER"

	defaultTimeoutMillis = 29_000
	maxTimeoutMillis     = 300_000 // for regional APIs since June 2024: documented (limits)
)

// PutIntegration sets a method's integration. It replaces one that the method has, with its responses (assumed: the API
// calls it a put, and answers without responses).
func (s *Service) PutIntegration(config Integration) error {
	config = config.complete()
	return s.editMethod(config.MethodID, func(api *restAPI, m *method) error {
		if err := api.checkIntegration(s, m, config); err != nil {
			return err
		}
		m.Integration = &integration{Integration: config, Responses: map[string]IntegrationResponse{}}
		return nil
	})
}

// GetIntegration describes a method's integration.
func (s *Service) GetIntegration(id MethodID) (Integration, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.findMethod(id)
	if err != nil {
		return Integration{}, err
	}
	if m.Integration == nil {
		return Integration{}, errNoIntegration
	}
	return m.Integration.complete(), nil
}

// UpdateIntegration changes a method's integration in place: its responses stay.
func (s *Service) UpdateIntegration(change Integration) error {
	change = change.complete()
	return s.editMethod(change.MethodID, func(api *restAPI, m *method) error {
		if err := api.checkIntegration(s, m, change); err != nil {
			return err
		}
		if m.Integration == nil {
			return errNoIntegration
		}
		m.Integration.Integration = change
		return nil
	})
}

// DeleteIntegration deletes a method's integration with its responses.
func (s *Service) DeleteIntegration(id MethodID) error {
	return s.editMethod(id, func(_ *restAPI, m *method) error {
		if m.Integration == nil {
			return errNoIntegration
		}
		m.Integration = nil
		return nil
	})
}

var errNoIntegration = notFound("Invalid Integration identifier specified")

// complete is a copy of an integration with the defaults of AWS: documented (API_PutIntegration).
func (i Integration) complete() Integration {
	if i.PassthroughBehavior == "" {
		i.PassthroughBehavior = passWhenNoMatch
	}
	if i.TimeoutMillis == 0 {
		i.TimeoutMillis = defaultTimeoutMillis
	}
	if i.ConnectionType == "" {
		i.ConnectionType = "INTERNET"
	}
	if i.CacheNamespace == "" {
		i.CacheNamespace = i.ResourceID
	}
	i.RequestTemplates = maps.Clone(i.RequestTemplates)
	i.RequestParameters = maps.Clone(i.RequestParameters)
	return i
}

func (i *integration) clone() *integration {
	if i == nil {
		return nil
	}
	return &integration{Integration: i.Integration, Responses: maps.Clone(i.Responses)}
}

func (a *restAPI) checkIntegration(s *Service, of *method, config Integration) error {
	switch config.Type {
	case "AWS":
		if err := s.checkServiceCall(config); err != nil {
			return err
		}
	case "MOCK":
	case "":
		return badRequest("Enumeration value for IntegrationType must be non-empty")
	default:
		return notEmulated("integration type " + config.Type)
	}
	if !slices.Contains([]string{passWhenNoMatch, passWhenNoTemplates, passNever}, config.PassthroughBehavior) {
		return badRequest("Invalid passthrough behavior specified")
	}
	switch {
	case config.ConnectionType != "INTERNET":
		return notEmulated("connection type " + config.ConnectionType)
	case config.ContentHandling != "" && config.ContentHandling != "CONVERT_TO_TEXT":
		return notEmulated("contentHandling " + config.ContentHandling)
	}
	most := defaultTimeoutMillis
	if a.API.EndpointType == "REGIONAL" {
		most = maxTimeoutMillis
	}
	if config.TimeoutMillis < 50 || config.TimeoutMillis > most {
		return badRequest("Timeout should be between 50 ms and %d ms", most) // assumed: quoted in issue threads for 29000 ms
	}
	if err := checkTemplates(config.RequestTemplates); err != nil {
		return err
	}
	return checkRequestMapping(of.Method, a.Resources[config.ResourceID].Path, config.RequestParameters)
}

// An ARN of an action: documented (integration-request-basic-setup).
var (
	integrationARN = regexp.MustCompile(`^arn:(aws[a-z-]*):apigateway:([a-z0-9-]+):([a-z0-9.-]+):(action|path)/(.+)$`)
	actionName     = regexp.MustCompile(`^[A-Za-z0-9]+$`)
)

// checkServiceCall refuses an AWS integration that could not be called. The sentences about the method and the URI are
// recorded (LocalStack, test_put_integration_validation); the others are assumed, from issue threads that quote them.
func (s *Service) checkServiceCall(config Integration) error {
	if config.IntegrationHTTPMethod == "" {
		return badRequest("Enumeration value for HttpMethod must be non-empty")
	}
	if !slices.Contains(httpMethods, config.IntegrationHTTPMethod) || config.IntegrationHTTPMethod == "ANY" {
		return badRequest("Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD")
	}
	if !strings.HasPrefix(config.URI, "arn:") {
		return badRequest("Invalid ARN specified in the request")
	}
	if !strings.Contains(config.URI, stageVariablePrefix) {
		if _, _, err := s.parseIntegrationURI(config.URI); err != nil {
			return err
		}
	}
	if config.Credentials == "" {
		return badRequest("Role ARN must be specified for AWS integrations")
	}
	if strings.Contains(config.Credentials, stageVariablePrefix) {
		return nil
	}
	return s.checkRole(config.Credentials)
}

func (s *Service) checkRole(credentials string) error {
	role, ok := iam.ParseRoleARN(credentials)
	switch {
	case strings.HasSuffix(credentials, ":user/*"):
		return notEmulated("an integration with the caller's credentials (" + credentials + ")")
	case !ok || role.Partition != s.options.Account.Partition:
		return badRequest("Invalid ARN specified in the request")
	case role.AccountID != s.options.Account.ID:
		return accessDenied("Cross-account pass role is not allowed.")
	}
	return nil
}

// parseIntegrationURI is the service and action of an integration's URI.
func (s *Service) parseIntegrationURI(uri string) (service, action string, err error) {
	parts := integrationARN.FindStringSubmatch(uri)
	switch {
	case parts == nil:
		return "", "", badRequest("AWS ARN for integration must contain path or action")
	case parts[1] != s.options.Account.Partition:
		return "", "", badRequest("Invalid ARN specified in the request")
	case parts[2] != s.options.Account.Region:
		return "", "", notEmulated("an integration with another Region (" + uri + ")")
	case parts[4] == "path":
		return "", "", notEmulated("an integration by path (" + uri + ")")
	case !actionName.MatchString(parts[5]):
		return "", "", badRequest("Invalid ARN specified in the request")
	}
	if _, ok := s.options.Services[parts[3]]; !ok {
		return "", "", notEmulated("an integration with service " + parts[3] + " (" + uri + ")")
	}
	return parts[3], parts[5], nil
}

// checkTemplates refuses mapping templates that are too long (documented: limits) or that the engine cannot run. That
// AWS refuses the latter already when they are set is assumed.
func checkTemplates(templates map[string]string) error {
	for _, contentType := range slices.Sorted(maps.Keys(templates)) {
		if len(templates[contentType]) > vtl.MaxTemplateBytes {
			return badRequest("Mapping template for content type %s is over the limit of 300 KB", contentType)
		}
		if _, err := vtl.Parse(contentType, templates[contentType]); err != nil {
			return badRequest("Invalid mapping template for content type %s: %v", contentType, err)
		}
	}
	return nil
}
