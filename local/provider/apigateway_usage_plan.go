package provider

import (
	"fmt"

	"ingest-pipeline/local/aws/apigateway"
	"ingest-pipeline/local/aws/iam"
)

type throttleInputs struct {
	BurstLimit int     `json:"burstLimit"`
	RateLimit  float64 `json:"rateLimit"`
}

type usagePlanInputs struct {
	Name        string            `json:"name"`
	Description string            `json:"description"`
	Tags        map[string]string `json:"tags"`
	APIStages   []struct {
		APIID     string `json:"apiId"`
		Stage     string `json:"stage"`
		Throttles []struct {
			throttleInputs
			Path string `json:"path"`
		} `json:"throttles"`
	} `json:"apiStages"`
	QuotaSettings *struct {
		Limit  int    `json:"limit"`
		Offset int    `json:"offset"`
		Period string `json:"period"`
	} `json:"quotaSettings"`
	ThrottleSettings *throttleInputs `json:"throttleSettings"`
}

func apigatewayUsagePlan() resourceType {
	limits := func(more properties) properties {
		more["burstLimit"] = integer(byDefault(0.0))
		more["rateLimit"] = number(byDefault(0.0))
		return more
	}
	return alive(resourceType{
		token:     "aws:apigateway/usagePlan:UsagePlan",
		persisted: true,
		inputs: properties{
			"name":        text(),
			"description": text(),
			"productCode": rejected("there is no AWS Marketplace"),
			"apiStages": list(object(properties{
				"apiId":     text(required),
				"stage":     text(required),
				"throttles": list(object(limits(properties{"path": text(required)})), unordered),
			}), unordered),
			"quotaSettings": object(properties{
				"limit":  integer(required),
				"offset": integer(byDefault(0.0)),
				"period": text(required, oneOf("DAY", "WEEK", "MONTH")),
			}),
			"throttleSettings": object(limits(properties{})),
			"tags":             tags(),
		},
		outputs:  []string{"arn"},
		naming:   &naming{property: "name", longest: 255},
		takes:    func(gone, other *record) bool { return other.text("usagePlanId") == gone.ID },
		validate: quotaFits,
	}, lifeOf[usagePlanInputs]{
		put: func(s site, in usagePlanInputs, was *record) (string, state, error) {
			wanted := in.plan()
			plan, err := s.APIGateway.CreateUsagePlan(wanted)
			return plan.ID, state{"arn": gatewayARN(s.Account, "/usageplans/"+plan.ID)}, err
		},
		update: func(s site, in usagePlanInputs, was *record) (state, error) {
			wanted := in.plan()
			wanted.ID = was.ID
			return nil, s.APIGateway.UpdateUsagePlan(wanted)
		},
		// A plan goes when it opens no stage any more, so its stages are taken from it first, as pulumi-aws does.
		remove: func(s site, in usagePlanInputs, was *record) error {
			wanted := in.plan()
			wanted.ID, wanted.APIStages = was.ID, nil
			if err := s.APIGateway.UpdateUsagePlan(wanted); err != nil {
				return err
			}
			return s.APIGateway.DeleteUsagePlan(was.ID)
		},
	})
}

// quotaFits checks the offset of a quota against its period (terraform-provider-aws, validUsagePlanQuotaSettings).
func quotaFits(in state, _ iam.Account, fail func(path, reason string)) {
	quota, _ := known[state](in, "quotaSettings")
	period, hasPeriod := known[string](quota, "period")
	offset, hasOffset := known[float64](quota, "offset")
	if !hasPeriod || !hasOffset {
		return
	}
	if highest := map[string]float64{"DAY": 0, "WEEK": 6, "MONTH": 27}[period]; offset < 0 || offset > highest {
		fail("quotaSettings", fmt.Sprintf("quotaSettings.offset = %v: must be 0 to %v with the period %s",
			offset, highest, period))
	}
}

func (in usagePlanInputs) plan() apigateway.UsagePlan {
	plan := apigateway.UsagePlan{Name: in.Name, Description: in.Description, Tags: in.Tags}
	for _, given := range in.APIStages {
		stage := apigateway.UsagePlanStage{APIID: given.APIID, Stage: given.Stage}
		for _, t := range given.Throttles {
			if stage.Throttle == nil {
				stage.Throttle = map[string]apigateway.Throttle{}
			}
			stage.Throttle[t.Path] = t.throttle()
		}
		plan.APIStages = append(plan.APIStages, stage)
	}
	if in.ThrottleSettings != nil {
		throttle := in.ThrottleSettings.throttle()
		plan.Throttle = &throttle
	}
	if q := in.QuotaSettings; q != nil {
		plan.Quota = &apigateway.Quota{Limit: q.Limit, Offset: q.Offset, Period: q.Period}
	}
	return plan
}

func (in throttleInputs) throttle() apigateway.Throttle {
	return apigateway.Throttle{RateLimit: in.RateLimit, BurstLimit: in.BurstLimit}
}
