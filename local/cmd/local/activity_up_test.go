package main

import (
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/cmd/local/commandline"
)

func TestUpShowsAFailedRequestWithItsIdAndAnAlarm(t *testing.T) {
	t.Parallel()
	up := startUp(t, copyProject(t), filepath.Join(t.TempDir(), "state"), commandline.Up{})
	config := sdk.Config{
		Region: "ap-northeast-2", BaseEndpoint: &up.awsURL, Credentials: credentials.NewStaticCredentialsProvider(ownerKey.ID, ownerKey.Secret, ""),
	}
	roles, alarms := iam.NewFromConfig(config), cloudwatch.NewFromConfig(config)
	listed, err := roles.ListRoles(t.Context(), &iam.ListRolesInput{})
	require.NoError(t, err)
	for _, role := range listed.Roles {
		_, err := roles.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: role.RoleName, PolicyName: sdk.String("deny"), PolicyDocument: sdk.String(
			`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"kinesis:Put*","Resource":"*"}]}`)})
		require.NoError(t, err)
	}
	response, err := http.Post(up.url, "application/json", strings.NewReader(`{"n":1}`))
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	assert.Equal(t, http.StatusInternalServerError, response.StatusCode)
	up.shows(t, `\d\d:\d\d:\d\d  500  POST /v1, request `+response.Header.Get("X-Amzn-Requestid"))

	described, err := alarms.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{})
	require.NoError(t, err)
	name := described.MetricAlarms[0].AlarmName
	_, err = alarms.SetAlarmState(t.Context(), &cloudwatch.SetAlarmStateInput{
		AlarmName: name, StateValue: types.StateValueAlarm, StateReason: sdk.String("tried on purpose")})
	require.NoError(t, err)
	up.shows(t, `\d\d:\d\d:\d\d  ALARM  alarm `+regexp.QuoteMeta(*name)+`: tried on purpose`)
	require.NoError(t, up.stop(), "%s", up)
}
