package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/cmd/local/commandline"
)

// post sends an event as curl does.
func post(t testing.TB, url, body string) (status int, answer string) {
	t.Helper()
	response, err := http.Post(url, "application/json", strings.NewReader(body))
	require.NoError(t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(content)
}

// arrivedLines are the lines of all objects below the folder raw of the buckets in a state folder.
func arrivedLines(t testing.TB, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "s3", "*", "raw", "*", "*", "*", "*", "*"))
	require.NoError(t, err)
	var lines []string
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		lines = append(lines, strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")...)
	}
	return lines
}

func TestUpServesUntilItIsStoppedAndGoesOnNextTime(t *testing.T) {
	t.Parallel()
	project, dir := copyProject(t), filepath.Join(t.TempDir(), "state")

	up := startUp(t, project, dir, commandline.Up{})
	assert.Contains(t, up.String(), `curl -d "{\"value\":\"30\",\"type\":\"Tip 3\"}" -H "Content-Type: application/json" -X POST `+up.url)
	page := up.shows(t, `see all of it at (http://127\.0\.0\.1:\d+/)`)
	assert.Regexp(t, `(?m)^  dashboardUrl +`+page+`#/dashboard\?name=ingest-pipeline-dev-ingest$`, up.String(), "on AWS it is CloudWatch's")
	status, answer := post(t, up.url, `{"n":1}`)
	assert.Equal(t, http.StatusOK, status, answer)
	require.NoError(t, up.stop(), "%s", up)
	assert.Equal(t, []string{`{"n":1}`}, arrivedLines(t, dir), "what Firehose held was delivered at the end, long before its interval")
	_, err := http.Post(up.url, "application/json", strings.NewReader("{}"))
	assert.Error(t, err, "nobody listens any more")

	again := startUp(t, project, dir, commandline.Up{BufferInterval: time.Second})
	assert.Contains(t, again.String(), "no changes: all ")
	assert.Equal(t, up.url, again.url, "the endpoint keeps its address")
	assert.Equal(t, up.awsURL, again.awsURL)
	status, _ = post(t, again.url, `{"n":2}`)
	assert.Equal(t, http.StatusOK, status)
	again.shows(t, `1 event stored`)
	again.shows(t, `1 event in s3://\S+/raw/\S+`)
	require.NoError(t, again.stop())
	assert.ElementsMatch(t, []string{`{"n":1}`, `{"n":2}`}, arrivedLines(t, dir))

	destroy(t, project, dir)
}

// destroy destroys, and expects that nothing is left.
func destroy(t testing.TB, project, dir string) string {
	t.Helper()
	s, out := newApp(project)
	require.NoError(t, s.destroy(context.Background(), commandline.Destroy{Stack: "dev"}, dir), "%s", out)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, entries, "%s", out)
	return out.String()
}

func TestAnEditedSettingIsShownAsTheRightChange(t *testing.T) {
	t.Parallel()
	project, dir := copyProject(t), filepath.Join(t.TempDir(), "state")
	require.NoError(t, startUp(t, project, dir, commandline.Up{}).stop())

	edit(t, project, `bufferIntervalSeconds: 60`, `bufferIntervalSeconds: 90`)
	up := startUp(t, project, dir, commandline.Up{})
	assert.Regexp(t, `(?m)^  ~  aws:kinesis:FirehoseDeliveryStream .*updated`, up.String())
	assert.Contains(t, up.String(), "extendedS3Configuration.bufferingInterval: 60 => 90\n")
	assert.NotContains(t, up.String(), "replaced")
	require.NoError(t, up.stop())

	edit(t, project, "streamName: class-stream", "streamName: other-stream")
	up = startUp(t, project, dir, commandline.Up{})
	assert.Regexp(t, `(?m)^  \+- aws:kinesis:Stream .*replaced`, up.String())
	assert.Contains(t, up.String(), `name: "class-stream" => "other-stream" (replaces)`)
	status, answer := post(t, up.url, `{"n":1}`)
	assert.Equal(t, http.StatusOK, status, answer)
	require.NoError(t, up.stop())
	assert.Equal(t, []string{`{"n":1}`}, arrivedLines(t, dir))
	destroy(t, project, dir)
}

