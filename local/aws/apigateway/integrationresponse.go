package apigateway

import (
	"maps"
	"regexp"

	"github.com/dlclark/regexp2"
)

// IntegrationResponse says what becomes of a backend's answer.
type IntegrationResponse struct {
	MethodID
	// StatusCode is the client's, three digits; the method must have a response with it.
	StatusCode string
	// SelectionPattern is a regular expression (Java's) that the backend's HTTP status must match as a whole. Empty:
	// the default, taken when no pattern matches.
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
	return s.setIntegrationResponse(put, false)
}

// UpdateIntegrationResponse changes the response of an integration in place.
func (s *Service) UpdateIntegrationResponse(change IntegrationResponse) error {
	return s.setIntegrationResponse(change, true)
}

func (s *Service) setIntegrationResponse(response IntegrationResponse, exists bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, found, err := s.findMethod(response.MethodID)
	if err != nil {
		return err
	}
	if found.integration == nil {
		return notFound("Invalid Integration identifier specified")
	}
	if _, ok := found.integration.responses[response.StatusCode]; !ok && exists {
		return notFound("Invalid Integration Response identifier specified")
	}
	if err := checkIntegrationResponse(found, response); err != nil {
		return err
	}
	response.ResponseTemplates = maps.Clone(response.ResponseTemplates)
	response.ResponseParameters = maps.Clone(response.ResponseParameters)
	found.integration.responses[response.StatusCode] = response
	return nil
}

// DeleteIntegrationResponse removes the response of an integration for one status code.
func (s *Service) DeleteIntegrationResponse(id MethodID, statusCode string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, found, err := s.findMethod(id)
	if err != nil {
		return err
	}
	if found.integration == nil {
		return notFound("Invalid Integration identifier specified")
	}
	if _, ok := found.integration.responses[statusCode]; !ok {
		return notFound("Invalid Response status code specified")
	}
	delete(found.integration.responses, statusCode)
	return nil
}

func checkIntegrationResponse(of *method, response IntegrationResponse) error {
	declared, ok := of.responses[response.StatusCode]
	if !ok {
		// Recorded in issue threads: the sentence is another one when headers are mapped.
		if len(response.ResponseParameters) > 0 {
			return invalidMapping("No method response exists for method.")
		}
		return notFound("Invalid Response status code specified")
	}
	if response.ContentHandling != "" && response.ContentHandling != "CONVERT_TO_TEXT" {
		return notEmulated("contentHandling " + response.ContentHandling)
	}
	if _, err := selectionOf(response.SelectionPattern); err != nil {
		return badRequest("Invalid selection pattern specified: %s", response.SelectionPattern)
	}
	if response.SelectionPattern == "" {
		for code, other := range of.integration.responses {
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
