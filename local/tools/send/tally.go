package send

import (
	"fmt"
	"sync"
	"time"

	"github.com/dustin/go-humanize"
)

// end is the final state of an event.
type end int

const (
	// accepted: a 200 says that it is stored.
	accepted end = iota
	// notStored: rejected, or no attempt can have stored it.
	notStored
	// uncertain: an attempt may have stored it.
	uncertain
)

// tally counts events and requests. It is safe for concurrent use.
type tally struct {
	mu sync.Mutex
	Tally
	latency latencies
}

// Tally has the counts of a run.
type Tally struct {
	// Requests counts all requests, Retried those that were repetitions.
	Requests, Retried int64
	// Attempted counts the events that were sent at least once.
	Attempted int64
	// Accepted events got a 200. Refused ones got a response after which they must not be sent again; GaveUp ones were sent
	// as often as allowed. Both are counted by reason, such as "403 INVALID_API_KEY" or "no response".
	Accepted        int64
	Refused, GaveUp map[string]int64
	// RetriedFor counts events that were sent again, by reason.
	RetriedFor map[string]int64
	// PossibleDuplicates counts accepted events that may be stored more than once, since an earlier attempt may have
	// succeeded as well.
	PossibleDuplicates int64
	// Skipped events were accepted in an earlier run of the same replay.
	Skipped int64
	// BadLines were not sent because they are not events, Unsent events because the run was stopped.
	BadLines, Unsent int64
	// Elapsed is the time from the first request to the last response.
	Elapsed time.Duration
}

func newTally() *tally {
	return &tally{Tally: Tally{Refused: map[string]int64{}, GaveUp: map[string]int64{}, RetriedFor: map[string]int64{}}}
}

// request counts one attempt and its latency; took is 0 unless it stored something.
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

// progress describes the progress of the run; of is such as " of 1,000", or empty if the total is unknown.
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
