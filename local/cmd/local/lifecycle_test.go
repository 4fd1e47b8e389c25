package main

import (
	"context"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/aws/apigateway"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/cmd/local/commandline"
)

func TestAnEndpointThatAllowsEveryNetworkAgainIsOpenAfterTheUp(t *testing.T) {
	t.Parallel()
	project, dir := copyProject(t), filepath.Join(t.TempDir(), "state")
	const access = "ingest-pipeline:access: NONE"
	edit(t, project, access, access+"\n  ingest-pipeline:allowedSourceCidrs: [\"203.0.113.0/24\"]\n  #")
	up := startUp(t, project, dir, commandline.Up{})
	status, answer := post(t, up.url, `{"n":1}`)
	assert.Equal(t, http.StatusForbidden, status, answer)
	require.NoError(t, up.stop())

	edit(t, project, `["203.0.113.0/24"]`, "[]")
	up = startUp(t, project, dir, commandline.Up{})
	status, answer = post(t, up.url, `{"n":1}`)
	assert.Equal(t, http.StatusOK, status, answer)
}

func TestUpAndDestroyLeaveTheLoggingRoleOfOthersInPlace(t *testing.T) {
	t.Parallel()
	project, dir := copyProject(t), filepath.Join(t.TempDir(), "state")
	role := ""
	account := func(use func(*aws.Cloud)) {
		cloud, err := aws.Open(aws.Options{Dir: dir, Account: iam.Account{Region: "ap-northeast-2"}})
		require.NoError(t, err)
		defer func() { require.NoError(t, cloud.Close(context.Background())) }()
		use(cloud)
	}
	account(func(cloud *aws.Cloud) {
		var err error
		role, err = cloud.IAM.CreateRole(iam.Role{Name: "apigateway-logging", TrustPolicy: `{"Version":"2012-10-17","Statement":[` +
			`{"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"sts:AssumeRole"}]}`})
		require.NoError(t, err)
		require.NoError(t, cloud.IAM.AttachRolePolicy("apigateway-logging",
			"arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"))
		require.NoError(t, cloud.APIGateway.UpdateAccount(apigateway.Account{CloudWatchRoleARN: role}))
	})
	for range 2 {
		up := startUp(t, project, dir, commandline.Up{})
		status, answer := post(t, up.url, `{"n":1}`)
		require.Equal(t, http.StatusOK, status, answer)
		require.NoError(t, up.stop())
		a, out := newApp(project)
		require.NoError(t, a.destroy(context.Background(), commandline.Destroy{Stack: "dev"}, dir), "%s", out)
		account(func(cloud *aws.Cloud) {
			assert.Equal(t, role, cloud.APIGateway.GetAccount().CloudWatchRoleARN)
			assert.Len(t, cloud.IAM.ListRoles(), 1, "destroy left a role behind")
		})
	}
}

func TestPausingStoresNothingMoreAndDeliversWhatWasAccepted(t *testing.T) {
	t.Parallel()
	project, dir := copyProject(t), filepath.Join(t.TempDir(), "state")
	up := startUp(t, project, dir, commandline.Up{})
	url := up.url
	status, answer := post(t, url, `{"n":1}`)
	require.Equal(t, http.StatusOK, status, answer)
	require.NoError(t, up.stop())

	edit(t, project, "ingest-pipeline:throttleBurst", "ingest-pipeline:paused: true\n  ingest-pipeline:throttleBurst")
	up = startUp(t, project, dir, commandline.Up{})
	status, answer = post(t, url, `{"n":2}`)
	assert.Equal(t, http.StatusTooManyRequests, status, answer)
	status, answer = post(t, url+"/batch", `[{"n":3}]`)
	assert.Equal(t, http.StatusTooManyRequests, status, answer)
	require.NoError(t, up.stop())
	assert.Equal(t, []string{`{"n":1}`}, arrivedLines(t, dir))

	edit(t, project, "paused: true", "paused: false")
	up = startUp(t, project, dir, commandline.Up{})
	status, answer = post(t, url, `{"n":4}`)
	assert.Equal(t, http.StatusOK, status, answer)
	require.NoError(t, up.stop())
	assert.Equal(t, []string{`{"n":1}`, `{"n":4}`}, arrivedLines(t, dir))
}
