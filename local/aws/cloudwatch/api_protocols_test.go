package cloudwatch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/internal/apitest"
)

// call sends a signed request in a protocol that the SDK for Go has no more, but older ones and boto3 have.
func (c *client) call(t *testing.T, header http.Header, body string) (status int, response string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.server.URL+"/", strings.NewReader(body))
	require.NoError(t, err)
	request.Header = header
	sum := sha256.Sum256([]byte(body))
	credentials := aws.Credentials{AccessKeyID: apitest.Key.ID, SecretAccessKey: apitest.Key.Secret}
	err = v4.NewSigner().SignHTTP(context.Background(), credentials, request, hex.EncodeToString(sum[:]), "monitoring", account.Region, time.Now())
	require.NoError(t, err)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, string(content)
}

func (c *client) query(t *testing.T, form url.Values) (status int, response string) {
	form.Set("Version", "2010-08-01")
	return c.call(t, http.Header{"Content-Type": {"application/x-www-form-urlencoded; charset=utf-8"}}, form.Encode())
}

func (c *client) json(t *testing.T, action, body string) (status int, response string) {
	return c.call(t, http.Header{
		"Content-Type": {"application/x-amz-json-1.0"}, "X-Amz-Target": {"GraniteServiceVersion20100801." + action},
	}, body)
}

func TestCloudWatchHasTheProtocolQuery(t *testing.T) {
	c := newClient(t)
	status, _ := c.query(t, url.Values{
		"Action": {"PutMetricData"}, "Namespace": {"Mine"}, "MetricData.member.1.MetricName": {"m"}, "MetricData.member.1.Value": {"21.5"},
		"MetricData.member.1.Dimensions.member.1.Name": {"Kind"}, "MetricData.member.1.Dimensions.member.1.Value": {"a"},
		"MetricData.member.1.Timestamp": {"2026-11-22T12:00:00Z"},
	})
	assert.Equal(t, 200, status)
	status, response := c.query(t, url.Values{
		"Action": {"GetMetricStatistics"}, "Namespace": {"Mine"}, "MetricName": {"m"}, "StartTime": {"2026-11-22T12:00:00Z"},
		"EndTime": {"2026-11-22T13:00:00Z"}, "Period": {"60"}, "Statistics.member.1": {"Sum"},
		"Dimensions.member.1.Name": {"Kind"}, "Dimensions.member.1.Value": {"a"},
	})
	assert.Equal(t, 200, status)
	assert.Contains(t, response, `<GetMetricStatisticsResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/">`)
	assert.Contains(t, response, "<GetMetricStatisticsResult><Label>m</Label><Datapoints><member><Timestamp>2026-11-22T12:00:00Z</Timestamp>"+
		"<Sum>21.5</Sum><Unit>None</Unit></member></Datapoints></GetMetricStatisticsResult>")
	status, response = c.query(t, url.Values{"Action": {"SetAlarmState"}, "AlarmName": {"a"}, "StateValue": {"INVALID"}, "StateReason": {"x"}})
	assert.Equal(t, 400, status)
	assert.Contains(t, response, "<Type>Sender</Type><Code>ValidationError</Code><Message>1 validation error detected: Value ")
	status, response = c.query(t, url.Values{"Action": {"GetDashboard"}, "DashboardName": {"a"}})
	assert.Equal(t, 404, status)
	assert.Contains(t, response, "<Code>ResourceNotFound</Code>")
}

func TestCloudWatchHasTheProtocolJSON(t *testing.T) {
	c := newClient(t)
	status, response := c.json(t, "PutMetricAlarm", `{"AlarmName":"a","Namespace":"Mine","MetricName":"m","Statistic":"Sum","Period":60,
		"EvaluationPeriods":1,"Threshold":30,"ComparisonOperator":"GreaterThanThreshold"}`)
	assert.Equal(t, 200, status)
	assert.Empty(t, response)
	// Recorded: LocalStack, test_describe_minimal_metric_alarm (which members there are).
	status, response = c.json(t, "DescribeAlarms", "{}")
	assert.Equal(t, 200, status)
	assert.JSONEq(t, `{"CompositeAlarms":[],"MetricAlarms":[{"ActionsEnabled":true,"AlarmActions":[],
		"AlarmArn":"arn:aws:cloudwatch:ap-northeast-2:123456789012:alarm:a","AlarmConfigurationUpdatedTimestamp":1795348820,"AlarmName":"a",
		"ComparisonOperator":"GreaterThanThreshold","Dimensions":[],"EvaluationPeriods":1,"InsufficientDataActions":[],"MetricName":"m",
		"Namespace":"Mine","OKActions":[],"Period":60,"StateReason":"Unchecked: Initial alarm creation","StateTransitionedTimestamp":1795348820,
		"StateUpdatedTimestamp":1795348820,"StateValue":"INSUFFICIENT_DATA","Statistic":"Sum","Threshold":30}]}`, response)
	assert.Contains(t, response, `"Threshold":30.0`, "a whole number is no integer for clients of dynamic languages")
	status, response = c.json(t, "GetDashboard", `{"DashboardName":"a"}`)
	assert.Equal(t, 404, status)
	assert.JSONEq(t, `{"__type":"DashboardNotFoundError","message":"Dashboard a does not exist"}`, response)
	status, _ = c.json(t, "DescribeAlarms", `{"MaxRecords":"x"}`)
	assert.Equal(t, 400, status)
}
