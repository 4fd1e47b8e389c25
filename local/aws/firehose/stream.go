package firehose

import (
	"context"
	"sync"
	"time"

	"ingest-pipeline/local/aws/iam"
	"ingest-pipeline/local/aws/kinesis"
)

// deliveryStream is one delivery stream. A single goroutine reads, buffers and delivers; others call it.
type deliveryStream struct {
	options        *Options
	name, arn, dir string

	// For the goroutine only.
	reader  *kinesis.Reader
	buffer  *buffer
	lost    losses
	source  backoff // of reading
	retry   backoff // of delivering
	polled  time.Time
	flushes []flushRequest
	metrics *streamMetrics

	calls   chan func()
	stops   chan struct{}
	stopped chan struct{}
	once    sync.Once

	mu          sync.Mutex // for Describe: the goroutine writes, holding it
	set         *settings
	state       *state
	description DeliveryStreamDescription
}

// losses counts the records that expired behind the checkpoint. Going back to it makes the reader count them again.
type losses struct {
	since    uint64 // what the reader had counted when it was at the checkpoint
	reported uint64
}

// more is how many there are that were not reported yet.
func (l *losses) more(counted uint64) uint64 {
	more := counted - l.since - min(l.reported, counted-l.since)
	l.reported += more
	return more
}

// flushRequest is a Flush that waits until everything before a place is delivered.
type flushRequest struct {
	to   kinesis.Position // set once the source is open
	done chan error
}

// The names of the sessions, as they show in ARNs. assumed.
const (
	sourceSession   = "AWSFirehoseToKinesis"
	deliverySession = "AWSFirehoseToS3"
)

// assume assumes a role.
//
// documented (controlling-access#firehose-assume-role): Firehose is firehose.amazonaws.com and gives the account id as
// sts:ExternalId. assumed: nothing else is known of the call, such as aws:SourceArn. AWS keeps a session for up to an
// hour; here each use is a new one, so that a change of the trust policy shows at once.
func (d *deliveryStream) assume(roleARN, session string) (*iam.Session, error) {
	return d.options.IAM.AssumeRole(roleARN, "firehose.amazonaws.com", session,
		map[string]string{"sts:ExternalId": d.options.Account.ID})
}

// begin prepares what the goroutine needs.
func (d *deliveryStream) begin(set *settings, st *state) (err error) {
	if d.buffer, err = openBuffer(d.dir); err != nil {
		return err
	}
	d.calls, d.stops, d.stopped = make(chan func()), make(chan struct{}), make(chan struct{})
	d.setConfig(set, st)
	return d.buffer.reset(set.gzip())
}

// setConfig puts a configuration and its state into force.
func (d *deliveryStream) setConfig(set *settings, st *state) {
	if limit := d.options.MaxBufferInterval; limit > 0 {
		set.interval = min(set.interval, limit)
	}
	d.mu.Lock()
	d.set, d.state = set, st
	d.mu.Unlock()
	d.updateDescription()
}

// updateDescription updates what DescribeDeliveryStream returns.
func (d *deliveryStream) updateDescription() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.description = DeliveryStreamDescription{
		ARN: d.arn, Status: "ACTIVE", Version: d.state.Version, Created: d.state.Created, Updated: d.state.Updated,
		Config:        d.set.config,
		BufferRecords: d.buffer.records, BufferBytes: d.buffer.bytes, Position: d.state.Position,
	}
}

func (d *deliveryStream) describe() DeliveryStreamDescription {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.description
}

// call runs f in the goroutine and waits for it.
func (d *deliveryStream) call(f func() error) error {
	result := make(chan error, 1)
	select {
	case d.calls <- func() { result <- f() }:
		return <-result
	case <-d.stopped:
		return errClosed
	}
}

// flush waits until everything that is in the source now is delivered, or the first attempt at it fails.
func (d *deliveryStream) flush(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	done := make(chan error, 1)
	request := func() {
		d.source.at, d.retry.at = time.Time{}, time.Time{} // at once
		f := flushRequest{done: done}
		if d.reader != nil {
			f.to = d.reader.End()
		}
		d.flushes = append(d.flushes, f)
	}
	select {
	case d.calls <- request:
	case <-ctx.Done():
		return ctx.Err()
	case <-d.stopped:
		return errClosed
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// stop ends the goroutine without delivering anything.
func (d *deliveryStream) stop() {
	d.once.Do(func() { close(d.stops) })
	<-d.stopped
}

// answerFlushes ends flushes: all of them with a failure, or those whose place was reached.
func (d *deliveryStream) answerFlushes(failure error) {
	var waiting []flushRequest
	for _, f := range d.flushes {
		if failure == nil && d.state.Position.Behind(f.to) > 0 {
			waiting = append(waiting, f)
			continue
		}
		f.done <- failure
	}
	d.flushes = waiting
}
