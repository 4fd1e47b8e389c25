package cost

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/pipeline"
)

const cents = 0.005

// provisioned are settings like those of a practice stack, onDemand like those of production.
func provisioned(change func(*pipeline.PipelineArgs)) pipeline.PipelineArgs {
	settings := pipeline.PipelineArgs{
		Stream: pipeline.StreamSettings{
			Mode: pipeline.StreamModeProvisioned, ShardCount: 1, RetentionHours: 24, PartitionKey: pipeline.PartitionKeyTraceID,
		},
		Delivery: pipeline.DeliverySettings{BufferSizeMiB: 5, BufferIntervalSeconds: 300},
		Logs:     pipeline.LogSettings{Level: "INFO", AccessLog: true},
		Throttle: pipeline.ThrottleSettings{RequestsPerSecond: 10_000},
	}
	if change != nil {
		change(&settings)
	}
	return settings
}

func onDemand(change func(*pipeline.PipelineArgs)) pipeline.PipelineArgs {
	return provisioned(func(s *pipeline.PipelineArgs) {
		s.Stream.Mode, s.Stream.ShardCount = pipeline.StreamModeOnDemand, 0
		if change != nil {
			change(s)
		}
	})
}

// estimateFor estimates single events of one size.
func estimateFor(t *testing.T, region string, settings pipeline.PipelineArgs, perMonth float64, eventBytes int) Estimate {
	t.Helper()
	prices, err := LoadPrices("")
	require.NoError(t, err)
	o := Options{EventsPerSecond: perMonth / (HoursPerMonth * 3600), EventBytes: eventBytes, BatchSize: 1}
	return estimate(prices, region, settings, newTraffic(o, settings), 1)
}

// line returns the only line of a charge.
func (e Estimate) line(t *testing.T, what string) Line {
	t.Helper()
	var found []Line
	for _, l := range e.Lines {
		if l.What == what {
			found = append(found, l)
		}
	}
	require.Len(t, found, 1, what)
	return found[0]
}

// The example of reference: a million events of 1 KB in a month, on one shard in us-east-1, computed by hand.
func TestAMillionEventsOf1KB(t *testing.T) {
	e := estimateFor(t, "us-east-1", provisioned(nil), 1e6, 1024)
	for _, row := range []struct {
		what             string
		quantity, amount float64
		tolerance        float64
	}{
		{"requests", 1, 3.50, 1e-9},                                 // 1 M x 3.50
		{"shards", 730, 10.95, 1e-9},                                // 730 h x 0.015
		{"events in steps of 25 KB", 1, 0.014, 1e-9},                // 1 M x 0.014
		{"events in steps of 5 KB", 4.76837, 0.13828, 1e-5},         // 1e6 x 5 / 1024^2 GB x 0.029
		{"objects written", 8.76, 0.0438, 1e-9},                     // one each 300 s: 8,760, x 0.005 / 1,000
		{"a month's events, for a month", 0.953674, 0.021934, 1e-5}, // 1e6 / 1024^2 GB x 0.023
		{"execution log at INFO (estimated)", 3.25963, 1.62981, 1e-4},
		{"access log", 0.419095, 0.209548, 1e-5},
	} {
		l := e.line(t, row.what)
		assert.InDelta(t, row.quantity, *l.Quantity, row.tolerance*100, row.what)
		assert.InDelta(t, row.amount, *l.PerMonth, row.tolerance, row.what)
		assert.InDelta(t, row.amount, *l.PerMillion, row.tolerance, row.what)
	}
	assert.InDelta(t, 3.50+10.95+0.014+0.13828+0.0438+0.021934+1.62981+0.209548, e.PerMonth, 1e-3)
	assert.Empty(t, e.Without)
	info := e.line(t, "execution log at INFO (estimated)")
	assert.InDelta(t, 0.93, *info.Least, cents) // 2 KB a request
	assert.InDelta(t, 2.33, *info.Most, cents)  // 5 KB a request
}

func TestAMillionEventsOf1KBOnDemand(t *testing.T) {
	e := estimateFor(t, "us-east-1", onDemand(nil), 1e6, 1024)
	assert.InDelta(t, 29.20, *e.line(t, "on-demand stream").PerMonth, 1e-9)              // 730 h x 0.04
	assert.InDelta(t, 0.0762939, *e.line(t, "written, in steps of 1 KB").PerMonth, 1e-6) // 0.953674 GB x 0.08
	assert.InDelta(t, 0.0381470, *e.line(t, "read by Firehose").PerMonth, 1e-6)          // 0.953674 GB x 0.04
}

