package cloudwatch

import (
	"context"

	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/internal/protocol"
)

// API is what AWS's clients can call, in the three protocols of CloudWatch. Documented: CloudWatch API reference; the
// resources of the actions are those of the service authorization reference, list_amazoncloudwatch.html.
func (s *Service) API() protocol.Service {
	return protocol.Service{
		Name: "monitoring", Target: "GraniteServiceVersion20100801", JSONVersion: "1.0", CBOR: "GraniteServiceVersion20100801",
		Version: "2010-08-01", Namespace: "http://monitoring.amazonaws.com/doc/2010-08-01/",
		Errors: errorCodes,
		Actions: []protocol.Action{
			answer("ListMetrics", anything, s.listMetrics),
			answer("GetMetricStatistics", anything, s.getMetricStatistics),
			answer("GetMetricData", anything, s.getMetricData),
			protocol.Handle("PutMetricData", func(_ context.Context, call *protocol.Call, in *putMetricDataInput) (*struct{}, error) {
				// Documented: CloudWatch user guide, iam-cw-condition-keys-namespace.html.
				conditions := call.Context()
				conditions["cloudwatch:namespace"] = deref(in.Namespace)
				request := iam.Request{Action: "cloudwatch:PutMetricData", Resource: "*", Context: conditions}
				if err := call.Caller.Authorize(request); err != nil {
					return nil, err
				}
				return &struct{}{}, s.putMetricData(in)
			}),

			answer("DescribeAlarms", s.anyAlarm(), s.describeAlarms),
			answer("DescribeAlarmsForMetric", anything, s.describeAlarmsForMetric),
			answer("DescribeAlarmHistory", func(in *describeAlarmHistoryInput) []string {
				if in.AlarmName == nil {
					return s.alarmARNs("*")
				}
				return s.alarmARNs(*in.AlarmName)
			}, s.describeAlarmHistory),
			change("PutMetricAlarm", func(in *putMetricAlarmInput) []string { return s.alarmARNs(deref(in.AlarmName)) }, s.putMetricAlarm),
			change("DeleteAlarms", s.alarmsOf, s.deleteAlarms),
			change("SetAlarmState", func(in *setAlarmStateInput) []string { return s.alarmARNs(deref(in.AlarmName)) }, s.setAlarmState),
			change("EnableAlarmActions", s.alarmsOf, s.enableAlarmActions),
			change("DisableAlarmActions", s.alarmsOf, s.disableAlarmActions),

			answer("ListDashboards", anything, s.listDashboards),
			answer("GetDashboard", func(in *getDashboardInput) []string { return s.dashboardARNs(deref(in.DashboardName)) }, s.getDashboard),
			answer("PutDashboard", func(in *putDashboardInput) []string { return s.dashboardARNs(deref(in.DashboardName)) }, s.putDashboard),
			answer("DeleteDashboards", func(in *deleteDashboardsInput) []string { return s.dashboardARNs(in.DashboardNames...) }, s.deleteDashboards),

			answer("TagResource", func(in *tagResourceInput) []string { return []string{deref(in.ResourceARN)} }, s.tagResource),
			answer("UntagResource", func(in *untagResourceInput) []string { return []string{deref(in.ResourceARN)} }, s.untagResource),
			answer("ListTagsForResource", func(in *listTagsForResourceInput) []string { return []string{deref(in.ResourceARN)} }, s.listTagsForResource),
		},
	}
}

// errorCodes are those of the API's model by the names of their shapes.
var errorCodes = map[string]string{
	"DashboardInvalidInputError": "InvalidParameterInput", "DashboardNotFoundError": "ResourceNotFound",
	"InvalidFormatFault": "InvalidFormat", "InvalidParameterCombinationException": "InvalidParameterCombination",
	"InvalidParameterValueException": "InvalidParameterValue", "LimitExceededFault": "LimitExceeded",
	"MissingRequiredParameterException": "MissingParameter", "ResourceNotFound": "ResourceNotFound",
}

// anything is the resource of actions that have none.
func anything[In any](*In) []string { return []string{"*"} }

func (s *Service) anyAlarm() func(*describeAlarmsInput) []string {
	return func(*describeAlarmsInput) []string { return s.alarmARNs("*") }
}

func (s *Service) alarmsOf(in *alarmNamesInput) []string { return s.alarmARNs(in.AlarmNames...) }

func (s *Service) alarmARNs(names ...string) (arns []string) {
	for _, name := range names {
		arns = append(arns, s.options.Account.ARN("cloudwatch", "alarm:"+name))
	}
	return arns
}

func (s *Service) dashboardARNs(names ...string) (arns []string) {
	for _, name := range names {
		arns = append(arns, s.DashboardARN(name))
	}
	return arns
}

// answer is an action that authorizes its caller for resources.
func answer[In, Out any](name string, resources func(*In) []string, serve func(*In) (*Out, error)) protocol.Action {
	return protocol.Handle(name, func(_ context.Context, call *protocol.Call, in *In) (*Out, error) {
		for _, arn := range resources(in) {
			if err := call.Authorize("cloudwatch:"+name, arn); err != nil {
				return nil, err
			}
		}
		return serve(in)
	})
}

// change is answer for an action without output.
func change[In any](name string, resources func(*In) []string, serve func(*In) error) protocol.Action {
	return answer(name, resources, func(in *In) (*struct{}, error) { return &struct{}{}, serve(in) })
}
