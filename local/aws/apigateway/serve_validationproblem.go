package apigateway

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// What is wrong with a body is worded as in the library that AWS validates with (json-schema-validator for Java). "object has missing required properties" is quoted in issue threads; the others are taken from that library.

// collectProblems reports the problems of an error without those of a combined schema's parts, as that library does.
func collectProblems(err *jsonschema.ValidationError, report func(string)) {
	switch err.ErrorKind.(type) {
	case *kind.Schema, *kind.Group, *kind.Reference:
		for _, cause := range err.Causes {
			collectProblems(cause, report)
		}
	case *kind.AllOf:
		report("instance failed to match all required schemas")
		for _, cause := range err.Causes {
			collectProblems(cause, report)
		}
	default:
		report(problem(err.ErrorKind, err))
	}
}

var english = message.NewPrinter(language.English)

func problem(what jsonschema.ErrorKind, err *jsonschema.ValidationError) string {
	switch k := what.(type) {
	case *kind.Required:
		return "object has missing required properties (" + jsonNames(k.Missing) + ")"
	case *kind.Type:
		return fmt.Sprintf("instance type (%s) does not match any allowed primitive type (allowed: %s)", k.Got, jsonNames(k.Want))
	case *kind.Enum:
		return fmt.Sprintf("instance value (%s) not found in enum (possible values: %s)", toJSON(k.Got), toJSON(k.Want))
	case *kind.AdditionalProperties:
		return "object instance has properties which are not allowed by the schema: " + jsonNames(k.Properties)
	case *kind.MinProperties:
		return fmt.Sprintf("object has too few properties (found %d but schema requires at least %d)", k.Got, k.Want)
	case *kind.MaxProperties:
		return fmt.Sprintf("object has too many properties (found %d but schema requires at most %d)", k.Got, k.Want)
	case *kind.Dependency:
		return fmt.Sprintf("property %s of object has missing property dependencies (missing: %s)", toJSON(k.Prop), jsonNames(k.Missing))
	case *kind.AnyOf:
		return "instance failed to match at least one required schema among " + fmt.Sprint(len(err.Causes))
	case *kind.OneOf:
		return fmt.Sprintf("instance failed to match exactly one schema (matched %d)", len(k.Subschemas))
	case *kind.Not:
		return "instance matched a schema which it should not have"
	case *kind.Format:
		return fmt.Sprintf("string %s is invalid against requested format %s", toJSON(k.Got), k.Want)
	default:
		return sizeProblem(what)
	}
}

func sizeProblem(what jsonschema.ErrorKind) string {
	switch k := what.(type) {
	case *kind.MinItems:
		return fmt.Sprintf("array is too short: must have at least %d elements but instance has %d elements", k.Want, k.Got)
	case *kind.MaxItems:
		return fmt.Sprintf("array is too long: must have at most %d elements but instance has %d elements", k.Want, k.Got)
	case *kind.AdditionalItems:
		return fmt.Sprintf("array is too long: %d elements are not allowed by the schema", k.Count)
	case *kind.UniqueItems:
		return "array must not contain duplicate elements"
	case *kind.MinLength:
		return fmt.Sprintf("string is too short (length: %d, required minimum: %d)", k.Got, k.Want)
	case *kind.MaxLength:
		return fmt.Sprintf("string is too long (length: %d, maximum allowed: %d)", k.Got, k.Want)
	case *kind.Pattern:
		return fmt.Sprintf("ECMA 262 regex %s does not match input string %s", toJSON(k.Want), toJSON(k.Got))
	case *kind.Minimum:
		return fmt.Sprintf("numeric instance is lower than the required minimum (minimum: %s, found: %s)", number(k.Want), number(k.Got))
	case *kind.Maximum:
		return fmt.Sprintf("numeric instance is greater than the required maximum (maximum: %s, found: %s)", number(k.Want), number(k.Got))
	case *kind.ExclusiveMinimum:
		return fmt.Sprintf("numeric instance is not strictly greater than the required minimum %s", number(k.Want))
	case *kind.ExclusiveMaximum:
		return fmt.Sprintf("numeric instance is not strictly lower than the required maximum %s", number(k.Want))
	case *kind.MultipleOf:
		return fmt.Sprintf("remainder of division is not zero (%s / %s)", number(k.Got), number(k.Want))
	default:
		return what.LocalizedString(english)
	}
}

// number is a number the way it is written in JSON.
func number(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	return strings.TrimRight(r.FloatString(20), "0")
}

func jsonNames(names []string) string {
	names = slices.Clone(names)
	slices.Sort(names)
	return toJSON(names)
}

func toJSON(value any) string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return fmt.Sprint(value)
	}
	return strings.TrimSpace(text.String())
}
