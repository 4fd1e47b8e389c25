package protocol

import (
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"ingest-pipeline/local/aws/awserr"
)

// wire is how a request is encoded, which decides how its answer is.
type wire int

const (
	noProtocol wire = iota
	jsonRPC
	cbor11
	cborRPC
	query
	restJSON
)

// Exchange is one request and its answer.
type Exchange struct {
	handler   *Handler
	w         http.ResponseWriter
	r         *http.Request
	requestID string

	wire       wire
	action     *Action
	body       []byte
	members    map[string]any
	parameters map[string]string // of the path
}

// Read finds out which action a request is for and reads its input, without looking at who sends it. The Exchange answers
// the request whether or not there is an error.
func (h *Handler) Read(w http.ResponseWriter, r *http.Request, requestID string, body []byte) (*Exchange, error) {
	e := &Exchange{handler: h, w: w, r: r, requestID: requestID, body: body}
	e.wire = h.wireOf(r)
	switch e.wire {
	case jsonRPC, cbor11:
		target, name, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		return e, e.readRPC(name, target == h.service.Target)
	case cborRPC:
		service, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/service/"), "/operation/")
		return e, e.readRPC(name, service == h.service.CBOR)
	case query:
		return e, e.readQuery()
	case restJSON:
		return e, e.readREST()
	default:
		return e, nil // Serve refuses it, once it is known who sends it
	}
}

func (h *Handler) wireOf(r *http.Request) wire {
	content, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case r.Header.Get("Smithy-Protocol") == "rpc-v2-cbor":
		return cborRPC
	case content == "application/x-amz-json-1.1", content == "application/x-amz-json-1.0":
		return jsonRPC
	case content == "application/x-amz-cbor-1.1":
		return cbor11
	case h.service.REST:
		return restJSON
	case content == "application/x-www-form-urlencoded" && r.Method == http.MethodPost, r.URL.Query().Has("Action"):
		return query
	default:
		return noProtocol
	}
}

// readRPC reads a request whose action is in a header or the path.
//
// recorded (mhart/kinesalite test/connection.js): without a target there is no sentence.
func (e *Exchange) readRPC(name string, ofService bool) (err error) {
	if name == "" {
		return &awserr.Error{Code: "UnknownOperationException", Status: 400}
	}
	if e.action = e.handler.actions[name]; e.action == nil || !ofService {
		e.action = nil
		return e.handler.unknown(name)
	}
	switch {
	case e.wire != jsonRPC:
		e.members, err = readCBOR(e.body)
	case e.action.json != nil:
		if !json.Valid(e.body) {
			err = errMalformed
		}
	default:
		e.members, err = readJSON(e.body)
	}
	return err
}

func (h *Handler) unknown(name string) error {
	offered := h.Names()
	if offered == "" {
		return awserr.New("UnknownOperationException", 400, "The action %s of %s is not offered by the local target.", name, h.service.Name)
	}
	return awserr.New("UnknownOperationException", 400, "The action %s of %s is not offered by the local target, only %s.",
		name, h.service.Name, offered)
}

func (e *Exchange) readQuery() error {
	parameters := e.r.URL.Query()
	if e.r.Method == http.MethodPost {
		form, err := url.ParseQuery(string(e.body))
		if err != nil {
			return awserr.New("MalformedQueryString", 400, "The body is no form: %s", err)
		}
		for name, values := range form {
			parameters[name] = values
		}
	}
	name := parameters.Get("Action")
	if name == "" {
		return awserr.New("MissingAction", 400, "The request is missing an action or a required parameter.")
	}
	if e.action = e.handler.actions[name]; e.action == nil || e.handler.service.Version == "" {
		e.action = nil
		return e.handler.unknown(name)
	}
	e.members = readForm(parameters)
	return nil
}

func (e *Exchange) readREST() (err error) {
	if e.action, e.parameters = e.handler.route(e.r); e.action == nil {
		return e.handler.unknown(e.r.Method + " " + e.r.URL.Path)
	}
	if len(e.body) > 0 {
		e.members, err = readJSON(e.body)
	}
	return err
}

// IsUnsigned is whether the action needs no signature.
func (e *Exchange) IsUnsigned() bool { return e.action != nil && e.action.unsigned }

// Serve has the action answer the request.
func (e *Exchange) Serve(ctx context.Context, call *Call) {
	switch {
	case e.action == nil: // recorded (mhart/kinesalite test/connection.js)
		e.Refuse(awserr.New(accessDeniedException, 403, "Unable to determine service/operation name to be authorized"))
	case e.action.json != nil:
		e.serveJSON(ctx, call)
	default:
		input, err := e.input()
		if err == nil {
			err = e.serve(ctx, call, input)
		}
		if err != nil {
			e.Refuse(err)
		}
	}
}

