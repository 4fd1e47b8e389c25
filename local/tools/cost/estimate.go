package cost

import (
	"fmt"

	"ingest-pipeline/pipeline"
)

// Line is one charge.
type Line struct {
	// Service is the service that charges, What describes the charge.
	Service string `json:"service"`
	What    string `json:"what"`
	// Item names the price; empty if there is none.
	Item string `json:"item"`
	// Quantity is the amount in Unit per month; nil if it is unknown.
	Quantity *float64 `json:"quantity"`
	Unit     string   `json:"unit"`
	// PerMonth is the charge in USD, PerMillion that for a million events. They are nil if unknown.
	PerMonth   *float64 `json:"perMonth"`
	PerMillion *float64 `json:"perMillionEvents,omitempty"`
	// Least and Most bound PerMonth where the quantity is an estimate.
	Least *float64 `json:"perMonthLeast,omitempty"`
	Most  *float64 `json:"perMonthMost,omitempty"`
	// Unknown says why PerMonth is nil.
	Unknown string `json:"unknown,omitempty"`
	// Price is the price that PerMonth was computed with.
	Price *Figure `json:"price,omitempty"`
}

// Estimate is what one way to run the stack costs in a month.
type Estimate struct {
	// StreamMode, Shards (0 for ON_DEMAND) and BatchSize distinguish the ways.
	StreamMode string `json:"streamMode"`
	Shards     int    `json:"shards,omitempty"`
	BatchSize  int    `json:"batchSize"`
	Lines      []Line `json:"lines"`
	// PerMonth is the sum of the known charges in USD, PerMillion that for a million events.
	PerMonth   float64 `json:"perMonth"`
	PerMillion float64 `json:"perMillionEvents,omitempty"`
	// Without names the charges that PerMonth lacks because their price is unknown.
	Without []string `json:"without,omitempty"`
}

// estimator prices quantities in one region.
type estimator struct {
	prices Prices
	region string
	events float64
	result Estimate
}

// estimate prices the traffic with these settings.
func estimate(prices Prices, region string, settings pipeline.PipelineArgs, t traffic, batch int) Estimate {
	e := &estimator{prices: prices, region: region, events: t.events, result: Estimate{StreamMode: settings.Stream.Mode, BatchSize: batch}}
	e.add("API Gateway", "requests", "apigateway.requests", t.requests/1e6, "million")
	if settings.Stream.Mode == pipeline.StreamModeProvisioned {
		e.provisioned(settings, t)
	} else {
		e.onDemand(settings, t)
	}
	e.add("Firehose", "events in steps of 5 KB", "firehose.ingested", t.gibibytes(firehoseStep), "GB")
	if objects, ok := t.objects(settings); ok {
		e.add("S3", "objects written", "s3.puts", objects/1e3, "thousand")
	} else {
		e.addUnknown("S3", "objects written", "s3.puts", "thousand", "with delivery.bufferIntervalSeconds = 0 the number of objects is unknown")
	}
	e.add("S3", "a month's events, for a month", "s3.stored", t.gibibytes(1), "GB-month")
	e.logs(settings, t)
	return e.finish()
}

func (e *estimator) provisioned(settings pipeline.PipelineArgs, t traffic) {
	e.result.Shards = settings.Stream.ShardCount
	e.add("Kinesis", "shards", "kinesis.shardHours", float64(settings.Stream.ShardCount)*HoursPerMonth, "shard-hours")
	e.add("Kinesis", "events in steps of 25 KB", "kinesis.putPayloadUnits", t.payloadUnits()/1e6, "million")
	e.provisionedRetention(settings)
	e.longTermRetention(settings, t)
}

func (e *estimator) provisionedRetention(settings pipeline.PipelineArgs) {
	if settings.Stream.RetentionHours > 24 {
		e.add("Kinesis", "retention above 24 h", "kinesis.extendedRetentionShardHours",
			float64(settings.Stream.ShardCount)*HoursPerMonth, "shard-hours")
	}
}

func (e *estimator) onDemand(settings pipeline.PipelineArgs, t traffic) {
	e.add("Kinesis", "on-demand stream", "kinesis.onDemandStreamHours", HoursPerMonth, "hours")
	e.add("Kinesis", "written, in steps of 1 KB", "kinesis.onDemandIn", t.gibibytes(onDemandStep), "GB")
	// Firehose reads each record once. That bytes read are not rounded is assumed.
	e.add("Kinesis", "read by Firehose", "kinesis.onDemandOut", t.gibibytes(1), "GB")
	if settings.Stream.RetentionHours > 24 {
		e.add("Kinesis", "retention above 24 h", "kinesis.onDemandExtendedRetention",
			t.storedGiB(24, min(settings.Stream.RetentionHours, 168)), "GB-month")
	}
	e.longTermRetention(settings, t)
}

