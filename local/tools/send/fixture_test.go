package send

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/internal/progress"
)

// fastClock is a clock whose timers fire at once, after advancing it by their duration.
type fastClock struct {
	*clockwork.FakeClock

	// during is called during a wait for new objects; may be nil.
	during func()

	mu     sync.Mutex
	waited []time.Duration
}

func newFastClock() *fastClock { return &fastClock{FakeClock: clockwork.NewFakeClock()} }

// NewTimer serves all waits but the linger of a batch, which must not end early.
func (c *fastClock) NewTimer(d time.Duration) clockwork.Timer {
	timer := c.FakeClock.NewTimer(d)
	if d == linger {
		return timer
	}
	c.mu.Lock()
	c.waited = append(c.waited, d)
	c.mu.Unlock()
	if c.during != nil && d == everyFolder {
		c.during()
	}
	c.Advance(d)
	return timer
}

// patience is far more than anything takes, also on a machine that is busy with other tests.
const patience = time.Minute

// blockUntil waits until there are so many timers.
func (c *fastClock) blockUntil(t *testing.T, timers int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	require.NoError(t, c.BlockUntilContext(ctx, timers))
}

// waits are the waits so far, to the millisecond.
func (c *fastClock) waits() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	var rounded []time.Duration
	for _, wait := range c.waited {
		rounded = append(rounded, wait.Round(time.Millisecond))
	}
	return rounded
}

// least is a source of the smallest random numbers that rand accepts, for the shortest waits: it would reject 0 and draw
// again for ever.
type least struct{}

func (least) Uint64() uint64 { return 1<<32 | 1 }

// received is a request to the endpoint of a test.
type received struct {
	path   string
	header http.Header
	// body is as it was sent.
	body []byte
	// events are those of the body, whichever the route.
	events []json.RawMessage
	// number counts requests from 1.
	number int
}

// reply is its response.
type reply struct {
	status int
	header map[string]string
	body   string
	// drop closes the connection without a response.
	drop bool
}

// stub is an endpoint on a loopback address whose replies a test defines.
type stub struct {
	URL string

	answer func(received) reply

	mu       sync.Mutex
	requests []received
}

func newStub(t *testing.T, answer func(received) reply) *stub {
	t.Helper()
	s := &stub{answer: answer}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.URL = server.URL + "/PROD/v1"
	return s
}

func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	plain := body
	if r.Header.Get("Content-Encoding") == "gzip" {
		if plain, err = gunzip(body); err != nil {
			http.Error(w, err.Error(), http.StatusUnsupportedMediaType)
			return
		}
	}
	got := received{path: r.URL.Path, header: r.Header, body: body, events: []json.RawMessage{plain}}
	if strings.HasSuffix(r.URL.Path, "/batch") {
		if err := json.Unmarshal(plain, &got.events); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	}
	s.mu.Lock()
	got.number = len(s.requests) + 1
	s.requests = append(s.requests, got)
	s.mu.Unlock()
	a := s.answer(got)
	if a.drop {
		panic(http.ErrAbortHandler)
	}
	for name, value := range a.header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

func gunzip(body []byte) ([]byte, error) {
	reader, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(reader)
}

func (s *stub) seen() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// ok acknowledges every event of a request.
func ok(r received) reply {
	if !strings.HasSuffix(r.path, "/batch") {
		return reply{status: 200, body: `{"requestId":"r","shardId":"shardId-000000000000","sequenceNumber":"1"}`}
	}
	return partial(r, nil, "")
}

// partial acknowledges a batch apart from some events.
func partial(r received, failed []int, code string) reply {
	var records []string
	for i := range r.events {
		if slices.Contains(failed, i) {
			records = append(records, fmt.Sprintf(`{"errorCode":%q}`, code))
		} else {
			records = append(records, `{"shardId":"shardId-000000000000","sequenceNumber":"1"}`)
		}
	}
	list := "[" + strings.Join(records, ",") + "]"
	if len(failed) == 0 {
		return reply{status: 200, body: `{"requestId":"r","records":` + list + `}`}
	}
	indexes, _ := json.Marshal(failed)
	status := 503
	if code == "THROTTLED" {
		status = 429
	}
	return reply{
		status: status, header: map[string]string{"Retry-After": "1"},
		body: fmt.Sprintf(`{"error":{"code":"PARTLY_STORED","message":"m","requestId":"r","failedIndexes":%s},"records":%s}`, indexes, list),
	}
}

// refusal is a reply with an error of the endpoint.
func refusal(status int, code string, header ...string) reply {
	r := reply{status: status, header: map[string]string{}, body: fmt.Sprintf(`{"error":{"code":%q,"message":"why","requestId":"r"}}`, code)}
	for i := 0; i+1 < len(header); i += 2 {
		r.header[header[i]] = header[i+1]
	}
	return r
}

// runResult is the result of a run.
type runResult struct {
	err            error
	stdout, stderr string
	clock          *fastClock
}

// run runs with a fastClock and, unless the options say otherwise, without randomness and concurrency.
func run(t *testing.T, options Options) runResult {
	t.Helper()
	return runIn(t, context.Background(), options)
}

func runIn(t *testing.T, ctx context.Context, options Options) runResult {
	t.Helper()
	clock := newFastClock()
	if given, isImpatient := options.Clock.(*fastClock); isImpatient {
		clock = given
	}
	options.Clock = clock
	if options.Random == nil {
		options.Random = least{}
	}
	if options.Concurrency == 0 {
		options.Concurrency = 1
	}
	if options.Timeout == 0 {
		options.Timeout = 24 * time.Hour // of a clock that runs fast
	}
	var stdout, stderr bytes.Buffer
	err := Run(ctx, options, &stdout, &progress.Display{Out: &stderr})
	return runResult{err: err, stdout: stdout.String(), stderr: stderr.String(), clock: clock}
}

// row returns a row of the summary.
func (r runResult) row(t *testing.T, name string) string {
	t.Helper()
	for _, text := range strings.Split(r.stdout, "\n") {
		if rest, found := strings.CutPrefix(text, name+"  "); found || strings.HasPrefix(text, name+" ") && strings.TrimSpace(strings.TrimPrefix(text, name)) != "" {
			if !found {
				rest = strings.TrimPrefix(text, name)
			}
			return strings.TrimSpace(rest)
		}
	}
	require.Fail(t, "no such row", "%s in:\n%s", name, r.stdout)
	return ""
}

func newRandom() rand.Source { return rand.NewPCG(1, 2) }
