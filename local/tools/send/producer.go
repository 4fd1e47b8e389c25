package send

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jonboulle/clockwork"
	"golang.org/x/time/rate"
)

const (
	// firstWait doubles from attempt to attempt up to longestWait (docs/clients.md).
	firstWait   = time.Second
	longestWait = time.Minute
	// grace is how long the run waits for outstanding responses after it was stopped.
	grace = 5 * time.Second
	// linger is how long an incomplete batch waits for more events.
	linger = 500 * time.Millisecond
	// maxNotes is how many failed events are named for each reason.
	maxNotes = 10
)

// producer sends the events of a source.
type producer struct {
	options  Options
	endpoint *endpoint
	source   source
	// bounded says that Count is a default, leftOver that the source had more events than that.
	bounded, leftOver bool
	tally             *tally
	// onEnd is called with the end of each event.
	onEnd func(event, end)
	// journal is nil unless the events are sent again.
	journal *journal
	// note prints a line.
	note  func(format string, args ...any)
	clock clockwork.Clock
	pace  *rate.Limiter

	randomMu sync.Mutex
	random   *rand.Rand

	// answered says that the endpoint has responded at least once.
	answered atomic.Bool
	stop     context.CancelCauseFunc
}

func newProducer(options Options, e *endpoint, s source, t *tally) *producer {
	p := &producer{
		options: options, endpoint: e, source: s, tally: t,
		onEnd: func(event, end) {}, note: func(string, ...any) {},
		clock: options.Clock, random: rand.New(options.Random),
	}
	if options.Rate > 0 {
		// A bucket of a tenth of a second, since timers are too coarse for single events.
		p.pace = rate.NewLimiter(rate.Limit(options.Rate), max(options.BatchSize, int(options.Rate/10), 1))
	}
	return p
}

// run sends until the source has no more events, a bound of the options is reached or ctx is done, and then waits for the
// requests in flight. The error says why the run ended early.
func (p *producer) run(ctx context.Context) error {
	run, stop := context.WithCancelCause(ctx)
	p.stop = stop
	defer stop(nil)
	reading, endReading := context.WithCancel(run)
	defer endReading()
	if p.options.Duration > 0 {
		defer p.clock.AfterFunc(p.options.Duration, endReading).Stop()
	}
	// Requests outlive the run by grace: without their responses, nobody would know whether their events are stored.
	requests, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	defer context.AfterFunc(run, func() { p.clock.AfterFunc(grace, cut) })()

	start := p.clock.Now()
	events, batches := make(chan event), make(chan []event)
	go p.read(reading, events)
	go p.group(reading, events, batches)
	var workers sync.WaitGroup
	for range p.options.Concurrency {
		workers.Go(func() {
			for batch := range batches {
				p.deliver(run, reading, requests, batch)
			}
		})
	}
	workers.Wait()
	p.tally.mu.Lock()
	p.tally.Elapsed = p.clock.Since(start)
	p.tally.mu.Unlock()
	switch cause := context.Cause(run); {
	case ctx.Err() != nil:
		return errInterrupted
	case cause != nil:
		return cause
	}
	return nil
}

// errInterrupted is a context.Canceled.
var errInterrupted = &interrupted{}

type interrupted struct{}

func (*interrupted) Error() string { return "interrupted" }

func (*interrupted) Unwrap() error { return context.Canceled }

// read reads events from the source. It may still block in a read of standard input when the run is over.
func (p *producer) read(ctx context.Context, events chan<- event) {
	defer close(events)
	for sent := int64(0); ctx.Err() == nil; {
		if sent == p.options.Count && p.options.Count > 0 && !p.bounded {
			return
		}
		e, err := p.source.next()
		var bad *badLine
		switch {
		case errors.As(err, &bad):
			p.tally.add(&p.tally.BadLines, 1)
			p.note("not sent: %v", bad)
			continue
		case errors.Is(err, io.EOF):
			return
		case err != nil:
			p.stop(fmt.Errorf("reading events: %w", err))
			return
		case p.bounded && sent == p.options.Count:
			p.leftOver = true // without a stop, since events in flight may be sent again
			return
		}
		select {
		case events <- e:
			sent++
		case <-ctx.Done():
			p.countUnsent(1)
			return
		}
	}
}

// countUnsent counts events that were read but not sent. Generated ones do not matter.
func (p *producer) countUnsent(n int) {
	if p.options.File != "" || p.journal != nil {
		p.tally.add(&p.tally.Unsent, n)
	}
}

// group groups events into batches.
func (p *producer) group(ctx context.Context, events <-chan event, batches chan<- []event) {
	defer close(batches)
	limits := batcher{size: p.options.BatchSize}
	var first *event
	for {
		var batch []event
		if first == nil {
			select {
			case e, ok := <-events:
				if !ok {
					return
				}
				first = &e
			case <-ctx.Done():
				return // without waiting for the end of events: the source may block
			}
		}
		batch, first = append(batch, *first), nil
		compact, raw := batch[0].compact, len(batch[0].body)
		late := p.clock.NewTimer(linger)
	fill:
		for len(batch) < limits.size {
			select {
			case e, ok := <-events:
				if !ok {
					break fill
				}
				if !limits.fits(batch, compact, raw, e) {
					first = &e
					break fill
				}
				batch = append(batch, e)
				compact, raw = compact+e.compact, raw+len(e.body)+1
			case <-late.Chan():
				break fill
			case <-ctx.Done():
				break fill
			}
		}
		late.Stop()
		select {
		case batches <- batch:
		case <-ctx.Done():
			p.countUnsent(len(batch))
			if first != nil {
				p.countUnsent(1)
			}
			return
		}
	}
}