func (e *estimator) longTermRetention(settings pipeline.PipelineArgs, t traffic) {
	if settings.Stream.RetentionHours > 168 {
		e.add("Kinesis", "retention above 7 days", "kinesis.longTermRetention", t.storedGiB(168, settings.Stream.RetentionHours), "GB-month")
	}
}

func (e *estimator) logs(settings pipeline.PipelineArgs, t traffic) {
	if settings.Logs.Level == "INFO" {
		line := e.add("CloudWatch Logs", "execution log at INFO (estimated)", "logs.ingested", t.requests*executionLogBytes/gib, "GB")
		if line.PerMonth != nil {
			least, most := *line.PerMonth*executionLogLeastBytes/executionLogBytes, *line.PerMonth*executionLogMaxByte/executionLogBytes
			line.Least, line.Most = &least, &most
		}
	}
	if settings.Logs.AccessLog {
		e.add("CloudWatch Logs", "access log", "logs.ingested", t.requests*accessLogBytes/gib, "GB")
		if t.throttled > 0 {
			e.add("CloudWatch Logs", "access log of throttled requests", "logs.ingested", t.throttled*accessLogBytes/gib, "GB")
		}
	}
}

// idle estimates the charges without any event.
func idle(prices Prices, region string, settings pipeline.PipelineArgs) Estimate {
	e := &estimator{prices: prices, region: region, result: Estimate{StreamMode: settings.Stream.Mode}}
	if settings.Stream.Mode == pipeline.StreamModeProvisioned {
		e.result.Shards = settings.Stream.ShardCount
		e.add("Kinesis", "shards", "kinesis.shardHours", float64(settings.Stream.ShardCount)*HoursPerMonth, "shard-hours")
		e.provisionedRetention(settings)
	} else {
		e.add("Kinesis", "on-demand stream", "kinesis.onDemandStreamHours", HoursPerMonth, "hours")
	}
	return e.finish()
}

// add adds the line of a quantity and returns it, valid until the next call.
func (e *estimator) add(service, what, item string, quantity float64, unit string) *Line {
	e.result.Lines = append(e.result.Lines, Line{Service: service, What: what, Item: item, Quantity: &quantity, Unit: unit})
	line := &e.result.Lines[len(e.result.Lines)-1]
	figure, known := e.prices.find(e.region, item)
	if !known {
		line.Unknown = fmt.Sprintf("no price of %s is known for %s", item, e.region)
		return line
	}
	line.Price = &figure
	amount, known := figure.price(quantity)
	if !known {
		line.Unknown = fmt.Sprintf("no price of %s is known for so much in %s", item, e.region)
		return line
	}
	line.PerMonth = &amount
	if e.events > 0 {
		perMillion := amount / e.events * 1e6
		line.PerMillion = &perMillion
	}
	return line
}

// addUnknown adds a line with an unknown quantity.
func (e *estimator) addUnknown(service, what, item, unit, why string) {
	e.result.Lines = append(e.result.Lines, Line{Service: service, What: what, Item: item, Unit: unit, Unknown: why})
}

// finish adds up the known charges. Each line starts at the first tier of its price; of the prices that lines share,
// CloudWatch Logs, none has tiers.
func (e *estimator) finish() Estimate {
	for _, line := range e.result.Lines {
		if line.PerMonth == nil {
			e.result.Without = append(e.result.Without, line.Service+" "+line.What)
			continue
		}
		e.result.PerMonth += *line.PerMonth
	}
	if e.events > 0 {
		e.result.PerMillion = e.result.PerMonth / e.events * 1e6
	}
	return e.result
}

// priced says whether any charge is known.
func (e Estimate) priced() bool { return len(e.Without) < len(e.Lines) }

// sumOf adds up the known charges of a service.
func (e Estimate) sumOf(name string) (total float64) {
	for _, line := range e.Lines {
		if line.Service == name && line.PerMonth != nil {
			total += *line.PerMonth
		}
	}
	return total
}

// name names the way to run the stack.
func (e Estimate) name() string {
	mode := e.StreamMode
	if e.Shards > 0 {
		mode += ", " + plural(e.Shards, "shard")
	}
	return mode
}

// describeRequests says how events are sent.
func (e Estimate) describeRequests() string {
	if e.BatchSize > 1 {
		return fmt.Sprintf("batches of %d", e.BatchSize)
	}
	return "one by one"
}
