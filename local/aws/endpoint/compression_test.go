package endpoint

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func compressed(t *testing.T, content string) request {
	t.Helper()
	var body bytes.Buffer
	w := gzip.NewWriter(&body)
	_, err := w.Write([]byte(content))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	q := inJSON(body.String())
	// The signer covers the header only if it is there; adding it later does not break the signature.
	q.change = func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") }
	return q
}

func TestABodyCanBeCompressed(t *testing.T) {
	f := start(t)
	status, body := f.send(compressed(t, `{"Text":"a"}`))
	assert.Equal(t, 200, status)
	assert.Equal(t, `{"Text":"a"}`, body)

	status, _ = f.send(compressed(t, `{"Text":"`+strings.Repeat("a", maxBody)+`"}`))
	assert.Equal(t, 413, status, "the limit is that of the content")

	q := compressed(t, "{}")
	q.body = "{}"
	status, body = f.send(q)
	assert.Equal(t, 400, status)
	assert.Contains(t, body, "SerializationException")
}
