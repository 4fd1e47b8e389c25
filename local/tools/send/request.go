package send

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
)

// maxAnswer bounds what is read of an answer, in bytes. That for 500 events has about 60 KB.
const maxAnswer = 4 << 20

// endpoint is where events go.
type endpoint struct {
	single, batch string
	client        *http.Client
	apiKey        string
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
		apiKey: options.APIKey, sign: sign,
		client: &http.Client{
			Transport: transport,
			// A redirect would send the event, and the key, to somebody else.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// address is the route that is used.
func (e *endpoint) address(batch bool) string {
	if batch {
		return e.batch
	}
	return e.single
}

// post makes one attempt. ctx bounds it.
func (e *endpoint) post(ctx context.Context, events []event, batch bool) answer {
	body := events[0].body
	if batch {
		body = join(events)
	}
	// Written is set by a goroutine of the transport.
	var written atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { written.Store(true) }})
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.address(batch), bytes.NewReader(body))
	if err != nil {
		return answer{err: fmt.Errorf("making the request: %w", err)}
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "ingest-pipeline-send")
	if e.apiKey != "" {
		request.Header.Set("x-api-key", e.apiKey)
	}
	if e.sign != nil {
		if err := e.sign(ctx, request, body); err != nil {
			return answer{err: fmt.Errorf("signing the request: %w", err)}
		}
	}
	response, err := e.client.Do(request)
	if err != nil {
		return answer{err: err, begun: written.Load()}
	}
	defer response.Body.Close()
	content, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return answer{err: fmt.Errorf("reading the answer: %w", err), begun: true}
	}
	return answer{status: response.StatusCode, header: response.Header, body: content}
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

// batcher groups events into requests.
type batcher struct {
	size int
}

const (
	// maxBatchBytes is below the 5,000,000 bytes of compact JSON that the batch route takes: API Gateway may escape
	// characters, and an envelope may be wrapped around each event.
	maxBatchBytes = 4_000_000
	// maxRequestBytes is below API Gateway's 10 MB, white space included.
	maxRequestBytes = 9_000_000
)

// fits says whether e may join the events that have these sizes together.
func (b batcher) fits(events []event, compact, raw int, e event) bool {
	return len(events) < b.size && compact+e.compact <= maxBatchBytes && raw+len(e.body)+1 <= maxRequestBytes
}
