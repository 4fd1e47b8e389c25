package logs_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/internal/apitest"
	"ingest-pipeline/local/aws/logs"
)

// groupNames are the names of the log groups on all pages.
func (c *client) groupNames(t testing.TB, in sdk.DescribeLogGroupsInput) (names []string) {
	t.Helper()
	pages := sdk.NewDescribeLogGroupsPaginator(c.api, &in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		for _, g := range page.LogGroups {
			names = append(names, *g.LogGroupName)
		}
	}
	return names
}

// Recorded: LocalStack, test_describe_log_groups_with_prefix and test_describe_log_groups_with_pattern.
func TestLogGroupsAreDescribedPageByPage(t *testing.T) {
	c := newClient(t)
	for _, name := range []string{"b/2", "a/1", "b/1", "b/3"} {
		_, err := c.api.CreateLogGroup(t.Context(), &sdk.CreateLogGroupInput{LogGroupName: &name, Tags: map[string]string{"env": "testing"}})
		require.NoError(t, err)
	}
	for _, limit := range []int32{1, 2, 3, 50} {
		assert.Equal(t, []string{group, "a/1", "b/1", "b/2", "b/3"}, c.groupNames(t, sdk.DescribeLogGroupsInput{Limit: &limit}))
		assert.Equal(t, []string{"b/1", "b/2", "b/3"}, c.groupNames(t, sdk.DescribeLogGroupsInput{Limit: &limit, LogGroupNamePrefix: aws.String("b")}))
	}
	assert.Equal(t, []string{"a/1", "b/1"}, c.groupNames(t, sdk.DescribeLogGroupsInput{LogGroupNamePattern: aws.String("/1")}))
	assert.Empty(t, c.groupNames(t, sdk.DescribeLogGroupsInput{LogGroupNamePattern: aws.String("A/")}), "a pattern is case-sensitive")

	out, err := c.api.DescribeLogGroups(t.Context(), &sdk.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("a")})
	require.NoError(t, err)
	arn := "arn:aws:logs:eu-west-1:123456789012:log-group:a/1"
	assert.Equal(t, []types.LogGroup{{
		Arn: aws.String(arn + ":*"), LogGroupArn: &arn, LogGroupName: aws.String("a/1"), LogGroupClass: "STANDARD",
		CreationTime: aws.Int64(start.UnixMilli()), MetricFilterCount: aws.Int32(0), StoredBytes: aws.Int64(0),
		DeletionProtectionEnabled: aws.Bool(false),
	}}, out.LogGroups)
	_, err = c.api.DeleteLogGroup(t.Context(), &sdk.DeleteLogGroupInput{LogGroupName: aws.String("a/1")})
	require.NoError(t, err)
	assert.Empty(t, c.groupNames(t, sdk.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("a")}))
}

func TestARetentionPolicyIsPutAndDeleted(t *testing.T) {
	c := newClient(t)
	retention := func() int {
		g, err := c.DescribeLogGroup(group)
		require.NoError(t, err)
		return g.RetentionInDays
	}
	_, err := c.api.PutRetentionPolicy(t.Context(), &sdk.PutRetentionPolicyInput{LogGroupName: aws.String(group), RetentionInDays: aws.Int32(7)})
	require.NoError(t, err)
	assert.Equal(t, 7, retention())
	_, err = c.api.PutRetentionPolicy(t.Context(), &sdk.PutRetentionPolicyInput{LogGroupName: aws.String(group), RetentionInDays: aws.Int32(8)})
	apitest.RequireError(t, err, "InvalidParameterException", "Value '8' at 'retentionInDays'")
	_, err = c.api.DeleteRetentionPolicy(t.Context(), &sdk.DeleteRetentionPolicyInput{LogGroupName: aws.String(group)})
	require.NoError(t, err)
	assert.Equal(t, 0, retention())
}

