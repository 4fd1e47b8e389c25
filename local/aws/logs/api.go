package logs

import (
	"context"

	"ingest-pipeline/local/aws/internal/protocol"
)

// API is what AWS's clients can call. Documented: CloudWatch Logs API reference; its JSON protocol has members in lower
// camel case.
func (s *Service) API() protocol.Service {
	group := func(name *string) string { return s.groupResource(deref(name)) }
	return protocol.Service{Name: "logs", Target: "Logs_20140328", LowerCamel: true, Actions: []protocol.Action{
		change("CreateLogGroup", func(in *createLogGroupInput) string { return group(in.LogGroupName) }, s.createLogGroup),
		change("DeleteLogGroup", func(in *logGroupInput) string { return group(in.LogGroupName) }, s.deleteLogGroup),
		answer("DescribeLogGroups", func(*describeLogGroupsInput) string { return s.groupResource("") }, s.describeLogGroups),
		change("PutRetentionPolicy", func(in *putRetentionPolicyInput) string { return group(in.LogGroupName) }, s.putRetentionPolicy),
		change("DeleteRetentionPolicy", func(in *logGroupInput) string { return group(in.LogGroupName) }, s.deleteRetentionPolicy),

		change("CreateLogStream", s.streamOf, s.createLogStream),
		change("DeleteLogStream", s.streamOf, s.deleteLogStream),
		answer("DescribeLogStreams", func(in *describeLogStreamsInput) string {
			return s.groupResource(deref(in.LogGroupName) + groupInARN(deref(in.LogGroupIdentifier)))
		}, s.describeLogStreams),

		answer("PutLogEvents", func(in *putLogEventsInput) string {
			return s.StreamARN(deref(in.LogGroupName), deref(in.LogStreamName))
		}, s.putLogEvents),
		answer("GetLogEvents", func(in *getLogEventsInput) string {
			return s.StreamARN(deref(in.LogGroupName)+groupInARN(deref(in.LogGroupIdentifier)), deref(in.LogStreamName))
		}, s.getLogEvents),
		answer("FilterLogEvents", func(in *filterLogEventsInput) string {
			return s.groupResource(deref(in.LogGroupName) + groupInARN(deref(in.LogGroupIdentifier)))
		}, s.filterLogEvents),

		change("PutMetricFilter", func(in *putMetricFilterInput) string { return group(in.LogGroupName) }, s.putMetricFilter),
		change("DeleteMetricFilter", func(in *deleteMetricFilterInput) string { return group(in.LogGroupName) }, s.deleteMetricFilter),
		answer("DescribeMetricFilters", func(in *describeMetricFiltersInput) string { return group(in.LogGroupName) }, s.describeMetricFilters),
		answer("TestMetricFilter", func(*testMetricFilterInput) string { return "*" }, s.testMetricFilter),

		change("TagResource", func(in *tagResourceInput) string { return deref(in.ResourceArn) }, s.tagResource),
		change("UntagResource", func(in *untagResourceInput) string { return deref(in.ResourceArn) }, s.untagResource),
		answer("ListTagsForResource", func(in *listTagsForResourceInput) string { return deref(in.ResourceArn) }, s.listTagsForResource),
	}}
}

// groupResource is the resource of actions on a log group. Assumed: quoted in error messages that users have published,
// "… is not authorized to perform: logs:DescribeLogGroups on resource: arn:aws:logs:…:log-group::log-stream:".
func (s *Service) groupResource(name string) string { return s.StreamARN(name, "") }

func (s *Service) streamOf(in *logStreamInput) string {
	return s.StreamARN(deref(in.LogGroupName), deref(in.LogStreamName))
}

// answer is an action that authorizes its caller for a resource.
func answer[In, Out any](name string, resource func(*In) string, serve func(*In) (*Out, error)) protocol.Action {
	return protocol.Handle(name, func(_ context.Context, call *protocol.Call, in *In) (*Out, error) {
		if err := call.Authorize("logs:"+name, resource(in)); err != nil {
			return nil, err
		}
		return serve(in)
	})
}

// change is answer for an action without output.
func change[In any](name string, resource func(*In) string, serve func(*In) error) protocol.Action {
	return answer(name, resource, func(in *In) (*struct{}, error) { return &struct{}{}, serve(in) })
}
