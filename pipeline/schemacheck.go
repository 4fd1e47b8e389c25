package pipeline

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// schemaProblems says why API Gateway would refuse the schema of an event, or why it would not do what the endpoint
// promises; each problem begins with its place. Whether a pattern is a regular expression is not checked: API Gateway has those of
// ECMA 262, which Go has not.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html
func schemaProblems(text string) []string {
	root, err := parseSchema(text)
	if err != nil {
		return []string{err.Error()}
	}
	c := schemaCheck{definitions: root["definitions"]}
	c.schema("#", root, false)
	if root["type"] != "object" {
		c.add("#/type", `must be "object" (an event is a JSON object)`)
	}
	if _, ok := root["$ref"]; ok {
		c.add("#/$ref", "must not be at the top (every keyword beside it would be ignored); write the schema out")
	}
	if atLeast, ok := root["minProperties"].(json.Number); (!ok || atLeast == "0") && root["required"] == nil {
		c.add("#", "must not let {} through (it says nothing); add required, or minProperties: 1")
	}
	if size := max(len(text), len(batchSchema(text))); size > maxSchemaBytes {
		c.add("#", "must have at most %d bytes (a model of API Gateway), and the schema of a batch of such events has %d; "+
			"leave out descriptions", maxSchemaBytes, size)
	}
	return c.problems
}

// maxSchemaBytes is the size of a model, in bytes.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
const maxSchemaBytes = 400 << 10

// schemaKeyword is what the value of a keyword must be.
type schemaKeyword struct {
	valid func(value any) bool
	must  string
}

var (
	aText       = schemaKeyword{isText, "a string"}
	aFlag       = schemaKeyword{func(v any) bool { _, ok := v.(bool); return ok }, "true or false"}
	aNumber     = schemaKeyword{func(v any) bool { _, ok := v.(json.Number); return ok }, "a number"}
	aCount      = schemaKeyword{func(v any) bool { n, ok := v.(json.Number); return ok && isCount(n) }, "a whole number of at least 0"}
	aSchema     = schemaKeyword{isObject, "a schema"}
	schemas     = schemaKeyword{func(v any) bool { list, ok := v.([]any); return ok && len(list) > 0 }, "a list of at least one schema"}
	namedSchema = schemaKeyword{isObject, "an object whose members are schemas"}
	flagOrMore  = schemaKeyword{func(v any) bool { return aFlag.valid(v) || isObject(v) }, "true, false or a schema"}
)

// schemaKeywords are those of JSON Schema draft-04, but for what API Gateway does not support (default and exclusiveMinimum:
// documented, api-gateway-known-issues) and for id, which would change what references refer to in a batch.
var schemaKeywords = map[string]schemaKeyword{
	"$schema":     {func(v any) bool { return v == draft4 || v == draft4+"#" }, draft4 + "#"},
	"$ref":        {isText, "a string"},
	"title":       aText,
	"description": aText,
	"type":        {isTypes, "array, boolean, integer, null, number, object or string, or a list of those"},
	"enum":        {func(v any) bool { return isDistinct(v, nil) }, "a list of at least one value, none of them twice"},
	"format": {func(v any) bool { return slices.Contains(schemaFormats, fmt.Sprint(v)) },
		strings.Join(schemaFormats, ", ") + " (API Gateway checks no other); use pattern"},
	"pattern": aText, "minLength": aCount, "maxLength": aCount,
	"minimum": aNumber, "maximum": aNumber, "exclusiveMaximum": aFlag,
	"multipleOf": {func(v any) bool { n, ok := v.(json.Number); return ok && isPositive(n) }, "a number above 0"},
	"items":      {func(v any) bool { return isObject(v) || schemas.valid(v) }, "a schema or a list of schemas"},
	"minItems":   aCount, "maxItems": aCount, "uniqueItems": aFlag, "additionalItems": flagOrMore,
	"required":      {func(v any) bool { return isDistinct(v, isText) }, "a list of at least one name, none of them twice"},
	"minProperties": aCount, "maxProperties": aCount, "additionalProperties": flagOrMore,
	"properties": namedSchema, "patternProperties": namedSchema, "definitions": namedSchema,
	"dependencies": {isObject, "an object whose members are schemas or lists of names"},
	"allOf":        schemas, "anyOf": schemas, "oneOf": schemas, "not": aSchema,
}

