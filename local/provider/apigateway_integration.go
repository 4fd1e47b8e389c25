package provider

import "ingest-pipeline/local/aws/apigateway"

// noCaches is why what belongs to caches is refused.
const noCaches = "there are no caches"

// contentHandling is the property of that name of an integration and its responses.
func contentHandling() property {
	return text(oneOf("CONVERT_TO_BINARY", "CONVERT_TO_TEXT"), notHere("bodies are text", "CONVERT_TO_BINARY"))
}

func apigatewayIntegration() resourceType {
	const prefix = "agi-"
	const onlyAWS = "integrations call AWS services (AWS) or nothing (MOCK)"
	return define(resourceType{
		token: "aws:apigateway/integration:Integration",
		inputs: withMethodID(properties{
			"type": text(required, replaces, oneOf("HTTP", "AWS", "MOCK", "HTTP_PROXY", "AWS_PROXY"),
				notHere(onlyAWS, "HTTP", "HTTP_PROXY", "AWS_PROXY")),
			"integrationHttpMethod": text(replaces, oneOf(httpMethods...)),
			"uri":                   text(),
			"credentials":           text(replaces),
			"passthroughBehavior":   text(computed, replaces, oneOf("WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER")),
			"requestTemplates":      mapping(text()),
			"requestParameters":     mapping(text()),
			"contentHandling":       contentHandling(),
			"timeoutMilliseconds":   integer(byDefault(29000.0), between(50, 300_000, "milliseconds"), inField("TimeoutMillis")),
			"connectionType": text(byDefault("INTERNET"), oneOf("INTERNET", "VPC_LINK"),
				notHere("there are no VPC links", "VPC_LINK")),
			"cacheNamespace":     text(computed, inert(noCaches)),
			"cacheKeyParameters": rejected(noCaches),
			"connectionId":       rejected("there are no VPC links"),
			"tlsConfig":          rejected(onlyAWS),
		}),
		// pulumi-aws: the id is made of the method, so that a new integration would replace the old one and go with it.
		deleteBeforeReplace: true,
	}, operations[apigateway.Integration]{
		create: func(s services, c apigateway.Integration) (string, error) {
			return methodIDOf(prefix, c.MethodID), s.APIGateway.PutIntegration(c)
		},
		read: func(s services, _ string, known apigateway.Integration) (apigateway.Integration, state, error) {
			integration, err := s.APIGateway.GetIntegration(known.MethodID)
			return integration, nil, err
		},
		update: func(s services, _ string, c apigateway.Integration) error { return s.APIGateway.UpdateIntegration(c) },
		delete: func(s services, _ string, known apigateway.Integration) error {
			return s.APIGateway.DeleteIntegration(known.MethodID)
		},
		list: func(s services) []string {
			return listMethods(s, prefix, func(m apigateway.MethodParts) [][]string {
				if !m.HasIntegration {
					return nil
				}
				return [][]string{nil}
			})
		},
		parseID: func(_ services, id string) (string, apigateway.Integration, error) {
			engineID, m, err := parseMethodID(id, prefix)
			return engineID, apigateway.Integration{MethodID: m}, err
		},
	})
}

func apigatewayIntegrationResponse() resourceType {
	const prefix = "agir-"
	return define(resourceType{
		token: "aws:apigateway/integrationResponse:IntegrationResponse",
		inputs: withMethodID(properties{
			"statusCode":         text(required, replaces, statusCode),
			"selectionPattern":   text(),
			"responseTemplates":  mapping(text()),
			"responseParameters": mapping(text()),
			"contentHandling":    contentHandling(),
		}),
	}, operations[apigateway.IntegrationResponse]{
		create: func(s services, c apigateway.IntegrationResponse) (string, error) {
			return methodIDOf(prefix, c.MethodID, c.StatusCode), s.APIGateway.PutIntegrationResponse(c)
		},
		read: func(s services, _ string, known apigateway.IntegrationResponse) (apigateway.IntegrationResponse, state, error) {
			response, err := s.APIGateway.GetIntegrationResponse(known.MethodID, known.StatusCode)
			return response, nil, err
		},
		update: func(s services, _ string, c apigateway.IntegrationResponse) error {
			return s.APIGateway.UpdateIntegrationResponse(c)
		},
		delete: func(s services, _ string, known apigateway.IntegrationResponse) error {
			return s.APIGateway.DeleteIntegrationResponse(known.MethodID, known.StatusCode)
		},
		list: func(s services) []string {
			return listMethods(s, prefix, func(m apigateway.MethodParts) [][]string {
				return statusParts(m.IntegrationResponseStatusCodes)
			})
		},
		parseID: func(_ services, id string) (string, apigateway.IntegrationResponse, error) {
			engineID, m, status, err := parseMethodStatusID(id, prefix)
			return engineID, apigateway.IntegrationResponse{MethodID: m, StatusCode: status}, err
		},
	})
}
