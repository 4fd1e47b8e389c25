package main

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
	"sync"
	"time"

	"ingest-pipeline/local/apigateway"
	"ingest-pipeline/local/build"
	"ingest-pipeline/local/cloud"
	"ingest-pipeline/local/firehose"
	"ingest-pipeline/local/kinesis"
)

// hops shows what happens to one event on its way.
type hops struct {
	console *console
	// delivered gets the first object.
	delivered chan firehose.Delivered
	// faults are the last things that Firehose could not do.
	faults chan string

	mu sync.Mutex
	// requested says that the first hop was shown. It is told last, when API Gateway has the answer; what is told
	// before waits, so that the hops are shown in the order of the event's way.
	requested bool
	waiting   []func()
}

func newHops(c *console) *hops {
	return &hops{console: c, delivered: make(chan firehose.Delivered, 1), faults: make(chan string, 1)}
}

func (h *hops) hooks() cloud.Hooks {
	return cloud.Hooks{OnRequest: h.request, OnPut: h.put, OnBuffer: h.buffer, OnDeliver: h.deliver, OnFault: h.fault}
}

// show writes one hop; details are lines below it.
func (h *hops) show(hop, what string, details ...string) {
	write := h.compose(hop, what, details...)
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.requested {
		h.waiting = append(h.waiting, write)
		return
	}
	write()
}

// begin shows the first hop, and then what has waited for it.
func (h *hops) begin(first func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.requested = true
	first()
	for _, write := range h.waiting {
		write()
	}
	h.waiting = nil
}

// compose makes the lines of a hop, with the time that it is now.
func (h *hops) compose(hop, what string, details ...string) (write func()) {
	text := fmt.Sprintf("%6s  %-12s %s", build.Elapsed(time.Since(h.console.started)), hop, what)
	for _, detail := range details {
		text += fmt.Sprintf("\n%6s  %-12s %s", "", "", detail)
	}
	return func() { h.console.line("%s", text) }
}

func (h *hops) request(r apigateway.Hop) {
	action := r.URI[strings.LastIndex(r.URI, ":")+1:]
	details := []string{compact(r.Request)}
	if data, ok := recordData(r.Request); ok {
		details = append(details, fmt.Sprintf("Data is %q", data))
	}
	h.begin(h.compose("API Gateway", fmt.Sprintf("%s %s: %s as %s", r.HTTPMethod, r.ResourcePath, action, lastPart(r.RoleARN)), details...))
	h.show("", fmt.Sprintf("Kinesis answered %d, the client gets %d", r.BackendStatus, r.Status))
}

func (h *hops) put(p kinesis.Put) {
	h.show("Kinesis", fmt.Sprintf("%s, %s, %s", p.Stream, p.ShardID, plural(p.Bytes, "byte")),
		"partition key   "+p.PartitionKey, "sequence number "+p.SequenceNumber)
}

func (h *hops) buffer(b firehose.Buffered) {
	h.show("Firehose", fmt.Sprintf("%s holds %s, %s, until %s", b.DeliveryStream, plural(b.BufferRecords, "record"),
		plural(b.BufferBytes, "byte"), b.Due.Local().Format(time.TimeOnly)))
}

func (h *hops) deliver(d firehose.Delivered) {
	h.show("S3", "s3://"+d.Bucket+"/"+d.Key)
	select {
	case h.delivered <- d:
	default:
	}
}

func (h *hops) fault(f firehose.Fault) {
	text := f.ErrorCode + ": " + f.Message
	h.show("Firehose", text)
	select {
	case <-h.faults:
	default:
	}
	select {
	case h.faults <- text:
	default:
	}
}

// compact is a JSON document without the white space that a template leaves; what is not JSON stays as it is.
func compact(document []byte) string {
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

func lastPart(arn string) string { return arn[strings.LastIndexAny(arn, "/:")+1:] }

// readObject is an object's content, decompressed if it is compressed.
func readObject(c *cloud.Cloud, bucket, key string) (_ []byte, err error) {
	object, err := c.S3.Get(bucket, key)
	if err != nil {
		return nil, fmt.Errorf("reading s3://%s/%s: %w", bucket, key, err)
	}
	defer object.Close()
	content, err := io.ReadAll(object)
	if err == nil && bytes.HasPrefix(content, []byte{0x1f, 0x8b}) {
		var unzipped *gzip.Reader
		if unzipped, err = gzip.NewReader(bytes.NewReader(content)); err == nil {
			content, err = io.ReadAll(unzipped)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("reading s3://%s/%s: %w", bucket, key, err)
	}
	return content, nil
}

// checkLine says in what way an object is not one line that equals the event. enveloped says that the line holds the
// event under the name "event".
func checkLine(content []byte, sent string, enveloped bool) error {
	line, rest, ended := bytes.Cut(content, []byte("\n"))
	if !ended {
		return fmt.Errorf("the object does not end with a newline: %q", content)
	}
	if len(rest) > 0 {
		return fmt.Errorf("the object has more than one line: %q", content)
	}
	var want, got any
	if err := json.Unmarshal([]byte(sent), &want); err != nil {
		return fmt.Errorf("reading the event: %w", err)
	}
	if err := json.Unmarshal(line, &got); err != nil {
		return fmt.Errorf("the object's line is not JSON: %w: %q", err, line)
	}
	if enveloped {
		envelope, _ := got.(map[string]any)
		got = envelope["event"]
	}
	if !reflect.DeepEqual(got, want) {
		return fmt.Errorf("the object's line is not the event: %s", line)
	}
	return nil
}
