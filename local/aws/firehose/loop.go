package firehose

import (
	"errors"
	"time"

	"ingest-pipeline/local/aws/kinesis"
	"ingest-pipeline/local/aws/s3"
)

// Limits of one reading.
//
// documented (service-sizes-and-limits): GetRecords returns up to 10,000 records and 10 MB. Less is read at once here,
// since it passes through memory.
const (
	pollRecords = 10_000
	pollBytes   = 1 << 20
	// pollInterval is how often an idle delivery stream asks whether it may still read.
	//
	// documented (writing-with-kinesis-streams): Firehose calls GetRecords once a second for each shard.
	pollInterval = time.Second
	// clockMoved is how far the clock may move on between two statements before it is read again.
	clockMoved = 10 * time.Millisecond
)

var errExpired = errors.New("records expired before they were delivered")

// run is the goroutine of a delivery stream.
func (d *deliveryStream) run() {
	defer close(d.stopped)
	defer func() {
		d.answerFlushes(errClosed)
		d.closeSource()
		_ = d.buffer.close() // what is in it can be read again
	}()
	for {
		select {
		case <-d.stops:
			return
		case f := <-d.calls:
			f()
			continue
		default:
		}
		switch now := d.options.Clock.Now(); {
		case d.ready(now):
			d.deliver()
		case d.mayRead(now):
			d.read(now)
		default:
			d.wait(now)
		}
	}
}

// ready reports whether the buffer is to be delivered now.
func (d *deliveryStream) ready(now time.Time) bool {
	b := d.buffer
	switch {
	case b.records == 0 || !d.retry.elapsed(now):
		return false
	case b.sealed, b.bytes >= d.set.bufferBytes, !now.Before(b.due):
		return true
	}
	return len(d.flushes) > 0 && d.reader.Position().Behind(d.flushes[0].to) == 0
}

// mayRead reports whether there is room for what may be there to read.
func (d *deliveryStream) mayRead(now time.Time) bool {
	if d.buffer.sealed || d.buffer.bytes >= d.set.bufferBytes || !d.source.elapsed(now) {
		return false
	}
	if d.reader == nil || now.Sub(d.polled) >= pollInterval || len(d.flushes) > 0 {
		return true
	}
	select {
	case <-d.reader.Wait():
		return true
	default:
		return false
	}
}

// wait sleeps until there is something to do.
func (d *deliveryStream) wait(now time.Time) {
	var incoming <-chan struct{}
	var until time.Time
	sooner := func(t time.Time) {
		if until.IsZero() || t.Before(until) {
			until = t
		}
	}
	room := !d.buffer.sealed && d.buffer.bytes < d.set.bufferBytes
	switch {
	case room && d.source.elapsed(now):
		incoming = d.reader.Wait()
		sooner(d.polled.Add(pollInterval))
	case room:
		sooner(d.source.at)
	}
	switch {
	case d.buffer.records == 0:
	case d.retry.elapsed(now):
		sooner(d.buffer.due)
	default:
		sooner(d.retry.at)
	}
	if watch := d.metrics.sampleFreshness(now, d.buffer); !watch.IsZero() {
		sooner(watch)
	}
	timer := d.options.Clock.NewTimer(max(until.Sub(now), 0))
	defer timer.Stop()
	// A timer counts from its making. If the clock has moved on since now was read, this one would be late.
	if later := d.options.Clock.Now(); later.Sub(now) > clockMoved || !until.IsZero() && !later.Before(until) {
		return
	}
	select {
	case <-incoming:
	case <-timer.Chan():
	case f := <-d.calls:
		f()
	case <-d.stops:
	}
}

// read fills the buffer with the records that are available, as far as there is room.
func (d *deliveryStream) read(now time.Time) {
	d.polled = now
	if d.buffer.dirty {
		if err := d.rewind(); err != nil {
			d.handleSourceError(now, err)
			return
		}
	}
	records, at, err := d.poll()
	if err == nil {
		if lost := d.lost.more(d.reader.Lost()); lost > 0 {
			d.report(Fault{ErrorCode: recordsExpired, Lost: lost, Err: errExpired})
		}
	}
	if err == nil && len(records) > 0 {
		err = d.addToBuffer(records, at, now)
	}
	if err != nil {
		d.handleSourceError(now, err)
		return
	}
	d.metrics.recordRead(now, records)
	d.source = backoff{}
	if d.buffer.records == 0 {
		d.skip(at)
	}
}

// poll asks the stream for records, with a new session of the source's role.
func (d *deliveryStream) poll() ([]kinesis.Record, kinesis.Position, error) {
	caller, err := d.assume(d.set.config.SourceRoleARN, sourceSession)
	if err != nil {
		return nil, kinesis.Position{}, err
	}
	if d.reader == nil {
		if err := d.reopenSource(caller); err != nil {
			return nil, kinesis.Position{}, err
		}
	}
	d.reader.As(caller)
	room := min(d.set.bufferBytes-d.buffer.bytes, pollBytes)
	records, at, err := d.reader.Poll(pollRecords, room)
	if codeOf(err) == "ResourceNotFoundException" && d.buffer.records == 0 {
		d.closeSource() // the stream may have been created again
		if d.reopenSource(caller) == nil {
			return d.reader.Poll(pollRecords, room)
		}
	}
	return records, at, err
}

