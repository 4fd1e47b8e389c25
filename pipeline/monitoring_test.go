package pipeline_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// publishedMetrics are the metrics that the services publish, with the dimensions they publish them by and the page that
// says so. An alarm on any other combination would never have data.
var publishedMetrics = map[string]struct {
	dimensions []string
	source     string
}{
	"AWS/Kinesis WriteProvisionedThroughputExceeded": {[]string{"StreamName"}, "streams/latest/dev/monitoring-with-cloudwatch.html"},
	"AWS/Kinesis PutRecord.Success":                  {[]string{"StreamName"}, "streams/latest/dev/monitoring-with-cloudwatch.html"},
	"AWS/Kinesis PutRecords.FailedRecords":           {[]string{"StreamName"}, "streams/latest/dev/monitoring-with-cloudwatch.html"},
	"AWS/Kinesis GetRecords.IteratorAgeMilliseconds": {[]string{"StreamName"}, "streams/latest/dev/monitoring-with-cloudwatch.html"},
	"AWS/Kinesis IncomingRecords":                    {[]string{"StreamName"}, "streams/latest/dev/monitoring-with-cloudwatch.html"},
	"AWS/Kinesis IncomingBytes":                      {[]string{"StreamName"}, "streams/latest/dev/monitoring-with-cloudwatch.html"},
	"AWS/Firehose DataReadFromKinesisStream.Records": {[]string{"DeliveryStreamName"}, "firehose/latest/dev/monitoring-with-cloudwatch-metrics.html"},
	"AWS/Firehose DeliveryToS3.Success":              {[]string{"DeliveryStreamName"}, "firehose/latest/dev/monitoring-with-cloudwatch-metrics.html"},
	"AWS/Firehose DeliveryToS3.Records":              {[]string{"DeliveryStreamName"}, "firehose/latest/dev/monitoring-with-cloudwatch-metrics.html"},
	"AWS/Firehose DeliveryToS3.DataFreshness":        {[]string{"DeliveryStreamName"}, "firehose/latest/dev/monitoring-with-cloudwatch-metrics.html"},
	"AWS/ApiGateway Count":                           {[]string{"ApiName", "Stage"}, "apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html"},
	"AWS/ApiGateway 4XXError":                        {[]string{"ApiName", "Stage"}, "apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html"},
	"AWS/ApiGateway 5XXError":                        {[]string{"ApiName", "Stage"}, "apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html"},
	"AWS/ApiGateway Latency":                         {[]string{"ApiName", "Stage"}, "apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html"},
	"AWS/ApiGateway IntegrationLatency":              {[]string{"ApiName", "Stage"}, "apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html"},
	"AWS/Logs IncomingLogEvents":                     {[]string{"LogGroupName"}, "AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html"},
}

// dimensionNames are what a dimension can name in this stack.
func (r *recorder) dimensionNames(t *testing.T) map[string][]any {
	t.Helper()
	names := map[string][]any{
		"StreamName":         {r.one(t, "Stream").input("name")},
		"DeliveryStreamName": {r.one(t, "FirehoseDeliveryStream").input("name")},
		"Stage":              {r.one(t, "Stage").input("stageName")},
		"ApiName":            {r.one(t, "RestApi").Name + "-1a2b3c4"},
	}
	for _, group := range r.of("LogGroup") {
		names["LogGroupName"] = append(names["LogGroupName"], group.input("name"))
	}
	return names
}

// watched is a metric that an alarm watches, by namespace and name.
type watched struct {
	metric     string
	dimensions map[string]any
	seconds    float64
}

// watchedBy are the metrics of an alarm, whether it watches one or an expression of several.
func watchedBy(alarm *registration) []watched {
	read := func(m map[string]any) watched {
		dimensions, _ := m["dimensions"].(map[string]any)
		return watched{m["namespace"].(string) + " " + m["metricName"].(string), dimensions, m["period"].(float64)}
	}
	queries, _ := alarm.input("metricQueries").([]any)
	var all []watched
	for _, query := range queries {
		if m, ok := query.(map[string]any)["metric"].(map[string]any); ok {
			all = append(all, read(m))
		}
	}
	if len(queries) > 0 {
		return all
	}
	return []watched{read(map[string]any{
		"namespace": alarm.input("namespace"), "metricName": alarm.input("metricName"),
		"dimensions": alarm.input("dimensions"), "period": alarm.input("period"),
	})}
}

