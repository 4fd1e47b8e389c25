package cloudwatch

import (
	"encoding/base64"
	"maps"
	"slices"
	"strings"

	"ingest-pipeline/local/aws/awserr"
	"ingest-pipeline/local/aws/internal/constraint"
)

// dimensionMember is a dimension, or in ListMetrics perhaps its name alone.
type dimensionMember struct{ Name, Value *string }

// dimensionsOf reads the dimensions of a metric.
func dimensionsOf(v *constraint.Violations, list []dimensionMember) Dimensions {
	constraint.Count(v, "dimensions", list, 0, maxDimensions)
	dimensions := Dimensions{}
	for _, d := range list {
		v.Required("dimensions.member.name", d.Name, 1, maxNameCharacters)
		v.Required("dimensions.member.value", d.Value, 1, maxDescriptionCharacters)
		dimensions[deref(d.Name)] = deref(d.Value)
	}
	return dimensions
}

func dimensionMembers(dimensions Dimensions) []dimensionMember {
	members := []dimensionMember{}
	for _, name := range slices.Sorted(maps.Keys(dimensions)) {
		value := dimensions[name]
		members = append(members, dimensionMember{&name, &value})
	}
	return members
}

func deref[T any](value *T) T {
	if value == nil {
		return *new(T)
	}
	return *value
}

// orNil is nil for an empty value, which AWS leaves out.
func orNil[T comparable](value T) *T {
	if value == *new(T) {
		return nil
	}
	return &value
}

// missing is how CloudWatch asks for a required parameter. Documented code; assumed: the sentence.
func missing(parameter string) error {
	return awserr.New("MissingParameter", 400, "The parameter %s is required.", parameter)
}

// invalidValue is documented as a code; assumed: the sentence.
func invalidValue(value any, parameter string) error {
	return awserr.New("InvalidParameterValue", 400, "The value %v for parameter %s is invalid.", value, parameter)
}

// violated refuses a request that does not satisfy the service's model.
func violated(v constraint.Violations) error { return v.Err("ValidationError") }

// page returns the page of a list that a token leads to, and the token of the next one; nil: there is none. The list is
// sorted by key; a token holds the key of the last item of its page.
func page[E any](all []E, key func(E) string, token *string, limit int) (items []E, next *string, err error) {
	const mark = "after:"
	if token != nil {
		content, err := base64.StdEncoding.DecodeString(*token)
		last, isToken := strings.CutPrefix(string(content), mark)
		if err != nil || !isToken {
			return nil, nil, awserr.New("InvalidNextToken", 400, "Invalid nextToken: %s", *token) // documented code, assumed sentence
		}
		first := slices.IndexFunc(all, func(e E) bool { return key(e) > last })
		if first < 0 {
			first = len(all)
		}
		all = all[first:]
	}
	if len(all) <= limit {
		return all, nil, nil
	}
	text := base64.StdEncoding.EncodeToString([]byte(mark + key(all[limit-1])))
	return all[:limit], &text, nil
}