// Recorded: LocalStack, test_tag_resource_api.
func TestTagsOfALogGroupAreChanged(t *testing.T) {
	c := newClient(t)
	arn := c.GroupARN(group)
	tags := func() map[string]string {
		out, err := c.api.ListTagsForResource(t.Context(), &sdk.ListTagsForResourceInput{ResourceArn: &arn})
		require.NoError(t, err)
		return out.Tags
	}
	assert.Empty(t, tags())
	_, err := c.api.TagResource(t.Context(), &sdk.TagResourceInput{ResourceArn: &arn, Tags: map[string]string{"env": "testing1", "test1": "val1"}})
	require.NoError(t, err)
	_, err = c.api.TagResource(t.Context(), &sdk.TagResourceInput{ResourceArn: &arn, Tags: map[string]string{"test1": "val2"}})
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"env": "testing1", "test1": "val2"}, tags())
	_, err = c.api.UntagResource(t.Context(), &sdk.UntagResourceInput{ResourceArn: &arn, TagKeys: []string{"env", "none"}})
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"test1": "val2"}, tags())
	_, err = c.api.TagResource(t.Context(), &sdk.TagResourceInput{ResourceArn: aws.String(arn + "x"), Tags: map[string]string{"a": "b"}})
	apitest.RequireError(t, err, "ResourceNotFoundException", "The specified log group does not exist.")
	_, err = c.api.TagResource(t.Context(), &sdk.TagResourceInput{ResourceArn: &arn, Tags: map[string]string{"a!": "b"}})
	apitest.RequireError(t, err, "InvalidParameterException", "regular expression pattern")
}

// streamNames are the names of the log streams on all pages.
func (c *client) streamNames(t testing.TB, in sdk.DescribeLogStreamsInput) (names []string) {
	t.Helper()
	in.LogGroupName = aws.String(group)
	pages := sdk.NewDescribeLogStreamsPaginator(c.api, &in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		for _, s := range page.LogStreams {
			names = append(names, *s.LogStreamName)
		}
	}
	return names
}

func TestLogStreamsAreDescribedInTheOrderThatIsWanted(t *testing.T) {
	c := newClient(t)
	for i, name := range []string{"b", "bb", "a"} {
		_, err := c.api.CreateLogStream(t.Context(), &sdk.CreateLogStreamInput{LogGroupName: aws.String(group), LogStreamName: &name})
		require.NoError(t, err)
		c.put(t, name, event(time.Duration(i)*time.Second, "x"))
	}
	for limit := int32(1); limit < 5; limit++ {
		for _, c2 := range []struct {
			order      types.OrderBy
			descending bool
			want       string
		}{
			{"", false, stream + " a b bb"}, {types.OrderByLogStreamName, true, "bb b a " + stream},
			{types.OrderByLastEventTime, false, stream + " b bb a"}, {types.OrderByLastEventTime, true, "a bb b " + stream},
		} {
			names := c.streamNames(t, sdk.DescribeLogStreamsInput{OrderBy: c2.order, Descending: &c2.descending, Limit: &limit})
			assert.Equal(t, c2.want, strings.Join(names, " "), fmt.Sprint(c2, limit))
		}
	}
	assert.Equal(t, []string{"b", "bb"}, c.streamNames(t, sdk.DescribeLogStreamsInput{LogStreamNamePrefix: aws.String("b")}))

	out, err := c.api.DescribeLogStreams(t.Context(), &sdk.DescribeLogStreamsInput{LogGroupIdentifier: aws.String(c.GroupARN(group)), Limit: aws.Int32(2)})
	require.NoError(t, err)
	at := aws.Int64(start.Add(2 * time.Second).UnixMilli())
	assert.Equal(t, []types.LogStream{
		{LogStreamName: aws.String(stream), Arn: aws.String(c.StreamARN(group, stream)), CreationTime: aws.Int64(start.UnixMilli()), StoredBytes: aws.Int64(0)},
		{
			LogStreamName: aws.String("a"), Arn: aws.String(c.StreamARN(group, "a")), CreationTime: aws.Int64(start.UnixMilli()),
			StoredBytes: aws.Int64(0), FirstEventTimestamp: at, LastEventTimestamp: at, LastIngestionTime: at,
		},
	}, out.LogStreams)
	_, err = c.api.DeleteLogStream(t.Context(), &sdk.DeleteLogStreamInput{LogGroupName: aws.String(group), LogStreamName: aws.String("bb")})
	require.NoError(t, err)
	assert.Equal(t, []string{stream, "a", "b"}, c.streamNames(t, sdk.DescribeLogStreamsInput{}))
}

