package provider

import "ingest-pipeline/local/aws/apigateway"

const methodSettingsToken = "aws:apigateway/methodSettings:MethodSettings"

type methodSettingsInputs struct {
	RestAPI    string `json:"restApi"`
	StageName  string `json:"stageName"`
	MethodPath string `json:"methodPath"`
	Settings   struct {
		LoggingLevel         string   `json:"loggingLevel"`
		DataTraceEnabled     bool     `json:"dataTraceEnabled"`
		MetricsEnabled       bool     `json:"metricsEnabled"`
		ThrottlingRateLimit  *float64 `json:"throttlingRateLimit"`
		ThrottlingBurstLimit *int     `json:"throttlingBurstLimit"`
		CachingEnabled       bool     `json:"cachingEnabled"`
	} `json:"settings"`
}

func apigatewayMethodSettings() resourceType {
	return alive(resourceType{
		token:     methodSettingsToken,
		persisted: true,
		inputs: properties{
			"restApi":    text(required, replaces),
			"stageName":  text(required, replaces),
			"methodPath": text(required, replaces),
			"settings": object(properties{
				"loggingLevel":     text(computed, oneOf("OFF", "ERROR", "INFO")),
				"dataTraceEnabled": boolean(computed),
				"metricsEnabled":   boolean(computed, inert("there are no CloudWatch metrics")),
				// -1 is no limit but the account's (terraform-provider-aws).
				"throttlingBurstLimit":                   integer(byDefault(-1.0)),
				"throttlingRateLimit":                    number(byDefault(-1.0)),
				"cachingEnabled":                         boolean(computed, notHere(noCaches, true)),
				"cacheDataEncrypted":                     rejected(noCaches),
				"cacheTtlInSeconds":                      rejected(noCaches),
				"requireAuthorizationForCacheControl":    rejected(noCaches),
				"unauthorizedCacheControlHeaderStrategy": rejected(noCaches),
			}, required),
		},
	}, lifeOf[methodSettingsInputs]{
		put: func(s site, in methodSettingsInputs, _ *record) (string, state, error) {
			id := in.RestAPI + "-" + in.StageName + "-" + in.MethodPath
			return id, in.filledIn(), s.APIGateway.UpdateMethodSettings(in.declared())
		},
		update: func(s site, in methodSettingsInputs, _ *record) (state, error) {
			return in.filledIn(), s.APIGateway.UpdateMethodSettings(in.declared())
		},
		remove: func(s site, in methodSettingsInputs, _ *record) error {
			return s.APIGateway.DeleteMethodSettings(in.RestAPI, in.StageName, in.MethodPath)
		},
		read: func(s site, in methodSettingsInputs, _ *record) (state, error) {
			_, err := s.APIGateway.GetStage(in.RestAPI, in.StageName)
			return nil, err
		},
	})
}

// filledIn is the settings with what AWS fills in (documented: apigateway, MethodSetting).
func (in methodSettingsInputs) filledIn() state {
	level := in.Settings.LoggingLevel
	if level == "" {
		level = "OFF"
	}
	return state{"settings": state{
		"loggingLevel": level, "dataTraceEnabled": in.Settings.DataTraceEnabled,
		"metricsEnabled": in.Settings.MetricsEnabled, "cachingEnabled": in.Settings.CachingEnabled,
		"throttlingBurstLimit": in.Settings.ThrottlingBurstLimit, "throttlingRateLimit": in.Settings.ThrottlingRateLimit,
	}}
}

func (in methodSettingsInputs) declared() apigateway.MethodSettings {
	return apigateway.MethodSettings{
		APIID: in.RestAPI, StageName: in.StageName, MethodPath: in.MethodPath,
		LoggingLevel: in.Settings.LoggingLevel, DataTraceEnabled: in.Settings.DataTraceEnabled,
		MetricsEnabled:      in.Settings.MetricsEnabled,
		ThrottlingRateLimit: in.Settings.ThrottlingRateLimit, ThrottlingBurstLimit: in.Settings.ThrottlingBurstLimit,
		CachingEnabled: in.Settings.CachingEnabled,
	}
}
