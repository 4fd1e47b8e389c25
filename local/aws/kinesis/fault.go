package kinesis

import (
	"context"
	"errors"
	"time"

	"github.com/jonboulle/clockwork"
)

// Fault is what goes wrong on purpose with PutRecord and PutRecords.
type Fault struct {
	// Latency is how long each request waits before it is answered.
	Latency time.Duration
	// Throttle refuses every record as if its shard were over its limit; Fail fails every request as InternalFailure.
	Throttle, Fail bool
}

var errFault = errors.New("a fault is switched on")

// fault is the fault of this moment.
func (s *Service) fault() Fault {
	if s.options.Fault == nil {
		return Fault{}
	}
	return s.options.Fault()
}

// wait waits for the latency of a fault, or until the caller gives up.
func (f Fault) wait(ctx context.Context, clock clockwork.Clock) {
	if f.Latency <= 0 {
		return
	}
	timer := clock.NewTimer(f.Latency)
	defer timer.Stop()
	select {
	case <-timer.Chan():
	case <-ctx.Done():
	}
}

// put stores records unless a fault is in the way; see stream.put.
func (s *Service) put(ctx context.Context, st *stream, entries []entry) error {
	f := s.fault()
	f.wait(ctx, st.clock)
	switch {
	case ctx.Err() != nil:
		return errCancelled
	case f.Fail:
		return errFault
	case f.Throttle:
		_, open := st.snapshot()
		for i := range entries {
			entries[i].shard, entries[i].throttled = shardFor(open, entries[i].hash), true
		}
		return nil
	}
	return st.put(ctx, entries)
}
