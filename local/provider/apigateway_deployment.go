package provider

import "ingest-pipeline/local/aws/apigateway"

func apigatewayDeployment() resourceType {
	const stages = "a deployment creates no stage; declare an apigateway.Stage"
	return define(resourceType{
		token: "aws:apigateway/deployment:Deployment",
		inputs: properties{
			"restApi":     text(required, replaces, inField("APIID")),
			"description": text(),
			// The provider compares them to tell when to replace the deployment, and AWS never sees them.
			"triggers":         mapping(text(), replaces, providerOnly),
			"stageName":        rejected(stages),
			"stageDescription": rejected(stages),
			"variables":        rejected(stages),
			"canarySettings":   rejected(stages),
		},
		outputs: []string{"createdDate", "executionArn", "invokeUrl"},
	}, operations[apigateway.Deployment]{
		create: func(s services, c apigateway.Deployment) (string, error) {
			deployment, err := s.APIGateway.CreateDeployment(c)
			return deployment.ID, err
		},
		read: func(s services, id string, known apigateway.Deployment) (apigateway.Deployment, state, error) {
			deployment, err := s.APIGateway.GetDeployment(known.APIID, id)
			// Both end where the name of a stage would be, as in pulumi-aws.
			return deployment, state{
				"executionArn": s.APIGateway.ExecutionARN(known.APIID) + "/",
				"invokeUrl":    s.APIGateway.BaseURL(known.APIID) + "/",
			}, err
		},
		update: func(s services, id string, c apigateway.Deployment) error {
			c.ID = id
			return s.APIGateway.UpdateDeployment(c)
		},
		delete: func(s services, id string, known apigateway.Deployment) error {
			return s.APIGateway.DeleteDeployment(known.APIID, id)
		},
		list: func(s services) []string { return listInAPIs(s, s.APIGateway.GetDeployments, deploymentID) },
		parseID: func(s services, id string) (string, apigateway.Deployment, error) {
			apiID, deploymentID := splitAPIID(s, id, s.APIGateway.GetDeployments, deploymentID)
			return deploymentID, apigateway.Deployment{APIID: apiID}, nil
		},
	})
}

func deploymentID(d apigateway.Deployment) string { return d.ID }
