package s3_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"ingest-pipeline/local/aws/s3"
)

// The bodies of AWS's examples (S3 API reference, sigv4-streaming and sigv4-streaming-trailers).
func exampleBody(chunks ...string) string {
	first, second := strings.Repeat("a", 65536), strings.Repeat("a", 1024)
	return "10000;chunk-signature=" + chunks[0] + "\r\n" + first + "\r\n400;chunk-signature=" + chunks[1] + "\r\n" + second +
		"\r\n0;chunk-signature=" + chunks[2] + "\r\n"
}

func TestABodyInSignedChunksIsStoredOnlyIfEachSignatureIsRight(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	c := newClient(t, w)
	header := map[string]string{
		"x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "x-amz-decoded-content-length": "66560", "Content-Encoding": "aws-chunked",
	}
	body := exampleBody("ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
		"0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
		"b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9") + "\r\n"
	c.request("PUT", "/archive/k", body, header, 200)
	assert.Equal(t, strings.Repeat("a", 66560), w.get(t, "k"))

	for name, wrong := range map[string]string{
		"another byte":                 strings.Replace(body, "aaa\r\n400", "aab\r\n400", 1),
		"another byte of the last one": strings.Replace(body, "aaa\r\n0;", "aab\r\n0;", 1),
		"no signature":                 strings.Replace(body, ";chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497", "", 1),
		"another signature at the end": strings.Replace(body, "b6c6ea", "b6c6eb", 1),
	} {
		response := c.request("PUT", "/archive/wrong", wrong, header, 403)
		assert.Equal(t, 403, response.StatusCode, name)
	}
	assert.Equal(t, []string{"k"}, w.keys(t, ""))

	header["x-amz-content-sha256"] = "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"
	c.request("PUT", "/archive/wrong", body, header, 400)
}

func TestATrailerIsVerifiedWithItsSignatureAndItsChecksum(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	c := newClient(t, w)
	header := map[string]string{
		"x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", "x-amz-decoded-content-length": "66560",
		"Content-Encoding": "aws-chunked", "x-amz-trailer": "x-amz-checksum-crc32c",
	}
	body := exampleBody("b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
		"1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
		"2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992") +
		"x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n"
	c.request("PUT", "/archive/k", body, header, 200)
	assert.Equal(t, strings.Repeat("a", 66560), w.get(t, "k"))
	for _, wrong := range []string{
		strings.Replace(body, "sOO8/Q==", "sOO8/R==", 1),
		strings.Replace(body, "d81f", "d81e", 1),
		strings.Replace(body, "x-amz-trailer-signature", "x-amz-other", 1),
	} {
		c.request("PUT", "/archive/wrong", wrong, header, 403)
	}
	assert.Equal(t, []string{"k"}, w.keys(t, ""))
}
