package send

import (
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAnInterruptedRunStillAccountsForItsEvents(t *testing.T) {
	ctx, interrupt := context.WithCancel(context.Background())
	endpoint := newStub(t, func(r received) reply {
		if r.number == 7 {
			interrupt()
		}
		return ok(r)
	})
	r := runIn(t, ctx, Options{URL: endpoint.URL, Count: 1000})
	require.ErrorIs(t, r.err, context.Canceled)
	assert.EqualError(t, r.err, "interrupted")
	accepted := r.row(t, "accepted")
	assert.Equal(t, fmt.Sprint(len(endpoint.seen())), accepted, "what was under way was waited for")
	assert.Less(t, len(endpoint.seen()), 20)
}

func TestAnInterruptEndsTheWaitForANextAttempt(t *testing.T) {
	ctx, interrupt := context.WithCancel(context.Background())
	defer interrupt()
	endpoint := newStub(t, func(received) reply {
		interrupt()
		return refusal(429, "THROTTLED", "Retry-After", "30")
	})
	r := runIn(t, ctx, Options{URL: endpoint.URL, Count: 10})
	require.ErrorIs(t, r.err, context.Canceled)
	assert.Len(t, endpoint.seen(), 1)
	assert.Equal(t, "1 (429 THROTTLED: 1)", r.row(t, "given up"))
}

func TestAnInterruptDoesNotWaitForStandardInput(t *testing.T) {
	ctx, interrupt := context.WithCancel(context.Background())
	endpoint := newStub(t, func(r received) reply {
		interrupt()
		return ok(r)
	})
	in, out := io.Pipe()
	defer out.Close()
	go func() { _, _ = io.WriteString(out, `{"a":1}`+"\n") }()
	r := runIn(t, ctx, Options{URL: endpoint.URL, File: "-", Stdin: in})
	require.ErrorIs(t, r.err, context.Canceled)
	assert.Equal(t, "1", r.row(t, "accepted"))
}

func TestAnUnansweredRequestIsCanceledAfterTheGracePeriod(t *testing.T) {
	ctx, interrupt := context.WithCancel(context.Background())
	clock, silent := newFastClock(), make(chan struct{})
	defer close(silent)
	endpoint := newStub(t, func(r received) reply {
		interrupt()
		<-silent
		return ok(r)
	})
	done := make(chan runResult)
	go func() { done <- runIn(t, ctx, Options{URL: endpoint.URL, Count: 1, Clock: clock}) }()
	clock.blockUntil(t, 2) // the timeout of the request, and the grace
	clock.Advance(grace)
	r := <-done
	require.ErrorIs(t, r.err, context.Canceled)
	assert.Equal(t, "1 (no response: 1)", r.row(t, "given up"))
}

func TestARequestTimesOut(t *testing.T) {
	clock, silent := newFastClock(), make(chan struct{})
	defer close(silent)
	endpoint := newStub(t, func(r received) reply {
		if r.number == 1 {
			<-silent
		}
		return ok(r)
	})
	done := make(chan runResult)
	go func() { done <- run(t, Options{URL: endpoint.URL, Count: 1, Clock: clock, Timeout: 35 * time.Second}) }()
	require.Eventually(t, func() bool { return len(endpoint.seen()) == 1 }, patience, time.Millisecond)
	clock.Advance(35 * time.Second)
	r := <-done
	require.NoError(t, r.err)
	assert.Equal(t, "1 (no response: 1)", r.row(t, "sent again"))
	assert.Equal(t, "1 possible", r.row(t, "duplicates"))
}
