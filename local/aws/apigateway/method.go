package apigateway

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// MethodID names a method of an API.
type MethodID struct {
	APIID, ResourceID string
	// HTTPMethod is DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT or ANY.
	HTTPMethod string
}

// Method is what an API requires of a request to one resource with one HTTP method.
type Method struct {
	MethodID
	// Authorization is NONE or AWS_IAM; others are refused.
	Authorization string
	// APIKeyRequired requires the key of a usage plan in the header X-API-Key.
	APIKeyRequired bool
	// RequestValidatorID is a validator of the API; empty: requests are not validated.
	RequestValidatorID string
	// RequestModels are names of models by content type, for the validator.
	RequestModels map[string]string
	// RequestParameters are "method.request.{header,path,querystring}.<name>"; true: required, for the validator.
	RequestParameters map[string]bool
	OperationName     string
}

// method is a method with its responses and its integration; nil: it has none.
type method struct {
	Method
	Responses   map[string]MethodResponse
	Integration *integration
}

var httpMethods = []string{"GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "ANY"}

// A parameter's name is what AWS's refusal says it is (assumed; quoted in issue threads).
var requestParameterPattern = regexp.MustCompile(`^method\.request\.(?:header|path|querystring)\.[a-zA-Z0-9._$-]+$`)

// PutMethod adds a method to a resource.
func (s *Service) PutMethod(put Method) error {
	put = put.clone()
	return s.editAPI(put.APIID, func(api *restAPI) error {
		at, err := api.resource(put.ResourceID)
		if err != nil {
			return err
		}
		if err := api.checkMethod(put); err != nil {
			return err
		}
		if _, ok := at.Methods[put.HTTPMethod]; ok {
			return conflict("Method already exists for this resource")
		}
		at.Methods[put.HTTPMethod] = &method{Method: put, Responses: map[string]MethodResponse{}}
		return nil
	})
}

// GetMethod describes a method.
func (s *Service) GetMethod(id MethodID) (Method, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.findMethod(id)
	if err != nil {
		return Method{}, err
	}
	return found.Method.clone(), nil
}

// UpdateMethod changes a method in place; its integration and responses stay.
func (s *Service) UpdateMethod(change Method) error {
	change = change.clone()
	return s.editMethod(change.MethodID, func(api *restAPI, m *method) error {
		if err := api.checkMethod(change); err != nil {
			return err
		}
		m.Method = change
		return nil
	})
}

// DeleteMethod deletes a method with its responses, its integration and the integration's responses.
func (s *Service) DeleteMethod(id MethodID) error {
	return s.editMethod(id, func(api *restAPI, _ *method) error {
		delete(api.Resources[id.ResourceID].Methods, id.HTTPMethod)
		return nil
	})
}

// editMethod is editAPI for one of its methods.
func (s *Service) editMethod(id MethodID, change func(*restAPI, *method) error) error {
	return s.editAPI(id.APIID, func(api *restAPI) error {
		m, err := api.method(id)
		if err != nil {
			return err
		}
		return change(api, m)
	})
}

// findMethod is a method by its id. The caller holds s.mu.
func (s *Service) findMethod(id MethodID) (*method, error) {
	api, err := s.find(id.APIID)
	if err != nil {
		return nil, err
	}
	return api.method(id)
}

func (a *restAPI) method(id MethodID) (*method, error) {
	at, err := a.resource(id.ResourceID)
	if err != nil {
		return nil, err
	}
	if m, ok := at.Methods[id.HTTPMethod]; ok {
		return m, nil
	}
	return nil, notFound("Invalid Method identifier specified")
}

// checkMethod refuses what AWS refuses. The sentences are recorded (LocalStack, test_put_method_validation and
// test_method_request_parameters), except those of the authorizations that are not emulated.
func (a *restAPI) checkMethod(m Method) error {
	if !slices.Contains(httpMethods, m.HTTPMethod) {
		return badRequest("Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY")
	}
	switch m.Authorization {
	case "NONE", "AWS_IAM":
	case "":
		return badRequest("Invalid authorization type specified. Supported types are AWS_IAM, NONE, CUSTOM, COGNITO_USER_POOLS")
	default:
		return notEmulated("authorization " + m.Authorization)
	}
	names := map[string]bool{}
	for parameter := range m.RequestParameters {
		if !requestParameterPattern.MatchString(parameter) {
			return invalidMapping("Invalid mapping expression specified: " + parameter)
		}
		name := parameter[strings.LastIndexByte(parameter, '.')+1:]
		if names[name] {
			return badRequest("Parameter names must be unique across querystring, header and path")
		}
		names[name] = true
	}
	if _, ok := a.Validators[m.RequestValidatorID]; !ok && m.RequestValidatorID != "" {
		return badRequest("Invalid Request Validator identifier specified")
	}
	return a.checkModels(m.RequestModels)
}

func (a *restAPI) checkModels(models map[string]string) error {
	for _, contentType := range slices.Sorted(maps.Keys(models)) {
		if _, ok := a.Models[models[contentType]]; !ok {
			return badRequest("Invalid model identifier specified: %s", models[contentType])
		}
	}
	return nil
}

func (m Method) clone() Method {
	m.RequestModels = maps.Clone(m.RequestModels)
	m.RequestParameters = maps.Clone(m.RequestParameters)
	return m
}

func (m *method) clone() *method {
	return &method{Method: m.Method, Responses: maps.Clone(m.Responses), Integration: m.Integration.clone()}
}
