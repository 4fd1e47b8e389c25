package pipeline

import (
	"regexp"
	"strings"
)

// What every service accepts; IAM accepts the fewest characters and ignores the case of keys.
// https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
var (
	tagKeyPattern   = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+@-]{1,128}$`)
	tagValuePattern = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+@-]{0,256}$`)
)

const maxTags = 50

func (a PipelineArgs) checkTags(check *checker) {
	if len(a.Tags) > maxTags {
		check.add("tags", len(a.Tags), "must be at most %d (AWS); remove some", maxTags)
	}
	seen := map[string]string{}
	for _, key := range sortedKeys(a.Tags) {
		path, lower := "tags."+key, strings.ToLower(key)
		check.matches(path, key, tagKeyPattern, "a key of 1–128 letters, digits, spaces and _ . : / = + - @ (IAM); choose another one")
		check.matches(path, a.Tags[key], tagValuePattern, "at most 256 letters, digits, spaces and _ . : / = + - @ (IAM); choose another value")
		if strings.HasPrefix(lower, "aws:") {
			check.add(path, a.Tags[key], "must not begin with aws: (AWS reserves it); choose another key")
		}
		if other, is := seen[lower]; is {
			check.add(path, a.Tags[key], "must differ from tags.%s in more than case (IAM ignores it); choose another key", other)
		}
		seen[lower] = key
	}
}
