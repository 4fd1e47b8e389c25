package s3_test

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"ingest-pipeline/local/aws/s3"
)

func TestAListSaysHowManyKeysItHas(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	c := newClient(t, w)
	assert.Equal(t, "0", first(t, c.do("GET", "/archive?list-type=2", "", 200), "KeyCount"), "also when it is empty")
	w.put(t, "a/b", "x")
	w.put(t, "c", "x")
	assert.Equal(t, "2", first(t, c.do("GET", "/archive?list-type=2&delimiter=/", "", 200), "KeyCount"))
	assert.Empty(t, all(c.do("GET", "/archive", "", 200), "KeyCount"), "only in version 2")
}

func TestListParametersThatS3Refuses(t *testing.T) {
	c := newClient(t, newFixture(t, s3.Faults{}))
	for query, message := range map[string]string{
		"list-type=2&continuation-token=bad":  "The continuation token provided is incorrect",
		"list-type=2&continuation-token=YWJj": "The continuation token provided is incorrect",
		"list-type=2&continuation-token=":     "The continuation token provided is incorrect",
		"list-type=2&max-keys=-1":             "Argument max-keys must be an integer between 0 and 2147483647",
		"list-type=2&max-keys=many":           "Provided max-keys not an integer or within integer range",
		"list-type=2&max-keys=2147483648":     "Provided max-keys not an integer or within integer range",
		"list-type=3":                         "Invalid List Type specified in Request",
		"list-type=2&encoding-type=" + "xml":  "Invalid Encoding Method specified in Request",
	} {
		answer := c.do("GET", "/archive?"+query, "", 400)
		assert.Equal(t, "InvalidArgument", first(t, answer, "Code"), query)
		assert.Equal(t, message, first(t, answer, "Message"), query)
	}
}

func TestKeysAreEncodedWhenTheClientAsksForIt(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	c := newClient(t, w)
	w.put(t, "raw/a b+c/\x01é", "x")
	const encoded = "raw/a+b%2Bc/%01%C3%A9"
	listed := c.do("GET", "/archive?list-type=2&encoding-type=url&prefix="+url.QueryEscape("raw/a b"), "", 200)
	assert.Equal(t, encoded, first(t, listed, "Key"))
	assert.Equal(t, "raw/a+b", first(t, listed, "Prefix"))
	assert.Equal(t, "url", first(t, listed, "EncodingType"))
}

func TestTheOwnerIsListedOnRequest(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	c := newClient(t, w)
	w.put(t, "a", "x")
	assert.Empty(t, all(c.do("GET", "/archive?list-type=2", "", 200), "Owner"))
	assert.Len(t, all(c.do("GET", "/archive?list-type=2&fetch-owner=true", "", 200), "Owner"), 1)
	assert.Len(t, all(c.do("GET", "/archive", "", 200), "Owner"), 1, "always in version 1")
}

func TestNamesOfMetadataAreInLowerCase(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	c := newClient(t, w)
	c.request("PUT", "/archive/k", "x", map[string]string{"x-amz-meta-Sent-By": "curl"}, 200)
	for _, method := range []string{"GET", "HEAD"} {
		recorder := httptest.NewRecorder()
		request := httptest.NewRequest(method, "/archive/k", strings.NewReader(""))
		request.Host = "127.0.0.1"
		w.handler().ServeHTTP(recorder, request)
		assert.Equal(t, []string{"curl"}, recorder.Header()["x-amz-meta-sent-by"], method) //nolint:staticcheck // SA1008: S3 sends it in lower case
		assert.NotContains(t, recorder.Header(), "X-Amz-Meta-Sent-By")
	}
}
