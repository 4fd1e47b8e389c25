package provider

import (
	"ingest-pipeline/local/aws/apigateway"
	"ingest-pipeline/local/aws/awserr"
)

// accountID is the id of the one resource of its type in an account and Region.
const accountID = "api-gateway-account"

type accountConfig struct {
	apigateway.Account
	ResetOnDelete bool
}

func apigatewayAccount() resourceType {
	return define(resourceType{
		token: "aws:apigateway/account:Account",
		inputs: properties{
			"cloudwatchRoleArn": text(computed),
			"resetOnDelete":     boolean(byDefault(false), providerOnly),
		},
		outputs: []string{"apiKeyVersion", "features", "throttleSettings"},
	}, operations[accountConfig]{
		create: func(s services, c accountConfig) (string, error) {
			return accountID, s.APIGateway.UpdateAccount(c.Account)
		},
		read: func(s services, id string, _ accountConfig) (accountConfig, state, error) {
			if id != accountID {
				return accountConfig{}, nil, awserr.New("NotFoundException", 404, "There is no account %s", id)
			}
			// Documented: apigateway, GetAccount; the throttle is the quota of an account and Region.
			return accountConfig{Account: s.APIGateway.GetAccount()}, state{
				"apiKeyVersion":    "4",
				"features":         []any{"UsagePlans"},
				"throttleSettings": []any{state{"burstLimit": 5000, "rateLimit": 10000}},
			}, nil
		},
		update: func(s services, _ string, c accountConfig) error { return s.APIGateway.UpdateAccount(c.Account) },
		// pulumi-aws 6 leaves the account's setting as it is without resetOnDelete (documented: pulumi-aws,
		// apigateway.Account).
		delete: func(s services, _ string, known accountConfig) error {
			if !known.ResetOnDelete {
				return nil
			}
			return s.APIGateway.UpdateAccount(apigateway.Account{})
		},
	})
}
