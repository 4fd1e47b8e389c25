package logs

import (
	"time"

	"ingest-pipeline/local/aws/internal/metric"
)

// meters are the metrics of a log group, and those of all log groups together.
//
// Documented: CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html, with the dimension LogGroupName and without any.
type meters struct{ events, bytes, allEvents, allBytes metric.Recorder }

// metersOf are the metrics of a log group; nil: nothing is measured.
func (s *Service) metersOf(group string) *meters {
	if s.metrics == nil {
		return nil
	}
	dimensions := map[string]string{"LogGroupName": group}
	return &meters{
		events: s.metrics("IncomingLogEvents", dimensions), bytes: s.metrics("IncomingBytes", dimensions),
		allEvents: s.metrics("IncomingLogEvents", nil), allBytes: s.metrics("IncomingBytes", nil),
	}
}

// add counts the events of one PutLogEvents. Bytes are those of the messages and 26 for each (documented: PutLogEvents).
func (m *meters) add(now time.Time, events, bytes int) {
	if m == nil || events == 0 {
		return
	}
	for _, count := range []struct {
		one, all metric.Recorder
		n        int
	}{{m.events, m.allEvents, events}, {m.bytes, m.allBytes, bytes + events*eventOverhead}} {
		count.one.AddAt(now, float64(count.n))
		count.all.AddAt(now, float64(count.n))
	}
}

// discard records nothing.
type discard struct{}

func (discard) AddAt(time.Time, float64)        {}
func (discard) SetDefaultAt(time.Time, float64) {}
