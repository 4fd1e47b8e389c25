package main

import (
	"context"
	"io/fs"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/aws/apigateway"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/cmd/local/commandline"
	"ingest-pipeline/local/provider"
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

// cyclesEnv is how often TestCyclesOfUpAndDestroyLeaveNothing deploys and destroys. Default: 2.
const cyclesEnv = "INGEST_PIPELINE_TEST_CYCLES"

func TestCyclesOfUpAndDestroyLeaveNothing(t *testing.T) {
	t.Parallel()
	project, dir := copyProject(t), filepath.Join(t.TempDir(), "state")
	var files map[string]int64
	for cycle := range repetitions(t, cyclesEnv, 2) {
		up := startUp(t, project, dir, commandline.Up{BufferInterval: time.Second})
		status, answer := post(t, up.url, `{"n":1}`)
		require.Equal(t, http.StatusOK, status, answer)
		up.shows(t, `1 event in s3://\S+/raw/\S+`)
		require.NoError(t, up.stop())
		destroy(t, project, dir)

		cloud, err := aws.Open(aws.Options{Dir: dir, Account: iam.Account{Region: "ap-northeast-2"}})
		require.NoError(t, err)
		server, err := provider.Serve(cloud)
		require.NoError(t, err)
		resources, err := server.Resources()
		require.NoError(t, err)
		assert.Empty(t, resources)
		assert.Empty(t, cloud.APIGateway.GetAccount().CloudWatchRoleARN)
		require.NoError(t, server.Close())
		require.NoError(t, cloud.Close(context.Background()))

		now := filesBelow(t, dir)
		if cycle > 0 {
			assert.Equal(t, files, now, "the folder grows")
		}
		files = now
	}
}

// filesBelow are the sizes of all files below a folder by name.
func filesBelow(t *testing.T, dir string) map[string]int64 {
	t.Helper()
	sizes := map[string]int64{}
	require.NoError(t, filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		sizes[name] = info.Size()
		return err
	}))
	return sizes
}

func TestPausingStoresNothingMoreAndDeliversWhatWasAccepted(t *testing.T) {
	t.Parallel()
	project, dir := copyProject(t), filepath.Join(t.TempDir(), "state")
	up := startUp(t, project, dir, commandline.Up{})
	url := up.url
	status, answer := post(t, url, `{"n":1}`)
	require.Equal(t, http.StatusOK, status, answer)
	require.NoError(t, up.stop())

	edit(t, project, "ingest-pipeline:throttle:", "ingest-pipeline:paused: true\n  ingest-pipeline:throttle:")
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
