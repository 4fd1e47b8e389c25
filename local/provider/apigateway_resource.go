package provider

import "ingest-pipeline/local/aws/apigateway"

func apigatewayResource() resourceType {
	return define(resourceType{
		token: "aws:apigateway/resource:Resource",
		inputs: properties{
			"restApi":  text(required, replaces, inField("APIID")),
			"parentId": text(required),
			"pathPart": text(required),
		},
		outputs: []string{"path"},
	}, operations[apigateway.Resource]{
		create: func(s services, c apigateway.Resource) (string, error) {
			resource, err := s.APIGateway.CreateResource(c)
			return resource.ID, err
		},
		read: func(s services, id string, known apigateway.Resource) (apigateway.Resource, state, error) {
			resource, err := s.APIGateway.GetResource(known.APIID, id)
			return resource, nil, err
		},
		update: func(s services, id string, c apigateway.Resource) error {
			c.ID = id
			return s.APIGateway.UpdateResource(c)
		},
		delete: func(s services, id string, known apigateway.Resource) error {
			return s.APIGateway.DeleteResource(known.APIID, id)
		},
		list: func(s services) []string {
			return listInAPIs(s, s.APIGateway.GetResources, func(r apigateway.Resource) string {
				if r.ParentID == "" { // the root is part of the API
					return ""
				}
				return r.ID
			})
		},
		parseID: func(s services, id string) (string, apigateway.Resource, error) {
			apiID, id := splitAPIID(s, id, s.APIGateway.GetResources, resourceID)
			return id, apigateway.Resource{APIID: apiID}, nil
		},
	})
}

func resourceID(r apigateway.Resource) string { return r.ID }
