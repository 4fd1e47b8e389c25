package provider

import "ingest-pipeline/local/aws/apigateway"

type stageInputs struct {
	RestAPI             string            `json:"restApi"`
	StageName           string            `json:"stageName"`
	Deployment          string            `json:"deployment"`
	Description         string            `json:"description"`
	Variables           map[string]string `json:"variables"`
	XRayTracingEnabled  bool              `json:"xrayTracingEnabled"`
	CacheClusterEnabled bool              `json:"cacheClusterEnabled"`
	Tags                map[string]string `json:"tags"`
	AccessLogSettings   *struct {
		DestinationARN string `json:"destinationArn"`
		Format         string `json:"format"`
	} `json:"accessLogSettings"`
}

func apigatewayStage() resourceType {
	return alive(resourceType{
		token:     "aws:apigateway/stage:Stage",
		persisted: true,
		inputs: properties{
			"restApi":     text(required, replaces),
			"stageName":   text(required, replaces),
			"deployment":  text(required),
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
		takes: func(gone, other *record) bool {
			return other.text("restApi") == gone.text("restApi") && other.Type == methodSettingsToken &&
				other.text("stageName") == gone.text("stageName")
		},
	}, lifeOf[stageInputs]{
		put: func(s site, in stageInputs, _ *record) (string, state, error) {
			if err := s.APIGateway.CreateStage(in.stage()); err != nil {
				return "", nil, err
			}
			return "ags-" + in.RestAPI + "-" + in.StageName, stageState(s, in), nil
		},
		update: func(s site, in stageInputs, _ *record) (state, error) {
			return stageState(s, in), s.APIGateway.UpdateStage(in.stage())
		},
		remove: func(s site, in stageInputs, _ *record) error {
			return s.APIGateway.DeleteStage(in.RestAPI, in.StageName)
		},
		read: func(s site, in stageInputs, _ *record) (state, error) {
			stage, err := s.APIGateway.GetStage(in.RestAPI, in.StageName)
			if err != nil {
				return nil, err
			}
			return merged(stageState(s, in), state{"deployment": stage.DeploymentID}), nil
		},
	})
}

// stageState is what AWS tells of a stage. The URL is the one at which this stage really answers.
func stageState(s site, in stageInputs) state {
	return state{
		"arn":          gatewayARN(s.Account, "/restapis/"+in.RestAPI+"/stages/"+in.StageName),
		"executionArn": s.APIGateway.ExecutionARN(in.RestAPI) + "/" + in.StageName,
		"invokeUrl":    s.APIGateway.InvokeURL(in.RestAPI, in.StageName),
		"webAclArn":    "",
	}
}

func (in stageInputs) stage() apigateway.Stage {
	stage := apigateway.Stage{
		APIID: in.RestAPI, Name: in.StageName, DeploymentID: in.Deployment, Description: in.Description,
		Variables: in.Variables, XRayTracingEnabled: in.XRayTracingEnabled,
		CacheClusterEnabled: in.CacheClusterEnabled, Tags: in.Tags,
	}
	if in.AccessLogSettings != nil {
		stage.AccessLogSettings = &apigateway.AccessLogSettings{
			DestinationARN: in.AccessLogSettings.DestinationARN, Format: in.AccessLogSettings.Format,
		}
	}
	return stage
}
