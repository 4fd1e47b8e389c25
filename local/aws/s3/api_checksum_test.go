package s3_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"ingest-pipeline/local/aws/s3"
)

func crc32Of(text string) string {
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(text))))
}

func TestTheChecksumOfAnObjectIsReturned(t *testing.T) {
	const body = "123456789"
	w := newFixture(t, s3.Faults{})
	c := newClient(t, w)
	sha := sha256.Sum256([]byte(body))
	for name, test := range map[string]struct {
		header           map[string]string
		algorithm, value string
	}{
		"crc32":  {map[string]string{"x-amz-checksum-crc32": crc32Of(body)}, "crc32", crc32Of(body)},
		"sha256": {map[string]string{"x-amz-sdk-checksum-algorithm": "SHA256"}, "sha256", base64.StdEncoding.EncodeToString(sha[:])},
		// The check value of CRC-64/NVME in the catalogue of parametrised CRC algorithms: ae8b14860a799888.
		"none": {nil, "crc64nvme", "rosUhgp5mIg="},
	} {
		t.Run(name, func(t *testing.T) {
			put := c.request("PUT", "/archive/k", body, test.header, 200)
			assert.Equal(t, test.value, put.Header.Get("x-amz-checksum-"+test.algorithm))
			assert.Equal(t, "FULL_OBJECT", put.Header.Get("x-amz-checksum-type"))
			for _, method := range []string{"GET", "HEAD"} {
				got := c.request(method, "/archive/k", "", map[string]string{"x-amz-checksum-mode": "ENABLED"}, 200)
				assert.Equal(t, test.value, got.Header.Get("x-amz-checksum-"+test.algorithm), method)
				got = c.request(method, "/archive/k", "", nil, 200)
				assert.Empty(t, got.Header.Get("x-amz-checksum-"+test.algorithm), "only when it is asked for")
			}
			got := c.request("GET", "/archive/k", "", map[string]string{"x-amz-checksum-mode": "ENABLED", "Range": "bytes=0-1"}, 206)
			assert.Empty(t, got.Header.Get("x-amz-checksum-"+test.algorithm), "it is not that of a range")
			assert.Equal(t, strings.ToUpper(test.algorithm), first(t, c.do("GET", "/archive?list-type=2", "", 200), "ChecksumAlgorithm"))
			c.request("PUT", "/archive/copy", "", map[string]string{"x-amz-copy-source": "archive/k"}, 200)
			got = c.request("HEAD", "/archive/copy", "", map[string]string{"x-amz-checksum-mode": "ENABLED"}, 200)
			assert.Equal(t, test.value, got.Header.Get("x-amz-checksum-"+test.algorithm), "a copy has the algorithm of its source")
			c.request("DELETE", "/archive/copy", "", nil, 204)
		})
	}
	c.request("PUT", "/archive/k", "x", map[string]string{"x-amz-sdk-checksum-algorithm": "MD4"}, 400)
}

func TestAMultipartUploadHasTheChecksumOfItsKind(t *testing.T) {
	w := newFixture(t, s3.Faults{})
	c := newClient(t, w)
	large, end := strings.Repeat("x", 5<<20), "the end"
	sums := crc32.ChecksumIEEE([]byte(large))
	both := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, sums), crc32.ChecksumIEEE([]byte(end)))
	for kind, want := range map[string]string{
		"COMPOSITE": crc32Of(string(both)) + "-2", "FULL_OBJECT": crc32Of(large + end),
	} {
		header := map[string]string{"x-amz-checksum-algorithm": "CRC32", "x-amz-checksum-type": kind}
		started := c.request("POST", "/archive/k?uploads", "", header, 200)
		text := make([]byte, 1000)
		n, _ := started.Body.Read(text)
		id := first(t, string(text[:n]), "UploadId")
		var list strings.Builder
		for i, body := range []string{large, end} {
			part := c.request("PUT", fmt.Sprintf("/archive/k?partNumber=%d&uploadId=%s", i+1, id), body,
				map[string]string{"x-amz-checksum-crc32": crc32Of(body)}, 200)
			assert.Equal(t, crc32Of(body), part.Header.Get("x-amz-checksum-crc32"))
			fmt.Fprintf(&list, "<Part><PartNumber>%d</PartNumber><ETag>%s</ETag></Part>", i+1, part.Header.Get("ETag"))
		}
		c.do("POST", "/archive/k?uploadId="+id, "<CompleteMultipartUpload>"+list.String()+"</CompleteMultipartUpload>", 200)
		got := c.request("HEAD", "/archive/k", "", map[string]string{"x-amz-checksum-mode": "ENABLED"}, 200)
		assert.Equal(t, want, got.Header.Get("x-amz-checksum-crc32"))
		assert.Equal(t, kind, got.Header.Get("x-amz-checksum-type"))
	}
	c.request("POST", "/archive/k?uploads", "", map[string]string{"x-amz-checksum-algorithm": "SHA1", "x-amz-checksum-type": "FULL_OBJECT"}, 400)
}
