package cost

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/pipeline"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// project is a project with the program's own Pulumi.yaml and these stack files.
func project(t *testing.T, stacks map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	declared, err := os.ReadFile(filepath.Join("..", "..", "..", "Pulumi.yaml"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.yaml"), declared, 0o600))
	for name, settings := range stacks {
		text := "config:\n"
		for _, line := range strings.Split(settings, "\n") {
			text += "  " + strings.TrimSpace(line) + "\n"
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi."+name+".yaml"), []byte(text), 0o600))
	}
	return dir
}

const practice = `aws:region: ap-northeast-2
	ingest-pipeline:stream: {mode: PROVISIONED, shardCount: 1, retentionHours: 24, partitionKey: TRACE_ID}
	ingest-pipeline:delivery: {bufferSizeMiB: 5, bufferIntervalSeconds: 60}
	ingest-pipeline:throttle: {requestsPerSecond: 100}
	ingest-pipeline:access: NONE
	ingest-pipeline:logs: {level: INFO, accessLog: true}
	ingest-pipeline:envelope: false`

const production = `aws:region: us-east-1
	ingest-pipeline:stream: {mode: ON_DEMAND, retentionHours: 168, partitionKey: REQUEST_ID}
	ingest-pipeline:delivery: {bufferSizeMiB: 5, bufferIntervalSeconds: 300}
	ingest-pipeline:throttle: {requestsPerSecond: 2000}
	ingest-pipeline:access: AWS_IAM
	ingest-pipeline:logs: {level: ERROR, accessLog: true}
	ingest-pipeline:envelope: true`

func run(t *testing.T, o Options) (stdout string, err error) {
	t.Helper()
	var out bytes.Buffer
	err = Run(context.Background(), o, &out)
	return out.String(), err
}

func TestTheReportIsText(t *testing.T) {
	dir := project(t, map[string]string{"practice": practice, "production": production})
	for _, row := range []struct {
		golden  string
		options Options
	}{
		{"practice-elsewhere", Options{Stack: "practice", EventsPerSecond: 1, EventBytes: 256, BatchSize: 1, Region: "us-east-1"}},
		{"practice-unknown", Options{Stack: "practice", EventsPerSecond: 1, EventBytes: 256, BatchSize: 1}},
		{"practice-partly-known", Options{Stack: "practice", EventsPerSecond: 1500, EventBytes: 256, BatchSize: 1, Region: "eu-west-3"}},
		{"production", Options{Stack: "production", EventsPerSecond: 5000, EventBytes: 1024, BatchSize: 1}},
		{"production-batches", Options{Stack: "production", EventsPerSecond: 5000, EventBytes: 1024, BatchSize: 100}},
	} {
		t.Run(row.golden, func(t *testing.T) {
			row.options.Project = dir
			stdout, err := run(t, row.options)
			require.NoError(t, err)
			path := filepath.Join("testdata", row.golden+".txt")
			if *update {
				require.NoError(t, os.WriteFile(path, []byte(stdout), 0o644))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.Equal(t, string(want), stdout, "rewrite with: go test ./tools/cost -update")
		})
	}
}

func TestTheStacksOfTheProgramCanBePriced(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		stdout, err := run(t, Options{Project: filepath.Join("..", "..", ".."), Stack: stack, EventsPerSecond: 1, EventBytes: 256, BatchSize: 1, Region: "us-east-1"})
		require.NoError(t, err)
		assert.Contains(t, stdout, "stack "+stack+" ")
		assert.NotContains(t, stdout, "unknown")
	}
}

func TestDefaultsAreWhatTheStackExpects(t *testing.T) {
	settings := production + "\ningest-pipeline:expectedTraffic: {eventsPerSecond: 40, eventBytes: 511, eventsPerRequest: 4}"
	stdout, err := run(t, Options{Project: project(t, map[string]string{"production": settings}), Stack: "production"})
	require.NoError(t, err)
	assert.Contains(t, stdout, "40 events/s of 512 bytes, batches of 4;")
	assert.Contains(t, stdout, "the rate is the stack's expectedTraffic.eventsPerSecond, its busiest time")
}

func TestTheReportCanBeJSON(t *testing.T) {
	dir := project(t, map[string]string{"production": production})
	stdout, err := run(t, Options{Project: dir, Stack: "production", EventsPerSecond: 5000, EventBytes: 1024, BatchSize: 1, JSON: true})
	require.NoError(t, err)
	var report Report
	decoder := json.NewDecoder(strings.NewReader(stdout))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&report))
	assert.Equal(t, "us-east-1", report.Region)
	assert.InDelta(t, 5000*730*3600, report.EventsPerMonth, 1)
	for _, e := range append(report.Ways, report.Estimate) {
		sum := 0.0
		for _, l := range e.Lines {
			require.NotNil(t, l.PerMonth, l.What)
			require.NotNil(t, l.Price)
			assert.NotEmpty(t, l.Price.Source)
			assert.Regexp(t, `^\d{4}-\d\d(-\d\d)?$`, l.Price.Read)
			sum += *l.PerMonth
		}
		assert.InDelta(t, sum, e.PerMonth, 1e-6)
		assert.InDelta(t, e.PerMonth/report.EventsPerMonth*1e6, e.PerMillion, 1e-6)
	}
	assert.Len(t, report.Ways, 4)
	assert.NotContains(t, stdout, `\u003c`)
}

func TestAnUnknownAmountIsNullInJSON(t *testing.T) {
	dir := project(t, map[string]string{"practice": practice})
	stdout, err := run(t, Options{Project: dir, Stack: "practice", EventsPerSecond: 1, EventBytes: 256, BatchSize: 1, JSON: true})
	require.NoError(t, err)
	assert.Contains(t, stdout, `"perMonth": null`)
	assert.Contains(t, stdout, `"unknown": "no price of kinesis.shardHours is known for ap-northeast-2"`)
}

func TestInvalidOptionsAreRefused(t *testing.T) {
	good := Options{Project: project(t, map[string]string{"practice": practice}), Stack: "practice", EventsPerSecond: 1, EventBytes: 1024, BatchSize: 1}
	for _, row := range []struct {
		name   string
		change func(*Options)
		want   string
	}{
		{"more events than there are", func(o *Options) { o.EventsPerSecond = 1e8 }, "--events-per-second=1e+08: must be more than 0 and at most 10,000,000"},
		{"fewer than none", func(o *Options) { o.EventsPerSecond = -1 }, "--events-per-second=-1: must be more than 0 and at most 10,000,000"},
		{"fewer throttled requests than none", func(o *Options) { o.ThrottledPerSecond = -1 }, "--throttled-per-second=-1: must be 0 to 10,000,000"},
		{"an event that is too small", func(o *Options) { o.EventBytes = 2 }, "--event-bytes=2: must be 3 to 1,023,999, with the newline"},
		{"an event that is too large", func(o *Options) { o.EventBytes = 1_024_000 }, "--event-bytes=1024000: must be 3 to 1,023,999, with the newline"},
		{"a batch below 1", func(o *Options) { o.BatchSize = -1 }, "--batch-size=-1: must be 1 (the single route) to 500"},
		{"a batch of 501", func(o *Options) { o.BatchSize = 501 }, "--batch-size=501: must be 1 (the single route) to 500"},
		{"a batch that no request takes", func(o *Options) { o.BatchSize, o.EventBytes = 6, 1_000_000 },
			"--batch-size=6: one request takes at most 5 events of 1000000 bytes (5,000,000 bytes together)"},
		{"two mistakes", func(o *Options) { o.EventBytes, o.BatchSize = 1, 501 },
			"--event-bytes=1: must be 3 to 1,023,999, with the newline; --batch-size=501: must be 1 (the single route) to 500"},
		{"a region without prices", func(o *Options) { o.Region = "eu-central-1" },
			"--region=eu-central-1: no price is known there; there are prices for ap-northeast-1, eu-west-3, us-east-1"},
	} {
		t.Run(row.name, func(t *testing.T) {
			o := good
			row.change(&o)
			stdout, err := run(t, o)
			var wrong *OptionsError
			require.ErrorAs(t, err, &wrong, "%v", err)
			assert.EqualError(t, err, row.want)
			assert.Empty(t, stdout)
		})
	}
}

func TestSettingsAreRefusedAsTheProgramRefusesThem(t *testing.T) {
	for _, row := range []struct{ name, setting, want string }{
		{"out of range", "ingest-pipeline:stream: {retentionHours: 23}", "stream.retentionHours = 23: must be 24–8760 hours"},
		{"not a number", `ingest-pipeline:stream: {shardCount: many}`, `stream.shardCount = "many": must be a whole number`},
		{"shards of an on-demand stream", "ingest-pipeline:stream: {mode: ON_DEMAND, shardCount: 1}", "stream.shardCount = 1: must "},
		{"a misspelt key", "ingest-pipeline:querytable: true", "querytable: must be a setting that Pulumi.yaml declares (nothing reads it otherwise); did you mean queryTable?"},
	} {
		t.Run(row.name, func(t *testing.T) {
			key, _, _ := strings.Cut(row.setting, ": ")
			base := regexp.MustCompile(`(?m)^\s*`+regexp.QuoteMeta(key)+`:.*$`).ReplaceAllString(practice, "")
			dir := project(t, map[string]string{"practice": strings.TrimSpace(base) + "\n" + row.setting})
			_, err := run(t, Options{Project: dir, Stack: "practice", EventsPerSecond: 1, EventBytes: 1024, BatchSize: 1})
			require.ErrorContains(t, err, row.want)
		})
	}
	_, err := run(t, Options{Project: project(t, nil), Stack: "none", EventsPerSecond: 1, EventBytes: 1024, BatchSize: 1})
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestTheTableIsCompleteForOneRegion(t *testing.T) {
	prices, err := LoadPrices("")
	require.NoError(t, err)
	require.NoError(t, prices.check(prices.Items))
	for item := range prices.Items {
		_, known := prices.find("us-east-1", item)
		assert.True(t, known, item)
		service, _, _ := strings.Cut(item, ".")
		assert.Contains(t, prices.Pages[service], "https://aws.amazon.com/", item)
	}
	seen := map[string]bool{}
	for _, f := range prices.Figures {
		assert.False(t, seen[f.Region+f.Item], "%s in %s is there twice", f.Item, f.Region)
		seen[f.Region+f.Item] = true
	}
}

func TestOwnPricesReplaceTheOthers(t *testing.T) {
	file := filepath.Join(t.TempDir(), "prices.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"currency":"USD","figures":[
		{"region":"ap-northeast-2","item":"kinesis.shardHours","tiers":[{"usd":0.02}],"read":"2026-11-23","source":"an offer"},
		{"region":"us-east-1","item":"kinesis.shardHours","tiers":[{"usd":0.01}],"read":"2026-11-23","source":"an offer"}]}`), 0o600))
	prices, err := LoadPrices(file)
	require.NoError(t, err)
	for region, want := range map[string]float64{"ap-northeast-2": 14.60, "us-east-1": 7.30} {
		assert.InDelta(t, want, idle(prices, region, provisioned(nil)).PerMonth, 1e-9)
	}
	assert.InDelta(t, 29.20, idle(prices, "us-east-1", onDemand(nil)).PerMonth, 1e-9, "the others are still there")
}

func TestInvalidPricesAreRefused(t *testing.T) {
	const figure = `"region":"r","read":"d","source":"s"`
	for _, row := range []struct{ name, content, want string }{
		{"not JSON", `prices`, "invalid character"},
		{"another currency", `{"currency":"KRW","figures":[]}`, `currency "KRW": only USD can be added up`},
		{"a misspelt member", `{"currency":"USD","figure":[]}`, `unknown field "figure"`},
		{"an item that there is not", `{"currency":"USD","figures":[{"item":"kinesis.shard",` + figure + `,"tiers":[{"usd":1}]}]}`, "figure 1 (kinesis.shard in r): there is no such item; there are apigateway.requests, "},
		{"no source", `{"currency":"USD","figures":[{"item":"s3.puts","region":"r","read":"d","tiers":[{"usd":1}]}]}`, "figure 1 (s3.puts in r): needs region, read (a date) and source"},
		{"no price", `{"currency":"USD","figures":[{"item":"s3.puts",` + figure + `,"tiers":[]}]}`, "figure 1 (s3.puts in r): has no price"},
		{"a tier without its price", `{"currency":"USD","figures":[{"item":"s3.puts",` + figure + `,"tiers":[{}]}]}`, "tier 1 is not above the one before, or has no price"},
		{"a price below 0", `{"currency":"USD","figures":[{"item":"s3.puts",` + figure + `,"tiers":[{"usd":-1}]}]}`, "tier 1 is not above"},
		{"tiers in disorder", `{"currency":"USD","figures":[{"item":"s3.puts",` + figure + `,"tiers":[{"upTo":10,"usd":1},{"upTo":5,"usd":1}]}]}`, "tier 2 is not above"},
		{"a tier after the last", `{"currency":"USD","figures":[{"item":"s3.puts",` + figure + `,"tiers":[{"usd":1},{"upTo":5,"usd":1}]}]}`, "tier 1 is not above"},
	} {
		t.Run(row.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "prices.json")
			require.NoError(t, os.WriteFile(file, []byte(row.content), 0o600))
			_, err := LoadPrices(file)
			require.ErrorContains(t, err, row.want)
			require.ErrorContains(t, err, file)
		})
	}
	_, err := LoadPrices(filepath.Join(t.TempDir(), "none.json"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func withQuotas(requestsPerDay ...int) func(*pipeline.PipelineArgs) {
	return func(s *pipeline.PipelineArgs) {
		s.Access = pipeline.AccessAPIKey
		for _, quota := range requestsPerDay {
			s.APIKeys = append(s.APIKeys, pipeline.APIKeySettings{RequestsPerDay: quota})
		}
	}
}

func TestWarningsNameTheSettingThatLimitsTheTraffic(t *testing.T) {
	for _, row := range []struct {
		name     string
		settings pipeline.PipelineArgs
		rate     float64
		batch    int
		region   string
		want     string // empty: no warning
	}{
		{"all well", provisioned(nil), 900, 1, "us-east-1", ""},
		{"too few shards", provisioned(nil), 2001, 1, "us-east-1", "stream.shardCount = 1: 2,001 events/s of 200 bytes need 3 shards"},
		{"enough shards", provisioned(func(s *pipeline.PipelineArgs) { s.Stream.ShardCount = 3 }), 2001, 1, "us-east-1", ""},
		{"more shards than the quota", provisioned(func(s *pipeline.PipelineArgs) { s.Stream.ShardCount = 300 }), 201_000, 100, "ap-northeast-2",
			"201 shards: the quota of ap-northeast-2 is 200 unless AWS raised it"},
		{"as many in a larger region", provisioned(func(s *pipeline.PipelineArgs) { s.Stream.ShardCount = 300 }), 201_000, 100, "us-east-1", ""},
		{"a new stream on demand", onDemand(nil), 4001, 1, "us-east-1", "stream.mode = ON_DEMAND: a new stream takes 4,000 events/s and 4 MiB/s"},
		{"a new stream on demand, well", onDemand(nil), 4000, 1, "us-east-1", ""},
		{"more than on demand grows to", onDemand(nil), 200_001, 100, "us-east-1", "stream.mode = ON_DEMAND: a stream grows to 200,000 events/s"},
		{"more than the throttle", provisioned(func(s *pipeline.PipelineArgs) { s.Throttle.RequestsPerSecond = 100 }), 101, 1, "us-east-1",
			"throttle.requestsPerSecond = 100: 101 requests/s arrive"},
		{"in batches", provisioned(func(s *pipeline.PipelineArgs) { s.Throttle.RequestsPerSecond = 100 }), 101, 2, "us-east-1", ""},
		{"more than the account's quota", provisioned(func(s *pipeline.PipelineArgs) { s.Stream.ShardCount = 20 }), 10_001, 1, "us-east-1",
			"10,001 requests/s: API Gateway's quota is 10,000 for all APIs of a region together; use batches"},
		{"more than the quotas of the keys", provisioned(withQuotas(86_398, 1)), 1, 1, "us-east-1",
			"apiKeys: their quotas allow 86,399 requests a day together, and 86,400 arrive"},
		{"the quotas of the keys", provisioned(withQuotas(86_399, 1)), 1, 1, "us-east-1", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := warnings(row.settings, row.region, newTraffic(Options{EventsPerSecond: row.rate, EventBytes: 200, BatchSize: row.batch}, row.settings))
			if row.want == "" {
				assert.Empty(t, got)
				return
			}
			assert.Contains(t, strings.Join(got, "\n"), row.want)
		})
	}
}

func TestAmountsAreReadable(t *testing.T) {
	for _, row := range []struct {
		amount   float64
		decimals int
		want     string
	}{
		{0, 2, "$0.00"}, {0.004, 2, "<$0.01"}, {0.005, 2, "$0.01"}, {10.95, 2, "$10.95"}, {999.999, 2, "$1,000.00"},
		{1234567.891, 2, "$1,234,567.89"}, {0.0004, 3, "<$0.001"}, {3.5, 3, "$3.500"},
	} {
		assert.Equal(t, row.want, usd(row.amount, row.decimals))
	}
	for x, want := range map[float64]string{0: "0", 1: "1", 0.102: "0.102", 2.5: "2.5", 51.33: "51.3", 1234.5: "1,235", 262.8: "262.8", 1e6: "1,000,000"} {
		assert.Equal(t, want, number(x))
	}
}