func TestRecordsAreRoundedUpToEachServicesSteps(t *testing.T) {
	const million, mib = 1e6, 1 << 20
	for _, row := range []struct {
		name     string
		settings pipeline.PipelineArgs
		what     string
		bytes    int
		want     float64
	}{
		{"1 byte more than nothing is a payload unit", provisioned(nil), "events in steps of 25 KB", 3, 1},
		{"25 KB are a payload unit", provisioned(nil), "events in steps of 25 KB", 25 * 1024, 1},
		{"a byte more is a second one", provisioned(nil), "events in steps of 25 KB", 25*1024 + 1, 2},
		{"45 KB are 2, as in AWS's example", provisioned(nil), "events in steps of 25 KB", 45 * 1024, 2},
		{"200 bytes are 5 KB in Firehose", provisioned(nil), "events in steps of 5 KB", 200, million * 5 / mib},
		{"5 KB are 5 KB", provisioned(nil), "events in steps of 5 KB", 5 * 1024, million * 5 / mib},
		{"a byte more is 10 KB", provisioned(nil), "events in steps of 5 KB", 5*1024 + 1, million * 10 / mib},
		{"12 KB are 15 KB, as in AWS's example", provisioned(nil), "events in steps of 5 KB", 12 * 1024, million * 15 / mib},
		{"100 bytes are 1 KB on demand", onDemand(nil), "written, in steps of 1 KB", 100, million / mib},
		{"1 KB is 1 KB", onDemand(nil), "written, in steps of 1 KB", 1024, million / mib},
		{"a byte more is 2 KB", onDemand(nil), "written, in steps of 1 KB", 1025, million * 2 / mib},
		{"4.5 KB are 5 KB, as in AWS's example", onDemand(nil), "written, in steps of 1 KB", 4608, million * 5 / mib},
		{"what is read is not rounded", onDemand(nil), "read by Firehose", 4608, million * 4.5 / mib},
		{"what is kept is not rounded", onDemand(nil), "a month's events, for a month", 4608, million * 4.5 / mib},
		{"an envelope counts", provisioned(func(s *pipeline.PipelineArgs) { s.Envelope = true }), "events in steps of 25 KB", 25*1024 - 60, 2},
		{"and fits", provisioned(func(s *pipeline.PipelineArgs) { s.Envelope = true }), "events in steps of 25 KB", 25*1024 - 61, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			assert.InDelta(t, row.want, *estimateFor(t, "us-east-1", row.settings, million, row.bytes).line(t, row.what).Quantity, 1e-9)
		})
	}
}

func TestRequestsGetCheaperTierByTier(t *testing.T) {
	for millions, amount := range map[float64]float64{
		1: 3.50, 333: 1165.50, 334: 1168.30, 1000: 3033.10, 1001: 3035.48, 20_000: 48_253.10, 21_000: 49_763.10,
	} {
		assert.InDelta(t, amount, *estimateFor(t, "us-east-1", provisioned(nil), millions*1e6, 100).line(t, "requests").PerMonth, 1e-6, "%v million", millions)
	}
}

func TestPricesAboveTheLastTierAreUnknown(t *testing.T) {
	const most = 0.9999 * 512_000 * (1 << 30) / 5120 // events of up to 5 KB that are 500 TB for Firehose
	e := estimateFor(t, "us-east-1", provisioned(nil), most, 100)
	assert.InDelta(t, 0.9999*512_000*0.029, *e.line(t, "events in steps of 5 KB").PerMonth, 1e-6)
	assert.Empty(t, e.Without)

	e = estimateFor(t, "us-east-1", provisioned(nil), most*1.001, 100)
	l := e.line(t, "events in steps of 5 KB")
	assert.Nil(t, l.PerMonth)
	assert.Equal(t, "no price of firehose.ingested is known for so much in us-east-1", l.Unknown)
	assert.Equal(t, []string{"Firehose events in steps of 5 KB"}, e.Without)
}

func TestBatchesCutRequestsAndLogsButNotRecords(t *testing.T) {
	prices, err := LoadPrices("")
	require.NoError(t, err)
	of := func(batch int) Estimate {
		o := Options{EventsPerSecond: 1000, EventBytes: 1024, BatchSize: batch}
		return estimate(prices, "us-east-1", provisioned(nil), newTraffic(o, provisioned(nil)), batch)
	}
	single, batched := of(1), of(100)
	for _, what := range []string{"requests", "execution log at INFO (estimated)", "access log"} {
		assert.InEpsilon(t, *single.line(t, what).Quantity/100, *batched.line(t, what).Quantity, 1e-9, what)
	}
	for _, what := range []string{"events in steps of 25 KB", "events in steps of 5 KB", "shards", "objects written"} {
		assert.InEpsilon(t, *single.line(t, what).Quantity, *batched.line(t, what).Quantity, 1e-9, what)
	}
}

