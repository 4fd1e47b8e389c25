package clients

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/test/pipelinetest"
)

// sample is a program of docs/clients.md.
type sample struct {
	language, file string
	// command runs the file.
	command []string
}

var samples = []sample{
	{"python", "client.py", []string{python()}},
	{"go", "client.go", []string{"go", "run"}},
	{"js", "client.mjs", []string{"node"}},
}

func python() string {
	if runtime.GOOS == "windows" {
		return "python"
	}
	return "python3"
}

// program writes the program into a folder of its own, and returns what runs it.
func (s sample) program(t *testing.T) []string {
	t.Helper()
	if _, err := exec.LookPath(s.command[0]); err != nil {
		t.Skipf("needs %s: %v", s.command[0], err)
	}
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "clients.md"))
	require.NoError(t, err)
	block := regexp.MustCompile("(?ms)^```" + s.language + "\n(.*?)^```").FindSubmatch(page)
	require.NotNil(t, block)
	file := filepath.Join(t.TempDir(), s.file)
	require.NoError(t, os.WriteFile(file, block[1], 0o600))
	return append(s.command, file)
}

// badConnection answers in the place of an endpoint, or breaks the connection, at certain requests.
type badConnection struct {
	endpoint http.Handler

	mu       sync.Mutex
	requests []string
}

func newBadConnection(t *testing.T, endpoint string) (connection *badConnection, url string) {
	t.Helper()
	connection = &badConnection{endpoint: httputil.NewSingleHostReverseProxy(parse(t, endpoint))}
	server := httptest.NewServer(connection)
	t.Cleanup(server.Close)
	return connection, server.URL + parse(t, endpoint).Path
}

func parse(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	return u
}

func (c *badConnection) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	c.mu.Lock()
	c.requests = append(c.requests, strings.TrimSpace(string(body)))
	request := len(c.requests)
	c.mu.Unlock()
	r.Body, r.URL.Path, r.RequestURI = io.NopCloser(bytes.NewReader(body)), "", ""
	switch request {
	case 2:
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(http.StatusTooManyRequests)
	case 4:
		panic(http.ErrAbortHandler) // the endpoint never gets it
	case 6:
		c.endpoint.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler) // the client never gets the answer
	case 8:
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(http.StatusServiceUnavailable)
	default:
		c.endpoint.ServeHTTP(w, r)
	}
}

func TestTheSamplesSendEachEventUntilItIsStored(t *testing.T) {
	for _, s := range samples {
		t.Run(s.language, func(t *testing.T) {
			t.Parallel()
			command := s.program(t)
			p := pipelinetest.Start(t, pipelinetest.Options{})
			connection, url := newBadConnection(t, p.URL)

			cmd := exec.CommandContext(t.Context(), command[0], append(command[1:], url)...)
			var input, messages bytes.Buffer
			for n := range 5 {
				fmt.Fprintf(&input, "{\"n\":%d}\n", n)
			}
			input.WriteString("[\"no object\"]\n{\"n\":5}\n")
			cmd.Stdin, cmd.Stderr = &input, &messages
			require.NoError(t, cmd.Run(), "%s", &messages)

			assert.Equal(t, []string{
				`{"n":0}`, `{"n":1}`, `{"n":1}`, `{"n":2}`, `{"n":2}`, `{"n":3}`, `{"n":3}`, `{"n":4}`, `{"n":4}`, `["no object"]`, `{"n":5}`,
			}, connection.requests)
			assert.Regexp(t, `(?m)^.*refused: \["no object"\]: .*BAD_REQUEST_BODY`, messages.String())
			p.Flush(t)
			assert.ElementsMatch(t, []string{
				`{"n":0}`, `{"n":1}`, `{"n":2}`, `{"n":3}`, `{"n":3}`, `{"n":4}`, `{"n":5}`,
			}, p.Lines(t, "raw/"), "one is stored twice, because its answer was lost")
		})
	}
}

func TestTheSamplesStopAtA403(t *testing.T) {
	for _, s := range samples {
		t.Run(s.language, func(t *testing.T) {
			t.Parallel()
			command := s.program(t)
			p := pipelinetest.Start(t, pipelinetest.Options{})
			connection, url := newBadConnection(t, strings.TrimSuffix(p.URL, "/v1")+"/no-such-path")

			cmd := exec.CommandContext(t.Context(), command[0], append(command[1:], url)...)
			cmd.Stdin = strings.NewReader("{\"n\":0}\n{\"n\":1}\n")
			output, err := cmd.CombinedOutput()
			var exit *exec.ExitError
			require.ErrorAs(t, err, &exit, "%s", output)
			assert.Regexp(t, `stopped at \{"n":0\}: 403 .*MISSING_AUTHENTICATION_TOKEN`, string(output))
			assert.Equal(t, []string{`{"n":0}`}, connection.requests)
		})
	}
}