func TestEveryAlarmWatchesAMetricThatExistsForAResourceOfTheStack(t *testing.T) {
	t.Parallel()
	for _, stack := range []string{"dev", "prod"} {
		r := run(t, stack)
		names := r.dimensionNames(t)
		filter := r.one(t, "LogMetricFilter")
		filter.wants(t, "metricTransformation.namespace", "ingest-pipeline/"+names["ApiName"][0].(string))
		own := filter.input("metricTransformation.namespace").(string) + " " + filter.input("metricTransformation.name").(string)
		alarms := r.of("MetricAlarm")
		assert.Len(t, alarms, 11)
		for _, g := range alarms {
			for _, w := range watchedBy(g) {
				if w.metric == own {
					assert.Empty(t, w.dimensions, "%s: the filter publishes without dimensions", g.label())
					continue
				}
				published, exists := publishedMetrics[w.metric]
				require.True(t, exists, "%s: nobody publishes %s", g.label(), w.metric)
				var keys []string
				for key, value := range w.dimensions {
					keys = append(keys, key)
					assert.Contains(t, names[key], value, "%s: %s names nothing of this stack", g.label(), key)
				}
				assert.ElementsMatch(t, published.dimensions, keys, "%s: see docs.aws.amazon.com/%s", g.label(), published.source)
			}
		}
	}
}

// TestADatapointIsLongEnoughForItsMetric keeps alarms from waiting for datapoints that are never published: Firehose
// publishes every five minutes, and its data freshness perhaps only when it delivers.
func TestADatapointIsLongEnoughForItsMetric(t *testing.T) {
	t.Parallel()
	for _, buffer := range []string{"0", "60", "301", "900"} {
		r := run(t, "dev", with("bufferIntervalSeconds", buffer))
		seconds, err := strconv.ParseFloat(buffer, 64)
		require.NoError(t, err)
		for _, g := range r.of("MetricAlarm") {
			for _, w := range watchedBy(g) {
				assert.Zero(t, int(w.seconds)%60, "%s: CloudWatch refuses it", g.label())
				if strings.HasPrefix(w.metric, "AWS/Firehose ") {
					assert.GreaterOrEqual(t, w.seconds, 300.0, g.label())
				}
			}
		}
		late := watchedBy(r.one(t, "MetricAlarm", "ingest-delivery-late"))[0]
		assert.GreaterOrEqual(t, late.seconds, seconds+300)
		assert.Less(t, late.seconds, seconds+360)
	}
}

func TestAnIdleStackIsQuietAndEveryAlarmTellsSomebody(t *testing.T) {
	t.Parallel()
	for _, r := range []*recorder{run(t, "dev"), run(t, "prod", asPreview)} {
		topic := r.one(t, "Topic")
		for _, g := range r.of("MetricAlarm") {
			assert.Contains(t, []any{"notBreaching", "ignore"}, g.input("treatMissingData"), g.label())
			assert.Contains(t, g.DependsOn, topic.URN, g.label())
			if !r.preview {
				arn := "arn:aws:sns:ap-northeast-2:" + accountID + ":" + topic.Name + "-1a2b3c4"
				g.wants(t, "alarmActions", []any{arn})
				g.wants(t, "okActions", []any{arn})
			}
		}
	}
}

func TestAlarmThresholdsFollowTheSettings(t *testing.T) {
	t.Parallel()
	r := run(t, "dev", with("bufferIntervalSeconds", "90"), with("alarmIteratorAgeSeconds", "120"), with("alarmErrorPercent", "3"),
		with("alarmThrottledPercent", "7"), with("alarmLatencyMilliseconds", "250"), with("alarmEmail", "ops@example.com"))
	for name, want := range map[string]float64{
		"reader-behind": 120_000, "delivery-late": 300, "server-errors": 0.03, "throttled": 7, "slow": 250,
		"reader-stopped": 0, "write-throttled": 0, "put-failed": 0.99, "batch-put-failed": 0, "delivery-failed": 1, "delivery-errors": 0,
	} {
		r.one(t, "MetricAlarm", "ingest-"+name).wants(t, "threshold", want)
	}
	r.one(t, "TopicSubscription").wants(t, "endpoint", "ops@example.com")
	r.one(t, "LogMetricFilter").wants(t, "pattern", `{ $.status = "429" }`)
	assert.Contains(t, r.one(t, "Stage").input("accessLogSettings.format"), `"status":"$context.status"`, "what the filter looks for")
}

func TestTheRunbookHasASectionForEveryAlarm(t *testing.T) {
	t.Parallel()
	runbook, err := os.ReadFile(filepath.Join("..", "docs", "runbook.md"))
	require.NoError(t, err)
	for _, g := range run(t, "prod").of("MetricAlarm") {
		name := strings.TrimPrefix(g.Name, "ingest-")
		assert.Contains(t, string(runbook), "\n## "+name+"\n")
		assert.Contains(t, g.input("alarmDescription"), "docs/runbook.md, section "+name)
	}
}

