package provider

import "ingest-pipeline/local/aws/apigateway"

type accountInputs struct {
	CloudwatchRoleARN string `json:"cloudwatchRoleArn"`
	ResetOnDelete     bool   `json:"resetOnDelete"`
}

func apigatewayAccount() resourceType {
	return alive(resourceType{
		token:     "aws:apigateway/account:Account",
		persisted: true,
		inputs: properties{
			"cloudwatchRoleArn": text(computed),
			"resetOnDelete":     boolean(byDefault(false)),
		},
		outputs: []string{"apiKeyVersion", "features", "throttleSettings"},
	}, lifeOf[accountInputs]{
		put: func(s site, in accountInputs, _ *record) (string, state, error) {
			return "api-gateway-account", accountState(in), s.APIGateway.UpdateAccount(apigateway.Account{CloudWatchRoleARN: in.CloudwatchRoleARN})
		},
		update: func(s site, in accountInputs, _ *record) (state, error) {
			return accountState(in), s.APIGateway.UpdateAccount(apigateway.Account{CloudWatchRoleARN: in.CloudwatchRoleARN})
		},
		// pulumi-aws 6 leaves the account's setting as it is unless resetOnDelete asks for more (documented:
		// pulumi-aws, apigateway.Account).
		remove: func(s site, in accountInputs, _ *record) error {
			if !in.ResetOnDelete {
				return errKept
			}
			return s.APIGateway.UpdateAccount(apigateway.Account{})
		},
		read: func(s site, _ accountInputs, _ *record) (state, error) {
			return state{"cloudwatchRoleArn": s.APIGateway.GetAccount().CloudWatchRoleARN}, nil
		},
	})
}

// accountState is what AWS tells of the account (documented: apigateway, GetAccount; the throttle is the quota of an
// account and Region).
func accountState(in accountInputs) state {
	return state{
		"cloudwatchRoleArn": in.CloudwatchRoleARN,
		"apiKeyVersion":     "4",
		"features":          []any{"UsagePlans"},
		"throttleSettings":  []any{state{"burstLimit": 5000, "rateLimit": 10000}},
	}
}