// Recorded, but where another source is named: LocalStack, test_logs_groups.py and test_logs_streams.py.
func TestWhatCloudWatchLogsRefusesOfGroupsAndStreamsIsRefused(t *testing.T) {
	c := newClient(t)
	create := func(name string) error {
		_, err := c.api.CreateLogGroup(t.Context(), &sdk.CreateLogGroupInput{LogGroupName: &name})
		return err
	}
	createStream := func(group, name string) error {
		_, err := c.api.CreateLogStream(t.Context(), &sdk.CreateLogStreamInput{LogGroupName: &group, LogStreamName: &name})
		return err
	}
	groups := func(in sdk.DescribeLogGroupsInput) error {
		_, err := c.api.DescribeLogGroups(t.Context(), &in)
		return err
	}
	streams := func(in sdk.DescribeLogStreamsInput) error {
		in.LogGroupName = aws.String(group)
		_, err := c.api.DescribeLogStreams(t.Context(), &in)
		return err
	}
	for name, e := range map[string]struct {
		err           error
		code, message string
	}{
		"a group that exists":     {create(group), "ResourceAlreadyExistsException", "The specified log group already exists"},
		"a long name":             {create(strings.Repeat("x", 513)), "InvalidParameterException", "Invalid LogGroup or LogStream, both must have length less than or equal to 512."},
		"a name with a space":     {create("a b"), "InvalidParameterException", `Value 'a b' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+`},
		"a stream that exists":    {createStream(group, stream), "ResourceAlreadyExistsException", "The specified log stream already exists"},
		"a stream of no group":    {createStream("none", "a"), "ResourceNotFoundException", "The specified log group does not exist."},
		"a prefix and a pattern":  {groups(sdk.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("a"), LogGroupNamePattern: aws.String("a")}), "InvalidParameterException", "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters."},
		"a token (assumed)":       {groups(sdk.DescribeLogGroupsInput{NextToken: aws.String("x")}), "InvalidParameterException", "The specified nextToken is invalid."},
		"a limit (documented)":    {groups(sdk.DescribeLogGroupsInput{Limit: aws.Int32(51)}), "InvalidParameterException", "Value '51' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 50"},
		"a name and an ARN":       {streams(sdk.DescribeLogStreamsInput{LogGroupIdentifier: aws.String(group)}), "ValidationException", "LogGroup name and LogGroup ARN are mutually exclusive parameters."},
		"by time with a prefix":   {streams(sdk.DescribeLogStreamsInput{OrderBy: types.OrderByLastEventTime, LogStreamNamePrefix: aws.String("a")}), "InvalidParameterException", "Cannot order by LastEventTime with a logStreamNamePrefix."},
		"an order that is no one": {streams(sdk.DescribeLogStreamsInput{OrderBy: "Size"}), "InvalidParameterException", "enum value set: [LogStreamName, LastEventTime]"},
	} {
		t.Run(name, func(t *testing.T) { apitest.RequireError(t, e.err, e.code, e.message) })
	}
}

// Recorded: LocalStack, test_logs_metric_filters.py.
func TestMetricFiltersArePutAndDescribed(t *testing.T) {
	c := newClient(t)
	put := func(name, pattern string, transformations ...types.MetricTransformation) error {
		_, err := c.api.PutMetricFilter(t.Context(), &sdk.PutMetricFilterInput{
			LogGroupName: aws.String(group), FilterName: &name, FilterPattern: &pattern, MetricTransformations: transformations,
		})
		return err
	}
	transformation := func(n string) types.MetricTransformation {
		return types.MetricTransformation{MetricName: aws.String("metric" + n), MetricNamespace: aws.String("namespace" + n), MetricValue: aws.String("1")}
	}
	one := transformation("1")
	one.DefaultValue = aws.Float64(0)
	require.NoError(t, put("first", " ", one))
	require.NoError(t, put("second", `{$.message = "test"}`, transformation("2")))
	describe := func(in sdk.DescribeMetricFiltersInput) (names []string) {
		in.Limit = aws.Int32(1)
		pages := sdk.NewDescribeMetricFiltersPaginator(c.api, &in)
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			require.NoError(t, err)
			for _, f := range page.MetricFilters {
				names = append(names, *f.FilterName)
			}
		}
		return names
	}
	assert.Equal(t, []string{"first", "second"}, describe(sdk.DescribeMetricFiltersInput{}))
	assert.Equal(t, []string{"second"}, describe(sdk.DescribeMetricFiltersInput{LogGroupName: aws.String(group), FilterNamePrefix: aws.String("s")}))
	assert.Equal(t, []string{"first"}, describe(sdk.DescribeMetricFiltersInput{MetricName: one.MetricName, MetricNamespace: one.MetricNamespace}))
	out, err := c.api.DescribeMetricFilters(t.Context(), &sdk.DescribeMetricFiltersInput{FilterNamePrefix: aws.String("first")})
	require.NoError(t, err)
	assert.Equal(t, []types.MetricFilter{{
		FilterName: aws.String("first"), FilterPattern: aws.String(" "), LogGroupName: aws.String(group),
		CreationTime: aws.Int64(start.UnixMilli()), MetricTransformations: []types.MetricTransformation{one}, ApplyOnTransformedLogs: false,
	}}, out.MetricFilters)
	groups, err := c.api.DescribeLogGroups(t.Context(), &sdk.DescribeLogGroupsInput{})
	require.NoError(t, err)
	assert.Equal(t, int32(2), *groups.LogGroups[0].MetricFilterCount)

	apitest.RequireError(t, put(strings.Repeat("X", 513), "", one), "InvalidParameterException", "at 'filterName' failed to satisfy constraint: Member must have length less than or equal to 512")
	apitest.RequireError(t, put("third", strings.Repeat("X", 1025), one), "InvalidParameterException", "at 'filterPattern' failed to satisfy constraint: Member must have length less than or equal to 1024")
	apitest.RequireError(t, put("third", "", transformation("1"), transformation("2")), "InvalidParameterException",
		"1 validation error detected: Value '[MetricTransformation(metricName=metric1, metricNamespace=namespace1, metricValue=1, defaultValue=null, unit=null, dimensions=null), MetricTransformation(metricName=metric2, metricNamespace=namespace2, metricValue=1, defaultValue=null, unit=null, dimensions=null)]' at 'metricTransformations' failed to satisfy constraint: Member must have length less than or equal to 1")
	one.Dimensions = map[string]string{"a": "$.a"}
	apitest.RequireError(t, put("third", "{ $.a = 1 }", one), "InvalidParameterException", "metricTransformations.dimensions: is not emulated by the local target")

	_, err = c.api.DeleteMetricFilter(t.Context(), &sdk.DeleteMetricFilterInput{LogGroupName: aws.String(group), FilterName: aws.String("first")})
	require.NoError(t, err)
	assert.Equal(t, []string{"second"}, describe(sdk.DescribeMetricFiltersInput{}))
}