func TestTheDashboardShowsMetricsThatExistAndTheLimits(t *testing.T) {
	t.Parallel()
	r := run(t, "dev")
	names := r.dimensionNames(t)
	dashboard := r.one(t, "Dashboard")
	dashboard.wants(t, "dashboardName", "ingest-pipeline-dev-ingest")
	var body struct {
		Widgets []struct {
			X, Y, Width, Height int
			Properties          struct {
				Title, Region string
				Metrics       [][]string
				Annotations   struct{ Horizontal []struct{ Value float64 } }
			}
		}
	}
	require.NoError(t, json.Unmarshal([]byte(dashboard.input("dashboardBody").(string)), &body))
	limits := map[string]float64{}
	for _, w := range body.Widgets {
		assert.LessOrEqual(t, w.X+w.Width, 24, w.Properties.Title)
		assert.Equal(t, "ap-northeast-2", w.Properties.Region)
		for _, metric := range w.Properties.Metrics {
			published, exists := publishedMetrics[metric[0]+" "+metric[1]]
			require.True(t, exists, "%v", metric)
			for i := 2; i < len(metric); i += 2 {
				assert.Contains(t, published.dimensions, metric[i])
				assert.Contains(t, names[metric[i]], metric[i+1])
			}
		}
		for _, line := range w.Properties.Annotations.Horizontal {
			limits[w.Properties.Title] = line.Value
		}
	}
	assert.Equal(t, map[string]float64{
		"1 Requests": 60, "2 Events into the stream": 1000 * 60, "Bytes into the stream": 60_000_000,
		"3 How far Firehose is behind, ms": 24 * 3600 * 1000, "Age of the oldest event not in S3, s": 60,
	}, limits)
	assert.Equal(t, "https://ap-northeast-2.console.aws.amazon.com/cloudwatch/home?region=ap-northeast-2#dashboards/dashboard/ingest-pipeline-dev-ingest",
		outputs(t, "dev")["dashboardUrl"])
	assert.Contains(t, outputs(t, "dev", inRegion("aws-cn", "cn-north-1"))["dashboardUrl"], "console.amazonaws.cn/")
}

func TestEventsCanBeQueriedFromTheFolderThatFirehoseWrites(t *testing.T) {
	t.Parallel()
	r := run(t, "dev")
	table, prefix := r.one(t, "CatalogTable"), r.one(t, "FirehoseDeliveryStream").input("extendedS3Configuration.prefix").(string)
	folder := "s3://ingest-1a2b3c4/" + prefix
	table.wants(t, "storageDescriptor.location", folder)
	parameters := table.input("parameters").(map[string]any)
	assert.Equal(t, folder+"${hour}/", parameters["storage.location.template"])
	assert.Equal(t, "yyyy/MM/dd/HH", parameters["projection.hour.format"], "what Firehose appends")
	workgroup := r.one(t, "Workgroup")
	workgroup.wants(t, "configuration.enforceWorkgroupConfiguration", true)
	workgroup.wants(t, "configuration.bytesScannedCutoffPerQuery", 10<<30)
	workgroup.wants(t, "configuration.resultConfiguration.outputLocation", "s3://ingest-1a2b3c4/query-results/")
	workgroup.wants(t, "forceDestroy", true)
	assert.Equal(t, `SELECT json_extract_scalar(event, '$.type') AS type, count(*) FROM "ingest_pipeline_dev_ingest"."events" `+
		`WHERE hour >= date_format(now() - interval '1' day, '%Y/%m/%d/%H') GROUP BY 1`, outputs(t, "dev")["query"])
}

func TestTheFirstQueryReadsTheEventInsideItsEnvelope(t *testing.T) {
	t.Parallel()
	assert.Contains(t, outputs(t, "dev", with("envelope", "true"))["query"], `json_extract_scalar(event, '$.event.type') AS type`)
}

func TestQueryResultsExpire(t *testing.T) {
	t.Parallel()
	rules := run(t, "prod").one(t, "BucketLifecycleConfigurationV2").input("rules").([]any)
	assert.Contains(t, rules, map[string]any{
		"id": "expire-query-results", "status": "Enabled", "filter": map[string]any{"prefix": "query-results/"},
		"expiration": map[string]any{"days": 30.0},
	})
	without := run(t, "prod", with("queryTable", "false")).one(t, "BucketLifecycleConfigurationV2").input("rules").([]any)
	assert.Len(t, without, len(rules)-1)
}

