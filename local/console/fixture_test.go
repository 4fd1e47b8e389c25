package console_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/console"
	"ingest-pipeline/local/test/pipelinetest"
)

// patience is far more than anything takes, also on a machine that is busy with other tests.
const patience = time.Minute

// fixture is a pipeline with its console.
type fixture struct {
	*pipelinetest.Pipeline
	t       testing.TB
	monitor *console.Monitor
	server  *console.Server
	token   string
	close   func() error
}

func start(t testing.TB, options pipelinetest.Options) *fixture {
	t.Helper()
	clock := options.Clock
	if clock == nil {
		clock = clockwork.NewRealClock()
	}
	f := &fixture{t: t, monitor: console.NewMonitor(clock)}
	options.Hooks = f.monitor.Hooks()
	f.Pipeline = pipelinetest.Start(t, options)
	f.serve()
	return f
}

// serve opens the console and finds the token of its page.
func (f *fixture) serve() {
	f.t.Helper()
	server, err := console.Serve(console.Options{
		Cloud: f.Cloud, Monitor: f.monitor, Project: projectDir(), Stack: "dev", AccessKey: aws.DefaultAccessKey,
	})
	require.NoError(f.t, err)
	f.server = server
	f.close = sync.OnceValue(server.Close)
	f.t.Cleanup(func() { require.NoError(f.t, f.close()) })
	response, err := http.Get(server.URL())
	require.NoError(f.t, err)
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	require.NoError(f.t, err)
	found := regexp.MustCompile(`name="console-token" content="(\w+)"`).FindSubmatch(page)
	require.NotNil(f.t, found, "%s", page)
	f.token = string(found[1])
}

// projectDir is the folder of Pulumi.yaml.
func projectDir() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..")
}

// request sends a request to the console; headers are pairs of name and value.
func (f *fixture) request(method, path, body string, headers ...string) (status int, content []byte, header http.Header) {
	f.t.Helper()
	request, err := http.NewRequestWithContext(f.t.Context(), method, f.server.URL()+strings.TrimPrefix(path, "/"), strings.NewReader(body))
	require.NoError(f.t, err)
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			request.Host = headers[i+1]
			continue
		}
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := (&http.Client{Timeout: patience}).Do(request)
	require.NoError(f.t, err)
	defer response.Body.Close()
	content, err = io.ReadAll(response.Body)
	require.NoError(f.t, err)
	return response.StatusCode, content, response.Header
}

// get reads what a part of the page shows.
func (f *fixture) get(path string, into any) {
	f.t.Helper()
	status, content, _ := f.request(http.MethodGet, path, "")
	require.Equal(f.t, http.StatusOK, status, "%s", content)
	require.NoError(f.t, json.Unmarshal(content, into), "%s", content)
}

// post does what the page does to change something.
func (f *fixture) post(path string, body, into any) {
	f.t.Helper()
	sent, err := json.Marshal(body)
	require.NoError(f.t, err)
	status, content, _ := f.request(http.MethodPost, path, string(sent), "Content-Type", "application/json", "X-Console-Token", f.token)
	require.Equal(f.t, http.StatusOK, status, "%s", content)
	require.NoError(f.t, json.Unmarshal(content, into), "%s", content)
}

// eventually waits for something that happens in another goroutine.
func (f *fixture) eventually(condition func() bool) {
	f.t.Helper()
	require.Eventually(f.t, condition, patience, 10*time.Millisecond)
}

// page is the stream of server-sent events of an open page.
type page struct {
	t     testing.TB
	body  io.Closer
	lines *bufio.Reader
}

// openPage opens the stream that a page has.
func (f *fixture) openPage() *page {
	f.t.Helper()
	request, err := http.NewRequestWithContext(f.t.Context(), http.MethodGet, f.server.URL()+"api/stream", nil)
	require.NoError(f.t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(f.t, err)
	f.t.Cleanup(func() { _ = response.Body.Close() })
	return &page{f.t, response.Body, bufio.NewReader(response.Body)}
}

// read returns the next event; an error when the stream has ended.
func (p *page) read() (name string, data []byte, err error) {
	var parts [3]string // event, data, and an empty line
	for i, prefix := range []string{"event: ", "data: ", ""} {
		line, err := p.lines.ReadString('\n')
		if err != nil {
			return "", nil, err
		}
		var found bool
		parts[i], found = strings.CutPrefix(strings.TrimSuffix(line, "\n"), prefix)
		require.True(p.t, found, "%s", line)
	}
	return parts[0], []byte(parts[1]), nil
}

// next waits for an event of a name.
func (p *page) next(name string, into any) {
	p.t.Helper()
	for {
		found, data, err := p.read()
		require.NoError(p.t, err)
		if found == name {
			require.NoError(p.t, json.Unmarshal(data, into), "%s", data)
			return
		}
	}
}

// route is a method of the endpoint as the page lists it.
type route struct{ APIID, Stage, Method, Path, Access string }

// sent is the answer to an event that the page has sent.
type sent struct {
	RequestID string
	Status    int
	Body      string
	Follow    followed
}

type followed struct {
	RequestID string
	Call      *struct {
		Action, Role, Request, Response, Problem string
		Status                                   int
	}
	Records []struct {
		PartitionKey, Data, ShardID, SequenceNumber, ErrorCode, Bucket, Key string
		Line                                                                int
	}
	Buffer *struct{ DeliveryStream string }
	Done   bool
}

// send sends a body to a path of the endpoint as the page does.
func (f *fixture) send(path, body string, more map[string]any) sent {
	f.t.Helper()
	var routes []route
	f.get("/api/send/routes", &routes)
	request := map[string]any{"path": path, "body": body, "method": "POST", "headers": map[string]string{"Content-Type": "application/json"}}
	for _, r := range routes {
		request["apiId"], request["stage"] = r.APIID, r.Stage
	}
	for name, value := range more {
		request[name] = value
	}
	var answer sent
	f.post("/api/send", request, &answer)
	return answer
}
