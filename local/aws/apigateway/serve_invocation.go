package apigateway

import (
	"net/http"
	"time"

	"ingest-pipeline/local/aws/apigateway/vtl"
)

const (
	jsonType    = "application/json"
	awsJSONType = "application/x-amz-json-1.1"
)

// invocation is one request on its way through the API. It is used again for others once it is done: nothing may keep
// it, or its buffers.
type invocation struct {
	service  *Service
	server   *server
	stage    *stageRuntime
	method   *methodRuntime
	writer   http.ResponseWriter
	request  *http.Request
	start    time.Time
	latency  time.Duration // until the answer was written
	path     string        // with the stage, as it came
	below    string        // below the stage: "/v1"
	identity identity

	requestID, extendedRequestID, traceID string

	headerNames     []string // those that the client has not spelled canonically
	pathParameters  []parameter
	queryParameters []parameter
	queryRead       bool

	body    []byte // as it came
	scratch []byte

	requestInput, responseInput       input
	contextSet                        map[string]vtl.Value
	context                           contextObject
	requestOverride, responseOverride override
	globals                           map[string]vtl.Value

	call    []byte // what the request template has rendered
	backend backendAnswer
	answer  answer
	failure failure
	log     executionLog
	called  bool // the integration was reached
	written bool
	isTest  bool // of TestInvokeMethod: there is no front end that adds headers
}

// identity is who makes a request, as far as it is known.
type identity struct {
	apiKey, apiKeyID                      string
	accessKey, accountID, userARN, userID string
}

// backendAnswer is what an integration answered.
type backendAnswer struct {
	status  int
	body    []byte
	latency time.Duration
	failure string
	chosen  *responseRuntime
}

// answer is what the client gets.
type answer struct {
	status      int
	contentType string
	headers     []parameter // by name as they are written
	body        []byte
	errorType   string
}

// maxReusedBuffer is the capacity up to which a buffer is used again. A larger one is left to the garbage collector, so
// that one large request does not keep its memory.
const maxReusedBuffer = 64 << 10

func (srv *server) invocation(w http.ResponseWriter, r *http.Request) *invocation {
	v := srv.invocations.Get().(*invocation)
	v.service, v.server, v.writer, v.request = srv.service, srv, w, r
	v.headerNames = nextHeaderNames(r)
	v.start = srv.service.options.Clock.Now()
	return v
}

// release empties an invocation, so that no request sees anything of another, and returns it to the pool.
func (v *invocation) release() {
	srv := v.server
	clear(v.pathParameters[:cap(v.pathParameters)])
	clear(v.queryParameters[:cap(v.queryParameters)])
	clear(v.answer.headers[:cap(v.answer.headers)])
	clear(v.log.lines[:cap(v.log.lines)])
	clear(v.globals)
	v.requestOverride.reset()
	v.responseOverride.reset()
	emptied := invocation{
		pathParameters: v.pathParameters[:0], queryParameters: v.queryParameters[:0],
		body: emptyBuffer(v.body), scratch: emptyBuffer(v.scratch), call: emptyBuffer(v.call),
		requestOverride: v.requestOverride, responseOverride: v.responseOverride, globals: v.globals,
	}
	emptied.answer.headers = v.answer.headers[:0]
	emptied.answer.body = emptyBuffer(v.answer.body)
	emptied.log.lines = v.log.lines[:0]
	*v = emptied
	srv.invocations.Put(v)
}

func emptyBuffer(buffer []byte) []byte {
	if cap(buffer) > maxReusedBuffer {
		return nil
	}
	return buffer[:0]
}

// templateGlobals are the references that a mapping template starts with.
func (v *invocation) templateGlobals(t *mappingTemplate, in *input) map[string]vtl.Value {
	if v.globals == nil {
		v.globals = make(map[string]vtl.Value, 4)
	}
	v.context.of = v
	v.globals["input"] = in
	v.globals["context"] = &v.context
	v.globals["util"] = util{}
	delete(v.globals, "stageVariables")
	if t.variables {
		v.globals["stageVariables"] = v.stage.variables.Clone()
	}
	return v.globals
}

// render renders a mapping template after dst.
func (v *invocation) render(dst []byte, t *mappingTemplate, in *input) ([]byte, error) {
	v.requestOverride.nextTemplate()
	v.responseOverride.nextTemplate()
	limits := vtl.Limits{}
	if v.log.level >= logErrors {
		limits.OnIterations = func(err error) { v.log.add(v, "Execution problem in mapping template: ", err.Error()) } // the line is assumed
	}
	return t.template.AppendExecute(dst, v.templateGlobals(t, in), limits)
}