func TestACustomerManagedKeyIsGrantedToEachRoleForItsPart(t *testing.T) {
	t.Parallel()
	const key = "arn:aws:kms:ap-northeast-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	r := run(t, "dev", with("kmsKeyArn", key))
	r.one(t, "Stream").wants(t, "kmsKeyId", key)
	rule := r.one(t, "BucketServerSideEncryptionConfigurationV2").input("rules").([]any)[0].(map[string]any)
	assert.Equal(t, map[string]any{"sseAlgorithm": "aws:kms", "kmsMasterKeyId": key}, rule["applyServerSideEncryptionByDefault"])
	assert.Equal(t, true, rule["bucketKeyEnabled"])
	golden(t, "dev.kms-policies.golden", r.kmsStatements(t))
}

// kmsStatements are all the grants of a key, by the role that has them.
func (r *recorder) kmsStatements(t *testing.T) string {
	t.Helper()
	found := map[string]any{}
	for _, g := range r.of("RolePolicy") {
		var document struct{ Statement []map[string]any }
		require.NoError(t, json.Unmarshal([]byte(g.input("policy").(string)), &document))
		for _, s := range document.Statement {
			if strings.HasPrefix(s["Action"].([]any)[0].(string), "kms:") {
				found[g.Name] = s
			}
		}
	}
	text, err := json.MarshalIndent(found, "", "  ")
	require.NoError(t, err)
	return string(text) + "\n"
}

func TestEventsAgeAsSet(t *testing.T) {
	t.Parallel()
	r := run(t, "dev", with("archiveAfterDays", "30"), with("expireAfterDays", "400"))
	rules := r.one(t, "BucketLifecycleConfigurationV2").input("rules").([]any)
	require.Len(t, rules, 3)
	rule := rules[1].(map[string]any)
	assert.Equal(t, map[string]any{"prefix": "raw/"}, rule["filter"])
	assert.Equal(t, []any{map[string]any{"days": 30.0, "storageClass": "GLACIER_IR"}}, rule["transitions"])
	assert.Equal(t, map[string]any{"days": 400.0}, rule["expiration"])
}

func TestTheEventGeneratorSendsToTheEndpointAndAcceptsNoConnections(t *testing.T) {
	t.Parallel()
	assert.Empty(t, run(t, "dev").of("Instance"), "it is off by default")
	r := run(t, "dev", with("eventGenerator", "true"))
	instance := r.one(t, "Instance")
	instance.wants(t, "ami", "ami-0123456789abcdef0")
	assert.Equal(t, []string{"ami"}, instance.IgnoreChanges, "a newer image replaces no running instance")
	instance.wants(t, "instanceType", "t4g.nano")
	instance.wants(t, "metadataOptions", map[string]any{"httpTokens": "required"})
	assert.Nil(t, instance.input("keyName"), "nobody logs in over SSH")
	userData := instance.input("userData").(string)
	assert.Contains(t, userData, "https://abc123.execute-api.ap-northeast-2.amazonaws.com/PROD/v1")
	assert.Contains(t, userData, `"{\"value\":\"$((RANDOM % 100))\",\"type\":\"Tip $((RANDOM % 5 + 1))\"}"`)
	for _, needed := range []string{
		"\n[Install]\nWantedBy=multi-user.target\n", "\nRestart=always\n", "\nsystemctl enable --now sample-events.service\n",
	} {
		assert.Contains(t, userData, needed, "user data runs at the first boot only: the unit has to start at the next ones")
	}
	if bash, err := exec.LookPath("bash"); err == nil {
		check := exec.Command(bash, "-n")
		check.Stdin = strings.NewReader(userData)
		output, err := check.CombinedOutput()
		assert.NoError(t, err, "%s", output)
	}
	group := r.one(t, "SecurityGroup")
	assert.Nil(t, group.input("ingress"))
	for _, g := range []*registration{instance, group} {
		assert.Equal(t, r.one(t, "Stream").Version, g.Version, "%s: the provider is that of the other resources", g.label())
	}
	assert.True(t, r.reaches(instance, r.one(t, "MethodSettings")), "it sends only once the endpoint is throttled")
}

func TestInventoryOfAStackWithAnEventGenerator(t *testing.T) {
	t.Parallel()
	golden(t, "dev-event-generator.inventory.golden", run(t, "dev", with("eventGenerator", "true")).inventory(t))
}

func TestWhatIsSwitchedOffIsNotThere(t *testing.T) {
	t.Parallel()
	r := run(t, "dev", with("alarms", "false"), with("dashboard", "false"), with("queryTable", "false"))
	for _, typ := range []string{"MetricAlarm", "LogMetricFilter", "Topic", "Dashboard", "CatalogTable", "CatalogDatabase", "Workgroup"} {
		assert.Empty(t, r.of(typ), typ)
	}
	assert.NotEmpty(t, r.of("Stream"))
}
