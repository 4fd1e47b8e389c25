package constraint_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ingest-pipeline/local/aws/internal/constraint"
)

func text(s string) *string { return &s }
func number(n int) *int     { return &n }

func TestViolationsAreWordedAsAWSWordsThem(t *testing.T) {
	for name, c := range map[string]struct {
		check func(*constraint.Violations)
		want  string
	}{
		"null": {func(v *constraint.Violations) { v.Required("topicArn", nil, 1, 9) },
			"1 validation error detected: Value null at 'topicArn' failed to satisfy constraint: Member must not be null"},
		"too long": {func(v *constraint.Violations) { v.Length("metricName", text("XXX"), 1, 2) },
			"1 validation error detected: Value 'XXX' at 'metricName' failed to satisfy constraint: Member must have length less than or equal to 2"},
		"too short": {func(v *constraint.Violations) { v.Required("metricName", text(""), 1, 2) },
			"1 validation error detected: Value '' at 'metricName' failed to satisfy constraint: Member must have length greater than or equal to 1"},
		"too large": {func(v *constraint.Violations) { v.Between("limit", number(10001), 1, 10000) },
			"1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000"},
		"an unknown value": {func(v *constraint.Violations) {
			v.OneOf("stateValue", text("INVALID"), "INSUFFICIENT_DATA", "ALARM", "OK")
		},
			"1 validation error detected: Value 'INVALID' at 'stateValue' failed to satisfy constraint: Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]"},
		"another form": {func(v *constraint.Violations) { v.Matches("name", text("a b"), regexp.MustCompile(`^\w+$`), `[\w]+`) },
			`1 validation error detected: Value 'a b' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w]+`},
		"a list": {func(v *constraint.Violations) { constraint.Count(v, "alarmNames", []string{"a", "b"}, 0, 1) },
			"1 validation error detected: Value '[a, b]' at 'alarmNames' failed to satisfy constraint: Member must have length less than or equal to 1"},
		"two": {func(v *constraint.Violations) { v.Null("a"); v.Between("b", number(0), 1, 2) },
			"2 validation errors detected: Value null at 'a' failed to satisfy constraint: Member must not be null; " +
				"Value '0' at 'b' failed to satisfy constraint: Member must have value greater than or equal to 1"},
	} {
		t.Run(name, func(t *testing.T) {
			var v constraint.Violations
			c.check(&v)
			require.EqualError(t, v.Err("ValidationError"), "ValidationError: "+c.want)
		})
	}
}

func TestWhatIsAbsentOrAllowedIsNoViolation(t *testing.T) {
	var v constraint.Violations
	v.Length("a", nil, 1, 2)
	v.Length("a", text("한국"), 1, 2)
	v.Between("a", nil, 1, 2)
	v.Between("a", number(1), 1, 2)
	v.OneOf("a", nil, "x")
	v.OneOf("a", text("x"), "x")
	v.Matches("a", nil, regexp.MustCompile("x"), "x")
	constraint.Count(&v, "a", []string{"x"}, 1, 1)
	require.NoError(t, v.Err("ValidationError"))
	for range 20 {
		v.Null("a")
	}
	assert.Equal(t, 10, strings.Count(v.Err("ValidationError").Error(), "Value null"))
}
