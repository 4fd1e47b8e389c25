package provider

import (
	"time"

	"ingest-pipeline/local/aws/apigateway"
)

const apiKeyToken = "aws:apigateway/apiKey:ApiKey"

type apiKeyInputs struct {
	Name        string            `json:"name"`
	Value       string            `json:"value"`
	Description string            `json:"description"`
	Enabled     bool              `json:"enabled"`
	CustomerID  string            `json:"customerId"`
	Tags        map[string]string `json:"tags"`
}

func apigatewayAPIKey() resourceType {
	return alive(resourceType{
		token:     apiKeyToken,
		persisted: true,
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
		takes:   func(gone, other *record) bool { return other.Type == usagePlanKeyToken && other.ID == gone.ID },
	}, lifeOf[apiKeyInputs]{
		put: func(s site, in apiKeyInputs, was *record) (string, state, error) {
			wanted := in.key()
			key, err := s.APIGateway.CreateAPIKey(wanted)
			if err != nil {
				return "", nil, err
			}
			out := state{"value": key.Value, "arn": gatewayARN(s.Account, "/apikeys/"+key.ID)}
			if was == nil {
				out["createdDate"], out["lastUpdatedDate"] = now(s), now(s)
			}
			return key.ID, out, nil
		},
		update: func(s site, in apiKeyInputs, was *record) (state, error) {
			wanted := in.key()
			wanted.ID = was.ID
			return state{"lastUpdatedDate": now(s)}, s.APIGateway.UpdateAPIKey(wanted)
		},
		remove: func(s site, _ apiKeyInputs, was *record) error { return s.APIGateway.DeleteAPIKey(was.ID) },
	})
}

func now(s site) string { return s.Clock.Now().UTC().Format(time.RFC3339) }

func (in apiKeyInputs) key() apigateway.APIKey {
	return apigateway.APIKey{
		Name: in.Name, Value: in.Value, Description: in.Description, Enabled: in.Enabled, CustomerID: in.CustomerID,
		Tags: in.Tags,
	}
}

const usagePlanKeyToken = "aws:apigateway/usagePlanKey:UsagePlanKey"

type usagePlanKeyInputs struct {
	KeyID       string `json:"keyId"`
	KeyType     string `json:"keyType"`
	UsagePlanID string `json:"usagePlanId"`
}

func apigatewayUsagePlanKey() resourceType {
	return alive(resourceType{
		token:     usagePlanKeyToken,
		persisted: true,
		inputs: properties{
			"keyId":       text(required, replaces),
			"keyType":     text(required, replaces, oneOf("API_KEY")),
			"usagePlanId": text(required, replaces),
		},
		outputs:  []string{"name", "value"},
		identity: []string{"usagePlanId"},
	}, lifeOf[usagePlanKeyInputs]{
		put: func(s site, in usagePlanKeyInputs, was *record) (string, state, error) {
			add := apigateway.UsagePlanKey{UsagePlanID: in.UsagePlanID, KeyID: in.KeyID}
			if err := s.APIGateway.CreateUsagePlanKey(add); err != nil || was != nil {
				return in.KeyID, nil, err
			}
			name, err := s.resources.output(apiKeyToken, in.KeyID, "name")
			if err != nil {
				return "", nil, err
			}
			value, err := s.resources.output(apiKeyToken, in.KeyID, "value")
			return in.KeyID, state{"name": name, "value": value}, err
		},
		remove: func(s site, in usagePlanKeyInputs, _ *record) error {
			return s.APIGateway.DeleteUsagePlanKey(in.UsagePlanID, in.KeyID)
		},
	})
}
