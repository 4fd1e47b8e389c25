//go:build unix

package contract_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/aws/kinesis"
	"ingest-pipeline/local/internal/progress"
	"ingest-pipeline/local/test/pipelinetest"
	"ingest-pipeline/local/tools/send"
)

// Two variables make the test binary a process that serves the pipeline over a folder, until it is killed: by itself, in
// the middle of a request, when it has stored so many records.
const (
	stateFolder = "CONTRACT_STATE_FOLDER"
	killAfter   = "CONTRACT_KILL_AFTER"
)

// TestServeForKill is no test by itself: it is what TestSendLosesNothingWhenTheLocalTargetIsKilled starts.
func TestServeForKill(t *testing.T) {
	dir := os.Getenv(stateFolder)
	if dir == "" {
		return
	}
	most, err := strconv.ParseInt(os.Getenv(killAfter), 10, 64)
	require.NoError(t, err)
	var stored atomic.Int64
	p := pipelinetest.Start(t, pipelinetest.Options{
		Dir: dir, MaxBufferInterval: time.Second,
		Settings: map[string]string{"stream.shardCount": "40", "throttle.requestsPerSecond": "10000", "throttle.burst": "5000", "logs.level": "OFF"},
		Hooks: aws.Hooks{OnPut: func(kinesis.Put) {
			if stored.Add(1) == most {
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			}
		}},
	})
	fmt.Printf("\nserving %s %s\n", p.URL, p.Bucket)
	_, _ = io.Copy(io.Discard, os.Stdin) // until the parent is gone
}

// serve starts a process over the folder, which is killed when it has stored so many records, and waits until it serves.
func serve(t *testing.T, dir string, after int64) (cmd *exec.Cmd, url, bucket string) {
	t.Helper()
	cmd = exec.Command(os.Args[0], "-test.run=^TestServeForKill$", "-test.count=1")
	cmd.Env = append(os.Environ(), stateFolder+"="+dir, killAfter+"="+fmt.Sprint(after))
	var printed, failed bytes.Buffer // the process's stderr is written from another goroutine
	cmd.Stderr = &failed
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = stdin.Close() })
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if _, err := fmt.Sscanf(lines.Text(), "serving %s %s", &url, &bucket); err == nil {
			go func() { _, _ = io.Copy(io.Discard, stdout) }()
			return cmd, url, bucket
		}
		fmt.Fprintln(&printed, lines.Text())
	}
	_ = cmd.Wait()
	t.Fatalf("the process did not come up: %s%s", printed.String(), failed.String())
	return nil, "", ""
}

func TestSendLosesNothingWhenTheLocalTargetIsKilled(t *testing.T) {
	if os.Getenv(stateFolder) != "" {
		return
	}
	dir := t.TempDir()
	kills := []int64{100, 500, 2000}
	cmd, url, bucket := serve(t, dir, kills[0])
	var summary, shown bytes.Buffer
	sent := make(chan error, 1)
	go func() {
		sent <- send.Run(context.Background(), send.Options{
			URL: url, Count: 5000, BatchSize: 5,
			Verify: true, Objects: filepath.Join(dir, "s3", bucket, "raw"), VerifyTimeout: 2 * time.Minute,
		}, &summary, &progress.Display{Out: &shown})
	}()
	for i := range kills {
		require.ErrorContains(t, cmd.Wait(), "signal: killed")
		after := int64(-1) // never again
		if i+1 < len(kills) {
			after = kills[i+1]
		}
		var again string
		cmd, again, _ = serve(t, dir, after)
		require.Equal(t, url, again)
	}
	require.NoError(t, <-sent, "%s\n%s", &summary, &shown)
	assert.Regexp(t, `(?m)^found +5,000 of 5,000 accepted events`, summary.String())
	assert.Regexp(t, `(?m)^missing +0$`, summary.String())
	assert.Regexp(t, `(?m)^sent again .*no (connection|response)`, summary.String())
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait()
}