// deliver sends events until each has an end. reading is done when no new event may be sent, run when none may be sent
// again.
func (p *producer) deliver(run, reading, requests context.Context, events []event) {
	batch := p.options.BatchSize > 1
	if p.waitForTurn(reading, len(events)) != nil {
		p.countUnsent(len(events))
		return
	}
	if p.journal != nil {
		if err := p.journal.begin(events); err != nil {
			p.countUnsent(len(events))
			p.stop(err)
			return
		}
	}
	for attempt := 1; ; attempt++ {
		begun := p.clock.Now()
		a := p.attempt(requests, events, batch)
		o := interpret(a, len(events), batch, p.clock.Now())
		p.tally.request(len(events), attempt, latencyOf(o, p.clock.Since(begun)))
		p.watch(a, o)
		events = p.apply(events, o)
		if len(events) == 0 {
			return
		}
		if attempt == p.options.Attempts || p.wait(run, p.backoff(attempt, o.wait)) != nil || p.waitForTurn(run, len(events)) != nil {
			p.giveUp(events, o)
			return
		}
		p.tally.count(p.tally.RetriedFor, o.reason, len(events))
	}
}

// latencyOf is the latency of a request that stored something, else 0.
func latencyOf(o outcome, took time.Duration) time.Duration {
	for _, f := range o.results {
		if f == stored {
			return max(took, 1)
		}
	}
	return 0
}

// attempt sends one request, with the options' timeout.
func (p *producer) attempt(requests context.Context, events []event, batch bool) response {
	ctx, cancel := context.WithCancelCause(requests)
	defer cancel(nil)
	late := fmt.Errorf("none within %s", p.options.Timeout)
	defer p.clock.AfterFunc(p.options.Timeout, func() { cancel(late) }).Stop()
	a := p.endpoint.post(ctx, events, batch)
	if a.err != nil && context.Cause(ctx) != nil {
		a.err = context.Cause(ctx)
	}
	return a
}

// watch stops the run when no request can succeed: there is no endpoint, it refuses this client, or its Retry-After is
// longer than longestWait.
func (p *producer) watch(a response, o outcome) {
	switch {
	case a.err == nil:
		p.answered.Store(true)
		switch {
		case o.blocked:
			p.stop(fmt.Errorf("stopped: %s: %s", o.reason, o.message))
		case o.wait > longestWait:
			p.stop(fmt.Errorf("stopped: %s asks to wait %s", o.reason, o.wait))
		}
	case !a.begun && !p.answered.Load():
		p.stop(fmt.Errorf("stopped: nothing can be sent: %w", a.err))
	}
}

// apply ends the events whose result is final and returns the others.
func (p *producer) apply(events []event, o outcome) (left []event) {
	for i, e := range events {
		switch o.results[i] {
		case stored:
			p.tally.accept(e.unsure)
			p.end(e, accepted)
		case rejected, unclear:
			if p.tally.count(p.tally.Refused, o.reason, 1) < maxNotes {
				p.note("%s refused: %s: %s", e.name(), o.reason, o.message)
			}
			p.end(e, failedEnd(e.unsure || o.results[i] == unclear))
		case retry, retryUnsure:
			e.unsure = e.unsure || o.results[i] == retryUnsure
			left = append(left, e)
		}
	}
	return left
}

// giveUp ends events that are not sent again.
func (p *producer) giveUp(events []event, o outcome) {
	for _, e := range events {
		if p.tally.count(p.tally.GaveUp, o.reason, 1) < maxNotes {
			p.note("%s given up: %s: %s", e.name(), o.reason, o.message)
		}
		p.end(e, failedEnd(e.unsure))
	}
}

// end records the end of an event.
func (p *producer) end(e event, to end) {
	p.onEnd(e, to)
	if p.journal == nil {
		return
	}
	if err := p.journal.end(e, to); err != nil {
		p.stop(err)
	}
}

func failedEnd(unsure bool) end {
	if unsure {
		return uncertain
	}
	return notStored
}

// backoff is how long to wait after an attempt, the first being 1: the Retry-After, or else a time that
// doubles; with up to 100 % jitter, so that clients do not retry in step.
func (p *producer) backoff(attempt int, asked time.Duration) time.Duration {
	wait := asked
	if wait == 0 {
		wait = min(firstWait<<min(attempt-1, 10), longestWait)
	}
	p.randomMu.Lock()
	defer p.randomMu.Unlock()
	return wait + time.Duration(p.random.Int64N(int64(wait)))
}

// waitForTurn waits until the rate permits n events.
func (p *producer) waitForTurn(ctx context.Context, n int) error {
	if p.pace == nil {
		return ctx.Err()
	}
	now := p.clock.Now()
	turn := p.pace.ReserveN(now, n)
	if err := p.wait(ctx, turn.DelayFrom(now)); err != nil {
		turn.CancelAt(p.clock.Now())
		return err
	}
	return nil
}

// wait waits unless ctx is done.
func (p *producer) wait(ctx context.Context, d time.Duration) error {
	if d <= 0 || ctx.Err() != nil {
		return ctx.Err()
	}
	timer := p.clock.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.Chan():
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
