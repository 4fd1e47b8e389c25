package provider

import (
	"ingest-pipeline/local/aws/cloudwatch"
	"ingest-pipeline/local/aws/iam"
)

// alarmConfig is an alarm whose threshold is never left out, for 0 is one.
type alarmConfig struct {
	cloudwatch.Alarm
	Threshold *float64
}

const metricAlarmToken = "aws:cloudwatch/metricAlarm:MetricAlarm"

func cloudwatchMetricAlarm() resourceType {
	const noBand = "there is no anomaly detection"
	return define(resourceType{
		token: metricAlarmToken,
		inputs: properties{
			"name":                              text(computed, replaces, length(1, 255)),
			"alarmDescription":                  text(length(0, 1024), inField("Description")),
			"actionsEnabled":                    boolean(byDefault(true)),
			"alarmActions":                      list(text(arn), unordered, elements(0, 5)),
			"okActions":                         list(text(arn), unordered, elements(0, 5)),
			"insufficientDataActions":           list(text(arn), unordered, elements(0, 5)),
			"namespace":                         text(without("metricQueries"), length(1, 255)),
			"metricName":                        text(without("metricQueries"), length(1, 255)),
			"dimensions":                        mapping(text(), without("metricQueries")),
			"statistic":                         text(without("extendedStatistic", "metricQueries"), oneOf("SampleCount", "Average", "Sum", "Minimum", "Maximum")),
			"extendedStatistic":                 text(without("statistic", "metricQueries")),
			"period":                            integer(without("metricQueries"), inField("PeriodSeconds")),
			"unit":                              text(),
			"evaluateLowSampleCountPercentiles": text(computed, oneOf("evaluate", "ignore"), inField("EvaluateLowSampleCountPercentile")),
			"evaluationPeriods":                 integer(required, between(1, 10080, "periods")),
			"datapointsToAlarm":                 integer(between(1, 10080, "datapoints")),
			"comparisonOperator": text(required, oneOf("GreaterThanOrEqualToThreshold", "GreaterThanThreshold",
				"LessThanThreshold", "LessThanOrEqualToThreshold", "LessThanLowerOrGreaterThanUpperThreshold",
				"LessThanLowerThreshold", "GreaterThanUpperThreshold"),
				notHere(noBand, "LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold")),
			"threshold":         number(),
			"thresholdMetricId": rejected(noBand),
			"treatMissingData":  text(byDefault("missing"), oneOf("missing", "notBreaching", "breaching", "ignore")),
			"metricQueries":     list(object(metricQuery()), unordered, inField("Metrics")),
			"tags":              tags(),
		},
		outputs:  []string{"arn"},
		naming:   &naming{property: "name", longest: 255},
		validate: validateAlarm,
	}, operations[alarmConfig]{
		create: func(s services, c alarmConfig) (string, error) { return c.Name, putAlarm(s, c) },
		read: func(s services, id string, _ alarmConfig) (alarmConfig, state, error) {
			alarm, err := s.CloudWatch.DescribeAlarm(id)
			return alarmConfig{alarm.Alarm, &alarm.Threshold}, state{"arn": alarm.ARN}, err
		},
		update: func(s services, _ string, c alarmConfig) error { return putAlarm(s, c) },
		delete: func(s services, id string, _ alarmConfig) error { return s.CloudWatch.DeleteAlarms(id) },
		list: func(s services) []string {
			var names []string
			for _, alarm := range s.CloudWatch.DescribeAlarms() {
				names = append(names, alarm.Name)
			}
			return names
		},
	})
}

// metricQuery is a metric or an expression that an alarm is computed from.
func metricQuery() properties {
	return properties{
		"id":         text(required),
		"accountId":  rejected(oneAccount),
		"expression": text(),
		"label":      text(),
		"period":     integer(inField("PeriodSeconds")),
		"returnData": boolean(byDefault(false)),
		"metric": object(properties{
			"namespace":  text(),
			"metricName": text(required, inField("Name")),
			"dimensions": mapping(text()),
			"period":     integer(required, inField("PeriodSeconds")),
			"stat":       text(required, inField("Statistic")),
			"unit":       text(),
		}, inField("Stat")),
	}
}

func putAlarm(s services, c alarmConfig) error {
	c.Alarm.Threshold = *c.Threshold // validateAlarm requires one
	_, err := s.CloudWatch.PutMetricAlarm(c.Alarm)
	return err
}

// validateAlarm finds what AWS would only say at the update (terraform-provider-aws: aws_cloudwatch_metric_alarm, create).
func validateAlarm(in state, _ iam.Account, fail func(path, reason string)) {
	if !isSet(in, "metricName") && !isSet(in, "metricQueries") {
		fail("metricName", "metricName or metricQueries is required")
	}
	if isSet(in, "metricName") && !isSet(in, "statistic") && !isSet(in, "extendedStatistic") {
		fail("statistic", "One of `statistic` or `extended_statistic` must be set for a cloudwatch metric alarm")
	}
	if isSet(in, "metricName") && !isSet(in, "period") {
		fail("period", "period is required with metricName")
	}
	if !isSet(in, "threshold") {
		fail("threshold", "threshold is required")
	}
}
