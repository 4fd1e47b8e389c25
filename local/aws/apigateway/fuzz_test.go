package apigateway

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/apigateway/vtl"
	"ingest-pipeline/local/aws/logs"
)

// newFuzzFixture has an API that uses most parts of a request: in validation, templates, mappings, gateway
// responses, both logs and the signature of another method.
func newFuzzFixture(t testing.TB) *fixture {
	f := newFixture(t)
	id := f.addResource(f.v1, "{id}")
	greedy := f.addResource(f.root, "{proxy+}")
	r := routeWithValidation(f, eventSchema)
	r.method.ResourceID, r.integration.ResourceID, r.responses[0].ResourceID, r.mapped[0].ResourceID = id, id, id, id
	r.method.RequestParameters = map[string]bool{"method.request.header.X-H": false}
	r.integration.PassthroughBehavior = passWhenNoMatch
	r.integration.RequestParameters = map[string]string{"integration.request.header.X-H": "method.request.header.X-H"}
	r.integration.RequestTemplates["application/json"] = naiveTemplate + `$input.params() $util.escapeJavaScript($input.body) ` +
		`$util.urlEncode($input.params('q')) $context.path $context.identity.userAgent #foreach($e in $input.path('$'))$e#end`
	r.mapped[0].ResponseTemplates = map[string]string{"application/json": `#set($context.responseOverride.header.X-Echo = $input.params('q'))` +
		`{"id":"$util.escapeJavaScript($input.params('id'))"}`}
	signed := f.route(greedy, "ANY")
	signed.method.Authorization = "AWS_IAM"
	require.NoError(t, f.PutGatewayResponse(GatewayResponse{
		APIID: testAPI, ResponseType: "DEFAULT_4XX",
		ResponseTemplates: map[string]string{"application/json": `{"why":"$context.error.validationErrorString","message":$context.error.messageString}`},
		ResponseParameters: map[string]string{
			"gatewayresponse.header.X-Path": "context.path", "gatewayresponse.header.X-Q": "method.request.querystring.q",
		},
	}))
	require.NoError(t, f.logs.CreateLogGroup(logs.Group{Name: "access", RetentionInDays: 1}))
	deployWithLogging(f, "INFO", true, r, signed)
	f.change(func(s *Stage) {
		s.AccessLogSettings = &AccessLogSettings{DestinationARN: accessGroup, Format: "$context.requestId $context.path $context.identity.userAgent"}
	})
	return f
}

// FuzzAnyBytesAreAnsweredInHTTP sends raw bytes as a request's line, headers and body: whatever they are, the server
// gives an answer of HTTP or, where the bytes are no request, net/http's own 400, and it goes on serving.
func FuzzAnyBytesAreAnsweredInHTTP(f *testing.F) {
	api := newFuzzFixture(f)
	address := api.BaseURL(testAPI)[len("http://"):]
	for _, seed := range []struct{ method, target, headers, body string }{
		{"POST", "/PROD/v1/a", "Content-Type: application/json\r\n", `{"a":1}`},
		{"POST", "/PROD/v1/%zz?q=%zz&&=&q", "X-Amzn-Trace-Id: \x01\r\nX-H: é\r\n", `{"a":"\ud800"}`},
		{"PUT", "/PROD//", "Authorization: AWS4-HMAC-SHA256 Credential=/,SignedHeaders=;Signature=\r\nX-Api-Key: x\r\n", ""},
		{"GET", "/PROD/x?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a/b/c/d/aws4_request&X-Amz-Expires=1", "", "\xff\xfe"},
		{"OPTIONS", "*", "", ""},
		{"POST", "http://other/PROD/v1/a", "Content-Type: ;\r\nAccept: ,;,*/*;q=x\r\n", "[[[[[["},
		{"POST", "/PROD/v1/a", "X-Amzn-RequestId: {}\r\nContent-Type: text/plain\r\n", "\x00"},
	} {
		f.Add(seed.method, seed.target, seed.headers, []byte(seed.body))
	}
	f.Fuzz(func(t *testing.T, method, target, headers string, body []byte) {
		connection, err := net.Dial("tcp", address)
		require.NoError(t, err)
		defer func() { require.NoError(t, connection.Close()) }()
		require.NoError(t, connection.SetDeadline(time.Now().Add(time.Minute)))
		raw := method + " " + target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n" + headers + "\r\n"
		go func() {
			// The server may answer and be gone before it has read everything.
			_, _ = connection.Write(append([]byte(raw), body...))
			_ = connection.(*net.TCPConn).CloseWrite()
		}()
		answer, err := io.ReadAll(connection)
		if err != nil && len(answer) == 0 {
			return // the server had answered and gone before everything was sent
		}
		response, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(answer)), nil)
		require.NoError(t, err, "no answer of HTTP: %q", answer)
		require.NotEqual(t, 500, response.StatusCode, "%q", answer)
		got, err := io.ReadAll(response.Body)
		if err = errors.Join(err, response.Body.Close()); err == nil && response.Header.Get("Content-Type") == "application/json" && response.StatusCode >= 400 {
			require.True(t, json.Valid(got), "%q", got)
		}
	})
}

// FuzzPathsNeverPanic reads any text as a JSONPath, as the control plane and templates do, and follows it.
func FuzzPathsNeverPanic(f *testing.F) {
	for _, seed := range []string{"$", "$.a.b[0]", "$..a", "$[?(@.a == 1)]", "$[-1:]", "$['a','b']", "a.length()", "$[", "$.a.sum()", "", "$.*[*]"} {
		f.Add(seed)
	}
	document, err := vtl.ParseJSON([]byte(`{"a":{"b":[1,"x",null,{"c":1.5}]},"b":[[],{}]}`))
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, expression string) {
		parsed, err := readPath(expression)
		if err != nil {
			return
		}
		parsed.find(document)
	})
}
