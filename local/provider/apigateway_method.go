package provider

import (
	"strings"

	"ingest-pipeline/local/aws/apigateway"
)

// noAuthorizers is why what belongs to authorizers is refused.
const noAuthorizers = "there are no authorizers"

// sameMethod tells whether two records are of the same method of an API.
func sameMethod(one, other *record) bool {
	return one.text("restApi") == other.text("restApi") && one.text("resourceId") == other.text("resourceId") &&
		one.text("httpMethod") == other.text("httpMethod")
}

// httpMethods are the values of an httpMethod.
var httpMethods = []string{"ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}

// methodKey is what names a method in the inputs of it and of its parts.
type methodKey struct {
	RestAPI    string `json:"restApi"`
	ResourceID string `json:"resourceId"`
	HTTPMethod string `json:"httpMethod"`
}

// withMethodKey adds the properties of a methodKey to a table.
func withMethodKey(p properties) properties {
	p["restApi"] = text(required, replaces)
	p["resourceId"] = text(required, replaces)
	p["httpMethod"] = text(required, replaces, oneOf(httpMethods...))
	return p
}

func (k methodKey) method() apigateway.MethodID {
	return apigateway.MethodID{APIID: k.RestAPI, ResourceID: k.ResourceID, HTTPMethod: k.HTTPMethod}
}

// id is the id that terraform-provider-aws makes: a prefix and the parts of the key.
func (k methodKey) id(prefix string, more ...string) string {
	return strings.Join(append([]string{prefix, k.RestAPI, k.ResourceID, k.HTTPMethod}, more...), "-")
}

type methodInputs struct {
	methodKey
	Authorization      string            `json:"authorization"`
	APIKeyRequired     bool              `json:"apiKeyRequired"`
	OperationName      string            `json:"operationName"`
	RequestModels      map[string]string `json:"requestModels"`
	RequestParameters  map[string]bool   `json:"requestParameters"`
	RequestValidatorID string            `json:"requestValidatorId"`
}

func apigatewayMethod() resourceType {
	return alive(resourceType{
		token:     "aws:apigateway/method:Method",
		persisted: true,
		inputs: withMethodKey(properties{
			"authorization": text(required, oneOf("NONE", "AWS_IAM", "CUSTOM", "COGNITO_USER_POOLS"),
				notHere(noAuthorizers, "CUSTOM", "COGNITO_USER_POOLS")),
			"apiKeyRequired":      boolean(byDefault(false)),
			"operationName":       text(),
			"requestModels":       mapping(text()),
			"requestParameters":   mapping(boolean()),
			"requestValidatorId":  text(),
			"authorizationScopes": rejected(noAuthorizers),
			"authorizerId":        rejected(noAuthorizers),
		}),
		takes: sameMethod,
	}, lifeOf[methodInputs]{
		put: func(s site, in methodInputs, _ *record) (string, state, error) {
			return in.id("agm"), nil, s.APIGateway.PutMethod(in.declared())
		},
		update: func(s site, in methodInputs, _ *record) (state, error) {
			return nil, s.APIGateway.UpdateMethod(in.declared())
		},
		remove: func(s site, in methodInputs, _ *record) error { return s.APIGateway.DeleteMethod(in.method()) },
		read:   restAPIPart(func(in methodInputs) string { return in.RestAPI }),
	})
}

func (in methodInputs) declared() apigateway.Method {
	return apigateway.Method{
		MethodID:           in.method(),
		Authorization:      in.Authorization,
		APIKeyRequired:     in.APIKeyRequired,
		RequestValidatorID: in.RequestValidatorID,
		RequestModels:      in.RequestModels,
		RequestParameters:  in.RequestParameters,
		OperationName:      in.OperationName,
	}
}

type methodResponseInputs struct {
	methodKey
	StatusCode         string            `json:"statusCode"`
	ResponseModels     map[string]string `json:"responseModels"`
	ResponseParameters map[string]bool   `json:"responseParameters"`
}

// statusCode is three digits.
var statusCode = pattern(`^[1-5][0-9][0-9]$`, "an HTTP status of three digits")

func apigatewayMethodResponse() resourceType {
	return alive(resourceType{
		token:     "aws:apigateway/methodResponse:MethodResponse",
		persisted: true,
		inputs: withMethodKey(properties{
			"statusCode":         text(required, replaces, statusCode),
			"responseModels":     mapping(text()),
			"responseParameters": mapping(boolean()),
		}),
	}, lifeOf[methodResponseInputs]{
		put: func(s site, in methodResponseInputs, _ *record) (string, state, error) {
			return in.id("agmr", in.StatusCode), nil, s.APIGateway.PutMethodResponse(in.declared())
		},
		update: func(s site, in methodResponseInputs, _ *record) (state, error) {
			return nil, s.APIGateway.UpdateMethodResponse(in.declared())
		},
		remove: func(s site, in methodResponseInputs, _ *record) error {
			return s.APIGateway.DeleteMethodResponse(in.method(), in.StatusCode)
		},
		read: restAPIPart(func(in methodResponseInputs) string { return in.RestAPI }),
	})
}

func (in methodResponseInputs) declared() apigateway.MethodResponse {
	return apigateway.MethodResponse{
		MethodID:           in.method(),
		StatusCode:         in.StatusCode,
		ResponseModels:     in.ResponseModels,
		ResponseParameters: in.ResponseParameters,
	}
}