// serve answers unless there is an error.
func (e *Exchange) serve(ctx context.Context, call *Call, input any) error {
	if e.action.events != nil {
		events, err := e.action.events(ctx, call, input)
		if err == nil {
			e.sendEvents(events)
		}
		return err
	}
	output, err := e.action.serve(ctx, call, input)
	if err == nil {
		e.answer(output)
	}
	return err
}

// input is the action's input.
func (e *Exchange) input() (any, error) {
	input := reflect.New(e.action.input)
	if err := e.handler.shapes.assignStruct(input.Elem(), e.members); err != nil {
		return nil, err
	}
	if e.wire == restJSON {
		if err := e.handler.shapes.assignRequest(input.Elem(), e.r, e.parameters); err != nil {
			return nil, err
		}
	}
	return input.Interface(), nil
}

// serveJSON serves an action that reads and writes JSON itself.
func (e *Exchange) serveJSON(ctx context.Context, call *Call) {
	body := e.body
	if e.wire != jsonRPC {
		var err error
		if body, err = json.Marshal(e.members); err != nil { // a member of CBOR that JSON does not have
			e.Refuse(errMalformed)
			return
		}
	}
	status, response := e.action.json(ctx, call, body)
	if e.wire == jsonRPC {
		e.write(status, "application/x-amz-json-"+e.handler.service.JSONVersion, response)
		return
	}
	e.write(status, e.cborType(), cborFromJSON(response))
}

func (e *Exchange) cborType() string {
	if e.wire == cbor11 {
		return "application/x-amz-cbor-1.1"
	}
	e.w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
	return "application/cbor"
}

// answer writes an output. recorded (mhart/kinesalite test/createStream.js): the body of an action without one is empty.
func (e *Exchange) answer(output any) {
	v := reflect.ValueOf(output).Elem()
	empty := v.NumField() == 0
	switch s := e.handler.shapes; e.wire {
	case jsonRPC, restJSON:
		content := "application/json"
		if e.wire == jsonRPC {
			content = "application/x-amz-json-" + e.handler.service.JSONVersion
		}
		var b []byte
		if !empty {
			b = s.appendJSON(nil, v, false)
		}
		e.write(e.action.status, content, b)
	case cbor11, cborRPC:
		e.write(200, e.cborType(), writeCBOR(s.tree(v, e.wire == cbor11)))
	default:
		e.write(200, "text/xml", e.handler.queryAnswer(e.action.name, e.requestID, output))
	}
}

// Refuse answers with an error.
func (e *Exchange) Refuse(err error) {
	failure := refusal(err)
	switch e.wire {
	case jsonRPC:
		e.queryCompatible(failure)
		status, response := JSONError(e.handler.service.withShapeName(failure))
		e.write(status, "application/x-amz-json-"+e.handler.service.JSONVersion, response)
	case cbor11:
		status, response := JSONError(failure)
		e.write(status, e.cborType(), cborFromJSON(response))
	case cborRPC: // documented (Smithy, RPC v2 CBOR): the member is "message"
		e.queryCompatible(failure)
		status, _ := JSONError(failure)
		e.write(status, e.cborType(), cborFromJSON(appendError(e.handler.service.withShapeName(failure), `,"message":`)))
	case query:
		failure = inQuery(e.handler.service.withQueryCode(failure))
		e.write(failure.Status, "text/xml", e.handler.queryError(e.requestID, failure))
	case restJSON:
		if status, ok := restErrors[failure.Code]; ok {
			failure = &awserr.Error{Code: failure.Code, Status: status, Message: failure.Message}
		}
		e.w.Header().Set("X-Amzn-Errortype", failure.Code)
		e.write(failure.Status, "application/json", append(appendString([]byte(`{"message":`), failure.Message), '}'))
	default: // recorded (mhart/kinesalite test/connection.js)
		status := failure.Status
		if other, ok := restErrors[failure.Code]; ok {
			status = other
		}
		w := newXMLWriter(e.handler.shapes)
		w.encoder.Indent("", "  ")
		w.open(failure.Code, "")
		w.element("Message", failure.Message)
		w.close(failure.Code)
		e.write(status, "", append(w.bytes(), '\n'))
	}
}

// queryCompatible tells clients of a service that had Query first the error's code there: documented (Smithy,
// awsQueryCompatible).
func (e *Exchange) queryCompatible(failure *awserr.Error) {
	if e.handler.service.Version != "" {
		other := inQuery(e.handler.service.withQueryCode(failure))
		e.w.Header().Set("X-Amzn-Query-Error", other.Code+";"+fault(other))
	}
}

// write writes the answer. An error means that the client is gone.
func (e *Exchange) write(status int, content string, body []byte) {
	header := e.w.Header()
	header["Content-Type"] = nil // none is guessed
	if content != "" {
		header.Set("Content-Type", content)
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	header.Set("X-Amzn-Requestid", e.requestID)
	e.w.WriteHeader(status)
	_, _ = e.w.Write(body)
}
