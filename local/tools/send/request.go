package send

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
)

// maxAnswer bounds what is read of a response, in bytes. That to 500 events has about 60 KB.
const maxAnswer = 4 << 20

// endpoint is the endpoint of the pipeline.
type endpoint struct {
	single, batch string
	client        *http.Client
	apiKey        string
	gzip          bool
	// sign is nil without SigV4.
	sign func(ctx context.Context, request *http.Request, body []byte) error
}

func newEndpoint(target *url.URL, options Options, sign func(context.Context, *http.Request, []byte) error) *endpoint {
	transport := options.Transport
	if transport == nil {
		network := http.DefaultTransport.(*http.Transport).Clone()
		network.MaxIdleConns, network.MaxIdleConnsPerHost = 0, options.Concurrency
		transport = network
	}
	return &endpoint{
		single: target.String(), batch: target.JoinPath("batch").String(),
		apiKey: options.APIKey, gzip: options.Gzip, sign: sign,
		client: &http.Client{
			Transport: transport,
			// A redirect would send the event, and the key, to another server.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// address is the URL of the route.
func (e *endpoint) address(batch bool) string {
	if batch {
		return e.batch
	}
	return e.single
}

// post sends one request.
func (e *endpoint) post(ctx context.Context, events []event, batch bool) response {
	body := events[0].body
	if batch {
		body = join(events)
	}
	if e.gzip {
		body = compress(body)
	}
	// It is set by a goroutine of the transport.
	var written atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { written.Store(true) }})
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.address(batch), bytes.NewReader(body))
	if err != nil {
		return response{err: fmt.Errorf("making the request: %w", err)}
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "ingest-pipeline-send")
	if e.gzip {
		request.Header.Set("Content-Encoding", "gzip")
	}
	if e.apiKey != "" {
		request.Header.Set("x-api-key", e.apiKey)
	}
	if e.sign != nil {
		if err := e.sign(ctx, request, body); err != nil {
			return response{err: fmt.Errorf("signing the request: %w", err)}
		}
	}
	reply, err := e.client.Do(request)
	if err != nil {
		return response{err: err, begun: written.Load()}
	}
	defer reply.Body.Close()
	content, err := io.ReadAll(io.LimitReader(reply.Body, maxAnswer))
	if err != nil {
		return response{err: fmt.Errorf("reading the response: %w", err), begun: true}
	}
	return response{status: reply.StatusCode, header: reply.Header, body: content}
}

func join(events []event) []byte {
	var body bytes.Buffer
	for i, e := range events {
		body.WriteByte("[,"[min(i, 1)])
		body.Write(e.body)
	}
	body.WriteByte(']')
	return body.Bytes()
}

func compress(body []byte) []byte {
	var compressed bytes.Buffer
	w := gzip.NewWriter(&compressed)
	_, _ = w.Write(body) // a bytes.Buffer returns no error
	_ = w.Close()
	return compressed.Bytes()
}

// batcher groups events into requests.
type batcher struct {
	size int
}

const (
	// maxBatchBytes is below the batch route's limit of 5,000,000 bytes of compact JSON: API Gateway may escape
	// characters, and an envelope may be wrapped around each event.
	maxBatchBytes = 4_000_000
	// maxRequestBytes is below API Gateway's 10 MB, white space included. That a compressed body may not exceed them once
	// decompressed is assumed.
	maxRequestBytes = 9_000_000
)

// fits says whether e may join events of these sizes.
func (b batcher) fits(events []event, compact, raw int, e event) bool {
	return len(events) < b.size && compact+e.compact <= maxBatchBytes && raw+len(e.body)+1 <= maxRequestBytes
}
