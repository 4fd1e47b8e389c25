package pipeline_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// effects has for each setting another value and the types of the resources that it changes, adds or removes.
var effects = map[string]struct {
	value string
	// requires are settings without which this one has no effect, together those that have to change with it.
	requires, together []runOption
	changes            []string
}{
	"streamName":                     {value: "other", changes: []string{"Dashboard", "FirehoseDeliveryStream", "LogGroup", "LogStream", "MetricAlarm", "RolePolicy", "Stage", "Stream"}},
	"stream.mode":                    {value: "ON_DEMAND", together: []runOption{with("stream.shardCount", "0")}, changes: []string{"Dashboard", "Stream"}},
	"stream.shardCount":              {value: "2", changes: []string{"Dashboard", "Stream"}},
	"stream.retentionHours":          {value: "48", changes: []string{"Dashboard", "Stream"}},
	"streamArn":                      {value: "arn:aws:kinesis:ap-northeast-2:111122223333:stream/other", together: []runOption{with("streamName", "")}, changes: []string{"Dashboard", "FirehoseDeliveryStream", "LogGroup", "LogStream", "MetricAlarm", "RolePolicy", "Stage", "Stream"}},
	"bucketArn":                      {value: "arn:aws:s3:::other", changes: []string{"BucketLifecycleConfigurationV2", "BucketOwnershipControls", "BucketPolicy", "BucketPublicAccessBlock", "BucketServerSideEncryptionConfigurationV2", "BucketV2", "CatalogTable", "FirehoseDeliveryStream", "RolePolicy", "Workgroup"}},
	"alarmTopicArn":                  {value: "arn:aws:sns:ap-northeast-2:111122223333:other", changes: []string{"MetricAlarm", "Topic"}},
	"tags":                           {value: `{"team":"shop"}`, changes: []string{"BucketV2", "CatalogDatabase", "FirehoseDeliveryStream", "LogGroup", "MetricAlarm", "RestApi", "Role", "Stage", "Stream", "Topic", "Workgroup"}},
	"bucketName":                     {value: "other", changes: []string{"BucketPolicy", "BucketV2", "CatalogTable", "FirehoseDeliveryStream", "RolePolicy", "Workgroup"}},
	"delivery.prefix":                {value: "other/", changes: []string{"CatalogTable", "FirehoseDeliveryStream", "RolePolicy"}},
	"delivery.errorPrefix":           {value: "other/", changes: []string{"FirehoseDeliveryStream", "RolePolicy"}},
	"delivery.bufferSizeMiB":         {value: "7", changes: []string{"FirehoseDeliveryStream"}},
	"delivery.bufferIntervalSeconds": {value: "77", changes: []string{"Dashboard", "FirehoseDeliveryStream", "MetricAlarm"}},
	"delivery.compression":           {value: "GZIP", changes: []string{"FirehoseDeliveryStream"}},
	"throttle.requestsPerSecond":     {value: "7", changes: []string{"Dashboard", "MethodSettings"}},
	"throttle.burst":                 {value: "7", changes: []string{"MethodSettings"}},
	"access":                         {value: "AWS_IAM", changes: []string{"Deployment", "Method", "RestApiPolicy"}},
	"apiKeys":                        {value: `[{"name":"default","requestsPerDay":77}]`, requires: []runOption{with("access", "API_KEY")}, changes: []string{"UsagePlan"}},
	"allowedSourceCidrs":             {value: `["203.0.113.0/24"]`, changes: []string{"Deployment", "RestApiPolicy"}},
	"logs.level":                     {value: "ERROR", changes: []string{"MethodSettings"}},
	"logs.accessLog":                 {value: "false", requires: []runOption{with("alarms.enabled", "false")}, changes: []string{"LogGroup", "Stage"}},
	"logs.retentionDays":             {value: "30", changes: []string{"LogGroup"}},
	"logs.role":                      {value: "existing", changes: []string{"Account", "Role", "RolePolicyAttachment"}},
	"stream.partitionKey":            {value: "REQUEST_ID", changes: []string{"Stage"}},
	"stream.partitionKeyField":       {value: "other", requires: []runOption{with("stream.partitionKey", "EVENT_FIELD"), with("stream.partitionKeyField", "one")}, changes: []string{"Stage"}},
	"envelope":                       {value: "true", changes: []string{"Stage"}},
	"eventSchema":                    {value: "pipeline/testdata/order.schema.json", changes: []string{"Deployment", "Model"}},
	"eventTypes": {
		value: `{"order":"pipeline/testdata/order.schema.json"}`, requires: []runOption{with("envelope", "true")},
		changes: []string{"Deployment", "Integration", "IntegrationResponse", "Method", "MethodResponse", "Model", "Resource", "Response"},
	},
	"corsAllowedOrigins":         {value: `["https://a.example"]`, changes: []string{"Deployment", "Integration", "IntegrationResponse", "Method", "MethodResponse", "Response", "Stage"}},
	"kmsKeyArn":                  {value: kmsKeyArn, changes: []string{"BucketServerSideEncryptionConfigurationV2", "RolePolicy", "Stream"}},
	"lifecycle.archiveAfterDays": {value: "30", changes: []string{"BucketLifecycleConfigurationV2"}},
	"lifecycle.expireAfterDays":  {value: "400", changes: []string{"BucketLifecycleConfigurationV2"}},
	"queryTable":                 {value: "false", changes: []string{"BucketLifecycleConfigurationV2", "CatalogDatabase", "CatalogTable", "Workgroup"}},
	"dashboard":                  {value: "false", changes: []string{"Dashboard"}},
	"alarms.enabled":             {value: "false", changes: []string{"LogMetricFilter", "MetricAlarm", "Topic"}},
	"alarms.email":               {value: "ops@example.com", changes: []string{"TopicSubscription"}},
	"alarms.iteratorAgeSeconds":  {value: "777", changes: []string{"MetricAlarm"}},
	"alarms.errorPercent":        {value: "7", changes: []string{"MetricAlarm"}},
	"alarms.throttledPercent":    {value: "7", changes: []string{"MetricAlarm"}},
	"alarms.latencyMilliseconds": {value: "777", changes: []string{"MetricAlarm"}},
	"eventGenerator":             {value: "true", changes: []string{"Instance", "InstanceProfile", "Role", "RolePolicyAttachment", "SecurityGroup"}},
	"paused":                     {value: "true", changes: []string{"Deployment", "Integration", "IntegrationResponse", "MethodResponse"}},
	"protectData":                {value: "true", changes: []string{"BucketLifecycleConfigurationV2", "BucketOwnershipControls", "BucketPolicy", "BucketPublicAccessBlock", "BucketServerSideEncryptionConfigurationV2", "BucketV2", "FirehoseDeliveryStream", "LogGroup", "LogStream", "Role", "RolePolicy", "Stream"}},
}

