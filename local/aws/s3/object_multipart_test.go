package s3_test

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/s3"
)

func TestAMultipartUploadAppearsOnlyWhenItIsCompleted(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	c := newClient(t, w)
	started := c.request("POST", "/archive/big?uploads", "", map[string]string{"Content-Type": "text/plain", "x-amz-meta-a": "b"}, 200)
	text := make([]byte, 1000)
	n, _ := started.Body.Read(text)
	id := first(t, string(text[:n]), "UploadId")
	part := func(number int, body string) string {
		return c.request("PUT", fmt.Sprintf("/archive/big?partNumber=%d&uploadId=%s", number, id), body, nil, 200).Header.Get("ETag")
	}
	complete := func(status int, parts ...string) string {
		var list strings.Builder
		for i := 0; i < len(parts); i += 2 {
			fmt.Fprintf(&list, "<Part><PartNumber>%s</PartNumber><ETag>%s</ETag></Part>", parts[i], parts[i+1])
		}
		return c.do("POST", "/archive/big?uploadId="+id, "<CompleteMultipartUpload>"+list.String()+"</CompleteMultipartUpload>", status)
	}
	large := strings.Repeat("x", 5<<20)
	small := part(2, "small")
	part(3, "an earlier end")
	one, two := part(1, large), part(3, "the end")
	assert.Equal(t, two, part(3, "the end"), "a part may be sent again")
	assert.Empty(t, w.keys(t, ""), "nothing is to be seen yet")
	assert.Equal(t, []string{"1", "2", "3"}, all(c.do("GET", "/archive/big?uploadId="+id, "", 200), "PartNumber"))
	assert.Equal(t, []string{"2"}, all(c.do("GET", "/archive/big?uploadId="+id+"&max-parts=1&part-number-marker=1", "", 200), "PartNumber"))
	assert.Equal(t, []string{"big"}, all(c.do("GET", "/archive?uploads", "", 200), "Key"))

	assert.Contains(t, complete(400, "3", two, "1", one), "<Code>InvalidPartOrder</Code>")
	assert.Contains(t, complete(400, "1", one, "1", one), "<Code>InvalidPartOrder</Code>")
	assert.Contains(t, complete(400, "1", one, "4", two), "<Code>InvalidPart</Code>")
	assert.Contains(t, complete(400, "1", two), "<Code>InvalidPart</Code>")
	assert.Contains(t, complete(400, "1", one, "2", small, "3", two), "<Code>EntityTooSmall</Code>")
	assert.Contains(t, complete(400), "<Code>MalformedXML</Code>")
	assert.Contains(t, c.do("POST", "/archive/other?uploadId="+id, "<CompleteMultipartUpload></CompleteMultipartUpload>", 404), "<Code>NoSuchUpload</Code>")
	assert.Contains(t, c.do("PUT", "/archive/big?partNumber=1&uploadId=../../x", "x", 404), "<Code>NoSuchUpload</Code>")
	assert.Empty(t, w.keys(t, ""))

	sum := md5.New()
	for _, etag := range []string{one, two} {
		digest, err := hex.DecodeString(strings.Trim(etag, `"`))
		require.NoError(t, err)
		sum.Write(digest)
	}
	want := fmt.Sprintf(`"%x-2"`, sum.Sum(nil))
	assert.Equal(t, strings.ReplaceAll(want, `"`, "&#34;"), first(t, complete(200, "1", one, "3", two), "ETag"))
	assert.Equal(t, large+"the end", w.get(t, "big"))
	got := c.request("HEAD", "/archive/big", "", nil, 200)
	assert.Equal(t, want, got.Header.Get("ETag"))
	assert.Equal(t, "text/plain", got.Header.Get("Content-Type"))
	assert.Equal(t, "b", got.Header.Get("x-amz-meta-a"))
	c.request("GET", "/archive/big", "", map[string]string{"If-None-Match": want}, 304)
	assert.Contains(t, c.do("GET", "/archive/big?uploadId="+id, "", 404), "<Code>NoSuchUpload</Code>")
	assert.Empty(t, w.files(t, ".s3/uploads"))

	id = c.initiate("gone")
	c.do("DELETE", "/archive/gone?uploadId="+id, "", 204)
	c.do("DELETE", "/archive/gone?uploadId="+id, "", 404)
}

