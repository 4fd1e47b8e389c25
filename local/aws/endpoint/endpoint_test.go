package endpoint

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/internal/protocol"
	"ingest-pipeline/local/aws/internal/sigv4"
)

var (
	account = iam.Account{ID: "123456789012", Region: "eu-west-1", Partition: "aws"}
	key     = iam.AccessKey{ID: "LOCAL", Secret: "LOCAL"}
)

type fixture struct {
	t      *testing.T
	server *httptest.Server
	clock  *clockwork.FakeClock
}

type object struct{ body []byte }

// ServeAPI notes the body, or answers with the error of reading it.
func (o *object) ServeAPI(w http.ResponseWriter, r *http.Request, caller *iam.Session) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		o.RefuseAPI(w, r, err)
		return
	}
	o.body = body
	_, _ = io.WriteString(w, caller.ARN())
}

func (o *object) RefuseAPI(w http.ResponseWriter, _ *http.Request, err error) {
	http.Error(w, err.Error(), http.StatusForbidden)
}

type echo struct{ Text *string }

func start(t *testing.T) *fixture {
	f := &fixture{t: t, clock: clockwork.NewFakeClockAt(time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC))}
	actions := []protocol.Action{protocol.Handle("Echo", func(_ context.Context, call *protocol.Call, in *echo) (*echo, error) {
		return in, call.Authorize("things:Echo", "*")
	})}
	handler := New(Options{
		Account: account, Clock: f.clock, IAM: iam.New(account, iam.WithClock(f.clock), iam.WithAccessKey(key)), S3: &object{},
		Services: []protocol.Service{
			{Name: "kinesis", Target: "Kinesis_20131202", Actions: actions},
			{Name: "sts", Version: "2011-06-15", Actions: actions},
		},
	})
	f.server = httptest.NewUnstartedServer(nil)
	f.server.Config = NewServer(handler)
	f.server.Start()
	t.Cleanup(f.server.Close)
	return f
}

// request is what a test changes of a good one.
type request struct {
	method, path, body, service, region, content, target, host, origin string
	key                                                                iam.AccessKey
	age                                                                time.Duration
	unsigned                                                           bool
	change                                                             func(*http.Request)
}

func (f *fixture) send(q request) (status int, body string) {
	f.t.Helper()
	if q.method == "" {
		q.method = "POST"
	}
	if q.region == "" {
		q.region = account.Region
	}
	if q.key.ID == "" {
		q.key = key
	}
	r, err := http.NewRequest(q.method, f.server.URL+"/"+q.path, strings.NewReader(q.body))
	require.NoError(f.t, err)
	for name, value := range map[string]string{"Content-Type": q.content, "X-Amz-Target": q.target, "Origin": q.origin} {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	if q.host != "" {
		r.Host = q.host
	}
	if !q.unsigned {
		hash := sigv4.Hash([]byte(q.body))
		if q.service == "s3" {
			r.Header.Set("X-Amz-Content-Sha256", hash)
		}
		signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = q.service == "s3" })
		require.NoError(f.t, signer.SignHTTP(context.Background(), sdk.Credentials{AccessKeyID: q.key.ID, SecretAccessKey: q.key.Secret},
			r, hash, q.service, q.region, f.clock.Now().Add(-q.age)))
	}
	if q.change != nil {
		q.change(r)
	}
	response, err := f.server.Client().Do(r)
	require.NoError(f.t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	require.NoError(f.t, err)
	return response.StatusCode, string(content)
}

func inJSON(body string) request {
	return request{service: "kinesis", content: "application/x-amz-json-1.1", target: "Kinesis_20131202.Echo", body: body}
}

func inQuery(service string) request {
	return request{service: service, content: "application/x-www-form-urlencoded", body: "Action=Echo&Text=a"}
}

func inS3() request {
	return request{service: "s3", method: "PUT", path: "archive/a%20b", body: "hello"}
}

