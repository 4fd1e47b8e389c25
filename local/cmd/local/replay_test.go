package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAReplayThatWasKilledContinuesWithoutSendingAnythingAccepted(t *testing.T) {
	t.Parallel()
	const events, killAt, concurrency = 500, 100, 8
	var mu sync.Mutex
	var once sync.Once
	received := map[string]int{}
	reached := make(chan struct{})
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		received[string(body)]++
		if len(received) == killAt {
			once.Do(func() { close(reached) }) // an event may come twice
		}
		mu.Unlock()
		_, _ = io.WriteString(w, `{"requestId":"r","shardId":"shardId-000000000000","sequenceNumber":"1"}`)
	}))
	defer endpoint.Close()
	from := t.TempDir()
	var lines strings.Builder
	for n := range events {
		fmt.Fprintf(&lines, "{\"n\":%d}\n", n)
	}
	require.NoError(t, os.WriteFile(filepath.Join(from, "events"), []byte(lines.String()), 0o600))

	args := []string{"replay", endpoint.URL + "/PROD/v1", "--from", from, "--raw", "--rate", "1000"}
	project := copyProject(t)
	killed := startProcess(t, project, args...)
	<-reached
	killed.kill()
	again := startProcess(t, project, args...)
	require.NoError(t, again.cmd.Wait(), again)

	require.Len(t, received, events)
	repeated := 0
	for _, times := range received {
		repeated += times - 1
	}
	assert.LessOrEqual(t, repeated, concurrency, "only what was in flight is sent again")
	again.shows(t, `sent before +[1-9][0-9]+, skipped`)

	third := startProcess(t, project, args...)
	require.NoError(t, third.cmd.Wait(), third)
	third.shows(t, `accepted +0\n`)
	third.shows(t, `sent before +500, skipped`)
	assert.Len(t, received, events)
}
