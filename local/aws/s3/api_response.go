package s3

import (
	"bytes"
	"encoding/xml"
	"errors"
	"net/http"
	"strings"

	"ingest-pipeline/local/aws/awserr"
)

// answer stands between gofakes3 and the client: gofakes3 knows some of S3's errors and statuses, and ETags that are
// an MD5; the answer puts in what the backend said instead.
type answer struct {
	http.ResponseWriter
	request   *http.Request
	requestID string
	// failure is the error that the backend gave; gofakes3 saw only that there was one.
	failure *awserr.Error
	// headers replace those of gofakes3.
	headers map[string]string

	wrote, discard bool
}

func (a *answer) WriteHeader(status int) {
	if a.wrote {
		return
	}
	a.wrote = true
	header := a.Header()
	header.Del("Access-Control-Allow-Origin") // a bucket without a CORS configuration sends none
	header.Del("x-amz-delete-marker")         // only buckets with versioning have any
	if a.failure != nil {
		a.discard = true
		a.writeError(a.failure)
		return
	}
	for name, value := range a.headers {
		header.Set(name, value)
	}
	for name, values := range header {
		if strings.HasPrefix(name, metadataHeader) {
			delete(header, name)
			header[strings.ToLower(name)] = values // documented: user guide, UsingMetadata.html
		}
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) setChecksum(c checksum) {
	if c.Value != "" {
		a.headers[checksumHeader+c.Algorithm], a.headers[checksumHeader+"Type"] = c.Value, c.Type
	}
}

func (a *answer) Write(p []byte) (int, error) {
	if !a.wrote {
		if a.Header().Get("Content-Type") == "" && bytes.HasPrefix(p, []byte("<?xml")) {
			a.Header().Set("Content-Type", "application/xml")
		}
		a.WriteHeader(http.StatusOK)
	}
	if a.discard {
		return len(p), nil
	}
	return a.ResponseWriter.Write(p)
}

// refuse answers with an error before gofakes3 has been asked.
func (a *answer) refuse(err error) {
	a.fail(err)
	a.WriteHeader(http.StatusInternalServerError)
}

func (a *answer) fail(err error) {
	var aws *awserr.Error
	if !errors.As(err, &aws) {
		errors.As(internalError("serving the request", err), &aws)
	}
	a.failure = aws
}

// errorBody is S3's error. Documented: API reference, ErrorResponses.html.
type errorBody struct {
	XMLName                            xml.Name `xml:"Error"`
	Code, Message, Resource, RequestId string
}

func (a *answer) writeError(failure *awserr.Error) {
	for _, name := range []string{"Content-Length", "Content-Range", "ETag", "Last-Modified", "Content-Encoding"} {
		a.Header().Del(name)
	}
	a.Header().Set("Content-Type", "application/xml")
	a.Header().Set("x-amz-request-id", a.requestID)
	a.ResponseWriter.WriteHeader(failure.Status)
	if a.request.Method == http.MethodHead || failure.Status == http.StatusNotModified {
		return
	}
	a.writeXML(errorBody{Code: failure.Code, Message: failure.Message, Resource: a.request.URL.Path, RequestId: a.requestID})
}

// writeXML writes a document. An error means that the client is gone.
func (a *answer) writeXML(document any) {
	if _, err := a.ResponseWriter.Write([]byte(xml.Header)); err == nil {
		_ = xml.NewEncoder(a.ResponseWriter).Encode(document)
	}
}
