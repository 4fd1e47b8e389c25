package apigateway

// RequestValidator says what of a request is validated.
type RequestValidator struct {
	APIID string
	// ID is six lower-case letters and digits. CreateRequestValidator generates it.
	ID   string
	Name string
	// ValidateRequestBody checks the body against the method's model for its content type.
	ValidateRequestBody bool
	// ValidateRequestParameters checks that the method's required parameters are there and not blank.
	ValidateRequestParameters bool
}

// CreateRequestValidator adds a validator to an API and returns it with its id.
func (s *Service) CreateRequestValidator(create RequestValidator) (RequestValidator, error) {
	create.ID = newID(6)
	err := s.editAPI(create.APIID, func(api *restAPI) error {
		api.Validators[create.ID] = create
		return nil
	})
	if isCode(err, "NotFoundException") { // recorded: LocalStack, test_validators_crud_no_api
		err = badRequest("Invalid REST API identifier specified")
	}
	return create, err
}

// GetRequestValidator describes a validator.
func (s *Service) GetRequestValidator(apiID, validatorID string) (RequestValidator, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	api, err := s.find(apiID)
	if err != nil {
		return RequestValidator{}, err
	}
	return api.validator(validatorID)
}

// UpdateRequestValidator changes a validator in place.
func (s *Service) UpdateRequestValidator(change RequestValidator) error {
	return s.editAPI(change.APIID, func(api *restAPI) error {
		if _, err := api.validator(change.ID); err != nil {
			return err
		}
		api.Validators[change.ID] = change
		return nil
	})
}

// DeleteRequestValidator deletes a validator that no method refers to.
func (s *Service) DeleteRequestValidator(apiID, validatorID string) error {
	return s.editAPI(apiID, func(api *restAPI) error {
		if _, err := api.validator(validatorID); err != nil {
			return err
		}
		for _, at := range api.Resources {
			for verb, m := range at.Methods {
				if m.RequestValidatorID == validatorID {
					return conflict("Cannot delete validator '%s', is referenced in method: %s/%s", validatorID, at.Path, verb)
				}
			}
		}
		delete(api.Validators, validatorID)
		return nil
	})
}

func (a *restAPI) validator(validatorID string) (RequestValidator, error) {
	if found, ok := a.Validators[validatorID]; ok {
		return found, nil
	}
	return RequestValidator{}, notFound("Invalid Request Validator identifier specified")
}
