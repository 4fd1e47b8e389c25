package provider

import (
	"ingest-pipeline/local/aws/cloudwatch"
	"ingest-pipeline/local/aws/iam"
)

type metricAlarmInputs struct {
	Name                              string            `json:"name"`
	AlarmDescription                  string            `json:"alarmDescription"`
	ActionsEnabled                    bool              `json:"actionsEnabled"`
	AlarmActions                      []string          `json:"alarmActions"`
	OKActions                         []string          `json:"okActions"`
	InsufficientDataActions           []string          `json:"insufficientDataActions"`
	Namespace                         string            `json:"namespace"`
	MetricName                        string            `json:"metricName"`
	Dimensions                        map[string]string `json:"dimensions"`
	Statistic                         string            `json:"statistic"`
	ExtendedStatistic                 string            `json:"extendedStatistic"`
	Period                            int               `json:"period"`
	Unit                              string            `json:"unit"`
	EvaluateLowSampleCountPercentiles string            `json:"evaluateLowSampleCountPercentiles"`
	EvaluationPeriods                 int               `json:"evaluationPeriods"`
	DatapointsToAlarm                 int               `json:"datapointsToAlarm"`
	ComparisonOperator                string            `json:"comparisonOperator"`
	Threshold                         float64           `json:"threshold"`
	TreatMissingData                  string            `json:"treatMissingData"`
	MetricQueries                     []struct {
		ID         string             `json:"id"`
		Expression string             `json:"expression"`
		Label      string             `json:"label"`
		ReturnData bool               `json:"returnData"`
		Period     int                `json:"period"`
		Metric     *queryMetricInputs `json:"metric"`
	} `json:"metricQueries"`
	Tags map[string]string `json:"tags"`
}

type queryMetricInputs struct {
	Namespace  string            `json:"namespace"`
	MetricName string            `json:"metricName"`
	Dimensions map[string]string `json:"dimensions"`
	Period     int               `json:"period"`
	Stat       string            `json:"stat"`
	Unit       string            `json:"unit"`
}

const metricAlarmToken = "aws:cloudwatch/metricAlarm:MetricAlarm"

func cloudwatchMetricAlarm() resourceType {
	const noBand = "there is no anomaly detection"
	return alive(resourceType{
		token: metricAlarmToken,
		inputs: properties{
			"name":                              text(computed, replaces, length(1, 255)),
			"alarmDescription":                  text(length(0, 1024)),
			"actionsEnabled":                    boolean(byDefault(true)),
			"alarmActions":                      list(text(arn), unordered, elements(0, 5)),
			"okActions":                         list(text(arn), unordered, elements(0, 5)),
			"insufficientDataActions":           list(text(arn), unordered, elements(0, 5)),
			"namespace":                         text(without("metricQueries"), length(1, 255)),
			"metricName":                        text(without("metricQueries"), length(1, 255)),
			"dimensions":                        mapping(text(), without("metricQueries")),
			"statistic":                         text(without("extendedStatistic", "metricQueries"), oneOf("SampleCount", "Average", "Sum", "Minimum", "Maximum")),
			"extendedStatistic":                 text(without("statistic", "metricQueries")),
			"period":                            integer(without("metricQueries")),
			"unit":                              text(),
			"evaluateLowSampleCountPercentiles": text(computed, oneOf("evaluate", "ignore")),
			"evaluationPeriods":                 integer(required, between(1, 10080, "periods")),
			"datapointsToAlarm":                 integer(between(1, 10080, "datapoints")),
			"comparisonOperator": text(required, oneOf("GreaterThanOrEqualToThreshold", "GreaterThanThreshold",
				"LessThanThreshold", "LessThanOrEqualToThreshold", "LessThanLowerOrGreaterThanUpperThreshold",
				"LessThanLowerThreshold", "GreaterThanUpperThreshold"),
				notHere(noBand, "LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold")),
			"threshold":         number(),
			"thresholdMetricId": rejected(noBand),
			"treatMissingData":  text(byDefault("missing"), oneOf("missing", "notBreaching", "breaching", "ignore")),
			"metricQueries": list(object(properties{
				"id":         text(required),
				"accountId":  rejected(oneAccount),
				"expression": text(),
				"label":      text(),
				"period":     integer(),
				"returnData": boolean(byDefault(false)),
				"metric": object(properties{
					"namespace":  text(),
					"metricName": text(required),
					"dimensions": mapping(text()),
					"period":     integer(required),
					"stat":       text(required),
					"unit":       text(),
				}),
			}), unordered),
			"tags": tags(),
		},
		outputs:  []string{"arn"},
		naming:   &naming{property: "name", longest: 255},
		validate: alarmFits,
	}, lifeOf[metricAlarmInputs]{
		put: func(s site, in metricAlarmInputs, _ *record) (string, state, error) {
			arn, err := s.CloudWatch.PutMetricAlarm(in.alarm())
			return in.Name, state{"arn": arn}, err
		},
		update: func(s site, in metricAlarmInputs, _ *record) (state, error) {
			_, err := s.CloudWatch.PutMetricAlarm(in.alarm())
			return nil, err
		},
		remove: func(s site, in metricAlarmInputs, _ *record) error { return s.CloudWatch.DeleteAlarm(in.Name) },
		read: func(s site, in metricAlarmInputs, _ *record) (state, error) {
			_, err := s.CloudWatch.Alarm(in.Name)
			return nil, err
		},
	})
}

// alarmFits finds what AWS would only say at the update (terraform-provider-aws: aws_cloudwatch_metric_alarm, create).
func alarmFits(in state, _ iam.Account, fail func(path, reason string)) {
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

func (in metricAlarmInputs) alarm() cloudwatch.Alarm {
	alarm := cloudwatch.Alarm{
		Name: in.Name, Description: in.AlarmDescription, ActionsDisabled: !in.ActionsEnabled,
		AlarmActions: in.AlarmActions, OKActions: in.OKActions, InsufficientDataActions: in.InsufficientDataActions,
		Namespace: in.Namespace, MetricName: in.MetricName, Dimensions: in.Dimensions,
		Statistic: in.Statistic, ExtendedStatistic: in.ExtendedStatistic, PeriodSeconds: in.Period, Unit: in.Unit,
		EvaluateLowSampleCountPercentile: in.EvaluateLowSampleCountPercentiles,
		EvaluationPeriods:                in.EvaluationPeriods, DatapointsToAlarm: in.DatapointsToAlarm,
		ComparisonOperator: in.ComparisonOperator, Threshold: in.Threshold, TreatMissingData: in.TreatMissingData,
	}
	for _, q := range in.MetricQueries {
		query := cloudwatch.MetricQuery{
			ID: q.ID, Label: q.Label, ReturnData: q.ReturnData, Expression: q.Expression, PeriodSeconds: q.Period,
		}
		if m := q.Metric; m != nil {
			query.Stat = &cloudwatch.MetricStat{
				Namespace: m.Namespace, Name: m.MetricName, Dimensions: m.Dimensions, PeriodSeconds: m.Period,
				Statistic: m.Stat, Unit: m.Unit,
			}
		}
		alarm.Metrics = append(alarm.Metrics, query)
	}
	return alarm
}
