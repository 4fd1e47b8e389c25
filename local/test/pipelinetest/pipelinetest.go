// Package pipelinetest runs the real program on the local target inside of a test, the way net/http/httptest runs a
// handler: Start, then send to URL, then look at Lines.
//
// It does without the engine: the program registers its resources with a monitor that hands each to the provider's Check
// and Create, in the order in which the program lets it. What the engine adds to that (previews, updates, state) is
// tested in package engine. Without the engine a pipeline is there within milliseconds, so each test can have its own.
package pipelinetest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/provider"
	"ingest-pipeline/pipeline"
)

// AccountID is the account that pipelines are in. It is not that of the local target, so that it shows where it leaks.
const AccountID = "111122223333"

// Options says how the pipeline differs from `pulumi up` of the dev stack. The zero value is that stack.
type Options struct {
	// Stack is the stack whose file is read. Default: dev.
	Stack string
	// Dir is the state folder. A pipeline that is in it already is not deployed again. Default: a new one.
	Dir string
	// Settings replace settings of the stack's file; throttle.burst is one of a group.
	Settings map[string]string
	// Clock drives the pipeline. Default: the machine's.
	Clock clockwork.Clock
	// Prepare is called before the program is deployed, to create what the program refers to.
	Prepare func(*aws.Cloud)
	// Hooks are called with what happens to events.
	Hooks aws.Hooks
	// MaxBufferInterval bounds Firehose's buffering. Default: as the stack declares it; tests use Flush.
	MaxBufferInterval time.Duration
	// ThrottleRate is the account's quota, in requests per second. Default: AWS's own.
	ThrottleRate float64
	// CannotDeliver says that the test leaves events behind that cannot be delivered, so that stopping will complain.
	CannotDeliver bool
	// Without leaves a resource out, by the last part of its type and its name, as if its lines were not in the program.
	Without func(typ, name string) bool
	// Change edits a resource's inputs before it is created.
	Change func(typ, name string, inputs resource.PropertyMap)
}

// Pipeline is a running pipeline.
type Pipeline struct {
	// URL accepts one event, BatchURL an array.
	URL, BatchURL string
	// Cloud is what the pipeline runs on.
	Cloud *aws.Cloud
	// Bucket is the name of the bucket, StreamName and DeliveryStream those of the streams.
	Bucket, StreamName, DeliveryStream string
	// APIKeys are the keys of access API_KEY by the names in apiKeys; otherwise none.
	APIKeys map[string]APIKey

	options Options
	server  *provider.Server
	client  *http.Client
}

// APIKey is an API key.
type APIKey struct{ ID, Value string }

// Start deploys the program and stops it when the test ends. It fails the test if the local target refuses a resource.
func Start(t testing.TB, options Options) *Pipeline {
	t.Helper()
	p, err := TryStart(t, options)
	require.NoError(t, err)
	return p
}

// TryStart is Start for programs that the local target may refuse.
func TryStart(t testing.TB, options Options) (*Pipeline, error) {
	t.Helper()
	if options.Stack == "" {
		options.Stack = "dev"
	}
	if options.Dir == "" {
		options.Dir = t.TempDir()
	}
	p := &Pipeline{options: options, client: &http.Client{
		Transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true},
	}}
	p.open(t)
	t.Cleanup(func() {
		p.client.CloseIdleConnections()
		p.close(t)
	})
	there, err := p.server.Resources()
	require.NoError(t, err)
	if len(there) == 0 {
		if options.Prepare != nil {
			options.Prepare(p.Cloud)
		}
		if err := p.deploy(t); err != nil {
			return nil, err
		}
	}
	p.find(t)
	return p, nil
}

// Restart stops the pipeline and starts it again over the same state folder, as after Ctrl-C.
func (p *Pipeline) Restart(t testing.TB) {
	t.Helper()
	p.client.CloseIdleConnections()
	p.close(t)
	p.open(t)
	p.find(t)
}

func (p *Pipeline) open(t testing.TB) {
	t.Helper()
	var err error
	p.Cloud, err = aws.Open(aws.Options{
		Dir: p.options.Dir, Account: iam.Account{ID: AccountID, Region: settings(t, p.options)["aws:region"]}, Clock: p.options.Clock,
		MaxBufferInterval: p.options.MaxBufferInterval, Hooks: p.options.Hooks,
		ThrottleRate: p.options.ThrottleRate, ThrottleBurst: int(p.options.ThrottleRate),
	})
	require.NoError(t, err)
	p.server, err = provider.Serve(p.Cloud)
	require.NoError(t, err)
}

