package provider

import (
	"fmt"

	"ingest-pipeline/local/aws/apigateway"
	"ingest-pipeline/local/aws/iam"
)

func apigatewayUsagePlan() resourceType {
	limits := func(more properties) properties {
		more["burstLimit"] = integer(byDefault(0.0))
		more["rateLimit"] = number(byDefault(0.0))
		return more
	}
	return define(resourceType{
		token: "aws:apigateway/usagePlan:UsagePlan",
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
			}, inField("Quota")),
			"throttleSettings": object(limits(properties{}), inField("Throttle")),
			"tags":             tags(),
		},
		outputs:  []string{"arn"},
		naming:   &naming{property: "name", longest: 255},
		validate: validateQuota,
	}, operations[apigateway.UsagePlan]{
		create: func(s services, c apigateway.UsagePlan) (string, error) {
			plan, err := s.APIGateway.CreateUsagePlan(c)
			return plan.ID, err
		},
		read: func(s services, id string, _ apigateway.UsagePlan) (apigateway.UsagePlan, state, error) {
			plan, err := s.APIGateway.GetUsagePlan(id)
			return plan, state{"arn": gatewayARN(s.Account, "/usageplans/"+id)}, err
		},
		update: func(s services, id string, c apigateway.UsagePlan) error {
			c.ID = id
			return s.APIGateway.UpdateUsagePlan(c)
		},
		// A plan that has stages cannot be deleted, so they are removed first, as pulumi-aws does.
		delete: func(s services, id string, known apigateway.UsagePlan) error {
			known.ID, known.APIStages = id, nil
			if err := s.APIGateway.UpdateUsagePlan(known); err != nil {
				return err
			}
			return s.APIGateway.DeleteUsagePlan(id)
		},
		list: func(s services) (ids []string) {
			for _, plan := range s.APIGateway.GetUsagePlans() {
				ids = append(ids, plan.ID)
			}
			return ids
		},
	})
}

// validateQuota checks the offset of a quota against its period (terraform-provider-aws, validUsagePlanQuotaSettings).
func validateQuota(in state, _ iam.Account, fail func(path, reason string)) {
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
