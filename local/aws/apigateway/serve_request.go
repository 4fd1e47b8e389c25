package apigateway

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits of a request: documented (limits).
const (
	maxBodyBytes   = 10 << 20
	maxHeaderBytes = 10_240
)

// ServeHTTP answers one request. Whatever happens, it answers, and in the API's shape.
func (srv *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v := srv.invocation(w, r)
	defer func() {
		if problem := recover(); problem != nil {
			// What panicked may still hold parts of the invocation: it is not used again.
			answerPanic(v, problem)
			return
		}
		v.release()
	}()
	v.identify()
	if !v.findStage() {
		v.answerForbidden()
		return
	}
	if !v.run() {
		v.answerFailure()
	}
	v.finish()
}

// answerPanic answers 500 in the shape of the API's gateway responses, or without any if it was those that panicked.
func answerPanic(v *invocation, problem any) {
	defer func() {
		if recover() != nil {
			http.Error(v.writer, `{"message":"Internal server error"}`, http.StatusInternalServerError)
		}
	}()
	switch {
	case v.written:
		return // only what is logged is missing
	case v.stage == nil:
		v.answerForbidden()
		return
	}
	v.answer = answer{}
	v.fail(internalError("DEFAULT_5XX", fmt.Sprintf("Execution failed due to an internal error: %v", problem)))
	v.answerFailure()
	v.finish()
}

// findStage finds the stage that the first part of the path names, and the method for the rest. It returns false if there
// is no such stage.
func (v *invocation) findStage() bool {
	v.path = v.request.URL.EscapedPath()
	name, below, _ := strings.Cut(strings.TrimPrefix(v.path, "/"), "/")
	v.stage = (*v.server.stages.Load())[name]
	if v.stage == nil || v.stage.disabled {
		return false
	}
	v.below = "/" + below
	v.method, v.pathParameters = v.stage.root.find(v.request.Method, below, v.pathParameters)
	return true
}

// answerForbidden answers a request for a stage that does not exist, without a gateway response: assumed: quoted in issue
// threads.
func (v *invocation) answerForbidden() {
	h := v.writer.Header()
	h["Content-Type"] = []string{jsonType}
	h["x-amzn-RequestId"] = []string{v.requestID}
	h["x-amz-apigw-id"] = []string{v.extendedRequestID}
	h["x-amzn-ErrorType"] = []string{"ForbiddenException"}
	v.writer.WriteHeader(http.StatusForbidden)
	_, _ = io.WriteString(v.writer, `{"message":"Forbidden"}`) // a client that has gone away is no failure
}

// run does all that API Gateway does with a request, in its order, up to an answer. It returns false if v.failure is to be
// answered instead. The order is that of execution logs (assumed; quoted in issue threads); that of the
// checks before them is assumed.
func (v *invocation) run() bool {
	if v.method == nil {
		v.method = v.stage.unmatched
		return v.fail(failure{responseType: "MISSING_AUTHENTICATION_TOKEN", message: "Missing Authentication Token"})
	}
	v.log.start(v)
	return v.checkHeaderSize() && v.readBody() && v.authorize() && v.admit() && v.log.begin(v) && v.validate() &&
		v.makeCall() && v.callIntegration() && v.makeAnswer()
}

// checkHeaderSize refuses a request line and headers over the limit. Status and sentence are quoted in issue threads;
// that the answer is the default gateway response for 4XX is assumed.
func (v *invocation) checkHeaderSize() bool {
	size := len(v.request.Method) + len(v.request.RequestURI) + len(v.request.Proto) + len("Host: \r\n") + len(v.request.Host)
	for name, values := range v.request.Header {
		for _, value := range values {
			size += len(name) + len(value) + len(": \r\n")
		}
	}
	if size > maxHeaderBytes {
		return v.fail(failure{
			responseType: "DEFAULT_4XX", status: http.StatusRequestHeaderFieldsTooLarge,
			message: "HTTP header is larger than 10240 bytes.",
		})
	}
	return true
}

// maxDiscardedBytes is how much of a body over the limit is read and discarded.
const maxDiscardedBytes = 256 << 20

// refuseBody refuses a body over the limit. It reads all of it, for many clients read no answer before they have sent
// their request, and would only see that the connection was reset.
func (v *invocation) refuseBody() bool {
	if v.request.Header.Get("Expect") == "" { // a client that expects 100 Continue sends nothing before it has an answer
		_, _ = io.CopyN(io.Discard, v.request.Body, maxDiscardedBytes) // the client is refused, whatever happens
	}
	return v.failTooLarge()
}

// readBody reads the body, up to the limit. It is text, and UTF-8: what is not becomes U+FFFD (assumed; documented is
// that bodies are text as long as there are no binary media types).
func (v *invocation) readBody() bool {
	length := v.request.ContentLength
	if length > maxBodyBytes {
		return v.refuseBody()
	}
	if length != 0 {
		var err error
		if v.body, err = readAll(v.body[:0], v.request.Body, int(length), maxBodyBytes); err != nil {
			return v.fail(failure{responseType: "DEFAULT_4XX", status: http.StatusBadRequest, message: "Bad Request"})
		}
	}
	if len(v.body) > maxBodyBytes {
		return v.refuseBody()
	}
	body, ok := v.decompress()
	if !ok {
		return false
	}
	text := string(body)
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	v.requestInput.reset(v, text)
	return true
}

// readAll reads up to most bytes and one more, into a buffer that fits if length, when it is known, is right.
func readAll(buffer []byte, from io.Reader, length, most int) ([]byte, error) {
	if length > 0 && cap(buffer) < length+1 {
		buffer = make([]byte, 0, length+1)
	}
	for len(buffer) <= most {
		if len(buffer) == cap(buffer) {
			buffer = append(buffer, 0)[:len(buffer)]
		}
		n, err := from.Read(buffer[len(buffer):min(cap(buffer), most+1)])
		buffer = buffer[:len(buffer)+n]
		if err == io.EOF {
			return buffer, nil
		}
		if err != nil {
			return buffer, err
		}
	}
	return buffer, nil
}

// finish writes the answer, and what is to be logged about it.
func (v *invocation) finish() {
	v.log.finish(v)
	v.reportHop()
	v.write()
	v.latency = v.service.options.Clock.Since(v.start)
	v.reportResponse()
	v.measure()
	v.log.deliver(v)
	if v.stage.access != nil {
		v.stage.access.write(v)
	}
}

func (v *invocation) write() {
	v.written = true
	h := v.writer.Header()
	a := &v.answer
	values := make([]string, 0, 6+len(a.headers))
	set := func(name, value string) {
		values = append(values, value)
		h[name] = values[len(values)-1 : len(values) : len(values)]
	}
	if a.contentType != "" {
		set("Content-Type", a.contentType)
	}
	if v.failure.responseType == "" && !v.method.integration.mock {
		set(traceHeader, v.traceID) // not for failures: recorded (LocalStack, test_apigateway_header_remapping_aws)
	}
	for _, mapped := range a.headers {
		set(mapped.name, mapped.value)
	}
	set("x-amzn-RequestId", v.requestID)
	set("x-amz-apigw-id", v.extendedRequestID)
	if a.errorType != "" {
		set("x-amzn-ErrorType", a.errorType)
	}
	if hasBody := a.status != http.StatusNoContent && a.status != http.StatusNotModified; hasBody {
		set("Content-Length", strconv.Itoa(len(a.body)))
	}
	v.writer.WriteHeader(a.status)
	if len(a.body) > 0 {
		_, _ = v.writer.Write(a.body) // a client that has gone away is no failure
	}
}
