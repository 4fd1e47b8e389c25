package provider

import (
	"time"

	"ingest-pipeline/local/aws/apigateway"
)

type deploymentInputs struct {
	RestAPI     string            `json:"restApi"`
	Description string            `json:"description"`
	Triggers    map[string]string `json:"triggers"`
}

func apigatewayDeployment() resourceType {
	const stages = "a deployment makes no stage; declare an apigateway.Stage"
	return alive(resourceType{
		token:     "aws:apigateway/deployment:Deployment",
		persisted: true,
		inputs: properties{
			"restApi":     text(required, replaces),
			"description": text(),
			// The provider reads them to tell when to replace the deployment, and AWS never sees them.
			"triggers":         mapping(text(), replaces),
			"stageName":        rejected(stages),
			"stageDescription": rejected(stages),
			"variables":        rejected(stages),
			"canarySettings":   rejected(stages),
		},
		outputs: []string{"createdDate", "executionArn", "invokeUrl"},
	}, lifeOf[deploymentInputs]{
		put: func(s site, in deploymentInputs, was *record) (string, state, error) {
			wanted := apigateway.Deployment{APIID: in.RestAPI, Description: in.Description}
			deployment, err := s.APIGateway.CreateDeployment(wanted)
			if err != nil {
				return "", nil, err
			}
			// Both end where the name of a stage would stand, as pulumi-aws has them.
			return deployment.ID, state{
				"createdDate":  deployment.CreatedDate.UTC().Format(time.RFC3339),
				"executionArn": s.APIGateway.ExecutionARN(in.RestAPI) + "/",
				"invokeUrl":    s.APIGateway.BaseURL(in.RestAPI) + "/",
			}, nil
		},
		update: func(s site, in deploymentInputs, was *record) (state, error) {
			return nil, s.APIGateway.UpdateDeployment(apigateway.Deployment{
				APIID: in.RestAPI, ID: was.ID, Description: in.Description,
			})
		},
		remove: func(s site, in deploymentInputs, was *record) error {
			return s.APIGateway.DeleteDeployment(in.RestAPI, was.ID)
		},
		read: func(s site, in deploymentInputs, was *record) (state, error) {
			_, err := s.APIGateway.GetDeployment(in.RestAPI, was.ID)
			return state{"invokeUrl": s.APIGateway.BaseURL(in.RestAPI) + "/"}, err
		},
	})
}
