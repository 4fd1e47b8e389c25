package iamapi

import (
	"slices"
	"strings"

	"ingest-pipeline/local/aws/iam"
)

type tag struct{ Key, Value string }

func tagsOf(tags map[string]string) []tag {
	list := make([]tag, 0, len(tags))
	for key, value := range tags {
		list = append(list, tag{key, value})
	}
	slices.SortFunc(list, func(a, b tag) int { return strings.Compare(a.Key, b.Key) })
	return list
}

// addTags adds tags to a copy of others. Recorded (LocalStack, test_role_tag_errors): keys that are equal but for their
// case are refused in one request.
func addTags(to map[string]string, add []tag) (map[string]string, error) {
	all := make(map[string]string, len(to)+len(add))
	for key, value := range to {
		all[key] = value
	}
	seen := map[string]bool{}
	for _, t := range add {
		folded := strings.ToLower(t.Key)
		if seen[folded] {
			return nil, iam.ErrDuplicateTags
		}
		seen[folded] = true
		for key := range all {
			if strings.ToLower(key) == folded {
				delete(all, key) // documented (API_TagRole): a key that differs in case replaces the one there is
			}
		}
		all[t.Key] = t.Value
	}
	return all, nil
}

// removeTags removes keys in any case: documented (API_UntagRole).
func removeTags(tags map[string]string, keys []string) {
	for key := range tags {
		if slices.ContainsFunc(keys, func(remove string) bool { return strings.EqualFold(remove, key) }) {
			delete(tags, key)
		}
	}
}

type listTagsOutput struct {
	Tags []tag
	page
}

func pageOfTags(tags map[string]string, asked paging) (*listTagsOutput, error) {
	found, next, err := pageOf(tagsOf(tags), func(t tag) string { return t.Key }, asked)
	return &listTagsOutput{found, next}, err
}
