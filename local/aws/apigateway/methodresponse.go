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
	return s.setMethodResponse(put, false)
}

// UpdateMethodResponse changes a method's response in place.
func (s *Service) UpdateMethodResponse(change MethodResponse) error {
	return s.setMethodResponse(change, true)
}

func (s *Service) setMethodResponse(response MethodResponse, exists bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	api, found, err := s.findMethod(response.MethodID)
	if err != nil {
		return err
	}
	_, ok := found.responses[response.StatusCode]
	switch {
	case ok && !exists:
		return conflict("Response already exists for this resource") // recorded in issue threads
	case !ok && exists:
		return notFound("Invalid Response status code specified")
	}
	if !statusCodePattern.MatchString(response.StatusCode) {
		return badRequest("Invalid status code specified") // assumed
	}
	for parameter := range response.ResponseParameters {
		if !responseParameterPattern.MatchString(parameter) {
			return invalidMapping("Invalid mapping expression parameter specified: " + parameter)
		}
	}
	if err := api.checkModels(response.ResponseModels); err != nil {
		return err
	}
	response.ResponseParameters = maps.Clone(response.ResponseParameters)
	response.ResponseModels = maps.Clone(response.ResponseModels)
	found.responses[response.StatusCode] = response
	return nil
}

// DeleteMethodResponse removes a method's response. An integration response that refers to it stays: what is deployed
// that way answers 500.
func (s *Service) DeleteMethodResponse(id MethodID, statusCode string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, found, err := s.findMethod(id)
	if err != nil {
		return err
	}
	if _, ok := found.responses[statusCode]; !ok {
		return notFound("Invalid Response status code specified")
	}
	delete(found.responses, statusCode)
	return nil
}
