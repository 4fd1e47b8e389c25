// Package endpoint answers AWS's clients: one address for all services. The service is that of the signature's scope.
package endpoint

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/internal/protocol"
	"ingest-pipeline/local/aws/internal/sigv4"
)

// S3 answers the requests to the S3 API, which has a protocol of its own.
type S3 interface {
	// ServeAPI answers a request whose signature is verified; that of a body in chunks is sigv4.FromContext's to verify.
	ServeAPI(w http.ResponseWriter, r *http.Request, caller *iam.Session)
	RefuseAPI(w http.ResponseWriter, r *http.Request, err error)
}

// Options says what the endpoint serves.
type Options struct {
	Account iam.Account
	// Clock is the time that signatures are compared with.
	Clock clockwork.Clock
	// IAM knows the access keys.
	IAM      *iam.Service
	S3       S3
	Services []protocol.Service
}

// Endpoint is the http.Handler of all services.
type Endpoint struct {
	options  Options
	services map[string]*protocol.Handler
	offered  string // the names of all services
	closing  chan struct{}
}

// New prepares an endpoint.
func New(options Options) *Endpoint {
	e := &Endpoint{options: options, services: map[string]*protocol.Handler{}, closing: make(chan struct{})}
	names := []string{"s3"}
	for _, s := range options.Services {
		e.services[s.Name] = protocol.New(s)
		names = append(names, s.Name)
	}
	slices.Sort(names)
	e.offered = strings.Join(names, ", ")
	return e
}

const (
	// maxBody is how many bytes the body of a request may have, but for S3.
	//
	// recorded (mhart/kinesalite test/connection.js): Kinesis accepts 7 MiB. assumed: the others do, too.
	maxBody = 7 << 20
	// bodyTimeout is how long a client may take to send such a body.
	bodyTimeout = 30 * time.Second
)

// NewServer returns a server for an endpoint. A client that sends nothing, or for ever, does not hold it up.
func NewServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
	}
}

// ServeHTTP answers a request to any service.
func (e *Endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !isLocal(r) {
		http.Error(w, "The local target answers only programs of this machine, not "+
			strings.TrimSpace(r.Host+" "+r.Header.Get("Origin")), http.StatusForbidden)
		return
	}
	signature, err := sigv4.Parse(r)
	name := e.serviceOfLink(r, signature)
	if name == "" {
		name = serviceName(r, signature)
	}
	if name == "s3" {
		e.serveS3(w, r, signature, err)
		return
	}
	requestID := uuid.NewString()
	handler, offered := e.services[name]
	if !offered {
		handler = protocol.New(protocol.Service{Name: name})
	}
	body, tooLarge := readBody(w, r)
	content := body
	if tooLarge == nil {
		content, tooLarge = decompress(r, body)
	}
	x, malformed := handler.Read(w, r, requestID, content)
	switch {
	case !offered && err != nil:
		x.Refuse(refusal(err))
		return
	case !offered:
		x.Refuse(awserr.New("UnknownOperationException", 400, "The service %s is not offered by the local target, only %s.", name, e.offered))
		return
	case tooLarge != nil:
		w.Header().Set("Connection", "close")
		x.Refuse(tooLarge)
		return
	case malformed != nil: // recorded (mhart/kinesalite test/connection.js): whoever sends it
		x.Refuse(malformed)
		return
	case signature == nil && x.IsUnsigned():
		x.Serve(r.Context(), e.call(r, requestID, nil))
		return
	case err != nil:
		x.Refuse(refusal(err))
		return
	}
	caller, secret, err := e.authenticate(signature)
	if err == nil {
		if signature.InQuery {
			body = nil
		}
		err = signature.Verify(r, secret, sigv4.Hash(body))
	}
	if err != nil {
		x.Refuse(refusal(err))
		return
	}
	x.Serve(r.Context(), e.call(r, requestID, caller))
}

// serviceOfLink is the service whose action a link without a signature calls, such as that of a message of SNS; "": it is
// no such link.
func (e *Endpoint) serviceOfLink(r *http.Request, signature *sigv4.Signature) string {
	action := r.URL.Query().Get("Action")
	if signature != nil || action == "" {
		return ""
	}
	for name, handler := range e.services {
		if handler.HasUnsigned(action) {
			return name
		}
	}
	return ""
}

func (e *Endpoint) call(r *http.Request, requestID string, caller *iam.Session) *protocol.Call {
	source, _, _ := net.SplitHostPort(r.RemoteAddr)
	return &protocol.Call{
		Caller: caller, Account: e.options.Account, RequestID: requestID, SourceIP: source, UserAgent: r.UserAgent(),
		Closing: e.closing,
	}
}

var errTooLarge = awserr.New("RequestEntityTooLargeException", 413, "The body of a request can have %d bytes at most.", maxBody)

// decompress returns the content of a body, which clients of some actions compress (documented: Smithy, requestCompression;
// PutMetricData of CloudWatch). What is no gzip stream has no content, and so cannot be read as an input.
func decompress(r *http.Request, body []byte) ([]byte, error) {
	if r.Header.Get("Content-Encoding") != "gzip" {
		return body, nil
	}
	compressed, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, nil
	}
	content, err := io.ReadAll(io.LimitReader(compressed, maxBody+1))
	switch {
	case len(content) > maxBody:
		return nil, errTooLarge
	case err != nil:
		return nil, nil
	}
	return content, nil
}

// readBody reads a body up to the limit. What cannot be read to its end is empty, and so fails its signature.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.ContentLength > maxBody {
		return nil, errTooLarge
	}
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(bodyTimeout)) // of the connection, which has no other clock
	var body bytes.Buffer
	body.Grow(int(min(max(r.ContentLength, 0), 64<<10)) + bytes.MinRead)
	_, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, maxBody))
	var limit *http.MaxBytesError
	if errors.As(err, &limit) {
		return nil, errTooLarge
	}
	_ = control.SetReadDeadline(time.Time{})
	if err != nil {
		return nil, nil
	}
	return body.Bytes(), nil
}

// serviceName is the service that a request is for: that of the signature's scope, or the host's first name, or that of
// the header X-Amz-Target. Anything else is a request to S3 without a signature.
func serviceName(r *http.Request, signature *sigv4.Signature) string {
	if signature != nil {
		return signature.Service
	}
	host, _, _ := strings.Cut(r.Host, ":")
	if name, isNamed := strings.CutSuffix(host, ".localhost"); isNamed && !strings.Contains(name, ".") {
		return name
	}
	if target, _, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "_"); ok {
		return strings.ToLower(target)
	}
	if r.Header.Get("Content-Type") != "" && r.Method == http.MethodPost && r.URL.Path == "/" {
		return "" // of a protocol that S3 does not have
	}
	return "s3"
}

// Serve answers on a listener until stop is called, which waits for the answers that are being written. It is called once.
func (e *Endpoint) Serve(listener net.Listener) (stop func(context.Context) error) {
	server, done := NewServer(e), make(chan error, 1)
	server.RegisterOnShutdown(func() { close(e.closing) })
	go func() { done <- server.Serve(listener) }()
	return func(ctx context.Context) error {
		err := server.Shutdown(ctx)
		if err != nil {
			err = errors.Join(err, server.Close())
		}
		if served := <-done; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		return err
	}
}
