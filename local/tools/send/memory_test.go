package send

import (
	"context"
	"io"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/tools/send/objects"
)

// endless is a location of one object that is generated while it is read.
type endless struct {
	made  *generator
	lines int64
	watch func(line int64)

	line int64
	rest []byte
}

func (e *endless) String() string { return "endless" }

func (e *endless) List(_ context.Context, visit func(objects.Object) error) error {
	return visit(objects.Object{Name: "object", Modified: time.Now()})
}

func (e *endless) Open(context.Context, objects.Object) (io.ReadCloser, error) { return e, nil }

func (e *endless) Close() error { return nil }

// Read returns one line, or the rest of it.
func (e *endless) Read(p []byte) (int, error) {
	if len(e.rest) == 0 {
		if e.line == e.lines {
			return 0, io.EOF
		}
		e.watch(e.line)
		e.rest = append(e.made.body(e.line), '\n')
		e.line++
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

func TestVerifyingNeedsConstantMemory(t *testing.T) {
	const events = 100_000
	made := &generator{run: newRun(1), bytes: 200}
	l := &numbered{generator: made}
	heap := func() int64 {
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return int64(stats.HeapAlloc)
	}
	before, most := heap(), int64(0)
	for n := range int64(events) {
		l.record(event{number: n}, accepted)
	}
	v := &verifier{ledger: l, clock: newFastClock(), read: map[string]bool{}, every: time.Second, location: &endless{
		made: made, lines: events, watch: func(n int64) {
			if n%25_000 == 24_999 {
				most = max(most, heap()-before)
			}
		},
	}}
	account, err := v.run(context.Background(), time.Minute, func(Verification) {})
	require.NoError(t, err)
	assert.True(t, account.Complete())
	assert.Equal(t, int64(events), account.Found)
	assert.Less(t, most, int64(4<<20), "bytes for 20 MB of events")
}