func TestShardsAreNeededForRecordsOrForBytes(t *testing.T) {
	for _, row := range []struct {
		name       string
		rate       float64
		bytes      int
		key        string
		want       int
		settingsTo func(*pipeline.PipelineArgs)
	}{
		{"nearly nothing", 0.001, 100, pipeline.PartitionKeyTraceID, 1, nil},
		{"1,000 small events", 1000, 100, pipeline.PartitionKeyTraceID, 1, nil},
		{"1,001 small events", 1001, 100, pipeline.PartitionKeyTraceID, 2, nil},
		{"10,000 small events", 10_000, 100, pipeline.PartitionKeyTraceID, 10, nil},
		{"a MiB with its keys", 1000, 1048 - 42, pipeline.PartitionKeyTraceID, 1, nil},
		{"a MiB that its keys take over the limit", 1000, 1024, pipeline.PartitionKeyTraceID, 2, nil},
		{"shorter keys", 1000, 1024, pipeline.PartitionKeyRequestID, 1, nil},
		{"large events", 10, 1_000_000, pipeline.PartitionKeyTraceID, 10, nil},
		{"an envelope that takes it over the limit", 1000, 1000, pipeline.PartitionKeyRequestID, 2, func(s *pipeline.PipelineArgs) { s.Envelope = true }},
	} {
		t.Run(row.name, func(t *testing.T) {
			settings := provisioned(row.settingsTo)
			settings.Stream.PartitionKey = row.key
			got := newTraffic(Options{EventsPerSecond: row.rate, EventBytes: row.bytes, BatchSize: 1}, settings)
			assert.Equal(t, row.want, got.shards())
		})
	}
}

func TestObjectsAreWrittenByTimeOrBySizeAndNeverWithoutAnEvent(t *testing.T) {
	for _, row := range []struct {
		name        string
		perMonth    float64
		bytes       int
		mib, second int
		want        float64 // -1: unknown
	}{
		{"by time", 1e6, 1024, 5, 300, 8760},
		{"by time, each minute", 1e6, 1024, 5, 60, 43_800},
		{"by size", 1e8, 1024, 5, 300, 1e8 * 1024 / (5 << 20)},
		{"a larger buffer", 1e9, 1024, 128, 300, 8760},
		{"one event each", 100, 1024, 5, 300, 100},
		{"as soon as possible", 1e6, 1024, 5, 0, -1},
	} {
		t.Run(row.name, func(t *testing.T) {
			settings := provisioned(func(s *pipeline.PipelineArgs) {
				s.Delivery.BufferSizeMiB, s.Delivery.BufferIntervalSeconds = row.mib, row.second
			})
			e := estimateFor(t, "us-east-1", settings, row.perMonth, row.bytes)
			l := e.line(t, "objects written")
			if row.want < 0 {
				assert.Nil(t, l.Quantity)
				assert.Contains(t, l.Unknown, "delivery.bufferIntervalSeconds = 0")
				assert.Equal(t, []string{"S3 objects written"}, e.Without)
				return
			}
			assert.InEpsilon(t, row.want/1000, *l.Quantity, 1e-9)
		})
	}
}

func TestRetentionCostsByTheShardOrByTheGB(t *testing.T) {
	hours := func(settings pipeline.PipelineArgs, n int) pipeline.PipelineArgs {
		settings.Stream.RetentionHours = n
		return settings
	}
	const perMonth, gb = 730e6, 1e6 * 1024 / float64(1<<30) // price each hour
	for _, row := range []struct {
		name               string
		settings           pipeline.PipelineArgs
		extended, longTerm float64 // amounts; 0: no such line
	}{
		{"a day is included", hours(provisioned(nil), 24), 0, 0},
		{"an hour more costs as much as a week", hours(provisioned(func(s *pipeline.PipelineArgs) { s.Stream.ShardCount = 3 }), 25), 3 * 730 * 0.020, 0},
		{"a week", hours(provisioned(nil), 168), 730 * 0.020, 0},
		{"10 days", hours(provisioned(nil), 240), 730 * 0.020, gb * 72 * 0.023},
		{"a day on demand", hours(onDemand(nil), 24), 0, 0},
		{"an hour more on demand", hours(onDemand(nil), 25), gb * 0.10, 0},
		{"a week on demand", hours(onDemand(nil), 168), gb * 144 * 0.10, 0},
		{"10 days on demand", hours(onDemand(nil), 240), gb * 144 * 0.10, gb * 72 * 0.023},
	} {
		t.Run(row.name, func(t *testing.T) {
			e := estimateFor(t, "us-east-1", row.settings, perMonth, 1024)
			got := map[string]float64{}
			for _, l := range e.Lines {
				got[l.What] = *l.PerMonth
			}
			assert.InDelta(t, row.extended, got["retention above 24 h"], 1e-6)
			assert.InDelta(t, row.longTerm, got["retention above 7 days"], 1e-6)
		})
	}
}

