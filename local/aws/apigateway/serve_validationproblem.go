package apigateway

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// What is wrong with a body is worded as by json-schema-validator for Java. assumed: AWS documents neither the library nor its
// sentences.

// validationProblems is what is wrong with a document, in brackets. As in that library, what is below a value that is wrong
// itself is not reported, nor what is wrong with the parts of a combined schema.
func validationProblems(document any, err error) string {
	var invalid *jsonschema.ValidationError
	if !errors.As(err, &invalid) {
		return "[" + err.Error() + "]"
	}
	found := flatten(invalid)
	slices.SortStableFunc(found, func(a, b *jsonschema.ValidationError) int {
		return slices.Compare(a.InstanceLocation, b.InstanceLocation)
	})
	var problems []string
	var wrong []string // the location of the last value that is wrong itself
	for i, e := range found {
		below := i > 0 && len(e.InstanceLocation) > len(wrong) && slices.Equal(e.InstanceLocation[:len(wrong)], wrong)
		if below {
			continue
		}
		wrong = e.InstanceLocation
		if sentence := problem(e, valueAt(document, wrong)); !slices.Contains(problems, sentence) {
			problems = append(problems, sentence)
		}
	}
	return "[" + strings.Join(problems, ", ") + "]"
}

// flatten lists the errors that are reported: all without causes, and those of combined schemas.
func flatten(err *jsonschema.ValidationError) []*jsonschema.ValidationError {
	switch err.ErrorKind.(type) {
	case *kind.Schema, *kind.Group, *kind.Reference:
		var all []*jsonschema.ValidationError
		for _, cause := range err.Causes {
			all = append(all, flatten(cause)...)
		}
		return all
	default:
		return []*jsonschema.ValidationError{err}
	}
}

// valueAt is the value at a location in a document.
func valueAt(document any, location []string) any {
	for _, token := range location {
		switch v := document.(type) {
		case map[string]any:
			document = v[token]
		case []any:
			i, _ := strconv.Atoi(token)
			document = v[i]
		}
	}
	return document
}

var english = message.NewPrinter(language.English)

func problem(err *jsonschema.ValidationError, value any) string {
	switch k := err.ErrorKind.(type) {
	case *kind.Required:
		return "object has missing required properties (" + jsonNames(k.Missing) + ")"
	case *kind.Type:
		return fmt.Sprintf("instance type (%s) does not match any allowed primitive type (allowed: %s)",
			cmp.Or(typeName(value), k.Got), jsonNames(k.Want))
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
	case *kind.AllOf:
		return "instance failed to match all required schemas"
	case *kind.OneOf:
		if len(k.Subschemas) > 0 {
			return fmt.Sprintf("instance failed to match exactly one schema (matched %d)", len(k.Subschemas))
		}
		return fmt.Sprintf("instance failed to match exactly one schema (matched 0 out of %d)", len(err.Causes))
	case *kind.Not:
		return "instance matched a schema which it should not have"
	case *kind.Format:
		return fmt.Sprintf("string %s is not a valid %s", toJSON(k.Got), formatName(k.Want))
	default:
		return sizeProblem(err.ErrorKind, value)
	}
}

func formatName(format string) string {
	switch format {
	case "email":
		return "email address"
	case "ipv4":
		return "IPv4 address"
	case "ipv6":
		return "IPv6 address"
	case "uri":
		return "URI"
	case "regex":
		return "ECMA 262 regular expression"
	default:
		return format
	}
}

func sizeProblem(what jsonschema.ErrorKind, value any) string {
	switch k := what.(type) {
	case *kind.MinItems:
		return fmt.Sprintf("array is too short: must have at least %d elements but instance has %d elements", k.Want, k.Got)
	case *kind.MaxItems:
		return fmt.Sprintf("array is too long: must have at most %d elements but instance has %d elements", k.Want, k.Got)
	case *kind.AdditionalItems:
		elements := len(value.([]any))
		return fmt.Sprintf("schema only allows %d elements in array but instance has %d elements", elements-k.Count, elements)
	case *kind.UniqueItems:
		return "array must not contain duplicate elements"
	case *kind.MinLength:
		return fmt.Sprintf("string %s is too short (length: %d, required minimum: %d)", toJSON(value), k.Got, k.Want)
	case *kind.MaxLength:
		return fmt.Sprintf("string %s is too long (length: %d, maximum allowed: %d)", toJSON(value), k.Got, k.Want)
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
