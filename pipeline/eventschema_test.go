package pipeline_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/pipeline"
)

const orderSchema = `{
  "$schema": "http://json-schema.org/draft-04/schema#",
  "definitions": {"amount": {"type": "integer", "minimum": 1}},
  "type": "object",
  "required": ["order"],
  "properties": {"order": {"type": "string"}, "amount": {"$ref": "#/definitions/amount"}}
}`

// schemaFile writes a schema and returns the file's path.
func schemaFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "order.json")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return filepath.ToSlash(file)
}

func TestASchemaThatAPIGatewayWouldRefuseIsAnErrorBeforeAnythingIsCreated(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ name, schema, want string }{
		{"not JSON", "{\n  \"type\": object}", "2:11: must be a JSON object"},
		{"half of it", `{"type":`, "1:8: must be a JSON object"},
		{"an array", `[]`, "1:1: must be a JSON object"},
		{"two objects", `{"type":"object"} {}`, "1:19: must be a JSON object (invalid character '{' after top-level value)"},
		{"another draft", `{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","required":["a"]}`,
			"#/$schema: must be http://json-schema.org/draft-04/schema#"},
		{"a keyword of another draft", `{"type":"object","required":["a"],"properties":{"a":{"items":[{"const":1}]}}}`,
			"#/properties/a/items/0/const: is not a keyword"},
		{"an id", `{"id":"http://example.com/a","type":"object","required":["a"]}`, "#/id: is not a keyword"},
		{"a default", `{"type":"object","required":["a"],"properties":{"a":{"default":1}}}`, "#/properties/a/default: is not a keyword"},
		{"an exclusive minimum", `{"type":"object","required":["a"],"not":{"minimum":1,"exclusiveMinimum":true}}`,
			"#/not/exclusiveMinimum: is not a keyword"},
		{"an exclusive maximum of draft-06", `{"type":"object","required":["a"],"not":{"maximum":1,"exclusiveMaximum":1}}`,
			"#/not/exclusiveMaximum: must be true or false"},
		{"an exclusive maximum alone", `{"type":"object","required":["a"],"not":{"exclusiveMaximum":true}}`, "must have a maximum beside it"},
		{"not of objects", `{"type":"array","minItems":1}`, `#/type: must be "object"`},
		{"of objects and more", `{"type":["object","null"],"required":["a"]}`, `#/type: must be "object"`},
		{"of anything", `{"required":["a"]}`, `#/type: must be "object"`},
		{"a type that there is not", `{"type":"object","required":["a"],"properties":{"a":{"type":"text"}}}`,
			"#/properties/a/type: must be array, boolean"},
		{"everything", `{"type":"object"}`, "#: must not let {} through"},
		{"everything, said at length", `{"type":"object","minProperties":0}`, "#: must not let {} through"},
		{"everything, said oddly", `{"type":"object","minProperties":-0}`, "#: must not let {} through"},
		{"a reference at the top", `{"type":"object","required":["a"],"$ref":"#/definitions/a","definitions":{"a":{}}}`, "#/$ref: must not be at the top"},
		{"a reference to a file", `{"type":"object","required":["a"],"properties":{"a":{"$ref":"a.json"}}}`, "#/properties/a/$ref: must be #/definitions/NAME"},
		{"a reference to a property", `{"type":"object","required":["a"],"properties":{"a":{"$ref":"#/properties/b"},"b":{}}}`,
			"#/properties/a/$ref: must be #/definitions/NAME"},
		{"a reference to nothing", `{"type":"object","required":["a"],"properties":{"a":{"$ref":"#/definitions/b"}}}`, "there is no #/definitions/b"},
		{"a reference in a combined schema", `{"type":"object","required":["a"],"definitions":{"a":{}},"oneOf":[{"properties":{"a":{"$ref":"#/definitions/a"}}}]}`,
			"#/oneOf/0/properties/a/$ref: must not be within allOf, anyOf or oneOf"},
		{"a format that is not checked", `{"type":"object","required":["a"],"properties":{"a":{"format":"uuid"}}}`,
			"#/properties/a/format: must be date-time, email"},
		{"nothing required", `{"type":"object","minProperties":1,"required":[]}`, "#/required: must be a list of at least one name"},
		{"a value twice", `{"type":"object","required":["a"],"properties":{"a":{"enum":["x","x"]}}}`, "#/properties/a/enum: must be a list"},
		{"a number in the place of a schema", `{"type":"object","required":["a"],"properties":{"a":1}}`, "#/properties/a: must be a schema"},
		{"a negative length", `{"type":"object","required":["a"],"properties":{"a":{"minLength":-1}}}`, "#/properties/a/minLength: must be a whole number"},
		{"a multiple of nothing", `{"type":"object","required":["a"],"properties":{"a":{"multipleOf":0}}}`, "#/properties/a/multipleOf: must be a number above 0"},
		{"too large", `{"type":"object","required":["a"],"description":"` + strings.Repeat("x", 400<<10) + `"}`, "must have at most 409600 bytes"},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			file := schemaFile(t, row.schema)
			r, err := tryRun(t, "dev", with("eventSchema", file), with("envelope", "true"), with("eventTypes", `{"order":"`+file+`"}`))
			require.ErrorContains(t, err, row.want)
			assert.Contains(t, err.Error(), "eventSchema = "+file+":")
			assert.Contains(t, err.Error(), "eventTypes.order = "+file+":")
			assert.Empty(t, r.registrations)

			args := pipeline.DefaultArgs()
			args.EventSchema = row.schema
			r, err = runWith(t, args)
			require.ErrorContains(t, err, "eventSchema: ")
			assert.Contains(t, err.Error(), row.want)
			assert.Empty(t, r.registrations)
		})
	}
}

