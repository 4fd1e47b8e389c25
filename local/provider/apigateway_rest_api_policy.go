package provider

type restAPIPolicyInputs struct {
	RestAPIID string `json:"restApiId"`
	Policy    string `json:"policy"`
}

func apigatewayRestAPIPolicy() resourceType {
	return alive(resourceType{
		token:     "aws:apigateway/restApiPolicy:RestApiPolicy",
		persisted: true,
		inputs: properties{
			"restApiId": text(required, replaces),
			"policy":    document(required),
		},
	}, lifeOf[restAPIPolicyInputs]{
		put: func(s site, in restAPIPolicyInputs, _ *record) (string, state, error) {
			return in.RestAPIID, nil, s.APIGateway.UpdateRestAPIPolicy(in.RestAPIID, in.Policy)
		},
		update: func(s site, in restAPIPolicyInputs, _ *record) (state, error) {
			return nil, s.APIGateway.UpdateRestAPIPolicy(in.RestAPIID, in.Policy)
		},
		remove: func(s site, in restAPIPolicyInputs, _ *record) error {
			return s.APIGateway.UpdateRestAPIPolicy(in.RestAPIID, "")
		},
		read: restAPIPart(func(in restAPIPolicyInputs) string { return in.RestAPIID }),
	})
}