func TestTheServiceIsThatOfTheSignature(t *testing.T) {
	f := start(t)
	status, body := f.send(inJSON(`{"Text":"a"}`))
	assert.Equal(t, 200, status)
	assert.Equal(t, `{"Text":"a"}`, body)
	status, body = f.send(inQuery("sts"))
	assert.Equal(t, 200, status)
	assert.Contains(t, body, "<EchoResult><Text>a</Text></EchoResult>")
	global := inQuery("sts")
	global.region = "us-east-1"
	status, _ = f.send(global)
	assert.Equal(t, 200, status, "STS has an endpoint for the world")
	status, body = f.send(inS3())
	assert.Equal(t, 200, status, body)
	assert.Equal(t, "arn:aws:iam::123456789012:user/admin", body)
}

func TestARequestThatIsNotAuthenticIsRefusedInTheWordsOfItsProtocol(t *testing.T) {
	f := start(t)
	for name, c := range map[string]struct {
		request request
		change  func(*request)
		status  int
		want    string
	}{
		"JSON, not signed":   {inJSON("{}"), func(q *request) { q.unsigned = true }, 400, `{"__type":"MissingAuthenticationTokenException","message":"Missing Authentication Token"}`},
		"JSON, wrong secret": {inJSON("{}"), func(q *request) { q.key = iam.AccessKey{ID: "LOCAL", Secret: "x"} }, 400, `{"__type":"InvalidSignatureException","message":"The request signature we calculated does not match`},
		"JSON, unknown key":  {inJSON("{}"), func(q *request) { q.key = iam.AccessKey{ID: "AKIA", Secret: "x"} }, 400, `{"__type":"UnrecognizedClientException","message":"The security token included in the request is invalid."}`},
		"JSON, another body": {inJSON("{}"), func(q *request) {
			q.change = func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(`{ `)); r.ContentLength = 2 }
		}, 400, "SerializationException"},
		"JSON, changed":       {inJSON("{}"), func(q *request) { q.change = func(r *http.Request) { r.Header.Set("X-Amz-Date", "20260304T050608Z") } }, 400, "InvalidSignatureException"},
		"JSON, too old":       {inJSON("{}"), func(q *request) { q.age = 6 * time.Minute }, 400, `"message":"Signature expired: 20260304T050007Z is now earlier than`},
		"JSON, too new":       {inJSON("{}"), func(q *request) { q.age = -6 * time.Minute }, 400, `"message":"Signature not yet current`},
		"JSON, region":        {inJSON("{}"), func(q *request) { q.region = "eu-west-3" }, 400, "Credential should be scoped to a valid region"},
		"JSON, service":       {inJSON("{}"), func(q *request) { q.service = "dynamodb" }, 400, "The service dynamodb is not offered by the local target, only kinesis, s3, sts."},
		"JSON, action":        {inJSON("{}"), func(q *request) { q.target = "Kinesis_20131202.Dance" }, 400, "The action Dance of kinesis is not offered by the local target, only Echo."},
		"JSON, not readable":  {inJSON("{"), func(q *request) { q.unsigned = true }, 400, `{"__type":"SerializationException"}`},
		"no protocol":         {inJSON("{}"), func(q *request) { q.content = "" }, 403, "Unable to determine service/operation name to be authorized"},
		"none, not signed":    {inJSON("{}"), func(q *request) { q.content, q.unsigned = "", true }, 403, "<MissingAuthenticationTokenException>\n  <Message>Missing Authentication Token</Message>\n</MissingAuthenticationTokenException>\n"},
		"by the host's name":  {inJSON("{}"), func(q *request) { q.target, q.unsigned, q.host = "", true, "kinesis.localhost:4566" }, 400, `{"__type":"UnknownOperationException"}`},
		"Query, not signed":   {inQuery("sts"), func(q *request) { q.unsigned = true }, 403, "<Code>MissingAuthenticationToken</Code>"},
		"Query, wrong secret": {inQuery("sts"), func(q *request) { q.key = iam.AccessKey{ID: "LOCAL", Secret: "x"} }, 403, "<Code>SignatureDoesNotMatch</Code>"},
		"Query, unknown key":  {inQuery("sts"), func(q *request) { q.key = iam.AccessKey{ID: "AKIA", Secret: "x"} }, 403, "<Code>InvalidClientTokenId</Code>"},
		"Query, service":      {inQuery("ec2"), nil, 400, "The service ec2 is not offered by the local target"},
		"S3, not signed":      {inS3(), func(q *request) { q.unsigned = true }, 403, "AccessDenied: Access Denied"},
		"S3, wrong secret":    {inS3(), func(q *request) { q.key = iam.AccessKey{ID: "LOCAL", Secret: "x"} }, 403, "SignatureDoesNotMatch"},
		"S3, unknown key":     {inS3(), func(q *request) { q.key = iam.AccessKey{ID: "AKIA", Secret: "x"} }, 403, "InvalidAccessKeyId"},
		"S3, too old":         {inS3(), func(q *request) { q.age = time.Hour }, 403, "RequestTimeTooSkewed"},
		"S3, another body": {inS3(), func(q *request) {
			q.change = func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("HELLO")) }
		}, 403, "XAmzContentSHA256Mismatch"},
		"S3, no hash":     {inS3(), func(q *request) { q.change = func(r *http.Request) { r.Header.Del("X-Amz-Content-Sha256") } }, 403, "Missing required header"},
		"of a web page":   {inJSON("{}"), func(q *request) { q.origin = "https://evil.example" }, 403, "only programs of this machine"},
		"of another name": {inJSON("{}"), func(q *request) { q.host = "evil.example" }, 403, "only programs of this machine"},
		"of a lookalike":  {inJSON("{}"), func(q *request) { q.host = "127.0.0.1.evil.example" }, 403, "only programs of this machine"},
	} {
		t.Run(name, func(t *testing.T) {
			q := c.request
			if c.change != nil {
				c.change(&q)
			}
			status, body := f.send(q)
			assert.Equal(t, c.status, status)
			assert.Contains(t, body, c.want)
		})
	}
}