// onlyChecked are the settings that describe the expected traffic: the throttle and the shards are compared with them.
var onlyChecked = []string{"expectedTraffic.eventsPerSecond", "expectedTraffic.eventBytes", "expectedTraffic.eventsPerRequest"}

func TestEverySettingChangesWhatItIsFor(t *testing.T) {
	t.Parallel()
	assert.ElementsMatch(t, settingPaths(t), slices.Concat(slices.Collect(maps.Keys(effects)), onlyChecked),
		"every setting of Pulumi.yaml is here")
	for key, row := range effects {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			before := run(t, "dev", row.requires...)
			after := run(t, "dev", slices.Concat(row.requires, row.together, []runOption{with(key, row.value)})...)
			assert.Equal(t, row.changes, changedTypes(t, before, after))
		})
	}
}

// changedTypes are the types of the resources that are not the same in two runs, in order.
func changedTypes(t *testing.T, before, after *recorder) []string {
	t.Helper()
	describe := func(r *recorder) map[string]string {
		all := map[string]string{}
		for _, g := range r.registrations {
			if g.Custom {
				text, err := json.Marshal([]any{g.Inputs, g.Protect, g.Retain})
				require.NoError(t, err)
				all[g.label()] = string(text)
			}
		}
		return all
	}
	old, changed := describe(before), describe(after)
	types := map[string]bool{}
	for _, labels := range []map[string]string{old, changed} {
		for label := range labels {
			if old[label] != changed[label] {
				typ, _, _ := strings.Cut(label, " ")
				types[typ] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(types))
}
