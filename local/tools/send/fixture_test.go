package send

import (
	"bytes"
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

// impatient is a clock on which every wait is over at once, and time has passed as if it had been waited for.
type impatient struct {
	*clockwork.FakeClock

	// during is called while new objects are waited for; nil: nothing happens meanwhile.
	during func()

	mu     sync.Mutex
	waited []time.Duration
}

func newImpatient() *impatient { return &impatient{FakeClock: clockwork.NewFakeClock()} }

// NewTimer is what everything that waits uses, apart from the linger of a batch, which is not to end early.
func (c *impatient) NewTimer(d time.Duration) clockwork.Timer {
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

// waits are the waits so far, to the millisecond.
func (c *impatient) waits() []time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	var rounded []time.Duration
	for _, wait := range c.waited {
		rounded = append(rounded, wait.Round(time.Millisecond))
	}
	return rounded
}

// least is a source of random numbers that are as good as 0: waits are as short as they can be. (0 itself is drawn
// again by rand, for ever.)
type least struct{}

func (least) Uint64() uint64 { return 1<<32 | 1 }

// request is what the endpoint of a test was asked.
type received struct {
	path   string
	header http.Header
	body   []byte
	// events are those of the body, whichever the route.
	events []json.RawMessage
	// number counts requests from 1.
	number int
}

// reply is what it answers.
type reply struct {
	status int
	header map[string]string
	body   string
	// drop cuts the connection instead of answering.
	drop bool
}

// stub is an endpoint on a loopback address that answers as a test says.
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
	got := received{path: r.URL.Path, header: r.Header, body: body, events: []json.RawMessage{body}}
	if strings.HasSuffix(r.URL.Path, "/batch") {
		if err := json.Unmarshal(body, &got.events); err != nil {
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

// refusal is an answer with the endpoint's error shape.
func refusal(status int, code string, header ...string) reply {
	r := reply{status: status, header: map[string]string{}, body: fmt.Sprintf(`{"error":{"code":%q,"message":"why","requestId":"r"}}`, code)}
	for i := 0; i+1 < len(header); i += 2 {
		r.header[header[i]] = header[i+1]
	}
	return r
}

// ran is what a run came to.
type ran struct {
	err            error
	stdout, stderr string
	clock          *impatient
}

// run runs with a clock that does not wait and, unless the options have others, without randomness and concurrency.
func run(t *testing.T, options Options) ran {
	t.Helper()
	return runIn(t, context.Background(), options)
}

func runIn(t *testing.T, ctx context.Context, options Options) ran {
	t.Helper()
	clock := newImpatient()
	if given, isImpatient := options.Clock.(*impatient); isImpatient {
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
	return ran{err: err, stdout: stdout.String(), stderr: stderr.String(), clock: clock}
}

// row is what a summary says about something.
func (r ran) row(t *testing.T, name string) string {
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

func seeded() rand.Source { return rand.NewPCG(1, 2) }