func TestABodyOfAHundredMegabytesIsRefusedWithoutBeingKept(t *testing.T) {
	f := start(t)
	for name, length := range map[string]int64{"announced": 100 << 20, "not announced": -1} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			r, err := http.NewRequest("POST", f.server.URL, io.LimitReader(zeros{}, 100<<20))
			require.NoError(t, err)
			r.ContentLength = length
			r.Header.Set("Content-Type", "application/x-amz-json-1.1")
			r.Header.Set("X-Amz-Target", "Kinesis_20131202.Echo")
			if response, err := f.server.Client().Do(r); err == nil { // or the connection is closed while the client still sends
				body, _ := io.ReadAll(response.Body)
				require.NoError(t, response.Body.Close())
				assert.Equal(t, 413, response.StatusCode)
				assert.Contains(t, string(body), "RequestEntityTooLargeException")
			}
			runtime.ReadMemStats(&after)
			assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(48<<20))
		})
	}
	status, _ := f.send(inJSON(`{}`))
	assert.Equal(t, 200, status)
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestAThousandSlowConnectionsHoldNobodyUp(t *testing.T) {
	f := start(t)
	head := "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: 7000000\r\n\r\n"
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var opened sync.WaitGroup
	connections := make([]net.Conn, 1000)
	for i := range connections {
		opened.Go(func() {
			c, err := net.Dial("tcp4", f.server.Listener.Addr().String())
			if assert.NoError(t, err) {
				connections[i] = c
				part := head[:20+i%len(head[20:])]
				if i%2 == 0 {
					part = head + `{"Text":"`
				}
				_, err = io.Copy(c, bytes.NewReader([]byte(part)))
				assert.NoError(t, err)
			}
		})
	}
	opened.Wait()
	defer func() {
		for _, c := range connections {
			if c != nil {
				_ = c.Close()
			}
		}
	}()
	for range 100 {
		status, _ := f.send(inJSON(`{}`))
		require.Equal(t, 200, status)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	assert.Less(t, int64(after.HeapAlloc)-int64(before.HeapAlloc), int64(160<<20))
}
