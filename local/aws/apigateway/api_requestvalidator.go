package apigateway

import (
	"ingest-pipeline/local/aws/internal/protocol"
)

func (s *Service) validatorActions() []protocol.Action {
	const validators, validator = "/restapis/{restapi_id}/requestvalidators", "/restapis/{restapi_id}/requestvalidators/{requestvalidator_id}"
	return []protocol.Action{
		handle(s, "CreateRequestValidator", "POST", validators, 201, s.apiCreateRequestValidator),
		handle(s, "GetRequestValidators", "GET", validators, 200, s.apiGetRequestValidators),
		handle(s, "GetRequestValidator", "GET", validator, 200, s.apiGetRequestValidator),
		handle(s, "UpdateRequestValidator", "PATCH", validator, 200, s.apiUpdateRequestValidator),
		handle(s, "DeleteRequestValidator", "DELETE", validator, 202, s.apiDeleteRequestValidator),
		handle(s, "GetAuthorizers", "GET", "/restapis/{restapi_id}/authorizers", 200, s.apiGetAuthorizers),
	}
}

type validatorShape struct {
	ID                        string `aws:"id"`
	Name                      *string
	ValidateRequestBody       bool
	ValidateRequestParameters bool
}

func showValidator(v RequestValidator) validatorShape {
	return validatorShape{v.ID, present(v.Name), v.ValidateRequestBody, v.ValidateRequestParameters}
}

type validatorsInput struct{ apiList }

func (in *validatorsInput) resource() string { return in.apiInput.resource() + "/requestvalidators" }

type validatorInput struct {
	apiInput
	ValidatorID string `aws:"requestvalidator_id,path"`
}

func (in *validatorInput) resource() string {
	return in.apiInput.resource() + "/requestvalidators/" + in.ValidatorID
}

type validators struct {
	Item     []validatorShape
	Position *string
}

func (s *Service) apiGetRequestValidators(_ *protocol.Call, in *validatorsInput) (*validators, error) {
	all, err := s.GetRequestValidators(in.APIID)
	if err != nil {
		return nil, err
	}
	items, position, err := pageAs(all, func(v RequestValidator) string { return v.ID }, in.paging, showValidator)
	return &validators{items, position}, err
}

func (s *Service) apiGetRequestValidator(_ *protocol.Call, in *validatorInput) (*validatorShape, error) {
	validator, err := s.GetRequestValidator(in.APIID, in.ValidatorID)
	shape := showValidator(validator)
	return &shape, err
}

type authorizersInput struct{ apiList }

func (in *authorizersInput) resource() string { return in.apiInput.resource() + "/authorizers" }

type authorizers struct{ Item []empty }

// apiGetAuthorizers lists none: authorizers cannot be created.
func (s *Service) apiGetAuthorizers(_ *protocol.Call, in *authorizersInput) (*authorizers, error) {
	_, err := s.GetRestAPI(in.APIID)
	return &authorizers{Item: []empty{}}, err
}

type createValidatorInput struct {
	validatorsInput
	Name                                           *string
	ValidateRequestBody, ValidateRequestParameters *bool
}

func (s *Service) apiCreateRequestValidator(_ *protocol.Call, in *createValidatorInput) (*validatorShape, error) {
	created, err := s.CreateRequestValidator(RequestValidator{
		APIID: in.APIID, Name: textOf(in.Name),
		ValidateRequestBody: isTrue(in.ValidateRequestBody), ValidateRequestParameters: isTrue(in.ValidateRequestParameters),
	})
	shape := showValidator(created)
	return &shape, err
}

type validatorPatch struct {
	validatorInput
	PatchOperations []patchOperation
}

var validatorPatches = []patch[RequestValidator]{
	{"/name", "replace", setText(func(v *RequestValidator) *string { return &v.Name })},
	{"/validateRequestBody", "replace", setBool(func(v *RequestValidator) *bool { return &v.ValidateRequestBody })},
	{"/validateRequestParameters", "replace", setBool(func(v *RequestValidator) *bool { return &v.ValidateRequestParameters })},
}

func (s *Service) apiUpdateRequestValidator(_ *protocol.Call, in *validatorPatch) (*validatorShape, error) {
	err := s.editAPI(in.APIID, func(api *restAPI) error {
		validator, err := api.validator(in.ValidatorID)
		if err != nil {
			return err
		}
		err = applyPatches(&validator, in.PatchOperations, validatorPatches)
		api.Validators[in.ValidatorID] = validator
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.apiGetRequestValidator(nil, &in.validatorInput)
}

func (s *Service) apiDeleteRequestValidator(_ *protocol.Call, in *validatorInput) (*empty, error) {
	return &empty{}, s.DeleteRequestValidator(in.APIID, in.ValidatorID)
}