// runWith runs a program with one pipeline.
func runWith(t *testing.T, args pipeline.PipelineArgs) (*recorder, error) {
	t.Helper()
	return runProgram(t, "default", func(ctx *pulumi.Context) error {
		_, err := pipeline.NewPipeline(ctx, "ingest", args)
		return err
	})
}

func TestASchemaMayUseAllOfDraft4(t *testing.T) {
	t.Parallel()
	args := pipeline.DefaultArgs()
	args.EventSchema = `{
		"$schema": "http://json-schema.org/draft-04/schema", "title": "a", "description": "b", "type": "object",
		"minProperties": 1, "maxProperties": 9, "required": ["id", "$ref", "default"],
		"definitions": {"tree": {"type": ["object", "null"], "properties": {"below": {"$ref": "#/definitions/tree"}}}},
		"properties": {
			"id": {"type": "string", "minLength": 1, "maxLength": 9, "pattern": "^(?!x)", "format": "hostname"},
			"$ref": {"type": "number", "minimum": -1.5, "maximum": 1e3, "exclusiveMaximum": true, "multipleOf": 0.5},
			"default": {"type": "array", "items": [{"$ref": "#/definitions/tree"}], "additionalItems": false, "minItems": 0, "maxItems": 9, "uniqueItems": true},
			"const": {"enum": [1, "1", null, {"examples": []}]},
			"examples": {"items": {}}
		},
		"patternProperties": {"^x-": {}}, "additionalProperties": {"type": "boolean"},
		"dependencies": {"a": ["b"], "c": {"required": ["d"]}},
		"allOf": [{}], "anyOf": [{}], "oneOf": [{"not": {"required": ["e"]}}]
	}`
	_, err := runWith(t, args)
	require.NoError(t, err)
}

func TestTheSchemaOfTheDocsIsOneThatTheProgramAccepts(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "docs", "event-schemas.md"))
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(page), "```json\n")
	require.True(t, found)
	args := pipeline.DefaultArgs()
	args.EventSchema, _, _ = strings.Cut(rest, "```")
	_, err = runWith(t, args)
	require.NoError(t, err)
}

func TestASchemaFileThatCannotBeReadIsAnError(t *testing.T) {
	t.Parallel()
	_, err := tryRun(t, "dev", with("eventSchema", "schemas/missing.json"))
	require.ErrorContains(t, err, "eventSchema = schemas/missing.json: must be a file that can be read")
}

