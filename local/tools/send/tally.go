package send

import (
	"fmt"
	"sync"
	"time"

	"github.com/dustin/go-humanize"
)

// end is what became of an event when nothing more is done about it.
type end int

const (
	// accepted: a 200 says that it is stored.
	accepted end = iota
	// notStored: refused, or every attempt was surely in vain.
	notStored
	// perhaps: the last attempts left it open.
	perhaps
)

// tally counts what happens. It is safe for concurrent use.
type tally struct {
	mu sync.Mutex
	Tally
	latency latencies
}

// Tally is what became of the events of a run.
type Tally struct {
	// Requests were made; Retried of them were repetitions.
	Requests, Retried int64
	// Attempted are the events that were sent at least once.
	Attempted int64
	// Accepted got a 200. Refused got an answer that forbids another attempt, GaveUp none that helps: by reason, such as
	// "403 INVALID_API_KEY" or "no answer".
	Accepted        int64
	Refused, GaveUp map[string]int64
	// RetriedFor counts events that were sent again, by reason.
	RetriedFor map[string]int64
	// PossibleDuplicates are the accepted events that may be stored more than once, since an attempt before may have
	// succeeded, too.
	PossibleDuplicates int64
	// BadLines were not sent because they are no events; Unsent because the run was stopped.
	BadLines, Unsent int64
	// Elapsed is from the first request to the last answer.
	Elapsed time.Duration
}

func newTally() *tally {
	return &tally{Tally: Tally{Refused: map[string]int64{}, GaveUp: map[string]int64{}, RetriedFor: map[string]int64{}}}
}

// request counts one attempt and how long it took to be answered; took is 0 unless something was stored by it.
func (t *tally) request(events, attempt int, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.Requests++
	if attempt == 1 {
		t.Attempted += int64(events)
	} else {
		t.Retried++
	}
	if took > 0 {
		t.latency.add(took)
	}
}

func (t *tally) add(counter *int64, n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	*counter += int64(n)
}

func (t *tally) count(reasons map[string]int64, reason string, n int) (before int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	before = reasons[reason]
	reasons[reason] += int64(n)
	return before
}

func (t *tally) accept(unsure bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.Accepted++
	if unsure {
		t.PossibleDuplicates++
	}
}

// progress is the progress of the run in a line; of is such as " of 1,000", or empty if the total is not known.
func (t *tally) progress(of string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return fmt.Sprintf("%s%s events, %s accepted, %s repeated", humanize.Comma(t.Attempted), of, humanize.Comma(t.Accepted), plural(t.Retried, "request"))
}

// sum adds up the counts of a map.
func sum(counts map[string]int64) (total int64) {
	for _, n := range counts {
		total += n
	}
	return total
}
