package console

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jonboulle/clockwork"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/aws/apigateway"
	"ingest-pipeline/local/aws/cloudwatch"
	"ingest-pipeline/local/aws/firehose"
	"ingest-pipeline/local/aws/kinesis"
)

// Monitor counts what happens to events, and passes on a sample of it to the pages that are open.
type Monitor struct {
	clock  clockwork.Clock
	routes counters[route, routeCounts]
	shards counters[shard, shardCounts]

	// pages is how many pages are open. Without one nothing is passed on.
	pages atomic.Int32
	// samples and failures are how many requests may still be passed on in this statePeriod, answered well and not.
	samples, failures atomic.Int32

	mu sync.Mutex
	// subscribers are the pages.
	subscribers map[*subscriber]struct{}
	// sampled is when the statePeriod began that samples and failures are of.
	sampled   time.Time
	buffers   map[string]buffered
	faults    map[string]firehose.Fault
	delivered []delivery
	problems  map[string]problem
	// collecting are requests that are being sent by a page, whose hops are kept.
	collecting map[*collection]struct{}
	collects   atomic.Int32
}

// NewMonitor returns a Monitor for one cloud, which has the same clock.
func NewMonitor(clock clockwork.Clock) *Monitor {
	return &Monitor{
		clock: clock, subscribers: map[*subscriber]struct{}{}, buffers: map[string]buffered{}, faults: map[string]firehose.Fault{},
		problems: map[string]problem{}, collecting: map[*collection]struct{}{},
	}
}

// route is a method of a stage. Requests to a path that does not exist have an empty path.
type route struct{ api, stage, method, path string }

type routeCounts struct{ ok, clientErrors, throttled, serverErrors atomic.Int64 }

type shard struct{ stream, id string }

type shardCounts struct{ records, bytes atomic.Int64 }

// counters finds counters by a key without a lock.
type counters[K comparable, C any] struct {
	table  atomic.Pointer[map[K]*C]
	adding sync.Mutex
}

func (c *counters[K, C]) all() map[K]*C {
	if table := c.table.Load(); table != nil {
		return *table
	}
	return nil
}

func (c *counters[K, C]) of(key K) *C {
	if counts := c.all()[key]; counts != nil {
		return counts
	}
	c.adding.Lock()
	defer c.adding.Unlock()
	if counts := c.all()[key]; counts != nil {
		return counts
	}
	table := maps.Clone(c.all())
	if table == nil {
		table = map[K]*C{}
	}
	counts := new(C)
	table[key] = counts
	c.table.Store(&table)
	return counts
}

// buffered is the last report of a delivery stream about its buffer.
type buffered struct {
	firehose.Buffered
	// at is when it was reported, since when the buffer's first record was.
	at, since time.Time
}

// delivery is an object that Firehose has written.
type delivery struct {
	firehose.Delivered
	at time.Time
}

// keptDeliveries is how many deliveries are remembered.
const keptDeliveries = 100

// problem is why a request failed, for the part of the pipeline where it did.
type problem struct {
	RequestID string    `json:"requestId,omitempty"`
	Text      string    `json:"text"`
	At        time.Time `json:"at"`
}

// Hooks are the hooks that the cloud has to be opened with.
func (m *Monitor) Hooks() aws.Hooks {
	return aws.Hooks{
		OnRequest: m.request, OnResponse: m.response, OnPut: m.put,
		OnBuffer: m.buffer, OnDeliver: m.deliver, OnFault: m.fault, OnAlarm: m.alarm,
	}
}

// verbs are the methods that distinguish routes; a client may send any other.
var verbs = map[string]bool{"GET": true, "HEAD": true, "POST": true, "PUT": true, "PATCH": true, "DELETE": true, "OPTIONS": true}

func (m *Monitor) response(r apigateway.Response) {
	key := route{r.APIID, r.Stage, r.HTTPMethod, r.ResourcePath}
	if !verbs[key.method] {
		key.method = "ANY"
	}
	counts := m.routes.of(key)
	budget := &m.failures
	switch {
	case r.Status == http.StatusTooManyRequests:
		counts.throttled.Add(1)
	case r.Status >= 500:
		counts.serverErrors.Add(1)
	case r.Status >= 400:
		counts.clientErrors.Add(1)
	default:
		counts.ok.Add(1)
		budget = &m.samples
	}
	if m.pages.Load() > 0 && budget.Load() > 0 && budget.Add(-1) >= 0 {
		m.publish("request", map[string]any{
			"requestId": r.RequestID, "method": r.HTTPMethod, "path": r.ResourcePath, "status": r.Status,
			"milliseconds": milliseconds(r.Duration), "gatewayResponse": r.GatewayResponse, "problem": r.Problem, "at": m.clock.Now(),
		})
	}
}

// request keeps why a request failed, and the hops that a page waits for.
func (m *Monitor) request(h apigateway.Hop) {
	if h.Status >= 500 {
		text := h.Problem
		if text == "" {
			text = failureOf(h.BackendResponse)
		}
		m.setProblem("api "+h.APIID, problem{h.RequestID, text, m.clock.Now()})
	}
	if m.collects.Load() == 0 {
		return
	}
	h.Request, h.BackendResponse, h.Response = bytes.Clone(h.Request), bytes.Clone(h.BackendResponse), bytes.Clone(h.Response)
	m.mu.Lock()
	defer m.mu.Unlock()
	for c := range m.collecting {
		c.add(&h)
	}
}

// failureOf is the code and sentence of an answer of an AWS service.
func failureOf(response []byte) string {
	var failure struct {
		Type    string `json:"__type"`
		Message string `json:"message"` // package json accepts Message, too
	}
	if json.Unmarshal(response, &failure) != nil || failure.Type == "" {
		return "the integration failed"
	}
	if failure.Message == "" {
		return failure.Type
	}
	return failure.Type + ": " + failure.Message
}

func (m *Monitor) setProblem(part string, p problem) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.problems[part] = p
}

func (m *Monitor) put(p kinesis.Put) {
	counts := m.shards.of(shard{p.Stream, p.ShardID})
	counts.records.Add(1)
	counts.bytes.Add(int64(p.Bytes + len(p.PartitionKey)))
}

func (m *Monitor) buffer(b firehose.Buffered) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.clock.Now()
	since := now
	if before, ok := m.buffers[b.DeliveryStream]; ok {
		since = before.since
	}
	m.buffers[b.DeliveryStream] = buffered{b, now, since}
}

func (m *Monitor) deliver(d firehose.Delivered) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.buffers, d.DeliveryStream)
	delete(m.faults, d.DeliveryStream)
	m.delivered = append(m.delivered, delivery{d, m.clock.Now()})
	if extra := len(m.delivered) - keptDeliveries; extra > 0 {
		m.delivered = append(m.delivered[:0], m.delivered[extra:]...)
	}
}

func (m *Monitor) fault(f firehose.Fault) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.faults[f.DeliveryStream] = f
}

func (m *Monitor) alarm(c cloudwatch.AlarmChange) {
	m.publish("alarm", map[string]any{"name": c.Alarm.Name, "state": c.Alarm.State, "oldState": c.OldState, "reason": c.Alarm.Reason})
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
