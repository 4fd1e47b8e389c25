package provider

import "ingest-pipeline/local/aws/apigateway"

func apigatewayModel() resourceType {
	return define(resourceType{
		token: "aws:apigateway/model:Model",
		inputs: properties{
			"restApi":     text(required, replaces, inField("APIID")),
			"name":        text(replaces),
			"contentType": text(required, replaces),
			"description": text(),
			"schema":      document(),
		},
		naming: &naming{property: "name", longest: 255},
	}, operations[apigateway.Model]{
		create: func(s services, c apigateway.Model) (string, error) {
			model, err := s.APIGateway.CreateModel(c)
			return model.ID, err
		},
		read: func(s services, _ string, known apigateway.Model) (apigateway.Model, state, error) {
			model, err := s.APIGateway.GetModel(known.APIID, known.Name)
			return model, nil, err
		},
		update: func(s services, _ string, c apigateway.Model) error { return s.APIGateway.UpdateModel(c) },
		delete: func(s services, _ string, known apigateway.Model) error {
			return s.APIGateway.DeleteModel(known.APIID, known.Name)
		},
		list: func(s services) []string {
			return listInAPIs(s, s.APIGateway.GetModels, func(m apigateway.Model) string {
				if m.Name == "Empty" || m.Name == "Error" { // every API has them
					return ""
				}
				return m.Name
			})
		},
		// It is imported by its name, and has another id.
		parseID: func(s services, id string) (string, apigateway.Model, error) {
			if parts := splitID(id, "", 2); parts != nil {
				model, err := s.APIGateway.GetModel(parts[0], parts[1])
				if isGone(err) {
					err = nil // read finds out, too
				}
				return model.ID, apigateway.Model{APIID: parts[0], Name: parts[1]}, err
			}
			for _, api := range s.APIGateway.GetRestAPIs() {
				models, _ := s.APIGateway.GetModels(api.ID) // an API that has been deleted by now has none
				for _, model := range models {
					if model.ID == id {
						return id, model, nil
					}
				}
			}
			return id, apigateway.Model{}, nil
		},
	})
}
