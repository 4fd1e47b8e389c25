package provider

import (
	"time"

	"ingest-pipeline/local/aws/apigateway"
	"ingest-pipeline/local/aws/iam"
)

const restAPIToken = "aws:apigateway/restApi:RestApi"

// openAPI is why the properties for OpenAPI documents are refused.
const openAPI = "OpenAPI documents are not read; declare the API's resources and methods"

type restAPIInputs struct {
	Name                      string            `json:"name"`
	Description               string            `json:"description"`
	APIKeySource              string            `json:"apiKeySource"`
	DisableExecuteAPIEndpoint bool              `json:"disableExecuteApiEndpoint"`
	Policy                    string            `json:"policy"`
	Tags                      map[string]string `json:"tags"`
	EndpointConfiguration     struct {
		Types         string `json:"types"`
		IPAddressType string `json:"ipAddressType"`
	} `json:"endpointConfiguration"`
}

func apigatewayRestAPI() resourceType {
	return alive(resourceType{
		token:     restAPIToken,
		persisted: true,
		inputs: properties{
			"name":        text(),
			"description": text(computed),
			"apiKeySource": text(computed, oneOf("HEADER", "AUTHORIZER"),
				notHere(noAuthorizers, "AUTHORIZER")),
			"disableExecuteApiEndpoint": boolean(computed),
			"endpointConfiguration": object(properties{
				"types": text(required, oneOf("EDGE", "REGIONAL", "PRIVATE"),
					notHere("private APIs need a VPC", "PRIVATE")),
				"ipAddressType": text(computed, oneOf("ipv4", "dualstack"),
					inert("the endpoint listens on 127.0.0.1 only")),
				"vpcEndpointIds": rejected("private APIs need a VPC"),
			}, computed),
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
		takes: func(gone, other *record) bool {
			return other.text("restApi") == gone.ID || other.text("restApiId") == gone.ID
		},
	}, lifeOf[restAPIInputs]{
		put:    putRestAPI,
		update: updateRestAPI,
		remove: func(s site, _ restAPIInputs, was *record) error { return s.APIGateway.DeleteRestAPI(was.ID) },
		read: func(s site, in restAPIInputs, was *record) (state, error) {
			api, err := s.APIGateway.GetRestAPI(was.ID)
			if err != nil {
				return nil, err
			}
			return restAPIState(s, in, api), nil
		},
	})
}

func putRestAPI(s site, in restAPIInputs, was *record) (string, state, error) {
	wanted := in.api()
	api, err := s.APIGateway.CreateRestAPI(wanted)
	if err != nil {
		return "", nil, err
	}
	out := restAPIState(s, in, api)
	out["createdDate"] = api.CreatedDate.Format(time.RFC3339)
	return api.ID, out, nil
}

func updateRestAPI(s site, in restAPIInputs, was *record) (state, error) {
	wanted := in.api()
	wanted.ID = was.ID
	if in.Policy == was.text("policy") {
		// It may be a RestApiPolicy's by now: pulumi-aws sends only what has changed.
		current, err := s.APIGateway.GetRestAPI(was.ID)
		if err != nil {
			return nil, err
		}
		wanted.Policy = current.Policy
	}
	if err := s.APIGateway.UpdateRestAPI(wanted); err != nil {
		return nil, err
	}
	api, err := s.APIGateway.GetRestAPI(was.ID)
	if err != nil {
		return nil, err
	}
	return restAPIState(s, in, api), nil
}

func (in restAPIInputs) api() apigateway.RestAPI {
	return apigateway.RestAPI{
		Name:                      in.Name,
		Description:               in.Description,
		EndpointType:              in.EndpointConfiguration.Types,
		Policy:                    in.Policy,
		APIKeySource:              in.APIKeySource,
		DisableExecuteAPIEndpoint: in.DisableExecuteAPIEndpoint,
		Tags:                      in.Tags,
	}
}

// restAPIState is what AWS tells of an API.
func restAPIState(s site, in restAPIInputs, api apigateway.RestAPI) state {
	endpointType, keySource, addresses := api.EndpointType, api.APIKeySource, in.EndpointConfiguration.IPAddressType
	if endpointType == "" {
		endpointType = "EDGE" // documented: apigateway, CreateRestApi
	}
	if keySource == "" {
		keySource = "HEADER" // documented: apigateway, CreateRestApi
	}
	if addresses == "" {
		addresses = "ipv4" // documented: apigateway, EndpointConfiguration
	}
	return state{
		"name":                      api.Name,
		"description":               api.Description,
		"apiKeySource":              keySource,
		"disableExecuteApiEndpoint": api.DisableExecuteAPIEndpoint,
		"endpointConfiguration":     state{"types": endpointType, "ipAddressType": addresses},
		"arn":                       gatewayARN(s.Account, "/restapis/"+api.ID),
		"executionArn":              s.APIGateway.ExecutionARN(api.ID),
		"rootResourceId":            api.RootResourceID,
	}
}

// gatewayARN is the ARN of something in API Gateway's control plane; it has no account in it (documented: API Gateway
// developer guide, Amazon Resource Name reference).
func gatewayARN(a iam.Account, path string) string {
	return "arn:" + a.Partition + ":apigateway:" + a.Region + "::" + path
}

// restAPIPart is a read of a part of an API. AWS keeps nothing of it that the table of resources does not have, and
// parts that went with others are not in the table: what is left to see is whether there still is an API.
func restAPIPart[I any](apiOf func(I) string) func(s site, in I, was *record) (state, error) {
	return func(s site, in I, _ *record) (state, error) {
		_, err := s.APIGateway.GetRestAPI(apiOf(in))
		return nil, err
	}
}