// addToBuffer appends records to the buffer.
func (d *deliveryStream) addToBuffer(records []kinesis.Record, at kinesis.Position, now time.Time) error {
	b := d.buffer
	before := b.bytes
	if b.records == 0 {
		// documented (API_BufferingHints): the interval begins with the first record of the buffer.
		b.due = now.Add(d.set.interval)
	}
	if err := b.add(records, d.set.delimiter); err != nil {
		// What it holds now is not known; it is read again.
		return errors.Join(err, d.rewind())
	}
	b.end = at
	d.updateDescription()
	if d.options.OnBuffer != nil {
		d.options.OnBuffer(Buffered{
			DeliveryStream: d.name, Records: len(records), Bytes: b.bytes - before,
			BufferRecords: b.records, BufferBytes: b.bytes, Due: b.due,
		})
	}
	return nil
}

// skip moves the checkpoint over records that are lost, so that a flush need not wait for them.
func (d *deliveryStream) skip(at kinesis.Position) {
	if d.state.Position.Behind(at) > 0 {
		d.checkpoint(at)
	}
	d.answerFlushes(nil)
}

func (d *deliveryStream) handleSourceError(now time.Time, err error) {
	at := d.source.fail(now)
	d.report(Fault{ErrorCode: sourceCode(err), Err: err, RetryAt: at})
	d.answerFlushes(err)
}

// rewind empties the buffer and goes back to the checkpoint.
func (d *deliveryStream) rewind() error {
	err := d.buffer.reset(d.set.gzip())
	if d.reader != nil {
		if d.state.Position != d.reader.Position() {
			err = errors.Join(err, d.reader.Seek(d.state.Position))
		}
		d.lost.since = d.reader.Lost()
	}
	d.updateDescription()
	return err
}

// deliver makes one attempt to put the buffer into S3.
func (d *deliveryStream) deliver() {
	now := d.options.Clock.Now()
	if d.expired(now) {
		// What can still be read is delivered; the reader counts what is lost.
		if err := d.rewind(); err != nil {
			d.handleDeliveryError(now, err)
		}
		return
	}
	key, err := d.putObject()
	if err != nil {
		d.metrics.recordFailure(now)
		d.handleDeliveryError(now, err)
		return
	}
	b := d.buffer
	done := Delivered{
		DeliveryStream: d.name, Bucket: d.set.bucket, Key: key, Records: b.records, Bytes: b.bytes,
		ObjectBytes: b.size, OldestArrival: b.oldest, Attempts: d.retry.failures + 1,
	}
	d.retry = backoff{}
	d.metrics.recordDelivery(now, done)
	d.checkpoint(b.end)
	if err := b.reset(d.set.gzip()); err != nil {
		d.handleDeliveryError(now, err)
	}
	d.updateDescription()
	if d.options.OnDeliver != nil {
		d.options.OnDeliver(done)
	}
	d.answerFlushes(nil)
}

// expired reports whether the oldest record of the buffer would have expired in the stream.
//
// documented (basic-deliver; troubleshooting): what could not be delivered is retried for as long as the source stream
// retains it.
func (d *deliveryStream) expired(now time.Time) bool {
	if d.retry.failures == 0 {
		return false
	}
	stream, err := d.options.Kinesis.DescribeStream(streamName(d.set.config.StreamARN))
	return err == nil && now.Sub(d.buffer.oldest) > time.Duration(stream.RetentionHours)*time.Hour
}

// putObject puts the buffer, with a new session of the destination's role.
func (d *deliveryStream) putObject() (key string, err error) {
	caller, err := d.assume(d.set.config.RoleARN, deliverySession)
	if err != nil {
		return "", err
	}
	body, err := d.buffer.object()
	if err != nil {
		// What it holds now is not known; it is read again.
		return "", errors.Join(err, d.rewind())
	}
	oldest, random := d.buffer.oldest, d.options.Random
	key = d.set.prefixes.object.evaluate(oldest.In(d.set.zone), "", random) +
		objectName(d.name, d.state.Version, oldest, d.set.extension, random)
	options := s3.PutOptions{ContentType: d.set.contentType}
	if d.set.gzip() { // assumed
		options.ContentEncoding = "gzip"
	}
	return key, d.options.objects.PutObject(caller, d.set.bucket, key, body, options)
}

func (d *deliveryStream) handleDeliveryError(now time.Time, err error) {
	at := d.retry.fail(now)
	d.report(Fault{ErrorCode: deliveryCode(err), Err: err, RetryAt: at})
	d.answerFlushes(err)
}

// checkpoint keeps the place up to which everything is in S3. If it cannot be kept, what follows would be delivered a
// second time after a restart, but nothing is lost.
func (d *deliveryStream) checkpoint(at kinesis.Position) {
	d.lost = losses{since: d.reader.Lost()}
	st := *d.state
	st.Position = at
	d.mu.Lock()
	d.state = &st
	d.mu.Unlock()
	if err := st.write(d.dir); err != nil {
		d.report(Fault{ErrorCode: "InternalError", Err: err})
	}
}
