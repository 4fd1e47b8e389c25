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
	// the clock skew that S3 accepts in requests
	clockSkew = 15 * time.Minute
	// maxExamples is how many examples of each problem are named.
	maxExamples = 10
)

// Verification is the result of verifying.
type Verification struct {
	// Place is the location of the objects.
	Place string
	// Objects and Lines count what was read: objects that appeared after sending began.
	Objects, Lines int64
	// Accepted counts the accepted events, Found those of them that are in S3.
	Accepted, Found int64
	// Missing names the first few events that were accepted and not found.
	Missing []string
	// Duplicated counts the copies of an event beyond the first.
	Duplicated int64
	// Unanswered counts events that were found although no request got a 200 for them.
	Unanswered int64
	// Malformed counts lines that are not one JSON object; Altered events whose content differs from what was sent;
	// Unexpected events of this run that should not be stored; Foreign events of others.
	Malformed, Altered, Unexpected, Foreign int64
	// Examples names the first few that are malformed, altered or unexpected.
	Examples []string
}

// Complete says whether exactly the accepted events of this run are stored, unaltered. Duplicates are
// allowed: delivery is at least once.
func (a Verification) Complete() bool {
	return a.Found == a.Accepted && a.Malformed == 0 && a.Altered == 0 && a.Unexpected == 0
}

// verifier looks for the events of a run in the objects of a location.
type verifier struct {
	location objects.Location
	ledger   ledger
	clock    clockwork.Clock
	// every is the interval between listings.
	every time.Duration

	// since is when the run began, less the clock skew. Objects that existed before are in read.
	since  time.Time
	read   map[string]bool
	result Verification
}

// prepare lists the objects that exist before the first event is sent, which also shows whether listing is permitted.
func (v *verifier) prepare(ctx context.Context) error {
	v.since, v.read = v.clock.Now().Add(-clockSkew), map[string]bool{}
	return v.location.List(ctx, func(o objects.Object) error {
		if !o.Modified.Before(v.since) {
			v.read[o.Name] = true
		}
		return nil
	})
}

// run reads new objects until every accepted event was found, the time is up or ctx is done.
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
		}
		timer.Stop()
		if ctx.Err() != nil {
			break
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
		return v.countDamaged(o, err)
	}
	lines := newLineReader(content)
	for {
		l, err := lines.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return v.countDamaged(o, err)
		}
		v.result.Lines++
		v.readLine(o, l)
	}
}

// countDamaged counts an object that cannot be decompressed as one malformed line. It returns any other error.
func (v *verifier) countDamaged(o objects.Object, err error) error {
	if isDamaged(err) {
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

// isDamaged reports whether the cause of an error is the content of an object that is not complete gzip.
func isDamaged(err error) bool {
	var corrupt flate.CorruptInputError
	return errors.As(err, &corrupt) || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) ||
		errors.Is(err, io.ErrUnexpectedEOF)
}

// decompress decompresses a gzip stream, recognized by its first bytes: the file extension in Firehose can be anything.
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
