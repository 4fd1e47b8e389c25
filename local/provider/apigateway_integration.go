package provider

import "ingest-pipeline/local/aws/apigateway"

const integrationResponseToken = "aws:apigateway/integrationResponse:IntegrationResponse"

// noCaches is why what belongs to caches is refused.
const noCaches = "there are no caches"

type integrationInputs struct {
	methodKey
	Type                  string            `json:"type"`
	IntegrationHTTPMethod string            `json:"integrationHttpMethod"`
	URI                   string            `json:"uri"`
	Credentials           string            `json:"credentials"`
	PassthroughBehavior   string            `json:"passthroughBehavior"`
	RequestTemplates      map[string]string `json:"requestTemplates"`
	RequestParameters     map[string]string `json:"requestParameters"`
	ContentHandling       string            `json:"contentHandling"`
	TimeoutMilliseconds   int               `json:"timeoutMilliseconds"`
	ConnectionType        string            `json:"connectionType"`
	CacheNamespace        string            `json:"cacheNamespace"`
}

// contentHandling is the property of that name of an integration and its responses.
func contentHandling() property {
	return text(oneOf("CONVERT_TO_BINARY", "CONVERT_TO_TEXT"), notHere("bodies are text", "CONVERT_TO_BINARY"))
}

func apigatewayIntegration() resourceType {
	const onlyAWS = "integrations call AWS services (AWS) or nothing (MOCK)"
	return alive(resourceType{
		token:     "aws:apigateway/integration:Integration",
		persisted: true,
		inputs: withMethodKey(properties{
			"type": text(required, replaces, oneOf("HTTP", "AWS", "MOCK", "HTTP_PROXY", "AWS_PROXY"),
				notHere(onlyAWS, "HTTP", "HTTP_PROXY", "AWS_PROXY")),
			"integrationHttpMethod": text(replaces, oneOf(httpMethods...)),
			"uri":                   text(),
			"credentials":           text(replaces),
			"passthroughBehavior": text(computed, replaces,
				oneOf("WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER")),
			"requestTemplates":  mapping(text()),
			"requestParameters": mapping(text()),
			"contentHandling":   contentHandling(),
			"timeoutMilliseconds": integer(byDefault(29000.0),
				between(50, 300_000, "milliseconds")),
			"connectionType": text(byDefault("INTERNET"), oneOf("INTERNET", "VPC_LINK"),
				notHere("there are no VPC links", "VPC_LINK")),
			"cacheNamespace":     text(computed, inert(noCaches)),
			"cacheKeyParameters": rejected(noCaches),
			"connectionId":       rejected("there are no VPC links"),
			"tlsConfig":          rejected(onlyAWS),
		}),
		// pulumi-aws: the id is made of the method, so that a new one would take the place of the old one and go with it.
		deleteBeforeReplace: true,
		takes: func(gone, other *record) bool {
			return other.Type == integrationResponseToken && sameMethod(gone, other)
		},
	}, lifeOf[integrationInputs]{
		put: func(s site, in integrationInputs, _ *record) (string, state, error) {
			return in.id("agi"), in.filledIn(), s.APIGateway.PutIntegration(in.declared())
		},
		update: func(s site, in integrationInputs, _ *record) (state, error) {
			return in.filledIn(), s.APIGateway.UpdateIntegration(in.declared())
		},
		remove: func(s site, in integrationInputs, _ *record) error {
			return s.APIGateway.DeleteIntegration(in.method())
		},
		read: restAPIPart(func(in integrationInputs) string { return in.RestAPI }),
	})
}

// filledIn is what AWS fills in (documented: apigateway, PutIntegration).
func (in integrationInputs) filledIn() state {
	out := state{"passthroughBehavior": in.PassthroughBehavior, "cacheNamespace": in.CacheNamespace}
	if in.PassthroughBehavior == "" {
		out["passthroughBehavior"] = "WHEN_NO_MATCH"
	}
	if in.CacheNamespace == "" {
		out["cacheNamespace"] = in.ResourceID
	}
	return out
}

func (in integrationInputs) declared() apigateway.Integration {
	return apigateway.Integration{
		MethodID:              in.method(),
		Type:                  in.Type,
		IntegrationHTTPMethod: in.IntegrationHTTPMethod,
		URI:                   in.URI,
		Credentials:           in.Credentials,
		PassthroughBehavior:   in.PassthroughBehavior,
		RequestTemplates:      in.RequestTemplates,
		RequestParameters:     in.RequestParameters,
		ContentHandling:       in.ContentHandling,
		TimeoutMillis:         in.TimeoutMilliseconds,
		CacheNamespace:        in.CacheNamespace,
		ConnectionType:        in.ConnectionType,
	}
}

type integrationResponseInputs struct {
	methodKey
	StatusCode         string            `json:"statusCode"`
	SelectionPattern   string            `json:"selectionPattern"`
	ResponseTemplates  map[string]string `json:"responseTemplates"`
	ResponseParameters map[string]string `json:"responseParameters"`
	ContentHandling    string            `json:"contentHandling"`
}

func apigatewayIntegrationResponse() resourceType {
	return alive(resourceType{
		token:     integrationResponseToken,
		persisted: true,
		inputs: withMethodKey(properties{
			"statusCode":         text(required, replaces, statusCode),
			"selectionPattern":   text(),
			"responseTemplates":  mapping(text()),
			"responseParameters": mapping(text()),
			"contentHandling":    contentHandling(),
		}),
	}, lifeOf[integrationResponseInputs]{
		put: func(s site, in integrationResponseInputs, _ *record) (string, state, error) {
			return in.id("agir", in.StatusCode), nil, s.APIGateway.PutIntegrationResponse(in.declared())
		},
		update: func(s site, in integrationResponseInputs, _ *record) (state, error) {
			return nil, s.APIGateway.UpdateIntegrationResponse(in.declared())
		},
		remove: func(s site, in integrationResponseInputs, _ *record) error {
			return s.APIGateway.DeleteIntegrationResponse(in.method(), in.StatusCode)
		},
		read: restAPIPart(func(in integrationResponseInputs) string { return in.RestAPI }),
	})
}

func (in integrationResponseInputs) declared() apigateway.IntegrationResponse {
	return apigateway.IntegrationResponse{
		MethodID:           in.method(),
		StatusCode:         in.StatusCode,
		SelectionPattern:   in.SelectionPattern,
		ResponseTemplates:  in.ResponseTemplates,
		ResponseParameters: in.ResponseParameters,
		ContentHandling:    in.ContentHandling,
	}
}
