package firehose

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/internal/apitest"
	"ingest-pipeline/local/aws/kinesis"
	"ingest-pipeline/local/aws/logs"
	"ingest-pipeline/local/aws/s3"
)

var account = iam.Account{ID: "123456789012", Region: "ap-northeast-2", Partition: "aws"}

const (
	streamARN   = "arn:aws:kinesis:ap-northeast-2:123456789012:stream/events"
	sourceRole  = "arn:aws:iam::123456789012:role/source"
	deliverRole = "arn:aws:iam::123456789012:role/deliver"
	bucketARN   = "arn:aws:s3:::archive"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// object is what a fake bucket holds.
type object struct {
	key     string
	content []byte
	options s3.PutOptions
}

// store is a bucket named "archive" that can refuse.
type store struct {
	mu      sync.Mutex
	objects []object
	refuse  func(key string) error // asked before each object
}

func (s *store) BucketARN(name string) (string, error) {
	if name != "archive" {
		return "", awserr.New("NoSuchBucket", 404, "The specified bucket does not exist: %s", name)
	}
	return bucketARN, nil
}

func (s *store) PutObject(caller *iam.Session, bucket, key string, body io.Reader, options s3.PutOptions) error {
	if err := caller.Authorize(iam.Request{Action: "s3:PutObject", Resource: bucketARN + "/" + key}); err != nil {
		return awserr.New("AccessDenied", 403, "%s", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse != nil {
		if err := s.refuse(key); err != nil {
			return err
		}
	}
	content, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	s.objects = append(s.objects, object{key, content, options})
	return nil
}

func (s *store) refuseWith(refuse func(key string) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = refuse
}

// text is everything in the bucket, in the order in which it came, decompressed.
func (s *store) text(t testing.TB) string {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	var all strings.Builder
	for _, o := range s.objects {
		content := o.content
		if o.options.ContentEncoding == "gzip" {
			z, err := gzip.NewReader(bytes.NewReader(content))
			require.NoError(t, err)
			content, err = io.ReadAll(z)
			require.NoError(t, err)
		}
		all.Write(content)
	}
	return all.String()
}

func (s *store) keys() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var keys []string
	for _, o := range s.objects {
		keys = append(keys, o.key)
	}
	return keys
}

// entries is a log stream.
type entries struct {
	mu    sync.Mutex
	lines []string
}

func (e *entries) PutLogEvents(caller *iam.Session, group, stream string, events ...logs.Event) error {
	resource := account.ARN("logs", "log-group:"+group+":log-stream:"+stream)
	if err := caller.Authorize(iam.Request{Action: "logs:PutLogEvents", Resource: resource}); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, event := range events {
		e.lines = append(e.lines, event.Message)
	}
	return nil
}

func (e *entries) all() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]string(nil), e.lines...)
}

// fixture is a stream with a delivery stream behind it.
type fixture struct {
	*Service
	t       testing.TB
	dir     string
	clock   *clockwork.FakeClock
	iam     *iam.Service
	kinesis *kinesis.Service
	caller  *iam.Session
	store   *store
	entries *entries

	buffered  chan Buffered
	delivered chan Delivered
	faults    chan Fault
}

var sourceActions = []string{"kinesis:DescribeStream", "kinesis:ListShards", "kinesis:GetShardIterator", "kinesis:GetRecords"}

func open(t testing.TB, change func(*Options)) *fixture {
	t.Helper()
	w := &fixture{
		t: t, dir: t.TempDir(), clock: clockwork.NewFakeClockAt(noon),
		iam:   iam.New(account, iam.WithAccessKey(apitest.Key)),
		store: &store{}, entries: &entries{},
		buffered: make(chan Buffered, 10_000), delivered: make(chan Delivered, 10_000), faults: make(chan Fault, 10_000),
	}
	for _, role := range []string{"source", "deliver"} {
		w.trust(role, `{"StringEquals":{"sts:ExternalId":"123456789012"}}`)
	}
	w.allow("source", streamARN, sourceActions...)
	w.allow("deliver", "*", "s3:PutObject", "logs:PutLogEvents")
	_, err := w.iam.CreateRole(iam.Role{Name: "producer", TrustPolicy: `{"Version":"2012-10-17","Statement":[{
		"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},"Action":"sts:AssumeRole"}]}`})
	require.NoError(t, err)
	w.allow("producer", "*", "kinesis:PutRecord")
	w.caller, err = w.iam.AssumeRole("arn:aws:iam::123456789012:role/producer", "apigateway.amazonaws.com", "test", nil)
	require.NoError(t, err)
	w.start(change)
	t.Cleanup(func() { w.crash() })
	return w
}