const draft4 = "http://json-schema.org/draft-04/schema"

var (
	schemaFormats = []string{"date-time", "email", "hostname", "ipv4", "ipv6", "regex", "uri"}
	schemaTypes   = []any{"array", "boolean", "integer", "null", "number", "object", "string"}
	// definitionReference is the one form of reference that works in a batch, too.
	definitionReference = regexp.MustCompile(`^#/definitions/([^/~%]+)$`)
)

// schemaCheck collects what is wrong with a schema.
type schemaCheck struct {
	definitions any
	problems    []string
}

func (c *schemaCheck) add(at, format string, args ...any) {
	c.problems = append(c.problems, at+": "+fmt.Sprintf(format, args...))
}

// schema checks one schema; combined says that it is part of an allOf, anyOf or oneOf.
func (c *schemaCheck) schema(at string, value any, combined bool) {
	object, ok := value.(map[string]any)
	if !ok {
		c.add(at, "must be a schema (an object)")
		return
	}
	for _, name := range sortedKeys(object) {
		value, at := object[name], at+"/"+name
		keyword, ok := schemaKeywords[name]
		switch {
		case !ok:
			c.add(at, "is not a keyword that can be used (API Gateway has those of JSON Schema draft-04, without default and "+
				"exclusiveMinimum; id is not supported here); leave it out")
		case !keyword.valid(value):
			c.add(at, "must be %s", keyword.must)
		case name == "$ref":
			c.reference(at, value.(string), combined)
		default:
			c.below(at, name, value, combined || name == "allOf" || name == "anyOf" || name == "oneOf")
		}
	}
	if _, ok := object["maximum"]; !ok && object["exclusiveMaximum"] != nil {
		c.add(at+"/exclusiveMaximum", "must have a maximum beside it")
	}
}

// below checks the schemas in the value of a keyword.
func (c *schemaCheck) below(at, name string, value any, combined bool) {
	members, isObject := value.(map[string]any)
	list, _ := value.([]any)
	switch name {
	case "properties", "patternProperties", "definitions", "dependencies":
		for _, member := range sortedKeys(members) {
			if name == "dependencies" && isDistinct(members[member], isText) {
				continue
			}
			c.schema(at+"/"+member, members[member], combined)
		}
	case "items", "additionalItems", "additionalProperties", "not", "allOf", "anyOf", "oneOf":
		if isObject {
			c.schema(at, value, combined)
		}
		for i, element := range list {
			c.schema(fmt.Sprintf("%s/%d", at, i), element, combined)
		}
	}
}

func (c *schemaCheck) reference(at, reference string, combined bool) {
	found := definitionReference.FindStringSubmatch(reference)
	definitions, _ := c.definitions.(map[string]any)
	switch {
	case found == nil:
		c.add(at, "must be #/definitions/NAME (API Gateway reads no other document); copy what it refers to into definitions")
	case definitions[found[1]] == nil:
		c.add(at, "must be a definition of this schema; there is no #/definitions/%s", found[1])
	case combined:
		// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
		c.add(at, "must not be within allOf, anyOf or oneOf (API Gateway does not support it); write out what it refers to")
	}
}

func isText(value any) bool { _, ok := value.(string); return ok }

func isObject(value any) bool { _, ok := value.(map[string]any); return ok }

func isCount(n json.Number) bool { i, err := n.Int64(); return err == nil && i >= 0 }

func isPositive(n json.Number) bool { f, err := n.Float64(); return err == nil && f > 0 }

func isTypes(value any) bool {
	isType := func(v any) bool { return slices.Contains(schemaTypes, v) }
	return isText(value) && isType(value) || isDistinct(value, func(v any) bool { return isText(v) && isType(v) })
}

// isDistinct says whether value is a list of at least one element, none of them twice, that all are as demanded.
func isDistinct(value any, demanded func(any) bool) bool {
	list, ok := value.([]any)
	if !ok || len(list) == 0 {
		return false
	}
	seen := map[string]bool{}
	for _, element := range list {
		text, err := json.Marshal(element)
		if err != nil || seen[string(text)] || demanded != nil && !demanded(element) {
			return false
		}
		seen[string(text)] = true
	}
	return true
}
