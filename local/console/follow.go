package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/aws/apigateway"
)

// follow is how far the events of one request have come.
type follow struct {
	RequestID string    `json:"requestId"`
	SentAt    time.Time `json:"sentAt"`
	// Call is the rendered request to Kinesis; nil if the request did not reach it.
	Call    *followedCall    `json:"call"`
	Records []followedRecord `json:"records"`
	Buffer  *followedBuffer  `json:"buffer"`
	// Done says that nothing more will happen.
	Done bool `json:"done"`

	stream string
}

type followedCall struct {
	Action   string `json:"action"`
	Role     string `json:"role"`
	Request  string `json:"request"`
	Status   int    `json:"status"`
	Response string `json:"response"`
	Problem  string `json:"problem"`
}

// followedRecord is one event of the request.
type followedRecord struct {
	PartitionKey   string `json:"partitionKey"`
	Data           string `json:"data"`
	ShardID        string `json:"shardId"`
	SequenceNumber string `json:"sequenceNumber"`
	// ErrorCode is why Kinesis did not store it.
	ErrorCode string `json:"errorCode"`
	// Bucket, Key and Line are where the event is in S3: the first line with its content in an object that was written
	// after it was sent. Line counts from 1; 0: not found yet.
	Bucket string `json:"bucket"`
	Key    string `json:"key"`
	Line   int    `json:"line"`
}

type followedBuffer struct {
	DeliveryStream string    `json:"deliveryStream"`
	At             time.Time `json:"at"`
	Due            time.Time `json:"due"`
	Records        int       `json:"records"`
	Bytes          int       `json:"bytes"`
}

const (
	// followPeriod is how often it is looked where an event is.
	followPeriod = 200 * time.Millisecond
	// followTimeout is longer than the longest interval of Firehose.
	followTimeout = 16 * time.Minute
	// keptFollows is how many requests are followed, and remembered, at a time.
	keptFollows = 30
)

// follower follows the events of requests that a page has sent.
type follower struct {
	cloud   *aws.Cloud
	monitor *Monitor
	stop    chan struct{}
	running sync.WaitGroup

	mu      sync.Mutex
	stopped bool
	follows []*follow
}

func newFollower(cloud *aws.Cloud, m *Monitor) *follower {
	return &follower{cloud: cloud, monitor: m, stop: make(chan struct{})}
}

func (f *follower) close() {
	f.mu.Lock()
	f.stopped = true
	f.mu.Unlock()
	close(f.stop)
	f.running.Wait()
}

func (s *Server) getFollow(r *http.Request) (any, error) {
	f := s.follows
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, follow := range f.follows {
		if follow.RequestID == r.URL.Query().Get("requestId") {
			return follow.copy(), nil
		}
	}
	return nil, notFoundError("requestId: must be that of one of the last requests that the console has sent")
}

// copy is what can be read without the lock.
func (f *follow) copy() follow {
	c := *f
	c.Records = slices.Clone(f.Records)
	return c
}

// start begins to follow a request. hop is nil if it did not reach its integration.
func (f *follower) start(requestID string, sent time.Time, hop *apigateway.Hop) follow {
	started := newFollow(requestID, sent, hop)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stopped {
		return started.copy()
	}
	f.follows = append(f.follows, started)
	if extra := len(f.follows) - keptFollows; extra > 0 {
		f.follows = slices.Delete(f.follows, 0, extra)
	}
	if !started.Done {
		f.running.Go(func() { f.run(started) })
	}
	return started.copy()
}

func newFollow(requestID string, sent time.Time, hop *apigateway.Hop) *follow {
	f := &follow{RequestID: requestID, SentAt: sent, Records: []followedRecord{}, Done: true}
	if hop == nil {
		return f
	}
	f.Call = &followedCall{
		Action: hop.URI[strings.LastIndex(hop.URI, "/")+1:], Role: lastPart(hop.RoleARN), Request: string(hop.Request),
		Status: hop.BackendStatus, Response: string(hop.BackendResponse), Problem: hop.Problem,
	}
	f.readRecords(hop)
	f.Done = !slices.ContainsFunc(f.Records, func(r followedRecord) bool { return r.SequenceNumber != "" })
	return f
}

