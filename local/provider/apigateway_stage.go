package provider

import "ingest-pipeline/local/aws/apigateway"

func apigatewayStage() resourceType {
	return define(resourceType{
		token: "aws:apigateway/stage:Stage",
		inputs: properties{
			"restApi":     text(required, replaces, inField("APIID")),
			"stageName":   text(required, replaces, inField("Name")),
			"deployment":  text(required, inField("DeploymentID")),
			"description": text(),
			"variables":   mapping(text()),
			"accessLogSettings": object(properties{
				"destinationArn": text(required, arn),
				"format":         text(required),
			}),
			"xrayTracingEnabled":   boolean(inert("there is no X-Ray; $context.xrayTraceId is filled")),
			"cacheClusterEnabled":  boolean(notHere(noCaches, true)),
			"cacheClusterSize":     rejected(noCaches),
			"canarySettings":       rejected("all requests go to the stage's one deployment"),
			"clientCertificateId":  rejected("integrations call AWS services, which do not look at client certificates"),
			"documentationVersion": rejected("there is no API documentation"),
			"tags":                 tags(),
		},
		outputs: []string{"arn", "executionArn", "invokeUrl", "webAclArn"},
	}, operations[apigateway.Stage]{
		create: func(s services, c apigateway.Stage) (string, error) {
			return "ags-" + c.APIID + "-" + c.Name, s.APIGateway.CreateStage(c)
		},
		read: func(s services, _ string, known apigateway.Stage) (apigateway.Stage, state, error) {
			stage, err := s.APIGateway.GetStage(known.APIID, known.Name)
			return stage, state{
				"arn":          gatewayARN(s.Account, "/restapis/"+known.APIID+"/stages/"+known.Name),
				"executionArn": s.APIGateway.ExecutionARN(known.APIID) + "/" + known.Name,
				"invokeUrl":    s.APIGateway.InvokeURL(known.APIID, known.Name),
				"webAclArn":    "",
			}, err
		},
		update: func(s services, _ string, c apigateway.Stage) error { return s.APIGateway.UpdateStage(c) },
		delete: func(s services, _ string, known apigateway.Stage) error {
			return s.APIGateway.DeleteStage(known.APIID, known.Name)
		},
		list: func(s services) []string {
			return listInAPIs(s, s.APIGateway.GetStages, func(st apigateway.Stage) string { return st.Name })
		},
		parseID: func(_ services, id string) (string, apigateway.Stage, error) {
			parts := splitID(id, "ags-", 2)
			if parts == nil {
				return "", apigateway.Stage{}, malformedID(id, "REST-API-ID/STAGE-NAME")
			}
			return "ags-" + parts[0] + "-" + parts[1], apigateway.Stage{APIID: parts[0], Name: parts[1]}, nil
		},
	})
}
