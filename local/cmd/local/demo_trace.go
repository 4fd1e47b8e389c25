package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"ingest-pipeline/local/aws"
	"ingest-pipeline/local/aws/apigateway"
	"ingest-pipeline/local/aws/firehose"
	"ingest-pipeline/local/aws/kinesis"
	"ingest-pipeline/local/internal/progress"
)

// eventTrace shows how one event passes through the services.
type eventTrace struct {
	terminal *terminal
	// delivered receives the first object.
	delivered chan firehose.Delivered
	// lastFault holds the last failure of Firehose.
	lastFault chan string

	mu sync.Mutex
	// flushed says that entries are shown at once. Until the response has arrived, which takes milliseconds, they are
	// pending: the services call their hooks when they are done, which is not the order in which the event passes them.
	flushed bool
	pending []traceEntry
}

type traceEntry struct {
	stage stage
	text  string
}

// stage is a stage of the pipeline, in the order of the event.
type stage int

const (
	atGateway stage = iota
	atKinesis
	atClient
	atFirehose
	atS3
)

var stageNames = map[stage]string{
	atGateway: "API Gateway", atKinesis: "Kinesis", atClient: "HTTP", atFirehose: "Firehose", atS3: "S3",
}

func newEventTrace(c *terminal) *eventTrace {
	return &eventTrace{terminal: c, delivered: make(chan firehose.Delivered, 1), lastFault: make(chan string, 1)}
}

func (e *eventTrace) hooks() aws.Hooks {
	return aws.Hooks{OnRequest: e.request, OnPut: e.put, OnBuffer: e.buffer, OnDeliver: e.deliver, OnFault: e.fault}
}

// add shows that the event has passed a stage; details are lines below it.
func (e *eventTrace) add(at stage, what string, details ...string) {
	text := fmt.Sprintf("%6s  %-12s %s", progress.Elapsed(time.Since(e.terminal.started)), stageNames[at], what)
	for _, detail := range details {
		text += fmt.Sprintf("\n%6s  %-12s %s", "", "", detail)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.flushed {
		e.pending = append(e.pending, traceEntry{at, text})
		return
	}
	e.terminal.printf("%s", text)
}

// flush shows the pending entries in the order of the stages, and has further ones shown at once.
func (e *eventTrace) flush() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.flushed = true
	slices.SortStableFunc(e.pending, func(a, b traceEntry) int { return int(a.stage - b.stage) })
	for _, entry := range e.pending {
		e.terminal.printf("%s", entry.text)
	}
	e.pending = nil
}

func (e *eventTrace) request(r apigateway.Hop) {
	action := r.URI[strings.LastIndex(r.URI, ":")+1:]
	details := []string{compactJSON(r.Request)}
	if data, ok := recordData(r.Request); ok {
		details = append(details, fmt.Sprintf("Data is %q", data))
	}
	details = append(details, fmt.Sprintf("response %d", r.BackendStatus))
	e.add(atGateway, fmt.Sprintf("%s %s: %s as %s", r.HTTPMethod, r.ResourcePath, action, lastSegment(r.RoleARN)), details...)
}

func (e *eventTrace) put(p kinesis.Put) {
	e.add(atKinesis, fmt.Sprintf("%s, %s, %s", p.Stream, p.ShardID, plural(p.Bytes, "byte")),
		"partition key   "+p.PartitionKey, "sequence number "+p.SequenceNumber)
}

func (e *eventTrace) buffer(b firehose.Buffered) {
	e.add(atFirehose, fmt.Sprintf("%s buffers %s, %s, until %s", b.DeliveryStream, plural(b.BufferRecords, "record"),
		plural(b.BufferBytes, "byte"), b.Due.Local().Format(time.TimeOnly)))
}

func (e *eventTrace) deliver(d firehose.Delivered) {
	e.add(atS3, "s3://"+d.Bucket+"/"+d.Key)
	select {
	case e.delivered <- d:
	default:
	}
}

func (e *eventTrace) fault(f firehose.Fault) {
	text := describeFault(f)
	e.add(atFirehose, text)
	select {
	case <-e.lastFault:
	default:
	}
	select {
	case e.lastFault <- text:
	default:
	}
}

// compactJSON is a JSON document without the white space that a template leaves; other text is returned as it is.
func compactJSON(document []byte) string {
	var b bytes.Buffer
	if err := json.Compact(&b, document); err != nil {
		return string(bytes.TrimSpace(document))
	}
	return b.String()
}

// recordData is the data of the record in a PutRecord call.
func recordData(request []byte) (string, bool) {
	var call struct{ Data string }
	if err := json.Unmarshal(request, &call); err != nil || call.Data == "" {
		return "", false
	}
	data, err := base64.StdEncoding.DecodeString(call.Data)
	return string(data), err == nil
}

func lastSegment(arn string) string { return arn[strings.LastIndexAny(arn, "/:")+1:] }
