package pipeline

import (
	"fmt"
	"regexp"
)

// eventTypePattern is what fits into a path and into the envelope without an escape.
var eventTypePattern = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,30}$`)

// maxEventTypes leaves room in the 300 resources of an API: a type has two.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
const maxEventTypes = 100

// checkEvents checks the schemas and types of events.
func (a PipelineArgs) checkEvents(check *checker) {
	if a.EventSchema != "" {
		check.schema("eventSchema", a.EventSchema)
	}
	if len(a.EventTypes) == 0 {
		return
	}
	if len(a.EventTypes) > maxEventTypes {
		check.add("eventTypes", fmt.Sprintf("%d types", len(a.EventTypes)), "must be at most %d (API Gateway has 300 resources in an API); "+
			"tell others apart by a field of the event", maxEventTypes)
	}
	if !a.Envelope {
		check.add("envelope", a.Envelope, "must be true with eventTypes (the envelope has the type); set it, and expect envelopes in the stored lines")
	}
	models := map[string]string{}
	for _, name := range sortedKeys(a.EventTypes) {
		key := "eventTypes." + name
		switch other, taken := models[modelName(name)]; {
		case !eventTypePattern.MatchString(name):
			check.add("eventTypes", name, "must be 1–31 of a–z, 0–9, _ and -, beginning with a letter (it is a part of the path); rename it")
		case name == "batch":
			check.add("eventTypes", name, "must not be batch (POST /v1/batch is the route of batches); rename it")
		case taken:
			check.add("eventTypes", name, "must differ from %s in more than - and _ (names of models have neither); rename one", other)
		}
		models[modelName(name)] = name
		check.schema(key, a.EventTypes[name])
	}
}

// schema checks a schema, which is too long to show.
func (c *checker) schema(key, text string) {
	if c.skip[key] {
		return
	}
	for _, problem := range schemaProblems(text) {
		c.found = append(c.found, fmt.Errorf("%s: %s", key, problem))
	}
}
