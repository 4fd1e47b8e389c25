package apigateway

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// originFixture answers with what a template sees of a header in two spellings.
func originFixture(t *testing.T) *fixture {
	f := newFixture(t)
	r := f.postV1()
	r.integration.PassthroughBehavior = "WHEN_NO_MATCH"
	r.integration.RequestTemplates["application/json"] = "$input.params('Origin')|$input.params('origin')|" +
		"$input.params().header.get('Origin')|$input.params().header.origin"
	f.deploy(r)
	return f
}

func TestHeaderNamesKeepTheClientsSpelling(t *testing.T) {
	f := originFixture(t)
	for name, want := range map[string]string{"Origin": "a||a|", "origin": "|a||a", "ORIGIN": "|||"} {
		request, err := http.NewRequest("POST", f.BaseURL(testAPI)+"/PROD/v1", strings.NewReader("{}"))
		require.NoError(t, err)
		request.Header[name] = []string{"a"}
		require.Equal(t, 200, f.do(request).status)
		require.Equal(t, want, f.backend.last(t), name)
	}
}

func TestOfSeveralHeadersOfANameATemplateSeesTheLast(t *testing.T) {
	f := originFixture(t)
	require.Equal(t, 200, f.post("{}", "Origin", "a", "Origin", "b").status)
	require.Equal(t, "b||b|", f.backend.last(t))
}

func TestHeaderNamesInAnySpellingMeanTheSameToAPIGatewayItself(t *testing.T) {
	f, _, _ := keyedFixture(t, UsagePlan{APIStages: []UsagePlanStage{{}}})
	request, err := http.NewRequest("POST", f.BaseURL(testAPI)+"/PROD/v1", strings.NewReader("{}"))
	require.NoError(t, err)
	request.Header["x-api-key"], request.Header["content-type"] = []string{testKey}, []string{"application/json"}
	require.Equal(t, 200, f.do(request).status)
}

// rawRequests are three requests on one connection, the bodies of which look like headers.
const rawRequests = "POST /PROD/v1 HTTP/1.1\r\nHost: h\r\norigin: one\r\nTransfer-Encoding: chunked\r\n\r\n" +
	"f;ext=1\r\n{\"Origin: x\":1}\r\n0\r\nOrigin: trailer\r\n\r\n" +
	"\r\nPOST /PROD/v1 HTTP/1.1\r\nHost: h\r\nOrigin: two\r\ncontent-length: 16\r\n\r\n{\"\norigin: x\":1}" +
	"POST /PROD/v1 HTTP/1.1\nHost: h\norigin:three\n\n"

func TestHeaderNamesAreThoseOfTheirOwnRequest(t *testing.T) {
	f := originFixture(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(f.BaseURL(testAPI), "http://"))
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, rawRequests)
	require.NoError(t, err)
	answers := bufio.NewReader(conn)
	for range 3 {
		response, err := http.ReadResponse(answers, nil)
		require.NoError(t, err)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.Equal(t, 200, response.StatusCode, "%s", body)
		require.NoError(t, response.Body.Close())
	}
	var got []string
	for _, call := range f.backend.received() {
		got = append(got, call.body)
	}
	require.Equal(t, []string{"|one||one", "two||two|", "|three||three"}, got)
}

func TestHeaderNamesAreFoundHoweverTheBytesArrive(t *testing.T) {
	stream := []byte(rawRequests)
	for size := 1; size <= len(stream); size++ {
		var s headerNameScanner
		for rest := stream; len(rest) > 0; rest = rest[min(size, len(rest)):] {
			s.scan(rest[:min(size, len(rest))])
		}
		require.Equal(t, [][]string{{"origin"}, {"content-length"}, {"origin"}}, s.requests, "%d bytes at a time", size)
	}
}

func FuzzHeaderNames(f *testing.F) {
	f.Add([]byte(rawRequests), 7)
	f.Fuzz(func(t *testing.T, stream []byte, cut int) {
		var whole, parts headerNameScanner
		whole.scan(stream)
		if cut < 0 || cut > len(stream) {
			cut = len(stream)
		}
		parts.scan(stream[:cut])
		parts.scan(stream[cut:])
		require.Equal(t, whole.requests, parts.requests)
	})
}

func TestSomeHeadersAreHiddenFromTemplates(t *testing.T) {
	f := newFixture(t)
	r := f.postV1()
	r.integration.RequestTemplates["application/json"] = "$input.params('Max-Forwards')|#foreach($name in $input.params().header.keySet())$name #end"
	f.deploy(r)
	hidden := []string{"Content-MD5", "Max-Forwards", "Proxy-Authenticate", "Server", "TE", "WWW-Authenticate"}
	var headers []string
	for _, name := range append(hidden, "Connection") {
		headers = append(headers, name, "x")
	}
	require.Equal(t, 200, f.post("{}", headers...).status)
	require.Equal(t, "|Accept-Encoding Content-Length Content-Type Host User-Agent X-Amzn-Trace-Id X-Forwarded-For X-Forwarded-Port X-Forwarded-Proto ",
		f.backend.last(t))
}