func TestAnUploadSurvivesARestart(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	id := newClient(t, w).initiate("k")
	require.NoError(t, w.Close())
	w.open(t, s3.Faults{})
	c := newClient(t, w)
	etag := c.request("PUT", "/archive/k?partNumber=1&uploadId="+id, "body", nil, 200).Header.Get("ETag")
	c.do("POST", "/archive/k?uploadId="+id, "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>"+etag+
		"</ETag></Part></CompleteMultipartUpload>", 200)
	assert.Equal(t, "body", w.get(t, "k"))
}

func TestObjectsAreCopiedWithTheirMetadataOrNewOnes(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	c := newClient(t, w)
	c.request("PUT", "/archive/from%20here", "0123456789", map[string]string{"Content-Type": "text/csv", "x-amz-meta-a": "b"}, 200)
	copied := c.request("PUT", "/archive/to", "", map[string]string{"x-amz-copy-source": "/archive/from%20here"}, 200)
	assert.Equal(t, "application/xml", copied.Header.Get("Content-Type"))
	got := c.request("HEAD", "/archive/to", "", nil, 200)
	assert.Equal(t, "text/csv", got.Header.Get("Content-Type"))
	assert.Equal(t, "b", got.Header.Get("x-amz-meta-a"))
	c.request("PUT", "/archive/to", "", map[string]string{"x-amz-copy-source": "archive/from%20here",
		"x-amz-metadata-directive": "REPLACE", "x-amz-meta-c": "d"}, 200)
	got = c.request("HEAD", "/archive/to", "", nil, 200)
	assert.Empty(t, got.Header.Get("x-amz-meta-a"))
	assert.Equal(t, "d", got.Header.Get("x-amz-meta-c"))
	assert.Equal(t, "binary/octet-stream", got.Header.Get("Content-Type"))
	c.request("PUT", "/archive/to", "", map[string]string{"x-amz-copy-source": "/archive/to"}, 400)
	c.request("PUT", "/archive/to", "", map[string]string{"x-amz-copy-source": "/archive/nothing"}, 404)
	c.request("PUT", "/archive/to", "", map[string]string{"x-amz-copy-source": "/nowhere/nothing"}, 404)

	id := c.initiate("parts")
	part := func(source, span string, status int) string {
		response := c.request("PUT", "/archive/parts?partNumber=1&uploadId="+id, "", map[string]string{
			"x-amz-copy-source": source, "x-amz-copy-source-range": span}, status)
		text := make([]byte, 1000)
		n, _ := response.Body.Read(text)
		return string(text[:n])
	}
	part("/archive/to", "bytes=5-10", 400)
	part("/archive/nothing", "", 404)
	etag := first(t, part("/archive/to", "bytes=2-4", 200), "ETag")
	c.do("POST", "/archive/parts?uploadId="+id, "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>"+etag+
		"</ETag></Part></CompleteMultipartUpload>", 200)
	assert.Equal(t, "234", w.get(t, "parts"))
}

func TestAwkwardKeysTravelOverHTTP(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	c := newClient(t, w)
	for _, key := range awkward {
		if len(key) > 300 {
			continue
		}
		escaped := "/archive/" + strings.ReplaceAll(url.PathEscape(key), "%2F", "/")
		c.do("PUT", escaped, key, 200)
		assert.Equal(t, key, c.do("GET", escaped, "", 200), "key %q", key)
		assert.Equal(t, key, w.get(t, key), "key %q", key)
	}
}
