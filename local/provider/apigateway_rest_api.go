package provider

import "ingest-pipeline/local/aws/apigateway"

const restAPIToken = "aws:apigateway/restApi:RestApi"

// openAPI is why the properties for OpenAPI documents are refused.
const openAPI = "OpenAPI documents are not supported; declare the API's resources and methods"

func apigatewayRestAPI() resourceType {
	return define(resourceType{
		token: restAPIToken,
		inputs: properties{
			"name":                      text(),
			"description":               text(computed),
			"apiKeySource":              text(computed, oneOf("HEADER", "AUTHORIZER"), notHere(noAuthorizers, "AUTHORIZER")),
			"disableExecuteApiEndpoint": boolean(computed),
			"endpointConfiguration": object(properties{
				"types": text(required, oneOf("EDGE", "REGIONAL", "PRIVATE"),
					notHere("private APIs need a VPC", "PRIVATE"), inField("EndpointType")),
				"ipAddressType": text(computed, oneOf("ipv4", "dualstack"),
					inert("the endpoint listens on 127.0.0.1 only")),
				"vpcEndpointIds": rejected("private APIs need a VPC"),
			}, computed, flat),
			"policy":                 document(computed),
			"tags":                   tags(),
			"binaryMediaTypes":       rejected("bodies are text"),
			"minimumCompressionSize": rejected("bodies are not compressed"),
			"body":                   rejected(openAPI),
			"failOnWarnings":         rejected(openAPI),
			"parameters":             rejected(openAPI),
			"putRestApiMode":         rejected(openAPI),
		},
		outputs: []string{"arn", "createdDate", "executionArn", "rootResourceId"},
		naming:  &naming{property: "name", longest: 255},
	}, operations[apigateway.RestAPI]{
		create: func(s services, c apigateway.RestAPI) (string, error) {
			api, err := s.APIGateway.CreateRestAPI(c)
			return api.ID, err
		},
		read: func(s services, id string, _ apigateway.RestAPI) (apigateway.RestAPI, state, error) {
			api, err := s.APIGateway.GetRestAPI(id)
			return api, state{
				"arn":          gatewayARN(s.Account, "/restapis/"+id),
				"executionArn": s.APIGateway.ExecutionARN(id),
			}, err
		},
		update: func(s services, id string, c apigateway.RestAPI) error {
			c.ID = id
			return s.APIGateway.UpdateRestAPI(c)
		},
		delete: func(s services, id string, _ apigateway.RestAPI) error { return s.APIGateway.DeleteRestAPI(id) },
		list: func(s services) (ids []string) {
			for _, api := range s.APIGateway.GetRestAPIs() {
				ids = append(ids, api.ID)
			}
			return ids
		},
	})
}
