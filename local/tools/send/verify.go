package send

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/jonboulle/clockwork"

	"ingest-pipeline/local/tools/send/objects"
)

const (
	// most clocks are less apart than that; S3 refuses requests of those that are not.
	clockSkew = 15 * time.Minute
	// maxExamples bounds what is named of each kind of trouble.
	maxExamples = 10
)

// Verification is what verifying found.
type Verification struct {
	// Place is where it was looked.
	Place string
	// Objects and Lines were read, all of which appeared after the sending began.
	Objects, Lines int64
	// Accepted events and how many of them were found.
	Accepted, Found int64
	// Missing names events that were accepted and not found: the first few.
	Missing []string
	// Duplicated are the copies beyond the first of an event.
	Duplicated int64
	// Unanswered events were found although their sender never got a 200.
	Unanswered int64
	// Malformed lines are not one JSON object; Altered events do not say what was sent; Unexpected ones are of this run
	// and should not be there. Foreign ones are others'.
	Malformed, Altered, Unexpected, Foreign int64
	// Examples names the first few of what is malformed, altered or unexpected.
	Examples []string
}

// Complete says whether every accepted event is stored as it was sent, and nothing else of this run. Duplicates are
// allowed: delivery is at least once.
func (a Verification) Complete() bool {
	return a.Found == a.Accepted && a.Malformed == 0 && a.Altered == 0 && a.Unexpected == 0
}

// verifier looks for the events of a run in the objects of a location.
type verifier struct {
	location objects.Location
	ledger   ledger
	clock    clockwork.Clock
	// every is how long to wait from one listing to the next.
	every time.Duration

	// since is when the run began, with room for clocks that are apart. Objects that were there already are in read.
	since  time.Time
	read   map[string]bool
	result Verification
}

// prepare remembers which objects are there before the first event is sent, and finds out whether they can be listed.
func (v *verifier) prepare(ctx context.Context) error {
	v.since, v.read = v.clock.Now().Add(-clockSkew), map[string]bool{}
	return v.location.List(ctx, func(o objects.Object) error {
		if !o.Modified.Before(v.since) {
			v.read[o.Name] = true
		}
		return nil
	})
}

// run reads objects as they appear, until every accepted event was found, the time is up or ctx is done.
func (v *verifier) run(ctx context.Context, timeout time.Duration, watch func(Verification)) (_ Verification, err error) {
	v.result = Verification{Place: v.location.String()}
	deadline := v.clock.Now().Add(timeout)
	for {
		err = v.pass(ctx, watch)
		if found, accepted := v.ledger.progress(); err != nil || found == accepted || !v.clock.Now().Before(deadline) {
			break
		}
		timer := v.clock.NewTimer(min(v.every, deadline.Sub(v.clock.Now())))
		select {
		case <-timer.Chan():
		case <-ctx.Done():
			timer.Stop()
		}
	}
	if ctx.Err() != nil {
		err = errInterrupted
	}
	v.result.Found, v.result.Accepted = v.ledger.progress()
	sums := v.ledger.close(maxExamples)
	v.result.Missing, v.result.Unanswered = sums.missing, sums.unanswered
	return v.result, err
}

// pass reads the objects that were not read before.
func (v *verifier) pass(ctx context.Context, watch func(Verification)) error {
	return v.location.List(ctx, func(o objects.Object) error {
		if v.read[o.Name] || o.Modified.Before(v.since) {
			return nil
		}
		v.read[o.Name] = true
		v.result.Objects++
		if err := v.readObject(ctx, o); err != nil {
			return fmt.Errorf("reading %s in %s: %w", o.Name, v.location, err)
		}
		v.result.Found, v.result.Accepted = v.ledger.progress()
		watch(v.result)
		return nil
	})
}

func (v *verifier) readObject(ctx context.Context, o objects.Object) (err error) {
	raw, err := v.location.Open(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, raw.Close()) }()
	content, err := decompress(raw)
	if err != nil {
		return v.damaged(o, err)
	}
	lines := newLineReader(content)
	for {
		l, err := lines.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return v.damaged(o, err)
		}
		v.result.Lines++
		v.readLine(o, l)
	}
}

// damaged counts an object that cannot be unpacked as one malformed line. Any other error is given back.
func (v *verifier) damaged(o objects.Object, err error) error {
	var corrupt flate.CorruptInputError
	if errors.As(err, &corrupt) || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) ||
		errors.Is(err, io.ErrUnexpectedEOF) {
		v.addExample(&v.result.Malformed, "%s: cannot be unpacked: %v", o.Name, err)
		return nil
	}
	return err
}

func (v *verifier) readLine(o objects.Object, l line) {
	where := fmt.Sprintf("%s, line %d", o.Name, l.number)
	if l.long {
		v.addExample(&v.result.Malformed, "%s: longer than %s bytes", where, humanize.Comma(maxLine))
		return
	}
	object, problem := parseObject(l.text)
	if problem != "" {
		if !l.ended {
			problem += ", and without a newline: cut off?"
		}
		v.addExample(&v.result.Malformed, "%s: %s", where, problem)
		return
	}
	switch v.ledger.find(object) {
	case duplicate:
		v.result.Duplicated++
	case altered:
		v.addExample(&v.result.Altered, "%s: not what was sent: %.200s", where, l.text)
	case unexpected:
		v.addExample(&v.result.Unexpected, "%s: never sent, or refused: %.200s", where, l.text)
	case foreign:
		v.result.Foreign++
	}
}

func (v *verifier) addExample(count *int64, format string, args ...any) {
	*count++
	if len(v.result.Examples) < maxExamples {
		v.result.Examples = append(v.result.Examples, fmt.Sprintf(format, args...))
	}
}

// plain unpacks a gzip stream, which it knows by its first bytes: Firehose lets people choose any file extension.
func decompress(raw io.Reader) (io.Reader, error) {
	buffered := bufio.NewReader(raw)
	magic, err := buffered.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if string(magic) != "\x1f\x8b" {
		return buffered, nil
	}
	return gzip.NewReader(buffered)
}
