package apigateway

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"io"
	"strings"
)

// decompress is the body without its content encoding: documented (api-gateway-make-request-with-compressed-payload), with
// what becomes of one that is not supported or that the body does not have. That the limit of 10 MB applies to the body
// in both forms is assumed. The signature of a request is that of the body as it was sent.
func (v *invocation) decompress() (body []byte, ok bool) {
	var reader io.ReadCloser
	var err error
	switch encoding := strings.ToLower(strings.Join(v.request.Header["Content-Encoding"], ",")); encoding {
	case "", "identity":
		return v.body, true
	case "gzip":
		reader, err = gzip.NewReader(bytes.NewReader(v.body))
	case "deflate":
		reader, err = zlib.NewReader(bytes.NewReader(v.body))
	default:
		return nil, v.failUnsupported("content encoding " + encoding)
	}
	if err == nil {
		body, err = readAll(nil, reader, -1, maxBodyBytes)
	}
	switch {
	case err != nil:
		return nil, v.failUnsupported("the body is not compressed as its content encoding says: " + err.Error())
	case len(body) > maxBodyBytes:
		return nil, v.failTooLarge()
	}
	return body, true
}

func (v *invocation) failTooLarge() bool {
	return v.fail(failure{responseType: "REQUEST_TOO_LARGE", message: "Request Too Long"})
}

func (v *invocation) failUnsupported(what string) bool {
	return v.fail(failure{
		responseType: "UNSUPPORTED_MEDIA_TYPE", message: "Unsupported Media Type", log: "Unsupported Media Type: " + what,
	})
}
