package main

import (
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/engine"
	"ingest-pipeline/local/engine/build"
	"ingest-pipeline/local/provider"
)

const region = "eu-central-1"

// target is a local target with nothing on it, and a home for the Pulumi CLI in which nothing is installed.
type target struct {
	cloud  *aws.Cloud
	server *provider.Server
	pulumi build.Pulumi
	// bin is the first folder on the PATH of environment: the plugin and the Pulumi CLI are in it.
	bin         string
	environment map[string]string
}

func startTarget(t *testing.T) *target {
	t.Helper()
	dir := t.TempDir()
	cloud, err := aws.Open(aws.Options{
		Dir: filepath.Join(dir, "aws"), Account: iam.Account{Region: region}, MaxBufferInterval: time.Second,
	})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, cloud.Close(context.Background())) })
	server, err := provider.Serve(cloud)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, server.Close()) })
	s := &target{cloud: cloud, server: server, pulumi: findPulumi(t), bin: filepath.Join(dir, "bin")}
	require.NoError(t, os.Mkdir(s.bin, 0o700))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "state"), 0o700))
	self, err := os.Executable()
	require.NoError(t, err)
	s.install(t, self, pluginName)
	s.install(t, s.pulumi.Path, "pulumi")
	s.environment = map[string]string{
		"PATH":                     s.bin + string(os.PathListSeparator) + os.Getenv("PATH"),
		"PULUMI_HOME":              filepath.Join(dir, "home"),
		"PULUMI_BACKEND_URL":       engine.FileURL(filepath.Join(dir, "state")),
		"PULUMI_CONFIG_PASSPHRASE": "local",
		"PULUMI_DEBUG_PROVIDERS":   server.Attachment(),
		"PULUMI_SKIP_UPDATE_CHECK": "true",
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
	}
	return s
}

// findPulumi is the CLI that the local target uses, built if there is none.
func findPulumi(t *testing.T) build.Pulumi {
	t.Helper()
	cli, err := build.New(os.Stderr).Pulumi(context.Background(), repository(t))
	require.NoError(t, err)
	return cli
}

// install puts a program on the PATH of the environment.
func (s *target) install(t *testing.T, program, name string) {
	t.Helper()
	require.NoError(t, os.Symlink(program, filepath.Join(s.bin, executable(name))))
}

func executable(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

// command runs in dir with the environment of the target.
func (s *target) command(dir, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = os.Environ()
	for name, value := range s.environment {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	return cmd
}

// outputs are those that every example has.
type outputs struct{ url, apiKey, bucketFolder string }

// acceptsAnEvent sends an event and waits until it is in the folder.
func (s *target) acceptsAnEvent(t *testing.T, o outputs) {
	t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, o.url, strings.NewReader(`{"n":1}`))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	assert.Equal(t, http.StatusForbidden, s.send(t, request), "without the key")
	request.Header.Set("x-api-key", o.apiKey)
	request.Body = io.NopCloser(strings.NewReader(`{"n":1}`))
	require.Equal(t, http.StatusOK, s.send(t, request))
	require.NoError(t, s.cloud.Firehose.Flush(context.Background()))
	bucket, folder, found := strings.Cut(strings.TrimPrefix(o.bucketFolder, "s3://"), "/")
	require.True(t, found, o.bucketFolder)
	objects, err := s.cloud.S3.Objects(bucket, folder)
	require.NoError(t, err)
	require.Len(t, objects, 1)
	object, err := s.cloud.S3.Get(bucket, objects[0].Key)
	require.NoError(t, err)
	defer object.Close()
	content, err := gzip.NewReader(object)
	require.NoError(t, err)
	lines, err := io.ReadAll(content)
	require.NoError(t, err)
	assert.Equal(t, "{\"n\":1}\n", string(lines))
}

func (s *target) send(t *testing.T, request *http.Request) int {
	t.Helper()
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	return response.StatusCode
}

// isEmpty asserts that nothing of what was created is left.
func (s *target) isEmpty(t *testing.T) {
	t.Helper()
	left, err := s.server.Resources()
	require.NoError(t, err)
	assert.Empty(t, left)
}

// repository is the folder of the repository.
func repository(t *testing.T) string {
	t.Helper()
	folder, err := filepath.Abs("..")
	require.NoError(t, err)
	return folder
}

// copyExample copies the files of an example to a folder of its own, as a user's project.
func copyExample(t *testing.T, name string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(filepath.Join(repository(t), "examples", name))))
	return dir
}
