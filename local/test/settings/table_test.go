package settings

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"ingest-pipeline/local/engine"
)

// change is another value for a setting of the dev stack.
type change struct {
	setting, value string
	// together are settings that have to change with it, and requires those without which it has no effect.
	together, requires map[string]string
}

// section is a part of the table.
type section struct {
	title   string
	changes []change
}

// sections have every setting once.
var sections = []section{
	{"Stream", []change{
		{setting: "streamName", value: "other"},
		{setting: "streamMode", value: "ON_DEMAND", together: map[string]string{"shardCount": "0"}},
		{setting: "shardCount", value: "2"},
		{setting: "retentionHours", value: "48"},
	}},
	{"Delivery and bucket", []change{
		{setting: "deliveryStreamName", value: "other"},
		{setting: "bucketName", value: "other-bucket"},
		{setting: "prefix", value: "other/"},
		{setting: "errorPrefix", value: "failed/"},
		{setting: "bufferSizeMiB", value: "7"},
		{setting: "bufferIntervalSeconds", value: "90"},
		{setting: "compression", value: "GZIP"},
		{setting: "kmsKeyArn", value: "arn:aws:kms:ap-northeast-2:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab"},
		{setting: "archiveAfterDays", value: "30"},
		{setting: "expireAfterDays", value: "400"},
		{setting: "protectData", value: "true"},
	}},
	{"Endpoint", []change{
		{setting: "stageName", value: "OTHER"},
		{setting: "throttleRequestsPerSecond", value: "7"},
		{setting: "throttleBurst", value: "7"},
		{setting: "paused", value: "true"},
		{setting: "access", value: "AWS_IAM"},
		{setting: "apiKeyRequestsPerDay", value: "77", requires: map[string]string{"access": "API_KEY"}},
		{setting: "allowedSourceCidrs", value: `["203.0.113.0/24"]`},
		{setting: "corsAllowedOrigins", value: `["https://www.example.com"]`},
		{setting: "eventGenerator", value: "true"},
	}},
	{"Events", []change{
		{setting: "partitionKey", value: "REQUEST_ID"},
		{setting: "partitionKeyField", value: "customer.id", requires: map[string]string{
			"partitionKey": "EVENT_FIELD", "partitionKeyField": "id",
		}},
		{setting: "envelope", value: "true"},
		{setting: "expectedEventsPerSecond", value: "2", together: map[string]string{"expectedEventsPerRequest": "2"}},
		{setting: "expectedEventBytes", value: "2048"},
		{setting: "expectedEventsPerRequest", value: "10"},
	}},
	{"Logs", []change{
		{setting: "logLevel", value: "ERROR"},
		{setting: "accessLog", value: "false", requires: map[string]string{"alarms": "false"}},
		{setting: "logRetentionDays", value: "30"},
		{setting: "apiGatewayLoggingRole", value: "existing"},
	}},
	{"Monitoring and queries", []change{
		{setting: "dashboard", value: "false"},
		{setting: "alarms", value: "false"},
		{setting: "alarmEmail", value: "operator@example.com"},
		{setting: "alarmIteratorAgeSeconds", value: "777"},
		{setting: "alarmErrorPercent", value: "7"},
		{setting: "alarmThrottledPercent", value: "7"},
		{setting: "alarmLatencyMilliseconds", value: "777"},
		{setting: "queryTable", value: "false"},
	}},
}

// resources are properties by the type of the resource.
type resources map[string]map[string]bool

// effect is what the engine would do with resources, and because of which properties.
type effect struct{ updates, replaces, creates, deletes resources }

func effectOf(steps []engine.Step) effect {
	e := effect{resources{}, resources{}, resources{}, resources{}}
	for _, step := range steps {
		if step.Component || strings.HasPrefix(step.Type, "pulumi:") {
			continue
		}
		switch step.Op {
		case "update":
			e.updates.add(step, func(engine.Diff) bool { return true })
		case "replace":
			e.replaces.add(step, func(d engine.Diff) bool { return d.Replaces })
		case "create":
			e.creates.add(step, nil)
		case "delete", "remove-pending-replace": // the latter is deleted first, with what it belongs to
			e.deletes.add(step, nil)
		}
	}
	return e
}

// index is that of an element in the path of a property.
var index = regexp.MustCompile(`\[\d+\]`)

func (r resources) add(step engine.Step, matters func(engine.Diff) bool) {
	typ := step.Type[strings.LastIndex(step.Type, ":")+1:]
	if r[typ] == nil {
		r[typ] = map[string]bool{}
	}
	for _, d := range step.Diffs {
		if matters(d) {
			r[typ][index.ReplaceAllString(d.Path, "")] = true
		}
	}
}

// String lists types and properties: "Stage (variables.streamName), Stream (name)".
func (r resources) String() string {
	var list []string
	for _, typ := range slices.Sorted(maps.Keys(r)) {
		text := typ
		if len(r[typ]) > 0 {
			text += " (" + strings.Join(slices.Sorted(maps.Keys(r[typ])), ", ") + ")"
		}
		list = append(list, text)
	}
	return strings.Join(list, ", ")
}

func (e effect) nothing() bool {
	return len(e.updates)+len(e.replaces)+len(e.creates)+len(e.deletes) == 0
}

// row is a line of the table.
func (c change) row(e effect) string {
	return fmt.Sprintf("| `%s` | `%s` | %s | %s | %s | %s |\n", c.setting, c.value, e.updates, e.replaces, e.creates, e.deletes)
}
