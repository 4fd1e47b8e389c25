package apigateway

import (
	"maps"
	"regexp"

	"github.com/dlclark/regexp2"
)

// IntegrationResponse maps a backend's answer to the client's.
type IntegrationResponse struct {
	MethodID
	// StatusCode is the client's, three digits. Without a method response for it, requests that it answers get a 500:
	// assumed.
	StatusCode string
	// SelectionPattern is a regular expression (Java's) that the backend's HTTP status must match as a whole. Empty:
	// the default, used when no pattern matches.
	SelectionPattern string
	// ResponseTemplates are mapping templates (VTL) by content type, at most 300 KB each. Without any the backend's
	// body is passed on.
	ResponseTemplates map[string]string
	// ResponseParameters are "method.response.header.<name>", which the method's response must declare, each with a
	// literal in single quotes or "integration.response.header.<name>", "integration.response.body[.<JSONPath>]",
	// "stageVariables.<name>" or "context.<name>".
	ResponseParameters map[string]string
	// ContentHandling must be empty or CONVERT_TO_TEXT: binary bodies are not emulated.
	ContentHandling string
}

// PutIntegrationResponse sets the response of an integration for one status code; it replaces the one there is.
func (s *Service) PutIntegrationResponse(put IntegrationResponse) error {
	put = put.clone()
	return s.editIntegration(put.MethodID, func(_ *restAPI, m *method) error { return m.setIntegrationResponse(put) })
}

// GetIntegrationResponse describes the response of an integration for one status code.
func (s *Service) GetIntegrationResponse(id MethodID, statusCode string) (IntegrationResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.findMethod(id)
	if err != nil {
		return IntegrationResponse{}, err
	}
	found, err := m.Integration.response(statusCode)
	return found.clone(), err
}

// UpdateIntegrationResponse changes the response of an integration in place.
func (s *Service) UpdateIntegrationResponse(change IntegrationResponse) error {
	change = change.clone()
	return s.editIntegration(change.MethodID, func(_ *restAPI, m *method) error {
		if _, err := m.Integration.response(change.StatusCode); err != nil {
			return err
		}
		return m.setIntegrationResponse(change)
	})
}

// DeleteIntegrationResponse deletes the response of an integration for one status code.
func (s *Service) DeleteIntegrationResponse(id MethodID, statusCode string) error {
	return s.editIntegration(id, func(_ *restAPI, m *method) error {
		if _, err := m.Integration.response(statusCode); err != nil {
			return err
		}
		delete(m.Integration.Responses, statusCode)
		return nil
	})
}

// editIntegration is editMethod for a method that has an integration.
func (s *Service) editIntegration(id MethodID, change func(*restAPI, *method) error) error {
	return s.editMethod(id, func(api *restAPI, m *method) error {
		if m.Integration == nil {
			return errNoIntegration
		}
		return change(api, m)
	})
}

func (m *method) setIntegrationResponse(response IntegrationResponse) error {
	if err := checkIntegrationResponse(m, response); err != nil {
		return err
	}
	m.Integration.Responses[response.StatusCode] = response
	return nil
}

func (i *integration) response(statusCode string) (IntegrationResponse, error) {
	if i == nil {
		return IntegrationResponse{}, errNoIntegration
	}
	if found, ok := i.Responses[statusCode]; ok {
		return found, nil
	}
	return IntegrationResponse{}, notFound("Invalid Response status code specified")
}

func (r IntegrationResponse) clone() IntegrationResponse {
	r.ResponseTemplates = maps.Clone(r.ResponseTemplates)
	r.ResponseParameters = maps.Clone(r.ResponseParameters)
	return r
}

func checkIntegrationResponse(of *method, response IntegrationResponse) error {
	declared, ok := of.Responses[response.StatusCode]
	if !ok && len(response.ResponseParameters) > 0 {
		return invalidMapping("No method response exists for method.") // assumed: quoted in issue threads
	}
	if response.ContentHandling != "" && response.ContentHandling != "CONVERT_TO_TEXT" {
		return notEmulated("contentHandling " + response.ContentHandling)
	}
	if _, err := selectionOf(response.SelectionPattern); err != nil {
		return badRequest("Invalid selection pattern specified: %s", response.SelectionPattern)
	}
	if response.SelectionPattern == "" {
		for code, other := range of.Integration.Responses {
			if code != response.StatusCode && other.SelectionPattern == "" {
				// Documented (API_PutIntegrationResponse): there is one default. The sentence is assumed.
				return badRequest("Only one default integration response is allowed; %s is one already", code)
			}
		}
	}
	if err := checkTemplates(response.ResponseTemplates); err != nil {
		return err
	}
	return checkResponseMapping(declared, response.ResponseParameters)
}

// selectionOf compiles a selection pattern. It is Java's language: what Go's engine does not have, such as looking
// ahead, is done by one that has it.
func selectionOf(pattern string) (matches func(status string) bool, err error) {
	whole := `^(?:` + pattern + `)$`
	if compiled, err := regexp.Compile(whole); err == nil {
		return compiled.MatchString, nil
	}
	compiled, err := regexp2.Compile(whole, regexp2.None)
	if err != nil {
		return nil, err
	}
	compiled.MatchTimeout = patternTimeout
	return func(status string) bool {
		matched, err := compiled.MatchString(status)
		return err == nil && matched
	}, nil
}
