package main

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
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

// hops shows what happens to one event on its way.
type hops struct {
	console *console
	// delivered gets the first object.
	delivered chan firehose.Delivered
	// faults are the last things that Firehose could not do.
	faults chan string

	mu sync.Mutex
	// released says that hops are shown at once. Until the answer is there, which takes milliseconds, they wait: the
	// services tell of them in the order in which they are done, and that is not the order of the event's way.
	released bool
	waiting  []hop
}

// hop is one hop that waits to be shown.
type hop struct {
	place place
	text  string
}

// place is a hop's place on the way.
type place int

const (
	atGateway place = iota
	atKinesis
	atClient
	atFirehose
	atS3
)

// names of the places, as they are shown.
var names = map[place]string{
	atGateway: "API Gateway", atKinesis: "Kinesis", atClient: "HTTP", atFirehose: "Firehose", atS3: "S3",
}

func newHops(c *console) *hops {
	return &hops{console: c, delivered: make(chan firehose.Delivered, 1), faults: make(chan string, 1)}
}

func (h *hops) hooks() aws.Hooks {
	return aws.Hooks{OnRequest: h.request, OnPut: h.put, OnBuffer: h.buffer, OnDeliver: h.deliver, OnFault: h.fault}
}

// show shows one hop; details are lines below it.
func (h *hops) show(at place, what string, details ...string) {
	text := fmt.Sprintf("%6s  %-12s %s", progress.Elapsed(time.Since(h.console.started)), names[at], what)
	for _, detail := range details {
		text += fmt.Sprintf("\n%6s  %-12s %s", "", "", detail)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.released {
		h.waiting = append(h.waiting, hop{at, text})
		return
	}
	h.console.line("%s", text)
}

// release shows what has waited, in the order of the way, and everything else at once.
func (h *hops) release() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.released = true
	slices.SortStableFunc(h.waiting, func(a, b hop) int { return int(a.place - b.place) })
	for _, hop := range h.waiting {
		h.console.line("%s", hop.text)
	}
	h.waiting = nil
}

func (h *hops) request(r apigateway.Hop) {
	action := r.URI[strings.LastIndex(r.URI, ":")+1:]
	details := []string{compact(r.Request)}
	if data, ok := recordData(r.Request); ok {
		details = append(details, fmt.Sprintf("Data is %q", data))
	}
	details = append(details, fmt.Sprintf("it answers %d", r.BackendStatus))
	h.show(atGateway, fmt.Sprintf("%s %s: %s as %s", r.HTTPMethod, r.ResourcePath, action, lastPart(r.RoleARN)), details...)
}

func (h *hops) put(p kinesis.Put) {
	h.show(atKinesis, fmt.Sprintf("%s, %s, %s", p.Stream, p.ShardID, plural(p.Bytes, "byte")),
		"partition key   "+p.PartitionKey, "sequence number "+p.SequenceNumber)
}

func (h *hops) buffer(b firehose.Buffered) {
	h.show(atFirehose, fmt.Sprintf("%s holds %s, %s, until %s", b.DeliveryStream, plural(b.BufferRecords, "record"),
		plural(b.BufferBytes, "byte"), b.Due.Local().Format(time.TimeOnly)))
}

func (h *hops) deliver(d firehose.Delivered) {
	h.show(atS3, "s3://"+d.Bucket+"/"+d.Key)
	select {
	case h.delivered <- d:
	default:
	}
}

func (h *hops) fault(f firehose.Fault) {
	text := f.ErrorCode + ": " + f.Message
	h.show(atFirehose, text)
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
func readObject(c *aws.Cloud, bucket, key string) (_ []byte, err error) {
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
