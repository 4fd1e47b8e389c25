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
			return listInAPIs(s, func(apiID string) (below []apigateway.Resource, err error) {
				all, err := s.APIGateway.GetResources(apiID)
				for _, resource := range all {
					if resource.ParentID != "" { // the root is part of the API
						below = append(below, resource)
					}
				}
				return below, err
			}, resourceID)
		},
		parseID: func(s services, id string) (string, apigateway.Resource, error) {
			apiID, id := splitAPIID(s, id, s.APIGateway.GetResources, resourceID)
			return id, apigateway.Resource{APIID: apiID}, nil
		},
	})
}

func resourceID(r apigateway.Resource) string { return r.ID }
