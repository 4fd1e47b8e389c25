package pipeline_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/pipeline"
)

func TestEveryRangeEndsWhereItSays(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		key         string
		first, last int
	}{
		{"stream.retentionHours", 24, 8760}, {"delivery.bufferSizeMiB", 1, 128}, {"delivery.bufferIntervalSeconds", 0, 900},
		{"throttle.requestsPerSecond", 1, 10_000}, {"throttle.burst", 1, 5000},
		{"expectedTraffic.eventsPerSecond", 1, 1_000_000}, {"expectedTraffic.eventBytes", 1, 1_023_998}, {"expectedTraffic.eventsPerRequest", 1, 500},
		{"lifecycle.archiveAfterDays", 0, 36_500}, {"lifecycle.expireAfterDays", 0, 36_500},
		{"alarms.iteratorAgeSeconds", 60, 86_400}, {"alarms.errorPercent", 0, 100}, {"alarms.throttledPercent", 0, 100},
		{"alarms.latencyMilliseconds", 1, 29_000},
	} {
		t.Run(row.key, func(t *testing.T) {
			t.Parallel()
			for value, refused := range map[int]bool{row.first - 1: true, row.first: false, row.last: false, row.last + 1: true} {
				// Other settings may not fit the value; only this range is looked at.
				_, err := tryRun(t, "dev", with(row.key, fmt.Sprint(value)))
				problem := fmt.Sprintf("%s = %d: must be %d–%d ", row.key, value, row.first, row.last)
				assert.Equal(t, refused, err != nil && strings.Contains(err.Error(), problem), "%d: %v", value, err)
			}
		})
	}
}

func TestAFolderHasAtMost512Characters(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"delivery.prefix", "delivery.errorPrefix"} {
		_, err := tryRun(t, "dev", with(key, strings.Repeat("x", 511)+"/"))
		require.NoError(t, err)
		_, err = tryRun(t, "dev", with(key, strings.Repeat("x", 512)+"/"))
		require.ErrorContains(t, err, "must have at most 512 characters (Firehose); shorten it")
	}
}

func TestFoldersMayNotHoldEachOther(t *testing.T) {
	t.Parallel()
	for prefix, errorPrefix := range map[string]string{"raw/": "raw/errors/", "raw/events/": "raw/", "raw": "raw/"} {
		_, err := tryRun(t, "dev", with("queryTable", "false"), with("delivery.prefix", prefix), with("delivery.errorPrefix", errorPrefix))
		assert.ErrorContains(t, err, "must not share its folder", "%s and %s", prefix, errorPrefix)
	}
}

// TestTheShardsFitTheExpectedTraffic has the exact number of events and bytes that shards accept, and one more.
func TestTheShardsFitTheExpectedTraffic(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		events, bytes, perRequest, rate, shards int
		problem                                 string
	}{
		{2000, 512, 10, 200, 2, ""},
		{2001, 512, 10, 200, 2, "throttle.requestsPerSecond = 200: must be at least 201 requests/s"},
		{2001, 512, 10, 201, 2, "stream.shardCount = 2: must be at least 3 shards"},
		{1024, 2048, 10, 200, 2, ""},
		{1024, 2049, 10, 200, 2, "stream.shardCount = 2: must be at least 3 shards"},
		{1, 1, 10, 201, 2, "throttle.requestsPerSecond = 201: must be at most 200 requests/s"},
	} {
		_, err := tryRun(t, "dev", with("expectedTraffic.eventsPerSecond", fmt.Sprint(row.events)), with("expectedTraffic.eventBytes", fmt.Sprint(row.bytes)),
			with("expectedTraffic.eventsPerRequest", fmt.Sprint(row.perRequest)), with("throttle.requestsPerSecond", fmt.Sprint(row.rate)),
			with("stream.shardCount", fmt.Sprint(row.shards)))
		if row.problem == "" {
			assert.NoError(t, err, "%v", row)
		} else {
			assert.ErrorContains(t, err, row.problem, "%v", row)
		}
	}
	onDemand := []runOption{with("stream.mode", "ON_DEMAND"), with("stream.shardCount", "0"), with("throttle.requestsPerSecond", "10000")}
	_, err := tryRun(t, "dev", onDemand...)
	assert.NoError(t, err, "Kinesis adds the shards of an on-demand stream")
}

// TestNamesFitWhateverTheStackIsCalled covers the shortest and the longest name; pulumi:autonaming in Pulumi.yaml adds the
// stack and seven characters to the names that AWS sees.
func TestNamesFitWhateverTheStackIsCalled(t *testing.T) {
	t.Parallel()
	for _, stack := range []string{"p", strings.Repeat("s", 30)} {
		r, conf := newRecorder(t, "dev", with("eventGenerator", "true"), withLoggingRole(""))
		require.NoError(t, pulumi.RunErr(pipeline.Program, pulumi.WithMocks(project, stack, r), func(info *pulumi.RunInfo) { info.Config = conf }))
		suffix := len("-" + stack + "-1a2b3c4")
		for typ, limit := range map[string]int{"Role": 64, "BucketV2": 63, "Topic": 256, "Workgroup": 128, "RequestValidator": 128} {
			for _, g := range r.of(typ) {
				assert.LessOrEqual(t, len(g.Name)+suffix, limit, g.label())
			}
		}
		assert.Regexp(t, `^[a-z0-9_]{1,255}$`, r.one(t, "CatalogDatabase").input("name"))
		assert.Regexp(t, `^[A-Za-z0-9_-]{1,255}$`, r.one(t, "Dashboard").input("dashboardName"))
		for _, g := range r.of("Model") {
			assert.Regexp(t, `^[A-Za-z0-9]+$`, g.input("name"))
		}
	}
}

func TestTheAccessLogHasWhatAnOperatorLooksFor(t *testing.T) {
	t.Parallel()
	run(t, "dev").one(t, "Stage").wants(t, "accessLogSettings.format", `{"requestId":"$context.requestId",`+
		`"extendedRequestId":"$context.extendedRequestId","requestTime":"$context.requestTime",`+
		`"sourceIp":"$context.identity.sourceIp","apiKeyId":"$context.identity.apiKeyId",`+
		`"httpMethod":"$context.httpMethod","resourcePath":"$context.resourcePath","status":"$context.status",`+
		`"errorType":"$context.error.responseType","integrationStatus":"$context.integration.status",`+
		`"integrationRequestId":"$context.integration.requestId","integrationLatency":"$context.integration.latency",`+
		`"responseLatency":"$context.responseLatency","responseLength":"$context.responseLength"}`)
}

// TestComponentsKeepTheirTypes: another type is another URN, and Pulumi would replace what is below it.
func TestComponentsKeepTheirTypes(t *testing.T) {
	t.Parallel()
	types := map[string]bool{}
	for _, r := range []*recorder{
		run(t, "dev", with("access", "API_KEY"), with("corsAllowedOrigins", `["*"]`)), run(t, "dev", with("eventGenerator", "true")),
	} {
		for _, g := range r.registrations {
			if !g.Custom {
				types[g.Type] = true
			}
		}
	}
	want := map[string]bool{}
	for _, noun := range []string{
		"Pipeline", "Stream", "DeliveryStream", "Bucket", "RestAPI", "Method", "Preflight", "GatewayResponses", "Stage", "UsagePlan",
		"Role", "LoggingRole", "Alarms", "Dashboard", "QueryTable", "EventGenerator",
	} {
		want["ingest-pipeline:index:"+noun] = true
	}
	assert.Equal(t, want, types)
}