// readRecords reads the events from the call to Kinesis, and what became of them from its answer.
func (f *follow) readRecords(hop *apigateway.Hop) {
	type put struct {
		PartitionKey string
		Data         []byte
	}
	type stored struct{ ShardId, SequenceNumber, ErrorCode string }
	var call struct {
		StreamName string
		put
		Records []put
	}
	var answer struct {
		stored
		Records []stored
	}
	if json.Unmarshal(hop.Request, &call) != nil || call.StreamName == "" {
		return // a call that Kinesis refuses
	}
	_ = json.Unmarshal(hop.BackendResponse, &answer) // without an answer nothing was stored
	f.stream = call.StreamName
	if call.Records == nil {
		call.Records, answer.Records = []put{call.put}, []stored{answer.stored}
	}
	for i, r := range call.Records {
		record := followedRecord{PartitionKey: r.PartitionKey, Data: string(trimNewline(r.Data))}
		if i < len(answer.Records) {
			a := answer.Records[i]
			record.ShardID, record.SequenceNumber, record.ErrorCode = a.ShardId, a.SequenceNumber, a.ErrorCode
		}
		f.Records = append(f.Records, record)
	}
}

// run looks where the events are until all are in S3.
func (f *follower) run(follow *follow) {
	clock := f.monitor.clock
	ticker := clock.NewTicker(followPeriod)
	defer ticker.Stop()
	seen := map[string]bool{}
	for deadline := clock.Now().Add(followTimeout); clock.Now().Before(deadline); {
		select {
		case <-f.stop:
			return
		case <-ticker.Chan():
		}
		if f.look(follow, seen); f.isDone(follow) {
			return
		}
	}
	f.mu.Lock()
	follow.Done = true
	f.mu.Unlock()
}

func (f *follower) isDone(follow *follow) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return follow.Done
}

// look looks in the buffers, and in the objects that it has not seen.
func (f *follower) look(follow *follow, seen map[string]bool) {
	for _, name := range f.readersOf(follow.stream) {
		if follow.Buffer == nil {
			if b, ok := f.monitor.bufferedSince(name, follow.SentAt); ok {
				f.mu.Lock()
				follow.Buffer = &followedBuffer{name, b.at, b.Due, b.BufferRecords, b.BufferBytes}
				f.mu.Unlock()
			}
		}
		for _, d := range f.monitor.deliveredSince(name, follow.SentAt) {
			if id := d.Bucket + "/" + d.Key; !seen[id] {
				seen[id] = true
				f.findLines(follow, d.Bucket, d.Key)
			}
		}
	}
}

// readersOf are the delivery streams that read a stream.
func (f *follower) readersOf(stream string) []string {
	var readers []string
	for _, name := range f.cloud.Firehose.ListDeliveryStreams() {
		if d, err := f.cloud.Firehose.DescribeDeliveryStream(name); err == nil && lastPart(d.Config.StreamARN) == stream {
			readers = append(readers, name)
		}
	}
	return readers
}

func (m *Monitor) bufferedSince(deliveryStream string, since time.Time) (buffered, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, ok := m.buffers[deliveryStream]
	return b, ok && !b.at.Before(since)
}

func (m *Monitor) deliveredSince(deliveryStream string, since time.Time) []delivery {
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []delivery
	for _, d := range m.delivered {
		if d.DeliveryStream == deliveryStream && !d.at.Before(since) {
			found = append(found, d)
		}
	}
	return found
}

// findLines finds the events in an object.
func (f *follower) findLines(follow *follow, bucket, key string) {
	wanted := map[string][]int{}
	missing := 0
	for i, r := range follow.Records {
		if r.SequenceNumber != "" && r.Line == 0 {
			wanted[r.Data] = append(wanted[r.Data], i)
			missing++
		}
	}
	err := eachLine(f.cloud, bucket, key, func(n int, line []byte) bool {
		indexes := wanted[string(line)]
		if len(indexes) == 0 {
			return true
		}
		wanted[string(line)] = indexes[1:]
		f.mu.Lock()
		r := &follow.Records[indexes[0]]
		r.Bucket, r.Key, r.Line = bucket, key, n
		f.mu.Unlock()
		missing--
		return missing > 0
	})
	if err == nil && missing == 0 {
		f.mu.Lock()
		follow.Done = true
		f.mu.Unlock()
	}
}

// eachLine goes through the lines of an object, without their newlines, until each returns false.
func eachLine(cloud *aws.Cloud, bucket, key string, each func(n int, line []byte) bool) error {
	object, err := openObject(cloud, bucket, key)
	if err != nil {
		return err
	}
	defer object.Close()
	for n := 1; ; n++ {
		line, err := object.ReadBytes('\n')
		if len(line) > 0 && !each(n, bytes.TrimSuffix(line, []byte("\n"))) || errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
