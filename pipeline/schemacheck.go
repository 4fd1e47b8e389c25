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
	minProperties, _ := root["minProperties"].(json.Number)
	if atLeast, _ := minProperties.Int64(); atLeast < 1 && root["required"] == nil {
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
	stringKeyword   = schemaKeyword{is[string], "a string"}
	booleanKeyword  = schemaKeyword{is[bool], "true or false"}
	numberKeyword   = schemaKeyword{is[json.Number], "a number"}
	countKeyword    = schemaKeyword{isCount, "a whole number of at least 0"}
	schemaValue     = schemaKeyword{is[map[string]any], "a schema"}
	schemaList      = schemaKeyword{func(v any) bool { list, ok := v.([]any); return ok && len(list) > 0 }, "a list of at least one schema"}
	schemaMap       = schemaKeyword{is[map[string]any], "an object whose members are schemas"}
	booleanOrSchema = schemaKeyword{func(v any) bool { return booleanKeyword.valid(v) || is[map[string]any](v) }, "true, false or a schema"}
)

// schemaKeywords are those of JSON Schema draft-04, but for what API Gateway does not support (default and exclusiveMinimum:
// documented, api-gateway-known-issues) and for id, which would change what references refer to in a batch.
var schemaKeywords = map[string]schemaKeyword{
	"$schema":     {func(v any) bool { return v == draft4 || v == draft4+"#" }, draft4 + "#"},
	"$ref":        {is[string], "a string"},
	"title":       stringKeyword,
	"description": stringKeyword,
	"type":        {isTypes, "array, boolean, integer, null, number, object or string, or a list of those"},
	"enum":        {func(v any) bool { return isDistinct(v, nil) }, "a list of at least one value, none of them twice"},
	"format": {func(v any) bool { return slices.Contains(schemaFormats, fmt.Sprint(v)) },
		strings.Join(schemaFormats, ", ") + " (draft-04 has no other); use pattern"},
	"pattern": stringKeyword, "minLength": countKeyword, "maxLength": countKeyword,
	"minimum": numberKeyword, "maximum": numberKeyword, "exclusiveMaximum": booleanKeyword,
	"multipleOf": {isPositive, "a number above 0"},
	"items":      {func(v any) bool { return is[map[string]any](v) || schemaList.valid(v) }, "a schema or a list of schemas"},
	"minItems":   countKeyword, "maxItems": countKeyword, "uniqueItems": booleanKeyword, "additionalItems": booleanOrSchema,
	"required":      {func(v any) bool { return isDistinct(v, is[string]) }, "a list of at least one name, none of them twice"},
	"minProperties": countKeyword, "maxProperties": countKeyword, "additionalProperties": booleanOrSchema,
	"properties": schemaMap, "patternProperties": schemaMap, "definitions": schemaMap,
	"dependencies": {is[map[string]any], "an object whose members are schemas or lists of names"},
	"allOf":        schemaList, "anyOf": schemaList, "oneOf": schemaList, "not": schemaValue,
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
			if name == "dependencies" && isDistinct(members[member], is[string]) {
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

func is[T any](value any) bool { _, ok := value.(T); return ok }

func isCount(value any) bool {
	n, _ := value.(json.Number)
	i, err := n.Int64()
	return err == nil && i >= 0
}

func isPositive(value any) bool {
	n, _ := value.(json.Number)
	f, err := n.Float64()
	return err == nil && f > 0
}

func isTypes(value any) bool {
	isType := func(v any) bool { return slices.Contains(schemaTypes, v) }
	return isType(value) || isDistinct(value, isType)
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
