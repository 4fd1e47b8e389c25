package provider

import "ingest-pipeline/local/aws/apigateway"

type requestValidatorInputs struct {
	RestAPI                   string `json:"restApi"`
	Name                      string `json:"name"`
	ValidateRequestBody       bool   `json:"validateRequestBody"`
	ValidateRequestParameters bool   `json:"validateRequestParameters"`
}

func apigatewayRequestValidator() resourceType {
	return alive(resourceType{
		token:     "aws:apigateway/requestValidator:RequestValidator",
		persisted: true,
		inputs: properties{
			"restApi":                   text(required, replaces),
			"name":                      text(),
			"validateRequestBody":       boolean(byDefault(false)),
			"validateRequestParameters": boolean(byDefault(false)),
		},
		naming: &naming{property: "name", longest: 255},
	}, lifeOf[requestValidatorInputs]{
		put: func(s site, in requestValidatorInputs, was *record) (string, state, error) {
			wanted := in.validator()
			validator, err := s.APIGateway.CreateRequestValidator(wanted)
			return validator.ID, nil, err
		},
		update: func(s site, in requestValidatorInputs, was *record) (state, error) {
			wanted := in.validator()
			wanted.ID = was.ID
			return nil, s.APIGateway.UpdateRequestValidator(wanted)
		},
		remove: func(s site, in requestValidatorInputs, was *record) error {
			return s.APIGateway.DeleteRequestValidator(in.RestAPI, was.ID)
		},
		read: restAPIPart(func(in requestValidatorInputs) string { return in.RestAPI }),
	})
}

func (in requestValidatorInputs) validator() apigateway.RequestValidator {
	return apigateway.RequestValidator{
		APIID: in.RestAPI, Name: in.Name,
		ValidateRequestBody: in.ValidateRequestBody, ValidateRequestParameters: in.ValidateRequestParameters,
	}
}
