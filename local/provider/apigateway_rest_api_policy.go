package provider

import "ingest-pipeline/local/aws/awserr"

type restAPIPolicyConfig struct{ APIID, Policy string }

func apigatewayRestAPIPolicy() resourceType {
	return define(resourceType{
		token: "aws:apigateway/restApiPolicy:RestApiPolicy",
		inputs: properties{
			"restApiId": text(required, replaces, inField("APIID")),
			"policy":    document(required),
		},
	}, operations[restAPIPolicyConfig]{
		create: func(s services, c restAPIPolicyConfig) (string, error) {
			return c.APIID, s.APIGateway.UpdateRestAPIPolicy(c.APIID, c.Policy)
		},
		read: func(s services, id string, _ restAPIPolicyConfig) (restAPIPolicyConfig, state, error) {
			api, err := s.APIGateway.GetRestAPI(id)
			if err == nil && api.Policy == "" {
				err = awserr.New("NotFoundException", 404, "The API %s has no policy", id)
			}
			return restAPIPolicyConfig{id, api.Policy}, nil, err
		},
		update: func(s services, id string, c restAPIPolicyConfig) error {
			return s.APIGateway.UpdateRestAPIPolicy(id, c.Policy)
		},
		delete: func(s services, id string, _ restAPIPolicyConfig) error {
			return s.APIGateway.UpdateRestAPIPolicy(id, "")
		},
	})
}