func TestLogsCostByTheirSettings(t *testing.T) {
	for _, row := range []struct {
		level  string
		access bool
		want   []string
	}{
		{"INFO", true, []string{"execution log at INFO (estimated)", "access log"}},
		{"INFO", false, []string{"execution log at INFO (estimated)"}},
		{"ERROR", true, []string{"access log"}},
		{"OFF", false, nil},
	} {
		e := estimateFor(t, "us-east-1", provisioned(func(s *pipeline.PipelineArgs) { s.Logs.Level, s.Logs.AccessLog = row.level, row.access }), 1e6, 1024)
		var got []string
		for _, l := range e.Lines {
			if l.Service == "CloudWatch Logs" {
				got = append(got, l.What)
			}
		}
		assert.Equal(t, row.want, got)
	}
}

func TestThrottledRequestsCostTheirLinesInTheAccessLogOnly(t *testing.T) {
	prices, err := LoadPrices("")
	require.NoError(t, err)
	for _, accessLog := range []bool{true, false} {
		settings := provisioned(func(s *pipeline.PipelineArgs) { s.Logs.AccessLog = accessLog })
		o := Options{EventsPerSecond: 1, EventBytes: 1024, BatchSize: 1}
		without := estimate(prices, "us-east-1", settings, newTraffic(o, settings), 1)
		o.ThrottledPerSecond = 1e6 / (HoursPerMonth * 3600) // a million a month
		with := estimate(prices, "us-east-1", settings, newTraffic(o, settings), 1)
		if !accessLog {
			assert.Equal(t, without, with)
			continue
		}
		line := with.line(t, "access log of throttled requests")
		assert.InDelta(t, 0.419095, *line.Quantity, 1e-5)
		assert.InDelta(t, 0.209548, *line.PerMonth, 1e-5)
		assert.InDelta(t, without.PerMonth+*line.PerMonth, with.PerMonth, 1e-9)
	}
}

func TestAnIdleStackCostsItsStreamAndNothingElse(t *testing.T) {
	prices, err := LoadPrices("")
	require.NoError(t, err)
	for _, row := range []struct {
		name     string
		settings pipeline.PipelineArgs
		want     float64
	}{
		{"one shard", provisioned(nil), 10.95},
		{"ten shards", provisioned(func(s *pipeline.PipelineArgs) { s.Stream.ShardCount = 10 }), 109.50},
		{"one shard with a week's retention", provisioned(func(s *pipeline.PipelineArgs) { s.Stream.RetentionHours = 168 }), 10.95 + 14.60},
		{"on demand", onDemand(nil), 29.20},
		{"on demand with a week's retention of nothing", onDemand(func(s *pipeline.PipelineArgs) { s.Stream.RetentionHours = 168 }), 29.20},
	} {
		e := idle(prices, "us-east-1", row.settings)
		assert.InDelta(t, row.want, e.PerMonth, 1e-9, row.name)
		assert.Zero(t, e.PerMillion)
	}
}

func TestAMissingPriceIsNeverReplacedByAnother(t *testing.T) {
	e := estimateFor(t, "ap-northeast-2", provisioned(nil), 1e6, 1024)
	assert.False(t, e.priced())
	assert.Zero(t, e.PerMonth)
	for _, l := range e.Lines {
		assert.Nil(t, l.PerMonth, l.What)
		assert.Nil(t, l.Price)
		assert.NotNil(t, l.Quantity, "amounts are known without prices")
		assert.Contains(t, l.Unknown, "is known for ap-northeast-2")
	}

	e = estimateFor(t, "eu-west-3", provisioned(nil), 1e6, 1024)
	assert.InDelta(t, 730*0.0179+0.0173, e.PerMonth, 1e-9, "a shard and a million payload units, and nothing else")
	assert.Len(t, e.Without, len(e.Lines)-2)
	assert.Equal(t, "at least $13.08", e.total(2, false))
}
