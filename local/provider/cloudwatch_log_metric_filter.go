package provider

import (
	"fmt"
	"slices"
	"strconv"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/logs"
)

// metricFilterConfig is a metric filter whose default value is a text, as in pulumi-aws.
type metricFilterConfig struct {
	logs.MetricFilter
	DefaultValue string
}

const logMetricFilterToken = "aws:cloudwatch/logMetricFilter:LogMetricFilter"

func cloudwatchLogMetricFilter() resourceType {
	return define(resourceType{
		token: logMetricFilterToken,
		inputs: properties{
			"name":         text(computed, replaces, pattern(`^[^:*]{1,512}$`, "1 to 512 characters without : and *")),
			"logGroupName": text(required, replaces, length(1, 512)),
			"pattern":      text(required, length(0, 1024)),
			"metricTransformation": object(properties{
				"name":         text(required, pattern(`^[^:*$]{1,255}$`, "1 to 255 characters without : * and $"), inField("MetricName")),
				"namespace":    text(required, pattern(`^[^:*$]{1,255}$`, "1 to 255 characters without : * and $")),
				"value":        text(required, length(1, 100)),
				"defaultValue": text(matches(isNumber)),
				"unit":         text(byDefault("None")),
				"dimensions":   rejected("their values would come from the events: a metric for each"),
			}, required, flat),
		},
		naming: &naming{property: "name", longest: 512},
	}, operations[metricFilterConfig]{
		create: func(s services, c metricFilterConfig) (string, error) { return c.Name, putMetricFilter(s, c) },
		read: func(s services, _ string, known metricFilterConfig) (metricFilterConfig, state, error) {
			filters := s.Logs.DescribeMetricFilters(known.LogGroupName)
			i := slices.IndexFunc(filters, func(f logs.MetricFilterDescription) bool { return f.Name == known.Name })
			if i < 0 {
				return known, nil, awserr.New("ResourceNotFoundException", 400, "The specified metric filter does not exist.")
			}
			c := metricFilterConfig{MetricFilter: filters[i].MetricFilter}
			if value := filters[i].DefaultValue; value != nil {
				c.DefaultValue = strconv.FormatFloat(*value, 'f', -1, 64)
			}
			return c, nil, nil
		},
		update: func(s services, _ string, c metricFilterConfig) error { return putMetricFilter(s, c) },
		delete: func(s services, _ string, known metricFilterConfig) error {
			return s.Logs.DeleteMetricFilter(known.LogGroupName, known.Name)
		},
		list: func(s services) []string {
			var ids []string
			for _, filter := range s.Logs.DescribeMetricFilters("") {
				ids = append(ids, filter.LogGroupName+":"+filter.Name)
			}
			return ids
		},
		parseID: func(_ services, id string) (string, metricFilterConfig, error) {
			group, name, err := parseLogID(id)
			return name, metricFilterConfig{MetricFilter: logs.MetricFilter{Name: name, LogGroupName: group}}, err
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

func putMetricFilter(s services, c metricFilterConfig) error {
	if c.DefaultValue != "" {
		value, err := strconv.ParseFloat(c.DefaultValue, 64)
		if err != nil {
			return fmt.Errorf("defaultValue: %w", err)
		}
		c.MetricFilter.DefaultValue = &value
	}
	return s.Logs.PutMetricFilter(c.MetricFilter)
}
