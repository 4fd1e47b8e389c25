package provider

import "ingest-pipeline/local/aws/apigateway"

type resourceInputs struct {
	RestAPI  string `json:"restApi"`
	ParentID string `json:"parentId"`
	PathPart string `json:"pathPart"`
}

func apigatewayResource() resourceType {
	return alive(resourceType{
		token:     "aws:apigateway/resource:Resource",
		persisted: true,
		inputs: properties{
			"restApi":  text(required, replaces),
			"parentId": text(required),
			"pathPart": text(required),
		},
		outputs: []string{"path"},
		takes: func(gone, other *record) bool {
			return other.text("restApi") == gone.text("restApi") &&
				(other.text("resourceId") == gone.ID || other.text("parentId") == gone.ID)
		},
	}, lifeOf[resourceInputs]{
		put: func(s site, in resourceInputs, was *record) (string, state, error) {
			wanted := in.resource()
			r, err := s.APIGateway.CreateResource(wanted)
			return r.ID, state{"path": r.Path}, err
		},
		update: func(s site, in resourceInputs, was *record) (state, error) {
			wanted := in.resource()
			wanted.ID = was.ID
			if err := s.APIGateway.UpdateResource(wanted); err != nil {
				return nil, err
			}
			r, err := s.APIGateway.GetResource(in.RestAPI, was.ID)
			return state{"path": r.Path}, err
		},
		remove: func(s site, in resourceInputs, was *record) error {
			return s.APIGateway.DeleteResource(in.RestAPI, was.ID)
		},
		read: restAPIPart(func(in resourceInputs) string { return in.RestAPI }),
	})
}

func (in resourceInputs) resource() apigateway.Resource {
	return apigateway.Resource{APIID: in.RestAPI, ParentID: in.ParentID, PathPart: in.PathPart}
}