// Documented: TestMetricFilter, example.
func TestAMetricFilterIsTriedOut(t *testing.T) {
	c := newClient(t)
	try := func(pattern string) []types.MetricFilterMatchRecord {
		out, err := c.api.TestMetricFilter(t.Context(), &sdk.TestMetricFilterInput{FilterPattern: &pattern, LogEventMessages: []string{
			`{"eventType": "UpdateTrail", "sourceIPAddress": "111.111.111.111", "n": [1, 2.5]}`, `{"eventType": "Other"}`, "UpdateTrail",
		}})
		require.NoError(t, err)
		return out.Matches
	}
	matches := try(`{ ($.eventType = "UpdateTrail" && $.n[1] > 2) || $.none IS TRUE }`)
	require.Len(t, matches, 1)
	assert.Equal(t, int64(1), matches[0].EventNumber)
	assert.Equal(t, map[string]string{"$.eventType": "UpdateTrail", "$.n[1]": "2.5"}, matches[0].ExtractedValues)
	matches = try("UpdateTrail")
	require.Len(t, matches, 2)
	assert.Equal(t, int64(3), matches[1].EventNumber)
	assert.Equal(t, "UpdateTrail", *matches[1].EventMessage)
	assert.Empty(t, matches[1].ExtractedValues)
}

func TestARoleMayDoWithLogsWhatItsPolicySays(t *testing.T) {
	c := newClient(t)
	require.NoError(t, c.CreateLogGroup(logs.Group{Name: "other"}))
	role := sdk.NewFromConfig(c.server.ConfigOf(t, `{"Effect":"Allow","Action":["logs:FilterLogEvents","logs:GetLogEvents"],`+
		`"Resource":"`+c.GroupARN(group)+`:*"}`))
	_, err := role.FilterLogEvents(t.Context(), &sdk.FilterLogEventsInput{LogGroupName: aws.String(group)})
	require.NoError(t, err)
	_, err = role.GetLogEvents(t.Context(), &sdk.GetLogEventsInput{LogGroupName: aws.String(group), LogStreamName: aws.String(stream)})
	require.NoError(t, err)
	_, err = role.FilterLogEvents(t.Context(), &sdk.FilterLogEventsInput{LogGroupName: aws.String("other")})
	apitest.RequireError(t, err, "AccessDeniedException", "User: arn:aws:sts::123456789012:assumed-role/limited/test is not authorized to perform: "+
		"logs:FilterLogEvents on resource: arn:aws:logs:eu-west-1:123456789012:log-group:other:log-stream:")
	_, err = role.DescribeLogGroups(t.Context(), &sdk.DescribeLogGroupsInput{})
	apitest.RequireError(t, err, "AccessDeniedException", "on resource: arn:aws:logs:eu-west-1:123456789012:log-group::log-stream:")
	_, err = role.PutRetentionPolicy(t.Context(), &sdk.PutRetentionPolicyInput{LogGroupName: aws.String(group), RetentionInDays: aws.Int32(1)})
	apitest.RequireError(t, err, "AccessDeniedException", "logs:PutRetentionPolicy")
}
