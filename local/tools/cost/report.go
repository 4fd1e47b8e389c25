package cost

import (
	"fmt"
	"math"

	"github.com/dustin/go-humanize"

	"ingest-pipeline/pipeline"
)

// Report is the output of the command.
type Report struct {
	Stack string `json:"stack"`
	// Region is the region of the prices, StackRegion that of the stack.
	Region          string  `json:"region"`
	StackRegion     string  `json:"stackRegion"`
	EventsPerSecond float64 `json:"eventsPerSecond"`
	EventBytes      int     `json:"eventBytes"`
	EventsPerMonth  float64 `json:"eventsPerMonth"`
	// Shards is how many shards the traffic needs.
	Shards Shards `json:"shards"`
	// Estimate is the stack as its settings are. Ways are PROVISIONED, with as many shards as are needed, and ON_DEMAND,
	// each one by one and in batches.
	Estimate Estimate   `json:"estimate"`
	Ways     []Estimate `json:"ways"`
	// Idle is the estimate without any event.
	Idle Estimate `json:"idle"`
	// Warnings say where the settings do not fit the traffic, Notes how the estimate was computed, NotCounted what it lacks.
	Warnings   []string `json:"warnings"`
	Notes      []string `json:"notes"`
	NotCounted []string `json:"notCounted"`
}

// Shards is how many a stream needs, fully used and evenly spread.
type Shards struct {
	Needed    int     `json:"needed"`
	ByRecords float64 `json:"byRecords"`
	ByBytes   float64 `json:"byBytes"`
	// Advised leaves a third of the capacity free, since partition keys distribute events at random.
	Advised int `json:"advised"`
}

// notCounted are charges that the formulas do not include.
var notCounted = []string{
	"free tier, discounts and tax", "data transfer to clients", "keys and calls of KMS", "alarms, dashboards and metrics",
	"keeping logs", "retrieval from Glacier",
}

func newReport(o Options, settings pipeline.PipelineArgs, stackRegion string, prices Prices) Report {
	t := newTraffic(o, settings)
	r := Report{
		Stack: o.Stack, Region: o.Region, StackRegion: stackRegion,
		EventsPerSecond: o.EventsPerSecond, EventBytes: o.EventBytes, EventsPerMonth: t.events,
		Shards: Shards{
			Needed: t.shards(), ByRecords: t.shardsByRecords, ByBytes: t.shardsByBytes,
			Advised: max(1, int(math.Ceil(max(t.shardsByRecords, t.shardsByBytes)*1.5))),
		},
		Estimate:   estimate(prices, o.Region, settings, t, o.BatchSize),
		Idle:       idle(prices, o.Region, settings),
		Warnings:   warnings(settings, stackRegion, t),
		Notes:      notes(settings, t),
		NotCounted: notCounted,
	}
	for _, mode := range []string{pipeline.StreamModeProvisioned, pipeline.StreamModeOnDemand} {
		for _, batch := range batches(o) {
			way, traffic := settings, o
			way.Stream.Mode, way.Stream.ShardCount, traffic.BatchSize = mode, 0, batch
			arriving := newTraffic(traffic, way)
			if mode == pipeline.StreamModeProvisioned {
				way.Stream.ShardCount = arriving.shards()
			}
			r.Ways = append(r.Ways, estimate(prices, o.Region, way, arriving, batch))
		}
	}
	return r
}

// batches are the two batch sizes to compare: 1, and that of the options or the largest.
func batches(o Options) []int {
	if largest := largestBatch(o.EventBytes); o.BatchSize == 1 && largest > 1 {
		return []int{1, largest}
	}
	if o.BatchSize == 1 {
		return []int{1}
	}
	return []int{1, o.BatchSize}
}

// warnings say which settings limit the traffic.
func warnings(settings pipeline.PipelineArgs, region string, t traffic) []string {
	found := []string{} // for JSON, which has no list otherwise
	warn := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	switch mode := settings.Stream.Mode; {
	case mode == pipeline.StreamModeProvisioned && t.shards() > settings.Stream.ShardCount:
		warn("stream.shardCount = %d: %s events/s of %d bytes need %s", settings.Stream.ShardCount, number(t.eventsPerSecond), t.recordBytes,
			plural(t.shards(), "shard"))
	case mode == pipeline.StreamModeOnDemand && t.eventsPerSecond > onDemandMostRecords:
		warn("stream.mode = ON_DEMAND: a stream grows to %s events/s in most regions", humanize.Comma(onDemandMostRecords))
	case mode == pipeline.StreamModeOnDemand &&
		(t.eventsPerSecond > onDemandRecordsPerSecond || t.eventsPerSecond*float64(t.recordBytes+t.keyBytes) > onDemandBytesPerSecond):
		warn("stream.mode = ON_DEMAND: a new stream takes %s events/s and 4 MiB/s; it grows to twice what it has seen, not at once",
			humanize.Comma(onDemandRecordsPerSecond))
	}
	if quota := shardQuota(region); settings.Stream.Mode == pipeline.StreamModeProvisioned && t.shards() > quota {
		warn("%s: the quota of %s is %d unless AWS raised it", plural(t.shards(), "shard"), region, quota)
	}
	if t.requestsPerSecond > float64(settings.Throttle.RequestsPerSecond) {
		warn("throttle.requestsPerSecond = %d: %s requests/s arrive", settings.Throttle.RequestsPerSecond, number(t.requestsPerSecond))
	}
	if t.requestsPerSecond > 10_000 {
		warn("%s requests/s: API Gateway's quota is 10,000 for all APIs of a region together; use batches", number(t.requestsPerSecond))
	}
	if perDay := t.requestsPerSecond * 24 * 3600; settings.Access == pipeline.AccessAPIKey && perDay > float64(quota(settings)) {
		warn("apiKeys: their quotas allow %s requests a day together, and %s arrive", humanize.Comma(int64(quota(settings))), number(perDay))
	}
	return found
}

// quota is that of all API keys together, in requests per day.
func quota(settings pipeline.PipelineArgs) (requestsPerDay int) {
	for _, key := range settings.APIKeys {
		requestsPerDay += key.RequestsPerDay
	}
	return requestsPerDay
}

// shardQuota is documented (service-sizes-and-limits, guide of June 2023; newer pages raise it).
func shardQuota(region string) int {
	switch region {
	case "us-east-1", "us-west-2", "eu-west-1":
		return 500
	}
	return 200
}

// notes say how the numbers were computed.
func notes(settings pipeline.PipelineArgs, t traffic) []string {
	all := []string{
		fmt.Sprintf("a month has %d hours, a GB 1,024^3 bytes", HoursPerMonth),
		fmt.Sprintf("a record has %s bytes, and about %d of partition key, which count for the limit of a shard only",
			humanize.Comma(int64(t.recordBytes)), t.keyBytes),
		"S3 is counted before compression, and grows by as much each month",
	}
	if settings.Logs.Level == "INFO" {
		all = append(all, fmt.Sprintf("the execution log at INFO is %s bytes a request, between %s and %s (inferred, not measured on AWS)",
			humanize.Comma(executionLogBytes), humanize.Comma(executionLogLeastBytes), humanize.Comma(executionLogMaxByte)))
	}
	if settings.Logs.Level == "ERROR" {
		all = append(all, "the execution log at ERROR has lines for failed requests only: counted as nothing")
	}
	if settings.Logs.AccessLog {
		all = append(all, fmt.Sprintf("the access log is about %d bytes a request, by its format", accessLogBytes))
		if t.throttled == 0 {
			all = append(all, "requests over the throttle are free but for their lines in the access log: see --throttled-per-second")
		}
	}
	return all
}
