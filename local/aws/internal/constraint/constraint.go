// Package constraint words the constraints of AWS's service models that a request does not satisfy.
//
// Recorded: mhart/kinesalite test/putRecord.js (several in one sentence, a null), LocalStack
// tests/aws/services/cloudwatch test_set_alarm_invalid_input (an enumeration) and tests/aws/services/logs
// test_put_metric_filter_invalid_filter_name, test_get_log_events_limit_validation (a length, a range).
package constraint

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"ingest-pipeline/local/aws/awserr"
)

// maxViolations is how many are listed. Assumed: that of mhart/kinesalite.
const maxViolations = 10

// Violations are the constraints that a request does not satisfy, in the order in which they were added.
type Violations []string

// Add adds a violation; rule is AWS's sentence, such as "Member must not be null".
func (v *Violations) Add(member string, value any, rule string) {
	if len(*v) < maxViolations {
		*v = append(*v, fmt.Sprintf("Value '%v' at '%s' failed to satisfy constraint: %s", value, member, rule))
	}
}

// Null adds that a required member is missing.
func (v *Violations) Null(member string) {
	if len(*v) < maxViolations {
		*v = append(*v, "Value null at '"+member+"' failed to satisfy constraint: Member must not be null")
	}
}

// Required checks a text that must be there and have a length between two limits, in characters.
func (v *Violations) Required(member string, value *string, least, most int) {
	if value == nil {
		v.Null(member)
		return
	}
	v.Length(member, value, least, most)
}

// Length checks the length of a text, in characters, if there is one.
func (v *Violations) Length(member string, value *string, least, most int) {
	if value == nil {
		return
	}
	v.count(member, *value, utf8.RuneCountInString(*value), least, most)
}

// Count checks the number of elements of a list, which is shown as AWS shows it.
func Count[E any](v *Violations, member string, list []E, least, most int) {
	texts := make([]string, len(list))
	for i, e := range list {
		texts[i] = fmt.Sprint(e)
	}
	v.count(member, "["+strings.Join(texts, ", ")+"]", len(list), least, most)
}

func (v *Violations) count(member, value string, n, least, most int) {
	switch {
	case n < least:
		v.Add(member, value, fmt.Sprintf("Member must have length greater than or equal to %d", least))
	case n > most:
		v.Add(member, value, fmt.Sprintf("Member must have length less than or equal to %d", most))
	}
}

// Between checks a number, if there is one.
func (v *Violations) Between(member string, value *int, least, most int) {
	switch {
	case value == nil:
	case *value < least:
		v.Add(member, *value, fmt.Sprintf("Member must have value greater than or equal to %d", least))
	case *value > most:
		v.Add(member, *value, fmt.Sprintf("Member must have value less than or equal to %d", most))
	}
}

// OneOf checks a text of an enumeration, if there is one.
func (v *Violations) OneOf(member string, value *string, allowed ...string) {
	if value == nil {
		return
	}
	for _, text := range allowed {
		if text == *value {
			return
		}
	}
	v.Add(member, *value, "Member must satisfy enum value set: ["+strings.Join(allowed, ", ")+"]")
}

// Matches checks the form of a text, if there is one. pattern is how AWS writes it.
func (v *Violations) Matches(member string, value *string, form *regexp.Regexp, pattern string) {
	if value != nil && !form.MatchString(*value) {
		v.Add(member, *value, "Member must satisfy regular expression pattern: "+pattern)
	}
}

// Err is nil without violations; otherwise it lists them under that code.
func (v Violations) Err(code string) error {
	switch len(v) {
	case 0:
		return nil
	case 1:
		return awserr.New(code, 400, "1 validation error detected: %s", v[0])
	}
	return awserr.New(code, 400, "%d validation errors detected: %s", len(v), strings.Join(v, "; "))
}
