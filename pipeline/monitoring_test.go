package pipeline_test

import (
	"encoding/json"
	"os/exec"
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
	r := run(t, "dev", with("lifecycle.archiveAfterDays", "30"), with("lifecycle.expireAfterDays", "400"))
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
	r.one(t, "RolePolicyAttachment", "ingest-event-generator-ssm").
		wants(t, "policyArn", "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore") // Session Manager in place of SSH
	instance.wants(t, "iamInstanceProfile", "ingest-event-generator-1a2b3c4")
	instance.wants(t, "vpcSecurityGroupIds", []any{"ingest-event-generator-id"})
	instance.wants(t, "userDataReplaceOnChange", true) // it runs at the first boot only
	instance.wants(t, "metadataOptions", map[string]any{"httpTokens": "required"})
	assert.Nil(t, instance.input("keyName"), "there is no login over SSH")
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
	group.wants(t, "egress", []any{map[string]any{
		"protocol": "tcp", "fromPort": 443.0, "toPort": 443.0, "cidrBlocks": []any{"0.0.0.0/0"},
	}})
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
	r := run(t, "dev", with("alarms.enabled", "false"), with("dashboard", "false"), with("queryTable", "false"))
	for _, typ := range []string{"MetricAlarm", "LogMetricFilter", "Topic", "Dashboard", "CatalogTable", "CatalogDatabase", "Workgroup"} {
		assert.Empty(t, r.of(typ), typ)
	}
	assert.NotEmpty(t, r.of("Stream"))
}