func (w *fixture) trust(role, condition string) {
	w.t.Helper()
	config := iam.Role{Name: role, TrustPolicy: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
		"Principal":{"Service":"firehose.amazonaws.com"},"Action":"sts:AssumeRole","Condition":` + condition + `}]}`}
	if w.iam.UpdateRole(config) == nil {
		return
	}
	_, err := w.iam.CreateRole(config)
	require.NoError(w.t, err)
}

func (w *fixture) allow(role, resource string, actions ...string) {
	w.t.Helper()
	list, err := json.Marshal(actions)
	require.NoError(w.t, err)
	require.NoError(w.t, w.iam.PutRolePolicy(role, "policy", fmt.Sprintf(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":%s,"Resource":%q}]}`, list, resource)))
}

// start opens both services on the folder, with the stream "events".
func (w *fixture) start(change func(*Options)) {
	w.t.Helper()
	var err error
	w.kinesis, err = kinesis.Open(kinesis.Options{Dir: filepath.Join(w.dir, "kinesis"), Account: account, Clock: w.clock})
	require.NoError(w.t, err)
	if len(w.kinesis.ListStreams()) == 0 {
		_, err = w.kinesis.CreateStream(kinesis.StreamConfig{Name: "events", ShardCount: 4})
		require.NoError(w.t, err)
	}
	o := Options{
		Dir: filepath.Join(w.dir, "firehose"), Account: account, Clock: w.clock, IAM: w.iam, Kinesis: w.kinesis,
		OnBuffer: func(b Buffered) { w.buffered <- b }, OnDeliver: func(d Delivered) { w.delivered <- d },
		OnFault: func(f Fault) { w.faults <- f },
		objects: w.store, entries: w.entries,
	}
	if change != nil {
		change(&o)
	}
	w.Service, err = Open(o)
	require.NoError(w.t, err)
}

// crash ends both services without delivering what is in the buffers.
func (w *fixture) crash() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_ = w.Close(ctx)
	_ = w.kinesis.Close()
}

func ptr(n int) *int { return &n }

// config is a delivery stream with AWS's defaults but for the prefix.
func config() DeliveryStreamConfig {
	return DeliveryStreamConfig{
		Name: "archive", StreamARN: streamARN, SourceRoleARN: sourceRole, RoleARN: deliverRole, BucketARN: bucketARN,
		Prefix:  "raw/",
		Logging: Logging{Enabled: true, LogGroup: "/aws/kinesisfirehose/archive", LogStream: "S3Delivery"},
	}
}

func (w *fixture) create(c DeliveryStreamConfig) {
	w.t.Helper()
	_, err := w.CreateDeliveryStream(c)
	require.NoError(w.t, err)
}

// try stores a record and reports whether it was acknowledged.
func (w *fixture) try(key, data string) bool {
	body, err := json.Marshal(map[string]any{"StreamName": "events", "PartitionKey": key, "Data": []byte(data)})
	require.NoError(w.t, err)
	status, response := w.kinesis.Call(context.Background(), w.caller, "PutRecord", body)
	if status != 200 {
		require.Contains(w.t, string(response), "ProvisionedThroughputExceededException")
	}
	return status == 200
}

func (w *fixture) put(data ...string) {
	w.t.Helper()
	for _, d := range data {
		require.True(w.t, w.try(d[:min(len(d), 100)], d))
	}
}

// awaitBuffered waits until the buffer holds n records.
func (w *fixture) awaitBuffered(n int) Buffered {
	w.t.Helper()
	for {
		if b := receive(w.t, w.buffered); b.BufferRecords >= n {
			require.Equal(w.t, n, b.BufferRecords)
			return b
		}
	}
}

func (w *fixture) awaitDelivered() Delivered { w.t.Helper(); return receive(w.t, w.delivered) }
func (w *fixture) awaitFault() Fault         { w.t.Helper(); return receive(w.t, w.faults) }

// receive waits for a hook to be called. The limit is only there so that a failing test ends.
func receive[T any](t testing.TB, c chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(20 * time.Second):
		require.Fail(t, "nothing happened")
		panic("unreachable")
	}
}

// awaitIdle waits until the delivery stream has nothing more to do at this time.
func (w *fixture) awaitIdle() {
	w.t.Helper()
	d, err := w.find("archive")
	require.NoError(w.t, err)
	for {
		idle := false
		require.NoError(w.t, d.call(func() error {
			now := d.options.Clock.Now()
			idle = !d.ready(now) && !d.mayRead(now)
			return nil
		}))
		if idle {
			return
		}
	}
}

func (w *fixture) requireNothingDelivered() {
	w.t.Helper()
	w.awaitIdle()
	require.Empty(w.t, w.store.keys())
}
