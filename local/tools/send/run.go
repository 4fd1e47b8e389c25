package send

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/dustin/go-humanize"

	"ingest-pipeline/local/internal/progress"
	"ingest-pipeline/local/tools/send/objects"
)

// IncompleteError is the error of a run that ran to its end although events were not accepted, or not found in
// S3. Its text says what is wrong.
type IncompleteError struct{ problem string }

func (e *IncompleteError) Error() string { return e.problem }

// Run sends events and writes a summary to stdout; display shows the progress. When ctx is done, it sends no
// more events, waits a few seconds for outstanding responses, and still writes the summary.
//
// The error is nil if and only if every event was accepted and, with Verify, is in S3. It is an *OptionsError if the
// options are invalid, an *IncompleteError if events are missing, and context.Canceled if ctx was
// done before the end.
func Run(ctx context.Context, options Options, stdout io.Writer, display *progress.Display) error {
	if err := options.Check(); err != nil {
		return err
	}
	if err := options.findLocalTarget(); err != nil {
		return err
	}
	target, problem := parseURL(options.URL)
	if problem != "" {
		return &OptionsError{Problems: []string{options.URL + ": " + problem}}
	}
	r := &runner{options: options.complete(target), asked: options, target: target, stdout: stdout, display: display}
	if err := r.open(ctx); err != nil {
		return err
	}
	defer r.close()
	if options.Replay != nil && options.Replay.DryRun {
		return r.dryRun()
	}
	return r.run(ctx)
}

// runner is one run.
type runner struct {
	options Options
	// asked are the options without defaults.
	asked   Options
	target  *url.URL
	stdout  io.Writer
	display *progress.Display

	source source
	close  func()
	sign   func(context.Context, *http.Request, []byte) error
	// ledger and verifier are nil without Verify.
	ledger   ledger
	verifier *verifier
	// journal and objects are nil without Replay.
	journal *journal
	objects *objectSource
}

// open opens everything that the run needs, before the first event is sent.
func (r *runner) open(ctx context.Context) (err error) {
	if r.options.SigV4 {
		if r.sign, err = signer(ctx, r.target, r.options); err != nil {
			return err
		}
	}
	if r.options.Verify {
		if err := r.openVerifier(ctx); err != nil {
			return err
		}
	}
	r.close = func() {}
	switch r.options.File {
	case "":
		if r.options.Replay != nil {
			return r.openReplay(ctx)
		}
		made := &generator{run: newRun(r.options.Random.Uint64()), bytes: r.options.EventBytes}
		r.source, r.ledger = made, &numbered{generator: made}
	case "-":
		if r.options.Stdin == nil {
			return &OptionsError{Problems: []string{"--file=-: there is no standard input"}}
		}
		r.source, r.ledger = newFileSource(r.options.Stdin), &contents{}
	default:
		file, err := os.Open(r.options.File)
		if err != nil {
			return fmt.Errorf("reading events: %w", err)
		}
		r.source, r.ledger = newFileSource(file), &contents{}
		r.close = func() { _ = file.Close() } // it was only read
	}
	return nil
}

const (
	// everyFolder and everyBucket are the intervals between listings: those of a bucket cost money.
	everyFolder = time.Second
	everyBucket = 5 * time.Second
)

func (r *runner) openVerifier(ctx context.Context) error {
	location, err := objects.Open(ctx, r.options.Objects, objects.Options{Region: r.options.Region, Profile: r.options.Profile})
	if err != nil {
		return err
	}
	every := everyFolder
	if objects.InS3(r.options.Objects) {
		every = everyBucket
	}
	r.verifier = &verifier{location: location, clock: r.options.Clock, every: every}
	return r.verifier.prepare(ctx)
}

func (r *runner) run(ctx context.Context) error {
	counts := newTally()
	endpoint := newEndpoint(r.target, r.options, r.sign)
	p := newProducer(r.options, endpoint, r.source, counts)
	p.journal = r.journal
	p.bounded = r.asked.Count == 0 && r.options.Count > 0 && r.options.File != ""
	if r.verifier != nil {
		r.verifier.ledger = r.ledger
		p.onEnd = r.ledger.record
	}
	ended := r.send(ctx, p)
	if r.objects != nil {
		counts.Skipped = r.objects.skipped.Load()
	}
	if err := counts.write(r.stdout, endpoint.address(r.options.BatchSize > 1)); err != nil {
		return fmt.Errorf("writing the summary: %w", err)
	}
	if ended != nil {
		return ended
	}
	failure := counts.failure()
	if p.leftOver {
		failure = appendFailure(failure, fmt.Sprintf("stopped after %s events, the bound for other addresses than the local target's: "+
			"set --count or --duration to send more", humanize.Comma(DefaultCount)))
	}
	if r.verifier != nil {
		missing, err := r.verify(ctx, counts.Accepted)
		if err != nil {
			return err
		}
		failure = appendFailure(failure, missing)
	}
	if failure != "" {
		return &IncompleteError{failure}
	}
	return nil
}

// send runs the producer and shows its progress.
func (r *runner) send(ctx context.Context, p *producer) error {
	of := ""
	if r.options.File == "" && r.options.Replay == nil && r.options.Count > 0 && r.options.Duration == 0 {
		of = " of " + humanize.Comma(r.options.Count)
	}
	task := r.display.Start("sending")
	defer task.Abandon()
	task.UpdateFunc(func() string { return p.tally.progress(of) })
	p.note = task.Printf
	return p.run(ctx)
}

// verify looks for the events, prints what it found, and returns what is wrong.
func (r *runner) verify(ctx context.Context, accepted int64) (failure string, err error) {
	task := r.display.Start("verifying")
	show := func(v Verification) {
		task.Update(fmt.Sprintf("%s of %s events found in %s", humanize.Comma(v.Found), humanize.Comma(accepted), plural(v.Objects, "object")))
	}
	show(Verification{})
	verification, err := r.verifier.run(ctx, r.options.VerifyTimeout, show)
	task.Abandon()
	fmt.Fprintln(r.stdout)
	if writeErr := verification.write(r.stdout); writeErr != nil && err == nil {
		err = fmt.Errorf("writing the verification: %w", writeErr)
	}
	if err != nil {
		return "", fmt.Errorf("verifying: %w", err)
	}
	return verification.failure(), nil
}

func appendFailure(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + ", " + b
}
