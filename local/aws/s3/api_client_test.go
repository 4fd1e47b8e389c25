package s3_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/internal/sigv4"
)

// client speaks to the S3 API over loopback.
type client struct {
	t   *testing.T
	url string
}

func newClient(t *testing.T, w *fixture) *client {
	t.Helper()
	server := httptest.NewServer(w.handler())
	t.Cleanup(server.Close)
	return &client{t: t, url: server.URL}
}

// handler answers requests as the administrator's, and as signed like those of AWS's examples of bodies in chunks.
func (w *fixture) handler() http.Handler {
	administrator := iam.New(account).Administrator()
	return http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
		signature := &sigv4.Signature{
			Time: "20130524T000000Z", Date: "20130524", Region: "us-east-1", Service: "s3",
			Signature: "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
		}
		if r.Header.Get("X-Amz-Trailer") != "" {
			signature.Signature = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"
		}
		ctx := sigv4.NewContext(r.Context(), signature, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
		w.ServeAPI(answer, r.WithContext(ctx), administrator)
	})
}

// request sends a request and requires a status; the body has been read into the response's Body again.
func (c *client) request(method, target, body string, header map[string]string, status int) *http.Response {
	c.t.Helper()
	request, err := http.NewRequestWithContext(c.t.Context(), method, c.url+target, strings.NewReader(body))
	require.NoError(c.t, err)
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=anybody/20260301/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=00")
	for name, value := range header {
		if name == "Host" {
			request.Host = value
		} else {
			request.Header.Set(name, value)
		}
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(c.t, err)
	text, err := io.ReadAll(response.Body)
	require.NoError(c.t, err)
	require.NoError(c.t, response.Body.Close())
	response.Body = io.NopCloser(strings.NewReader(string(text)))
	require.Equal(c.t, status, response.StatusCode, "%s %s: %s", method, target, text)
	return response
}

// do sends a request without headers, requires a status and returns the body.
func (c *client) do(method, target, body string, status int) string {
	c.t.Helper()
	text, err := io.ReadAll(c.request(method, target, body, nil, status).Body)
	require.NoError(c.t, err)
	return string(text)
}

func (c *client) initiate(key string) (uploadID string) {
	c.t.Helper()
	return first(c.t, c.do("POST", "/archive/"+key+"?uploads", "", 200), "UploadId")
}

// all are the contents of the elements of that name, in their order.
func all(xml, element string) []string {
	var found []string
	for _, match := range regexp.MustCompile(`(?s)<`+element+`>(.*?)</`+element+`>`).FindAllStringSubmatch(xml, -1) {
		found = append(found, match[1])
	}
	return found
}

func first(t *testing.T, xml, element string) string {
	t.Helper()
	found := all(xml, element)
	if !assert.NotEmpty(t, found, "%s in %s", element, xml) {
		t.FailNow()
	}
	return found[0]
}

// inRegion is the body of a request to create a bucket in a Region.
func inRegion(region string) string {
	return `<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><LocationConstraint>` + region +
		`</LocationConstraint></CreateBucketConfiguration>`
}
