package provider

import (
	"strings"

	"ingest-pipeline/local/aws/apigateway"
)

// noAuthorizers is why what belongs to authorizers is refused.
const noAuthorizers = "there are no authorizers"

// httpMethods are the values of an httpMethod.
var httpMethods = []string{"ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}

// withMethodID adds the properties that identify a method to a table.
func withMethodID(p properties) properties {
	p["restApi"] = text(required, replaces, inField("APIID"))
	p["resourceId"] = text(required, replaces)
	p["httpMethod"] = text(required, replaces, oneOf(httpMethods...))
	return p
}

// methodIDOf is the id that terraform-provider-aws makes: a prefix and what identifies the method or one of its parts.
func methodIDOf(prefix string, m apigateway.MethodID, more ...string) string {
	return prefix + strings.Join(append([]string{m.APIID, m.ResourceID, m.HTTPMethod}, more...), "-")
}

// parseMethodID parses the id of a method, or of a part of one with a status code.
func parseMethodID(id, prefix string) (engineID string, m apigateway.MethodID, err error) {
	parts := splitID(id, prefix, 3)
	if parts == nil {
		return "", m, malformedID(id, "REST-API-ID/RESOURCE-ID/HTTP-METHOD")
	}
	m = apigateway.MethodID{APIID: parts[0], ResourceID: parts[1], HTTPMethod: parts[2]}
	return methodIDOf(prefix, m), m, nil
}

func parseMethodStatusID(id, prefix string) (engineID string, m apigateway.MethodID, status string, err error) {
	parts := splitID(id, prefix, 4)
	if parts == nil {
		return "", m, "", malformedID(id, "REST-API-ID/RESOURCE-ID/HTTP-METHOD/STATUS-CODE")
	}
	m = apigateway.MethodID{APIID: parts[0], ResourceID: parts[1], HTTPMethod: parts[2]}
	return methodIDOf(prefix, m, parts[3]), m, parts[3], nil
}

// listMethods returns the ids of the methods of all APIs, or of the parts that part names with each.
func listMethods(s services, prefix string, parts func(apigateway.MethodParts) [][]string) (ids []string) {
	for _, api := range s.APIGateway.GetRestAPIs() {
		methods, _ := s.APIGateway.GetMethods(api.ID) // an API that has been deleted by now has none
		for _, m := range methods {
			for _, part := range parts(m) {
				ids = append(ids, methodIDOf(prefix, m.MethodID, part...))
			}
		}
	}
	return ids
}

// statusParts are the parts of a method's id that tell its responses apart.
func statusParts(statusCodes []string) (parts [][]string) {
	for _, code := range statusCodes {
		parts = append(parts, []string{code})
	}
	return parts
}

func apigatewayMethod() resourceType {
	const prefix = "agm-"
	return define(resourceType{
		token: "aws:apigateway/method:Method",
		inputs: withMethodID(properties{
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
	}, operations[apigateway.Method]{
		create: func(s services, c apigateway.Method) (string, error) {
			return methodIDOf(prefix, c.MethodID), s.APIGateway.PutMethod(c)
		},
		read: func(s services, _ string, known apigateway.Method) (apigateway.Method, state, error) {
			method, err := s.APIGateway.GetMethod(known.MethodID)
			return method, nil, err
		},
		update: func(s services, _ string, c apigateway.Method) error { return s.APIGateway.UpdateMethod(c) },
		delete: func(s services, _ string, known apigateway.Method) error {
			return s.APIGateway.DeleteMethod(known.MethodID)
		},
		list: func(s services) []string {
			return listMethods(s, prefix, func(apigateway.MethodParts) [][]string { return [][]string{nil} })
		},
		parseID: func(_ services, id string) (string, apigateway.Method, error) {
			engineID, m, err := parseMethodID(id, prefix)
			return engineID, apigateway.Method{MethodID: m}, err
		},
	})
}

// statusCode is three digits.
var statusCode = pattern(`^[1-5][0-9][0-9]$`, "an HTTP status of three digits")

func apigatewayMethodResponse() resourceType {
	const prefix = "agmr-"
	return define(resourceType{
		token: "aws:apigateway/methodResponse:MethodResponse",
		inputs: withMethodID(properties{
			"statusCode":         text(required, replaces, statusCode),
			"responseModels":     mapping(text()),
			"responseParameters": mapping(boolean()),
		}),
	}, operations[apigateway.MethodResponse]{
		create: func(s services, c apigateway.MethodResponse) (string, error) {
			return methodIDOf(prefix, c.MethodID, c.StatusCode), s.APIGateway.PutMethodResponse(c)
		},
		read: func(s services, _ string, known apigateway.MethodResponse) (apigateway.MethodResponse, state, error) {
			response, err := s.APIGateway.GetMethodResponse(known.MethodID, known.StatusCode)
			return response, nil, err
		},
		update: func(s services, _ string, c apigateway.MethodResponse) error {
			return s.APIGateway.UpdateMethodResponse(c)
		},
		delete: func(s services, _ string, known apigateway.MethodResponse) error {
			return s.APIGateway.DeleteMethodResponse(known.MethodID, known.StatusCode)
		},
		list: func(s services) []string {
			return listMethods(s, prefix, func(m apigateway.MethodParts) [][]string { return statusParts(m.ResponseStatusCodes) })
		},
		parseID: func(_ services, id string) (string, apigateway.MethodResponse, error) {
			engineID, m, status, err := parseMethodStatusID(id, prefix)
			return engineID, apigateway.MethodResponse{MethodID: m, StatusCode: status}, err
		},
	})
}
