package apigateway

import (
	"context"
	"io"
	"math"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/internal/apitest"
	"ingest-pipeline/local/aws/internal/sigv4"
	"ingest-pipeline/local/aws/logs"
)

// The account, the API and the moment that all tests happen in.
var (
	testAccount = iam.Account{ID: "123456789012", Region: "eu-west-1", Partition: "aws"}
	testMoment  = time.Date(2026, time.March, 4, 5, 6, 7, 0, time.UTC)
)

const (
	testAPI      = "a1b2c3d4e5"
	testURI      = "arn:aws:apigateway:eu-west-1:kinesis:action/PutRecord"
	testRole     = "arn:aws:iam::123456789012:role/apigatewayToKinesis"
	testLogRole  = "arn:aws:iam::123456789012:role/apigatewayToCloudWatch"
	trustGateway = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	storedAnswer = `{"SequenceNumber":"49","ShardId":"shardId-000000000000"}`
	// A template that many tutorials have.
	naiveTemplate = "#set ( $enter = \"\n\")\n#set($json = \"$input.json('$')$enter\")\n{\n\"Data\": \"$util.base64Encode(\"$json\")\",\n" +
		"\"PartitionKey\": \"$input.params('X-Amzn-Trace-Id')\",\n\"StreamName\": \"class-stream\"\n}"
)

// backend is a service that remembers what it was asked, and answers what it is told to.
type backend struct {
	mu     sync.Mutex
	calls  []backendCall
	status int
	answer string
	during func(ctx context.Context) // runs inside each call
}

type backendCall struct {
	role, action, body string
}

func (b *backend) Call(ctx context.Context, caller *iam.Session, action string, body []byte) (int, []byte) {
	b.mu.Lock()
	b.calls = append(b.calls, backendCall{caller.RoleARN(), action, string(body)})
	during, status, answer := b.during, b.status, b.answer
	b.mu.Unlock()
	if during != nil {
		during(ctx)
	}
	return status, []byte(answer)
}

func (b *backend) answers(status int, body string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.status, b.answer = status, body
}

func (b *backend) received() []backendCall {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]backendCall(nil), b.calls...)
}

// last is the body of the last call.
func (b *backend) last(t *testing.T) string {
	t.Helper()
	calls := b.received()
	require.NotEmpty(t, calls, "the backend was not called")
	return calls[len(calls)-1].body
}

// fixture is a service with one API, /v1 with the method POST that calls the backend, as the tests need it.
type fixture struct {
	*Service
	t       testing.TB
	dir     string
	clock   *clockwork.FakeClock
	iam     *iam.Service
	logs    *logs.Service
	backend *backend
	root    string
	v1      string
	client  *http.Client
}

// newFixture opens a service whose API has only its root and /v1.
func newFixture(t testing.TB, change ...func(*Options)) *fixture {
	t.Helper()
	f := &fixture{
		t: t, dir: t.TempDir(), clock: clockwork.NewFakeClockAt(testMoment),
		backend: &backend{status: 200, answer: storedAnswer}, client: &http.Client{},
	}
	f.iam = iam.New(testAccount, iam.WithClock(f.clock), iam.WithAccessKey(adminKey))
	_, err := f.iam.CreateRole(iam.Role{Name: "apigatewayToKinesis", TrustPolicy: trustGateway})
	require.NoError(t, err)
	f.logs, err = logs.Open(logs.Options{Dir: t.TempDir(), Account: testAccount, Clock: f.clock})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.logs.Close()) })
	f.open(change...)
	api, err := f.createRestAPI(testAPI, RestAPI{Name: "events", EndpointType: "REGIONAL"})
	require.NoError(t, err)
	f.root = api.RootResourceID
	f.v1 = f.addResource(f.root, "v1")
	t.Cleanup(f.client.CloseIdleConnections)
	return f
}

func (f *fixture) open(change ...func(*Options)) {
	f.t.Helper()
	options := Options{
		Dir: f.dir, Account: testAccount, Clock: f.clock, IAM: f.iam, Logs: f.logs,
		Services:     map[string]Backend{"kinesis": f.backend},
		ThrottleRate: math.Inf(1),
	}
	for _, c := range change {
		c(&options)
	}
	service, err := Open(options)
	require.NoError(f.t, err)
	f.Service = service
	f.t.Cleanup(func() { require.NoError(f.t, service.Close(context.Background())) })
}

func (f *fixture) addResource(parent, part string) string {
	f.t.Helper()
	made, err := f.CreateResource(Resource{APIID: testAPI, ParentID: parent, PathPart: part})
	require.NoError(f.t, err)
	return made.ID
}

// allowLogs gives the account a role that may write logs.
func (f *fixture) allowLogs() {
	f.t.Helper()
	_, err := f.iam.CreateRole(iam.Role{Name: "apigatewayToCloudWatch", TrustPolicy: trustGateway})
	require.NoError(f.t, err)
	require.NoError(f.t, f.iam.AttachRolePolicy("apigatewayToCloudWatch",
		"arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"))
	require.NoError(f.t, f.UpdateAccount(Account{CloudWatchRoleARN: testLogRole}))
}

