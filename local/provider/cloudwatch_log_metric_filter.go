package provider

import (
	"fmt"
	"strconv"
	"strings"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/logs"
)

type logMetricFilterInputs struct {
	Name                 string `json:"name"`
	LogGroupName         string `json:"logGroupName"`
	Pattern              string `json:"pattern"`
	MetricTransformation struct {
		Name         string `json:"name"`
		Namespace    string `json:"namespace"`
		Value        string `json:"value"`
		DefaultValue string `json:"defaultValue"`
		Unit         string `json:"unit"`
	} `json:"metricTransformation"`
}

const logMetricFilterToken = "aws:cloudwatch/logMetricFilter:LogMetricFilter"

func cloudwatchLogMetricFilter() resourceType {
	return alive(resourceType{
		token:     logMetricFilterToken,
		persisted: true,
		inputs: properties{
			"name":         text(computed, replaces, pattern(`^[^:*]{1,512}$`, "1 to 512 characters without : and *")),
			"logGroupName": text(required, replaces, length(1, 512)),
			"pattern":      text(required, length(0, 1024)),
			"metricTransformation": object(properties{
				"name":         text(required, pattern(`^[^:*$]{1,255}$`, "1 to 255 characters without : * and $")),
				"namespace":    text(required, pattern(`^[^:*$]{1,255}$`, "1 to 255 characters without : * and $")),
				"value":        text(required, length(1, 100)),
				"defaultValue": text(matches(isNumber)),
				"unit":         text(byDefault("None")),
				"dimensions":   rejected("their values would come from the events: a metric for each"),
			}, required),
		},
		naming:   &naming{property: "name", longest: 512},
		identity: []string{"logGroupName"},
	}, lifeOf[logMetricFilterInputs]{
		put: func(s site, in logMetricFilterInputs, _ *record) (string, state, error) {
			return in.Name, nil, in.put(s)
		},
		update: func(s site, in logMetricFilterInputs, _ *record) (state, error) {
			return nil, in.put(s)
		},
		remove: func(s site, in logMetricFilterInputs, _ *record) error {
			return s.Logs.DeleteMetricFilter(in.LogGroupName, in.Name)
		},
		read: func(s site, in logMetricFilterInputs, _ *record) (state, error) {
			for _, filter := range s.Logs.DescribeMetricFilters(in.LogGroupName) {
				if filter.Name == in.Name {
					return nil, nil
				}
			}
			return nil, awserr.New("ResourceNotFoundException", 400, "The specified metric filter does not exist.")
		},
	})
}

// isNumber is a rule for numbers that are written as texts.
func isNumber(value any) string {
	if _, err := strconv.ParseFloat(value.(string), 64); err != nil {
		return "must be a number"
	}
	return ""
}

func (in logMetricFilterInputs) put(s site) error {
	filter := logs.MetricFilter{
		Name: in.Name, LogGroupName: in.LogGroupName,
		Pattern:   strings.TrimSpace(in.Pattern), // as terraform-provider-aws does
		Namespace: in.MetricTransformation.Namespace, MetricName: in.MetricTransformation.Name,
		Value: in.MetricTransformation.Value, Unit: in.MetricTransformation.Unit,
	}
	if text := in.MetricTransformation.DefaultValue; text != "" {
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return fmt.Errorf("reading defaultValue: %w", err)
		}
		filter.DefaultValue = &value
	}
	return s.Logs.PutMetricFilter(filter)
}
