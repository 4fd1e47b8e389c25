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

// orderSchema is a file in the project's folder.
const orderSchema = "schemas/order.json"

// sections have every setting once.
var sections = []section{
	{"Stream", []change{
		{setting: "streamArn", value: "arn:aws:kinesis:ap-northeast-2:000000000000:stream/other", together: map[string]string{"streamName": `""`}},
		{setting: "streamName", value: "other"},
		{setting: "stream.mode", value: "ON_DEMAND", together: map[string]string{"stream.shardCount": "0"}},
		{setting: "stream.shardCount", value: "2"},
		{setting: "stream.retentionHours", value: "48"},
	}},
	{"Delivery and bucket", []change{
		{setting: "bucketArn", value: "arn:aws:s3:::other-bucket"},
		{setting: "bucketName", value: "other-bucket"},
		{setting: "delivery.prefix", value: "other/"},
		{setting: "delivery.errorPrefix", value: "failed/"},
		{setting: "delivery.bufferSizeMiB", value: "7"},
		{setting: "delivery.bufferIntervalSeconds", value: "90"},
		{setting: "delivery.compression", value: "GZIP"},
		{setting: "kmsKeyArn", value: "arn:aws:kms:ap-northeast-2:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab"},
		{setting: "lifecycle.archiveAfterDays", value: "30"},
		{setting: "lifecycle.expireAfterDays", value: "400"},
		{setting: "protectData", value: "true"},
	}},
	{"Endpoint", []change{
		{setting: "throttle.requestsPerSecond", value: "7"},
		{setting: "throttle.burst", value: "7"},
		{setting: "paused", value: "true"},
		{setting: "access", value: "AWS_IAM"},
		{setting: "apiKeys", value: `[{"name":"default","requestsPerDay":77}]`, requires: map[string]string{"access": "API_KEY"}},
		{setting: "allowedSourceCidrs", value: `["203.0.113.0/24"]`},
		{setting: "corsAllowedOrigins", value: `["https://www.example.com"]`},
		{setting: "eventGenerator", value: "true"},
	}},
	{"Events", []change{
		{setting: "stream.partitionKey", value: "REQUEST_ID"},
		{setting: "stream.partitionKeyField", value: "customer.id", requires: map[string]string{
			"stream.partitionKey": "EVENT_FIELD", "stream.partitionKeyField": "id",
		}},
		{setting: "envelope", value: "true"},
		{setting: "eventSchema", value: orderSchema},
		{setting: "eventTypes", value: `{"order":"` + orderSchema + `"}`, requires: map[string]string{"envelope": "true"}},
		{setting: "expectedTraffic.eventsPerSecond", value: "2", together: map[string]string{"expectedTraffic.eventsPerRequest": "2"}},
		{setting: "expectedTraffic.eventBytes", value: "2048"},
		{setting: "expectedTraffic.eventsPerRequest", value: "10"},
	}},
	{"Logs", []change{
		{setting: "logs.level", value: "ERROR"},
		{setting: "logs.accessLog", value: "false", requires: map[string]string{"alarms.enabled": "false"}},
		{setting: "logs.retentionDays", value: "30"},
		{setting: "logs.role", value: "existing"},
	}},
	{"Monitoring and queries", []change{
		{setting: "dashboard", value: "false"},
		{setting: "alarms.enabled", value: "false"},
		{setting: "alarmTopicArn", value: "arn:aws:sns:ap-northeast-2:000000000000:other"},
		{setting: "alarms.email", value: "operator@example.com"},
		{setting: "alarms.iteratorAgeSeconds", value: "777"},
		{setting: "alarms.errorPercent", value: "7"},
		{setting: "alarms.throttledPercent", value: "7"},
		{setting: "alarms.latencyMilliseconds", value: "777"},
		{setting: "queryTable", value: "false"},
		{setting: "tags", value: `{"team":"shop"}`},
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
