package provider

import "ingest-pipeline/local/aws/apigateway"

const apiKeyToken = "aws:apigateway/apiKey:ApiKey"

func apigatewayAPIKey() resourceType {
	return define(resourceType{
		token: apiKeyToken,
		inputs: properties{
			"name":        text(),
			"value":       text(computed, replaces, length(20, 128)),
			"description": text(byDefault("Managed by Pulumi")),
			"enabled":     boolean(byDefault(true)),
			"customerId":  text(inert("there is no AWS Marketplace")),
			"tags":        tags(),
		},
		outputs: []string{"arn", "createdDate", "lastUpdatedDate"},
		secrets: []string{"value"},
		naming:  &naming{property: "name", longest: 255},
	}, operations[apigateway.APIKey]{
		create: func(s services, c apigateway.APIKey) (string, error) {
			key, err := s.APIGateway.CreateAPIKey(c)
			return key.ID, err
		},
		read: func(s services, id string, _ apigateway.APIKey) (apigateway.APIKey, state, error) {
			key, err := s.APIGateway.GetAPIKey(id)
			return key, state{"arn": gatewayARN(s.Account, "/apikeys/"+id)}, err
		},
		update: func(s services, id string, c apigateway.APIKey) error {
			c.ID = id
			return s.APIGateway.UpdateAPIKey(c)
		},
		delete: func(s services, id string, _ apigateway.APIKey) error { return s.APIGateway.DeleteAPIKey(id) },
		list: func(s services) (ids []string) {
			for _, key := range s.APIGateway.GetAPIKeys() {
				ids = append(ids, key.ID)
			}
			return ids
		},
	})
}

const usagePlanKeyToken = "aws:apigateway/usagePlanKey:UsagePlanKey"

func apigatewayUsagePlanKey() resourceType {
	return define(resourceType{
		token: usagePlanKeyToken,
		inputs: properties{
			"keyId":       text(required, replaces),
			"keyType":     text(required, replaces, oneOf("API_KEY")),
			"usagePlanId": text(required, replaces),
		},
		outputs: []string{"name", "value"},
	}, operations[apigateway.UsagePlanKey]{
		create: func(s services, c apigateway.UsagePlanKey) (string, error) {
			return c.KeyID, s.APIGateway.CreateUsagePlanKey(c)
		},
		read: func(s services, id string, known apigateway.UsagePlanKey) (apigateway.UsagePlanKey, state, error) {
			key, err := s.APIGateway.GetUsagePlanKey(known.UsagePlanID, id)
			return key, nil, err
		},
		delete: func(s services, id string, known apigateway.UsagePlanKey) error {
			return s.APIGateway.DeleteUsagePlanKey(known.UsagePlanID, id)
		},
		list: func(s services) (ids []string) {
			for _, key := range s.APIGateway.GetUsagePlanKeys() {
				ids = append(ids, key.UsagePlanID+"/"+key.KeyID)
			}
			return ids
		},
		parseID: func(s services, id string) (string, apigateway.UsagePlanKey, error) {
			parts := splitID(id, "", 2)
			if parts != nil {
				return parts[1], apigateway.UsagePlanKey{UsagePlanID: parts[0]}, nil
			}
			for _, key := range s.APIGateway.GetUsagePlanKeys() {
				if key.KeyID == id {
					return id, key, nil
				}
			}
			return id, apigateway.UsagePlanKey{}, nil
		},
	})
}
