package provider

import "ingest-pipeline/local/aws/apigateway"

// apigatewayGatewayResponse is the type that pulumi-aws calls Response.
func apigatewayGatewayResponse() resourceType {
	return define(resourceType{
		token: "aws:apigateway/response:Response",
		inputs: properties{
			"restApiId":          text(required, replaces, inField("APIID")),
			"responseType":       text(required, replaces),
			"statusCode":         text(statusCode),
			"responseTemplates":  mapping(text()),
			"responseParameters": mapping(text()),
		},
	}, operations[apigateway.GatewayResponse]{
		create: func(s services, c apigateway.GatewayResponse) (string, error) {
			return "aggr-" + c.APIID + "-" + c.ResponseType, s.APIGateway.PutGatewayResponse(c)
		},
		read: func(s services, _ string, known apigateway.GatewayResponse) (apigateway.GatewayResponse, state, error) {
			response, err := s.APIGateway.GetGatewayResponse(known.APIID, known.ResponseType)
			return response, nil, err
		},
		update: func(s services, _ string, c apigateway.GatewayResponse) error {
			return s.APIGateway.PutGatewayResponse(c)
		},
		delete: func(s services, _ string, known apigateway.GatewayResponse) error {
			return s.APIGateway.DeleteGatewayResponse(known.APIID, known.ResponseType)
		},
		parseID: func(_ services, id string) (string, apigateway.GatewayResponse, error) {
			parts := splitID(id, "aggr-", 2)
			if parts == nil {
				return "", apigateway.GatewayResponse{}, malformedID(id, "REST-API-ID/RESPONSE-TYPE")
			}
			return "aggr-" + parts[0] + "-" + parts[1], apigateway.GatewayResponse{APIID: parts[0], ResponseType: parts[1]}, nil
		},
	})
}
