package apigateway

import (
	"regexp"
	"slices"
)

// modelKeywords are the keywords of a model, and where each has schemas below it. They are those of draft 4 (documented:
// models-mappings-models) without default and exclusiveMinimum, which API Gateway does not support (documented: api-gateway-known-issues,
// of OpenAPI documents; that CreateModel refuses them, too, is assumed).
var modelKeywords = map[string]subschemas{
	"$schema": noSchema, "id": noSchema, "$ref": noSchema, "title": noSchema, "description": noSchema, "type": noSchema,
	"enum": noSchema, "format": noSchema, "pattern": noSchema, "minLength": noSchema, "maxLength": noSchema,
	"minimum": noSchema, "maximum": noSchema, "exclusiveMaximum": noSchema, "multipleOf": noSchema,
	"minItems": noSchema, "maxItems": noSchema, "uniqueItems": noSchema,
	"minProperties": noSchema, "maxProperties": noSchema, "required": noSchema,
	"properties": schemaByName, "patternProperties": schemaByName, "definitions": schemaByName, "dependencies": schemaByName,
	"items": schemaOrList, "additionalItems": schemaOrList, "additionalProperties": schemaOrList, "not": schemaOrList,
	"allOf": schemaOrList, "anyOf": schemaOrList, "oneOf": schemaOrList,
}

// subschemas says where a keyword's value holds schemas.
type subschemas int

const (
	noSchema     subschemas = iota
	schemaOrList            // the value is a schema, or a list of them
	schemaByName            // the value's members are schemas
)

// canonicalReference is a reference to a definition of the same schema, or to another model: documented
// (models-mappings-models).
var canonicalReference = regexp.MustCompile(`^(#/definitions/[^/]+|https://apigateway\.amazonaws\.com/restapis/[^/]+/models/[^/]+)$`)

// keywordProblem is what CreateModel says about a schema with a keyword or a reference that it refuses, or "". Both sentences
// are recorded: of keywords, at any depth, in issue threads (aws-cdk 14585 and 25546, aws-apigateway-importer 213), and of
// references (Dropsource/serverless-todo-api-example-complete issue 3, behind "Invalid model schema specified"). assumed: that it
// refuses all others, too, and that the sentence on references stands alone where nothing else is wrong.
func keywordProblem(document any) string {
	check := keywordCheck{}
	check.schema(document, false)
	switch {
	case len(check.unsupported) > 0:
		slices.Sort(check.unsupported)
		return "Invalid model schema specified. Unsupported keyword(s): " + toJSON(slices.Compact(check.unsupported))
	case check.badReference:
		return "Model reference must be in canonical form"
	default:
		return ""
	}
}

type keywordCheck struct {
	unsupported  []string
	badReference bool
}

// schema checks a schema. A combined one, part of an allOf, anyOf or oneOf, may not refer to a definition of the same schema:
// documented for OpenAPI 3.0 (api-gateway-known-issues), assumed for CreateModel.
func (c *keywordCheck) schema(value any, combined bool) {
	object, ok := value.(map[string]any)
	if !ok {
		return // which types keywords have is checked by compiling the schema
	}
	if reference, ok := object["$ref"].(string); ok {
		if !canonicalReference.MatchString(reference) || combined && reference[0] == '#' {
			c.badReference = true
		}
	}
	for keyword, value := range object {
		below, supported := modelKeywords[keyword]
		if !supported {
			c.unsupported = append(c.unsupported, keyword)
		}
		combined := combined || keyword == "allOf" || keyword == "anyOf" || keyword == "oneOf"
		members, _ := value.(map[string]any)
		list, _ := value.([]any)
		switch {
		case below == schemaByName:
			for _, member := range members {
				c.schema(member, combined)
			}
		case below == schemaOrList && list != nil:
			for _, element := range list {
				c.schema(element, combined)
			}
		case below == schemaOrList:
			c.schema(value, combined)
		}
	}
}
