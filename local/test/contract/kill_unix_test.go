//go:build unix

package contract_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/test/pipelinetest"
)

// stateFolder makes the test binary a process that serves the pipeline over a folder until it is killed.
const stateFolder = "CONTRACT_STATE_FOLDER"

var enough = map[string]string{
	"shardCount": "40", "throttleRequestsPerSecond": "10000", "throttleBurst": "5000", "logLevel": "OFF",
}

// TestServeForKill is no test by itself: it is what TestEveryAcknowledgedEventSurvivesKill9 starts and kills.
func TestServeForKill(t *testing.T) {
	dir := os.Getenv(stateFolder)
	if dir == "" {
		return
	}
	p := pipelinetest.Start(t, pipelinetest.Options{Dir: dir, Settings: enough})
	fmt.Printf("\nurl %s\n", p.URL)
	_, _ = io.Copy(io.Discard, os.Stdin) // until the parent is gone
}

// serve starts a process over the folder and waits for its URL.
func serve(t *testing.T, dir string) (*exec.Cmd, string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestServeForKill$", "-test.count=1")
	cmd.Env = append(os.Environ(), stateFolder+"="+dir)
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
		if url, found := strings.CutPrefix(lines.Text(), "url "); found {
			go func() { _, _ = io.Copy(io.Discard, stdout) }()
			return cmd, url
		}
		fmt.Fprintln(&printed, lines.Text())
	}
	_ = cmd.Wait()
	t.Fatalf("the process did not come up: %s%s", printed.String(), failed.String())
	return nil, ""
}

// load sends numbered events from several clients, and kills the process after so many acknowledgements.
func load(t *testing.T, cmd *exec.Cmd, url string, next *atomic.Int64, acknowledged *sync.Map, killAfter int64) {
	t.Helper()
	var wait sync.WaitGroup
	var count atomic.Int64
	for range 16 {
		wait.Go(func() {
			http := &http.Client{Transport: &http.Transport{}}
			defer http.CloseIdleConnections()
			for {
				n := next.Add(1)
				response, err := http.Post(url, "application/json", strings.NewReader(fmt.Sprintf(`{"n":%d}`, n)))
				if err != nil {
					return // killed
				}
				_, err = io.Copy(io.Discard, response.Body)
				_ = response.Body.Close()
				if err != nil {
					return
				}
				if response.StatusCode == 200 {
					acknowledged.Store(int(n), true)
					if count.Add(1) == killAfter {
						_ = cmd.Process.Kill()
					}
				}
			}
		})
	}
	wait.Wait()
	_ = cmd.Wait()
}

func TestEveryAcknowledgedEventSurvivesKill9(t *testing.T) {
	if os.Getenv(stateFolder) != "" {
		return
	}
	dir := t.TempDir()
	var next atomic.Int64
	var acknowledged sync.Map
	for _, killAfter := range []int64{1, 500, 2000} {
		cmd, url := serve(t, dir)
		load(t, cmd, url, &next, &acknowledged, killAfter)
	}
	p := pipelinetest.Start(t, pipelinetest.Options{Dir: dir, Settings: enough})
	p.Flush(t)
	want := map[int]bool{}
	acknowledged.Range(func(n, _ any) bool {
		want[n.(int)] = true
		return true
	})
	require.GreaterOrEqual(t, len(want), 2501)
	wantAll(t, want, count(t, p.Lines(t, "raw/")))
}