func TestTypesOfEventsNeedNamesThatFitAPathAndTheEnvelope(t *testing.T) {
	t.Parallel()
	file := schemaFile(t, orderSchema)
	for types, want := range map[string]string{
		`{"batch":"` + file + `"}`:                           "eventTypes = batch: must not be batch",
		`{"Order":"` + file + `"}`:                           "eventTypes = Order: must be 1–31 of a–z",
		`{"1st":"` + file + `"}`:                             "eventTypes = 1st: must be 1–31 of a–z",
		`{"a/b":"` + file + `"}`:                             "eventTypes = a/b: must be 1–31 of a–z",
		`{"a-b":"` + file + `","a_b":"` + file + `"}`:        "eventTypes = a_b: must differ from a-b in more than - and _",
		`{"` + strings.Repeat("a", 32) + `":"` + file + `"}`: ": must be 1–31 of a–z",
		`{"order":""}`:                                       "eventTypes.order = : must be a file that can be read",
		`["order"]`:                                          "eventTypes = ",
	} {
		_, err := tryRun(t, "dev", with("envelope", "true"), with("eventTypes", types))
		assert.ErrorContains(t, err, want)
	}
	_, err := tryRun(t, "dev", with("eventTypes", `{"order":"`+file+`"}`))
	require.ErrorContains(t, err, "envelope = false: must be true with eventTypes")
}

func TestEachTypeHasTwoRoutesWithModelsOfItsOwn(t *testing.T) {
	t.Parallel()
	file := schemaFile(t, orderSchema)
	r := run(t, "dev", with("envelope", "true"), with("eventTypes", `{"order":"`+file+`","page_view-2":"`+file+`"}`), with("queryTable", "true"),
		with("corsAllowedOrigins", `["https://a.example"]`))
	var parts []any
	for _, g := range r.of("Resource") {
		parts = append(parts, g.input("pathPart"))
	}
	assert.ElementsMatch(t, []any{"v1", "batch", "order", "batch", "page_view-2", "batch"}, parts)
	models := map[any]string{}
	for _, g := range r.of("Model") {
		models[g.input("name")] = g.input("schema").(string)
	}
	assert.Len(t, models, 6)
	assert.Equal(t, orderSchema, models["EventOrder"])
	assert.Equal(t, orderSchema, models["EventPageView2"])
	assert.JSONEq(t, `{
		"$schema": "http://json-schema.org/draft-04/schema#", "title": "a batch of events", "type": "array", "minItems": 1, "maxItems": 500,
		"definitions": {"amount": {"type": "integer", "minimum": 1}},
		"items": {"type": "object", "required": ["order"], "properties": {"order": {"type": "string"}, "amount": {"$ref": "#/definitions/amount"}}}
	}`, models["BatchOrder"])
	assert.Equal(t, models["BatchOrder"], models["BatchPageView2"])
	assert.Len(t, r.of("Method"), 12, "POST and OPTIONS")
	assert.Contains(t, r.inventory(t), "POST /v1/TYPE and POST /v1/TYPE/batch with one of the types order, page_view-2;")
	deployment := r.one(t, "Deployment")
	for _, typ := range []string{"Resource", "Model", "Method", "Integration", "MethodResponse", "IntegrationResponse"} {
		for _, g := range r.of(typ) {
			assert.True(t, r.reaches(deployment, g), "the deployment is made after %s", g.label())
		}
	}
}

func TestAChangedSchemaIsDeployed(t *testing.T) {
	t.Parallel()
	definition := func(options ...runOption) any {
		return run(t, "dev", append(options, with("envelope", "true"))...).one(t, "Deployment").input("triggers.definition")
	}
	changed := strings.Replace(orderSchema, `"minimum": 1`, `"minimum": 2`, 1)
	without, file, other := definition(), schemaFile(t, orderSchema), schemaFile(t, changed)
	single := definition(with("eventSchema", file))
	typed := definition(with("eventTypes", `{"order":"`+file+`"}`))
	assert.Equal(t, single, definition(with("eventSchema", file)))
	assert.NotEqual(t, without, single)
	assert.NotEqual(t, single, definition(with("eventSchema", other)))
	assert.NotEqual(t, without, typed)
	assert.NotEqual(t, typed, definition(with("eventTypes", `{"order":"`+other+`"}`)))
	var batch map[string]any
	r := run(t, "dev", with("eventSchema", file))
	require.NoError(t, json.Unmarshal([]byte(r.one(t, "Model", "ingest-batch").input("schema").(string)), &batch))
	assert.EqualValues(t, 500, batch["maxItems"])
	assert.Equal(t, orderSchema, r.one(t, "Model", "ingest-event").input("schema"))
}
