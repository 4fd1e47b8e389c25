package provider

import "ingest-pipeline/local/aws/apigateway"

func apigatewayRequestValidator() resourceType {
	return define(resourceType{
		token: "aws:apigateway/requestValidator:RequestValidator",
		inputs: properties{
			"restApi":                   text(required, replaces, inField("APIID")),
			"name":                      text(),
			"validateRequestBody":       boolean(byDefault(false)),
			"validateRequestParameters": boolean(byDefault(false)),
		},
		naming: &naming{property: "name", longest: 255},
	}, operations[apigateway.RequestValidator]{
		create: func(s services, c apigateway.RequestValidator) (string, error) {
			validator, err := s.APIGateway.CreateRequestValidator(c)
			return validator.ID, err
		},
		read: func(s services, id string, known apigateway.RequestValidator) (apigateway.RequestValidator, state, error) {
			validator, err := s.APIGateway.GetRequestValidator(known.APIID, id)
			return validator, nil, err
		},
		update: func(s services, id string, c apigateway.RequestValidator) error {
			c.ID = id
			return s.APIGateway.UpdateRequestValidator(c)
		},
		delete: func(s services, id string, known apigateway.RequestValidator) error {
			return s.APIGateway.DeleteRequestValidator(known.APIID, id)
		},
		list: func(s services) []string { return listInAPIs(s, s.APIGateway.GetRequestValidators, validatorID) },
		parseID: func(s services, id string) (string, apigateway.RequestValidator, error) {
			apiID, id := splitAPIID(s, id, s.APIGateway.GetRequestValidators, validatorID)
			return id, apigateway.RequestValidator{APIID: apiID}, nil
		},
	})
}

func validatorID(v apigateway.RequestValidator) string { return v.ID }