// route is a method with its integration and responses, for tests to change before it is put.
type route struct {
	method      Method
	responses   []MethodResponse
	integration Integration
	mapped      []IntegrationResponse
}

// postV1 is a method that calls the backend, with a template for JSON that keeps the body.
func (f *fixture) postV1() route { return f.route(f.v1, "POST") }

func (f *fixture) route(resourceID, verb string) route {
	id := MethodID{APIID: testAPI, ResourceID: resourceID, HTTPMethod: verb}
	return route{
		method:    Method{MethodID: id, Authorization: "NONE"},
		responses: []MethodResponse{{MethodID: id, StatusCode: "200"}},
		integration: Integration{
			MethodID: id, Type: "AWS", IntegrationHTTPMethod: "POST", URI: testURI, Credentials: testRole,
			RequestTemplates: map[string]string{"application/json": `$input.json('$')`}, PassthroughBehavior: "NEVER",
		},
		mapped: []IntegrationResponse{{MethodID: id, StatusCode: "200"}},
	}
}

func (f *fixture) putRoute(r route) {
	f.t.Helper()
	require.NoError(f.t, f.PutMethod(r.method))
	require.NoError(f.t, f.PutIntegration(r.integration))
	for _, response := range r.responses {
		require.NoError(f.t, f.PutMethodResponse(response))
	}
	for _, response := range r.mapped {
		require.NoError(f.t, f.PutIntegrationResponse(response))
	}
}

// deploy puts the routes, deploys the API and serves it as PROD.
func (f *fixture) deploy(routes ...route) Deployment {
	f.t.Helper()
	for _, r := range routes {
		f.putRoute(r)
	}
	deployment, err := f.CreateDeployment(Deployment{APIID: testAPI})
	require.NoError(f.t, err)
	stage := Stage{APIID: testAPI, Name: "PROD", DeploymentID: deployment.ID}
	if before, err := f.GetStage(testAPI, "PROD"); err == nil {
		before.DeploymentID = deployment.ID
		require.NoError(f.t, f.UpdateStage(before))
		return deployment
	}
	require.NoError(f.t, f.CreateStage(stage))
	return deployment
}

// change updates the stage PROD.
func (f *fixture) change(change func(*Stage)) {
	f.t.Helper()
	stage, err := f.GetStage(testAPI, "PROD")
	require.NoError(f.t, err)
	change(&stage)
	require.NoError(f.t, f.UpdateStage(stage))
}

// reply is what a client got.
type reply struct {
	status int
	header http.Header
	body   string
}

// send sends a request below the API's address, such as "POST /PROD/v1"; headers are name and value in turn.
func (f *fixture) send(line, body string, headers ...string) reply {
	f.t.Helper()
	verb, target, _ := strings.Cut(line, " ")
	request, err := http.NewRequest(verb, f.BaseURL(testAPI)+target, strings.NewReader(body))
	require.NoError(f.t, err)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	return f.do(request)
}

func (f *fixture) do(request *http.Request) reply {
	f.t.Helper()
	response, err := f.client.Do(request)
	require.NoError(f.t, err)
	body, err := io.ReadAll(response.Body)
	require.NoError(f.t, err)
	require.NoError(f.t, response.Body.Close())
	return reply{response.StatusCode, response.Header, string(body)}
}

// wantBody compares the body byte by byte: what AWS answers is known that well.
func (r reply) wantBody(t testing.TB, want string) {
	t.Helper()
	require.Equal(t, want, r.body)
}

// post sends a JSON body to the stage's one method.
func (f *fixture) post(body string, headers ...string) reply {
	f.t.Helper()
	return f.send("POST /PROD/v1", body, append([]string{"Content-Type", "application/json"}, headers...)...)
}

// requireRefusal asks for AWS's code, status and sentence.
func requireRefusal(t testing.TB, err error, code string, status int, message string) {
	t.Helper()
	var refusal *awserr.Error
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, message, refusal.Message)
	require.Equal(t, code, refusal.Code)
	require.Equal(t, status, refusal.Status)
}

func replaceID(text string) string {
	return strings.ReplaceAll(text, "REQUEST", "11111111-2222-4333-8444-555555555555")
}

// adminKey is the access key of the account's administrator.
var adminKey = apitest.Key

// sign signs a request the way a client does.
func sign(t testing.TB, request *http.Request, body, region string, at time.Time) {
	t.Helper()
	credentials := aws.Credentials{AccessKeyID: adminKey.ID, SecretAccessKey: adminKey.Secret}
	require.NoError(t, v4.NewSigner().SignHTTP(context.Background(), credentials, request,
		sigv4.Hash([]byte(body)), "execute-api", region, at))
}