func TestInvalidSettingsAreReportedAsByTheProgram(t *testing.T) {
	t.Parallel()
	project := copyProject(t)
	edit(t, project, `retentionHours: 24`, `retentionHours: 12`)
	edit(t, project, `shardCount: 1`, `shardCount: 0`)
	s, out := newApp(project)
	err := s.up(context.Background(), commandline.Up{Stack: "dev"}, filepath.Join(t.TempDir(), "state"))
	require.Error(t, err, "%s", out)
	assert.Contains(t, err.Error(), "stream.retentionHours = 12: ")
	assert.Contains(t, err.Error(), "stream.shardCount = 0: ")
	assert.NotContains(t, err.Error(), "goroutine")
	assert.NotContains(t, err.Error(), "exit status")
	assert.NotContains(t, out.String(), "created")
}

func TestAStateFolderIsForOneProcessAtATime(t *testing.T) {
	t.Parallel()
	project, dir := copyProject(t), filepath.Join(t.TempDir(), "state")
	up := startUp(t, project, dir, commandline.Up{})
	s, _ := newApp(project)
	err := s.destroy(context.Background(), commandline.Destroy{Stack: "dev"}, dir)
	require.Error(t, err)
	assert.Contains(t, err.Error(), fmt.Sprintf("the state folder %s is in use by process %d", dir, os.Getpid()))
	s, _ = newApp(project)
	err = s.up(context.Background(), commandline.Up{Stack: "dev"}, dir)
	require.Error(t, err)
	assert.Contains(t, err.Error(), "is in use by process")
	status, _ := post(t, up.url, `{"n":1}`)
	assert.Equal(t, http.StatusOK, status, "who was first is not disturbed")
	require.NoError(t, up.stop())
	destroy(t, project, dir)
}

func TestPortsAreKeptGivenAndMoved(t *testing.T) {
	t.Parallel()
	project, dir := copyProject(t), filepath.Join(t.TempDir(), "state")
	taken, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	port := taken.Addr().(*net.TCPAddr).Port

	s, out := newApp(project)
	err = s.up(context.Background(), commandline.Up{Stack: "dev", Listen: commandline.Listen{Port: port}}, dir)
	require.Error(t, err)
	assert.Contains(t, err.Error(), fmt.Sprintf("--port = %d: must be a free port of 127.0.0.1 (bind: address already in use); end the process that uses it, or choose another port", port))
	assert.NotContains(t, out.String(), "created", "the error comes before anything is deployed")

	first := startUp(t, project, dir, commandline.Up{})
	require.NoError(t, first.stop())
	require.NoError(t, taken.Close())
	moved := startUp(t, project, dir, commandline.Up{Listen: commandline.Listen{Port: port}})
	assert.Contains(t, moved.url, fmt.Sprintf("http://127.0.0.1:%d/", port))
	assert.Contains(t, moved.String(), "the port of an endpoint has changed since the last run")
	status, _ := post(t, moved.url, `{"n":1}`)
	assert.Equal(t, http.StatusOK, status)
	require.NoError(t, moved.stop())

	// The next up wants the same address again, and says so if it cannot have it.
	taken, err = net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
	require.NoError(t, err)
	s, _ = newApp(project)
	err = s.up(context.Background(), commandline.Up{Stack: "dev"}, dir)
	require.Error(t, err)
	assert.Contains(t, err.Error(), fmt.Sprintf("--port = %d: must be a free port of 127.0.0.1 (bind: address already in use)", port))
	destroy(t, project, dir)
	require.NoError(t, taken.Close())
}

func TestNothingDeployedIsNothingToDestroy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	assert.Contains(t, destroy(t, copyProject(t), dir), "nothing to destroy: no stack was deployed to ")
}

func TestAStackThatKeepsItsDataIsDestroyedExceptForIt(t *testing.T) {
	t.Parallel()
	project, dir := copyProject(t), filepath.Join(t.TempDir(), "state")
	edit(t, project, `protectData: "false"`, `protectData: "true"`)
	up := startUp(t, project, dir, commandline.Up{})
	status, _ := post(t, up.url, `{"n":1}`)
	assert.Equal(t, http.StatusOK, status)
	require.NoError(t, up.stop())

	s, out := newApp(project)
	require.NoError(t, s.destroy(context.Background(), commandline.Destroy{Stack: "dev"}, dir), "%s", out)
	assert.Regexp(t, `left: aws:kinesis:Stream \S+ \(protected\)`, out.String())
	assert.Regexp(t, `left: aws:kinesis:FirehoseDeliveryStream \S+ \(protected\)`, out.String())
	assert.Regexp(t, `left: aws:s3:BucketV2 \S+ \(protected\)`, out.String())
	assert.Regexp(t, `left: 1 file in `, out.String())
	assert.Contains(t, out.String(), "to delete what is left, remove the folder ")
	assert.Equal(t, []string{`{"n":1}`}, arrivedLines(t, dir))
}
