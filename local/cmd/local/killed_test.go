package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/cmd/local/commandline"
)

// process is the command in a process of its own, which can be killed.
type process struct {
	*screen
	cmd *exec.Cmd
}

func startProcess(t *testing.T, project string, args ...string) *process {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	p := &process{screen: &screen{}, cmd: exec.Command(self, args...)}
	p.cmd.Dir = project
	p.cmd.Env = append(os.Environ(), runAsCommand+"=yes")
	p.cmd.Stdout, p.cmd.Stderr = p.screen, p.screen
	require.NoError(t, p.cmd.Start())
	t.Cleanup(p.kill)
	return p
}

// kill ends the process without a chance to do anything.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it has ended meanwhile
	_ = p.cmd.Wait()
}

func TestWhatWasAcknowledgedBeforeAKillArrivesAfterTheNextUp(t *testing.T) {
	t.Parallel()
	project, dir := copyProject(t), filepath.Join(t.TempDir(), "state")
	killed := startProcess(t, project, "up", "--state", dir)
	killed.shows(t, "(serving until Ctrl-C)")
	url := killed.shows(t, `  url +(http://\S+)`)
	status, answer := post(t, url, `{"n":1}`)
	require.Equal(t, http.StatusOK, status, answer)
	killed.kill()
	require.Empty(t, arrivedLines(t, dir), "it was in Firehose's buffer")

	up := startUp(t, project, dir, commandline.Up{BufferInterval: time.Second})
	assert.Contains(t, up.String(), "no changes: all ")
	assert.Equal(t, url, up.url)
	up.shows(t, `1 event in s3://\S+/raw/\S+`)
	require.NoError(t, up.stop())
	assert.Equal(t, []string{`{"n":1}`}, arrivedLines(t, dir))
	destroy(t, project, dir)
}

func TestADeploymentThatWasKilledIsFinishedByTheNextUp(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]string{
		"early, when the stream was made":   `aws:kinesis:Stream .*created`,
		"later, when the methods were made": `aws:apigateway:Method .*created`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			project, dir := copyProject(t), filepath.Join(t.TempDir(), "state")
			killed := startProcess(t, project, "up", "--state", dir)
			killed.shows(t, "("+at+")")
			killed.kill()

			up := startUp(t, project, dir, commandline.Up{BufferInterval: time.Second})
			t.Logf("%s", up)
			assert.Contains(t, up.String(), "an earlier run was killed; recovered from it:")
			status, answer := post(t, up.url, `{"n":1}`)
			assert.Equal(t, http.StatusOK, status, answer)
			up.shows(t, `1 event in s3://\S+/raw/\S+`)
			require.NoError(t, up.stop())
			again := startUp(t, project, dir, commandline.Up{})
			assert.Contains(t, again.String(), "no changes: all ")
			assert.NotContains(t, again.String(), "recovered")
			require.NoError(t, again.stop())
			destroy(t, project, dir)
		})
	}
}

// repetitions is how often a test does what takes long: the number in an environment variable, or else preset.
func repetitions(t *testing.T, env string, preset int) int {
	t.Helper()
	text := os.Getenv(env)
	if text == "" {
		return preset
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, env)
	return n
}

// killsEnv is how many deployments TestADeploymentThatIsKilledAtAnyMomentIsFinishedByTheNextUp kills. Default: 2.
const killsEnv = "INGEST_PIPELINE_TEST_KILLS"

func TestADeploymentThatIsKilledAtAnyMomentIsFinishedByTheNextUp(t *testing.T) {
	t.Parallel()
	project := copyProject(t)
	undisturbed := filepath.Join(t.TempDir(), "state")
	start := time.Now()
	up := startProcess(t, project, "up", "--state", undisturbed)
	up.shows(t, "(serving until Ctrl-C)")
	whole := time.Since(start)
	up.kill()
	for range repetitions(t, killsEnv, 2) {
		after := rand.N(whole)
		t.Run(fmt.Sprintf("after %s of %s", after, whole), func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "state")
			killed := startProcess(t, project, "up", "--state", dir)
			<-time.After(after) // the moment is what is tested
			killed.kill()

			up := startUp(t, project, dir, commandline.Up{BufferInterval: time.Second})
			t.Logf("%s", up)
			status, answer := post(t, up.url, `{"n":1}`)
			require.Equal(t, http.StatusOK, status, answer)
			up.shows(t, `1 event in s3://\S+/raw/\S+`)
			require.NoError(t, up.stop())
			destroy(t, project, dir)
		})
	}
}
