package apigateway

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func compress(t *testing.T, body string, compress func(io.Writer) io.WriteCloser) string {
	t.Helper()
	var b bytes.Buffer
	w := compress(&b)
	_, err := io.WriteString(w, body)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}

func TestACompressedBodyIsDecompressed(t *testing.T) {
	gzipped := func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }
	deflated := func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }
	raw := func(w io.Writer) io.WriteCloser {
		deflater, err := flate.NewWriter(w, flate.DefaultCompression)
		require.NoError(t, err)
		return deflater
	}
	const event = `{"a":1}`
	large := `"` + strings.Repeat("x", maxBodyBytes) + `"`
	f := newFixture(t)
	f.deploy(f.postV1())
	for _, c := range []struct {
		name, encoding, body string
		status               int
	}{
		{"identity", "identity", event, 200},
		{"gzip", "gzip", compress(t, event, gzipped), 200},
		{"gzip in capitals", "GZIP", compress(t, event, gzipped), 200},
		{"deflate", "deflate", compress(t, event, deflated), 200},
		{"deflate without zlib's header", "deflate", compress(t, event, raw), 415},
		{"not compressed", "gzip", event, 415},
		{"cut off", "gzip", compress(t, event, gzipped)[:20], 415},
		{"nothing", "gzip", "", 415},
		{"another encoding", "br", event, 415},
		{"two encodings", "gzip, gzip", compress(t, event, gzipped), 415},
		{"over the limit once decompressed", "gzip", compress(t, large, gzipped), 413},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := len(f.backend.received())
			require.Equal(t, c.status, f.post(c.body, "Content-Encoding", c.encoding).status)
			if c.status == 200 {
				require.Equal(t, event, f.backend.last(t))
			} else {
				require.Len(t, f.backend.received(), before)
			}
		})
	}
}

func TestTheSignatureOfACompressedBodyIsThatOfWhatWasSent(t *testing.T) {
	f := newFixture(t)
	r := f.postV1()
	r.method.Authorization = "AWS_IAM"
	f.deploy(r)
	body := compress(t, `{"a":1}`, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
	request, err := http.NewRequest("POST", f.BaseURL(testAPI)+"/PROD/v1", strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Encoding", "gzip")
	sign(t, request, body, "eu-west-1", f.clock.Now())
	require.Equal(t, 200, f.do(request).status)
	require.Equal(t, `{"a":1}`, f.backend.last(t))
}
