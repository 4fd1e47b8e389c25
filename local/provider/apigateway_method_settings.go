package provider

import (
	"strings"

	"ingest-pipeline/local/aws/apigateway"
)

func apigatewayMethodSettings() resourceType {
	return define(resourceType{
		token: "aws:apigateway/methodSettings:MethodSettings",
		inputs: properties{
			"restApi":    text(required, replaces, inField("APIID")),
			"stageName":  text(required, replaces),
			"methodPath": text(required, replaces),
			"settings": object(properties{
				"loggingLevel":     text(computed, oneOf("OFF", "ERROR", "INFO")),
				"dataTraceEnabled": boolean(computed),
				"metricsEnabled":   boolean(computed),
				// -1 is no limit but the account's (terraform-provider-aws).
				"throttlingBurstLimit":                   integer(byDefault(-1.0)),
				"throttlingRateLimit":                    number(byDefault(-1.0)),
				"cachingEnabled":                         boolean(computed, notHere(noCaches, true)),
				"cacheDataEncrypted":                     rejected(noCaches),
				"cacheTtlInSeconds":                      rejected(noCaches),
				"requireAuthorizationForCacheControl":    rejected(noCaches),
				"unauthorizedCacheControlHeaderStrategy": rejected(noCaches),
			}, required, flat),
		},
	}, operations[apigateway.MethodSettings]{
		create: func(s services, c apigateway.MethodSettings) (string, error) {
			return c.APIID + "-" + c.StageName + "-" + c.MethodPath, s.APIGateway.UpdateMethodSettings(c)
		},
		read: func(s services, _ string, known apigateway.MethodSettings) (apigateway.MethodSettings, state, error) {
			settings, err := s.APIGateway.GetMethodSettings(known.APIID, known.StageName, known.MethodPath)
			return settings, nil, err
		},
		update: func(s services, _ string, c apigateway.MethodSettings) error {
			return s.APIGateway.UpdateMethodSettings(c)
		},
		// AWS answers 400 when there are no such settings.
		delete: func(s services, _ string, known apigateway.MethodSettings) error {
			if _, err := s.APIGateway.GetMethodSettings(known.APIID, known.StageName, known.MethodPath); err != nil {
				return err
			}
			return s.APIGateway.DeleteMethodSettings(known.APIID, known.StageName, known.MethodPath)
		},
		parseID: parseMethodSettingsID,
	})
}

// parseMethodSettingsID parses REST-API-ID/STAGE-NAME/METHOD-PATH, or the same with hyphens, as create returns it. The
// name of a stage may have hyphens, too.
func parseMethodSettingsID(s services, id string) (string, apigateway.MethodSettings, error) {
	var keys apigateway.MethodSettings
	if apiID, rest, ok := strings.Cut(id, "-"); ok && !strings.Contains(apiID, "/") {
		keys.APIID = apiID
		stages, _ := s.APIGateway.GetStages(apiID) // an API that does not exist has none
		for _, stage := range stages {
			if path, ok := strings.CutPrefix(rest, stage.Name+"-"); ok {
				keys.StageName, keys.MethodPath = stage.Name, path
			}
		}
		return id, keys, nil
	}
	parts := splitID(id, "", 3)
	if parts == nil {
		return "", keys, malformedID(id, "REST-API-ID/STAGE-NAME/METHOD-PATH")
	}
	keys.APIID, keys.StageName, keys.MethodPath = parts[0], parts[1], parts[2]
	return strings.Join(parts, "-"), keys, nil
}
