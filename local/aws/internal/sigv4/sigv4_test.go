package sigv4

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The vectors of AWS's Signature Version 4 test suite (awslabs/aws-c-auth): key AKIDEXAMPLE, 30 August 2015, us-east-1,
// service "service". Those whose path holds a space or a letter that is not ASCII are no requests of HTTP.
var (
	vectorTime   = time.Date(2015, time.August, 30, 12, 36, 0, 0, time.UTC)
	vectorSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
)

// verify is what a server does with a request.
func verify(r *http.Request, body string, now time.Time) error {
	signature, err := Parse(r)
	if err != nil {
		return err
	}
	if err := signature.Check("us-east-1", "service", now); err != nil {
		return err
	}
	return signature.Verify(r, vectorSecret, Hash([]byte(body)))
}

func vectorRequest(t testing.TB, line, headers, body, signed, signature string) *http.Request {
	t.Helper()
	text := line + " HTTP/1.1\r\nHost: example.amazonaws.com\r\n" + headers + "X-Amz-Date: 20150830T123600Z\r\n" +
		"Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=" +
		signed + ", Signature=" + signature + "\r\n\r\n" + body
	request, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
	require.NoError(t, err)
	return request
}

func TestTheVectorsOfAWSAreVerified(t *testing.T) {
	for _, vector := range []struct{ name, line, headers, body, signed, signature string }{
		{"get-vanilla", "GET /", "", "", "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		{"get-vanilla-query-order-key-case", "GET /?Param2=value2&Param1=value1", "", "", "host;x-amz-date", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
		{"post-vanilla", "POST /", "", "", "host;x-amz-date", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
		{"post-x-www-form-urlencoded", "POST /", "Content-Type: application/x-www-form-urlencoded\r\n", "Param1=value1", "content-type;host;x-amz-date", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
		{"get-header-key-duplicate", "GET /", "My-Header1: value2\r\nMy-Header1: value2\r\nMy-Header1: value1\r\n", "", "host;my-header1;x-amz-date", "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
		{"get-header-value-trim", "GET /", "My-Header1: value1\r\nMy-Header2: \"a   b   c\"\r\n", "", "host;my-header1;my-header2;x-amz-date", "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
		{"get-relative-relative-normalized", "GET /example1/example2/../..", "", "", "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		{"get-slashes-normalized", "GET //example//", "", "", "host;x-amz-date", "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"},
		{"get-slash-pointless-dot-normalized", "GET /./example", "", "", "host;x-amz-date", "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"},
		{"get-unreserved", "GET /-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", "", "", "host;x-amz-date", "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
		{"get-vanilla-empty-query-key", "GET /?Param1=value1", "", "", "host;x-amz-date", "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"},
		{"get-vanilla-query-order-encoded", "GET /?Param-3=Value3&Param=Value2&%E1%88%B4=Value1", "", "", "host;x-amz-date", "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac"},
		{"get-vanilla-utf8-query", "GET /?%E1%88%B4=bar", "", "", "host;x-amz-date", "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
	} {
		t.Run(vector.name, func(t *testing.T) {
			request := vectorRequest(t, vector.line, vector.headers, vector.body, vector.signed, vector.signature)
			require.NoError(t, verify(request, vector.body, vectorTime))
		})
	}
}

func TestARequestThatIsNotSignedAsItSaysIsRefused(t *testing.T) {
	const good = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
	for _, c := range []struct {
		name    string
		change  func(*http.Request)
		body    string
		at      time.Time
		kind    Kind
		message string
	}{
		{name: "another path", change: func(r *http.Request) { r.URL.Path = "/other" }, kind: Mismatch, message: "does not match the signature you provided"},
		{name: "another method", change: func(r *http.Request) { r.Method = "POST" }, kind: Mismatch, message: "does not match the signature you provided"},
		{name: "another query", change: func(r *http.Request) { r.URL.RawQuery = "a=b" }, kind: Mismatch, message: "does not match the signature you provided"},
		{name: "another host", change: func(r *http.Request) { r.Host = "evil" }, kind: Mismatch, message: "does not match the signature you provided"},
		{name: "another body", body: "x", kind: Mismatch, message: "does not match the signature you provided"},
		{name: "over five minutes old", at: vectorTime.Add(5*time.Minute + time.Second), kind: Expired, message: "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z (20150830T124101Z - 5 min.)"},
		{name: "over five minutes ahead", at: vectorTime.Add(-5*time.Minute - time.Second), kind: Early, message: "Signature not yet current"},
		{name: "another region", change: func(r *http.Request) { edit(r, "us-east-1", "us-west-2") }, kind: Invalid, message: "Credential should be scoped to a valid region, not 'us-west-2'"},
		{name: "another service", change: func(r *http.Request) { edit(r, "/service/", "/s3/") }, kind: Invalid, message: "Credential should be scoped to correct service: 'service'"},
		{name: "another day", change: func(r *http.Request) { edit(r, "20150830/", "20150831/") }, kind: Incomplete, message: "Date in Credential scope does not match"},
		{name: "host not signed", change: func(r *http.Request) { edit(r, "host;", "") }, kind: Invalid, message: "must be a 'SignedHeader'"},
		{name: "no credential", change: func(r *http.Request) { edit(r, "Credential=", "Other=") }, kind: Incomplete, message: "Authorization header requires 'Credential' parameter."},
		{name: "no signature", change: func(r *http.Request) { edit(r, "Signature=", "Other=") }, kind: Incomplete, message: "Authorization header requires 'Signature' parameter."},
		{name: "another kind of token", change: func(r *http.Request) { r.Header.Set("Authorization", "Bearer abcdefghi") }, kind: Incomplete, message: "Authorization="},
		{name: "no token", change: func(r *http.Request) { r.Header.Del("Authorization") }, kind: Missing, message: "Missing Authentication Token"},
	} {
		t.Run(c.name, func(t *testing.T) {
			request := vectorRequest(t, "GET /", "", "", "host;x-amz-date", good)
			if c.change != nil {
				c.change(request)
			}
			at := vectorTime
			if !c.at.IsZero() {
				at = c.at
			}
			var refusal *Error
			require.ErrorAs(t, verify(request, c.body, at), &refusal)
			require.Equal(t, c.kind, refusal.Kind)
			require.Contains(t, refusal.Message, c.message)
		})
	}
}

func edit(r *http.Request, old, new string) {
	r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), old, new, 1))
}

func TestAPresignedURLIsVerifiedUntilItExpires(t *testing.T) {
	const target = "&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fservice%2Faws4_request" +
		"&X-Amz-Date=20150830T123600Z&X-Amz-Expires=3600&X-Amz-SignedHeaders="
	for _, vector := range []struct{ name, query, signed, signature string }{
		{"get-vanilla-query-order-key-case", "Param2=value2&Param1=value1", "host", "86012e2c9ad4d77369f5d81c11f75158aae4f895a085212cc6d3f923d300bed5"},
		{"get-header-value-order", "", "host%3Bmy-header1", "313720e71ca6202fdcfa9b20f88de01a4eb0638a83c833b1c184359a4eda864e"},
	} {
		t.Run(vector.name, func(t *testing.T) {
			request, err := http.NewRequest("GET", "http://example.amazonaws.com/?"+vector.query+target+vector.signed, nil)
			require.NoError(t, err)
			request.Header["My-Header1"] = []string{"value4", "value1", "value3", "value2"}
			require.Error(t, verify(request, "", vectorTime), "a URL without a signature is refused")

			request.URL.RawQuery += "&X-Amz-Signature=" + vector.signature
			require.NoError(t, verify(request, "", vectorTime.Add(time.Hour)))
			require.ErrorContains(t, verify(request, "", vectorTime.Add(time.Hour+time.Second)), "Signature expired")
		})
	}
}
