package apigateway

import (
	"maps"
	"regexp"
)

// MethodResponse is one answer that a method declares.
type MethodResponse struct {
	MethodID
	// StatusCode is three digits: "200".
	StatusCode string
	// ResponseParameters are "method.response.header.<name>". The value says whether the header is required, which has
	// no effect on AWS.
	ResponseParameters map[string]bool
	// ResponseModels are names of models by content type. They document the answer; AWS does not check it.
	ResponseModels map[string]string
}

var (
	statusCodePattern        = regexp.MustCompile(`^[2-5]\d\d$`)
	responseParameterPattern = regexp.MustCompile(`^method\.response\.header\.[a-zA-Z0-9._$-]+$`)
)

// PutMethodResponse adds a response to a method.
func (s *Service) PutMethodResponse(put MethodResponse) error {
	put = put.clone()
	return s.editMethod(put.MethodID, func(api *restAPI, m *method) error {
		if _, ok := m.Responses[put.StatusCode]; ok {
			return conflict("Response already exists for this resource") // assumed: quoted in issue threads
		}
		return api.setMethodResponse(m, put)
	})
}

// GetMethodResponse describes a method's response.
func (s *Service) GetMethodResponse(id MethodID, statusCode string) (MethodResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.findMethod(id)
	if err != nil {
		return MethodResponse{}, err
	}
	found, err := m.response(statusCode)
	return found.clone(), err
}

// UpdateMethodResponse changes a method's response in place.
func (s *Service) UpdateMethodResponse(change MethodResponse) error {
	change = change.clone()
	return s.editMethod(change.MethodID, func(api *restAPI, m *method) error {
		if _, err := m.response(change.StatusCode); err != nil {
			return err
		}
		return api.setMethodResponse(m, change)
	})
}

func (a *restAPI) setMethodResponse(m *method, response MethodResponse) error {
	if !statusCodePattern.MatchString(response.StatusCode) {
		return badRequest("Invalid status code specified") // assumed
	}
	for parameter := range response.ResponseParameters {
		if !responseParameterPattern.MatchString(parameter) {
			return invalidMapping("Invalid mapping expression parameter specified: " + parameter)
		}
	}
	if err := a.checkModels(response.ResponseModels); err != nil {
		return err
	}
	m.Responses[response.StatusCode] = response
	return nil
}

// DeleteMethodResponse deletes a method's response. An integration response that refers to it stays: once deployed, it
// answers 500.
func (s *Service) DeleteMethodResponse(id MethodID, statusCode string) error {
	return s.editMethod(id, func(_ *restAPI, m *method) error {
		if _, err := m.response(statusCode); err != nil {
			return err
		}
		delete(m.Responses, statusCode)
		return nil
	})
}

func (m *method) response(statusCode string) (MethodResponse, error) {
	if found, ok := m.Responses[statusCode]; ok {
		return found, nil
	}
	return MethodResponse{}, notFound("Invalid Response status code specified")
}

func (r MethodResponse) clone() MethodResponse {
	r.ResponseParameters = maps.Clone(r.ResponseParameters)
	r.ResponseModels = maps.Clone(r.ResponseModels)
	return r
}
