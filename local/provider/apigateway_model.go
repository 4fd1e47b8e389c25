package provider

import "ingest-pipeline/local/aws/apigateway"

type modelInputs struct {
	RestAPI     string `json:"restApi"`
	Name        string `json:"name"`
	ContentType string `json:"contentType"`
	Description string `json:"description"`
	Schema      string `json:"schema"`
}

func apigatewayModel() resourceType {
	return alive(resourceType{
		token:     "aws:apigateway/model:Model",
		persisted: true,
		inputs: properties{
			"restApi":     text(required, replaces),
			"name":        text(replaces),
			"contentType": text(required, replaces),
			"description": text(),
			"schema":      document(),
		},
		naming: &naming{property: "name", longest: 255},
	}, lifeOf[modelInputs]{
		put: func(s site, in modelInputs, was *record) (string, state, error) {
			wanted := in.model()
			model, err := s.APIGateway.CreateModel(wanted)
			return model.ID, nil, err
		},
		update: func(s site, in modelInputs, was *record) (state, error) {
			wanted := in.model()
			wanted.ID = was.ID
			return nil, s.APIGateway.UpdateModel(wanted)
		},
		remove: func(s site, in modelInputs, _ *record) error { return s.APIGateway.DeleteModel(in.RestAPI, in.Name) },
		read:   restAPIPart(func(in modelInputs) string { return in.RestAPI }),
	})
}

func (in modelInputs) model() apigateway.Model {
	return apigateway.Model{
		APIID: in.RestAPI, Name: in.Name, ContentType: in.ContentType, Description: in.Description, Schema: in.Schema,
	}
}
