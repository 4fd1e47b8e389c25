package provider

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// kind is the shape of a property's value.
type kind int

const (
	kindString kind = iota
	kindBool
	kindInteger
	kindNumber
	kindList
	kindMap
	kindObject
	// kindJSON is a JSON document in a string. A program may give an object instead, as pulumi-aws lets it.
	kindJSON
)

func (k kind) String() string {
	return [...]string{"a string", "true or false", "a whole number", "a number", "a list", "a map", "an object",
		"a JSON document"}[k]
}

// property describes one input property of a resource type.
type property struct {
	kind kind
	// element describes the elements of a list or map, fields the properties of an object.
	element *property
	fields  properties

	required bool
	// replaces: a change replaces the resource (Terraform's ForceNew).
	replaces bool
	// computed: AWS fills the property in if the program leaves it out, and keeps its value if the program leaves it
	// out later (Terraform's Optional and Computed).
	computed bool
	// unordered: the order of a list's elements says nothing (Terraform's sets).
	unordered bool
	// byDefault is filled in when the program leaves the property out; nil: nothing.
	byDefault any
	// rejected says why the local target refuses the property, whatever its value.
	rejected string
	// unavailable are values that AWS has and the local target refuses.
	unavailable []unavailable
	// inert says why the property is accepted without any effect in the local target.
	inert string
	// field is the field of the configuration struct that holds the property; empty: the one of the property's own name.
	field string
	// flat: the fields of this object are fields of the struct that would hold the object.
	flat bool
	// providerOnly: no service has the property; it is in the engine's state only, as in pulumi-aws.
	providerOnly bool
	// without are properties of the same object that must not be set together with this one.
	without []string
	// rules say what is wrong with a known value, or "".
	rules []rule
}

// properties are the properties of an object, by name.
type properties map[string]property

// rule says what is wrong with a value (string, float64, bool, []any or map[string]any), or "".
type rule func(value any) string

// option is one trait of a property.
type option func(*property)

func of(k kind, options []option) property {
	p := property{kind: k}
	for _, o := range options {
		o(&p)
	}
	return p
}

func text(options ...option) property    { return of(kindString, options) }
func boolean(options ...option) property { return of(kindBool, options) }
func integer(options ...option) property { return of(kindInteger, options) }
func number(options ...option) property  { return of(kindNumber, options) }
func document(options ...option) property {
	return of(kindJSON, append([]option{matches(isJSON)}, options...))
}

func list(element property, options ...option) property {
	p := of(kindList, options)
	p.element = &element
	return p
}

func mapping(element property, options ...option) property {
	p := of(kindMap, options)
	p.element = &element
	return p
}

func object(fields properties, options ...option) property {
	p := of(kindObject, options)
	p.fields = fields
	return p
}

// rejected is a property of pulumi-aws that the local target refuses, and why.
func rejected(why string) property { return property{rejected: why} }

func required(p *property)  { p.required = true }
func replaces(p *property)  { p.replaces = true }
func computed(p *property)  { p.computed = true }
func unordered(p *property) { p.unordered = true }

// inField names the field of the configuration struct that holds the property, if it has another name.
func inField(name string) option { return func(p *property) { p.field = name } }

// flat marks an object whose fields are fields of the struct that would hold the object.
func flat(p *property) { p.flat = true }

// providerOnly marks a property that no service has: it is in the engine's state only, as in pulumi-aws.
func providerOnly(p *property) { p.providerOnly = true }

func byDefault(value any) option { return func(p *property) { p.byDefault = value } }

// inert marks a property that is accepted without any effect here, and says why.
func inert(why string) option { return func(p *property) { p.inert = why } }

// without names properties that must not be set together with this one.
func without(others ...string) option { return func(p *property) { p.without = others } }

func matches(r rule) option { return func(p *property) { p.rules = append(p.rules, r) } }

// oneOf allows these values.
func oneOf(values ...string) option {
	return matches(func(value any) string {
		if slices.Contains(values, value.(string)) {
			return ""
		}
		return "must be one of " + strings.Join(values, ", ")
	})
}

// notHere refuses values that AWS has and the local target does not.
func notHere(why string, values ...any) option {
	refuse := matches(func(value any) string {
		if slices.Contains(values, value) {
			return "is not emulated by the local target: " + why
		}
		return ""
	})
	return func(p *property) {
		refuse(p)
		p.unavailable = append(p.unavailable, unavailable{values, why})
	}
}

// unavailable is values that are refused, and why.
type unavailable struct {
	values []any
	why    string
}

// between allows numbers of this range, both ends included. unit is said with it.
func between(low, high float64, unit string) option {
	return matches(func(value any) string {
		if n := value.(float64); n < low || n > high {
			return strings.TrimSpace(fmt.Sprintf("must be %s to %s %s", plainNumber(low), plainNumber(high), unit))
		}
		return ""
	})
}

// amongNumbers allows these numbers.
func amongNumbers(values ...float64) option {
	return matches(func(value any) string {
		if slices.Contains(values, value.(float64)) {
			return ""
		}
		said := make([]string, len(values))
		for i, v := range values {
			said[i] = plainNumber(v)
		}
		return "must be one of " + strings.Join(said, ", ")
	})
}

// plainNumber writes a number without an exponent.
func plainNumber(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

// length allows texts of so many characters.
func length(low, high int) option {
	return matches(func(value any) string {
		if n := len([]rune(value.(string))); n < low || n > high {
			return fmt.Sprintf("must have %d to %d characters, has %d", low, high, n)
		}
		return ""
	})
}

// elements allows so many elements of a list.
func elements(low, high int) option {
	return matches(func(value any) string {
		if n := len(value.([]any)); n < low || n > high {
			return fmt.Sprintf("must have %d to %d elements, has %d", low, high, n)
		}
		return ""
	})
}

// pattern allows texts that match; says describes them in words.
func pattern(expression, says string) option {
	compiled := regexp.MustCompile(expression)
	return matches(func(value any) string {
		if compiled.MatchString(value.(string)) {
			return ""
		}
		return "must be " + says
	})
}

func isJSON(value any) string {
	if json.Valid([]byte(value.(string))) {
		return ""
	}
	return "must be a JSON document"
}

// arn allows Amazon Resource Names: arn:partition:service:region:account:resource, where a partition's name starts
// with "aws" (the rule of terraform-provider-aws, verify.ValidARN).
func arn(p *property) {
	pattern(`^arn:aws[a-z-]*:[^:]+:[^:]*:([0-9]{12}|aws)?:.+$`, "an ARN")(p)
}

// tags is the property of that name of every type that has one (documented: Tagging AWS Resources, limits).
func tags() property {
	return mapping(text(length(0, 256)), inert("nothing in the local target reads tags"), matches(func(value any) string {
		given := value.(map[string]any)
		if len(given) > 50 {
			return fmt.Sprintf("must have at most 50 tags, has %d", len(given))
		}
		for key := range given {
			if n := len([]rune(key)); n < 1 || n > 128 || strings.HasPrefix(strings.ToLower(key), "aws:") {
				return fmt.Sprintf("has the key %q: must have 1 to 128 characters and not begin with aws:", key)
			}
		}
		return ""
	}))
}
