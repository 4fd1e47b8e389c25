package provider

import "ingest-pipeline/local/aws/apigateway"

type gatewayResponseInputs struct {
	RestAPIID          string            `json:"restApiId"`
	ResponseType       string            `json:"responseType"`
	StatusCode         string            `json:"statusCode"`
	ResponseTemplates  map[string]string `json:"responseTemplates"`
	ResponseParameters map[string]string `json:"responseParameters"`
}

// apigatewayGatewayResponse is the type that pulumi-aws calls Response.
func apigatewayGatewayResponse() resourceType {
	return alive(resourceType{
		token:     "aws:apigateway/response:Response",
		persisted: true,
		inputs: properties{
			"restApiId":          text(required, replaces),
			"responseType":       text(required, replaces),
			"statusCode":         text(statusCode),
			"responseTemplates":  mapping(text()),
			"responseParameters": mapping(text()),
		},
	}, lifeOf[gatewayResponseInputs]{
		put: func(s site, in gatewayResponseInputs, _ *record) (string, state, error) {
			id := "aggr-" + in.RestAPIID + "-" + in.ResponseType
			return id, nil, s.APIGateway.PutGatewayResponse(in.declared())
		},
		update: func(s site, in gatewayResponseInputs, _ *record) (state, error) {
			return nil, s.APIGateway.PutGatewayResponse(in.declared())
		},
		remove: func(s site, in gatewayResponseInputs, _ *record) error {
			return s.APIGateway.DeleteGatewayResponse(in.RestAPIID, in.ResponseType)
		},
		read: restAPIPart(func(in gatewayResponseInputs) string { return in.RestAPIID }),
	})
}

func (in gatewayResponseInputs) declared() apigateway.GatewayResponse {
	return apigateway.GatewayResponse{
		APIID: in.RestAPIID, ResponseType: in.ResponseType, StatusCode: in.StatusCode,
		ResponseTemplates: in.ResponseTemplates, ResponseParameters: in.ResponseParameters,
	}
}
