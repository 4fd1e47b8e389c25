package apigateway

// Model is a JSON schema that request bodies can be validated with.
type Model struct {
	APIID string
	// ID is six lower-case letters and digits. Empty on PutModel: one is made. Other operations go by Name.
	ID string
	// Name is letters and digits. Methods name a model by it.
	Name string
	// ContentType is the media type that the model is for: "application/json".
	ContentType string
	Description string
	// Schema is a JSON schema of draft 4, at most 400 KB.
	Schema string
}

// PutModel adds a model to an API and answers it with its id.
func (s *Service) PutModel(model Model) (Model, error) { return Model{}, errNotWritten }

// UpdateModel changes a model's Description and Schema.
func (s *Service) UpdateModel(model Model) (Model, error) { return Model{}, errNotWritten }

// DeleteModel removes a model that no method refers to.
func (s *Service) DeleteModel(apiID, name string) error { return errNotWritten }

// RequestValidator says what of a request is validated.
type RequestValidator struct {
	APIID string
	// ID is six lower-case letters and digits. Empty on PutRequestValidator: one is made.
	ID string
	// Name is required.
	Name string
	// ValidateRequestBody checks the body against the method's model for its content type.
	ValidateRequestBody bool
	// ValidateRequestParameters checks that the method's required parameters are there and not blank.
	ValidateRequestParameters bool
}

// PutRequestValidator adds a validator to an API and answers it with its id.
func (s *Service) PutRequestValidator(validator RequestValidator) (RequestValidator, error) {
	return RequestValidator{}, errNotWritten
}

// UpdateRequestValidator changes a validator in place.
func (s *Service) UpdateRequestValidator(validator RequestValidator) (RequestValidator, error) {
	return RequestValidator{}, errNotWritten
}

// DeleteRequestValidator removes a validator that no method refers to.
func (s *Service) DeleteRequestValidator(apiID, validatorID string) error { return errNotWritten }