func (p *Pipeline) close(t testing.TB) {
	t.Helper()
	require.NoError(t, p.server.Close())
	if err := p.Cloud.Close(context.Background()); !p.options.CannotDeliver {
		require.NoError(t, err)
	}
}

// deploy runs the program against the provider.
func (p *Pipeline) deploy(t testing.TB) error {
	t.Helper()
	m, err := newMonitor(p.server.Port(), p.options)
	require.NoError(t, err)
	defer m.close()
	return pulumi.RunErr(pipeline.Program, pulumi.WithMocks(project, p.options.Stack, m), func(info *pulumi.RunInfo) {
		info.Config, info.RootDirectory = settings(t, p.options), projectDir()
	})
}

// find reads from the resources what a person reads from the outputs.
func (p *Pipeline) find(t testing.TB) {
	t.Helper()
	resources, err := p.server.Resources()
	require.NoError(t, err)
	output := func(r provider.Resource, name string) string {
		text, _ := r.Outputs[name].(string)
		return text
	}
	p.APIKeys = map[string]APIKey{}
	for _, r := range resources {
		switch lastPart(r.Type) {
		case "Stage":
			p.URL = output(r, "invokeUrl") + "/v1"
			p.BatchURL = p.URL + "/batch"
		case "ApiKey":
			name := strings.TrimPrefix(output(r, "name"), "ingest-")
			p.APIKeys[name[:strings.LastIndex(name, "-")]] = APIKey{r.ID, output(r, "value")}
		case "BucketV2":
			p.Bucket = output(r, "bucket")
		case "Stream":
			p.StreamName = output(r, "name")
		case "FirehoseDeliveryStream":
			p.DeliveryStream = output(r, "name")
		}
	}
}

// Answer is what the endpoint answered.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Send sends a request and reads the whole answer. Headers are pairs of name and value; the content type is
// application/json unless they say otherwise.
func (p *Pipeline) Send(t testing.TB, method, url string, body []byte, headers ...string) Answer {
	t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), method, url, bytes.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header[headers[i]] = []string{headers[i+1]} // as it is spelled
	}
	response, err := p.client.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return Answer{response.StatusCode, response.Header, content}
}

// Post sends one event, or a batch to BatchURL.
func (p *Pipeline) Post(t testing.TB, url, body string, headers ...string) Answer {
	t.Helper()
	return p.Send(t, http.MethodPost, url, []byte(body), headers...)
}

// Flush makes Firehose deliver what it has, without waiting for its interval.
func (p *Pipeline) Flush(t testing.TB) {
	t.Helper()
	require.NoError(t, p.Cloud.Firehose.Flush(context.Background()))
}

// Lines are all lines of all objects below a folder of the bucket, without their newlines. A last line without a newline
// fails the test: it would run into the next one.
func (p *Pipeline) Lines(t testing.TB, folder string) []string {
	t.Helper()
	objects, err := p.Cloud.S3.Objects(p.Bucket, folder)
	require.NoError(t, err)
	var lines []string
	for _, object := range objects {
		content := p.read(t, object.Key)
		require.True(t, len(content) == 0 || content[len(content)-1] == '\n', "%s does not end with a newline", object.Key)
		scanner := bufio.NewScanner(bytes.NewReader(content))
		scanner.Buffer(nil, 16<<20)
		for scanner.Scan() {
			lines = append(lines, scanner.Text())
		}
		require.NoError(t, scanner.Err())
	}
	return lines
}

// read is an object's content, decompressed.
func (p *Pipeline) read(t testing.TB, key string) []byte {
	t.Helper()
	object, err := p.Cloud.S3.Get(p.Bucket, key)
	require.NoError(t, err)
	defer object.Close()
	var reader io.Reader = object
	if strings.HasSuffix(key, ".gz") {
		reader, err = gzip.NewReader(object)
		require.NoError(t, err)
	}
	content, err := io.ReadAll(reader)
	require.NoError(t, err)
	return content
}

// projectDir is the folder of Pulumi.yaml, from wherever the test runs.
func projectDir() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..", "..")
}
