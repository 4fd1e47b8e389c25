package iam

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"ingest-pipeline/local/aws/awserr"
)

const maxTags = 50

var (
	tagKey   = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$`)
	tagValue = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)
)

// checkTags refuses what AWS refuses. The sentences are recorded (LocalStack, test_role_tag_errors), except those for
// an empty key and a value's characters.
func checkTags(tags map[string]string) error {
	if len(tags) > maxTags {
		return awserr.New("ValidationError", 400, "1 validation error detected: Value at 'tags' failed to satisfy "+
			"constraint: Member must have length less than or equal to %d", maxTags)
	}
	seen := map[string]bool{}
	for i, key := range slices.Sorted(maps.Keys(tags)) {
		var member, rule string
		switch value := tags[key]; {
		case key == "":
			member, rule = "key", "have length greater than or equal to 1"
		case utf8.RuneCountInString(key) > 128:
			member, rule = "key", "have length less than or equal to 128"
		case utf8.RuneCountInString(value) > 256:
			member, rule = "value", "have length less than or equal to 256"
		case !tagKey.MatchString(key):
			member, rule = "key", `satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+`
		case !tagValue.MatchString(value):
			member, rule = "value", `satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]*`
		}
		if member != "" {
			return awserr.New("ValidationError", 400, "1 validation error detected: Value at 'tags.%d.member.%s' failed to "+
				"satisfy constraint: Member must %s", i+1, member, rule)
		}
		if seen[strings.ToLower(key)] {
			return ErrDuplicateTags
		}
		seen[strings.ToLower(key)] = true
	}
	return nil
}

// ErrDuplicateTags refuses tags whose keys differ by no more than case.
var ErrDuplicateTags error = awserr.New("InvalidInput", 400,
	"Duplicate tag keys found. Please note that Tag keys are case insensitive.")
