package cost

import (
	"fmt"
	"strings"

	"github.com/dustin/go-humanize"

	"ingest-pipeline/pipeline"
)

const (
	// maxEventBytes is the pipeline's limit for one event, with its newline (docs/clients.md).
	maxEventBytes = 1_023_999
	// maxBatchBytes is the limit for one batch.
	maxBatchBytes = 5_000_000
	maxBatchSize  = 500
	// maxEventsPerSecond is more than any region's quotas, for throttled requests, too.
	maxEventsPerSecond = 10_000_000
)

// Options says what to estimate.
type Options struct {
	// Project is the folder of Pulumi.yaml. Required.
	Project string
	// Stack names the settings: those of Pulumi.<Stack>.yaml, with the defaults of Pulumi.yaml. Required.
	Stack string
	// EventsPerSecond is the average of the month. 0: the peak that the stack expects.
	EventsPerSecond float64
	// EventBytes is the size of a stored event: a line of compact JSON with its newline, 3 to 1,023,999 bytes. 0: what the
	// stack expects, plus the newline.
	EventBytes int
	// BatchSize is how many events are in one request: 1 (the single route) to 500. 0: what the stack expects.
	BatchSize int
	// ThrottledPerSecond are requests that the stage answers 429 because they are over its throttle, besides those of the
	// events, on average of the month.
	ThrottledPerSecond float64
	// Region is the region of the prices. Empty: the stack's.
	Region string
	// Prices is a file in the format of prices.json, whose prices replace those that come with the
	// program. Empty: none.
	Prices string

	// JSON writes everything as JSON instead of tables.
	JSON bool
}

// OptionsError says that Options are invalid.
type OptionsError struct {
	// Problems are all problems, each with its flag.
	Problems []string
}

func (e *OptionsError) Error() string { return strings.Join(e.Problems, "; ") }

// complete fills in the defaults from what the stack expects.
func (o Options) complete(settings pipeline.PipelineArgs) Options {
	if o.EventsPerSecond == 0 {
		o.EventsPerSecond = float64(settings.ExpectedTraffic.EventsPerSecond)
	}
	if o.EventBytes == 0 {
		o.EventBytes = settings.ExpectedTraffic.EventBytes + len("\n")
	}
	if o.BatchSize == 0 {
		o.BatchSize = settings.ExpectedTraffic.EventsPerRequest
	}
	return o
}

// Check reports all problems of completed options as an *OptionsError.
func (o Options) Check() error {
	var problems []string
	fail := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	if !(o.EventsPerSecond > 0 && o.EventsPerSecond <= maxEventsPerSecond) {
		fail("--events-per-second=%v: must be more than 0 and at most %s", o.EventsPerSecond, humanize.Comma(maxEventsPerSecond))
	}
	if !(o.ThrottledPerSecond >= 0 && o.ThrottledPerSecond <= maxEventsPerSecond) {
		fail("--throttled-per-second=%v: must be 0 to %s", o.ThrottledPerSecond, humanize.Comma(maxEventsPerSecond))
	}
	if o.EventBytes < 3 || o.EventBytes > maxEventBytes {
		fail("--event-bytes=%d: must be 3 to %s, with the newline", o.EventBytes, humanize.Comma(maxEventBytes))
	}
	if o.BatchSize < 1 || o.BatchSize > maxBatchSize {
		fail("--batch-size=%d: must be 1 (the single route) to %d", o.BatchSize, maxBatchSize)
	}
	if len(problems) == 0 && o.BatchSize > 1 && o.BatchSize > largestBatch(o.EventBytes) {
		fail("--batch-size=%d: one request takes at most %d events of %d bytes (%s bytes together)",
			o.BatchSize, largestBatch(o.EventBytes), o.EventBytes, humanize.Comma(maxBatchBytes))
	}
	if len(problems) > 0 {
		return &OptionsError{Problems: problems}
	}
	return nil
}

// largestBatch is how many events of a size fit into one request.
func largestBatch(eventBytes int) int { return max(1, min(maxBatchSize, maxBatchBytes/eventBytes)) }
