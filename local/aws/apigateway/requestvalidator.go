package apigateway

// RequestValidator says what of a request is validated.
type RequestValidator struct {
	APIID string
	// ID is six lower-case letters and digits. Empty on PutRequestValidator: one is made.
	ID   string
	Name string
	// ValidateRequestBody checks the body against the method's model for its content type.
	ValidateRequestBody bool
	// ValidateRequestParameters checks that the method's required parameters are there and not blank.
	ValidateRequestParameters bool
}

// PutRequestValidator adds a validator to an API and answers it with its id.
func (s *Service) PutRequestValidator(put RequestValidator) (RequestValidator, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	api, err := s.find(put.APIID)
	if err != nil {
		return RequestValidator{}, err
	}
	if put.ID == "" {
		put.ID = newID(6)
	}
	if _, ok := api.validators[put.ID]; ok {
		return RequestValidator{}, conflict("Request Validator identifier already exists: %s", put.ID)
	}
	api.validators[put.ID] = put
	return put, nil
}

// UpdateRequestValidator changes a validator in place.
func (s *Service) UpdateRequestValidator(change RequestValidator) (RequestValidator, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	api, err := s.findValidator(change.APIID, change.ID)
	if err != nil {
		return RequestValidator{}, err
	}
	api.validators[change.ID] = change
	return change, nil
}

// DeleteRequestValidator removes a validator that no method refers to.
func (s *Service) DeleteRequestValidator(apiID, validatorID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	api, err := s.findValidator(apiID, validatorID)
	if err != nil {
		return err
	}
	for _, at := range api.resources {
		for verb, m := range at.methods {
			if m.RequestValidatorID == validatorID {
				return conflict("Cannot delete validator '%s', is referenced in method: %s/%s", validatorID, at.Path, verb)
			}
		}
	}
	delete(api.validators, validatorID)
	return nil
}

func (s *Service) findValidator(apiID, validatorID string) (*restAPI, error) {
	api, err := s.find(apiID)
	if err != nil {
		return nil, err
	}
	if _, ok := api.validators[validatorID]; !ok {
		return nil, notFound("Invalid Request Validator identifier specified")
	}
	return api, nil
}
